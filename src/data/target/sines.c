#include <math.h>

#include <specbias/data.h>

/* y = amplitude sum_k weight_k sin(2 pi xi_k x + phase_k) */
static sb_status fill(const sb_target_spec *spec, sb_problem *problem)
{
    if (spec->terms == 0) return sb_fail(SB_ERR_INPUT, "target.xi is empty: a target of sines needs frequencies");
    size_t dim = problem->dim;
    for (size_t i = 0; i < problem->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < spec->terms; k++) {
            double angle = spec->phase ? spec->phase[k] : 0;
            for (size_t d = 0; d < dim; d++) angle += 2 * M_PI * spec->xi[k * dim + d] * problem->x[i * dim + d];
            sum += (spec->weight ? spec->weight[k] : 1) * sin(angle);
        }
        problem->y[i] = spec->amplitude * sum;
    }
    double most = 0;
    for (size_t k = 0; k < spec->terms; k++) most += fabs(spec->amplitude * (spec->weight ? spec->weight[k] : 1));
    problem->most = most * pow(problem->b - problem->a, (double)dim);
    return SB_OK;
}

const sb_target sb_target_sines = {
    .name = "sines", .title = "amplitude * sum of weight * sin(2 pi xi x + phase)", .fill = fill};
