/* A Poisson problem solved by Jacobi's iteration, and how fast each frequency of the error goes (src/train/jacobi.c).
 *
 *   -u'' = g on (-1, 1), u(-1) = u(1) = 0, g(x) = sum weight sin(omega x),   x_i = -1 + i h, h = 2 / n, i = 0 .. n. */
#ifndef SPECBIAS_POISSON_H
#define SPECBIAS_POISSON_H

#include <stddef.h>

#include <specbias/monitor.h>

typedef struct sb_poisson {
    size_t n; /* intervals, at least 2 */
    size_t terms;
    const double *weight, *omega; /* [terms], omega > 0 */
} sb_poisson;

/* g = sin x + 4 sin 4x - 8 sin 8x + 16 sin 24x */
sb_poisson sb_poisson_default(size_t n);

/* SB_ERR_INPUT: n < 2, no finite weights, or a frequency that the grid does not see, not 0 < omega h < pi. */
sb_status sb_poisson_check(const sb_poisson *problem);

double sb_poisson_source(const sb_poisson *problem, double x);   /* g */
double sb_poisson_solution(const sb_poisson *problem, double x); /* u_ref, solves the equation */
double sb_poisson_discrete(const sb_poisson *problem, double x); /* at x = x_i solves the difference equation */

typedef struct sb_jacobi_spec {
    sb_poisson problem;
    const double *start; /* [n + 1], zero at both ends; NULL: 0 */
    size_t nt;
    const size_t *sweep; /* [nt] ascending: when to record */
    size_t modes;
    const size_t *mode; /* [modes] k of the error's sine coefficients, 0 < k < n */
    size_t frequencies;
    const size_t *frequency; /* [frequencies] k <= n / 2 of the DFT over the n + 1 points */
} sb_jacobi_spec;

typedef struct sb_jacobi {
    size_t n, nt, modes, frequencies;
    double *x, *u_ref, *u_discrete; /* [n + 1] */
    double discretisation;          /* max |u_discrete - u_ref| */
    double *u;                      /* [nt][n + 1] */
    double *sine;                   /* [nt][modes] 2/n sum_i (u - u_discrete)_i sin(i k pi / n) */
    double *predicted;              /* [nt][modes] the same of the start times lambda_k^sweep */
    double *spectrum;               /* [frequencies] |DFT of u_ref| */
    double *delta;                  /* [nt][frequencies] Delta_F = |DFT of u - u_ref| / |DFT of u_ref| */
    double *error;                  /* [nt] max |u - u_ref| */
    double *algebraic;              /* [nt] max |u - u_discrete| */
    double seconds;
} sb_jacobi;

/* Sweeps and records. SB_ERR_INPUT says what is wrong in the spec; SB_ERR_INTERRUPTED when the monitor asks for a stop.
 * `run` must be zeroed or cleared. */
sb_status sb_jacobi_run(const sb_jacobi_spec *spec, const sb_monitor *monitor, sb_jacobi *run);
void sb_jacobi_clear(sb_jacobi *run);

/* The first record with Delta_F of frequency number `which` below the level; nt when there is none. */
size_t sb_jacobi_crossing(const sb_jacobi *run, size_t which, double level);

#endif
