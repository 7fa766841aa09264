/* Runge-Kutta-Chebyshev of order 2 and the spectral radius it needs. */
#ifndef SPECBIAS_TRAIN_RKC_H
#define SPECBIAS_TRAIN_RKC_H

#include <specbias/flow.h>

/* start: as sb_rkc_look leaves it, with counts->radius. */
sb_status sb_rkc_integrate(const sb_flow *flow, double tolerance, size_t nt, const double *t, const double *start,
                           const sb_monitor *monitor, double *theta, sb_flow_counts *counts);

/* Rate and direction of sb_rkc_radius at theta, from none: start[4 size], of which the rest is for work. */
sb_status sb_rkc_look(const sb_flow *flow, const double *theta, double *start, size_t *gradients, double *radius);
/* Spectral radius of the Jacobian of `rate` at theta, where the rate is f. `direction` [size] is the start of the
 * iteration and its result: a multiple of the eigenvector. Adds to `gradients`. work[2 size] */
sb_status sb_rkc_radius(const sb_flow *flow, const double *theta, const double *f, double *direction, double *work,
                        size_t *gradients, double *radius);

#endif
