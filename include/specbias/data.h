/* Data points and targets: src/data/points/NAME.c, src/data/target/NAME.c and one line in the folder's list.def. */
#ifndef SPECBIAS_DATA_H
#define SPECBIAS_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include <specbias/density.h>
#include <specbias/problem.h>

typedef struct sb_points_spec {
    size_t n, dim;      /* points; uniform: on each axis */
    double a, b;        /* domain, on each axis */
    const char *layout; /* "midpoint", "endpoints", "left" */
    uint64_t seed;
    const double *x;           /* [n][dim] of a list */
    const sb_density *density; /* of points that follow one */
    double rho;                /* cosine: modulation of the density, [-1, 1] */
    /* q in one dimension. NULL: of the kind; "voronoi": lengths of the cells in [a, b]; "periodic": on the circle;
     * "exact": on the circle, see sb_circle_exact_weights */
    const char *weights;
    size_t degree; /* of exact weights; 0: the highest */
} sb_points_spec;

typedef struct sb_points {
    const char *name, *title;
    /* How many points there will be; NULL: spec->n. */
    size_t (*count)(const sb_points_spec *spec);
    /* Fills x (ascending in one dimension), q, uniform and spacing of an initialised problem. */
    sb_status (*fill)(const sb_points_spec *spec, sb_problem *problem);
} sb_points;

const sb_points *sb_points_at(size_t index); /* NULL past the last */
const sb_points *sb_points_find(const char *name);

/* Initialises the problem with the points and sets min_gap and coincident. */
sb_status sb_points_make(const sb_points *points, const sb_points_spec *spec, sb_problem *problem);

/* Lengths q[n] of the Voronoi cells of ascending x[n] in [a, b], sum b - a: half way to each neighbour, at the ends up
 * to a and b, or with `periodic` to the neighbour around, q_i = (x_{i+1} - x_{i-1}) / 2. */
void sb_voronoi_weights(size_t n, const double *x, double a, double b, bool periodic, double *q);

/* Turns q[n], the weights of the cells, into those that integrate exactly all trigonometric functions
 * cos, sin(2 pi l x / length), or all spherical harmonics, of l <= degree, with the least change sum dq^2 / q, and all
 * positive. degree 0: the highest for which they are, by trying; it goes to *reached, unless that is NULL, and is tried
 * up to 544 on the circle and 32 on the sphere.
 *
 * x[n] in any order; x[n][3] unit vectors. SB_ERR_INPUT, with the highest degree that is possible, where there are
 * fewer points than functions (2 degree + 1, (degree + 1)^2) or weights that are not positive; q is then as it was. On
 * a circle no rule of positive weights goes beyond 2 pi / gap - 1, gap the widest angle without points. */
sb_status sb_circle_exact_weights(size_t n, const double *x, double length, size_t degree, double *q, size_t *reached);
sb_status sb_sphere_exact_weights(size_t n, const double *x, size_t degree, double *q, size_t *reached);

typedef struct sb_target_spec {
    size_t terms;
    const double *xi;     /* [terms][dim] cycles per unit length */
    const double *weight; /* [terms] or NULL for 1 */
    const double *phase;  /* [terms] or NULL for 0 */
    const double *center; /* [terms][dim] or NULL for 0: packets */
    double tau;           /* packets: width of the envelope */
    double amplitude;
    size_t values;
    const double *given_x, *y; /* [values] points (one dimension) and values as the user listed them */
} sb_target_spec;

typedef struct sb_target {
    const char *name, *title;
    /* Sets y and the problem's `most`. */
    sb_status (*fill)(const sb_target_spec *spec, sb_problem *problem);
} sb_target;

const sb_target *sb_target_at(size_t index); /* NULL past the last */
const sb_target *sb_target_find(const char *name);

#endif
