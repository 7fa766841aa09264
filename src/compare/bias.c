#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/compare.h>

#include "core/text.h"

#define HALF 0 /* the level of T(1/2) */

sb_bias sb_bias_index(size_t nxi, const double *xi, const double *times)
{
    sb_bias bias = {NAN, NAN, 0};
    double xi_lo = INFINITY, xi_hi = -INFINITY, lo = INFINITY, hi = -INFINITY, mean_p = 0, mean_y = 0;
    for (size_t k = 0; k < nxi; k++) {
        double y = log10(times[k]), size = fabs(xi[k]);
        xi_lo = fmin(xi_lo, size);
        xi_hi = fmax(xi_hi, size);
        if (!isfinite(y)) continue;
        bias.learned++;
        lo = fmin(lo, y);
        hi = fmax(hi, y);
        mean_y += y / (double)nxi;
    }
    if (bias.learned < nxi || nxi < 2 || !(xi_hi > xi_lo)) return bias;
    for (size_t k = 0; k < nxi; k++) mean_p += (fabs(xi[k]) - xi_lo) / (xi_hi - xi_lo) / (double)nxi;
    double cross = 0, square = 0;
    for (size_t k = 0; k < nxi; k++) {
        double p = (fabs(xi[k]) - xi_lo) / (xi_hi - xi_lo) - mean_p;
        cross += p * (log10(times[k]) - mean_y);
        square += p * p;
    }
    bias.fbi = cross / square;
    bias.spread = hi - lo;
    return bias;
}

/* xi[nxi] of the items; all equal, so that no index is one of them, where they are on no axis. To be freed. */
static double *axis_of(const sb_decay *decay)
{
    double *xi = malloc((decay->nxi + 1) * sizeof *xi);
    for (size_t k = 0; xi && k < decay->nxi; k++) xi[k] = decay->items.axis ? decay->items.item[k].xi : 0;
    return xi;
}

static const sb_spread unknown = {NAN, NAN, NAN, NAN};

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the bias index");
}

/* One bias per run or draw: [count][nxi] times -> mean, standard error and the quantiles lo, 1 - lo of both numbers. */
static sb_status spread_of(size_t count, size_t nxi, const double *xi, const double *times, double lo,
                           sb_bias_result *result)
{
    double *number[2] = {malloc((count + 1) * sizeof(double)), malloc((count + 1) * sizeof(double))};
    sb_spread *to[2] = {&result->fbi, &result->spread};
    sb_status status = number[0] && number[1] ? SB_OK : no_memory();
    bool all = count > 0;
    result->fbi = result->spread = unknown;
    for (size_t r = 0; status == SB_OK && r < count; r++) {
        sb_bias one = sb_bias_index(nxi, xi, times + r * nxi);
        number[0][r] = one.fbi;
        number[1][r] = one.spread;
        all = all && isfinite(one.fbi);
    }
    for (int i = 0; status == SB_OK && all && i < 2; i++) {
        double mean = 0, square = 0;
        for (size_t r = 0; r < count; r++) mean += number[i][r] / (double)count;
        for (size_t r = 0; r < count; r++) square += (number[i][r] - mean) * (number[i][r] - mean);
        *to[i] = (sb_spread){.mean = mean,
                             .error = count > 1 ? sqrt(square / (double)(count - 1) / (double)count) : NAN,
                             .lo = sb_quantile(number[i], count, lo),
                             .hi = sb_quantile(number[i], count, 1 - lo)};
    }
    free(number[0]);
    free(number[1]);
    return status;
}

static void start_result(const sb_decay *decay, sb_bias_result *result)
{
    *result = (sb_bias_result){.form = decay->form, .seed = -1, .fbi = unknown, .spread = unknown};
    sb_format(result->source, sizeof result->source, "%s", decay->source);
}

sb_status sb_bias_of(const sb_decay *decay, sb_bias_result *result)
{
    sb_status status = sb_bias_of_runs(decay, 1, result);
    result->count = 0;
    return status;
}

sb_status sb_bias_of_runs(const sb_decay *runs, size_t count, sb_bias_result *result)
{
    size_t nxi = runs[0].nxi;
    double *xi = axis_of(&runs[0]), *times = malloc((count + 1) * nxi * sizeof *times + 1);
    sb_status status = xi && times ? SB_OK : no_memory();
    start_result(&runs[0], result);
    SB_TRY(status);
    double *mean = times + count * nxi;
    for (size_t k = 0; k < nxi; k++) {
        mean[k] = 0;
        for (size_t r = 0; r < count; r++) {
            times[r * nxi + k] = sb_decay_time(&runs[r], k, runs[r].items.level[HALF]);
            mean[k] += log(times[r * nxi + k]) / (double)count;
        }
        mean[k] = exp(mean[k]);
    }
    result->count = count;
    result->bias = sb_bias_index(nxi, xi, mean);
    SB_TRY(spread_of(count, nxi, xi, times, 0, result));
done:
    free(xi);
    free(times);
    return status;
}

sb_status sb_bias_add_draws(const sb_draws *draws, const sb_decay *forecast, sb_bias_result *result)
{
    size_t nxi = draws->nxi;
    double *xi = axis_of(forecast), *times = malloc((draws->count * nxi + 1) * sizeof *times);
    sb_status status = xi && times ? SB_OK : no_memory();
    SB_TRY(status);
    for (size_t j = 0; j < draws->count * nxi; j++) {
        double t = draws->times[j * SB_LEVELS + HALF];
        times[j] = t > 0 ? t : NAN; /* 0: below 1/2 from the start */
    }
    result->count = draws->count;
    SB_TRY(spread_of(draws->count, nxi, xi, times, 0.01, result));
done:
    free(xi);
    free(times);
    return status;
}
