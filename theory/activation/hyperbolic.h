/* What tanh and sigmoid share, safe from overflow and from cancellation at 0. */
#ifndef SPECBIAS_THEORY_HYPERBOLIC_H
#define SPECBIAS_THEORY_HYPERBOLIC_H

#include <math.h>

/* 1 / sinh v, v > 0 */
static inline double csch(double v)
{
    return -2 * exp(-v) / expm1(-2 * v);
}

/* v coth v - 1, v >= 0; below 1 by v cosh v - sinh v = sum_k 2 k v^(2 k + 1) / (2 k + 1)! */
static inline double coth_excess(double v)
{
    if (v > 1) return v * (1 + exp(-2 * v)) / -expm1(-2 * v) - 1;
    if (v < 1e-8) return v * v / 3;
    double term = v, sum = 0; /* v^(2 k + 1) / (2 k + 1)! */
    for (int k = 1; k <= 9; k++) {
        term *= v * v / (2 * k * (2 * k + 1));
        sum += 2 * k * term;
    }
    return sum / sinh(v);
}

/* S/4 = (v coth v - 1) / sinh^2 v, the part of int tanh' tanh' that goes with in^2 */
static inline double bump(double v)
{
    return v < 1e-8 ? 1. / 3 : coth_excess(v) * pow(csch(v), 2);
}

/* Q = [ (pi^2/3) (v coth v - 1) - (2/3) v^3 coth v ] / sinh^2 v, the part of int tanh' tanh' z z' */
static inline double moment_bump(double v)
{
    double ratio = v < 1e-8 ? 1 : v * csch(v); /* v / sinh v */
    return M_PI * M_PI / 3 * bump(v) - 2. / 3 * (1 + coth_excess(v)) * ratio * ratio;
}

#endif
