#include <specbias/net.h>

#include <math.h>

#include <gsl/gsl_cdf.h>

static double density_abs(double r)
{
    return sqrt(2 / M_PI) * exp(-0.5 * r * r);
}

/* P(|r| < x) = 2 Phi(x) - 1 */
static double quantile_abs(double p)
{
    return gsl_cdf_ugaussian_Pinv((1 + p) / 2);
}

static void wave(double t, sb_wave *wave)
{
    wave->mean = exp(-0.5 * t * t);
    wave->first = t * wave->mean;
    wave->second = (1 - t * t) * wave->mean;
    wave->area = sqrt(M_PI / 2) * erf(t * M_SQRT1_2);
    wave->moment = wave->area - wave->first;
}

const sb_law sb_law_gaussian = {
    .name = "gaussian",
    .title = "normal, standard deviation = scale",
    .sample = sb_rng_normal,
    .second_moment = 1,
    .density_abs = density_abs,
    .max_abs = 37,
    .quantile_abs = quantile_abs,
    .wave = wave,
};
