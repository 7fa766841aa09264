/* Areas of Voronoi cells on the sphere: the cell of p is what is left of a hemisphere after every other point q has cut
 * away the half that is nearer to it, {v: v . (p - q) < 0}. Nearest points first, and no more once they are too far to
 * reach the cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include <specbias/dataset.h>

#include "core/parallel.h"

#define MOST_CORNERS 256

typedef struct cell {
    size_t n;
    double corner[MOST_CORNERS][3]; /* directions, in order around the cell */
} cell;

typedef struct task {
    size_t n;
    const double *x;
    double *area;
} task;

static double dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double *a, const double *b, double *c)
{
    for (size_t d = 0; d < 3; d++) c[d] = a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3];
}

static void normalise(double *v)
{
    double size = sqrt(dot(v, v));
    for (size_t d = 0; d < 3; d++) v[d] /= size;
}

/* A square that is nearly the hemisphere around p: corners at p + far (+-e1 +-e2). */
static void start_cell(const double *p, cell *c)
{
    static const double sign[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    const double far = 1e4;
    size_t least = fabs(p[0]) < fabs(p[1]) ? 0 : 1;
    double axis[3] = {0}, e1[3], e2[3];
    if (fabs(p[2]) < fabs(p[least])) least = 2;
    axis[least] = 1;
    cross(p, axis, e1);
    normalise(e1);
    cross(p, e1, e2);
    c->n = 4;
    for (size_t i = 0; i < 4; i++) {
        for (size_t d = 0; d < 3; d++) c->corner[i][d] = p[d] + far * (sign[i][0] * e1[d] + sign[i][1] * e2[d]);
        normalise(c->corner[i]);
    }
}

static void add_corner(const double *v, cell *c)
{
    memcpy(c->corner[c->n++], v, sizeof c->corner[0]);
}

/* Keeps the side normal . v >= 0; where an edge crosses over, its point there is a new corner. */
static void cut(const double *normal, cell *c)
{
    cell old = *c;
    c->n = 0;
    for (size_t i = 0; i < old.n; i++) {
        const double *v = old.corner[i], *w = old.corner[(i + 1) % old.n];
        double here = dot(normal, v), there = dot(normal, w), edge[3];
        if (here >= 0) add_corner(v, c);
        if ((here >= 0) == (there >= 0)) continue;
        for (size_t d = 0; d < 3; d++) edge[d] = (v[d] * there - w[d] * here) / (there - here);
        normalise(edge);
        add_corner(edge, c);
    }
}

/* Solid angle of the triangle: tan(area / 2) = |a . b x c| / (1 + a.b + b.c + c.a) (Van Oosterom and Strackee 1983) */
static double triangle(const double *a, const double *b, const double *c)
{
    double normal[3];
    cross(b, c, normal);
    return 2 * atan2(fabs(dot(a, normal)), 1 + dot(a, b) + dot(b, c) + dot(c, a));
}

/* The cosine of the largest angle between p and a corner. */
static double reach(const double *p, const cell *c)
{
    double least = 1;
    for (size_t i = 0; i < c->n; i++) least = fmin(least, dot(p, c->corner[i]));
    return least;
}

static sb_status measure(void *context, size_t index)
{
    const task *t = context;
    const double *p = t->x + 3 * index;
    size_t *order = malloc(t->n * sizeof *order);
    double *apart = malloc(t->n * sizeof *apart), area = 0;
    cell c;
    if (!order || !apart) {
        free(order);
        free(apart);
        return sb_fail(SB_ERR_NOMEM, "no memory for the cells of %zu points", t->n);
    }
    for (size_t j = 0; j < t->n; j++) apart[j] = 1 - dot(p, t->x + 3 * j);
    gsl_sort_index(order, apart, 1, t->n);
    start_cell(p, &c);
    for (size_t k = 0; k < t->n && c.n < MOST_CORNERS - 2; k++) {
        const double *q = t->x + 3 * order[k];
        double normal[3] = {p[0] - q[0], p[1] - q[1], p[2] - q[2]}, half = reach(p, &c);
        if (order[k] == index) continue;
        if (half > 0 && 1 - apart[order[k]] < 2 * half * half - 1) break; /* farther than twice the farthest corner */
        cut(normal, &c);
    }
    for (size_t i = 0; i < c.n; i++) area += triangle(p, c.corner[i], c.corner[(i + 1) % c.n]);
    t->area[index] = area;
    free(order);
    free(apart);
    return SB_OK;
}

sb_status sb_sphere_voronoi(size_t n, const double *x, double *area)
{
    task t = {n, x, area};
    sb_status status = sb_parallel_for(0, n, measure, &t);
    double sum = 0;
    for (size_t i = 0; status == SB_OK && i < n; i++) sum += area[i];
    if (status == SB_OK && !(fabs(sum - 4 * M_PI) <= 1e-6))
        status =
            sb_fail(SB_ERR_NUMERIC, "the cells of %zu points do not cover the sphere: area %g of %g", n, sum, 4 * M_PI);
    return status;
}
