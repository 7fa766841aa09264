#include "density/density.h"

#include <math.h>

#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_zeta.h>

/* Below, samples leave the range of doubles; above, a Gaussian of deviation a / sqrt(nu) does as well. */
#define NU_LEAST 0.1
#define NU_MOST 100

static sb_status check(const sb_density_part *part)
{
    double a = part->number[0], nu = part->number[1];
    if (!(a > 0 && a <= SB_DENSITY_LARGEST))
        return sb_fail(SB_ERR_INPUT, "student(a, nu) with a = %g: must be positive, at most %g", a, SB_DENSITY_LARGEST);
    if (!(nu > 0)) return sb_fail(SB_ERR_INPUT, "student(a, nu) with nu = %g: not integrable; nu must be positive", nu);
    if (nu < NU_LEAST || nu > NU_MOST)
        return sb_fail(SB_ERR_INPUT, "student(a, nu) with nu = %g: must lie in [%g, %d]", nu, NU_LEAST, NU_MOST);
    return SB_OK;
}

/* Gamma((nu+1)/2) / (a sqrt(pi) Gamma(nu/2)) */
static double peak(double a, double nu)
{
    return tgamma((nu + 1) / 2) / (a * sqrt(M_PI) * tgamma(nu / 2));
}

/* (1 + (w/a)^2)^(-(nu+1)/2), that is rho(w) / rho(0) */
static double shape(double a, double nu, double w)
{
    double x = w / a;
    return exp(-0.5 * (nu + 1) * log1p(x * x));
}

static double value(const sb_density_part *part, double w)
{
    double a = part->number[0], nu = part->number[1];
    return peak(a, nu) * shape(a, nu, w);
}

/* 2^(1-mu) / Gamma(mu) x^mu K_mu(x), mu = nu/2, x = a |z|: Whittle and Matern.
 * GSL's error handler, which may end the program, is out of reach: ln K_mu(x) is finite for all 0 < x < 1e300. */
static double characteristic(const sb_density_part *part, double z)
{
    double mu = part->number[1] / 2, x = part->number[0] * fabs(z);
    if (x < (mu > 1 ? 1e-8 : 1e-300)) return 1; /* 1 - phi ~ x^2, or x^(2 mu) when mu < 1 */
    if (x > 1e6) return 0;                      /* ~ exp(-x) */
    gsl_sf_result bessel;
    gsl_sf_bessel_lnKnu_e(mu, x, &bessel);
    return 2 / tgamma(mu) * exp(mu * log(x / 2) + bessel.val);
}

/* 1 - phi_mu, phi_mu as above. K_(mu+1) = K_(mu-1) + 2 mu / x K_mu adds positive terms until mu is large,
 *     1 - phi_mu = (1 - phi_(mu+1)) + 2 / Gamma(mu + 1) (x/2)^(mu+1) K_(mu-1)(x),
 * where x^2 / 4 (mu - 1) - .. is exact to x^(2 mu) / (mu! (mu - 1)!). */
static double lack(const sb_density_part *part, double z)
{
    double mu = part->number[1] / 2, x = part->number[0] * fabs(z), phi = characteristic(part, z), sum = 0, term = -1;
    if (phi < 0.9 || x == 0) return 1 - phi;
    for (; mu < 12; mu++) {
        gsl_sf_result bessel;
        gsl_sf_bessel_lnKnu_e(fabs(mu - 1), x, &bessel);
        sum += 2 / tgamma(mu + 1) * exp((mu + 1) * log(x / 2) + bessel.val);
    }
    for (int k = 1; k < 12; k++) sum += term *= -x * x / (4 * k * (mu - k));
    return sum;
}

/* zeta(s, q) = sum_k>=0 (k + q)^-s; GSL calls its error handler on underflow, where nothing is left to add. */
static double zeta(double s, double q)
{
    gsl_sf_result sum;
    if (s * log(q) > 700) return 0;
    gsl_sf_hzeta_e(s, q, &sum);
    return sum.val;
}

/* sum_k>=first shape(w + k P) + shape(w - k P) for copies far out, where with r = a/P, q = first +- w/P
 *     shape = sum_m binom(-s/2, m) |a / w|^(s + 2m),  s = nu + 1,  and so  sum_k = sum_m binom(-s/2, m) r^(s+2m)
 * zeta(s+2m, q). Each term is at most 1/40 of the one before. */
static double far_copies(double a, double nu, double period, double w, double first)
{
    double s = nu + 1, ratio = a / period, factor = pow(ratio, s), sum = 0;
    for (int m = 0; m < 40; m++) {
        double term = factor * (zeta(s + 2 * m, first + w / period) + zeta(s + 2 * m, first - w / period));
        sum += term;
        if (fabs(term) <= 1e-18 * fabs(sum)) break;
        factor *= -(s / 2 + m) / (m + 1) * ratio * ratio;
    }
    return sum;
}

/* (h/2 pi) sum_j phi(j h) cos(j h w), the same as the copies by Poisson's sum; for phi that falls fast from each j to
 * the next */
static double poisson(const sb_density_part *part, double h, double w)
{
    double sum = 1, phi = 1;
    for (double j = 1; fabs(phi) > 1e-18; j++) {
        phi = characteristic(part, j * h);
        sum += 2 * phi * cos(j * h * w);
    }
    return h / (2 * M_PI) * sum;
}

/* The nearest copies one by one and the others by their expansion, or, when they overlap so much that they hardly vary,
 * Poisson's sum, whose terms fall like exp(-a h j). */
static double aliased(const sb_density_part *part, double h, double w)
{
    double a = part->number[0], nu = part->number[1], period = 2 * M_PI / h, folded = sb_density_fold(h, w);
    if (a * h > 20) return poisson(part, h, folded);
    double first = ceil(a * h) + 2, sum = far_copies(a, nu, period, folded, first);
    for (double k = first - 1; k >= 1; k--)
        sum += shape(a, nu, folded + k * period) + shape(a, nu, folded - k * period);
    return peak(a, nu) * (sum + shape(a, nu, folded));
}

/* a sqrt(U^(-2/nu) - 1) cos(2 pi V): Bailey, Polar generation of random variates with the t-distribution (1994) */
static double sample(const sb_density_part *part, sb_rng *rng)
{
    double x = -2 / part->number[1] * log(sb_rng_uniform(rng));
    double radius = exp(x / 2) * sqrt(-expm1(-x)); /* sqrt(e^x - 1) would overflow first */
    return part->number[0] * radius * cos(2 * M_PI * sb_rng_uniform(rng));
}

const sb_density_kind sb_density_kind_student = {
    .name = "student",
    .title = "student(a, nu): proportional to (1 + (w/a)^2)^(-(nu+1)/2)",
    .usage = "student(a, nu)",
    .numbers = 2,
    .check = check,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .aliased = aliased,
    .sample = sample,
};
