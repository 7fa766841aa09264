/* Dense linear algebra: the only place that knows BLAS and LAPACK. Matrices are row-major.
 *
 * OpenBLAS adds in an order that depends on its threads, so everything up to SB_BLAS_EXACT rows runs on one BLAS thread
 * (callers bring their own threads and fixed blocks); larger problems use all of them. */
#ifndef SPECBIAS_CORE_LINALG_H
#define SPECBIAS_CORE_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/status.h>

#define SB_BLAS_EXACT 1024

/* Between the two, calls from any thread find OpenBLAS on one thread already, so that they need not set it. */
void sb_blas_begin(void);
void sb_blas_end(void);

/* y = alpha A x + beta y, A [rows][columns] */
void sb_gemv(size_t rows, size_t columns, double alpha, const double *a, const double *x, double beta, double *y);
/* y = alpha A^T x + beta y, A [rows][columns] */
void sb_gemv_t(size_t rows, size_t columns, double alpha, const double *a, const double *x, double beta, double *y);
/* C = A B^T + beta C on one thread; A [m][k] and B [n][k] with rows lda, ldb apart, C [m][n] with rows ldc apart */
void sb_gemm_nt(size_t m, size_t n, size_t k, const double *a, size_t lda, const double *b, size_t ldb, double beta,
                double *c, size_t ldc);
/* C = alpha op(A) op(B) + beta C on one thread, op(A) [m][k], op(B) [k][n], C [m][n]; what is stored is the transpose
 * where asked for, with rows lda, ldb, ldc apart. */
void sb_gemm_double(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, double alpha, const double *a,
                    size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc);
void sb_gemm_float(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                   size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc);
/* The lower triangle of C = alpha op(A) op(A)^T + beta C [n][n] on one thread, op(A) [n][k]; rows as above. */
void sb_syrk_double(bool transpose, size_t n, size_t k, double alpha, const double *a, size_t lda, double beta,
                    double *c, size_t ldc);
void sb_syrk_float(bool transpose, size_t n, size_t k, float alpha, const float *a, size_t lda, float beta, float *c,
                   size_t ldc);
/* The upper triangle of C [n][n] from the lower one; threads 0: all cores. */
void sb_mirror(size_t threads, size_t n, double *c);
/* C = A B, A [m][k], B [k][n], C [m][n] */
void sb_gemm(size_t m, size_t n, size_t k, const double *a, const double *b, double *c);
/* All eigenvalues (ascending) and eigenvectors of a symmetric matrix; vectors[k * n + i] is component i of vector k.
 * On entry `vectors` holds the matrix. */
sb_status sb_syevd(size_t n, double *vectors, double *values);

/* Processes that share the work on whole matrices of more than SB_BLAS_EXACT rows: set by the ranks of an MPI build
 * (cli/grid.c), for the thread that sets them; in other threads, and in ordinary builds, there is none. */
struct sb_view;
typedef struct sb_ranks {
    size_t processes;
    sb_status (*syevd)(size_t n, double *vectors, double *values); /* as sb_syevd */
    /* as sb_view_gram_of_width (run/kernel/view.h) */
    sb_status (*gram)(const struct sb_view *view, int kernel, double factor, uint64_t seed, double *gram);
} sb_ranks;
void sb_ranks_set(const sb_ranks *grid); /* kept, not copied */
const sb_ranks *sb_ranks_of(size_t n);   /* for a matrix of n rows; NULL: this process does it alone */

/* The `count` largest eigenvalues (descending) and their eigenvectors, vectors[k * n + i] (LAPACK dsyevr). The upper
 * triangle of the matrix, by rows, is used up. */
sb_status sb_syevr_top(size_t n, double *matrix, size_t count, double *vectors, double *values);
/* The same of a matrix that is only multiplied with, apply: y[n] = A x, by the implicitly restarted Lanczos method
 * (ARPACK), each to 1e-13 of its value; count < n. One call at a time: ARPACK keeps state of its own.
 * SB_ERR_NUMERIC: no convergence.
 */
sb_status sb_lanczos_top(size_t n, size_t count, sb_status (*apply)(void *context, const double *x, double *y),
                         void *context, double *vectors, double *values);
/* Solves A X = B for symmetric A [n][n] and `count` right-hand sides [count][n], with iterative refinement. */
sb_status sb_solve_symmetric(size_t n, const double *a, size_t count, const double *b, double *x);

/* A [count][n] becomes B [n][n], the first n rows of it, with B^T B = A^T A to rounding of A itself: A^T = L Q and
 * B = L^T, without the squares; count >= n (LAPACK dgelqf). */
sb_status sb_compress(size_t count, size_t n, double *a);

/* All eigenpairs of A v = lambda B v for symmetric tridiagonal A and positive definite B, given as diagonal[n] and
 * off[n - 1]: ascending values, vectors[k * n + i] with v_k^T B v_l = (k = l) (LAPACK dsbgvd). */
sb_status sb_tridiagonal_eigen(size_t n, const double *a, const double *a_off, const double *b, const double *b_off,
                               double *vectors, double *values);

/* v[columns]: first right singular vector of A [rows][columns]; value[2]: the first two singular values (0: there is
 * only one). By eigenpairs of the smaller of A^T A and A A^T, which loses nothing for the largest. */
sb_status sb_first_singular(size_t rows, size_t columns, const double *a, double *v, double value[2]);

/* Description of the BLAS in use, e.g. "OpenBLAS 0.3.21 SkylakeX". */
const char *sb_blas_name(void);
/* The core its kernels are for, e.g. "SkylakeX". */
const char *sb_blas_core(void);

#endif
