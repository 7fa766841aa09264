#include <specbias/rng.h>

#include "data/points/points.h"

static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    for (size_t i = 0; i < spec->n; i++) {
        sb_rng rng = sb_rng_at(spec->seed, SB_STREAM_DATA, i);
        for (size_t d = 0; d < spec->dim; d++)
            problem->x[i * spec->dim + d] = spec->a + (spec->b - spec->a) * sb_rng_uniform(&rng);
    }
    sb_points_scattered(problem);
    return SB_OK;
}

const sb_points sb_points_random = {
    .name = "random", .title = "n independent uniform points on [a, b]^dimension", .fill = fill};
