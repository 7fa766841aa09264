/* Jacobi's iteration for -u'' = g on n intervals with fixed ends, frequency by frequency (theory/jacobi.c).
 *
 * The error of the sweeps u_i <- (u_(i-1) + u_(i+1) + h^2 g_i) / 2 against the discrete solution is a sum of
 * sin(i k pi / n), 0 < k < n, and each sweep multiplies the amplitude of mode k by
 *
 *   lambda_k = cos(k pi / n):
 *
 * high frequencies first, up to k = n / 2; the opposite of a network's order. */
#ifndef SPECBIAS_JACOBI_H
#define SPECBIAS_JACOBI_H

#include <stddef.h>

/* lambda_k; 0 exactly for k = n / 2 */
double sb_jacobi_eigenvalue(size_t n, size_t k);
/* lambda_k^sweeps: what is left of the amplitude of mode k */
double sb_jacobi_decay(size_t n, size_t k, size_t sweeps);
/* The least number of sweeps after which |lambda_k|^sweeps <= factor, 0 < factor < 1; INFINITY when there is none. */
double sb_jacobi_sweeps(size_t n, size_t k, double factor);

#endif
