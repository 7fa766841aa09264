/* Dual activations (Daniely, Frostig, Singer 2016): the averages <s(u) s(u')> and <s'(u) s'(u')> of an activation s
 * over Gaussian u, u' of mean 0, variances q1, q2 and covariance S. */
#ifndef SPECBIAS_KERNEL_DUAL_H
#define SPECBIAS_KERNEL_DUAL_H

#include <math.h>

#include <specbias/tangent.h>

#include "kernel/loops/rows.h"

/* What an average needs of one of its two arguments, once for each point and activation. */
typedef struct sb_dual_side {
    const struct sb_dual_closed *closed; /* NULL: a series */
    double q, root;                      /* variance, and its square root */
    size_t terms;                        /* of the series; 0 of a closed form */
    double *s, *ds;                      /* [terms] Hermite coefficients of s and s', in one piece */
} sb_dual_side;

/* How the two lie to each other, r = sqrt(q1 q2). Each number has its own digits: of nearly parallel and of nearly
 * antiparallel u, u' a difference of the others would have none. */
typedef struct sb_dual_pair {
    double S;
    double minus, plus; /* 1 - S / r, 1 + S / r; 1 if r = 0 */
    double gap;         /* sqrt(q1) - sqrt(q2) */
} sb_dual_pair;

/* From S and the roots of the variances, by differences. */
static inline sb_dual_pair sb_dual_plain(double S, double root1, double root2)
{
    double r = root1 * root2, cosine = r > 0 ? S / r : 0;
    return (sb_dual_pair){S, cosine < 1 ? 1 - cosine : 0, cosine > -1 ? 1 + cosine : 0, root1 - root2};
}

/* The same, when 1 - |S| / r is known. */
static inline sb_dual_pair sb_dual_near(double S, double near, double gap)
{
    return (sb_dual_pair){S, S < 0 ? 2 - near : near, S < 0 ? near : 2 - near, gap};
}

/* SB_ERR_UNSUPPORTED: a kink and no closed form; SB_ERR_NUMERIC: q is not finite, or too large for the series. `side`
 * must be zeroed or cleared. */
sb_status sb_dual_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side);
void sb_dual_clear(sb_dual_side *side);

/* Symmetric in the sides to the last bit. */
typedef struct sb_dual {
    double value, slope; /* <s s'>, <ds ds'> */
} sb_dual;
sb_dual sb_dual_average(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair);
/* How s(u), s(u') lie to each other: value = <s s'>, roots those of <s s> of each. */
sb_dual_pair sb_dual_next(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair, double value,
                          double root1, double root2);

/* A loop over many pairs of such sides; NULL: there is none. */
sb_dual_loop *sb_dual_rows(const sb_dual_side *side);

/* ---- the series of any smooth activation (hermite.c) ---- */

sb_status sb_hermite_prepare(const sb_wide_layer *activation, double q, sb_dual_side *side);
sb_dual sb_hermite_average(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair);
/* 1 - |value| / (root1 root2) */
double sb_hermite_near(const sb_dual_side *a, const sb_dual_side *b, const sb_dual_pair *pair, double value,
                       double root1, double root2);

#endif
