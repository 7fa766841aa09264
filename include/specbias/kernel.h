/* MODULE 2: Gram matrices of neural tangent kernels, their eigenpairs, and the decay they predict. */
#ifndef SPECBIAS_KERNEL_H
#define SPECBIAS_KERNEL_H

#include <specbias/density.h>
#include <specbias/law.h>
#include <specbias/monitor.h>
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

/* ---- the same of a network of layers, from the factors of its gradients ---- */

/* Of a network of several outputs: all of it, rows (i, o) in i * outputs + o, or the mean over outputs of
 * K[(i, o), (j, o)], one row for each example ("class-averaged", the trace over outputs by their number). */
typedef enum sb_outputs { SB_OUTPUTS_MEAN, SB_OUTPUTS_FULL } sb_outputs;

typedef struct sb_gram_spec {
    const sb_factors *factors;
    sb_outputs outputs;
    size_t threads; /* 0: all cores */
    double memory;  /* bytes for factors; 0: half a gigabyte */
    const sb_monitor *monitor;
} sb_gram_spec;

/* gram[rows][rows] of x[n][inputs], symmetric to the last bit, the same bits for any number of threads; memory beside
 * it is bounded, whatever the number of examples and parameters. Where the factors of all examples do not fit, they
 * are computed again for each pair of blocks. */
sb_status sb_gram_layers(const sb_gram_spec *spec, size_t n, const double *x, double *gram);
/* gram[rows of x1[m]][rows of x2[n]] */
sb_status sb_gram_layers_cross(const sb_gram_spec *spec, size_t m, const double *x1, size_t n, const double *x2,
                               double *gram);
/* Bytes they take beside gram. */
double sb_gram_layers_memory(const sb_gram_spec *spec, size_t n);

/* ---- infinite width ---- */

/* What an infinitely wide two-layer network is, all of it trained, kernels per scale^2 * width times the gain:
 *   two_layer  h = scale * sum_i out_i s(in_i (x + shift_i)). The laws of `in` and `out` are symmetric and independent;
 *              shift is uniform on [-range, range]. One dimension.
 *   fourier    h = scale * sum_i a_i cos(w_i . x) + b_i sin(w_i . x), <a^2> = <b^2> = out2. */
typedef struct sb_net_law {
    const char *net; /* the kind of network; another has none of these kernels */
    size_t dim;
    double in2, out2;       /* <in^2>, <out^2> */
    double range;           /* half width of the law of the shifts */
    double gain;            /* scale^2 * width: 1 in NTK parametrisation, width in standard parametrisation */
    const char *activation; /* two_layer; NULL otherwise */
    bool kinked;            /* s' jumps at 0 */
    /* the activation: s[i] = s(z[i]), ds[i] = s'(z[i]) */
    void (*evaluate)(size_t n, const double *z, double *s, double *ds);
    const sb_law *in; /* and its scale */
    double in_scale;
    double place2; /* two_layer: factor of the gradient by `in`, squared; 0: 1 */
    /* fourier: [dim] densities of w, one per axis, angular; NULL otherwise */
    const sb_density *density;
    bool frozen; /* w is not trained */
} sb_net_law;

/* K / gain = output + <out^2> rest: the gradients by the output weights, <s s'>, and by those before them */
typedef struct sb_average {
    double output, rest;
} sb_average;

typedef struct sb_kernel {
    const char *name, *title, *citation;
    const char *net; /* the kind of network whose kernel it is */
    /* whether it applies to a law of that kind */
    bool (*covers)(const sb_net_law *law);
    /* At points [dim]; nan: the averages do not settle to 1e-9 of K. */
    sb_average (*average)(const sb_net_law *law, const double *x1, const double *x2);
} sb_kernel;

const sb_kernel *sb_kernel_at(size_t index); /* NULL past the last */
const sb_kernel *sb_kernel_find(const char *name);
/* The first of the list that covers the law: closed forms stand before quadrature. NULL when none does. */
const sb_kernel *sb_kernel_for(const sb_net_law *law);

