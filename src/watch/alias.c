#include "watch/alias.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define SAME 1e-8    /* of 1 - cosine */
#define NOTHING 1e-7 /* of a function of size 1: it vanishes on the points, as sin at frequency 0 */

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Gram-Schmidt, twice, against the `count` orthonormal rows before it; false when nothing is left of v. */
static bool orthonormalise(size_t n, size_t count, const double *before, double size, double *v)
{
    for (int twice = 0; twice < 2; twice++)
        for (size_t k = 0; k < count; k++) {
            double part = dot(n, before + k * n, v);
            for (size_t i = 0; i < n; i++) v[i] -= part * before[k * n + i];
        }
    double left = sqrt(dot(n, v, v));
    if (!(left > NOTHING * size)) return false;
    for (size_t i = 0; i < n; i++) v[i] /= left;
    return true;
}

/* Orthonormal rows base[..][n] of the items, one after the other; first[items + 1] says where each begins. */
static void fill_bases(size_t n, const double *q, size_t items, size_t functions, const size_t *item,
                       const double *weight, double *base, size_t *first)
{
    size_t count = 0;
    double size = 0;
    for (size_t i = 0; i < n; i++) size += fabs(q ? q[i] : 1 / (double)n);
    for (size_t k = 0; k < items; k++) {
        first[k] = count;
        for (size_t f = 0; f < functions; f++) {
            double *v = base + count * n;
            if (item[f] != k) continue;
            for (size_t i = 0; i < n; i++) { /* weight = q function -> |q|^1/2 function */
                double root = sqrt(fabs(q ? q[i] : 1 / (double)n));
                v[i] = root > 0 ? weight[f * n + i] / root : 0;
            }
            count += orthonormalise(n, count - first[k], base + first[k] * n, sqrt(size), v);
        }
    }
    first[items] = count;
}

/* Largest canonical cosine of two spaces with orthonormal rows; product[a * b], direction[b] are scratch. */
static sb_status largest_cosine(size_t n, size_t a, const double *one, size_t b, const double *other, double *product,
                                double *direction, double *cosine)
{
    double value[2] = {0, 0};
    sb_status status = SB_OK;
    for (size_t i = 0; i < a; i++)
        for (size_t j = 0; j < b; j++) product[i * b + j] = dot(n, one + i * n, other + j * n);
    if (a > 0 && b > 0) status = sb_first_singular(a, b, product, direction, value);
    *cosine = value[0];
    return status;
}

sb_status sb_alias_check(size_t n, const double *q, size_t items, size_t functions, const size_t *item,
                         const double *weight, const double *label)
{
    sb_status status = SB_OK;
    double *base = malloc((n + functions + 1) * functions * sizeof *base + 1);
    size_t *first = malloc((items + 1) * sizeof *first);
    if (!base || !first) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu functions of %zu points", functions, n));
    fill_bases(n, q, items, functions, item, weight, base, first);
    for (size_t k = 0; k < items; k++)
        for (size_t l = 0; l < k; l++) {
            double cosine, *product = base + functions * n, *direction = product + functions * functions;
            SB_TRY(largest_cosine(n, first[k + 1] - first[k], base + first[k] * n, first[l + 1] - first[l],
                                  base + first[l] * n, product, direction, &cosine));
            if (cosine > 1 - SAME)
                SB_TRY(sb_fail(SB_ERR_INPUT,
                               "the observed frequencies %g and %g are aliases on the %zu points: a wave of one is a "
                               "wave of the other there",
                               label[l], label[k], n));
        }
done:
    free(base);
    free(first);
    return status;
}
