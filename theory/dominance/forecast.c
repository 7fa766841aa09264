/* The size of theorem 1's bad set without a fit.
 *
 * For small |w| a gradient at k1 loses against the one at k2, smaller by exp(-alpha / |w|), only next to its own zeros.
 * In 1 / w these are pi / (b k1) apart and of width 2 |g2 / g1'| each; averaged over the phases of g2 and the error's
 * modulus taken as |f^|, that is the fraction (4 / pi^2) |f2 / f1| q exp(-alpha / |w|), q = 1 for a, k2 / k1 for w, b.
 * The ball then gives, with c_m = Gamma(m/2 + 1) / (sqrt(pi) Gamma((m + 1)/2)),
 *
 *   E_ball = 2 c_m int_0^1 (1 - t^2)^((m - 1)/2) exp(-x / t) dt,   x = alpha / delta. */
#include "theory/dominance/waves.h"

#include <math.h>

#include "core/gsl.h"

enum { NODES = 64 /* GSL tabulates these; others it computes, to 1e-10 only */ };
#define AGREED 1e-11 /* of panels and half as long ones */

/* t = cos(theta) makes the integrand exp(log_integrand(theta)), smooth and log-concave. */
typedef struct ball {
    double m, x;
    double top; /* the largest log_integrand */
    gsl_integration_glfixed_table *table;
} ball;

static double log_integrand(const ball *b, double theta)
{
    return b->m * log(sin(theta)) - b->x / cos(theta);
}

static double scaled_integrand(double theta, void *context)
{
    const ball *b = context;
    return exp(log_integrand(b, theta) - b->top);
}

/* m cos^3 = x sin^2 */
static double slope_sign(const void *context, double theta)
{
    const ball *b = context;
    return b->m * pow(cos(theta), 3) - b->x * pow(sin(theta), 2);
}

/* Panels double in length away from the peak, but never reach farther than half the way to the end, where exp(-x / t)
 * falls in no time if x is small. Those that add nothing end it. */
static double one_side(ball *b, double peak, double end, double width)
{
    gsl_function f = {.function = scaled_integrand, .params = b};
    double sum = 0, from = peak, sign = end > peak ? 1 : -1;
    for (;; width *= 2) {
        double to = from + sign * fmin(width, fabs(end - from) / 2);
        double part = gsl_integration_glfixed(&f, fmin(from, to), fmax(from, to), b->table);
        sum += part;
        if (!(part > 1e-20 * sum)) return sum;
        from = to;
    }
}

static double both_sides(ball *b, double peak, double width)
{
    return one_side(b, peak, 0, width) + one_side(b, peak, M_PI_2, width);
}

static double ball_size(double m)
{
    return exp(lgamma(m / 2 + 1) - lgamma((m + 1) / 2)) / sqrt(M_PI);
}

double sb_dominance_ball(size_t m, double alpha, double delta)
{
    ball b = {.m = (double)m, .x = alpha / delta, .table = sb_gauss_table(NODES)};
    if (!b.table) return NAN;
    double peak = sb_bisect(slope_sign, &b, 0, M_PI_2), sine = sin(peak), cosine = cos(peak);
    /* minus the second derivative of log_integrand */
    double curvature = b.m / (sine * sine) + b.x * (1 + sine * sine) / (cosine * cosine * cosine);
    double width = 1 / sqrt(curvature);
    b.top = log_integrand(&b, peak);
    double sum = both_sides(&b, peak, width), before;
    do {
        before = sum;
        sum = both_sides(&b, peak, width /= 2);
    } while (fabs(sum - before) > AGREED * sum && width > 1e-9);
    if (!(fabs(sum - before) <= AGREED * sum)) sum = NAN;
    gsl_integration_glfixed_table_free(b.table);
    return 2 * ball_size(b.m) * exp(b.top) * sum;
}

/* 1 - t = e: 2 c_m int (2 e)^((m - 1)/2) exp(-x (1 + e)) de */
static double ball_asymptote(double m, double x)
{
    return 2 * ball_size(m) * exp((m - 1) / 2 * M_LN2 + lgamma((m + 1) / 2) - (m + 1) / 2 * log(x) - x);
}

static sb_status check(const sb_dominance_task *task, size_t m, double delta)
{
    if (m == 0) return sb_fail(SB_ERR_INPUT, "the network needs a neuron");
    if (!(delta > 0 && isfinite(delta))) return sb_fail(SB_ERR_INPUT, "delta must be positive, not %g", delta);
    return sb_dominance_check(task);
}

static void fill(const sb_dominance_task *task, size_t m, double expectation, sb_dominance_fraction *fraction)
{
    double one = (double)m * 4 / (M_PI * M_PI) * cabs(task->f2) / cabs(task->f1) * expectation;
    double more = one * task->k2 / task->k1;
    *fraction = (sb_dominance_fraction){.type = {one, more, more}, .any = one + 2 * more};
}

sb_status sb_dominance_forecast(const sb_dominance_task *task, size_t m, double delta, sb_dominance_fraction *fraction)
{
    sb_status status = check(task, m, delta);
    if (status != SB_OK) return status;
    double expectation = sb_dominance_ball(m, sb_dominance_alpha(task), delta);
    if (isnan(expectation))
        return sb_fail(SB_ERR_NUMERIC, "the integral over the ball of %zu neurons does not converge at delta = %g", m,
                       delta);
    fill(task, m, expectation, fraction);
    return SB_OK;
}

sb_status sb_dominance_asymptote(const sb_dominance_task *task, size_t m, double delta, sb_dominance_fraction *fraction)
{
    sb_status status = check(task, m, delta);
    if (status == SB_OK) fill(task, m, ball_asymptote((double)m, sb_dominance_alpha(task) / delta), fraction);
    return status;
}

double sb_dominance_slope(size_t n, const double *delta, const double *fraction)
{
    double x0 = 0, y0 = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        x0 += 1 / delta[i] / (double)n;
        y0 += log(fraction[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double x = 1 / delta[i] - x0;
        xx += x * x;
        xy += x * (log(fraction[i]) - y0);
    }
    return n < 2 ? NAN : xy / xx;
}

/* slope = sum_i x_i log F_i / sum_i x_i^2, x_i = 1 / delta_i less their mean */
double sb_dominance_slope_error(size_t n, const double *delta, const double *log_error)
{
    double mean = 0, xx = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += 1 / delta[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double x = 1 / delta[i] - mean;
        xx += x * x;
        sum += x * x * log_error[i] * log_error[i];
    }
    return n < 2 ? NAN : sqrt(sum) / xx;
}
