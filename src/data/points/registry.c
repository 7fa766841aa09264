#include <math.h>
#include <stdlib.h>

#include "core/registry.h"
#include "data/points/points.h"

static const sb_points *const list[] = {
#define POINTS(name) &sb_points_##name,
#include "data/points/list.def"
#undef POINTS
    NULL,
};

SB_REGISTRY(sb_points)

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void sb_points_scattered(sb_problem *problem)
{
    qsort(problem->x, problem->n, sizeof *problem->x, ascending);
    for (size_t i = 0; i < problem->n; i++) problem->q[i] = (problem->b - problem->a) / (double)problem->n;
}

sb_status sb_points_make(const sb_points *points, const sb_points_spec *spec, sb_problem *problem)
{
    if (spec->n == 0) return sb_fail(SB_ERR_INPUT, "there are no data points");
    if (!(spec->a < spec->b)) return sb_fail(SB_ERR_INPUT, "the domain [%g, %g] is empty", spec->a, spec->b);
    sb_status status = sb_problem_init(problem, spec->n, 1, spec->a, spec->b);
    if (status == SB_OK) status = points->fill(spec, problem);
    if (status != SB_OK) return status;
    problem->min_gap = spec->b - spec->a;
    for (size_t i = 1; i < problem->n; i++) {
        double gap = problem->x[i] - problem->x[i - 1];
        if (gap > 0)
            problem->min_gap = fmin(problem->min_gap, gap);
        else
            problem->coincident++;
    }
    return SB_OK;
}
