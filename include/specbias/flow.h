/* Exact gradient flow d theta / dt = -grad L(theta), integrated adaptively: rung 1 of the ladder, what gradient descent
 * would do with steps of size 0. */
#ifndef SPECBIAS_FLOW_H
#define SPECBIAS_FLOW_H

#include <stddef.h>

#include <specbias/monitor.h>
#include <specbias/status.h>

typedef struct sb_flow {
    size_t size; /* parameters */
    /* rate[size] = -grad L(theta) */
    sb_status (*rate)(void *context, const double *theta, double *rate);
    /* theta at record i, 0 .. nt - 1; may be NULL */
    sb_status (*record)(void *context, size_t i, const double *theta);
    void *context;
} sb_flow;

typedef struct sb_flow_counts {
    size_t gradients, steps, rejected;
    size_t most_stages; /* of one step */
    double radius;      /* largest estimate of the spectral radius of the Hessian */
} sb_flow_counts;

/* Integrates theta (in: at t[0]; out: at t[nt - 1]), recording at each t. `method`: "rkc", Runge-Kutta-Chebyshev of
 * order 2 with as many stages as stability needs (Sommeijer, Shampine, Verwer 1998), "rk8pd" of GSL, of order 8, or
 * "auto": whichever will take fewer gradients.
 * `tolerance` is about the error of theta at the end, relative to how far theta has moved.
 * SB_ERR_NUMERIC: a step became too small, or the rate is not finite; the text names the time. */
sb_status sb_flow_integrate(const sb_flow *flow, const char *method, double tolerance, size_t nt, const double *t,
                            const sb_monitor *monitor, double *theta, sb_flow_counts *counts);

/* Spectral radius of the Hessian at theta by the nonlinear power method: 2 / radius is the largest stable step of
 * gradient descent. */
sb_status sb_flow_radius(const sb_flow *flow, const double *theta, double *radius);

#endif
