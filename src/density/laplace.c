#include "density/density.h"

#include <math.h>

/* exp(-|w|/b) / (2 b); the kink at 0 is no break, as only w > 0 are */
static double value(const sb_density_part *part, double w)
{
    double b = part->number[0];
    return exp(-fabs(w) / b) / (2 * b);
}

/* 1 / (1 + (b z)^2) */
static double characteristic(const sb_density_part *part, double z)
{
    double x = part->number[0] * z;
    return 1 / (1 + x * x);
}

static double lack(const sb_density_part *part, double z)
{
    double x = part->number[0] * z;
    return x / (1 / x + x);
}

/* Geometric series to both sides: [exp(-w/b) + exp(-(P - w)/b)] / (2 b [1 - exp(-P/b)]), P = 2 pi / h, 0 <= w <= P */
static double aliased(const sb_density_part *part, double h, double w)
{
    double b = part->number[0], period = 2 * M_PI / h, right = fabs(sb_density_fold(h, w));
    return (exp(-right / b) + exp(-(period - right) / b)) / (-2 * b * expm1(-period / b));
}

static double sample(const sb_density_part *part, sb_rng *rng)
{
    double size = -part->number[0] * log(sb_rng_uniform(rng));
    return sb_rng_sign(rng) * size;
}

const sb_density_kind sb_density_kind_laplace = {
    .name = "laplace",
    .title = "laplace(scale): exp(-|w|/scale) / (2 scale)",
    .usage = "laplace(scale)",
    .numbers = 1,
    .value = value,
    .characteristic = characteristic,
    .lack = lack,
    .aliased = aliased,
    .sample = sample,
};
