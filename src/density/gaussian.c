#include "density/density.h"

#include <math.h>

static double value(const sb_density_part *part, double w)
{
    return sb_normal(part->number[0], w);
}

/* exp(-(sd z)^2 / 2) */
static double characteristic(const sb_density_part *part, double z)
{
    double x = part->number[0] * z;
    return exp(-0.5 * x * x);
}

static double lack(const sb_density_part *part, double z)
{
    double x = part->number[0] * z;
    return -expm1(-0.5 * x * x);
}

static double aliased(const sb_density_part *part, double h, double w)
{
    return sb_normal_aliased(part->number[0], h, w);
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    return part->number[0] * sb_rng_normal(rng);
}

const sb_density_kind sb_density_kind_gaussian = {
    .name = "gaussian",
    .title = "gaussian(sd): normal of this standard deviation",
    .usage = "gaussian(sd)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .aliased = aliased,
    .sample = sample,
};
