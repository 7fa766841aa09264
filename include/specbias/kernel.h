/* MODULE 2: Gram matrices of neural tangent kernels, their eigenpairs, and the decay they predict. */
#ifndef SPECBIAS_KERNEL_H
#define SPECBIAS_KERNEL_H

#include <specbias/density.h>
#include <specbias/law.h>
#include <specbias/monitor.h>
#include <specbias/problem.h>
#include <specbias/spectrum.h>
#include <specbias/tangent.h>

/* ---- the empirical kernel of a network, from the factors of its gradients ---- */

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

/* ---- infinite width ---- */

/* Of shifted neurons z = in (x + l) (tangent.h): output = <s s'>, and rest = <s'(z) s'(z') (weight_trained (x + l)
 * (x' + l) + in^2)>, so that the kernel of a sum over them is output + <out^2> rest. The law of `in` is symmetric. */
typedef struct sb_average {
    double output, rest;
} sb_average;

/* A way to them: src/kernel/infinite/NAME.c and one line in list.def. */
typedef struct sb_kernel {
    const char *name, *title, *citation;
    bool (*covers)(const sb_wide_layer *shifted);
    /* nan: they do not settle to 1e-9 of output + out2 rest */
    sb_average (*average)(const sb_wide_layer *shifted, double out2, double x1, double x2);
} sb_kernel;

const sb_kernel *sb_kernel_at(size_t index); /* NULL past the last */
const sb_kernel *sb_kernel_find(const char *name);
/* The first of the list that covers the layer: closed forms stand before quadrature. NULL when none does. */
const sb_kernel *sb_kernel_for(const sb_wide_layer *shifted);

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
    double residual;      /* |A V^T - V^T diag(lambda)| / |A|, Frobenius norm over spectral norm */
    double orthogonality; /* |V V^T - 1|, Frobenius; both of up to 32 pairs as they are, of more by 32 random vectors of
                             signs, whose root mean square is that to a part in ten and sees any single bad pair */
    double *error;        /* [count] of pairs from sb_packed_top, else NULL: |A v - lambda v| is at most that */
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

/* ---- the largest pairs of a kernel that does not fit into memory ---- */

/* A kernel that can be evaluated by rows, any number of times. */
typedef struct sb_kernel_rows {
    size_t n, block; /* all rows; those of a panel (the last has what is left), from sb_packed_block */
    sb_status (*write)(void *context, size_t first, size_t count, double *panel); /* panel[count][first + count] */
    void *context;
} sb_kernel_rows;

/* Its panels in float, each to the end of its diagonal block: 2 n^2 bytes and 5 %. */
typedef struct sb_packed {
    size_t n, block;
    float *number;
    bool full; /* it holds a kernel */
} sb_packed;

/* Rows of a panel where those of an example, per_row, are not to be torn apart. */
size_t sb_packed_block(size_t n, size_t per_row);
/* Memory of a packed kernel, of a panel, and of making `count` of its pairs. */
double sb_packed_bytes(size_t n, size_t block, size_t count);
/* `packed` must be zeroed or cleared. */
sb_status sb_packed_open(size_t n, size_t block, sb_packed *packed);
void sb_packed_clear(sb_packed *packed);
/* The elements 0 .. i of row i, rows of its panel *lda apart. */
const float *sb_packed_row(const sb_packed *packed, size_t i, size_t *lda);
/* line[n]: row i */
void sb_packed_line(const sb_packed *packed, size_t i, double *line);
/* Puts a kernel K into it; *distance = |B - K| / |K|, Frobenius, of the B that it held, nan if none. SB_ERR_NUMERIC: K
 * is not finite. */
sb_status sb_packed_fill(const sb_kernel_rows *rows, size_t threads, const sb_monitor *monitor, sb_packed *packed,
                         double *distance);
/* y[count][n] = A x[count][n] of A_ij = root_i K_ij root_j, K as it is packed; the same bits for any number of
 * threads. */
sb_status sb_packed_multiply(const sb_packed *packed, const double *root, size_t threads, size_t count, const double *x,
                             double *y);
/* The `count` largest pairs of A_ij = root_i K_ij root_j from the packed K, which may be a draft, by blocks of vectors,
 * then by K in double, which the packed one becomes, evaluated once or twice: again until all leave at most 1e-10 of
 * the largest (eigen->error), or what they leave is not halved any more. The same bits for any number of threads.
 * SB_ERR_NUMERIC: no convergence. */
sb_status sb_packed_top(const sb_kernel_rows *rows, sb_packed *packed, const double *root, size_t count, size_t threads,
                        const sb_monitor *monitor, sb_eigen *eigen);

/* lambda_max / lambda_min, infinity when that is not positive; nan without all pairs. */
double sb_eigen_condition(const sb_eigen *eigen);
/* exp(-sum_k p_k ln p_k), p_k = lambda_k / sum (Roy, Vetterli 2007); 0 of a zero matrix, nan without all pairs. */
double sb_eigen_effective_rank(const sb_eigen *eigen);

#endif
