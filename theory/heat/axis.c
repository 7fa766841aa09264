/* Linear finite elements on one axis. */
#include "theory/heat/parts.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* What an element [a, a + h] adds to the matrices, phi its two hat functions:
 *   M = h/6 [2 1; 1 2],   D_ij = int rho phi_i phi_j,   K = (int rho) / h^2 [1 -1; -1 1]. */
typedef struct element {
    double h, damp[3]; /* left-left, left-right, right-right */
    double slope;
    double highest, steepest; /* rho of both at the points of the quadrature, so that D <= highest M */
} element;

/* Three-point Gauss quadrature, exact for rho of degree 3 in D. */
static element element_on(const heat_range *range, double a, double b)
{
    static const double place[] = {-0.77459666924148338, 0, 0.77459666924148338};
    static const double weight[] = {5.0 / 18, 4.0 / 9, 5.0 / 18};
    element e = {.h = b - a};
    for (size_t g = 0; g < 3; g++) {
        double right = (1 + place[g]) / 2, left = 1 - right; /* the hat functions */
        double w = fabs(a + right * e.h), rho = sb_heat_rho(range, w), mass = weight[g] * e.h * rho;
        double slope = range->slope ? sb_heat_slope(range, w) : rho;
        e.damp[0] += mass * left * left;
        e.damp[1] += mass * left * right;
        e.damp[2] += mass * right * right;
        e.slope += weight[g] * e.h * slope / (e.h * e.h);
        e.highest = fmax(e.highest, rho);
        e.steepest = fmax(e.steepest, slope);
    }
    return e;
}

static sb_status axis_alloc(size_t n, heat_axis *axis)
{
    *axis = (heat_axis){.w = calloc(7 * n, sizeof(double))};
    if (!axis->w) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes", n);
    axis->mass = axis->w + n;
    axis->mass_off = axis->mass + n;
    axis->damp = axis->mass_off + n;
    axis->damp_off = axis->damp + n;
    axis->slope = axis->damp_off + n;
    axis->slope_off = axis->slope + n;
    return SB_OK;
}

/* Couples node i to node i + 1. */
static void add_element(heat_axis *axis, size_t i, const element *e)
{
    axis->mass[i] += e->h / 3;
    axis->mass_off[i] = e->h / 6;
    axis->mass[i + 1] += e->h / 3;
    axis->damp[i] += e->damp[0];
    axis->damp_off[i] = e->damp[1];
    axis->damp[i + 1] += e->damp[2];
    axis->slope[i] += e->slope;
    axis->slope_off[i] = -e->slope;
    axis->slope[i + 1] += e->slope;
    axis->highest = fmax(axis->highest, e->highest);
    axis->steepest = fmax(axis->steepest, 12 * e->steepest / (e->h * e->h));
}

sb_status sb_heat_axis_create(const heat_range *range, const heat_nodes *nodes, heat_axis *axis)
{
    sb_status status = axis_alloc(nodes->n, axis);
    if (status != SB_OK) return status;
    bool attached = false; /* node i to what is left of it, as number n - 1 */
    axis->tolerance = nodes->tolerance;
    for (size_t i = 0; i + 1 < nodes->n; i++) {
        element e = element_on(range, nodes->w[i], nodes->w[i + 1]);
        if (e.highest > DBL_MIN) {
            if (!attached) axis->w[axis->n++] = nodes->w[i];
            axis->w[axis->n++] = nodes->w[i + 1];
            add_element(axis, axis->n - 2, &e);
        }
        attached = e.highest > DBL_MIN;
    }
    return SB_OK;
}

void sb_heat_axis_clear(heat_axis *axis)
{
    free(axis->w);
    *axis = (heat_axis){0};
}

size_t sb_heat_axis_at(const heat_axis *axis, double w)
{
    size_t low = 0, high = axis->n; /* the first node that is not below w - tolerance */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (axis->w[middle] < w - axis->tolerance)
            low = middle + 1;
        else
            high = middle;
    }
    return low < axis->n && axis->w[low] <= w + axis->tolerance ? low : SB_NOWHERE;
}

void sb_heat_multiply(size_t n, const double *diagonal, const double *off, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = diagonal[i] * x[i];
        if (i > 0) y[i] += off[i - 1] * x[i - 1];
        if (i + 1 < n) y[i] += off[i] * x[i + 1];
    }
}

void sb_heat_factor(size_t n, const double *diagonal, const double *off, double *pivot, double *lower)
{
    pivot[0] = diagonal[0];
    for (size_t i = 1; i < n; i++) {
        lower[i - 1] = off[i - 1] / pivot[i - 1];
        pivot[i] = diagonal[i] - off[i - 1] * lower[i - 1];
    }
}

void sb_heat_back(size_t n, const double *pivot, const double *lower, double *x)
{
    for (size_t i = 1; i < n; i++) x[i] -= lower[i - 1] * x[i - 1];
    for (size_t i = n; i-- > 0;) x[i] = x[i] / pivot[i] - (i + 1 < n ? lower[i] * x[i + 1] : 0);
}
