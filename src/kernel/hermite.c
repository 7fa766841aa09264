/* Dual activations of any smooth s by Mehler's series: with the Hermite coefficients of s(sqrt(q) a), a standard
 * normal,
 *
 *   f_k(q) = <s(sqrt(q) a) He_k(a)> / sqrt(k!),   <s(u) s(u')> = sum_k f_k(q1) f_k(q2) (S / sqrt(q1 q2))^k,
 *
 * and the same for s'. Coefficients belong to a point, so a pair costs one sum: tensor quadrature would evaluate s some
 * thousand times. They are integrals over the line of analytic functions that vanish at its ends, for which equal steps
 * converge exponentially: twice as many are taken until <s^2> and <s'^2> do not care. A step short enough for f^2 is so
 * for f psi_k up to sqrt(k) = 3/2 pi / step: more terms take twice as many, too. Terms are taken until they and what
 * they leave of <s^2> = sum f_k^2 are below rounding; they fall as exp(-d sqrt(k / q)) for s with poles at a distance d
 * of the real line. What cannot be reached, as of a tanh that is nearly a step, is refused. */
#include "kernel/dual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"

enum { NODES = 256, MOST_NODES = 8192, LANES = 8, MOST_TERMS = 16384 };
#define REACH 12.0 /* exp(-REACH^2 / 4) = 2e-16 */
/* Of two variances the smaller has fewer terms, and the error is the root of what both leave there: hence terms well
 * below the root of what may be left. */
#define SMALL 1e-12   /* term, of the root of <s^2> */
#define LEFT 1e-14    /* part of <s^2> that may be left out */
#define MOST 1e-10    /* more than that is a failure: it is the error of a kernel, relative to its diagonal */
#define FAINT 1e-17   /* power of a correlation after which a sum ends */
#define RESOLVED 1e-7 /* change of <s^2> when the steps are halved, the root of the error that is left */

/* s or s' on the nodes, times the root of the normal density */
typedef struct expansion {
    double *f, square;   /* <s^2> */
    double left;         /* of it, by the coefficients up to now */
    double last, before; /* the last two of them */
} expansion;

typedef struct line {
    size_t n;
    double step;
    double *a, *psi, *below; /* [n] the nodes; psi_k and psi_(k-1) */
    expansion s, ds;
} line;

/* int f g da, in LANES sums that the compiler may keep in vectors */
static double integral(const line *l, const double *f, const double *g)
{
    double lane[LANES] = {0}, sum = 0;
    for (size_t i = 0; i < l->n; i += LANES)
        for (size_t j = 0; j < LANES; j++) lane[j] += f[i + j] * g[i + j];
    for (size_t j = 0; j < LANES; j++) sum += lane[j];
    return l->step * sum;
}

/* Whether every other node would do: the error of all of them is then the square of the difference. */
static bool weigh(const line *l, expansion *e)
{
    double half = 0;
    for (size_t i = 0; i < l->n; i++) e->f[i] *= l->psi[i];
    for (size_t i = 0; i < l->n; i += 2) half += 2 * l->step * e->f[i] * e->f[i];
    e->left = e->square = integral(l, e->f, e->f);
    return fabs(half - e->square) <= RESOLVED * e->square;
}

/* psi_0 = (2 pi)^-1/4 exp(-a^2 / 4), the root of the density. Whether the nodes are enough. */
static bool start(const sb_wide_layer *activation, double q, size_t nodes, line *l)
{
    double *z = l->below;
    l->n = nodes;
    l->step = 2 * REACH / (double)(nodes - 1);
    for (size_t i = 0; i < l->n; i++) {
        l->a[i] = l->step * (double)i - REACH;
        l->psi[i] = exp(-0.25 * l->a[i] * l->a[i]) / sqrt(sqrt(2 * M_PI));
        z[i] = sqrt(q) * l->a[i];
    }
    activation->evaluate(l->n, z, l->s.f, l->ds.f);
    memset(l->below, 0, l->n * sizeof *l->below);
    bool value = weigh(l, &l->s), slope = weigh(l, &l->ds);
    return value && slope;
}

