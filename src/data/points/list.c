#include "data/points/points.h"

static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    for (size_t i = 0; i < spec->n * spec->dim; i++) {
        double x = spec->x[i];
        if (!(x >= spec->a && x <= spec->b))
            return sb_fail(SB_ERR_INPUT, "data.x: the point %g lies outside the domain [%g, %g]", x, spec->a, spec->b);
        problem->x[i] = x;
    }
    sb_points_scattered(problem);
    return SB_OK;
}

const sb_points sb_points_list = {.name = "list", .title = "the points of data.x, equal weights", .fill = fill};
