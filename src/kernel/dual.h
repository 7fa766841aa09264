/* Dual activations (Daniely, Frostig, Singer 2016): the averages <s(u) s(u')> and <s'(u) s'(u')> of an activation s
 * over Gaussian u, u' of mean 0 and covariance q1, S, q2. */
#ifndef SPECBIAS_KERNEL_DUAL_H
#define SPECBIAS_KERNEL_DUAL_H

#include <specbias/tangent.h>

/* What an average needs of one of its two arguments, once for each point and activation. */
typedef struct sb_dual_side {
    double q;       /* variance */
    size_t terms;   /* of the series; 0 of a closed form */
    double *s, *ds; /* [terms] Hermite coefficients of s and s', in one piece */
} sb_dual_side;

/* SB_ERR_UNSUPPORTED: a kink and no closed form; SB_ERR_NUMERIC: q is not finite, or too large for the series. `side`
 * must be zeroed or cleared. */
sb_status sb_dual_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side);
void sb_dual_clear(sb_dual_side *side);

/* |S| beyond sqrt(q1 q2), by rounding, counts as that. Symmetric in the sides to the last bit. */
typedef struct sb_dual {
    double value, slope; /* <s s'>, <ds ds'> */
} sb_dual;
sb_dual sb_dual_average(const sb_wide_layer *activation, const sb_dual_side *a, const sb_dual_side *b, double S);

/* ---- the series of any smooth activation (hermite.c) ---- */

sb_status sb_hermite_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side);
sb_dual sb_hermite_average(const sb_dual_side *a, const sb_dual_side *b, double S);

#endif
