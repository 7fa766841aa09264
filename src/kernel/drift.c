#include <specbias/drift.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define SMALL 1e-4 /* of the largest eigenvalue: smaller ones, of smooth kernels, say little of the kernel */

/* |A|, row by row, in units of the largest number, as squares of any of them may be too large or small */
static double frobenius(size_t n, const double *a)
{
    double sum = 0, unit = 0;
    for (size_t i = 0; i < n * n; i++) unit = fmax(unit, fabs(a[i]));
    for (size_t i = 0; i < n && unit > 0; i++) {
        double row = 0;
        for (size_t j = 0; j < n; j++) row += (a[i * n + j] / unit) * (a[i * n + j] / unit);
        sum += row;
    }
    return unit * sqrt(sum);
}

/* |A / a - B / b| */
static double distance(size_t n, const double *a, double size_a, const double *b, double size_b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double row = 0;
        for (size_t j = 0; j < n; j++) {
            double off = a[i * n + j] / size_a - b[i * n + j] / size_b;
            row += off * off;
        }
        sum += row;
    }
    return sqrt(sum);
}

/* Below it an eigenvalue is rounding. */
static double rounding(const sb_drift_start *start)
{
    return sb_rounding(start->n, start->single) * fabs(start->eigen.lambda[0]);
}

/* The dimension up to `count` behind which the eigenvalues fall by the largest factor. */
static size_t separated_space(const sb_drift_start *start)
{
    const sb_eigen *eigen = &start->eigen;
    double least = rounding(start), largest = 0;
    size_t count = start->count, space = count;
    for (size_t k = 1; k <= count && k < eigen->count; k++) {
        double ratio = fmax(eigen->lambda[k - 1], least) / fmax(eigen->lambda[k], least);
        if (ratio < largest || eigen->lambda[k - 1] <= least) continue;
        largest = ratio;
        space = k;
    }
    return space;
}

sb_status sb_drift_begin(const double *gram, size_t n, bool single, size_t count, size_t threads, sb_drift_start *start)
{
    sb_status status = SB_OK;
    *start = (sb_drift_start){
        .n = n, .count = count < n ? count : n, .single = single, .gram = gram, .norm = frobenius(n, gram)};
    if (!(start->norm > 0)) return sb_fail(SB_ERR_NUMERIC, "the kernel at the start is zero or not finite");
    SB_TRY(sb_eigen_top(gram, n, start->count + 1, threads, &start->eigen));
    start->space = separated_space(start);
done:
    if (status != SB_OK) sb_drift_end(start);
    return status;
}

void sb_drift_end(sb_drift_start *start)
{
    sb_eigen_clear(&start->eigen);
    *start = (sb_drift_start){0};
}

static double values_drift(const sb_drift_start *start, const sb_eigen *now)
{
    const double *before = start->eigen.lambda;
    double most = 0, least = fmax(rounding(start), SMALL * before[0]);
    for (size_t k = 0; k < start->count && before[k] > least; k++)
        most = fmax(most, fabs(now->lambda[k] - before[k]) / before[k]);
    return most;
}

/* The sines are the singular values of W - (W V^T) V, rows of V and W the eigenvectors: what of W lies outside V. */
static sb_status vectors_drift(const sb_drift_start *start, const sb_eigen *now, double *sine)
{
    sb_status status = SB_OK;
    size_t n = start->n, space = start->space;
    double value[2] = {0, 0}, *outside = malloc((space * n + space * space + n) * sizeof *outside);
    if (!outside) return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors", space);
    double *overlap = outside + space * n, *first = overlap + space * space;
    const double *v = start->eigen.vector, *w = now->vector;
    sb_gemm_nt(space, space, n, w, n, v, n, 0, overlap, space);
    memcpy(outside, w, space * n * sizeof *outside);
    sb_gemm_double(false, false, space, n, space, -1, overlap, space, v, n, 1, outside, n);
    SB_TRY(sb_first_singular(space, n, outside, first, value));
    *sine = fmin(value[0], 1);
done:
    free(outside);
    return status;
}

sb_status sb_drift_measure(const sb_drift_start *start, const double *gram, size_t threads, sb_drift *drift)
{
    sb_status status = SB_OK;
    sb_eigen now = {0};
    size_t n = start->n;
    double norm = frobenius(n, gram);
    *drift = (sb_drift){0};
    if (memcmp(gram, start->gram, n * n * sizeof *gram) == 0) return SB_OK;
    drift->change = distance(n, gram, start->norm, start->gram, start->norm);
    if (norm == 0) {
        *drift = (sb_drift){.change = 1, .turn = NAN, .values = 1, .vectors = NAN};
        return SB_OK;
    }
    double apart = distance(n, gram, norm, start->gram, start->norm);
    drift->turn = 0.5 * apart * apart; /* 1 - <a, b> = |a - b|^2 / 2 of unit vectors */
    SB_TRY(sb_eigen_top(gram, n, start->count, threads, &now));
    drift->values = values_drift(start, &now);
    SB_TRY(vectors_drift(start, &now, &drift->vectors));
done:
    sb_eigen_clear(&now);
    return status;
}
