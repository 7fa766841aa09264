#include <string.h>

#include "data/points/points.h"

/* x_i = x_0 + i h; the ends of a closed grid carry half a cell, as in the trapezoidal rule */
static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    size_t n = spec->n;
    bool closed = strcmp(spec->layout, "endpoints") == 0, middle = strcmp(spec->layout, "midpoint") == 0;
    if (closed && n < 2) return sb_fail(SB_ERR_INPUT, "a grid with both ends needs at least two points");
    double cells = closed ? (double)(n - 1) : (double)n, h = (spec->b - spec->a) / cells;
    for (size_t i = 0; i < n; i++) {
        problem->x[i] = spec->a + (spec->b - spec->a) * ((double)i + (middle ? 0.5 : 0)) / cells;
        problem->q[i] = closed && (i == 0 || i == n - 1) ? h / 2 : h;
    }
    problem->uniform = true;
    problem->spacing = h;
    return SB_OK;
}

const sb_points sb_points_uniform = {.name = "uniform", .title = "uniform grid of n points on [a, b]", .fill = fill};
