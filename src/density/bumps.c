#include "density/density.h"

#include <math.h>

static sb_status check(const sb_density_part *part)
{
    double centre = part->number[0], sd = part->number[1];
    if (!(centre >= 0 && centre <= SB_DENSITY_LARGEST))
        return sb_fail(SB_ERR_INPUT, "bumps(centre, sd) with centre = %g: must not be negative, at most %g", centre,
                       SB_DENSITY_LARGEST);
    if (!(sd > 0 && sd <= SB_DENSITY_LARGEST))
        return sb_fail(SB_ERR_INPUT, "bumps(centre, sd) with sd = %g: must be positive, at most %g", sd,
                       SB_DENSITY_LARGEST);
    return SB_OK;
}

/* [N(w - centre) + N(w + centre)] / 2 */
static double value(const sb_density_part *part, double w)
{
    double centre = part->number[0], sd = part->number[1];
    return (sb_normal(sd, w - centre) + sb_normal(sd, w + centre)) / 2;
}

/* cos(centre z) exp(-(sd z)^2 / 2) */
static double characteristic(const sb_density_part *part, double z)
{
    double x = part->number[1] * z;
    return cos(part->number[0] * z) * exp(-0.5 * x * x);
}

static double lack(const sb_density_part *part, double z)
{
    double x = part->number[1] * z;
    return sb_lack_of_both(sb_lack_of_cosine(part->number[0] * z), -expm1(-0.5 * x * x));
}

static double aliased(const sb_density_part *part, double h, double w)
{
    double centre = part->number[0], sd = part->number[1];
    return (sb_normal_aliased(sd, h, w - centre) + sb_normal_aliased(sd, h, w + centre)) / 2;
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    double centre = sb_rng_sign(rng) * part->number[0];
    return centre + part->number[1] * sb_rng_normal(rng);
}

const sb_density_kind sb_density_kind_bumps = {
    .name = "bumps",
    .title = "bumps(centre, sd): two normals, around centre and -centre",
    .usage = "bumps(centre, sd)",
    .numbers = 2,
    .check = check,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .aliased = aliased,
    .sample = sample,
};
