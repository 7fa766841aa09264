/* e^(xi) = sum_i q_i u_i exp(-2 pi i xi x_i) by one of two routes: an FFT when the points are a uniform grid and every
 * frequency lies on its lattice k / (n h), else the direct non-uniform sum. What the program sees is watch.h's. */
#ifndef SPECBIAS_ORACLES_SPECTRUM_H
#define SPECBIAS_ORACLES_SPECTRUM_H

#include <specbias/problem.h>

typedef enum sb_route { SB_ROUTE_AUTO, SB_ROUTE_FFT, SB_ROUTE_DIRECT } sb_route;

typedef struct sb_spectrum sb_spectrum;

/* Plans for the problem's points, weights and frequencies. AUTO takes the FFT where it applies and costs less;
 * asking for FFT where it does not apply is SB_ERR_UNSUPPORTED. */
sb_status sb_spectrum_create(const sb_problem *problem, sb_route route, sb_spectrum **spectrum);
void sb_spectrum_destroy(sb_spectrum **spectrum);

sb_route sb_spectrum_route(const sb_spectrum *spectrum);

/* amp[k] = e^(xi_k), [grid.n]. Safe from several threads. */
sb_status sb_spectrum_apply(const sb_spectrum *spectrum, const double *u, double complex *amp);

#endif
