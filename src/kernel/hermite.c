/* Dual activations of any smooth s by Mehler's series: with the Hermite coefficients of s(sqrt(q) a), a standard
 * normal,
 *
 *   f_k(q) = <s(sqrt(q) a) He_k(a)> / sqrt(k!),   <s(u) s(u')> = sum_k f_k(q1) f_k(q2) (S / sqrt(q1 q2))^k,
 *
 * and the same for s'. Coefficients belong to a point, so a pair costs one sum: tensor quadrature would evaluate s some
 * thousand times. They are integrals over the line of analytic functions that vanish at its ends, for which equal steps
 * converge exponentially. Terms are taken until they and what they leave of <s^2> = sum f_k^2 are below rounding; they
 * fall as exp(-d sqrt(k / q)) for s with poles at a distance d of the real line. */
#include "kernel/dual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 1024, LANES = 8, MOST_TERMS = 4096 };
#define REACH 12.0 /* exp(-REACH^2 / 4) = 2e-16 */
#define STEP (2 * REACH / (NODES - 1))
/* Of two variances the smaller has fewer terms, and the error is the root of what both leave there: hence terms well
 * below the root of what may be left. */
#define SMALL 1e-12 /* term, of the root of <s^2> */
#define LEFT 1e-14  /* part of <s^2> that may be left out */
#define MOST 1e-6   /* more than that is a failure */
#define FAINT 1e-17 /* power of a correlation after which a sum ends */

/* s or s' on the nodes, times the root of the normal density */
typedef struct expansion {
    double f[NODES], square; /* <s^2> */
    double left;             /* of it, by the coefficients up to now */
    double last, before;     /* the last two of them */
} expansion;

typedef struct line {
    double a[NODES], psi[NODES], below[NODES]; /* psi_k and psi_(k-1) */
    expansion s, ds;
} line;

/* int f g da, in LANES sums that the compiler may keep in vectors */
static double integral(const double *f, const double *g)
{
    double lane[LANES] = {0}, sum = 0;
    for (size_t i = 0; i < NODES; i += LANES)
        for (size_t j = 0; j < LANES; j++) lane[j] += f[i + j] * g[i + j];
    for (size_t j = 0; j < LANES; j++) sum += lane[j];
    return STEP * sum;
}

static void weigh(const double *root, expansion *e)
{
    for (size_t i = 0; i < NODES; i++) e->f[i] *= root[i];
    e->left = e->square = integral(e->f, e->f);
}

/* psi_0 = (2 pi)^-1/4 exp(-a^2 / 4), the root of the density */
static void start(const sb_wide_layer *activation, double q, line *l)
{
    double z[NODES];
    for (size_t i = 0; i < NODES; i++) {
        l->a[i] = STEP * (double)i - REACH;
        l->psi[i] = exp(-0.25 * l->a[i] * l->a[i]) / sqrt(sqrt(2 * M_PI));
        l->below[i] = 0;
        z[i] = sqrt(q) * l->a[i];
    }
    activation->evaluate(NODES, z, l->s.f, l->ds.f);
    weigh(l->psi, &l->s);
    weigh(l->psi, &l->ds);
}

/* f_k = int f psi_k da */
static double coefficient(const double *psi, expansion *e)
{
    e->before = e->last;
    e->last = integral(e->f, psi);
    e->left -= e->last * e->last;
    return e->last;
}

/* psi_(k+1) = (a psi_k - sqrt(k) psi_(k-1)) / sqrt(k + 1) */
static void next(size_t k, line *l)
{
    double root = sqrt((double)k), scale = 1 / sqrt((double)k + 1);
    for (size_t i = 0; i < NODES; i++) {
        double psi = l->psi[i];
        l->psi[i] = scale * (l->a[i] * psi - root * l->below[i]);
        l->below[i] = psi;
    }
}

static bool leaves(const expansion *e, double part)
{
    return e->left <= part * e->square;
}

static bool ended(const expansion *e)
{
    return leaves(e, LEFT) && fmax(fabs(e->last), fabs(e->before)) <= SMALL * sqrt(e->square);
}

/* How many: a multiple of LANES, so that sums need no rest */
static size_t expand(line *l, double *s, double *ds)
{
    size_t k = 0;
    for (; k < MOST_TERMS && (k % LANES != 0 || k == 0 || !ended(&l->s) || !ended(&l->ds)); k++) {
        s[k] = coefficient(l->psi, &l->s);
        ds[k] = coefficient(l->psi, &l->ds);
        next(k, l);
    }
    return k;
}

sb_status sb_hermite_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side)
{
    sb_status status = SB_OK;
    line *l = calloc(1, sizeof *l);
    double *s = malloc(2 * MOST_TERMS * sizeof *s), *ds = s ? s + MOST_TERMS : NULL;
    if (l && s) {
        start(activation, q, l);
        side->terms = expand(l, s, ds);
        side->s = malloc(2 * side->terms * sizeof *side->s);
    }
    if (!side->s) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the series of %s", activation->activation);
        goto done;
    }
    if (!leaves(&l->s, MOST) || !leaves(&l->ds, MOST)) {
        status = sb_fail(SB_ERR_NUMERIC, "neurons of variance %g make %s too steep for a series of %d terms", q,
                         activation->activation, MOST_TERMS);
        goto done;
    }
    side->ds = side->s + side->terms;
    memcpy(side->s, s, side->terms * sizeof *s);
    memcpy(side->ds, ds, side->terms * sizeof *s);
done:
    free(l);
    free(s);
    return status;
}

sb_dual sb_hermite_average(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair)
{
    double r = a->root * b->root, c = r > 0 ? pair->S / r : 0;
    if (fabs(c) > 1) c = copysign(1, c); /* by rounding */
    double leap = pow(c, LANES), power[LANES] = {1};
    double value[LANES] = {0}, slope[LANES] = {0};
    size_t terms = a->terms < b->terms ? a->terms : b->terms;
    sb_dual sum = {0, 0};
    for (size_t j = 1; j < LANES; j++) power[j] = c * power[j - 1];
    for (size_t k = 0; k < terms && power[0] > FAINT; k += LANES)
        for (size_t j = 0; j < LANES; j++) {
            value[j] += a->s[k + j] * b->s[k + j] * power[j];
            slope[j] += a->ds[k + j] * b->ds[k + j] * power[j];
            power[j] *= leap;
        }
    for (size_t j = LANES; j-- > 0;) {
        sum.value += value[j];
        sum.slope += slope[j];
    }
    return sum;
}

/* Half the square of the difference of f1 / root1 and +-f2 / root2, the sign that of each term for |c| = 1, and what
 * |c| < 1 takes from it: 1/2 sum_k (f1 / root1 - t f2 / root2)^2 + 2 t f1 f2 (1 - |c|^k) / (root1 root2) */
double sb_hermite_near(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair, double value,
                       double root1, double root2)
{
    size_t terms = a->terms < b->terms ? a->terms : b->terms;
    double near = pair->S < 0 ? pair->plus : pair->minus, lost = 0, sum = 0; /* lost = 1 - |c|^k */
    double turn = pair->S < 0 ? -1 : 1, sign = value < 0 ? -1 : 1;
    for (size_t k = 0; k < terms; k++) {
        double f1 = a->s[k] / root1, f2 = sign * b->s[k] / root2;
        sum += (f1 - f2) * (f1 - f2) / 2 + f1 * f2 * lost;
        lost += (1 - lost) * near;
        sign *= turn;
    }
    return sum;
}
