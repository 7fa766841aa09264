/* Kernels of smooth networks of one input, by nodes. */
#ifndef SPECBIAS_KERNEL_NODES_H
#define SPECBIAS_KERNEL_NODES_H

#include <specbias/kernel.h>

/* The lower triangle of gram[n][n], if `done`: else it is not worth it, or not exact to rounding. */
sb_status sb_gram_nodes(const sb_gram_spec *spec, size_t n, const double *x, double *gram, bool *done);

#endif
