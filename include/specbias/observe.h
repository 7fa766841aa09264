/* What is looked at while a network trains on data of any kind: amplitudes per frequency along a projection or at given
 * places, and the low and high part of the error by filtering (Xu, Zhang, Luo, Xiao, Ma 2020). Errors are relative to
 * the wanted function y; every one is linear in the residual, so only that is transformed. */
#ifndef SPECBIAS_OBSERVE_H
#define SPECBIAS_OBSERVE_H

#include <complex.h>
#include <stddef.h>

#include <specbias/status.h>

/* ---- the first principal direction ---- */

/* p[dim]: first right singular vector of centred x[n][dim], sign such that its largest entry is positive; place[n] =
 * p . x_i; range = max - min of it. */
sb_status sb_principal_direction(size_t n, size_t dim, const double *x, double *p, double *place, double *range);

/* ---- amplitudes at frequencies ---- */

/* sum_i q_i u_i exp(-2 pi i xi . x_i) of vector-valued u[n][outputs], aggregated over outputs. */
typedef struct sb_modes {
    size_t n, outputs, count;
    double *weight; /* [2 * count][n]: real rows, then imaginary ones */
    double *wanted; /* [count] (sum over outputs of |y^|^2)^1/2 */
} sb_modes;

/* Places [n][dim] with weights q[n] (NULL: 1/n), frequencies xi[count][dim] in cycles per unit length. `modes` must be
 * zeroed or cleared. */
sb_status sb_modes_create(size_t n, size_t dim, const double *place, const double *q, size_t count, const double *xi,
                          size_t outputs, const double *y, sb_modes *modes);
void sb_modes_clear(sb_modes *modes);
/* error[count] = (sum over outputs |u^|^2)^1/2 / wanted; amp[count], when not NULL, the amplitude of output 0. */
sb_status sb_modes_apply(const sb_modes *modes, const double *u, double *error, double complex *amp);

/* ---- filtering ---- */

typedef struct sb_filter {
    size_t n, outputs, count;
    double median;                    /* of the squared distances, over all n^2 pairs */
    double *delta;                    /* [count] variance of the Gaussian */
    double *high_share;               /* [count] |y_high| / |y| */
    double *wanted_low, *wanted_high; /* [count] |G y|, |y - G y| */
    double *distance;                 /* [n][n] squared distances */
} sb_filter;

/* Inputs x[n][dim], wanted y[n][outputs]; the variances are relative[count] times the median squared distance, or with
 * `absolute` themselves. One product gives all distances. SB_ERR_INPUT: n too large for memory (with the estimate). */
sb_status sb_filter_create(size_t n, size_t dim, const double *x, size_t outputs, const double *y, size_t count,
                           const double *relative, int absolute, size_t threads, sb_filter *filter);
void sb_filter_clear(sb_filter *filter);
/* low[count] = |G u| / |G y|, high[count] = |u - G u| / |y - G y|, G row-normalised exp(-d^2 / (2 delta)), Frobenius
 * norms over examples and outputs. The same bits for any number of threads. */
sb_status sb_filter_apply(const sb_filter *filter, const double *u, size_t threads, double *low, double *high);

#endif
