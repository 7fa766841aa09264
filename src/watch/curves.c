/* What curves of errors say: running medians, when they settle, whether they are in the order of frequencies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include <specbias/observe.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y); /* nan last */
    return (x > y) - (x < y);
}

sb_status sb_running_median(size_t n, const double *v, size_t window, double *median)
{
    size_t most = window > 0 ? (window - 1) / 2 : 0;
    double *part = malloc((2 * most + 1) * sizeof *part);
    if (!part) return sb_fail(SB_ERR_NOMEM, "no memory for a running median");
    for (size_t i = 0; i < n; i++) {
        size_t h = i < most ? i : most;
        if (n - 1 - i < h) h = n - 1 - i;
        memcpy(part, v + i - h, (2 * h + 1) * sizeof *part);
        qsort(part, 2 * h + 1, sizeof *part, ascending);
        median[i] = part[h];
    }
    free(part);
    return SB_OK;
}

sb_status sb_settled(size_t n, const double *step, const double *error, size_t window, double threshold,
                     double *settled)
{
    double *median = malloc((n + 1) * sizeof *median);
    if (!median) return sb_fail(SB_ERR_NOMEM, "no memory for a running median");
    sb_status status = sb_running_median(n, error, window, median);
    *settled = NAN;
    for (size_t i = n; i-- > 0 && median[i] < threshold;) *settled = step[i];
    free(median);
    return status;
}

sb_status sb_spearman(size_t n, const double *a, const double *b, double *correlation)
{
    size_t pairs = 0;
    double *x = malloc(4 * (n + 1) * sizeof *x), *y = x ? x + n : NULL;
    if (!x) return sb_fail(SB_ERR_NOMEM, "no memory for a rank correlation");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i])) continue;
        x[pairs] = a[i];
        y[pairs++] = b[i];
    }
    *correlation = pairs < 2 ? NAN : gsl_stats_spearman(x, 1, y, 1, pairs, x + 2 * n);
    free(x);
    return SB_OK;
}

double sb_kendall(size_t n, const double *a, const double *b)
{
    double sum = 0, in_a = 0, in_b = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int up_a = (a[i] > a[j]) - (a[i] < a[j]), up_b = (b[i] > b[j]) - (b[i] < b[j]);
            if (isnan(a[i]) || isnan(b[i])) return NAN;
            sum += up_a * up_b;
            in_a += up_a != 0;
            in_b += up_b != 0;
        }
    return in_a > 0 && in_b > 0 ? sum / sqrt(in_a * in_b) : NAN;
}

double sb_in_order(size_t n, const double *a, const double *b)
{
    size_t up = 0, down = 0, unknown = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            if (!(a[i] < a[j])) continue;
            up += b[i] < b[j];
            down += b[i] > b[j];
            unknown += isnan(b[i]) || isnan(b[j]) || (isinf(b[i]) && b[i] == b[j]);
        }
    if (up > 0 && down > 0) return 0;
    return unknown > 0 ? NAN : up > 0 ? 1 : down > 0 ? -1 : 0;
}
