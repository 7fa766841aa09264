#include "density/density.h"

#include <math.h>

/* (1 - |w|/B) / B; the kink at 0 is no break, as only w > 0 are */
static double value(const sb_density_part *part, double w)
{
    double B = part->number[0];
    return fmax(0, (1 - fabs(w) / B) / B);
}

/* That of the sum of two frequencies, each uniform on [-B/2, B/2]. */
static double characteristic(const sb_density_part *part, double z)
{
    double one = sb_sinc(part->number[0] * z / 2);
    return one * one;
}

static double lack(const sb_density_part *part, double z)
{
    double one = sb_lack_of_sinc(part->number[0] * z / 2);
    return sb_lack_of_both(one, one);
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    double one = sb_rng_uniform(rng), other = sb_rng_uniform(rng);
    return part->number[0] * (one + other - 1);
}

const sb_density_kind sb_density_kind_triangular = {
    .name = "triangular",
    .title = "triangular(B): (1 - |w|/B) / B on [-B, B]",
    .usage = "triangular(B)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .sample = sample,
    .edge = sb_density_last_number,
    .breaks = sb_density_number_breaks,
};
