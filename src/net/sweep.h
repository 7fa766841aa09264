/* The fused step of a sum over units (sb_two_layer) for any optimiser: the way back through some units, their update,
 * and their share of the new output, a few units at a time, so that no [n][m] array is kept. Numbers are of the model's
 * kind, double or float. */
#ifndef SPECBIAS_NET_SWEEP_H
#define SPECBIAS_NET_SWEEP_H

#include <specbias/model.h>

#define SB_SWEEP_DIM 4 /* most inputs of an activation; of features SB_MOST_DIMENSIONS */

typedef struct sb_sweep {
    const sb_two_layer *parts;
    void *theta;
    size_t n;
    const void *x;      /* [n][dim] */
    double spacing;     /* of a uniform grid of one dimension, for activations that turn; else 0 */
    const void *g;      /* [n] gradient of the loss by h; NULL: no step */
    double rate;        /* of gradient descent, which is done in place .. */
    const double *pace; /* [parameters] .. times these for each parameter; NULL: ones .. */
    void *context; /* .. unless there is an update, which takes gradient[count] of the parameters from `first` on */
    void (*update)(void *context, size_t first, size_t count, const void *gradient);
    void *scratch; /* sb_sweep_scratch bytes */
    double *h;     /* [n] the units' share of the output after the step; NULL: not wanted */
} sb_sweep;

/* Of all points together: three vectors and dim numbers each. */
static inline size_t sb_sweep_scratch(size_t n, size_t dim)
{
    return n * (3 * 64 + dim * sizeof(double));
}

/* Whether points of one dimension are a uniform grid, exact to rounding: its spacing, else 0. */
static inline double sb_grid_spacing(size_t n, const double *x)
{
    if (n < 3) return 0;
    double first = x[0], last = x[n - 1], h = (last - first) / (double)(n - 1);
    double rounding = 4 * 0x1p-52 * ((first < 0 ? -first : first) + (last < 0 ? -last : last));
    for (size_t i = 1; i < n; i++) {
        double off = x[i] - (first + h * (double)i);
        if (!(off <= rounding && -off <= rounding)) return 0;
    }
    return h;
}

#endif
