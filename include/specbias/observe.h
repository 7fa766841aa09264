/* What is looked at while a network trains on data of any kind: amplitudes per frequency along a projection or at given
 * places, and the low and high part of the error by filtering (Xu, Zhang, Luo, Xiao, Ma 2020). Errors are relative to
 * the wanted function y; every one is linear in the residual, so only that is transformed. */
#ifndef SPECBIAS_OBSERVE_H
#define SPECBIAS_OBSERVE_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

/* ---- the first principal direction ---- */

/* p[dim]: first right singular vector of centred x[n][dim]; the first of its largest entries is positive. place[n] =
 * p . x_i, of x as it is; range = max - min of it. SB_ERR_INPUT when the first two singular values are equal to 1e-9,
 * so that no direction is the first. */
sb_status sb_principal_direction(size_t n, size_t dim, const double *x, double *p, double *place, double *range);

/* ---- amplitudes at frequencies ---- */

/* sum_i q_i u_i f(x_i) of vector-valued u[n][outputs] with the functions f of a frequency, exp(-2 pi i xi . x), or of a
 * degree, the harmonics of a sphere; |u^|^2 is the sum over them and over outputs. */
typedef struct sb_modes {
    size_t n, outputs, count;
    bool waves;       /* of frequencies, else of degrees */
    size_t functions; /* of all frequencies: 2 count, real parts, then imaginary ones; or of all degrees */
    double *weight;   /* [functions][n] q f */
    size_t *mode;     /* [functions] to which of the count each belongs */
    double *wanted;   /* [count] |y^|; 0 below 1e-10 of the largest that it could be */
    double largest;   /* max |y| */
} sb_modes;

/* Places [n][dim] with weights q[n] (NULL: 1/n), frequencies xi[count][dim] in cycles per unit length. `modes` must be
 * zeroed or cleared. */
sb_status sb_modes_create(size_t n, size_t dim, const double *place, const double *q, size_t count, const double *xi,
                          size_t outputs, const double *y, sb_modes *modes);
/* Degrees of the harmonics on the unit sphere of dimension `dim` = 2 or 3, x[n][dim]. */
sb_status sb_modes_create_degrees(size_t n, size_t dim, const double *x, const double *q, size_t count,
                                  const size_t *degree, size_t outputs, const double *y, sb_modes *modes);
/* SB_ERR_INPUT when two of the frequencies or degrees, called label[count], are aliases on the places: the largest
 * canonical cosine of their functions, with the weights q (NULL: 1/n), is above 1 - 1e-8. */
sb_status sb_modes_check_aliases(const sb_modes *modes, const double *q, const double *label);
void sb_modes_clear(sb_modes *modes);
/* error[count] = |u^| / wanted, nan where wanted is 0; amp[count], when not NULL, the amplitude of output 0 at
 * frequencies. SB_ERR_NUMERIC when u is not finite. */
sb_status sb_modes_apply(const sb_modes *modes, const double *u, double *error, double complex *amp);
/* sums[functions][columns] = sum_i q_i u_i f(x_i) of u[n][columns], any number of columns */
void sb_modes_sums(const sb_modes *modes, size_t columns, const double *u, double *sums);

/* ---- spectra of examples that are lines ---- */

/* size[n][bins][channels] = |F_k|, F_k = 1/length sum_j v_j exp(-2 pi i k j / length) of v[n][length][channels], for
 * k = 0 .. bins - 1 up to length / 2. */
sb_status sb_line_spectra(size_t n, size_t length, size_t channels, const double *v, size_t bins, double *size);

/* ---- filtering ---- */

typedef struct sb_filter {
    size_t n, outputs, count;
    double median;                    /* of the squared distances, over all n^2 pairs */
    double size;                      /* |y| */
    double *delta;                    /* [count] variance of the Gaussian */
    double *high_share;               /* [count] |y - G y| / |y| */
    double *wanted_low, *wanted_high; /* [count] |G y|, |y - G y|; 0 below 1e-10 |y| */
    double *distance;                 /* [n][n] squared distances */
} sb_filter;

/* Inputs x[n][dim], wanted y[n][outputs]; the variances are relative[count] times the median squared distance, or with
 * `absolute` themselves. `filter` must be zeroed or cleared. SB_ERR_INPUT: n too large for memory (with the estimate),
 * a variance that is not positive, inputs or outputs that are not finite. */
sb_status sb_filter_create(size_t n, size_t dim, const double *x, size_t outputs, const double *y, size_t count,
                           const double *relative, int absolute, size_t threads, sb_filter *filter);
void sb_filter_clear(sb_filter *filter);
/* Bytes that sb_filter_create takes: 800 MB for 10 000 examples. */
double sb_filter_memory(size_t n, size_t dim, size_t outputs);
/* low[count] = |G u| / |G y|, high[count] = |u - G u| / |y - G y|, G row-normalised exp(-d^2 / (2 delta)), Frobenius
 * norms over examples and outputs; nan where the wanted norm is 0. The same bits for any number of threads.
 * SB_ERR_NUMERIC when u is not finite. */
sb_status sb_filter_apply(const sb_filter *filter, const double *u, size_t threads, double *low, double *high);

/* ---- outputs that are functions ---- */

/* Outputs are functions on [0, 2 pi), frequency F of whole waves on it: u_F = mean over points of u exp(-i F x). */
typedef struct sb_response {
    size_t n, length, count; /* functions, points of each, frequencies; count 0: none */
    double *wave;            /* [2 count][length] cos(F x), sin(F x), over length */
    double *wanted;          /* [count] (sum over functions |y_F|^2)^1/2 */
    double largest;          /* max |y| */
} sb_response;

/* Of the wanted y[n][length]; SB_ERR_INPUT: it has no energy at a frequency. `response` must be zeroed or cleared. */
sb_status sb_response_create(size_t n, size_t length, size_t count, const double *frequency, const double *y,
                             sb_response *response);
void sb_response_clear(sb_response *response);
/* err[count + 1] of u[n][length]: e(F) = (sum |u_F|^2)^1/2 / wanted of each, then (mean over F of e(F)^2)^1/2.
 * SB_ERR_NUMERIC when u is not finite. */
sb_status sb_response_apply(const sb_response *response, const double *u, double *err);

/* ---- curves ---- */

/* median[i] of v[i - h .. i + h], h = (window - 1) / 2 or as far as both sides reach, so that a monotone curve is its
 * own running median. nan counts as larger than every number. */
sb_status sb_running_median(size_t n, const double *v, size_t window, double *median);
/* The first step[i] from which on the running median of the errors stays below the threshold; nan: it never settles.
 * A first crossing would mislead: high frequencies of a random start cross by chance. */
sb_status sb_settled(size_t n, const double *step, const double *error, size_t window, double threshold,
                     double *settled);
/* Spearman's rank correlation of the pairs that are both finite; nan when fewer than two or all equal. */
sb_status sb_spearman(size_t n, const double *a, const double *b, double *correlation);
/* Kendall's rank correlation tau-b: pairs in the same order less pairs in the reverse order, over (p_a p_b)^1/2, p the
 * pairs that are not equal in a, in b. Values may be infinite. nan when one of them is nan, or all of a or b are equal.
 */
double sb_kendall(size_t n, const double *a, const double *b);
/* 1 where b ascends with a, equal values of b being in either order, -1 where it descends, 0 where it does neither.
 * What is infinite was never reached: two of them are in an order that is not known. nan: not known. */
double sb_in_order(size_t n, const double *a, const double *b);

#endif
