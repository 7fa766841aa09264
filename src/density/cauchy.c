#include "density/density.h"

#include <math.h>

/* g / (pi (g^2 + w^2)) */
static double value(const sb_density_part *part, double w)
{
    double g = part->number[0], x = w / g;
    return 1 / (M_PI * g * (1 + x * x));
}

/* exp(-g |z|) */
static double characteristic(const sb_density_part *part, double z)
{
    return exp(-part->number[0] * fabs(z));
}

static double lack(const sb_density_part *part, double z)
{
    return -expm1(-part->number[0] * fabs(z));
}

/* (h/2 pi) sinh(g h) / (cosh(g h) - cos(h w)), in half angles so that nothing cancels or overflows */
static double aliased(const sb_density_part *part, double h, double w)
{
    double half = part->number[0] * h / 2, slope = tanh(half), s = sin(h * sb_density_fold(h, w) / 2) / cosh(half);
    return h / (2 * M_PI) * slope / (slope * slope + s * s);
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    return part->number[0] * tan(M_PI * (sb_rng_uniform(rng) - 0.5));
}

const sb_density_kind sb_density_kind_cauchy = {
    .name = "cauchy",
    .title = "cauchy(g): g / (pi (g^2 + w^2))",
    .usage = "cauchy(g)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .aliased = aliased,
    .sample = sample,
};
