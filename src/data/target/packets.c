#include <math.h>

#include <specbias/data.h>

/* y = amplitude sum_k weight_k exp(-|x - x0_k|^2 / (2 tau^2)) cos(2 pi xi_k . (x - x0_k) + phase_k) */
static sb_status fill(const sb_target_spec *spec, sb_problem *problem)
{
    size_t dim = problem->dim;
    if (spec->terms == 0) return sb_fail(SB_ERR_INPUT, "target.xi is empty: a target of packets needs frequencies");
    problem->most = 0;
    for (size_t i = 0; i < problem->n; i++) {
        double sum = 0, size = 0;
        for (size_t k = 0; k < spec->terms; k++) {
            double angle = spec->phase ? spec->phase[k] : 0, square = 0;
            for (size_t d = 0; d < dim; d++) {
                double from = problem->x[i * dim + d] - (spec->center ? spec->center[k * dim + d] : 0);
                angle += 2 * M_PI * spec->xi[k * dim + d] * from;
                square += from * from;
            }
            double envelope = (spec->weight ? spec->weight[k] : 1) * exp(-square / (2 * spec->tau * spec->tau));
            sum += envelope * cos(angle);
            size += fabs(envelope);
        }
        problem->y[i] = spec->amplitude * sum;
        problem->most += problem->q[i] * fabs(spec->amplitude) * size;
    }
    return SB_OK;
}

const sb_target sb_target_packets = {
    .name = "packets",
    .title = "amplitude * sum of weight * exp(-|x - x0|^2 / (2 tau^2)) * cos(2 pi xi (x - x0) + phase)",
    .fill = fill,
};
