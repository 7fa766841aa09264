#include "density/density.h"

#include <math.h>

static sb_status check(const sb_density_part *part)
{
    double a = part->number[0], b = part->number[1];
    if (!(a >= 0 && b > a && b <= SB_DENSITY_LARGEST))
        return sb_fail(SB_ERR_INPUT, "band(a, b) with a = %g, b = %g: wants 0 <= a < b, at most %g", a, b,
                       SB_DENSITY_LARGEST);
    return SB_OK;
}

static double value(const sb_density_part *part, double w)
{
    double a = part->number[0], b = part->number[1];
    return fabs(w) >= a && fabs(w) <= b ? 1 / (2 * (b - a)) : 0;
}

/* (sin b z - sin a z) / ((b - a) z) = cos(middle z) sinc(half z) */
static double characteristic(const sb_density_part *part, double z)
{
    double middle = (part->number[0] + part->number[1]) / 2, half = (part->number[1] - part->number[0]) / 2;
    return cos(middle * z) * sb_sinc(half * z);
}

static double lack(const sb_density_part *part, double z)
{
    double middle = (part->number[0] + part->number[1]) / 2, half = (part->number[1] - part->number[0]) / 2;
    return sb_lack_of_both(sb_lack_of_cosine(middle * z), sb_lack_of_sinc(half * z));
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    double size = part->number[0] + (part->number[1] - part->number[0]) * sb_rng_uniform(rng);
    return sb_rng_sign(rng) * size;
}

const sb_density_kind sb_density_kind_band = {
    .name = "band",
    .title = "band(a, b): constant on a <= |w| <= b",
    .usage = "band(a, b)",
    .numbers = 2,
    .check = check,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .sample = sample,
    .edge = sb_density_last_number,
    .breaks = sb_density_number_breaks,
};
