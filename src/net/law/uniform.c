#include "net/law/law.h"

static double sample(sb_rng *rng)
{
    return 2 * sb_rng_uniform(rng) - 1;
}

static double density_abs(double r)
{
    (void)r;
    return 1;
}

const sb_law sb_law_uniform = {
    .name = "uniform",
    .title = "uniform on [-scale, scale]",
    .sample = sample,
    .second_moment = 1.0 / 3,
    .mean_abs = 0.5,
    .density_abs = density_abs,
    .max_abs = 1,
};
