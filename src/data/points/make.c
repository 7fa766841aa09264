#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "data/points/points.h"

void sb_points_scattered(sb_problem *problem)
{
    double volume = pow(problem->b - problem->a, (double)problem->dim);
    if (problem->dim == 1) gsl_sort(problem->x, 1, problem->n);
    for (size_t i = 0; i < problem->n; i++) problem->q[i] = volume / (double)problem->n;
}

void sb_voronoi_weights(size_t n, const double *x, double a, double b, bool periodic, double *q)
{
    for (size_t i = 0; i < n; i++) {
        double left = i > 0 ? x[i - 1] : periodic ? x[n - 1] - (b - a) : 2 * a - x[0];
        double right = i + 1 < n ? x[i + 1] : periodic ? x[0] + (b - a) : 2 * b - x[n - 1];
        q[i] = 0.5 * (right - left);
    }
}

static sb_status reweigh(const sb_points_spec *spec, sb_problem *problem)
{
    bool exact = strcmp(spec->weights, "exact") == 0, circle = exact || strcmp(spec->weights, "periodic") == 0;
    if (!circle && strcmp(spec->weights, "voronoi") != 0)
        return sb_fail(SB_ERR_INPUT, "there are no weights of points called \"%s\"", spec->weights);
    if (problem->dim > 1) return sb_fail(SB_ERR_INPUT, "weights of cells need points in one dimension");
    sb_voronoi_weights(problem->n, problem->x, problem->a, problem->b, circle, problem->q);
    if (!exact) return SB_OK;
    return sb_circle_exact_weights(problem->n, problem->x, problem->b - problem->a, spec->degree, problem->q, NULL);
}

static double distance(const sb_problem *problem, size_t i, size_t j)
{
    double sum = 0;
    for (size_t d = 0; d < problem->dim; d++) {
        double apart = problem->x[i * problem->dim + d] - problem->x[j * problem->dim + d];
        sum += apart * apart;
    }
    return sqrt(sum);
}

/* The smallest distance of two distinct points, and how many lie on another. In one dimension neighbours are enough. */
static void measure_gaps(sb_problem *problem)
{
    problem->min_gap = problem->b - problem->a;
    for (size_t i = 1; i < problem->n; i++) {
        double nearest = INFINITY;
        for (size_t j = problem->dim == 1 ? i - 1 : 0; j < i; j++) nearest = fmin(nearest, distance(problem, i, j));
        if (nearest > 0)
            problem->min_gap = fmin(problem->min_gap, nearest);
        else
            problem->coincident++;
    }
}

sb_status sb_points_make(const sb_points *points, const sb_points_spec *spec, sb_problem *problem)
{
    size_t n = points->count ? points->count(spec) : spec->n;
    if (n == 0) return sb_fail(SB_ERR_INPUT, "there are no data points");
    if (n > 20000) return sb_fail(SB_ERR_INPUT, "more than 20000 data points (data.n on each of %zu axes)", spec->dim);
    if (!(spec->a < spec->b)) return sb_fail(SB_ERR_INPUT, "the domain [%g, %g] is empty", spec->a, spec->b);
    sb_status status = sb_problem_init(problem, n, spec->dim, spec->a, spec->b);
    if (status == SB_OK) status = points->fill(spec, problem);
    if (status == SB_OK && spec->weights) status = reweigh(spec, problem);
    if (status != SB_OK) return status;
    if (problem->uniform)
        problem->min_gap = n > 1 ? problem->spacing : spec->b - spec->a;
    else
        measure_gaps(problem);
    return SB_OK;
}
