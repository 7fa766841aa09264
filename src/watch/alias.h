/* Watched items that cannot be told apart on the points. */
#ifndef SPECBIAS_SPECTRUM_ALIAS_H
#define SPECBIAS_SPECTRUM_ALIAS_H

#include <stddef.h>

#include <specbias/status.h>

/* weight[functions][n] = q times a function (a cosine, a sine, a harmonic) of the item item[f], 0 .. items - 1; q NULL:
 * 1/n. SB_ERR_INPUT when the spaces of two items have a function in common: the largest canonical cosine, in the
 * inner product sum q u v, is above 1 - 1e-8. */
sb_status sb_alias_check(size_t n, const double *q, size_t items, size_t functions, const size_t *item,
                         const double *weight, const double *label);

#endif
