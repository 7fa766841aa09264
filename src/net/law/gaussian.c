#include "net/law/law.h"

#include <math.h>

static double density_abs(double r)
{
    return sqrt(2 / M_PI) * exp(-0.5 * r * r);
}

const sb_law sb_law_gaussian = {
    .name = "gaussian",
    .title = "normal, standard deviation = scale",
    .sample = sb_rng_normal,
    .second_moment = 1,
    .mean_abs = 0.797884560802865356, /* sqrt(2 / pi) */
    .density_abs = density_abs,
    .max_abs = 9,
};
