#include <specbias/net.h>

#include <math.h>

#include <gsl/gsl_sf_expint.h>

static double sample(sb_rng *rng)
{
    return 2 * sb_rng_uniform(rng) - 1;
}

static double density_abs(double r)
{
    (void)r;
    return 1;
}

static double quantile_abs(double p)
{
    return p;
}

/* int_0^1 r sin(r t) dr = (sin t - t cos t) / t^2; below 1 by sum_k (-1)^k t^(2 k + 1) / ((2 k + 1)! (2 k + 3)) */
static double first_wave(double t)
{
    double term = t, sum = 0;
    if (fabs(t) > 1) return (sin(t) / t - cos(t)) / t;
    for (int k = 0; k < 10; k++) {
        sum += term / (2 * k + 3);
        term *= -t * t / ((2 * k + 2) * (2 * k + 3));
    }
    return sum;
}

/* Of r on (0, 1); Si(t) is the integral of sin v / v, pi/2 - cos t / t + .. for large t. */
static void wave(double t, sb_wave *wave)
{
    wave->mean = t == 0 ? 1 : sin(t) / t;
    wave->first = first_wave(t);
    wave->second = t == 0 ? 1. / 3 : wave->mean - 2 * wave->first / t;
    wave->area = fabs(t) < 1e17 ? gsl_sf_Si(t) : copysign(M_PI / 2, t);
    wave->moment = t * t * wave->first;
}

const sb_law sb_law_uniform = {
    .name = "uniform",
    .title = "uniform on [-scale, scale]",
    .sample = sample,
    .second_moment = 1.0 / 3,
    .density_abs = density_abs,
    .max_abs = 1,
    .quantile_abs = quantile_abs,
    .wave = wave,
};
