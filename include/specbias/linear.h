/* Training of a linearised network, whose kernel K stays what it is, under a quadratic loss L = 1/2 u^T P u of the
 * residual u = h - y on the data. Gradient flow is du/dt = -K P u. With P = F F^T and the eigenpairs of the symmetric
 *
 *   A = F^T K F = V diag(lambda) V^T,   a = V^T F^T u(0)
 *
 * all that follows gradients of L, in flow or in steps, gives
 *
 *   V^T F^T u = s(lambda) a,   h(x) = h_0(x) - k(x, X) F V psi(lambda) a,   psi = (1 - s) / lambda,
 *
 * with a shrink factor s(lambda, t) of the rule of training alone (rule.h). Rows are data points, or data points times
 * outputs.
 */
#ifndef SPECBIAS_LINEAR_H
#define SPECBIAS_LINEAR_H

#include <specbias/decay.h>
#include <specbias/kernel.h>
#include <specbias/rule.h>

/* ---- losses ---- */

/* P = F F^T */
typedef struct sb_quadratic {
    size_t rows, rank;
    double *root;   /* [rows] F diagonal, rank = rows; or NULL */
    double *factor; /* [rank][rows] columns of F; or NULL */
} sb_quadratic;

/* P = diag(c). SB_ERR_INPUT when a weight is negative or not finite. `loss` must be zeroed or cleared. */
sb_status sb_quadratic_weights(size_t rows, const double *c, sb_quadratic *loss);
/* From P [rows][rows]: its eigenpairs above rounding. SB_ERR_INPUT when it is not symmetric to 1e-12, or not convex. */
sb_status sb_quadratic_matrix(size_t rows, const double *p, sb_quadratic *loss);
void sb_quadratic_clear(sb_quadratic *loss);

/* ---- a linearised network ---- */

/* a[rank][rank] = F^T K F, symmetric to the last bit */
sb_status sb_quadratic_project(const sb_quadratic *loss, const double *gram, double *a);

typedef struct sb_linear {
    size_t rows, rank;
    sb_eigen eigen; /* of A: rates, and V */
    double *root;   /* [rows] when F is diagonal; then in_k = root v_k and out_k = v_k / root */
    double *in;     /* else [rank][rows] F V, a_k = in_k . u(0) .. */
    double *out;    /* .. and what mode k is in the residual: K F V / lambda, or without the division if lambda is below
                       1e-10 of the largest */
} sb_linear;

/* SB_ERR_INPUT when kernel and loss have different rows, SB_ERR_NUMERIC: the kernel is not finite, not symmetric, or
 * indefinite beyond sb_rounding, where of a kernel computed in float (`single`) rates below 2^-22 of the largest are
 * noise and set to 0. `linear` must be zeroed or cleared. */
sb_status sb_linear_create(size_t rows, const double *gram, bool single, const sb_quadratic *loss, sb_linear *linear);
void sb_linear_clear(sb_linear *linear);

/* a_k of u0[rows] */
double sb_linear_share(const sb_linear *linear, size_t k, const double *u0);
/* Function k of the modes, mode[rows]: in units such that the residual is sum_k a_k s_k mode_k and what never changes.
 */
void sb_linear_mode(const sb_linear *linear, size_t k, double *mode);

/* u[nt][rows] at t[nt] from u0[rows]. */
sb_status sb_linear_residuals(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t,
                              const double *u0, double *u);
/* Changes h - h_0, change[nt][m], at m other points with cross[m][rows] = k(x, X). */
sb_status sb_linear_changes(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t, const double *u0,
                            size_t m, const double *cross, double *change);

/* When to stop: the t that minimises sum_i w_i (h(x_i) - y_i)^2 over other points and `columns` residuals that evolve
 * under the same kernel, from those at the start, u0[columns][rows] and v0[columns][m]; weights w[m], NULL: the mean.
 */
typedef struct sb_stop {
    double t;                /* at the minimum, a whole number unless of the flow; infinity: the error falls for ever */
    double start, best, end; /* error at 0, at t, and for t to infinity; the latter two mean nothing if steps diverge */
} sb_stop;
/* It looks at some 500 times, each at the cost of rank times the smaller of rank and m columns. */
sb_status sb_linear_stop(const sb_linear *linear, const sb_rule *rule, size_t columns, const double *u0, size_t m,
                         const double *cross, const double *v0, const double *w, sb_stop *stop);

/* ---- the same for a problem of the toolkit (problem.h), P = diag(c): forecasts per frequency ---- */

typedef struct sb_kernel_modes {
    sb_linear linear;
    double complex *observed; /* [n][nxi] amplitude of mode k at each frequency */
    size_t nxi;
} sb_kernel_modes;

sb_status sb_kernel_modes_create(const double *gram, const sb_problem *problem, const sb_spectrum *spectrum,
                                 sb_kernel_modes *modes);
void sb_kernel_modes_clear(sb_kernel_modes *modes);

/* The largest eigenvalue of C^1/2 K C^1/2 alone. */
sb_status sb_kernel_largest_rate(const double *gram, const sb_problem *problem, double *rate);

/* The rule of a form: gradient flow, or steps of the problem's eta. */
sb_rule sb_rule_of_form(sb_form form, const sb_problem *problem);

/* Fills decay->amp and decay->err for the problem's times. `rate` replaces the eigenvalues when not NULL ([n], for the
 * power test); u0[n] is the residual at t = 0. */
void sb_kernel_forecast(const sb_kernel_modes *modes, const sb_problem *problem, const double *rate, const double *u0,
                        sb_decay *decay);
/* The residual u[n] itself at one time. */
sb_status sb_kernel_residual(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                             double t, double step, double *u);

/* times[nxi]: when |e^(xi)| / |f^(xi)| falls below q for good, by root finding on the sum of exponentials (steps of
 * gradient descent count as a continuous number); nan: never, or not within 3e10 / lambda_max. */
sb_status sb_kernel_times(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                          double q, double *times);

/* t -> infinity: h(x) = k(x, X) K^-1 y at m points, cross[m][n]. Solved with refinement. */
sb_status sb_kernel_limit(const double *gram, size_t n, const double *y, size_t m, const double *cross, double *h);

#endif
