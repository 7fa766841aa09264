/* Averages of the frequency equation over the law of r = |in|, apart from those of the kernels. */
#ifndef SPECBIAS_THEORY_MEAN_H
#define SPECBIAS_THEORY_MEAN_H

#include <specbias/theory.h>

/* The largest |in| there is. */
double lfp_largest(const sb_theory_params *params);
/* Beyond the largest: the right end of an interval that holds it. */
double lfp_beyond(const sb_theory_params *params);
/* p(r), the density of |in|; 0 of a law that is fixed. */
double lfp_density(const sb_theory_params *params, double r);

/* sum[size] += share * f(r) */
typedef void lfp_term(void *context, double r, double share, double *sum);
/* sum[size] = int from left to right of p(r) f(r) dr, f smooth there. SB_ERR_NUMERIC: it does not settle to 1e-11 of
 * the sum of all |sum|. */
sb_status lfp_mean(const sb_theory_params *params, double left, double right, size_t size, lfp_term *term,
                   void *context, double *sum);

#endif
