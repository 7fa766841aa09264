#include <math.h>

#include <specbias/data.h>

/* y = amplitude (1 - |x|), on each axis */
static sb_status fill(const sb_target_spec *spec, sb_problem *problem)
{
    for (size_t i = 0; i < problem->n; i++) {
        problem->y[i] = spec->amplitude;
        for (size_t d = 0; d < problem->dim; d++) problem->y[i] *= 1 - fabs(problem->x[i * problem->dim + d]);
    }
    return SB_OK;
}

const sb_target sb_target_hat = {.name = "hat", .title = "amplitude * (1 - |x|)", .fill = fill};
