#include <specbias/kernel.h>
#include <specbias/rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/product.h"

#define TILE 256  /* of a matrix: fits into a cache */
#define PROBES 32 /* vectors by which pairs are measured */

static sb_status check_tile(const double *matrix, size_t n, size_t row, size_t column)
{
    for (size_t i = row; i < n && i < row + TILE; i++)
        for (size_t j = column; j < column + TILE && j <= i; j++) {
            double a = matrix[i * n + j], b = matrix[j * n + i];
            if (!isfinite(a)) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite at (%zu, %zu)", i, j);
            if (a != b) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not symmetric at (%zu, %zu)", i, j);
        }
    return SB_OK;
}

/* A matrix, vectors, and where their products go: for threads that take TILE rows each. */
typedef struct by_rows {
    const double *matrix;
    size_t n, count;
    const double *vector; /* [count][n] */
    double *product;      /* [count][n] */
} by_rows;

static sb_status check_rows(void *context, size_t index)
{
    const by_rows *r = context;
    sb_status status = SB_OK;
    size_t i = (r->n - 1) / TILE - index; /* long rows first */
    for (size_t j = 0; j <= i && status == SB_OK; j++) status = check_tile(r->matrix, r->n, i * TILE, j * TILE);
    return status;
}

static sb_status check_matrix(const double *matrix, size_t n, size_t threads)
{
    by_rows r = {.matrix = matrix, .n = n};
    return sb_parallel_for(threads, (n + TILE - 1) / TILE, check_rows, &r);
}

/* Row k of the product is A times vector k. */
static sb_status multiply_rows(void *context, size_t index)
{
    const by_rows *r = context;
    size_t n = r->n, i = index * TILE, m = n - i < TILE ? n - i : TILE;
    sb_gemm_nt(r->count, m, n, r->vector, n, r->matrix + i * n, n, 0, r->product + i, n);
    return SB_OK;
}

/* LAPACK's ascending order turned round. */
static void reverse(sb_eigen *eigen)
{
    size_t n = eigen->n;
    for (size_t k = 0; k < n / 2; k++) {
        double *a = eigen->vector + k * n, *b = eigen->vector + (n - 1 - k) * n;
        double lambda = eigen->lambda[k];
        eigen->lambda[k] = eigen->lambda[n - 1 - k];
        eigen->lambda[n - 1 - k] = lambda;
        for (size_t i = 0; i < n; i++) {
            double component = a[i];
            a[i] = b[i];
            b[i] = component;
        }
    }
}

/* sum over all numbers of (a - b)^2 / unit^2 */
static double square_of_difference(size_t count, const double *a, const double *b, double unit)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (a[i] / unit - b[i] / unit) * (a[i] / unit - b[i] / unit);
    return sum;
}

/* residual |A V^T - V^T diag(lambda)| / |A| and orthogonality |V V^T - 1| of the pairs; work[4 PROBES][n]. Few pairs
 * are taken as they are, z = 1. Of many the mean over vectors z of signs, as |E|^2 = <|E z|^2>: no pair can hide, since
 * each has its whole error in every z, and it costs PROBES n^2 instead of n^3. */
static void measure(const double *matrix, size_t threads, sb_eigen *eigen, double *work)
{
    size_t n = eigen->n, count = eigen->count, probes = count < PROBES ? count : PROBES;
    double *z = work, *sum = z + PROBES * n, *product = sum + PROBES * n, *scaled = product + PROBES * n;
    double norm = fmax(fabs(eigen->lambda[0]), fabs(eigen->lambda[count - 1])), share = count > probes ? PROBES : 1;
    bool many = count > probes;
    const double *seen = many ? sum : eigen->vector; /* z V */
    sb_rng rng = sb_rng_at(1, SB_STREAM_PROBE, 0);
    for (size_t i = 0; i < probes * count; i++) z[i] = many ? sb_rng_sign(&rng) : i % count == i / count;
    if (many) sb_gemm(probes, n, count, z, eigen->vector, sum);
    sb_gemm_nt(probes, count, n, seen, n, eigen->vector, n, 0, product, count);
    eigen->orthogonality = sqrt(square_of_difference(probes * count, product, z, 1) / share);
    by_rows r = {matrix, n, probes, seen, product};
    sb_parallel_for(threads, (n + TILE - 1) / TILE, multiply_rows, &r);
    for (size_t i = 0; i < probes * count && many; i++) z[i] *= eigen->lambda[i % count];
    if (many) sb_gemm(probes, n, count, z, eigen->vector, scaled);
    for (size_t i = 0; i < probes * n && !many; i++) scaled[i] = eigen->lambda[i / n] * eigen->vector[i];
    if (norm > 0) eigen->residual = sqrt(square_of_difference(probes * n, product, scaled, norm) / share);
    for (size_t i = 0; i < n; i++) eigen->trace += matrix[i * n + i];
}

/* Room for `count` pairs, and `work` for what makes and measures them. */
static sb_status allocate(size_t n, size_t count, size_t working, sb_eigen *eigen, double **work)
{
    *eigen = (sb_eigen){.n = n, .count = count, .negative = NAN};
    *work = malloc(working * sizeof **work);
    eigen->lambda = malloc(count * sizeof *eigen->lambda);
    eigen->vector = malloc(count * n * sizeof *eigen->vector);
    if (*work && eigen->lambda && eigen->vector) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points (%.1f GB)", count, n,
                   8e-9 * (double)(working + count * n));
}

