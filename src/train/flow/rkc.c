/* Runge-Kutta-Chebyshev, order 2 (Sommeijer, Shampine, Verwer, J. Comput. Appl. Math. 88, 1998): s stages reach s^2
 * times as far along the negative real axis as one, so that stability costs the root of the stiffness.
 *
 *   w0 = 1 + eps / s^2, w1 = T_s'(w0) / T_s''(w0), b_j = T_j''(w0) / T_j'(w0)^2, b_0 = b_1 = b_2, a_j = 1 - b_j T_j(w0)
 *   Y_1 = y + b_1 w1 h F_0
 *   Y_j = (1 - mu_j - nu_j) y + mu_j Y_(j-1) + nu_j Y_(j-2) + mu~_j h F_(j-1) - a_(j-1) mu~_j h F_0
 *   mu_j = 2 b_j w0 / b_(j-1), nu_j = -b_j / b_(j-2), mu~_j = 2 b_j w1 / b_(j-1)
 *   error 0.8 (y - Y_s) + 0.4 h (F_0 + F(Y_s)) */
#include "train/flow/rkc.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAMPING (2. / 13)
#define SAFETY 1.2  /* of the spectral radius */
#define LIFETIME 25 /* steps after which it is estimated anew */
#define MOST_STAGES 1000
#define ROUNDING (4 * DBL_EPSILON)
#define SMALLEST 1e-14 /* step, as a part of the time */

typedef struct rkc {
    const sb_flow *flow;
    double tolerance, t;      /* of the local error */
    const double *start;      /* theta at the start */
    double far2;              /* |F / radius|^2 at the start: what the fastest mode moves */
    double *y, *f;            /* at t */
    double *next, *next_f;    /* after a step */
    double *stage[3];         /* Y_(j-2), Y_(j-1), Y_j; not of their own memory beyond two steps */
    double *direction, *work; /* for the radius */
    double radius;
    size_t age; /* steps since it was estimated */
    sb_flow_counts *counts;
} rkc;

/* A failure says at what time it was. */
static sb_status rate(rkc *r, const double *y, double *f)
{
    r->counts->gradients++;
    sb_status status = r->flow->rate(r->flow->context, y, f);
    return status == SB_OK ? SB_OK : sb_fail(status, "gradient flow at time %g: %s", r->t, sb_error_text());
}

/* T_j, T_j', T_j'' at w0 by their recurrences. */
typedef struct chebyshev {
    double value, first, second;
} chebyshev;

static chebyshev next_chebyshev(double w0, chebyshev now, chebyshev before)
{
    return (chebyshev){2 * w0 * now.value - before.value, 2 * now.value + 2 * w0 * now.first - before.first,
                       4 * now.first + 2 * w0 * now.second - before.second};
}

/* One step of size h with s stages from (y, f) to r->next. */
static sb_status step(rkc *r, double h, size_t s)
{
    size_t n = r->flow->size;
    double w0 = 1 + DAMPING / (double)(s * s);
    chebyshev before = {1, 0, 0}, now = {w0, 1, 0}, end = now, previous = before;
    for (size_t j = 2; j <= s; j++) {
        chebyshev next = next_chebyshev(w0, end, previous);
        previous = end;
        end = next;
    }
    double w1 = end.first / end.second, b2 = 0.25 / (w0 * w0); /* T_2'' / T_2'^2 = 4 / (4 w0)^2 */
    double b[3] = {b2, b2, b2};                                /* b_(j-2), b_(j-1), b_j */
    double *older = r->stage[0], *old = r->stage[1], *new = r->stage[2], *f = r->work;
    memcpy(older, r->y, n * sizeof *older);
    for (size_t i = 0; i < n; i++) old[i] = r->y[i] + b2 * w1 * h * r->f[i];
    double a = 1 - b2 * w0;
    for (size_t j = 2; j <= s; j++) {
        chebyshev next = next_chebyshev(w0, now, before);
        before = now;
        now = next;
        b[2] = now.second / (now.first * now.first);
        double mu = 2 * b[2] * w0 / b[1], nu = -b[2] / b[0], mu_rate = 2 * b[2] * w1 / b[1];
        sb_status status = rate(r, old, f);
        if (status != SB_OK) return status;
        for (size_t i = 0; i < n; i++)
            new[i] = (1 - mu - nu) * r->y[i] + mu *old[i] + nu *older[i] + mu_rate *h *(f[i] - a * r->f[i]);
        a = 1 - b[2] * now.value;
        b[0] = b[1];
        b[1] = b[2];
        double *free_again = older;
        older = old;
        old = new;
        new = free_again;
    }
    memcpy(r->next, old, n * sizeof *old);
    return rate(r, r->next, r->next_f);
}

/* The local error in units of what is allowed: the tolerance relative to how far theta has moved since the start or to
 * where the fastest mode will go, but no less than rounding. */
static double error_of(const rkc *r, double h)
{
    size_t n = r->flow->size;
    double sum = 0, moved = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        double e = 0.8 * (r->y[i] - r->next[i]) + 0.4 * h * (r->f[i] + r->next_f[i]);
        sum += e * e;
        moved += (r->next[i] - r->start[i]) * (r->next[i] - r->start[i]);
        size += r->next[i] * r->next[i];
    }
    double allowed = fmax(r->tolerance * sqrt(fmax(moved, r->far2)), ROUNDING * sqrt(size));
    return sum > 0 ? sqrt(sum) / allowed : 0;
}

