#include <math.h>

#include "data/points/points.h"

/* x_i = (a + b)/2 - (b - a)/2 cos(pi (i + 1/2) / n) */
static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    if (spec->dim != 1) return sb_fail(SB_ERR_INPUT, "Chebyshev points need one dimension");
    for (size_t i = 0; i < spec->n; i++) {
        double angle = M_PI * ((double)i + 0.5) / (double)spec->n;
        problem->x[i] = (spec->a + spec->b - (spec->b - spec->a) * cos(angle)) / 2;
    }
    sb_points_scattered(problem);
    return SB_OK;
}

const sb_points sb_points_chebyshev = {
    .name = "chebyshev", .title = "the n zeros of a Chebyshev polynomial on [a, b]", .fill = fill};