double sb_rounding(size_t n, bool single)
{
    return (double)n * (single ? 0x1p-22 : 0x1p-46);
}

double sb_gram_distance(size_t count, const double *a, const double *b)
{
    double off = 0, size = 0, unit = 0;
    for (size_t i = 0; i < count; i++) unit = fmax(unit, fmax(fabs(a[i]), fabs(b[i])));
    for (size_t i = 0; i < count && unit > 0; i++) { /* squares of any numbers */
        off += pow(a[i] / unit - b[i] / unit, 2);
        size += pow(b[i] / unit, 2);
    }
    return off > 0 ? sqrt(off / size) : 0;
}

sb_status sb_eigen_check_semidefinite(const sb_eigen *eigen, bool single)
{
    if (!(eigen->negative > sb_rounding(eigen->n, single))) return SB_OK;
    return sb_fail(SB_ERR_NUMERIC, "the kernel is indefinite beyond rounding: lowest eigenvalue %g of %g",
                   eigen->lambda[eigen->n - 1], eigen->lambda[0]);
}

sb_status sb_eigen_symmetric(const double *matrix, size_t n, bool semidefinite, sb_eigen *eigen)
{
    size_t threads = n <= SB_BLAS_EXACT ? 1 : 0; /* as LAPACK has */
    sb_status status = check_matrix(matrix, n, threads);
    double *work = NULL;
    if (status != SB_OK) return status;
    SB_TRY(allocate(n, n, 4 * PROBES * n, eigen, &work));
    memcpy(eigen->vector, matrix, n * n * sizeof *matrix);
    SB_TRY(sb_syevd(n, eigen->vector, eigen->lambda));
    reverse(eigen);
    measure(matrix, threads, eigen, work);
    double lowest = eigen->lambda[n - 1];
    eigen->negative = lowest < 0 ? -lowest / fmax(fabs(eigen->lambda[0]), -lowest) : 0;
    if (semidefinite) status = sb_eigen_check_semidefinite(eigen, false);
done:
    free(work);
    if (status != SB_OK) sb_eigen_clear(eigen);
    return status;
}

/* ---- the largest pairs ---- */

sb_status sb_eigen_top(const double *matrix, size_t n, size_t count, size_t threads, sb_eigen *eigen)
{
    if (count >= n) return sb_eigen_symmetric(matrix, n, false, eigen);
    sb_status status = check_matrix(matrix, n, threads);
    double *work = NULL;
    bool few = 5 * count + 50 < n; /* else Lanczos would not be faster */
    sb_product p = {.matrix = matrix, .n = n, .threads = threads, .unit = 0};
    size_t measuring = 4 * PROBES * n, working = few ? SB_PRODUCT_GROUPS * n : n * n;
    if (status != SB_OK) return status;
    SB_TRY(allocate(n, count, working > measuring ? working : measuring, eigen, &work));
    p.part = work;
    for (size_t i = 0; i < n; i++) p.unit = fmax(p.unit, fabs(matrix[i * n + i]));
    p.unit = sb_product_unit(p.unit);
    if (few) status = sb_lanczos_top(n, count, sb_product_apply, &p, eigen->vector, eigen->lambda);
    for (size_t k = 0; k < count && few && status == SB_OK; k++) eigen->lambda[k] *= p.unit;
    if (few && status == SB_ERR_NUMERIC) { /* such as a zero matrix */
        free(work);
        work = malloc((n * n + measuring) * sizeof *work);
        status = work ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", count, n);
        few = false;
    }
    SB_TRY(status);
    if (!few) {
        memcpy(work, matrix, n * n * sizeof *matrix);
        SB_TRY(sb_syevr_top(n, work, count, eigen->vector, eigen->lambda));
    }
    measure(matrix, threads, eigen, work);
done:
    free(work);
    if (status != SB_OK) sb_eigen_clear(eigen);
    return status;
}

void sb_eigen_clear(sb_eigen *eigen)
{
    free(eigen->lambda);
    free(eigen->vector);
    free(eigen->error);
    *eigen = (sb_eigen){0};
}

/* ---- what they say ---- */

double sb_eigen_condition(const sb_eigen *eigen)
{
    if (eigen->count < eigen->n) return NAN;
    double lowest = eigen->lambda[eigen->n - 1];
    return lowest > 0 ? eigen->lambda[0] / lowest : INFINITY;
}

double sb_eigen_effective_rank(const sb_eigen *eigen)
{
    double sum = 0, entropy = 0;
    if (eigen->count < eigen->n) return NAN;
    for (size_t k = 0; k < eigen->n; k++) sum += fmax(eigen->lambda[k], 0);
    if (sum == 0) return 0;
    for (size_t k = 0; k < eigen->n && eigen->lambda[k] > 0; k++)
        entropy -= eigen->lambda[k] / sum * log(eigen->lambda[k] / sum);
    return exp(entropy);
}
