/* What the kinds of densities share. w: angular frequency, z: distance of two points, h: spacing of a lattice. */
#ifndef SPECBIAS_DENSITY_DENSITY_H
#define SPECBIAS_DENSITY_DENSITY_H

#include <specbias/density.h>

/* ---- checks ---- */

#define SB_DENSITY_LARGEST 1e100 /* of parameters, so that their squares are finite */

/* All numbers of the part lie in (0, SB_DENSITY_LARGEST]. */
sb_status sb_density_check_positive(const sb_density_part *part);
/* Node i of a table of at least i + 1: finite, w >= 0 and ascending, rho >= 0. */
sb_status sb_density_check_node(const double *w, const double *rho, size_t i);
/* All of a table: two nodes or more, all in order, and a mass that is positive and finite. */
sb_status sb_density_check_table(const sb_density_table *table);

/* ---- functions ---- */

double sb_sinc(double x);              /* sin x / x = 1/2 int_-1^1 cos(x t) dt */
double sb_sphere(double x);            /* 3 (sin x - x cos x) / x^3 = 3/4 int_-1^1 (1 - t^2) cos(x t) dt */
double sb_normal(double sd, double w); /* N(w; 0, sd^2) */

/* 1 - f with all digits where f is nearly 1 */
double sb_lack_of_cosine(double x);
double sb_lack_of_sinc(double x);
double sb_lack_of_sphere(double x);
double sb_lack_of_both(double one, double other); /* of f g, from 1 - f and 1 - g */

/* ---- aliasing ---- */

/* w moved into [-pi/h, pi/h] by a multiple of 2 pi / h. */
double sb_density_fold(double h, double w);
/* sum_k N(w + 2 pi k / h; 0, sd^2) */
double sb_normal_aliased(double sd, double h, double w);

/* ---- edge and breaks ---- */

/* Of densities that jump at their numbers and end at the last. */
double sb_density_last_number(const sb_density_part *part);
size_t sb_density_number_breaks(const sb_density_part *part, double *at);

/* The kind with the nearest name. */
const sb_density_kind *sb_density_kind_nearest(const char *name);

#endif
