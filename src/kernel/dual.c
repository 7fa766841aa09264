/* Closed forms of dual activations: a function and a line of the table each. */
#include "kernel/dual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The angle t of two Gaussians, cos t = S / r, r = sqrt(q1 q2): r / 2 pi (sin t + (pi - t) cos t), (pi - t) / 2 pi; 0
 * of u = 0, as the activation's derivative there is (Cho, Saul 2009). */
static sb_dual relu(double q1, double S, double q2)
{
    double r = sqrt(q1 * q2);
    if (r == 0) return (sb_dual){0, 0};
    double cosine = S / r, angle = acos(cosine), sine = sqrt((1 - cosine) * (1 + cosine));
    return (sb_dual){r / (2 * M_PI) * (sine + (M_PI - angle) * cosine), (M_PI - angle) / (2 * M_PI)};
}

/* s(z) = 2 pi^-1/2 int_0^z exp(-y^2) dy: with p = (1 + 2 q1)(1 + 2 q2), 2/pi asin(2 S / sqrt p),
 * 4/pi (p - 4 S^2)^-1/2 (Williams 1997) */
static sb_dual error_function(double q1, double S, double q2)
{
    double p = (1 + 2 * q1) * (1 + 2 * q2);
    return (sb_dual){2 / M_PI * asin(2 * S / sqrt(p)), 4 / M_PI / sqrt(p - 4 * S * S)};
}

/* exp(-(q1 + q2) / 2) (sinh S, cosh S) */
static sb_dual sine(double q1, double S, double q2)
{
    double largest = exp(fabs(S) - (q1 + q2) / 2) / 2, other = expm1(-2 * fabs(S));
    return (sb_dual){copysign(-largest * other, S), largest * (2 + other)};
}

/* s(z) = exp(-z^2 / 2): with p = (1 + q1)(1 + q2) - S^2, p^-1/2, S p^-3/2 */
static sb_dual gaussian(double q1, double S, double q2)
{
    double p = (1 + q1) * (1 + q2) - S * S;
    return (sb_dual){1 / sqrt(p), S / (p * sqrt(p))};
}

static const struct closed {
    const char *name;
    sb_dual (*average)(double q1, double S, double q2);
} list[] = {
    {"relu", relu},
    {"erf", error_function},
    {"sine", sine},
    {"gaussian", gaussian},
};

static const struct closed *find(const char *name)
{
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (strcmp(list[i].name, name) == 0) return &list[i];
    return NULL;
}

sb_status sb_dual_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side)
{
    *side = (sb_dual_side){.q = q};
    if (!(q >= 0 && q < INFINITY))
        return sb_fail(SB_ERR_NUMERIC, "neurons of variance %g in front of %s", q, activation->activation);
    if (find(activation->activation)) return SB_OK;
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

sb_dual sb_dual_average(const sb_wide_layer *activation, const sb_dual_side *a, const sb_dual_side *b, double S)
{
    double r = sqrt(a->q * b->q);
    const struct closed *closed = find(activation->activation);
    if (fabs(S) > r) S = copysign(r, S);
    return closed ? closed->average(a->q, S, b->q) : sb_hermite_average(a, b, S);
}
