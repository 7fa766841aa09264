/* Ordinary differential equations: the only place that knows gsl_odeiv2. */
#ifndef SPECBIAS_CORE_ODE_H
#define SPECBIAS_CORE_ODE_H

#include <stddef.h>

#include <specbias/monitor.h>

typedef struct sb_ode {
    size_t size;
    /* dy[size] = f(t, y) */
    void (*rate)(void *context, double t, const double *y, double *dy);
    /* y at record[i], i = 0 .. records - 1 */
    void (*record)(void *context, size_t i, const double *y);
    void *context;
} sb_ode;

/* Integrates y (in: at t[0] = 0; out: at t[nt - 1]) with an explicit embedded method of GSL ("rk8pd", "rkf45") to the
 * given absolute tolerance per step, recording at each t. */
sb_status sb_ode_integrate(const sb_ode *ode, const char *method, double tolerance, size_t nt, const double *t,
                           const sb_monitor *monitor, const char *stage, double *y);
/* The same with explicit Euler steps of size eta, recording at whole numbers of steps. */
sb_status sb_ode_steps(const sb_ode *ode, double eta, size_t nt, const double *step, const sb_monitor *monitor,
                       const char *stage, double *y);

#endif
