/* The nonlinear power method: of v the direction, z = f(theta + v) - f(theta) is J v; repeated with z in place of v,
 * scaled to a small length, |z| / |v| tends to the spectral radius (Sommeijer, Shampine, Verwer 1998, sec. 2.2). */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <specbias/rng.h>

#include "train/flow/rkc.h"

#define MOST 60
#define SETTLED 0.01 /* relative change of the estimate */

static double norm(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
    return sqrt(sum);
}

/* Of no symmetry, or the iteration would stay in a subspace that the gradient happens to lie in. */
static void draw(size_t n, double *direction)
{
    sb_rng rng = sb_rng_at(0, SB_STREAM_FLOW, 0);
    for (size_t i = 0; i < n; i++) direction[i] = sb_rng_normal(&rng);
}

sb_status sb_rkc_radius(const sb_flow *flow, const double *theta, const double *f, double *direction, double *work,
                        size_t *gradients, double *radius)
{
    size_t n = flow->size;
    double *moved = work, *there = work + n, last = 0, size = norm(n, theta), length = sqrt(DBL_EPSILON);
    length *= size > 0 ? size : 1;
    for (size_t k = 0; k < MOST; k++) {
        double scale = norm(n, direction);
        if (!(scale > 0)) { /* f does not change that way: start anew */
            draw(n, direction);
            scale = norm(n, direction);
        }
        for (size_t i = 0; i < n; i++) moved[i] = theta[i] + direction[i] * length / scale;
        sb_status status = flow->rate(flow->context, moved, there);
        if (status != SB_OK) return status;
        (*gradients)++;
        for (size_t i = 0; i < n; i++) direction[i] = there[i] - f[i];
        *radius = norm(n, direction) / length;
        if (!isfinite(*radius)) return sb_fail(SB_ERR_NUMERIC, "the gradient is not finite");
        if (k > 0 && fabs(*radius - last) <= SETTLED * *radius) break;
        last = *radius;
    }
    return SB_OK;
}

sb_status sb_rkc_look(const sb_flow *flow, const double *theta, double *start, size_t *gradients, double *radius)
{
    double *f = start, *direction = f + flow->size, *work = direction + flow->size;
    sb_status status = flow->rate(flow->context, theta, f);
    (*gradients)++;
    draw(flow->size, direction);
    return status == SB_OK ? sb_rkc_radius(flow, theta, f, direction, work, gradients, radius) : status;
}

sb_status sb_flow_radius(const sb_flow *flow, const double *theta, double *radius)
{
    size_t gradients = 0;
    double *space = malloc(4 * flow->size * sizeof *space + 1);
    if (!space) return sb_fail(SB_ERR_NOMEM, "no memory for the spectral radius");
    sb_status status = sb_rkc_look(flow, theta, space, &gradients, radius);
    free(space);
    return status;
}
