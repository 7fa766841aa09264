#include "core/chebyshev.h"

#include <math.h>
#include <string.h>

void sb_chebyshev_nodes(size_t n, const double *x, bool single, size_t q, double *at, double *weight)
{
    double low = x[0], high = x[0];
    for (size_t i = 1; i < n; i++) low = fmin(low, x[i]), high = fmax(high, x[i]);
    double middle = low + (high - low) / 2, half = (high - low) / 2;
    for (size_t k = 0; k < q; k++) {
        at[k] = middle - half * cos(M_PI * ((double)k + .5) / (double)q);
        if (single) at[k] = (double)(float)at[k];
    }
    for (size_t k = 0; k < q; k++) {
        weight[k] = 1;
        for (size_t j = 0; j < q; j++)
            if (j != k) weight[k] /= 2 / half * (at[k] - at[j]);
    }
}

void sb_chebyshev_row(size_t q, const double *at, const double *weight, double x, double *row)
{
    double sum = 0;
    for (size_t k = 0; k < q; k++) {
        if (x == at[k]) {
            memset(row, 0, q * sizeof *row);
            row[k] = 1;
            return;
        }
        sum += row[k] = weight[k] / (x - at[k]);
    }
    for (size_t k = 0; k < q; k++) row[k] /= sum;
}
