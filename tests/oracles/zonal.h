/* Closed forms of the ReLU kernel on circle and sphere, and its aliased eigenvalues. */
#ifndef SPECBIAS_ORACLES_ZONAL_H
#define SPECBIAS_ORACLES_ZONAL_H

#include <stddef.h>

/* mu of degree l on the circle when the integral is a sum over n equal angles, weights 2 pi / n: the aliased
 * sum_j mu_|l + j n| over all whole j, to rounding. Eigenvalues of the Gram matrix times 2 pi / n. */
double sb_zonal_aliased(size_t n, size_t l, double (*kernel)(const void *context, double t), const void *context);

/* The infinitely wide h = m^-1/2 sum_r a_r relu(w_r . x + b_r), a_r = +-kappa, w_r of law N(0, 1), b_r = 0 at the start
 * and trained with w_r (for kappa = 1): K(t) = (cos t + 1) (pi - t) / (2 pi). */
double sb_zonal_relu_kernel(double t);
/* The same with a_r trained, too, w_r of law N(0, kappa^2), a_r = +-1: more by kappa^2 (sin t + (pi - t) cos t) / (2
 * pi) */
double sb_zonal_relu_all(double t, double kappa);
/* Eigenvalues of sb_zonal_relu_kernel on the circle, asymptotically 2 / (pi l^2), and on the sphere of three
 * dimensions, asymptotically 2 / l^3. */
double sb_zonal_relu_circle(size_t l);
double sb_zonal_relu_sphere(size_t l);

#endif
