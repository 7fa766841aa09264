/* lambda_k = cos(k pi / n), and what follows from it. Near 1 and -1 its logarithm comes from
 * 1 - |lambda_k| = 2 sin^2(q / 2), q = pi min(k, n - k) / n. */
#include <specbias/jacobi.h>

#include <math.h>

/* ln |lambda_k| */
static double log_modulus(size_t n, size_t k)
{
    size_t least = k <= n / 2 ? k : n - k;
    double half = sin(M_PI * (double)least / (2 * (double)n));
    return 2 * k == n ? -INFINITY : log1p(-2 * half * half);
}

double sb_jacobi_eigenvalue(size_t n, size_t k)
{
    return 2 * k == n ? 0 : cos(M_PI * (double)k / (double)n);
}

double sb_jacobi_decay(size_t n, size_t k, size_t sweeps)
{
    if (sweeps == 0) return 1;
    double size = exp((double)sweeps * log_modulus(n, k));
    return 2 * k > n && sweeps % 2 == 1 ? -size : size;
}

double sb_jacobi_sweeps(size_t n, size_t k, double factor)
{
    double rate = log_modulus(n, k);
    if (!(rate < 0)) return INFINITY;
    return fmax(1, ceil(log(factor) / rate));
}
