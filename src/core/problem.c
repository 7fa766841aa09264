#include <specbias/problem.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

sb_status sb_problem_init(sb_problem *problem, size_t n, size_t dim, double a, double b)
{
    *problem = (sb_problem){.n = n, .dim = dim, .a = a, .b = b, .grid.dim = dim};
    problem->x = calloc(n * dim, sizeof(double));
    problem->y = calloc(n, sizeof(double));
    problem->q = calloc(n, sizeof(double));
    problem->c = calloc(n, sizeof(double));
    if (!problem->x || !problem->y || !problem->q || !problem->c) {
        sb_problem_clear(problem);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu data points", n);
    }
    for (size_t i = 0; i < n; i++) problem->c[i] = 1.0 / (double)n;
    return SB_OK;
}

sb_status sb_problem_set_grid(sb_problem *problem, size_t n, const double *xi, const double *label, const char *unit)
{
    sb_grid *grid = &problem->grid;
    free(grid->xi);
    free(grid->label);
    free(problem->target);
    free(problem->floor);
    grid->n = n;
    grid->xi = calloc(n * grid->dim, sizeof(double));
    grid->label = calloc(n, sizeof(double));
    problem->target = calloc(n, sizeof(double complex));
    problem->floor = calloc(n, sizeof(double));
    if (!grid->xi || !grid->label || !problem->target || !problem->floor)
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", n);
    memcpy(grid->xi, xi, n * grid->dim * sizeof *xi);
    memcpy(grid->label, label, n * sizeof *label);
    sb_format(grid->unit, sizeof grid->unit, "%s", unit);
    return SB_OK;
}

size_t sb_log_steps(size_t last, size_t records, double *step)
{
    size_t count = 1;
    step[0] = 0;
    for (size_t i = 0; i < records; i++) {
        double part = records > 1 ? (double)i / (double)(records - 1) : 1;
        double next = round(pow((double)last, part));
        if (next > step[count - 1]) step[count++] = next;
    }
    return count;
}

sb_status sb_problem_set_times(sb_problem *problem, double eta, size_t steps, size_t records)
{
    if (steps < 1 || records < 1) return sb_fail(SB_ERR_INPUT, "training needs at least one step and one record");
    free(problem->step);
    free(problem->t);
    problem->eta = eta;
    problem->nt = 0;
    problem->step = calloc(records + 2, sizeof(double));
    problem->t = calloc(records + 2, sizeof(double));
    if (!problem->step || !problem->t) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", records);
    problem->nt = sb_log_steps(steps, records, problem->step);
    for (size_t i = 0; i < problem->nt; i++) problem->t[i] = eta * problem->step[i];
    return SB_OK;
}

double sb_problem_side(const sb_problem *problem)
{
    if (!problem->uniform) return problem->b - problem->a;
    return problem->spacing * round(pow((double)problem->n, 1 / (double)problem->dim));
}

double sb_grid_size(const sb_grid *grid, size_t k)
{
    double square = 0;
    if (grid->dim == 1) return grid->xi[k];
    for (size_t d = 0; d < grid->dim; d++) square += grid->xi[k * grid->dim + d] * grid->xi[k * grid->dim + d];
    return sqrt(square);
}

void sb_problem_clear(sb_problem *problem)
{
    free(problem->x);
    free(problem->y);
    free(problem->q);
    free(problem->c);
    free(problem->grid.xi);
    free(problem->grid.label);
    free(problem->target);
    free(problem->floor);
    free(problem->step);
    free(problem->t);
    *problem = (sb_problem){0};
}
