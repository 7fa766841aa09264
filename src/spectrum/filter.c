/* The low part of a function on scattered examples is its Gaussian average over neighbours, (G u)_i = sum_j w_ij u_j /
 * sum_j w_ij, w_ij = exp(-d_ij^2 / (2 delta)); the high part is the rest (Xu, Zhang, Luo, Xiao, Ma 2020). */
#include <specbias/observe.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "spectrum/examples.h"

/* ---- distances ---- */

#define STRIP 128 /* examples of one product */

typedef struct strips {
    size_t n, dim;
    const double *x, *square; /* [n][dim], [n] |x_i|^2 */
    double *distance;
} strips;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* d_ij^2 = |x_i|^2 + |x_j|^2 - 2 x_i . x_j of one strip of i and all j <= i, and the same for (j, i). */
static sb_status measure_strip(void *context, size_t index)
{
    const strips *s = context;
    size_t n = s->n, count = (n + STRIP - 1) / STRIP;
    size_t from = (count - 1 - index) * STRIP, to = least(n, from + STRIP); /* long strips first */
    sb_gemm_nt(to - from, to, s->dim, s->x + from * s->dim, s->dim, s->x, s->dim, 0, s->distance + from * n, n);
    for (size_t i = from; i < to; i++) {
        double *row = s->distance + i * n;
        for (size_t j = 0; j < i; j++) {
            row[j] = fmax(0, s->square[i] + s->square[j] - 2 * row[j]);
            s->distance[j * n + i] = row[j];
        }
        row[i] = 0;
    }
    return SB_OK;
}

/* Centred inputs lose the fewest digits to the difference. */
static sb_status measure(sb_filter *filter, size_t dim, const double *x, size_t threads)
{
    size_t n = filter->n;
    double *centred = sb_centred(n, dim, x), *square = calloc(n, sizeof *square);
    sb_status status = SB_OK;
    if (!centred || !square) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the distances of %zu examples", n);
        goto done;
    }
    for (size_t i = 0; i < n * dim; i++) square[i / dim] += centred[i] * centred[i];
    for (size_t i = 0; i < n; i++)
        if (!(square[i] < DBL_MAX / 8)) SB_TRY(sb_fail(SB_ERR_INPUT, "the inputs of example %zu are too large", i + 1));
    strips s = {n, dim, centred, square, filter->distance};
    status = sb_parallel_for(threads, (n + STRIP - 1) / STRIP, measure_strip, &s);
done:
    free(centred);
    free(square);
    return status;
}

#define DIGIT 16 /* bits */

/* The distance of this rank among the n (n - 1) / 2 pairs. The bits of numbers that are not negative have their order,
 * so it is found digit by digit, by counting, without a copy. */
static sb_status pair_of_rank(const sb_filter *filter, size_t rank, double *value)
{
    size_t n = filter->n, *count = malloc(sizeof *count << DIGIT);
    uint64_t found = 0;
    if (!count) return sb_fail(SB_ERR_NOMEM, "no memory for the median of the distances");
    for (int shift = 64 - DIGIT; shift >= 0; shift -= DIGIT) {
        memset(count, 0, sizeof *count << DIGIT);
        for (size_t i = 1; i < n; i++)
            for (size_t j = 0; j < i; j++) {
                uint64_t bits, digit;
                memcpy(&bits, filter->distance + i * n + j, sizeof bits);
                digit = (bits ^ found) >> shift;
                if (digit >> DIGIT == 0) count[digit]++;
            }
        uint64_t digit = 0;
        for (; rank >= count[digit]; digit++) rank -= count[digit];
        found |= digit << shift;
    }
    memcpy(value, &found, sizeof found);
    free(count);
    return SB_OK;
}

/* Of all n^2 entries: n zeros of the diagonal come first, then every pair twice. */
static sb_status find_median(sb_filter *filter)
{
    size_t n = filter->n, all = n * n;
    double middle[2] = {0, 0};
    for (size_t k = 0; k < 2; k++) {
        size_t rank = (all - 1 + k) / 2;
        sb_status status = rank < n ? SB_OK : pair_of_rank(filter, (rank - n) / 2, &middle[k]);
        if (status != SB_OK) return status;
    }
    filter->median = (middle[0] + middle[1]) / 2;
    return SB_OK;
}

/* ---- averages ---- */

#define ROWS 64 /* averages that one thread computes at a time */

typedef struct averages {
    const sb_filter *filter;
    const double *u; /* [n][outputs] */
    double *norms;   /* [strips][count][2] sum of squares of G u and of u - G u */
} averages;

/* Weights w[rows][n] of a strip and what divides them, total[rows]. */
static void weigh(const sb_filter *filter, size_t from, size_t rows, double delta, double *w, double *total)
{
    size_t n = filter->n;
    for (size_t i = 0; i < rows; i++) {
        const double *distance = filter->distance + (from + i) * n;
        total[i] = 0;
        for (size_t j = 0; j < n; j++) {
            w[i * n + j] = exp(-distance[j] / (2 * delta));
            total[i] += w[i * n + j];
        }
    }
}

