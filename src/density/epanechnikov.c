#include "density/density.h"

#include <math.h>

/* 3/(4B) (1 - (w/B)^2) */
static double value(const sb_density_part *part, double w)
{
    double B = part->number[0], x = w / B;
    return fabs(x) < 1 ? 0.75 / B * (1 - x) * (1 + x) : 0;
}

static double characteristic(const sb_density_part *part, double z)
{
    return sb_sphere(part->number[0] * z);
}

static double lack(const sb_density_part *part, double z)
{
    return sb_lack_of_sphere(part->number[0] * z);
}

/* P(w <= x B) = u, that is x^3 - 3 x + 4 u - 2 = 0, has the root x = 2 sin(asin(2u - 1) / 3) in [-1, 1]. */
static double sample(const sb_density_part *part, sb_rng *rng)
{
    return part->number[0] * 2 * sin(asin(2 * sb_rng_uniform(rng) - 1) / 3);
}

const sb_density_kind sb_density_kind_epanechnikov = {
    .name = "epanechnikov",
    .title = "epanechnikov(B): 3/(4B) (1 - (w/B)^2) on [-B, B]",
    .usage = "epanechnikov(B)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .sample = sample,
    .edge = sb_density_last_number,
    .breaks = sb_density_number_breaks,
};
