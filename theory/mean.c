/* The double exponential rule,
 *
 *   int_a^b p f dr = h sum_k p f r'(k h),  r(t) = a + (b - a) / (1 + exp(-pi sinh t)),
 *
 * whose error falls as exp(-const / h) for any f that is smooth in (a, b), also in log r: h is halved until the sum
 * stands still, and then its error is about the square of the last change. */
#include "theory/mean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REACH 3.3  /* 1 / (1 + exp(pi sinh t)) = 1e-19 */
#define STEP 0.125 /* the first h */
#define HALVINGS 8 /* at most */
#define SETTLED 1e-11

double lfp_largest(const sb_theory_params *params)
{
    return params->in_scale * (params->in->density_abs ? params->in->max_abs : params->in->fixed_abs);
}

double lfp_beyond(const sb_theory_params *params)
{
    return params->in->density_abs ? lfp_largest(params) : nextafter(lfp_largest(params), INFINITY);
}

double lfp_density(const sb_theory_params *params, double r)
{
    const sb_law *law = params->in;
    double unit = r / params->in_scale;
    return law->density_abs && unit <= law->max_abs ? law->density_abs(unit) / params->in_scale : 0;
}

typedef struct interval {
    const sb_theory_params *params;
    double left, right;
    lfp_term *term;
    void *context;
} interval;

/* The terms at t = (first, first + step, ..) and its negative. */
static void add_terms(const interval *v, double first, double step, double *sum)
{
    for (double t = first; t < REACH; t += step)
        for (int side = t == 0; side < 2; side++) {
            double near = 1 / (1 + exp(M_PI * sinh(t))), width = v->right - v->left;
            double r = side ? v->left + width * near : v->right - width * near;
            double share = lfp_density(v->params, r) * width * M_PI * cosh(t) * near * (1 - near);
            if (share > 0) v->term(v->context, r, share, sum);
        }
}

/* Whether the sum of twice the step, `before`, was h `now` already. */
static bool settled(size_t size, double step, const double *now, const double *before)
{
    double change = 0, all = 0;
    for (size_t i = 0; i < size; i++) {
        change += fabs(now[i] - 2 * before[i]);
        all += fabs(now[i]);
    }
    return step < STEP && change <= SETTLED * all;
}

sb_status lfp_mean(const sb_theory_params *params, double left, double right, size_t size, lfp_term *term,
                   void *context, double *sum)
{
    interval v = {params, left, right, term, context};
    double step = STEP, *before = malloc((size + 1) * sizeof *before);
    if (!before) return sb_fail(SB_ERR_NOMEM, "no memory for %zu averages", size);
    memset(sum, 0, size * sizeof *sum);
    memset(before, 0, size * sizeof *before);
    bool done = !params->in->density_abs;
    if (done && lfp_largest(params) >= left && lfp_largest(params) < right) term(context, lfp_largest(params), 1, sum);
    for (int i = 0; !done && i <= HALVINGS; i++) {
        step = ldexp(STEP, -i);
        add_terms(&v, i == 0 ? 0 : step, i == 0 ? step : 2 * step, sum);
        done = settled(size, step, sum, before);
        memcpy(before, sum, size * sizeof *sum);
    }
    free(before);
    for (size_t i = 0; params->in->density_abs && i < size; i++) sum[i] *= step;
    if (done) return SB_OK;
    return sb_fail(SB_ERR_NUMERIC, "the theory 'lfp': the average over |in| from %g to %g does not settle", left,
                   right);
}
