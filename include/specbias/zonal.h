/* Kernels on the unit sphere that depend on the angle between two points alone: their eigenvalues, one for each degree,
 * which are the rates of the neural tangent kernel's modes, and what the weights of a Sobolev loss make of them (Yu,
 * Yang, Townsend 2023). */
#ifndef SPECBIAS_ZONAL_H
#define SPECBIAS_ZONAL_H

#include <stddef.h>

#include <specbias/status.h>

/* ---- eigenvalues: int K(x . x') Y_l(x') dx' = mu_l Y_l(x), sb_harmonics(dim, l) functions Y_l for each l ---- */

/* mu[l], l < count, on the sphere of `dim` >= 2 dimensions, its measure dx the surface; K(cos t) = kernel(context, t),
 * analytic in 0 <= t <= pi (not in cos t: a network's kernel has square roots there), however narrow its peak.
 *
 * To 1e-14 of int |K| dx for l <= 100; time goes with count^3. SB_ERR_INPUT: dim < 2; SB_ERR_NUMERIC: the kernel
 * has a value that is not finite, or a jump. */
sb_status sb_zonal_eigenvalues(size_t dim, size_t count, double (*kernel)(const void *context, double t),
                               const void *context, double *mu);

/* ---- orders of a Sobolev loss: its weights w_l turn the rates mu_l into mu_l w_l ---- */

typedef enum sb_sobolev {
    SB_SOBOLEV_A, /* w_l = (1 + l)^(2 s) */
    SB_SOBOLEV_B, /* w_l = (1 + l^2)^s */
} sb_sobolev;

/* w of frequency l >= 0 for the order s */
double sb_sobolev_weight(sb_sobolev convention, double l, double s);
/* The order at which two degrees have one rate, mu_a w_a = mu_b w_b; beyond it the higher degree is the faster. */
double sb_sobolev_flat(sb_sobolev convention, double a, double mu_a, double b, double mu_b);
/* The order at which max / min of the rates is least, and that spread. SB_ERR_INPUT here and in sb_sobolev_reversed:
 * fewer than two degrees, not ascending and >= 0, or eigenvalues that are not positive. */
sb_status sb_sobolev_flattest(sb_sobolev convention, size_t count, const double *l, const double *mu, double *s,
                              double *spread);
/* The order beyond which all rates ascend with the degree: the largest sb_sobolev_flat of two degrees. */
sb_status sb_sobolev_reversed(sb_sobolev convention, size_t count, const double *l, const double *mu, double *s);

#endif
