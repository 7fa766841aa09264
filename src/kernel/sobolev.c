/* Rates mu_l w_l(s) of a Sobolev loss. Their logarithms are lines in s: ln mu_l + s g_l, g_l = ln w_l(1). */
#include <math.h>

#include <specbias/zonal.h>

double sb_sobolev_weight(sb_sobolev convention, double l, double s)
{
    return convention == SB_SOBOLEV_A ? pow(1 + l, 2 * s) : pow(1 + l * l, s);
}

/* g */
static double slope(sb_sobolev convention, double l)
{
    return convention == SB_SOBOLEV_A ? 2 * log1p(l) : log1p(l * l);
}

/* Where two lines cross: ln mu_a + s g_a = ln mu_b + s g_b */
double sb_sobolev_flat(sb_sobolev convention, double a, double mu_a, double b, double mu_b)
{
    return log(mu_a / mu_b) / (slope(convention, b) - slope(convention, a));
}

/* ln max - ln min of the rates: convex in s, of straight pieces */
static double spread_at(sb_sobolev convention, size_t count, const double *l, const double *mu, double s)
{
    double most = -INFINITY, least = INFINITY;
    for (size_t k = 0; k < count; k++) {
        double rate = log(mu[k]) + s * slope(convention, l[k]);
        most = fmax(most, rate);
        least = fmin(least, rate);
    }
    return most - least;
}

static sb_status check(size_t count, const double *l, const double *mu)
{
    if (count < 2) return sb_fail(SB_ERR_INPUT, "%zu degrees: two have an order", count);
    for (size_t k = 0; k < count; k++) {
        if (!(l[k] >= 0 && isfinite(l[k]) && (k == 0 || l[k] > l[k - 1])))
            return sb_fail(SB_ERR_INPUT, "the degrees must ascend from 0: %g is number %zu", l[k], k + 1);
        if (!(mu[k] > 0 && isfinite(mu[k])))
            return sb_fail(SB_ERR_INPUT, "the eigenvalue of degree %g is %g: it is never learned", l[k], mu[k]);
    }
    return SB_OK;
}

/* The least spread is where two straight pieces meet, and those meet where two lines cross. */
sb_status sb_sobolev_flattest(sb_sobolev convention, size_t count, const double *l, const double *mu, double *s,
                              double *spread)
{
    sb_status status = check(count, l, mu);
    if (status != SB_OK) return status;
    double least = INFINITY;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            double order = sb_sobolev_flat(convention, l[i], mu[i], l[j], mu[j]);
            double here = spread_at(convention, count, l, mu, order);
            if (here >= least) continue;
            least = here;
            *s = order;
        }
    *spread = exp(least);
    return SB_OK;
}

/* All rates ascend if those of neighbours do. */
sb_status sb_sobolev_reversed(sb_sobolev convention, size_t count, const double *l, const double *mu, double *s)
{
    sb_status status = check(count, l, mu);
    if (status != SB_OK) return status;
    *s = -INFINITY;
    for (size_t k = 1; k < count; k++) *s = fmax(*s, sb_sobolev_flat(convention, l[k - 1], mu[k - 1], l[k], mu[k]));
    return SB_OK;
}
