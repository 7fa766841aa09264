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
#include "watch/harmonics.h"

#define EXACT 1e-12         /* error of an integral, of that of the constant */
#define ROUNDS 4            /* the last one only looks */
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

typedef struct equations {
    size_t n, m;    /* points, functions */
    double *z;      /* [m][n] Y root */
    double *gram;   /* [m][m] Y C0 Y^T */
    double *left;   /* [m] of the integrals, b - Y q */
    double *factor; /* [m] */
    double *root;   /* [n] c0^1/2; q = root change */
    double *change; /* [n] */
} equations;

static sb_status open_equations(const places *p, size_t degree, equations *s)
{
    size_t n = p->n, m = functions(p, degree);
    *s = (equations){.n = n, .m = m, .z = malloc(m * n * sizeof *s->z), .gram = malloc(m * m * sizeof *s->gram)};
    s->left = malloc(2 * (m + n) * sizeof *s->left);
    if (!s->z || !s->gram || !s->left)
        return sb_fail(SB_ERR_NOMEM, "no memory for weights of degree %zu of %zu points", degree, n);
    s->factor = s->left + m;
    s->root = s->factor + m;
    s->change = s->root + n;
    for (size_t i = 0; i < n; i++) s->change[i] = s->root[i] = sqrt(p->c0[i]);
    fill_functions(p, degree, s->root, s->z);
    sb_gemm_nt(m, m, n, s->z, n, s->z, n, 0, s->gram, m);
    return SB_OK;
}

static void close_equations(equations *s)
{
    free(s->z);
    free(s->gram);
    free(s->left);
}

/* b - Y q, and whether it is rounding */
static bool integrates(const places *p, equations *s)
{
    double all = p->length > 0 ? sqrt(p->length) : sqrt(4 * M_PI), most = 0; /* int Y_0 */
    memset(s->left, 0, s->m * sizeof *s->left);
    s->left[0] = all;
    sb_gemv(s->m, s->n, -1, s->z, s->change, 1, s->left);
    for (size_t k = 0; k < s->m; k++) most = fmax(most, fabs(s->left[k]));
    return most <= EXACT * all;
}

/* q[n] exact to the degree, and whether all are positive; not if there are none, because a function vanishes at all
 * points, or nearly so. What rounding leaves of the integrals is solved for again. */
static sb_status solve(const places *p, size_t degree, double *q, bool *positive)
{
    equations s;
    sb_status status = open_equations(p, degree, &s);
    bool exact = false;
    *positive = false;
    for (int round = 0; round < ROUNDS && status == SB_OK && !(exact = integrates(p, &s)); round++) {
        status = sb_solve_symmetric(s.m, s.gram, 1, s.left, s.factor);
        if (status == SB_OK) sb_gemv_t(s.m, s.n, 1, s.z, s.factor, 1, s.change);
    }
    if (status == SB_ERR_NUMERIC) status = SB_OK;
    for (size_t i = 0; i < s.n && exact; i++) q[i] = s.root[i] * s.change[i];
    *positive = exact && all_positive(p, q);
    close_equations(&s);
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