/* K(x, x') of points [dim] */
double sb_kernel_value(const sb_kernel *kernel, const sb_net_law *law, const double *x1, const double *x2);

/* gram[n][m] of points x[n][dim] and x2[m][dim], anywhere; x2 = NULL (any m): gram[n][n] of data x, symmetric to the
 * last bit, SB_ERR_INPUT when a point lies outside |x| <= range. The same bits for any number of threads (0: all
 * cores). SB_ERR_NUMERIC where a value is nan. */
sb_status sb_gram_infinite(const sb_kernel *kernel, const sb_net_law *law, size_t n, const double *x, size_t m,
                           const double *x2, size_t threads, double *gram);

/* ---- infinite width, networks of layers (tangent.h) ---- */

/* K(x, x') of each output, at points [inputs]; different outputs do not couple. nan when sb_gram_wide would fail. */
double sb_wide_kernel(const sb_wide_law *law, const double *x1, const double *x2);
/* gram[n][m] of x[n][inputs] and x2[m][inputs]; x2 = NULL (any m): gram[n][n] of x, symmetric to the last bit. The same
 * bits for any number of threads (0: all cores). SB_ERR_INPUT: a point of x, without x2, outside of the range of
 * shifts; SB_ERR_UNSUPPORTED: an activation with a kink whose averages have no closed form here; SB_ERR_NUMERIC: values
 * that are not finite, or a variance at which the series of a smooth activation does not converge. */
sb_status sb_gram_wide(const sb_wide_law *law, size_t n, const double *x, size_t m, const double *x2, size_t threads,
                       double *gram);

/* ---- eigenpairs ---- */

typedef struct sb_eigen {
    size_t n, count;      /* size of the matrix; pairs, all n or the largest */
    double *lambda;       /* [count] descending */
    double *vector;       /* [count][n] vector[k * n + i]: component i of eigenvector k */
    double trace;         /* of the matrix */
    double residual;      /* max_k |A v_k - lambda_k v_k| / |A| */
    double orthogonality; /* max |V V^T - 1| */
    double negative;      /* -lambda_min / max |lambda| when lambda_min < 0, else 0; nan without all pairs */
} sb_eigen;

/* What is rounding in eigenvalues of a kernel of n rows, relative to the largest: n 2^-46, or n 2^-22 when it was
 * computed in float. */
double sb_rounding(size_t n, bool single);
/* |A - B| / |B|, Frobenius, of n x n numbers or any other count */
double sb_gram_distance(size_t count, const double *a, const double *b);

/* All eigenpairs of a symmetric matrix [n][n] (LAPACK dsyevd). Nothing is clamped: a negative eigenvalue stays, and
 * `negative` says how large it is. SB_ERR_NUMERIC: not finite, not symmetric, no convergence, or indefinite beyond
 * sb_rounding when `semidefinite` is asked. `eigen` must be zeroed or cleared. */
sb_status sb_eigen_symmetric(const double *matrix, size_t n, bool semidefinite, sb_eigen *eigen);
/* SB_ERR_NUMERIC when the lowest of all eigenvalues is negative beyond rounding. */
sb_status sb_eigen_check_semidefinite(const sb_eigen *eigen, bool single);
/* The `count` largest pairs: by Lanczos iterations (ARPACK), or where they are many of a small matrix by dsyevr; all
 * when there are no more. Errors as above. */
sb_status sb_eigen_top(const double *matrix, size_t n, size_t count, size_t threads, sb_eigen *eigen);
void sb_eigen_clear(sb_eigen *eigen);

/* lambda_max / lambda_min, infinity when that is not positive; nan without all pairs. */
double sb_eigen_condition(const sb_eigen *eigen);
/* exp(-sum_k p_k ln p_k), p_k = lambda_k / sum (Roy, Vetterli 2007); 0 of a zero matrix, nan without all pairs. */
double sb_eigen_effective_rank(const sb_eigen *eigen);
/* Bytes that all pairs of an n x n matrix take beside it. */
double sb_eigen_memory(size_t n);

#endif
