#include "tests/oracles/zonal.h"

#include <math.h>

/* The matrix of n equal angles is circulant: its eigenvalue is the transform of a row, which the kernel's own Fourier
 * series turns into sum_j mu_|l + j n|. */
double sb_zonal_aliased(size_t n, size_t l, double (*kernel)(const void *context, double t), const void *context)
{
    double step = 2 * M_PI / (double)n, sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t around = i < n - i ? i : n - i; /* angles are at most pi */
        sum += kernel(context, step * (double)around) * cos(step * (double)(l % n * i % n));
    }
    return step * sum;
}

/* 1 + cos t = 2 cos^2(t/2), without a difference near pi */
double sb_zonal_relu_kernel(double t)
{
    double half = cos(t / 2);
    return half * half * (M_PI - t) / M_PI;
}

double sb_zonal_relu_all(double t, double kappa)
{
    return sb_zonal_relu_kernel(t) + kappa * kappa * (sin(t) + (M_PI - t) * cos(t)) / (2 * M_PI);
}

double sb_zonal_relu_circle(size_t l)
{
    double k = (double)l;
    if (l == 0) return M_PI / 2 + 2 / M_PI;
    if (l == 1) return M_PI / 4 + 2 / M_PI;
    return l % 2 == 0 ? (1 / ((k - 1) * (k - 1)) + 1 / ((k + 1) * (k + 1))) / M_PI : 2 / (M_PI * k * k);
}

/* Eigenvalues A_l of (pi - t) / (2 pi): A_0 = pi, A_1 = pi / 4, A_{l+2} = A_l (l / (l + 3))^2 */
static double angle_eigenvalue(size_t l)
{
    double a = M_PI / 4;
    if (l == 0) return M_PI;
    if (l % 2 == 0) return 0;
    for (size_t k = 1; k < l; k += 2) a *= (double)(k * k) / (double)((k + 3) * (k + 3));
    return a;
}

/* The factor 1 + cos t adds those of the neighbours: cos t P_l = ((l + 1) P_{l+1} + l P_{l-1}) / (2 l + 1). */
double sb_zonal_relu_sphere(size_t l)
{
    double k = (double)l, below = l > 0 ? angle_eigenvalue(l - 1) : 0;
    return angle_eigenvalue(l) + ((k + 1) * angle_eigenvalue(l + 1) + k * below) / (2 * k + 1);
}
