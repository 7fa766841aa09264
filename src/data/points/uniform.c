#include <math.h>
#include <string.h>

#include "data/points/points.h"

static size_t count(const sb_points_spec *spec)
{
    double all = pow((double)spec->n, (double)spec->dim);
    return all < 1e9 ? (size_t)all : 1000000000;
}

/* x_i = x_0 + i h on each axis; the ends of a closed grid carry half a cell, as in the trapezoidal rule */
static sb_status fill(const sb_points_spec *spec, sb_problem *problem)
{
    size_t n = spec->n, dim = spec->dim;
    bool closed = strcmp(spec->layout, "endpoints") == 0, middle = strcmp(spec->layout, "midpoint") == 0;
    if (closed && n < 2) return sb_fail(SB_ERR_INPUT, "a grid with both ends needs at least two points");
    double cells = closed ? (double)(n - 1) : (double)n, h = (spec->b - spec->a) / cells;
    for (size_t i = 0; i < problem->n; i++) {
        problem->q[i] = 1;
        for (size_t d = dim, rest = i; d-- > 0; rest /= n) { /* the last axis runs fastest */
            size_t place = rest % n;
            problem->x[i * dim + d] = spec->a + (spec->b - spec->a) * ((double)place + (middle ? 0.5 : 0)) / cells;
            problem->q[i] *= closed && (place == 0 || place == n - 1) ? h / 2 : h;
        }
    }
    problem->uniform = true;
    problem->spacing = h;
    return SB_OK;
}

const sb_points sb_points_uniform = {
    .name = "uniform", .title = "uniform grid of n points on [a, b], on each axis", .count = count, .fill = fill};
