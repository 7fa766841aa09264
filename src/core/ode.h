/* Ordinary differential equations: the only place that knows gsl_odeiv2. */
#ifndef SPECBIAS_CORE_ODE_H
#define SPECBIAS_CORE_ODE_H

#include <stddef.h>

#include <specbias/monitor.h>

typedef struct sb_ode {
    size_t size;
    /* dy[size] = f(t, y) */
    sb_status (*rate)(void *context, double t, const double *y, double *dy);
    /* y at record[i], i = 0 .. records - 1 */
    sb_status (*record)(void *context, size_t i, const double *y);
    /* jacobian[size][size] = df/dy of an f that does not depend on t; only "msbdf" needs it */
    void (*jacobian)(void *context, double t, const double *y, double *jacobian);
    void *context;
    size_t max_steps; /* between two records; 0: no limit */
} sb_ode;

/* Integrates y (in: at t[0] = 0; out: at t[nt - 1]) with a method of GSL to the given absolute tolerance per step,
 * recording at each t: "rk8pd" and "rkf45" are explicit and embedded, "msbdf" is implicit, for stiff equations.
 * SB_ERR_NUMERIC: the method stopped or reached max_steps; the text names the method and the time. What `rate` or
 * `record` returns other than SB_OK ends the integration and is returned. */
sb_status sb_ode_integrate(const sb_ode *ode, const char *method, double tolerance, size_t nt, const double *t,
                           const sb_monitor *monitor, const char *stage, double *y);
/* The same with explicit Euler steps of size eta, recording at whole numbers of steps. */
sb_status sb_ode_steps(const sb_ode *ode, double eta, size_t nt, const double *step, const sb_monitor *monitor,
                       const char *stage, double *y);

#endif
