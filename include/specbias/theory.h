/* MODULE 1: equations for the decay per frequency, solved exactly or integrated with GSL. */
#ifndef SPECBIAS_THEORY_H
#define SPECBIAS_THEORY_H

#include <complex.h>

#include <specbias/decay.h>
#include <specbias/density.h>
#include <specbias/law.h>
#include <specbias/monitor.h>
#include <specbias/problem.h>
#include <specbias/tangent.h>

/* The network as a frequency equation sees it: moments and densities of the initialisation's law, never a sample. */
typedef struct sb_theory_params {
    const char *net; /* the kind of network: a theory covers its own, "two_layer", "dense" or "fourier" */
    double gain;     /* scale^2 * width of the parametrisation */
    double out2;     /* <out^2>; of Fourier features sigma_a^2 = <a^2> = <b^2> */

    /* two_layer: h = scale sum out s(in (x + shift)) */
    const char *activation;
    double c4;        /* <in^2> + <out^2>, times the gain */
    double c2;        /* <in^2 out^2>, times the gain */
    const sb_law *in; /* and its scale; relu needs c4 and c2 only */
    double in_scale;
    double range; /* Lw: shifts are uniform on [-Lw, Lw]; dense: B */

    /* dense: h = scale sum out ReLU(w . x + b), w of all directions alike, b uniform on [-range, range] */
    double along1, along2, along3; /* <|w . e|^p> of any unit vector e */
    double turns2, shifts2;        /* |dz/dw|^2 = turns2 |x|^2, (dz/db)^2; 0: not trained */
    double reach;                  /* |x| up to which |w . x| <= range of all neurons, but for 1e-8 of them */
    const char *unlike;            /* why it is no such network; NULL: it is */

    /* fourier: h = scale sum a cos(w x) + b sin(w x) */
    const sb_density *density; /* [dim] of w, one per axis */
    const sb_density *points;  /* of the data, when they follow one; else NULL */
    bool frozen;               /* w is not trained */
    double cutoff, mesh;       /* angular; 0: automatic */
    bool alias;                /* on a uniform grid of data, use the aliased density */
    const sb_wide_law *deep;   /* features with hidden layers behind them, borrowed; else NULL */
    const char *method;        /* of heat.h; lfp: "rk8pd" or "rkf45" of GSL; NULL: exact to rounding */
    size_t max_steps;          /* of odeiv2 */

    /* numerics of lfp */
    double box;       /* P: period of the frequency grid, >= largest distance of two points; 0: the domain's length */
    size_t modes;     /* J: frequencies kept */
    bool tail;        /* add the truncated frequencies to the diagonal */
    double tolerance; /* of the integrator, relative to the largest residual; 0: 1e-12 */
} sb_theory_params;

/* theory/NAME.c and one line in theory/list.def: then forecast.sources knows it. */
typedef struct sb_theory {
    const char *name, *title, *citation;
    int rung; /* on the ladder of approximations (experiment.h), 40 to 59 */
    /* Of the network's inputs, whatever data they are of: of the problem n, dim, x, c and the times are all it sees. */
    bool inputs;
    /* SB_ERR_UNSUPPORTED or SB_ERR_INPUT with the reason when the theory does not cover the case. */
    sb_status (*check)(const sb_theory_params *params, const sb_problem *problem);
    /* Amplitude amp[nt][nxi] of the residual at the observed frequencies, for equations whose unknown it is, from
     * u0[n]. Exactly one of amplitude and solve is given. */
    sb_status (*amplitude)(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp);
    /* Residual u[nt][n] at the problem's times from u0[n]: by the eigenpairs of the equation's own matrix on the data;
     * with params->method GSL odeiv2 for SB_FORM_FLOW, explicit steps of size problem->eta on the same right-hand side
     * for SB_FORM_GD. */
    sb_status (*solve)(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                       const sb_monitor *monitor, double *u);
    /* gram[n][n] of the truncated equation on the data: the same numbers by a second route. */
    sb_status (*gram)(const sb_theory_params *params, const sb_problem *problem, double *gram);
} sb_theory;

const sb_theory *sb_theory_at(size_t index); /* NULL past the last */
const sb_theory *sb_theory_find(const char *name);

/* K^(xi) of the linear F-Principle (lfp.c), xi != 0, all neurons counted, in the wide limit; relu needs c4, c2 and
 * range only. A sine network has lines: the density of them, and where |in| is fixed 0 off the line and INFINITY on it.
 * nan: no such activation. */
double sb_lfp_rate(const sb_theory_params *params, double xi);

/* ---- t -> infinity: the linear F-Principle of 1-D ReLU networks (lfp_limit.c) ---- */

/* Where both terms of K^ are equal, in cycles: xi^-4 rules below (cubic spline), xi^-2 above (linear spline). */
double sb_lfp_crossover(double c4, double c2);
/* h[m] at at[m] for t -> infinity from h = 0: K(at, X) K(X, X)^-1 y, by polynomial and distances apart, so that a large
 * range loses no digits. range = INFINITY: natural cubic spline for c2 = 0, linear spline for c4 = 0. */
sb_status sb_lfp_limit(double c4, double c2, double range, size_t n, const double *x, const double *y, size_t m,
                       const double *at, double *h);

/* ---- the norm that the linear F-Principle minimises: functions of zero mean on the circle of length 1 (fp_norm.c)
 * ----  */

/* gamma^2(k) = c4 / k^4 + 4 pi^2 c2 / k^2, k != 0: 32 pi^4 L K^(k) */
double sb_fp_gamma2(double c4, double c2, double k);
/* sqrt of sum over k != 0 of gamma^2(k) */
double sb_fp_gamma(double c4, double c2);
/* sum over k != 0 of gamma^2(k) exp(2 pi i k u), closed form */
double sb_fp_kernel(double c4, double c2, double u);
/* |f|_gamma = sqrt(sum |f^(k)|^2 / gamma^2(k)) of a real f with coefficients f^(1), .., f^(n). */
double sb_fp_norm(double c4, double c2, size_t n, const double complex *coefficient);
/* The function of least norm through the data: its norm, and h[m] at at[m]. */
sb_status sb_fp_interpolant(double c4, double c2, size_t n, const double *x, const double *y, size_t m,
                            const double *at, double *h, double *norm);
/* With probability 1 - delta over n uniform random points, E|h_n - f| is at most, with Q = |f|_gamma and G = gamma,
 * 2 Q G / sqrt(n) + 4 (max|f| + Q G) sqrt(2 log(4 / delta) / n). */
double sb_fp_bound(double norm, double gamma, double max_abs, size_t n, double delta);
/* The same as usually stated: (max|f| + 2 Q G) (2 / sqrt(n) + 4 sqrt(2 log(4 / delta) / n)). For the absolute error
 * only: a bound of this degree cannot hold for the squared one. */
double sb_fp_bound_stated(double norm, double gamma, double max_abs, size_t n, double delta);

#endif
