/* Weights that integrate every function of a degree exactly. Of all of them those nearest to the cells' weights c0 in
 * sum (c - c0)^2 / c0:
 *
 *     c = c0 + C0 Y^T (Y C0 Y^T)^-1 (b - Y c0),   C0 = diag(c0)
 *
 * Y orthonormal functions at the points, b their integrals: 0 but for the constant. As c = c0 (1 + p) with p of that
 * degree, small cells do not turn negative sooner than large ones. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/data.h>

#include "core/linalg.h"
#include "spectrum/harmonics.h"

#define MOST_FUNCTIONS 1089 /* of a degree that nobody asked for: seconds for thousands of points */

typedef struct places {
    size_t n;
    const double *x;  /* circle: [n], sphere: [n][3] */
    double length;    /* of the circle; 0: the sphere */
    const double *c0; /* [n] weights of the cells */
} places;

static size_t functions(const places *p, size_t degree)
{
    if (degree >= p->n) return SIZE_MAX; /* too many in any case */
    return p->length > 0 ? 2 * degree + 1 : (degree + 1) * (degree + 1);
}

/* z[k * n + i] = Y_k(x_i) root_i, root = c0^1/2 */
static void fill_functions(const places *p, size_t degree, const double *root, double *z)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->length > 0)
            sb_circle_harmonics(degree, p->length, p->x[i], p->n, z + i);
        else
            sb_sphere_harmonics(degree, p->x + 3 * i, p->n, z + i);
    }
    for (size_t k = 0; k < functions(p, degree); k++)
        for (size_t i = 0; i < p->n; i++) z[k * p->n + i] *= root[i];
}

static bool all_positive(const places *p, const double *q)
{
    for (size_t i = 0; i < p->n; i++)
        if (!(q[i] > 0) && p->c0[i] > 0) return false; /* three points in one place: the one between has no cell */
    return true;
}

/* q[n] exact to the degree, and whether all are positive; not if there are none, because a function vanishes at all
 * points. */
static sb_status solve(const places *p, size_t degree, double *q, bool *positive)
{
    sb_status status = SB_OK;
    size_t n = p->n, m = functions(p, degree);
    double *z = malloc(m * n * sizeof *z), *gram = malloc(m * m * sizeof *gram), *missing = calloc(m, sizeof *missing);
    double *factor = malloc(m * sizeof *factor), *root = malloc(n * sizeof *root), *change = malloc(n * sizeof *change);
    *positive = false;
    if (!z || !gram || !missing || !factor || !root || !change) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for weights of degree %zu of %zu points", degree, n);
        goto done;
    }
    for (size_t i = 0; i < n; i++) root[i] = sqrt(p->c0[i]);
    fill_functions(p, degree, root, z);
    missing[0] = p->length > 0 ? sqrt(p->length) : sqrt(4 * M_PI); /* int Y_0 */
    sb_gemv(m, n, -1, z, root, 1, missing);                        /* b - Y c0 */
    sb_gemm_nt(m, m, n, z, n, z, n, 0, gram, m);                   /* Y C0 Y^T */
    status = sb_solve_symmetric(m, gram, 1, missing, factor);
    if (status == SB_ERR_NUMERIC) {
        status = SB_OK;
        goto done;
    }
    SB_TRY(status);
    sb_gemv_t(m, n, 1, z, factor, 0, change);
    for (size_t i = 0; i < n; i++) q[i] = p->c0[i] + root[i] * change[i];
    *positive = all_positive(p, q);
done:
    free(z);
    free(gram);
    free(missing);
    free(factor);
    free(root);
    free(change);
    return status;
}

/* The largest degree whose functions are not more than `most`. */
static size_t degree_below(const places *p, size_t most)
{
    size_t degree = 0;
    while (functions(p, degree + 1) <= most) degree++;
    return degree;
}

/* The highest degree of positive weights, which are lost once and for all as it grows: doubled until they are not
 * positive, then between the two by bisection. 0: of no degree. */
static sb_status find_highest(const places *p, double *q, size_t *highest)
{
    sb_status status = SB_OK;
    size_t good = 0, bad = degree_below(p, p->n < MOST_FUNCTIONS ? p->n : MOST_FUNCTIONS) + 1, degree = 1;
    while (good + 1 < bad && status == SB_OK) {
        bool positive;
        status = solve(p, degree, q, &positive);
        if (positive)
            good = degree;
        else
            bad = degree;
        degree = 2 * good < bad ? (good ? 2 * good : 1) : (good + bad) / 2;
    }
    *highest = good;
    return status;
}

/* What is possible instead of the degree that was asked for. */
static sb_status refuse(const places *p, size_t degree, double *q)
{
    size_t highest;
    sb_status status = find_highest(p, q, &highest);
    if (status != SB_OK) return status;
    if (highest == 0)
        return sb_fail(SB_ERR_INPUT, "data.degree: %zu points have no positive weights that are exact to any degree",
                       p->n);
    if (functions(p, degree) > p->n)
        return sb_fail(SB_ERR_INPUT,
                       "data.degree = %zu: %zu points are fewer than the functions of these degrees; the highest "
                       "degree possible here is %zu",
                       degree, p->n, highest);
    return sb_fail(SB_ERR_INPUT,
                   "data.degree = %zu: weights exact to it are not all positive; the highest degree possible here is "
                   "%zu",
                   degree, highest);
}

static sb_status make_exact(const places *p, size_t degree, double *q, size_t *reached)
{
    sb_status status = SB_OK;
    bool positive = false;
    size_t highest = degree;
    double *exact = malloc(p->n * sizeof *exact);
    if (!exact) return sb_fail(SB_ERR_NOMEM, "no memory for the weights of %zu points", p->n);
    if (degree == 0) SB_TRY(find_highest(p, exact, &highest));
    if (highest > 0 && functions(p, highest) <= p->n) SB_TRY(solve(p, highest, exact, &positive));
    SB_TRY(positive ? SB_OK : refuse(p, degree, exact));
    memcpy(q, exact, p->n * sizeof *q);
    if (reached) *reached = highest;
done:
    free(exact);
    return status;
}

sb_status sb_circle_exact_weights(size_t n, const double *x, double length, size_t degree, double *q, size_t *reached)
{
    places p = {n, x, length, q};
    if (!(length > 0)) return sb_fail(SB_ERR_INPUT, "exact weights on a circle of length %g", length);
    return make_exact(&p, degree, q, reached);
}

sb_status sb_sphere_exact_weights(size_t n, const double *x, size_t degree, double *q, size_t *reached)
{
    places p = {n, x, 0, q};
    return make_exact(&p, degree, q, reached);
}
