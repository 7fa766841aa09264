#include "experiment/grain.h"

#include <math.h>
#include <stdlib.h>

#include "experiment/stage.h"

/* times[nxi][SB_LEVELS] of the untrained start of this width. */
static sb_status times_of_width(const sb_setup *setup, size_t width, double *times)
{
    sb_status status = SB_OK;
    const sb_problem *problem = &setup->problem;
    size_t n = problem->n, nxi = problem->grid.n;
    sb_net_spec spec = setup->net;
    sb_net net = {0};
    sb_kernel_modes modes = {0};
    double *gram = malloc((n * n + n + nxi) * sizeof *gram), *u0 = gram + n * n, *of_level = u0 + n;
    spec.width = width;
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    SB_TRY(sb_net_init(&spec, 0, SB_STREAM_TRAIN, &net));
    SB_TRY(sb_net_gram(setup, &net, 0, width, gram));
    SB_TRY(sb_start_residual(setup, &spec, 0, SB_STREAM_TRAIN, u0));
    SB_TRY(sb_kernel_modes_create(gram, problem, setup->spectrum, &modes));
    for (size_t level = 0; level < SB_LEVELS; level++) {
        SB_TRY(sb_kernel_times(&modes, problem, SB_FORM_GD, u0, sb_level[level], of_level));
        for (size_t k = 0; k < nxi; k++) times[k * SB_LEVELS + level] = of_level[k];
    }
done:
    sb_net_clear(&net);
    sb_kernel_modes_clear(&modes);
    free(gram);
    return status;
}

sb_status sb_grain_measure(const sb_setup *setup, double *grain)
{
    sb_status status = SB_OK;
    size_t lines = setup->problem.grid.n * SB_LEVELS, width = setup->net.width, half = width / 2 - width / 2 % 8;
    double *times = malloc(lines * sizeof *times);
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times", lines);
    for (size_t j = 0; j < lines; j++) grain[j] = INFINITY;
    if (half == 0) goto done;
    SB_TRY(times_of_width(setup, half, times));
    SB_TRY(times_of_width(setup, width, grain));
    for (size_t j = 0; j < lines; j++) {
        double apart = fabs(log(times[j] / grain[j]));
        grain[j] = isnan(apart) ? INFINITY : apart;
    }
done:
    free(times);
    return status;
}
