/* Orthonormal real functions of ascending frequency on the circle and on the sphere. Function k of one point goes to
 * y[k * stride]. */
#ifndef SPECBIAS_SPECTRUM_HARMONICS_H
#define SPECBIAS_SPECTRUM_HARMONICS_H

#include <stddef.h>

/* On a circle of this length: length^-1/2, then (2/length)^1/2 times cos and sin of 2 pi l x / length, l = 1 .. degree:
 * 2 degree + 1 functions, those of l from 2 l - 1. */
void sb_circle_harmonics(size_t degree, double length, double x, size_t stride, double *y);
/* Spherical harmonics at the unit vector x: (degree + 1)^2 functions, those of l from l^2, the order m in
 * l (l + 1) + m: proportional to cos(m phi), those of order -m to sin(m phi). */
void sb_sphere_harmonics(size_t degree, const double x[3], size_t stride, double *y);

#endif
