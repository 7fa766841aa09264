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
#include <specbias/watch.h>

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
/* The same loss of each of `outputs` outputs, for rows that are examples times outputs; of weights alone. */
sb_status sb_quadratic_repeat(const sb_quadratic *from, size_t outputs, sb_quadratic *loss);
/* u^T P u of u[rows] */
double sb_quadratic_value(const sb_quadratic *loss, const double *u);
/* g[rows][columns] = P u; scratch[rank] */
void sb_quadratic_gradient(const sb_quadratic *loss, size_t columns, const double *u, double *g, double *scratch);
void sb_quadratic_clear(sb_quadratic *loss);

/* ---- a linearised network ---- */

/* a[rank][rank] = F^T K F, symmetric to the last bit */
sb_status sb_quadratic_project(const sb_quadratic *loss, const double *gram, double *a);

typedef struct sb_linear {
    size_t rows, rank;
    size_t shares;  /* modes whose rates have digits, the first of all; the others' are below 1e-10 of the largest */
    sb_eigen eigen; /* of A: rates, and V */
    double *root;   /* [rows] when F is diagonal; then in_k = root v_k and out_k = v_k / root */
    double *in;     /* else [rank][rows] F V, a_k = in_k . u(0) .. */
    double *out;    /* .. and what mode k is in the residual: K F V / lambda of shares, K F V of the others */
} sb_linear;

/* SB_ERR_INPUT when kernel and loss have different rows, SB_ERR_NUMERIC: the kernel is not finite, not symmetric, or
 * indefinite beyond sb_rounding, where of a kernel computed in float (`single`) rates below 2^-22 of the largest are
 * noise and set to 0. `linear` must be zeroed or cleared. */
sb_status sb_linear_create(size_t rows, const double *gram, bool single, const sb_quadratic *loss, sb_linear *linear);
void sb_linear_clear(sb_linear *linear);

/* a_k of u0[rows] */
double sb_linear_share(const sb_linear *linear, size_t k, const double *u0);
/* Of modes of which only the largest are there, a partial spectrum: the others' rates are between 0 and that of the
 * last, so that by t they shrink to between range[0] and range[1]; 1 and 1 of all modes. Of rules with memory by 64
 * samples. */
bool sb_linear_partial(const sb_linear *linear);
void sb_linear_rest(const sb_linear *linear, const sb_rule *rule, double t, double range[2]);
/* Adds 1/2 u^T P u at t[nt] of one residual u0[rows] under weights to loss[nt] and, the least and the most that it can
 * be, lo[nt] and hi[nt]; loss is between them where modes are missing. */
sb_status sb_linear_losses(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t, const double *u0,
                           double *loss, double *lo, double *hi);
/* Function k of the modes, mode[rows]: in units such that the residual is sum_k a_k s_k mode_k and what never changes.
 */
void sb_linear_mode(const sb_linear *linear, size_t k, double *mode);
/* A mode is a share of the residual, or, where a dense loss leaves its rate without digits, how fast that changes: the
 * residual is u0 + sum over all k of a_k c_k out_k, c = s - 1 of shares and -psi of the others. */
void sb_linear_out(const sb_linear *linear, size_t k, double *out);

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

/* ---- forecasts of what is watched ---- */

/* A kernel on n examples whose rows are those, each output evolving apart under it (per_row = 1), or examples times
 * outputs (per_row = outputs). */
typedef struct sb_kernel_modes {
    sb_linear linear;
    const sb_watch *watch;   /* borrowed */
    size_t per_row, columns; /* outputs of a row of examples; residuals under the kernel, outputs = per_row columns */
    double *observed;        /* [rank][functions][per_row] what the watch sees of function k of the modes */
    const double *moment; /* [functions][per_row], then [columns], of a partial spectrum; borrowed; NULL: not known: g^T
                             A g of what sb_kernel_function gives, and of residuals at the start times root */
} sb_kernel_modes;

/* `loss` is that of the kernel's rows. Errors as sb_linear_create. `modes` must be zeroed or cleared. */
sb_status sb_kernel_modes_create(const double *gram, bool single, size_t per_row, const sb_quadratic *loss,
                                 const sb_watch *watch, sb_kernel_modes *modes);
void sb_kernel_modes_clear(sb_kernel_modes *modes);
/* Makes `observed` of modes that have all else, of which it is to be freed. */
sb_status sb_kernel_observe(sb_kernel_modes *modes);

/* g[rows], of weights: function j of [functions][per_row] as it sees a residual times root. */
void sb_kernel_function(const sb_kernel_modes *modes, size_t j, double *g);

/* Fills decay->amp and decay->err at its times (of the flow) or steps (of other rules), from the residual
 * u0[n][outputs] at the start; of a partial spectrum err is in the middle of decay->lo and decay->hi, which hold for
 * whatever the rest does: from r at the start it gets to r (b + a) / 2 +- S (b - a) / 2, a and b from sb_linear_rest,
 * S = |rest of the function| |rest of the residual| (Cauchy, Schwarz), and where moments are known and steps have no
 * memory and of no more than 1 / eta also within S (1 - s(m)) of r, S m the same of what moments leave (Jensen). A
 * filter needs all modes. `rate` replaces the eigenvalues when not NULL ([rank], for the power test; those of modes
 * that are no shares must be their own). */
sb_status sb_kernel_forecast(const sb_kernel_modes *modes, const sb_rule *rule, const double *rate, const double *u0,
                             sb_decay *decay);
/* u[nt][n][outputs] at t[nt], times or steps. */
sb_status sb_kernel_residuals(const sb_kernel_modes *modes, const sb_rule *rule, const double *u0, size_t nt,
                              const double *t, double *u);

/* times[items]: when err falls below q for good, by root finding on the sum over modes (steps of gradient descent count
 * as a continuous number); in time of flow. nan: never, or not within 3e10 / lambda_max, or a filter looks. One output,
 * weights none of which is 0, the flow or gradient descent. */
sb_status sb_kernel_times(const sb_kernel_modes *modes, const sb_rule *rule, const double *u0, double q, double *times);

/* The largest eigenvalue of F^T K F alone. */
sb_status sb_kernel_largest_rate(const double *gram, const sb_quadratic *loss, double *rate);

#endif
