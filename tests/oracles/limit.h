/* t -> infinity of a linearised network: h(x) = k(x, X) K^-1 y. */
#ifndef SPECBIAS_ORACLES_LIMIT_H
#define SPECBIAS_ORACLES_LIMIT_H

#include <stddef.h>

#include <specbias/status.h>

/* h[m] at m points with cross[m][n]. Solved with refinement. SB_ERR_NUMERIC: the kernel is singular. */
sb_status sb_kernel_limit(const double *gram, size_t n, const double *y, size_t m, const double *cross, double *h);

#endif
