#include "core/linalg.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpack/arpack.h>
#include <cblas.h>
#include <lapacke.h>

#include "core/parallel.h"

/* OpenBLAS has one number of threads for the whole process. Callers that need one thread share it by counting: the
 * first sets it, the last restores it, both under the lock. All others only count, so that products between
 * sb_blas_begin and sb_blas_end take no lock. */
static struct {
    pthread_mutex_t lock;
    atomic_int users;
    int before;
} single = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* users += step, unless there are fewer than `least`. */
static bool count_users(int least, int step)
{
    int users = atomic_load(&single.users);
    while (users >= least)
        if (atomic_compare_exchange_weak(&single.users, &users, users + step)) return true;
    return false;
}

void sb_blas_begin(void)
{
    if (count_users(1, 1)) return;
    pthread_mutex_lock(&single.lock);
    if (atomic_load(&single.users) == 0) { /* only under the lock does it leave 0 or become 0 */
        single.before = openblas_get_num_threads();
        if (single.before != 1) openblas_set_num_threads(1);
    }
    atomic_fetch_add(&single.users, 1);
    pthread_mutex_unlock(&single.lock);
}

void sb_blas_end(void)
{
    if (count_users(2, -1)) return;
    pthread_mutex_lock(&single.lock);
    if (atomic_fetch_sub(&single.users, 1) == 1 && single.before != 1) openblas_set_num_threads(single.before);
    pthread_mutex_unlock(&single.lock);
}

void sb_gemv(size_t rows, size_t columns, double alpha, const double *a, const double *x, double beta, double *y)
{
    sb_blas_begin();
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)rows, (int)columns, alpha, a, (int)columns, x, 1, beta, y, 1);
    sb_blas_end();
}

void sb_gemv_t(size_t rows, size_t columns, double alpha, const double *a, const double *x, double beta, double *y)
{
    sb_blas_begin();
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)rows, (int)columns, alpha, a, (int)columns, x, 1, beta, y, 1);
    sb_blas_end();
}

