/* The damped heat equation of two-layer Fourier-features networks (theory/heat/).
 *
 *   U_t = c [ sigma_a^2 div(rho grad U) - rho U ],   c = (2 pi)^d / |Omega|,
 *
 * over ANGULAR frequency w = 2 pi xi: U(w, t) = int u(x, t) exp(-i w x) dx of the residual u = h - y of
 * h = m^-1/2 sum_k a_k cos(w_k x) + b_k sin(w_k x), a, b ~ (0, sigma_a^2), w ~ rho, all trained, loss (1/2n) sum u^2.
 * Molina, Petrache, Sahli Costabal, Courdurier: Understanding the dynamics of the frequency bias in neural networks
 * (arXiv:2405.14957); constants and boundary conditions in theory/README.md. */
#ifndef SPECBIAS_HEAT_H
#define SPECBIAS_HEAT_H

#include <complex.h>

#include <specbias/decay.h>
#include <specbias/density.h>
#include <specbias/monitor.h>

typedef struct sb_heat {
    size_t dim;                /* 1 or 2 */
    const sb_density *density; /* [dim], rho = product of one density per axis */
    const sb_density *slope;   /* on the line, what stands in the place of rho in div(rho grad U); NULL: rho */
    double c;                  /* (2 pi)^dim / |Omega| times the gain of the parametrisation */
    double sa2;                /* sigma_a^2; 0: pure damping, solved point by point */
    double lattice;            /* spacing of a uniform grid of data, on which rho is aliased; 0: none */
    double origin;             /* a point of that grid: what U beyond the Nyquist frequency is to U below it */
    double extent;             /* largest |x| of the data */
    double cutoff;             /* end of the mesh, |w| per axis; 0: where nothing more comes from or gets to */
    double mesh;               /* longest element; 0: 0.3 / extent, in the plane 1.5 / extent */
    bool richardson;    /* extrapolate from the mesh and its halves: order 4 instead of 2; halved again, or refused
                           (SB_ERR_NUMERIC), where that changes more than 5e-3 of the largest value */
    const char *method; /* name of a way through time; NULL: the cheapest. The plane has no choice: NULL */
    size_t max_steps;   /* of odeiv2 methods between two records; 0: 1000000 */
} sb_heat;

/* Ways through time on the line, theory/heat/method/NAME.c and one line in list.def: "cram14" (rational approximation
 * of exp; flow), "chebyshev" (polynomials) and "spectral" (all eigenpairs), both flow and gd; "rk8pd", "rkf45", "msbdf"
 * (GSL odeiv2; flow; msbdf up to 321 unknowns). The cheapest: cram14 for the flow, for gd chebyshev or spectral. */
typedef struct sb_heat_method sb_heat_method;
const char *sb_heat_method_name(size_t index);  /* NULL past the last */
const char *sb_heat_method_title(size_t index); /* NULL past the last */

/* Where the solution starts, and where and when it is wanted. */
typedef struct sb_heat_query {
    /* U[count] at w[count][dim], t = 0, of a real residual: U(-w) = conj U(w) */
    void (*start)(const void *context, size_t count, const double *w, double complex *U);
    const void *context;
    sb_form form; /* SB_FORM_FLOW, or SB_FORM_GD: steps of eta */
    double eta;   /* learning rate of the gd form */
    size_t nt;
    const double *t;    /* [nt] ascending from >= 0; gd: t = eta * step */
    const double *step; /* [nt], gd only */
    size_t nw;
    const double *w; /* [nw][dim] wanted frequencies; beyond the mesh or outside the band U stays as it was */
} sb_heat_query;

/* U[nt][nw]. gd has the factors (1 - eta rate)^step, faded out from eta rate = 1.2 to 2, where there are only modes of
 * the mesh that no data have. SB_ERR_INPUT: no such method, or no extent. SB_ERR_UNSUPPORTED: the method has not this
 * form or size (msbdf), or dim is neither 1 nor 2. SB_ERR_NUMERIC: the step limit was reached, with method, time and
 * limit. */
sb_status sb_heat_solve(const sb_heat *heat, const sb_heat_query *query, const sb_monitor *monitor, double complex *U);

/* The largest system of real unknowns that is solved at once, on the finer mesh; 0 when there is none, sa2 = 0. */
sb_status sb_heat_unknowns(const sb_heat *heat, const sb_heat_query *query, size_t *unknowns);

/* Any density p of the data on the line (heat.h's equation has p = 1/|Omega|): with u_p = u p and ^ the Fourier
 * transform d u_p^/dt = - gain p^ * [ rho u_p^ - sigma_a^2 (rho u_p^')' ],  (f * g)(w) = int f(w - v) g(v) dv. p^ is
 * the characteristic function of the density `points`. U is u_p^, at any w. Flow and gd, by eigenpairs. heat->c is the
 * gain. SB_ERR_INPUT: rho decays too slowly for an automatic cut-off. */
sb_status sb_heat_convolution(const sb_heat *heat, const sb_density *points, const sb_heat_query *query,
                              const sb_monitor *monitor, double complex *U);

#endif
