#include "density/density.h"

#include <math.h>

static double value(const sb_density_part *part, double w)
{
    double B = part->number[0];
    return fabs(w) <= B ? 1 / (2 * B) : 0;
}

/* sin(B z) / (B z) */
static double characteristic(const sb_density_part *part, double z)
{
    return sb_sinc(part->number[0] * z);
}

static double lack(const sb_density_part *part, double z)
{
    return sb_lack_of_sinc(part->number[0] * z);
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    return part->number[0] * (2 * sb_rng_uniform(rng) - 1);
}

const sb_density_kind sb_density_kind_uniform = {
    .name = "uniform",
    .title = "uniform(B): constant on [-B, B]",
    .usage = "uniform(B)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .sample = sample,
    .edge = sb_density_last_number,
    .breaks = sb_density_number_breaks,
};