/* f_k = int f psi_k da */
static void count_term(expansion *e, double f)
{
    e->before = e->last;
    e->last = f;
    e->left -= f * f;
}

/* f_k of s and s', and psi_(k+1) = (a psi_k - sqrt(k) psi_(k-1)) / sqrt(k + 1), in the place of psi_(k-1) */
static void term(sb_hermite_loop *loop, size_t k, line *l, double *s, double *ds)
{
    double *psi = l->psi, sum[2];
    loop(l->n, l->a, psi, l->below, sqrt((double)k), 1 / sqrt((double)k + 1), l->s.f, l->ds.f, sum);
    *s = l->step * sum[0];
    *ds = l->step * sum[1];
    count_term(&l->s, *s);
    count_term(&l->ds, *ds);
    l->psi = l->below;
    l->below = psi;
}

static bool leaves(const expansion *e, double part)
{
    return e->left <= part * e->square;
}

static bool ended(const expansion *e)
{
    return leaves(e, LEFT) && fmax(fabs(e->last), fabs(e->before)) <= SMALL * sqrt(e->square);
}

/* Of these nodes: a multiple of LANES */
static size_t most_terms(const line *l)
{
    size_t most = (size_t)pow(1.5 * M_PI / l->step, 2) / LANES * LANES;
    return most < MOST_TERMS ? most : MOST_TERMS;
}

SB_BEST_BY_ISA(sb_hermite_loop, sb_hermite_rows)

/* How many: a multiple of LANES, so that sums need no rest */
static size_t expand(line *l, double *s, double *ds)
{
    size_t k = 0, most = most_terms(l);
    sb_hermite_loop *loop = sb_hermite_rows_best();
    for (; k < most && (k % LANES != 0 || k == 0 || !ended(&l->s) || !ended(&l->ds)); k++)
        term(loop, k, l, s + k, ds + k);
    return k;
}

/* Why terms or nodes end before the function does. */
static sb_status too_steep(const sb_wide_layer *activation, double q)
{
    return sb_fail(
        SB_ERR_NUMERIC,
        "neurons of variance %g make %s too steep for a series of %d terms: it is nearly a step for inputs of "
        "size %.3g (relu, erf, sine and gaussian have no such limit)",
        q, activation->activation, MOST_TERMS, sqrt(q));
}

sb_status sb_hermite_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side)
{
    sb_status status = SB_OK;
    line l = {.a = malloc(5 * MOST_NODES * sizeof *l.a)};
    double *s = malloc(2 * MOST_TERMS * sizeof *s), *ds = s ? s + MOST_TERMS : NULL;
    size_t nodes = NODES;
    if (!l.a || !s) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the series of %s", activation->activation));
    l.psi = l.a + MOST_NODES;
    l.below = l.psi + MOST_NODES;
    l.s.f = l.below + MOST_NODES;
    l.ds.f = l.s.f + MOST_NODES;
    for (bool enough = false; !enough; nodes *= 2) {
        if (nodes > MOST_NODES) SB_TRY(too_steep(activation, q));
        if (!start(activation, q, nodes, &l)) continue;
        side->terms = expand(&l, s, ds);
        enough = side->terms < most_terms(&l) || side->terms == MOST_TERMS;
    }
    if (!leaves(&l.s, MOST) || !leaves(&l.ds, MOST)) SB_TRY(too_steep(activation, q));
    side->s = malloc(2 * side->terms * sizeof *side->s);
    if (!side->s) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the series of %s", activation->activation));
    side->ds = side->s + side->terms;
    memcpy(side->s, s, side->terms * sizeof *s);
    memcpy(side->ds, ds, side->terms * sizeof *s);
done:
    free(l.a);
    free(s);
    return status;
}

sb_dual sb_hermite_average(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair)
{
    double r = a->root * b->root, c = r > 0 ? pair->S / r : 0;
    if (fabs(c) > 1) c = copysign(1, c); /* by rounding */
    double square = c * c, leap = square * square * (square * square), power[LANES] = {1};
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