void sb_gemm_double(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, double alpha, const double *a,
                    size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc)
{
    sb_blas_begin();
    cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
                (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
    sb_blas_end();
}

void sb_gemm_float(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                   size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    sb_blas_begin();
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
                (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
    sb_blas_end();
}

void sb_syrk_double(bool transpose, size_t n, size_t k, double alpha, const double *a, size_t lda, double beta,
                    double *c, size_t ldc)
{
    sb_blas_begin();
    cblas_dsyrk(CblasRowMajor, CblasLower, transpose ? CblasTrans : CblasNoTrans, (int)n, (int)k, alpha, a, (int)lda,
                beta, c, (int)ldc);
    sb_blas_end();
}

void sb_syrk_float(bool transpose, size_t n, size_t k, float alpha, const float *a, size_t lda, float beta, float *c,
                   size_t ldc)
{
    sb_blas_begin();
    cblas_ssyrk(CblasRowMajor, CblasLower, transpose ? CblasTrans : CblasNoTrans, (int)n, (int)k, alpha, a, (int)lda,
                beta, c, (int)ldc);
    sb_blas_end();
}

typedef struct mirror {
    size_t n;
    double *c;
} mirror;

enum { SIDE = 32 }; /* squares that stay in a cache while they are read along rows and written along columns */

/* Rows of squares, the last and longest first. */
static sb_status mirror_rows(void *context, size_t index)
{
    const mirror *m = context;
    size_t n = m->n, i = ((n - 1) / SIDE - index) * SIDE;
    for (size_t j = 0; j <= i; j += SIDE)
        for (size_t r = i; r < n && r < i + SIDE; r++)
            for (size_t s = j; s < r && s < j + SIDE; s++) m->c[s * n + r] = m->c[r * n + s];
    return SB_OK;
}

void sb_mirror(size_t threads, size_t n, double *c)
{
    mirror m = {n, c};
    bool small = n <= 8 * SIDE; /* takes less time than threads take to start */
    sb_parallel_for(small ? 1 : threads, (n + SIDE - 1) / SIDE, mirror_rows, &m);
}

void sb_gemm_nt(size_t m, size_t n, size_t k, const double *a, size_t lda, const double *b, size_t ldb, double beta,
                double *c, size_t ldc)
{
    sb_gemm_double(false, true, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void sb_gemm(size_t m, size_t n, size_t k, const double *a, const double *b, double *c)
{
    sb_gemm_double(false, false, m, n, k, 1, a, k, b, n, 0, c, n);
}

static _Thread_local const sb_ranks *sharing;

void sb_ranks_set(const sb_ranks *grid)
{
    sharing = grid;
}

const sb_ranks *sb_ranks_of(size_t n)
{
    return n > SB_BLAS_EXACT ? sharing : NULL;
}

sb_status sb_syevd(size_t n, double *vectors, double *values)
{
    if (n > 32700) return sb_fail(SB_ERR_UNSUPPORTED, "%zu points: dsyevd's 32-bit workspace ends at 32700", n);
    if (sb_ranks_of(n)) return sb_ranks_of(n)->syevd(n, vectors, values);
    if (n <= SB_BLAS_EXACT) sb_blas_begin();
    /* column-major, so that eigenvector k is row k of `vectors` */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, vectors, (lapack_int)n, values);
    if (n <= SB_BLAS_EXACT) sb_blas_end();
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return sb_fail(SB_ERR_NOMEM, "no memory for the eigenvectors of %zu points", n);
    if (info != 0) return sb_fail(SB_ERR_NUMERIC, "dsyevd did not converge (info = %d)", (int)info);
    return SB_OK;
}

sb_status sb_solve_symmetric(size_t n, const double *a, size_t count, const double *b, double *x)
{
    sb_status status = SB_OK;
    double *factor = malloc(n * n * sizeof *factor), *errors = malloc(2 * count * sizeof *errors), rcond = 0;
    lapack_int *pivot = malloc(n * sizeof *pivot), info;
    if (!factor || !errors || !pivot) {
        status = sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
        goto done;
    }
    sb_blas_begin();
    info = LAPACKE_dsysvx(LAPACK_COL_MAJOR, 'N', 'U', (lapack_int)n, (lapack_int)count, a, (lapack_int)n, factor,
                          (lapack_int)n, pivot, b, (lapack_int)n, x, (lapack_int)n, &rcond, errors, errors + count);
    sb_blas_end();
    if (info == LAPACK_WORK_MEMORY_ERROR)
        status = sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
    else if (info != 0) /* n + 1: solved, but rcond < epsilon */
        status = sb_fail(SB_ERR_NUMERIC, "the matrix is singular to working precision (rcond = %.1e)", rcond);
done:
    free(factor);
    free(errors);
    free(pivot);
    return status;
}

sb_status sb_compress(size_t count, size_t n, double *a)
{
    double *scale = malloc(n * sizeof *scale);
    lapack_int size = (lapack_int)n, info = LAPACK_WORK_MEMORY_ERROR;
    sb_blas_begin();
    if (scale) info = LAPACKE_dgelqf(LAPACK_COL_MAJOR, size, (lapack_int)count, a, size, scale);
    sb_blas_end();
    free(scale);
    if (info != 0) return sb_fail(SB_ERR_NOMEM, "no memory to compress %zu features", count);
    for (size_t k = 1; k < n; k++) memset(a + k * n, 0, k * sizeof *a); /* above the diagonal of L: of Q */
    return SB_OK;
}

/* LAPACK's upper band storage of a tridiagonal matrix: column j holds A(j - 1, j), A(j, j). */
static void fill_band(size_t n, const double *diagonal, const double *off, double *band)
{
    for (size_t j = 0; j < n; j++) {
        band[2 * j] = j > 0 ? off[j - 1] : 0;
        band[2 * j + 1] = diagonal[j];
    }
}

sb_status sb_tridiagonal_eigen(size_t n, const double *a, const double *a_off, const double *b, const double *b_off,
                               double *vectors, double *values)
{
    if (n > 32700) return sb_fail(SB_ERR_UNSUPPORTED, "%zu unknowns: dsbgvd's 32-bit workspace ends at 32700", n);
    lapack_int size = (lapack_int)n, info = LAPACK_WORK_MEMORY_ERROR;
    double *bands = malloc(4 * n * sizeof *bands);
    if (bands) {
        fill_band(n, a, a_off, bands);
        fill_band(n, b, b_off, bands + 2 * n);
        if (n <= SB_BLAS_EXACT) sb_blas_begin();
        info =
            LAPACKE_dsbgvd(LAPACK_COL_MAJOR, 'V', 'U', size, 1, 1, bands, 2, bands + 2 * n, 2, values, vectors, size);
        if (n <= SB_BLAS_EXACT) sb_blas_end();
    }
    free(bands);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return sb_fail(SB_ERR_NOMEM, "no memory for the eigenvectors of %zu unknowns", n);
    if (info != 0) return sb_fail(SB_ERR_NUMERIC, "dsbgvd did not converge (info = %d)", (int)info);
    return SB_OK;
}

/* values[count] and vectors[count][n], largest first, from ascending ones. */
static void turn_round(size_t n, size_t count, const double *ascending, const double *rows, double *vectors,
                       double *values)
{
    for (size_t k = 0; k < count; k++) {
        values[k] = ascending[count - 1 - k];
        memcpy(vectors + k * n, rows + (count - 1 - k) * n, n * sizeof *vectors);
    }
}

sb_status sb_syevr_top(size_t n, double *matrix, size_t count, double *vectors, double *values)
{
    lapack_int size = (lapack_int)n, first = (lapack_int)(n - count + 1), found = 0;
    lapack_int info = LAPACK_WORK_MEMORY_ERROR, *support = malloc((2 * n + 2) * sizeof *support);
    double *ascending = malloc((n + n * count) * sizeof *ascending);
    if (n <= SB_BLAS_EXACT) sb_blas_begin();
    if (ascending && support) /* upper by rows is lower by columns */
        info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', size, matrix, size, 0, 0, first, size, 0, &found,
                              ascending, ascending + n, size, support);
    if (n <= SB_BLAS_EXACT) sb_blas_end();
    if (info == 0) turn_round(n, count, ascending, ascending + n, vectors, values);
    free(ascending);
    free(support);
    if (info == LAPACK_WORK_MEMORY_ERROR) return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors", count);
    return info == 0 ? SB_OK : sb_fail(SB_ERR_NUMERIC, "dsyevr did not converge (info = %d)", (int)info);
}

#define LANCZOS_TOLERANCE 1e-13 /* rounding of products in double: a smaller one is none */

/* What ARPACK works in: basis of the Krylov space [size][n], its last residual [n], vectors to be multiplied [3][n]. */
typedef struct krylov {
    a_int n, count, size, iparam[11], ipntr[11], lwork;
    double *basis, *residual, *vectors, *work;
    a_int *select;
} krylov;

static bool open_krylov(size_t n, size_t count, krylov *k)
{
    size_t size = 2 * count + 20 < n ? 2 * count + 20 : n, lwork = size * (size + 8);
    *k = (krylov){.n = (a_int)n, .count = (a_int)count, .size = (a_int)size, .lwork = (a_int)lwork};
    k->basis = malloc((size * n + 4 * n + lwork) * sizeof *k->basis);
    k->select = calloc(size, sizeof *k->select);
    if (!k->basis || !k->select) return false;
    k->residual = k->basis + size * n;
    k->vectors = k->residual + n;
    k->work = k->vectors + 3 * n;
    for (size_t i = 0; i < n; i++) k->residual[i] = 1 + cos((double)(i * i)); /* any start, always the same */
    k->iparam[0] = 1;                                                         /* exact shifts */
    k->iparam[2] = 1000;                                                      /* restarts, at most */
    k->iparam[6] = 1;                                                         /* A x = lambda x */
    return true;
}

/* Lanczos steps until the wanted pairs have converged. */
static sb_status iterate(krylov *k, sb_status (*apply)(void *context, const double *x, double *y), void *context)
{
    a_int ido = 0, info = 1;
    sb_status status = SB_OK;
    do {
        dsaupd_c(&ido, "I", k->n, "LA", k->count, LANCZOS_TOLERANCE, k->residual, k->size, k->basis, k->n, k->iparam,
                 k->ipntr, k->vectors, k->work, k->lwork, &info);
        if (ido == 1 || ido == -1) status = apply(context, k->vectors + k->ipntr[0] - 1, k->vectors + k->ipntr[1] - 1);
    } while (status == SB_OK && (ido == 1 || ido == -1));
    if (status == SB_OK && info != 0)
        status = sb_fail(SB_ERR_NUMERIC, "Lanczos iterations did not converge (dsaupd, info = %d)", (int)info);
    return status;
}

sb_status sb_lanczos_top(size_t n, size_t count, sb_status (*apply)(void *context, const double *x, double *y),
                         void *context, double *vectors, double *values)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    a_int info = 0;
    krylov k;
    bool there = open_krylov(n, count, &k);
    sb_status status = there ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors", count);
    double *ascending = malloc((count + count * n) * sizeof *ascending);
    if (!ascending) status = sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors", count);
    pthread_mutex_lock(&lock);
    sb_blas_begin();
    if (status == SB_OK) status = iterate(&k, apply, context);
    if (status == SB_OK)
        dseupd_c(1, "A", k.select, ascending, ascending + count, k.n, 0, "I", k.n, "LA", k.count, LANCZOS_TOLERANCE,
                 k.residual, k.size, k.basis, k.n, k.iparam, k.ipntr, k.vectors, k.work, k.lwork, &info);
    sb_blas_end();
    pthread_mutex_unlock(&lock);
    if (info != 0) status = sb_fail(SB_ERR_NUMERIC, "no eigenvectors from Lanczos (dseupd, info = %d)", (int)info);
    if (status == SB_OK) turn_round(n, count, ascending, ascending + count, vectors, values);
    free(k.basis);
    free(k.select);
    free(ascending);
    return status;
}

sb_status sb_first_singular(size_t rows, size_t columns, const double *a, double *v, double value[2])
{
    bool tall = rows >= columns;
    size_t n = tall ? columns : rows;
    size_t count = n > 1 ? 2 : 1;
    double *gram = malloc(n * n * sizeof *gram), *w = malloc(count * n * sizeof *w);
    sb_status status = SB_OK;
    if (!gram || !w) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the singular values of %zu x %zu numbers", rows, columns);
        goto done;
    }
    if (n <= SB_BLAS_EXACT) sb_blas_begin();
    cblas_dsyrk(CblasRowMajor, CblasUpper, tall ? CblasTrans : CblasNoTrans, (int)n, (int)(tall ? rows : columns), 1, a,
                (int)columns, 0, gram, (int)n);
    if (n <= SB_BLAS_EXACT) sb_blas_end();
    value[1] = 0;
    SB_TRY(sb_syevr_top(n, gram, count, w, value));
    for (int k = 0; k < 2; k++) value[k] = sqrt(fmax(0, value[k]));
    if (tall)
        memcpy(v, w, n * sizeof *v);
    else /* A^T w = sigma v */
        sb_gemv_t(rows, columns, value[0] > 0 ? 1 / value[0] : 0, a, w, 0, v);
done:
    free(gram);
    free(w);
    return status;
}

const char *sb_blas_core(void)
{
    return openblas_get_corename();
}

const char *sb_blas_name(void)
{
    return openblas_get_config();
}
