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
    /* q in one dimension. NULL: of the kind; "voronoi": lengths of the cells in [a, b]; "periodic": on the circle */
    const char *weights;
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
    /* Sets y. */
    sb_status (*fill)(const sb_target_spec *spec, sb_problem *problem);
} sb_target;

const sb_target *sb_target_at(size_t index); /* NULL past the last */
const sb_target *sb_target_find(const char *name);

#endif
