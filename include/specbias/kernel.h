/* MODULE 2: Gram matrices of neural tangent kernels, their eigenpairs, and the decay they predict. */
#ifndef SPECBIAS_KERNEL_H
#define SPECBIAS_KERNEL_H

#include <specbias/decay.h>
#include <specbias/density.h>
#include <specbias/problem.h>
#include <specbias/spectrum.h>
#include <specbias/tangent.h>

/* ---- the empirical kernel K = J J^T of a network, streamed in blocks of units, without a Jacobian in memory ---- */

/* A network as the kernel sees it: blocks of Jacobian columns. */
typedef struct sb_jacobian {
    size_t units;    /* neurons */
    size_t per_unit; /* parameters of each */
    size_t dim;      /* of the points x[n][dim] */
    /* columns[n][count * per_unit] = d h(x_i) / d theta of the units first .. first + count - 1 */
    void (*columns)(const void *context, size_t n, const double *x, size_t first, size_t count, double *columns);
    const void *context;
    size_t first; /* first unit, for a part of a network; 0 for all */
} sb_jacobian;

/* gram [n][n], symmetric to the last bit, the same bits for any number of threads. */
sb_status sb_gram_empirical(const sb_jacobian *jacobian, size_t n, const double *x, size_t threads, double *gram);

/* ---- infinite width ---- */

/* What an infinitely wide two-layer network is, all of it trained, kernels per scale^2 * width times the gain:
 *   two_layer  h = scale * sum_i out_i s(in_i (x + shift_i)). The laws of `in` and `out` are symmetric and independent;
 *              shift is uniform on [-range, range]. One dimension.
 *   fourier    h = scale * sum_i a_i cos(w_i . x) + b_i sin(w_i . x), <a^2> = <b^2> = out2. */
typedef struct sb_net_law {
    size_t dim;
    double in2, out2;       /* <in^2>, <out^2> */
    double range;           /* half width of the law of the shifts, >= max|x| */
    double gain;            /* scale^2 * width: 1 in NTK parametrisation, width in standard parametrisation */
    const char *activation; /* NULL: fourier */
    bool kinked;            /* s' jumps at 0 */
    /* the activation: s[i] = s(z[i]), ds[i] = s'(z[i]) */
    void (*evaluate)(size_t n, const double *z, double *s, double *ds);
    /* nodes and weights of the law of |in|, for quadrature */
    size_t nodes;
    const double *node, *weight;
    /* fourier: [dim] densities of w, one per axis, angular; NULL otherwise */
    const sb_density *density;
    bool frozen; /* w is not trained */
} sb_net_law;

typedef struct sb_kernel {
    const char *name, *title, *citation;
    /* whether it applies to the law */
    bool (*covers)(const sb_net_law *law);
    /* K(x, x') of points [dim]; two_layer: |x|, |x'| <= range. */
    double (*value)(const sb_net_law *law, const double *x1, const double *x2);
} sb_kernel;

const sb_kernel *sb_kernel_at(size_t index); /* NULL past the last */
const sb_kernel *sb_kernel_find(const char *name);
/* The first of the list that covers the law: closed forms stand before quadrature. NULL when none does. */
const sb_kernel *sb_kernel_for(const sb_net_law *law);

/* gram[n][n] of a kernel on points x[n][dim]. SB_ERR_INPUT when a point lies outside |x| <= range. */
sb_status sb_gram_infinite(const sb_kernel *kernel, const sb_net_law *law, size_t n, const double *x, double *gram);

/* ---- infinite width, networks of layers (tangent.h) ---- */

/* K(x, x') of each output, at points [inputs]; different outputs do not couple. nan when sb_gram_wide would fail. */
double sb_wide_kernel(const sb_wide_law *law, const double *x1, const double *x2);
/* gram[n][m] of x[n][inputs] and x2[m][inputs]; x2 = NULL (any m): gram[n][n] of x, symmetric to the last bit. The same
 * bits for any number of threads (0: all cores). SB_ERR_UNSUPPORTED: an activation with a kink whose averages have no
 * closed form here; SB_ERR_NUMERIC: values that are not finite, or a variance at which the series of a smooth
 * activation does not converge. */
sb_status sb_gram_wide(const sb_wide_law *law, size_t n, const double *x, size_t m, const double *x2, size_t threads,
                       double *gram);

/* ---- eigenpairs ---- */

typedef struct sb_eigen {
    size_t n;
    double *lambda;       /* [n] descending */
    double *vector;       /* [n][n] vector[k * n + i]: component i of eigenvector k */
    double residual;      /* max_k |A v_k - lambda_k v_k| / |A| */
    double orthogonality; /* max |V V^T - 1| */
    double negative;      /* -lambda_min / max |lambda| when lambda_min < 0, else 0 */
} sb_eigen;

/* All eigenpairs of a symmetric matrix [n][n] (LAPACK dsyevd). Nothing is clamped: a negative eigenvalue stays, and
 * `negative` says how large it is. SB_ERR_NUMERIC: not finite, not symmetric, no convergence, or indefinite beyond
 * rounding (negative > n 2^-46) when `semidefinite` is asked. `eigen` must be zeroed or cleared. */
sb_status sb_eigen_symmetric(const double *matrix, size_t n, bool semidefinite, sb_eigen *eigen);
void sb_eigen_clear(sb_eigen *eigen);

/* ---- forecasts: du/dt = -K diag(c) u ---- */

/* Eigenpairs of C^1/2 K C^1/2 together with what the forecast needs of the problem. */
typedef struct sb_kernel_modes {
    sb_eigen eigen;
    double complex *observed; /* [n][nxi] amplitude of mode k at each frequency */
    double *root_c;           /* [n] sqrt(c) */
    size_t nxi;
} sb_kernel_modes;

sb_status sb_kernel_modes_create(const double *gram, const sb_problem *problem, const sb_spectrum *spectrum,
                                 sb_kernel_modes *modes);
void sb_kernel_modes_clear(sb_kernel_modes *modes);

/* The largest eigenvalue of C^1/2 K C^1/2 alone, by power iteration to 1e-12 of its Rayleigh quotient. */
sb_status sb_kernel_largest_rate(const double *gram, const sb_problem *problem, double *rate);

/* Factor by which the mode of rate lambda shrinks: exp(-lambda t) or (1 - eta lambda)^step. */
double sb_shrink(sb_form form, double lambda, double eta, double t, double step);

/* Fills decay->amp and decay->err for the problem's times. `rate` replaces the eigenvalues when not NULL ([n], for the
 * power test); u0[n] is the residual at t = 0. */
void sb_kernel_forecast(const sb_kernel_modes *modes, const sb_problem *problem, const double *rate, const double *u0,
                        sb_decay *decay);
/* The residual u[n] itself at one time. */
void sb_kernel_residual(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                        double t, double step, double *u);

/* times[nxi]: when |e^(xi)| / |f^(xi)| falls below q for good, by root finding on the sum of exponentials (steps of
 * gradient descent count as a continuous number); nan: never, or not within 3e10 / lambda_max. */
sb_status sb_kernel_times(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                          double q, double *times);

/* t -> infinity: h(x) = k(x, X) K^-1 y at m points, cross[m][n]. Solved with refinement. */
sb_status sb_kernel_limit(const double *gram, size_t n, const double *y, size_t m, const double *cross, double *h);

#endif
