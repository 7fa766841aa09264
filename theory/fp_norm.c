/* The norm that training minimises among all functions through the data, |f|_gamma^2 = sum_k |f^(k)|^2 / gamma^2(k)
 * over k = +-1, +-2, .. on the circle: of two functions that fit, the one with less at high frequencies. With Bernoulli
 * polynomials, sum_k exp(2 pi i k u) / k^2 = 2 pi^2 B2(u) and sum_k exp(2 pi i k u) / k^4 = -(2 pi)^4 B4(u) / 24. */
#include <specbias/theory.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"

double sb_fp_gamma2(double c4, double c2, double k)
{
    return c4 / (k * k * k * k) + 4 * M_PI * M_PI * c2 / (k * k);
}

/* zeta(2) = pi^2/6, zeta(4) = pi^4/90 */
double sb_fp_gamma(double c4, double c2)
{
    return M_PI * M_PI * sqrt(c4 / 45 + 4 * c2 / 3);
}

double sb_fp_kernel(double c4, double c2, double u)
{
    double v = u - floor(u), w = v * (1 - v), b2 = 1. / 6 - w, b4 = w * w - 1. / 30, pi4 = pow(M_PI, 4);
    return 8 * pi4 * c2 * b2 - 2. / 3 * pi4 * c4 * b4;
}

double sb_fp_norm(double c4, double c2, size_t n, const double complex *coefficient)
{
    double sum = 0;
    for (size_t k = n; k > 0; k--) sum += pow(cabs(coefficient[k - 1]), 2) / sb_fp_gamma2(c4, c2, (double)k);
    return sqrt(2 * sum);
}

/* h = sum w_i k(x - x_i) with k(X, X) w = y, and |h|_gamma^2 = w . y */
sb_status sb_fp_interpolant(double c4, double c2, size_t n, const double *x, const double *y, size_t m,
                            const double *at, double *h, double *norm)
{
    sb_status status = SB_OK;
    double *gram = calloc((n + 1) * n, sizeof *gram), norm2 = 0;
    if (!gram) return sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
    double *weight = gram + n * n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) gram[i * n + j] = sb_fp_kernel(c4, c2, fabs(x[i] - x[j]));
    SB_TRY(sb_solve_symmetric(n, gram, 1, y, weight));
    for (size_t i = 0; i < n; i++) norm2 += weight[i] * y[i];
    *norm = sqrt(norm2);
    for (size_t k = 0; k < m; k++) {
        h[k] = 0;
        for (size_t i = 0; i < n; i++) h[k] += weight[i] * sb_fp_kernel(c4, c2, fabs(at[k] - x[i]));
    }
done:
    free(gram);
    return status;
}

static double confidence(size_t n, double delta)
{
    return 4 * sqrt(2 * log(4 / delta) / (double)n);
}

double sb_fp_bound(double norm, double gamma, double max_abs, size_t n, double delta)
{
    return 2 * norm * gamma / sqrt((double)n) + (max_abs + norm * gamma) * confidence(n, delta);
}

double sb_fp_bound_stated(double norm, double gamma, double max_abs, size_t n, double delta)
{
    return (max_abs + 2 * norm * gamma) * (2 / sqrt((double)n) + confidence(n, delta));
}