static sb_status average_strip(void *context, size_t index)
{
    const averages *a = context;
    const sb_filter *filter = a->filter;
    size_t n = filter->n, outputs = filter->outputs, from = index * ROWS, rows = least(ROWS, n - from);
    double *w = malloc(rows * (n + outputs + 1) * sizeof *w);
    if (!w) return sb_fail(SB_ERR_NOMEM, "no memory to filter %zu examples", n);
    double *low = w + rows * n, *total = low + rows * outputs;
    for (size_t d = 0; d < filter->count; d++) {
        double *norm = a->norms + (index * filter->count + d) * 2;
        weigh(filter, from, rows, filter->delta[d], w, total);
        sb_gemm(rows, outputs, n, w, a->u, low);
        norm[0] = norm[1] = 0;
        for (size_t i = 0; i < rows; i++)
            for (size_t o = 0; o < outputs; o++) {
                double part = low[i * outputs + o] / total[i], rest = a->u[(from + i) * outputs + o] - part;
                norm[0] += part * part;
                norm[1] += rest * rest;
            }
    }
    free(w);
    return SB_OK;
}

/* low[count] = |G u|, high[count] = |u - G u| */
static sb_status split(const sb_filter *filter, const double *u, size_t threads, double *low, double *high)
{
    size_t parts = (filter->n + ROWS - 1) / ROWS, count = filter->count;
    averages a = {filter, u, malloc(parts * count * 2 * sizeof(double))};
    if (!a.norms) return sb_fail(SB_ERR_NOMEM, "no memory to filter %zu examples", filter->n);
    sb_status status = sb_parallel_for(threads, parts, average_strip, &a);
    for (size_t d = 0; d < count && status == SB_OK; d++) {
        double sum[2] = {0, 0};
        for (size_t strip = 0; strip < parts; strip++)
            for (size_t k = 0; k < 2; k++) sum[k] += a.norms[(strip * count + d) * 2 + k];
        low[d] = sqrt(sum[0]);
        high[d] = sqrt(sum[1]);
    }
    free(a.norms);
    return status;
}

/* ---- the filter ---- */

#define NOTHING 1e-10 /* of |y|: rounding */

double sb_filter_memory(size_t n, size_t dim, size_t outputs)
{
    return 8 * ((double)n * (double)n + (double)n * (double)(dim + outputs) + 64. * (double)n);
}

static sb_status allocate(sb_filter *filter, size_t dim)
{
    size_t n = filter->n, count = filter->count;
    double need = sb_filter_memory(n, dim, filter->outputs);
    double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (need > have)
        return sb_fail(SB_ERR_INPUT, "filtering %zu examples needs %.1f GB of memory, the machine has %.1f GB", n,
                       1e-9 * need, 1e-9 * have);
    filter->distance = malloc(n * n * sizeof(double));
    filter->delta = calloc(count, sizeof(double));
    filter->high_share = calloc(count, sizeof(double));
    filter->wanted_low = calloc(count, sizeof(double));
    filter->wanted_high = calloc(count, sizeof(double));
    if (filter->distance && filter->delta && filter->high_share && filter->wanted_low && filter->wanted_high)
        return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory to filter %zu examples (%.1f GB)", n, 1e-9 * need);
}

static sb_status set_wanted(sb_filter *filter, const double *y, size_t threads)
{
    double size = 0;
    for (size_t i = 0; i < filter->n * filter->outputs; i++) size += y[i] * y[i];
    size = sqrt(size);
    sb_status status = split(filter, y, threads, filter->wanted_low, filter->wanted_high);
    for (size_t d = 0; d < filter->count && status == SB_OK; d++) {
        filter->high_share[d] = filter->wanted_high[d] / size;
        if (filter->wanted_low[d] < NOTHING * size) filter->wanted_low[d] = 0;
        if (filter->wanted_high[d] < NOTHING * size) filter->wanted_high[d] = 0;
    }
    return status;
}

sb_status sb_filter_create(size_t n, size_t dim, const double *x, size_t outputs, const double *y, size_t count,
                           const double *relative, int absolute, size_t threads, sb_filter *filter)
{
    sb_status status = SB_OK;
    *filter = (sb_filter){.n = n, .outputs = outputs, .count = count};
    for (size_t d = 0; d < count; d++)
        if (!(relative[d] > 0))
            return sb_fail(SB_ERR_INPUT, "the variance of a filter must be positive, not %g", relative[d]);
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "input", n, dim, x));
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "wanted output", n, outputs, y));
    SB_TRY(allocate(filter, dim));
    SB_TRY(measure(filter, dim, x, threads));
    SB_TRY(find_median(filter));
    for (size_t d = 0; d < count; d++) filter->delta[d] = relative[d] * (absolute ? 1 : filter->median);
    if (count > 0 && !(filter->delta[0] > 0))
        SB_TRY(sb_fail(SB_ERR_INPUT, "more than half of all pairs of examples are alike: their median distance is 0"));
    SB_TRY(set_wanted(filter, y, threads));
done:
    if (status != SB_OK) sb_filter_clear(filter);
    return status;
}

void sb_filter_clear(sb_filter *filter)
{
    free(filter->distance);
    free(filter->delta);
    free(filter->high_share);
    free(filter->wanted_low);
    free(filter->wanted_high);
    *filter = (sb_filter){0};
}

sb_status sb_filter_apply(const sb_filter *filter, const double *u, size_t threads, double *low, double *high)
{
    sb_status status = sb_check_finite(SB_ERR_NUMERIC, "output", filter->n, filter->outputs, u);
    if (status == SB_OK) status = split(filter, u, threads, low, high);
    for (size_t d = 0; d < filter->count && status == SB_OK; d++) {
        low[d] = filter->wanted_low[d] > 0 ? low[d] / filter->wanted_low[d] : NAN;
        high[d] = filter->wanted_high[d] > 0 ? high[d] / filter->wanted_high[d] : NAN;
    }
    return status;
}
