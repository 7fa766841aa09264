/* The low part of a function on scattered examples is its Gaussian average over neighbours, (G u)_i = sum_j w_ij u_j /
 * sum_j w_ij, w_ij = exp(-d_ij^2 / (2 delta)); the high part is the rest (Xu, Zhang, Luo, Xiao, Ma 2020). */
#include <specbias/observe.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "watch/examples.h"
#include "watch/loops/gaussian.h"

SB_BEST_BY_ISA(sb_gaussian_loop, sb_gaussian)

/* ---- distances ---- */

#define STRIP 128      /* examples of one product */
#define ROUNDING 1e-14 /* of |x_i|^2 + |x_j|^2: what examples that are alike may differ by */

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
            double both = s->square[i] + s->square[j], square = both - 2 * row[j];
            row[j] = square > ROUNDING * both ? square : 0;
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

#define ROWS 32  /* averages that one thread computes at a time, from .. */
#define TILE 512 /* .. as many neighbours */

typedef struct averages {
    const sb_filter *filter;
    const double *u;    /* [n][outputs] */
    const double *rows; /* [outputs + 1][n]: u, then ones, whose sum divides */
    double *norms;      /* [parts][count][2] sum of squares of G u and of u - G u */
    sb_gaussian_loop *gaussian;
} averages;

/* sums[rows][outputs + 1] = sum_j w_ij (u_j, 1); weight[ROWS][TILE] */
static void add_neighbours(const averages *a, size_t from, size_t rows, double delta, double *weight, double *sums)
{
    size_t n = a->filter->n, columns = a->filter->outputs + 1;
    for (size_t j = 0; j < n; j += TILE) {
        size_t width = least(TILE, n - j);
        for (size_t i = 0; i < rows; i++)
            a->gaussian(width, 1 / (2 * delta), a->filter->distance + (from + i) * n + j, weight + i * TILE);
        sb_gemm_nt(rows, columns, width, weight, TILE, a->rows + j, n, j > 0, sums, columns);
    }
}

static sb_status average_strip(void *context, size_t index)
{
    const averages *a = context;
    const sb_filter *filter = a->filter;
    size_t outputs = filter->outputs, from = index * ROWS, rows = least(ROWS, filter->n - from);
    double *weight = malloc(ROWS * (TILE + outputs + 1) * sizeof *weight);
    if (!weight) return sb_fail(SB_ERR_NOMEM, "no memory to filter %zu examples", filter->n);
    for (size_t d = 0; d < filter->count; d++) {
        double *norm = a->norms + (index * filter->count + d) * 2, *sums = weight + ROWS * TILE;
        add_neighbours(a, from, rows, filter->delta[d], weight, sums);
        norm[0] = norm[1] = 0;
        for (size_t i = 0; i < rows; i++, sums += outputs + 1)
            for (size_t o = 0; o < outputs; o++) {
                double low = sums[o] / sums[outputs], high = a->u[(from + i) * outputs + o] - low;
                norm[0] += low * low;
                norm[1] += high * high;
            }
    }
    free(weight);
    return SB_OK;
}

/* [outputs + 1][n], to be freed; NULL: no memory */
static double *rows_and_ones(const sb_filter *filter, const double *u)
{
    size_t n = filter->n, outputs = filter->outputs;
    double *rows = malloc((outputs + 1) * n * sizeof *rows);
    for (size_t i = 0; i < n && rows; i++) {
        for (size_t o = 0; o < outputs; o++) rows[o * n + i] = u[i * outputs + o];
        rows[outputs * n + i] = 1;
    }
    return rows;
}

/* low[count] = |G u|, high[count] = |u - G u| */
static sb_status split(const sb_filter *filter, const double *u, size_t threads, double *low, double *high)
{
    size_t parts = (filter->n + ROWS - 1) / ROWS, count = filter->count;
    double *rows = rows_and_ones(filter, u), *norms = malloc(parts * count * 2 * sizeof *norms);
    averages a = {filter, u, rows, norms, sb_gaussian_best()};
    sb_status status = SB_OK;
    if (!rows || !norms) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory to filter %zu examples", filter->n));
    SB_TRY(sb_parallel_for(threads, parts, average_strip, &a));
    for (size_t d = 0; d < count; d++) {
        low[d] = high[d] = 0;
        for (size_t part = 0; part < parts; part++) {
            low[d] += norms[(part * count + d) * 2];
            high[d] += norms[(part * count + d) * 2 + 1];
        }
        low[d] = sqrt(low[d]);
        high[d] = sqrt(high[d]);
    }
done:
    free(rows);
    free(norms);
    return status;
}

/* ---- the filter ---- */

#define NOTHING 1e-10 /* of |y|: rounding */

double sb_filter_memory(size_t n, size_t dim, size_t outputs)
{
    return 8 * ((double)n * (double)n + (double)n * (double)(dim + outputs + 2));
}

static sb_status allocate(sb_filter *filter, size_t dim)
{
    size_t n = filter->n, count = filter->count;
    double need = sb_filter_memory(n, dim, filter->outputs);
    double have = sb_memory();
    if (need > have)
        return sb_fail(SB_ERR_INPUT, "filtering %zu examples needs %.1f GB of memory, %.1f GB are free", n, 1e-9 * need,
                       1e-9 * have);
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
    filter->size = size = sqrt(size);
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
        if (!(relative[d] > 1e-300 && relative[d] < 1e300))
            return sb_fail(SB_ERR_INPUT, "the variance of a filter must be positive, not %g", relative[d]);
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "input", n, dim, x));
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "wanted output", n, outputs, y));
    SB_TRY(allocate(filter, dim));
    SB_TRY(measure(filter, dim, x, threads));
    SB_TRY(find_median(filter));
    if (!absolute && filter->median == 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "at least half of all pairs of examples are alike: their median distance is 0"));
    for (size_t d = 0; d < count; d++) filter->delta[d] = relative[d] * (absolute ? 1 : filter->median);
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
