#include <specbias/flow.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ode.h"
#include "train/flow/rkc.h"

/* ---- GSL's method through the same door ---- */

typedef struct bridge {
    const sb_flow *flow;
    sb_flow_counts *counts;
} bridge;

static sb_status bridge_rate(void *context, double t, const double *y, double *dy)
{
    bridge *b = context;
    b->counts->gradients++;
    sb_status status = b->flow->rate(b->flow->context, y, dy);
    return status == SB_OK ? SB_OK : sb_fail(status, "gradient flow at time %g: %s", t, sb_error_text());
}

static sb_status bridge_record(void *context, size_t i, const double *y)
{
    const bridge *b = context;
    return b->flow->record ? b->flow->record(b->flow->context, i, y) : SB_OK;
}

static double rms(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
    return sqrt(sum / (double)n);
}

static sb_status integrate_rk8pd(const sb_flow *flow, double allowed, size_t nt, const double *t,
                                 const sb_monitor *monitor, double *theta, sb_flow_counts *counts)
{
    bridge b = {flow, counts};
    sb_ode ode = {.size = flow->size, .rate = bridge_rate, .record = bridge_record, .context = &b};
    return sb_ode_integrate(&ode, "rk8pd", allowed, nt, t, monitor, "flow", theta);
}

/* Whichever takes fewer gradients: 4 radius time of rk8pd, which its stability asks for, or 10 tolerance^-1/2 of rkc,
 * which its order does (measured: 7 at time 40, 15 at 400). Of rk8pd *allowed is the error of a step: the tolerance
 * times what the fastest mode moves. */
static bool is_short(size_t n, double tolerance, double time, const double *theta, const double *f, double radius,
                     double *allowed)
{
    double moved = radius > 0 ? tolerance * rms(n, f) / radius : 0;
    *allowed = fmax(moved, 4 * DBL_EPSILON * rms(n, theta)); /* rounding is no error of a step */
    return moved > 0 && 4 * radius * time < 10 / sqrt(tolerance);
}

static sb_status integrate_from_start(const sb_flow *flow, bool choose, double tolerance, size_t nt, const double *t,
                                      const sb_monitor *monitor, double *theta, sb_flow_counts *counts)
{
    double allowed, *f = malloc(4 * flow->size * sizeof *f);
    if (!f) return sb_fail(SB_ERR_NOMEM, "no memory for gradient flow of %zu parameters", flow->size);
    sb_status status = sb_rkc_look(flow, theta, f, &counts->gradients, &counts->radius);
    if (status != SB_OK) status = sb_fail(status, "gradient flow at time %g: %s", t[0], sb_error_text());
    bool high = status == SB_OK && choose &&
                is_short(flow->size, tolerance, t[nt - 1] - t[0], theta, f, counts->radius, &allowed);
    if (status == SB_OK && !high) status = sb_rkc_integrate(flow, tolerance, nt, t, f, monitor, theta, counts);
    free(f);
    return high ? integrate_rk8pd(flow, allowed, nt, t, monitor, theta, counts) : status;
}

/* ---- what both refuse ---- */

/* A rate that is not finite has no way on: found out here, it has a time of its own. */
static sb_status guarded_rate(void *context, const double *theta, double *rate)
{
    const sb_flow *flow = context;
    sb_status status = flow->rate(flow->context, theta, rate);
    for (size_t i = 0; status == SB_OK && i < flow->size; i++)
        if (!isfinite(rate[i])) status = sb_fail(SB_ERR_NUMERIC, "the gradient is not finite");
    return status;
}

static sb_status guarded_record(void *context, size_t i, const double *theta)
{
    const sb_flow *flow = context;
    return flow->record ? flow->record(flow->context, i, theta) : SB_OK;
}

sb_status sb_flow_integrate(const sb_flow *flow, const char *method, double tolerance, size_t nt, const double *t,
                            const sb_monitor *monitor, double *theta, sb_flow_counts *counts)
{
    sb_flow own = *flow;
    sb_flow safe = {.size = flow->size, .rate = guarded_rate, .record = guarded_record, .context = &own};
    *counts = (sb_flow_counts){0};
    if (!(tolerance > 0)) return sb_fail(SB_ERR_INPUT, "gradient flow needs a positive tolerance, not %g", tolerance);
    if (flow->size == 0 || nt == 0) return sb_fail(SB_ERR_INPUT, "gradient flow needs parameters and times");
    for (size_t i = 1; i < nt; i++)
        if (!(t[i] >= t[i - 1])) return sb_fail(SB_ERR_INPUT, "the times of gradient flow must ascend");
    double size = rms(flow->size, theta), allowed = tolerance * (size > 0 ? size : 1);
    bool choose = strcmp(method, "auto") == 0;
    if (strcmp(method, "rk8pd") == 0) return integrate_rk8pd(&safe, allowed, nt, t, monitor, theta, counts);
    if (choose || strcmp(method, "rkc") == 0)
        return integrate_from_start(&safe, choose, tolerance, nt, t, monitor, theta, counts);
    return sb_fail(SB_ERR_INPUT, "there is no method '%s' for gradient flow; there are auto, rkc and rk8pd", method);
}
