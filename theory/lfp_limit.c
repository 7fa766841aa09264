/* What the linear F-Principle leads to: h(x) = K(x, X) K(X, X)^-1 y for t -> infinity.
 *
 * K = phi(D) / L + a0 + a1 x x' with phi = c4 D^3 / 24 - c2 D / 4, a0 = c4 L^2 / 6 + c2 / 2 and a1 = c4 / 2 (the part
 * x^2 + x'^2 is not there). With coefficients alpha / L of the data, h = sum alpha_i phi(|x - x_i|) + b0 + b1 x, and
 *
 *   sum_j phi(|x_i - x_j|) alpha_j + b0 + b1 x_i = y_i,   sum alpha_i = b0 / (a0 L),   sum alpha_i x_i = b1 / (a1 L),
 *
 * a system that stays well-conditioned for L -> infinity, where its right-hand sides become 0: a spline. */
#include <specbias/theory.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"

double sb_lfp_crossover(double c4, double c2)
{
    return sqrt(c4 / c2) / (2 * M_PI);
}

static double phi(double c4, double c2, double distance)
{
    return c4 * distance * distance * distance / 24 - c2 * distance / 4;
}

sb_status sb_lfp_limit(double c4, double c2, double range, size_t n, const double *x, const double *y, size_t m,
                       const double *at, double *h)
{
    sb_status status = SB_OK;
    size_t size = n + (c4 > 0 ? 2 : 1); /* without c4 there is no x x' */
    double *matrix = calloc(size * size, sizeof *matrix), *right = calloc(2 * size, sizeof *right);
    if (!matrix || !right) {
        status = sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", size);
        goto done;
    }
    double *solution = right + size, cube = c4 > 0 ? c4 * range * range / 6 : 0; /* not 0 * inf */
    double stiffness[2] = {1 / (range * (cube + c2 / 2)), 2 / (range * c4)};
    for (size_t i = 0; i < n; i++) {
        right[i] = y[i];
        for (size_t j = 0; j < n; j++) matrix[i * size + j] = phi(c4, c2, fabs(x[i] - x[j]));
        for (size_t p = n; p < size; p++) matrix[i * size + p] = matrix[p * size + i] = p == n ? 1 : x[i];
    }
    for (size_t p = n; p < size; p++) matrix[p * size + p] = -stiffness[p - n];
    SB_TRY(sb_solve_symmetric(size, matrix, 1, right, solution));
    for (size_t k = 0; k < m; k++) {
        h[k] = solution[n] + (size > n + 1 ? solution[n + 1] * at[k] : 0);
        for (size_t i = 0; i < n; i++) h[k] += solution[i] * phi(c4, c2, fabs(at[k] - x[i]));
    }
done:
    free(matrix);
    free(right);
    return status;
}
