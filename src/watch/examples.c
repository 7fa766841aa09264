#include "watch/examples.h"

#include <math.h>
#include <stdlib.h>

sb_status sb_check_finite(sb_status code, const char *what, size_t n, size_t columns, const double *v)
{
    for (size_t i = 0; i < n * columns; i++)
        if (!isfinite(v[i]))
            return sb_fail(code, "%s %zu of example %zu is %g", what, i % columns + 1, i / columns + 1, v[i]);
    return SB_OK;
}

double *sb_centred(size_t n, size_t dim, const double *x)
{
    double *centred = malloc(n * dim * sizeof *centred), *mean = calloc(dim, sizeof *mean);
    if (centred && mean) {
        for (size_t i = 0; i < n * dim; i++) mean[i % dim] += x[i] / (double)n;
        for (size_t i = 0; i < n * dim; i++) centred[i] = x[i] - mean[i % dim];
    } else {
        free(centred);
        centred = NULL;
    }
    free(mean);
    return centred;
}
