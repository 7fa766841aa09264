/* Interpolation between Chebyshev nodes, which gives a smooth function of one number to rounding. */
#ifndef SPECBIAS_CORE_CHEBYSHEV_H
#define SPECBIAS_CORE_CHEBYSHEV_H

#include <stdbool.h>
#include <stddef.h>

/* q nodes at[] on the interval of x[n], as floats if `single`, and the weight[] of barycentric interpolation
 * 1 / prod (t_k - t_j) up to a common factor (Berrut, Trefethen 2004). */
void sb_chebyshev_nodes(size_t n, const double *x, bool single, size_t q, double *at, double *weight);
/* row[q]: the values at x of the polynomials that are 1 at one node. */
void sb_chebyshev_row(size_t q, const double *at, const double *weight, double x, double *row);

#endif
