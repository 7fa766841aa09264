/* A network that does not start at zero. The linear equation keeps what it was born with apart from what it learns:
 * from h_ini it ends at h_ini + k K^-1 (y - h_ini(X)), that is, at the limit from zero plus what h_ini has that data at
 * X do not determine. An antisymmetric start has none of it, at the same kernel. */
#include "tests/oracles/lfp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

sb_status sb_start_limit(size_t n, const double *gram, const double *y, const double *start, size_t m,
                         const double *cross, const double *start_at, double *h)
{
    double *work = malloc(2 * n * sizeof *work);
    if (!work) return sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
    for (size_t i = 0; i < n; i++) work[i] = y[i] - start[i];
    sb_status status = sb_solve_symmetric(n, gram, 1, work, work + n);
    if (status == SB_OK) {
        memcpy(h, start_at, m * sizeof *h);
        sb_gemv(m, n, 1, cross, work + n, 1, h);
    }
    free(work);
    return status;
}

double sb_start_covariance(double in2, double out2, double range, double x1, double x2)
{
    double d = fabs(x1 - x2);
    return in2 * out2 * (range * range / 6 + x1 * x2 / 2 + d * d * d / (24 * range));
}

sb_status sb_start_variance(size_t n, const double *gram, const double *data, size_t m, const double *cross,
                            const double *mixed, const double *diagonal, double *extra)
{
    sb_status status = SB_OK;
    double *weight = malloc(m * n * sizeof *weight),
           *moved = malloc(n * sizeof *moved); /* rows k K^-1; C(X, X) row^T */
    if (!weight || !moved) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu equations at %zu points", n, m);
        goto done;
    }
    SB_TRY(sb_solve_symmetric(n, gram, m, cross, weight));
    for (size_t k = 0; k < m; k++) {
        const double *row = weight + k * n;
        sb_gemv(n, n, 1, data, row, 0, moved);
        extra[k] = diagonal[k];
        for (size_t i = 0; i < n; i++) extra[k] += row[i] * (moved[i] - 2 * mixed[k * n + i]);
    }
done:
    free(weight);
    free(moved);
    return status;
}

sb_status sb_start_displacement(size_t n, const double *gram, const double *u, double *distance2)
{
    double *solution = malloc(n * sizeof *solution);
    if (!solution) return sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
    sb_status status = sb_solve_symmetric(n, gram, 1, u, solution);
    *distance2 = 0;
    for (size_t i = 0; status == SB_OK && i < n; i++) *distance2 += u[i] * solution[i];
    free(solution);
    return status;
}
