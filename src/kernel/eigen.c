#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

static sb_status check_matrix(const double *matrix, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double a = matrix[i * n + j], b = matrix[j * n + i];
            if (!isfinite(a)) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite at (%zu, %zu)", i, j);
            if (a != b) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not symmetric at (%zu, %zu)", i, j);
        }
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

/* residual, orthogonality and negativity of the pairs; work[2][n][n] */
static void measure(const double *matrix, sb_eigen *eigen, double *work)
{
    size_t n = eigen->n;
    double *product = work, *overlap = work + n * n, norm = fmax(fabs(eigen->lambda[0]), fabs(eigen->lambda[n - 1]));
    sb_gemm_nt(n, n, n, eigen->vector, n, matrix, n, 0, product, n); /* row k = A v_k */
    sb_gemm_nt(n, n, n, eigen->vector, n, eigen->vector, n, 0, overlap, n);
    eigen->residual = eigen->orthogonality = 0;
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            double off = product[k * n + i] - eigen->lambda[k] * eigen->vector[k * n + i];
            sum += off * off;
            eigen->orthogonality = fmax(eigen->orthogonality, fabs(overlap[k * n + i] - (i == k)));
        }
        if (norm > 0) eigen->residual = fmax(eigen->residual, sqrt(sum) / norm);
    }
    double lowest = eigen->lambda[n - 1];
    eigen->negative = lowest < 0 ? -lowest / norm : 0;
}

sb_status sb_eigen_symmetric(const double *matrix, size_t n, bool semidefinite, sb_eigen *eigen)
{
    sb_status status = check_matrix(matrix, n);
    if (status != SB_OK) return status;
    double *work = malloc(2 * n * n * sizeof *work);
    *eigen = (sb_eigen){.n = n};
    eigen->lambda = malloc(n * sizeof *eigen->lambda);
    eigen->vector = malloc(n * n * sizeof *eigen->vector);
    if (!work || !eigen->lambda || !eigen->vector) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the eigenvectors of %zu points", n);
        goto done;
    }
    memcpy(eigen->vector, matrix, n * n * sizeof *matrix);
    SB_TRY(sb_syevd(n, eigen->vector, eigen->lambda));
    reverse(eigen);
    measure(matrix, eigen, work);
    if (semidefinite && eigen->negative > (double)n * 0x1p-46)
        status = sb_fail(SB_ERR_NUMERIC, "the kernel is indefinite beyond rounding: lowest eigenvalue %g of %g",
                         eigen->lambda[n - 1], eigen->lambda[0]);
done:
    free(work);
    if (status != SB_OK) sb_eigen_clear(eigen);
    return status;
}

void sb_eigen_clear(sb_eigen *eigen)
{
    free(eigen->lambda);
    free(eigen->vector);
    *eigen = (sb_eigen){0};
}
