#include "run/grain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/network.h"
#include "run/stage.h"

/* times[nxi][SB_LEVELS] of the untrained start of this part of the width. */
static sb_status times_of_width(const sb_case *cas, double factor, double *times)
{
    sb_status status = SB_OK;
    size_t n = cas->n, nxi = cas->watch.items.n;
    sb_network network = {0};
    sb_kernel_modes modes = {0};
    double *gram = malloc((n * n + n + nxi) * sizeof *gram);
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    double *u0 = gram + n * n, *of_level = u0 + n;
    SB_TRY(sb_network_start(cas, factor, 0, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_network_gram(&network, n, 1, 0, NULL, gram));
    if (strcmp(cas->config->net_parametrisation, "standard") == 0) /* where rates go with the width */
        for (size_t i = 0; i < n * n; i++) gram[i] /= factor;
    SB_TRY(sb_network_residual(&network, u0));
    SB_TRY(sb_kernel_modes_create(gram, false, 1, &cas->quadratic, &cas->watch, &modes));
    for (size_t level = 0; level < SB_LEVELS; level++) {
        SB_TRY(sb_kernel_times(&modes, &cas->rule, u0, cas->watch.items.level[level], of_level));
        for (size_t k = 0; k < nxi; k++) times[k * SB_LEVELS + level] = of_level[k];
    }
done:
    sb_network_clear(&network);
    sb_kernel_modes_clear(&modes);
    free(gram);
    return status;
}

sb_status sb_grain_measure(const sb_case *cas, double *grain)
{
    sb_status status = SB_OK;
    size_t lines = cas->watch.items.n * SB_LEVELS;
    double *times = malloc((lines + 1) * sizeof *times);
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times", lines);
    for (size_t j = 0; j < lines; j++) grain[j] = INFINITY;
    if (cas->config->net_width < 16) goto done; /* a quiet start has eight units at least */
    SB_TRY(times_of_width(cas, 0.5, times));
    SB_TRY(times_of_width(cas, 1, grain));
    for (size_t j = 0; j < lines; j++) {
        double apart = fabs(log(times[j] / grain[j]));
        grain[j] = isnan(apart) ? INFINITY : apart;
    }
done:
    free(times);
    return status;
}
