/* Closed forms of dual activations, a line of the table each: the averages, and how nearly parallel what comes out of
 * the activation is, neither by a difference of large numbers. r = sqrt(q1 q2), c = |S| / r, a = 1 - c^2. */
#include "kernel/dual.h"

#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"

#define TINY 1e-17 /* below it sin x = x .. */
#define SMALL 1e-4 /* .. and the term after the leading one is 1e-8 of it */

typedef struct geometry {
    double q1, q2, S, r;
    double minus, plus, near; /* of the pair; the smaller of the two */
    double gap, sum;          /* of the square roots of q1 and q2 */
} geometry;

static inline geometry look(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *p)
{
    return (geometry){a->q,
                      b->q,
                      p->S,
                      a->root * b->root,
                      p->minus,
                      p->plus,
                      p->S < 0 ? p->plus : p->minus,
                      p->gap,
                      a->root + b->root};
}

/* sqrt(a): of the angle */
static inline double sine_of(const geometry *g)
{
    return sqrt(g->minus * g->plus);
}

/* sqrt(square + factor^2 (q1 q2 - S^2)) of a square that is 1 or more */
static inline double height(const geometry *g, double square, double factor)
{
    double sum = square + factor * g->r * g->minus * (factor * g->r * g->plus);
    return sum < INFINITY ? sqrt(sum) : hypot(sqrt(square), factor * g->r * sine_of(g));
}

/* ---- ReLU ---- */

/* sin t - t cos t; its series t^3/3 (1 - t^2/10 + ..) where the two are nearly the same */
static double crescent(double t, double sine, double cosine)
{
    double x = t * t;
    if (t > 0.3) return sine - t * cosine;
    return t * x / 3 * (1 - x / 10 * (1 - x / 28 * (1 - x / 54 * (1 - x / 88))));
}

/* With the angle t of two Gaussians, cos t = S / r, and d = pi - t: r / 2 pi (sin d - d cos d), d / 2 pi; 0 of u = 0,
 * as the activation's derivative there is (Cho, Saul 2009). */
static sb_dual relu(const geometry *g)
{
    if (g->r == 0) return (sb_dual){0, 0};
    double sine = sine_of(g);
    double half = atan(sine / (g->plus < g->minus ? g->minus : g->plus)); /* of the smaller angle of the two lines */
    double d = g->plus < g->minus ? 2 * half : M_PI - 2 * half;
    return (sb_dual){g->r / (2 * M_PI) * crescent(d, sine, (g->minus - g->plus) / 2), d / (2 * M_PI)};
}

/* 1 - cos t - (sin t - t cos t) / pi */
static double relu_near(const geometry *g)
{
    double sine = sine_of(g), t = 2 * atan(sine / g->plus);
    return g->minus - crescent(t, sine, g->S / g->r) / M_PI;
}

/* ---- erf: s(z) = 2 pi^-1/2 int_0^z exp(-y^2) dy ---- */

/* With p = (1 + 2 q1)(1 + 2 q2), h^2 = p - 4 S^2 = 1 + 2 (q1 + q2) + 4 (q1 q2 - S^2): 2/pi atan(2 S / h), 4 / (pi h)
 * (Williams 1997) */
static inline double erf_height(const geometry *g)
{
    return height(g, 1 + 2 * (g->q1 + g->q2), 2);
}

static sb_dual error_function(const geometry *g)
{
    double inverse = 1 / erf_height(g), p = (1 + 2 * g->q1) * (1 + 2 * g->q2), x = 2 * g->S / sqrt(p);
    double angle = fabs(x) < 0.9 && p < INFINITY ? asin(x) : atan(2 * g->S * inverse); /* the former is faster */
    return (sb_dual){2 / M_PI * angle, 4 / M_PI * inverse};
}

/* <s s'> = 2/pi A: A1 and A2 of the two variances, Am of S = r, A of |S|. 1 - A / sqrt(A1 A2) is the sum of what the
 * lengths make, 1 - Am / sqrt(A1 A2), and the direction, (Am - A) / sqrt(A1 A2):
 *
 *   sin(Am - A) = 2 r a / (h + c h_m),   A1 A2 - Am^2 = x y - d^2 with d = (A1 - A2) / 2, y = (A1 + A2) / 2 + Am and
 *   sin x sin y = sin^2 d, which is 2/3 d^2 Am^2 of small ones.
 *
 * Of large variances B = pi/2 - A has the digits. */
static double erf_near(const geometry *g)
{
    double h = erf_height(g), hm = sqrt(1 + 2 * (g->q1 + g->q2)), h1 = sqrt(1 + 4 * g->q1), h2 = sqrt(1 + 4 * g->q2);
    double A1 = atan2(2 * g->q1, h1), A2 = atan2(2 * g->q2, h2), Am = atan2(2 * g->r, hm), root = sqrt(A1) * sqrt(A2);
    double B1 = atan2(h1, 2 * g->q1), B2 = atan2(h2, 2 * g->q2), Bm = atan2(hm, 2 * g->r);
    double part = 2 * g->minus * g->plus / (h + fabs(g->S) / g->r * hm), sum = g->r * part;
    double direction = part * (g->r / root) * (sum < TINY ? 1 : asin(fmin(sum, 1)) / sum);
    double y = (A1 + A2) / 2 + Am, d = (Am > 1 ? B2 - B1 : A1 - A2) / 2;
    double sine = y > M_PI / 2 ? sin((B1 + B2) / 2 + Bm) : sin(y);
    double lengths = y < SMALL ? 2 * d * d * Am * Am / 3 : asin(fmin(sin(d) * sin(d) / sine, 1)) * y - d * d;
    return lengths / (root + Am) / root + direction;
}

