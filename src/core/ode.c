#include "core/ode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

#include "core/gsl.h"
#include "core/parallel.h"

typedef struct integration {
    const sb_ode *ode;
    const sb_monitor *monitor;
    const char *stage;
    double end;
    unsigned calls;
    sb_status status;
} integration;

static int gsl_rate(double t, const double y[], double dy[], void *context)
{
    integration *run = context;
    run->status = run->ode->rate(run->ode->context, t, y, dy);
    if (++run->calls % 256 == 0 && run->status == SB_OK)
        run->status = sb_monitor_progress(run->monitor, run->stage, t, run->end);
    return run->status == SB_OK ? GSL_SUCCESS : GSL_EBADFUNC;
}

static int gsl_jacobian(double t, const double y[], double *dfdy, double dfdt[], void *context)
{
    integration *run = context;
    run->ode->jacobian(run->ode->context, t, y, dfdy);
    memset(dfdt, 0, run->ode->size * sizeof *dfdt);
    return GSL_SUCCESS;
}

static const gsl_odeiv2_step_type *method_named(const char *name)
{
    if (strcmp(name, "rk8pd") == 0) return gsl_odeiv2_step_rk8pd;
    if (strcmp(name, "rkf45") == 0) return gsl_odeiv2_step_rkf45;
    if (strcmp(name, "msbdf") == 0) return gsl_odeiv2_step_msbdf;
    return NULL;
}

static sb_status stopped(const integration *run, const char *method, double t, int code)
{
    if (run->status != SB_OK) return run->status;
    if (code == GSL_EMAXITER)
        return sb_fail(SB_ERR_NUMERIC, "%s: %s reached the limit of %zu steps at t = %g", run->stage, method,
                       run->ode->max_steps, t);
    return sb_fail(SB_ERR_NUMERIC, "%s: %s stopped at t = %g: %s", run->stage, method, t, gsl_strerror(code));
}

sb_status sb_ode_integrate(const sb_ode *ode, const char *method, double tolerance, size_t nt, const double *t,
                           const sb_monitor *monitor, const char *stage, double *y)
{
    const gsl_odeiv2_step_type *type = method_named(method);
    if (!type) return sb_fail(SB_ERR_UNSUPPORTED, "no integration method '%s' (rk8pd, rkf45, msbdf)", method);
    if (type == gsl_odeiv2_step_msbdf && !ode->jacobian)
        return sb_fail(SB_ERR_UNSUPPORTED, "the method msbdf needs a Jacobian");
    integration run = {.ode = ode, .monitor = monitor, .stage = stage, .end = t[nt - 1]};
    gsl_odeiv2_system system = {gsl_rate, ode->jacobian ? gsl_jacobian : NULL, ode->size, &run};
    sb_status status = SB_OK;
    double now = t[0], first = nt > 1 ? 1e-3 * (t[1] - t[0]) : 1;
    if (!(first > 0)) first = t[nt - 1] > t[0] ? 1e-3 * (t[nt - 1] - t[0]) : 1;
    sb_gsl_begin();
    gsl_odeiv2_driver *driver = NULL;
    /* GSL 2.7 frees what it never set when it gets no memory; it needs 20 vectors, and a matrix with a Jacobian */
    SB_TRY(sb_memory_check((20 + (ode->jacobian ? ode->size : 0)) * (ode->size + 64) * sizeof(double)));
    driver = gsl_odeiv2_driver_alloc_y_new(&system, type, first, tolerance, 0);
    if (!driver) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory to integrate %zu equations", ode->size));
    if (ode->max_steps > 0) gsl_odeiv2_driver_set_nmax(driver, ode->max_steps);
    SB_TRY(ode->record(ode->context, 0, y));
    for (size_t i = 1; i < nt; i++) {
        int code = gsl_odeiv2_driver_apply(driver, &now, t[i], y);
        if (run.status != SB_OK || code != GSL_SUCCESS) SB_TRY(stopped(&run, method, now, code));
        SB_TRY(ode->record(ode->context, i, y));
    }
done:
    if (driver) gsl_odeiv2_driver_free(driver);
    sb_gsl_end();
    return status;
}

sb_status sb_ode_steps(const sb_ode *ode, double eta, size_t nt, const double *step, const sb_monitor *monitor,
                       const char *stage, double *y)
{
    sb_status status = SB_OK;
    double *dy = malloc(ode->size * sizeof *dy);
    if (!dy) return sb_fail(SB_ERR_NOMEM, "no memory for %zu equations", ode->size);
    size_t now = 0;
    for (size_t i = 0; i < nt; i++) {
        for (; now < (size_t)step[i]; now++) {
            SB_TRY(ode->rate(ode->context, eta * (double)now, y, dy));
            for (size_t j = 0; j < ode->size; j++) y[j] += eta * dy[j];
            if (now % 256 == 0) SB_TRY(sb_monitor_progress(monitor, stage, (double)now, step[nt - 1]));
        }
        SB_TRY(ode->record(ode->context, i, y));
    }
done:
    free(dy);
    return status;
}