static sb_status renew_radius(rkc *r)
{
    double found;
    sb_status status = sb_rkc_radius(r->flow, r->y, r->f, r->direction, r->stage[0], &r->counts->gradients, &found);
    if (status != SB_OK) return status;
    r->radius = SAFETY * found;
    r->counts->radius = fmax(r->counts->radius, found);
    r->age = 0;
    return SB_OK;
}

/* The largest stable step of s stages is 0.653 (s^2 - 1) / radius. */
static size_t stages_of(const rkc *r, double h)
{
    return 1 + (size_t)fmax(1, sqrt(1 + 1.54 * h * r->radius));
}

/* The size of the first step: an Euler step of it changes the rate, relative to itself, by about the root of the
 * tolerance. */
static sb_status first_size(rkc *r, double end, double *h)
{
    size_t n = r->flow->size;
    double change = 0, size = 0, trial = r->radius > 0 ? fmin(end, 1 / r->radius) : end;
    for (size_t i = 0; i < n; i++) r->next[i] = r->y[i] + trial * r->f[i];
    sb_status status = rate(r, r->next, r->next_f);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < n; i++) {
        change += (r->next_f[i] - r->f[i]) * (r->next_f[i] - r->f[i]);
        size += r->f[i] * r->f[i];
    }
    double part = size > 0 ? sqrt(change / size) : 0, wanted = 0.1 * sqrt(r->tolerance);
    *h = part > wanted ? trial * wanted / part : trial;
    return SB_OK;
}

static sb_status too_small(const rkc *r)
{
    return sb_fail(SB_ERR_NUMERIC, "gradient flow: the step became too small at time %g", r->t);
}

/* From r->t to `end` in steps that are within the tolerance; *h is the size to try. */
static sb_status advance(rkc *r, double end, double *h, const sb_monitor *monitor, double whole)
{
    sb_status status = SB_OK;
    while (r->t < end) {
        if (r->age >= LIFETIME) SB_TRY(renew_radius(r));
        double most = r->radius > 0 ? 0.653 * MOST_STAGES * MOST_STAGES / r->radius : INFINITY;
        double left = end - r->t, size = fmin(fmin(*h, left), most);
        if (size < left && size > left / 2) size = left / 2; /* no tiny rest */
        if (!(size > SMALLEST * fmax(end, 1e-300))) return too_small(r);
        size_t s = stages_of(r, size);
        SB_TRY(step(r, size, s));
        r->counts->most_stages = s > r->counts->most_stages ? s : r->counts->most_stages;
        double error = error_of(r, size);
        if (!(error <= 1)) { /* also nan */
            r->counts->rejected++;
            *h = size * (isfinite(error) ? fmax(0.1, 0.8 / cbrt(error)) : 0.1);
            if (r->age > 0) SB_TRY(renew_radius(r));
            continue;
        }
        r->counts->steps++;
        r->age++;
        r->t = size == left ? end : r->t + size;
        double *y = r->y, *f = r->f;
        r->y = r->next, r->f = r->next_f;
        r->next = y, r->next_f = f;
        double wish = size * fmin(10, 0.8 / cbrt(fmax(error, 1e-10)));
        if (size == left && wish < *h) wish = *h; /* a step cut short by a record says nothing against its length */
        *h = wish;
        SB_TRY(sb_monitor_progress(monitor, "flow", r->t, whole));
    }
done:
    return status;
}

static sb_status open_rkc(const sb_flow *flow, double tolerance, double t, const double *theta, const double *start,
                          sb_flow_counts *counts, double **space, rkc *r)
{
    size_t n = flow->size;
    *space = calloc(9 * n + 1, sizeof **space);
    if (!*space) return sb_fail(SB_ERR_NOMEM, "no memory for gradient flow of %zu parameters", n);
    double *part = *space;
    /* of order 2, so that the error at the end is proportional to the tolerance (Stetter) */
    *r = (rkc){.flow = flow, .start = theta, .tolerance = pow(tolerance, 1.5), .t = t, .counts = counts};
    r->y = part, r->f = part + n, r->next = part + 2 * n, r->next_f = part + 3 * n;
    for (size_t i = 0; i < 3; i++) r->stage[i] = part + (4 + i) * n;
    r->direction = part + 7 * n;
    r->work = part + 8 * n;
    memcpy(r->y, theta, n * sizeof *theta);
    memcpy(r->f, start, n * sizeof *start);
    memcpy(r->direction, start + n, n * sizeof *start);
    r->radius = SAFETY * counts->radius;
    for (size_t i = 0; i < n && r->radius > 0; i++) r->far2 += r->f[i] * r->f[i] / (r->radius * r->radius);
    return SB_OK;
}

sb_status sb_rkc_integrate(const sb_flow *flow, double tolerance, size_t nt, const double *t, const double *start,
                           const sb_monitor *monitor, double *theta, sb_flow_counts *counts)
{
    sb_status status = SB_OK;
    rkc r;
    double *space = NULL, h = 0;
    SB_TRY(open_rkc(flow, tolerance, t[0], theta, start, counts, &space, &r));
    if (flow->record) SB_TRY(flow->record(flow->context, 0, r.y));
    if (nt > 1) SB_TRY(first_size(&r, t[nt - 1] - t[0], &h));
    for (size_t i = 1; i < nt; i++) {
        SB_TRY(advance(&r, t[i], &h, monitor, t[nt - 1]));
        if (flow->record) SB_TRY(flow->record(flow->context, i, r.y));
    }
    memcpy(theta, r.y, flow->size * sizeof *theta);
done:
    free(space);
    return status;
}
