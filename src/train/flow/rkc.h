/* Runge-Kutta-Chebyshev of order 2 and the spectral radius it needs. */
#ifndef SPECBIAS_TRAIN_RKC_H
#define SPECBIAS_TRAIN_RKC_H

#include <specbias/flow.h>

sb_status sb_rkc_integrate(const sb_flow *flow, double tolerance, size_t nt, const double *t, const sb_monitor *monitor,
                           double *theta, sb_flow_counts *counts);

/* A direction for sb_rkc_radius to begin with. */
void sb_rkc_direction(size_t n, double *direction);
/* Spectral radius of the Jacobian of `rate` at theta, where the rate is f. `direction` [size] is the start of the
 * iteration and its result: a multiple of the eigenvector. Adds to `gradients`. work[2 size] */
sb_status sb_rkc_radius(const sb_flow *flow, const double *theta, const double *f, double *direction, double *work,
                        size_t *gradients, double *radius);

#endif
