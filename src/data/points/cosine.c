#include <math.h>

#include <specbias/rng.h>

#include "data/points/points.h"

/* theta + rho sin theta = mass, by Newton's method with bisection to fall back on */
static double angle_below(double mass, double rho)
{
    double low = 0, high = 2 * M_PI, theta = mass;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double missing = mass - theta - rho * sin(theta);
        if (fabs(missing) <= 1e-15 * mass) break;
        if (missing > 0)
            low = theta;
        else
            high = theta;
        theta += missing / (1 + rho * cos(theta));
        if (!(theta > low && theta < high)) theta = 0.5 * (low + high);
    }
    return theta;
}

/* The theta with probability u below, u drawn for each point, or without a seed the middle of its share. */
static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    if (spec->dim != 1) return sb_fail(SB_ERR_INPUT, "points of density 1 + rho cos need one dimension");
    if (!(fabs(spec->rho) <= 1)) return sb_fail(SB_ERR_INPUT, "a density 1 + rho cos needs |rho| <= 1");
    for (size_t i = 0; i < spec->n; i++) {
        sb_rng rng = sb_rng_at(spec->seed, SB_STREAM_DATA, i);
        double u = spec->seed > 0 ? sb_rng_uniform(&rng) : ((double)i + 0.5) / (double)spec->n;
        problem->x[i] = spec->a + (spec->b - spec->a) * angle_below(2 * M_PI * u, spec->rho) / (2 * M_PI);
    }
    sb_points_scattered(problem);
    return SB_OK;
}

const sb_points sb_points_cosine = {
    .name = "cosine",
    .title = "n random points of density 1 + rho cos(2 pi (x - a) / (b - a)); seed 0: its quantiles",
    .fill = fill,
};
