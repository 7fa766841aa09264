/* What the linear F-Principle (theory.h) of 1-D ReLU networks leads to as t -> infinity; derivations and misprints in
 * theory/README.md. */
#ifndef SPECBIAS_LFP_H
#define SPECBIAS_LFP_H

#include <specbias/theory.h>

/* Where both terms of K^ are equal, in cycles: xi^-4 rules below (cubic spline), xi^-2 above (linear spline). */
double sb_lfp_crossover(double c4, double c2);
/* h[m] at at[m] for t -> infinity from h = 0: K(at, X) K(X, X)^-1 y, by polynomial and distances apart, so that a large
 * range loses no digits. range = INFINITY: natural cubic spline for c2 = 0, linear spline for c4 = 0. */
sb_status sb_lfp_limit(double c4, double c2, double range, size_t n, const double *x, const double *y, size_t m,
                       const double *at, double *h);

#endif