/* ---- sine ---- */

/* exp(-(q1 + q2) / 2) (sinh S, cosh S), (q1 + q2) / 2 - |S| = gap^2 / 2 + r (1 - c) */
static sb_dual sine(const geometry *g)
{
    double largest = exp(-(g->gap * g->gap / 2 + g->r * g->near)) / 2, other = expm1(-2 * fabs(g->S));
    return (sb_dual){copysign(-largest * other, g->S), largest * (2 + other)};
}

/* sinh |S| / sqrt(sinh q1 sinh q2) = R sinh |S| / sinh r, and 1 - R^2 = (sinh x sinh y - sinh^2 d) / (sinh q1 sinh q2),
 * x = (root1 + root2)^2 / 2, y = gap^2 / 2, d = (q1 - q2) / 2; 2/3 d^2 of small ones. All times exp(-q1 - q2). */
static double sine_near(const geometry *g)
{
    double size = sqrt(-expm1(-2 * g->q1)) * sqrt(-expm1(-2 * g->q2)), narrow = g->r * g->near;
    double x = g->sum * g->sum / 2, y = g->gap * g->gap / 2, d = fabs(g->gap) * g->sum / 2;
    double off = exp(-fmin(g->q1, g->q2)) * expm1(-2 * d);
    double lengths =
        g->q1 + g->q2 < SMALL ? 2 * d * d / 3 : (expm1(-2 * x) * expm1(-2 * y) - off * off) / (size * size);
    double R = -exp(-y) * expm1(-2 * g->r) / size;
    double direction = narrow < TINY ? g->near * (g->r / size) : -expm1(-narrow) / size;
    return lengths / (1 + R) + exp(-y) * (1 + exp(-g->r - fabs(g->S))) * direction;
}

/* ---- gaussian: s(z) = exp(-z^2 / 2) ---- */

/* With h^2 = (1 + q1)(1 + q2) - S^2 = 1 + q1 + q2 + q1 q2 - S^2: 1 / h, S / h^3 */
static sb_dual gaussian(const geometry *g)
{
    double inverse = 1 / height(g, 1 + g->q1 + g->q2, 1);
    return (sb_dual){inverse, g->S * inverse * inverse * inverse};
}

/* h_m at S = r: (1 + 2 q1)(1 + 2 q2) = h_m^4 (1 - d^2), d = (q1 - q2) / h_m^2 */
static double gaussian_near(const geometry *g)
{
    double hm = sqrt(1 + g->q1 + g->q2), h = height(g, hm * hm, 1), d = g->gap / hm * (g->sum / hm);
    double apart = g->r * sine_of(g);
    double lengths = -expm1(log1p(-d * d) / 4);
    return lengths + (1 - lengths) * (apart / h) * (apart / (h + hm));
}

static const struct sb_dual_closed {
    const char *name;
    sb_dual (*average)(const geometry *g);
    double (*near)(const geometry *g); /* 1 - |<s s'>| / sqrt(<s s> <s' s'>) */
    double factor;                     /* sqrt(<s s> / q), if that is the same for all q */
} closed_forms[] = {
    {"relu", relu, relu_near, M_SQRT1_2},
    {"erf", error_function, erf_near, 0},
    {"sine", sine, sine_near, 0},
    {"gaussian", gaussian, gaussian_near, 0},
};

static const struct sb_dual_closed *find(const char *name)
{
    for (size_t i = 0; i < sizeof closed_forms / sizeof closed_forms[0]; i++)
        if (strcmp(closed_forms[i].name, name) == 0) return &closed_forms[i];
    return NULL;
}

sb_status sb_dual_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side)
{
    *side = (sb_dual_side){.closed = find(activation->activation), .q = q, .root = sqrt(q)};
    if (!(q >= 0 && q < INFINITY))
        return sb_fail(SB_ERR_NUMERIC, "neurons of variance %g in front of %s", q, activation->activation);
    if (side->closed) return SB_OK;
    if (activation->kinked)
        return sb_fail(SB_ERR_UNSUPPORTED, "the infinite-width kernel of %s, which has a kink, has no closed form here",
                       activation->activation);
    return sb_hermite_prepare(activation, q, side);
}

void sb_dual_clear(sb_dual_side *side)
{
    free(side->s);
    *side = (sb_dual_side){0};
}

sb_dual sb_dual_average(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair)
{
    if (!a->closed) return sb_hermite_average(a, b, pair);
    geometry g = look(a, b, pair);
    return a->closed->average(&g);
}

sb_dual_pair sb_dual_next(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair, double value,
                          double root1, double root2)
{
    if (!(fabs(value) > SB_DUAL_NEAR * root1 * root2)) return sb_dual_plain(value, root1, root2);
    geometry g = look(a, b, pair);
    double factor = a->closed ? a->closed->factor : 0;
    double near = a->closed ? a->closed->near(&g) : sb_hermite_near(a, b, pair, value, root1, root2);
    return sb_dual_near(value, fmax(near, 0), factor > 0 ? factor * pair->gap : root1 - root2);
}

SB_BEST_BY_ISA(sb_dual_loop, sb_relu_rows)
SB_BEST_BY_ISA(sb_dual_loop, sb_erf_rows)

sb_dual_loop *sb_dual_rows(const sb_dual_side *side)
{
    if (!side->closed) return NULL;
    if (side->closed->average == error_function) return sb_erf_rows_best();
    return side->closed->average == relu ? sb_relu_rows_best() : NULL;
}
