/* The problems and kernels that several tests share. Every function fails the test when it cannot. */
#ifndef SPECBIAS_TEST_PROBLEMS_H
#define SPECBIAS_TEST_PROBLEMS_H

#include <gsl/gsl_interp.h>

#include <specbias/kernel.h>
#include <specbias/linear.h>
#include <specbias/net.h>
#include <specbias/problem.h>
#include <specbias/watch.h>

/* Frequencies of the standard target sin 2 pi x + sin 6 pi x + sin 10 pi x (theory/README.md, A2). */
#define SINES 3
extern const double sines[SINES];

typedef enum placement {
    MIDPOINTS, /* x_i = -1/2 + (i + 1/2) / n */
    ENDPOINTS, /* x_i = -1/2 + i / (n - 1) */
    SCATTERED, /* uniform random numbers in order */
} placement;

/* n points on [-1/2, 1/2], target 0. */
void make_points(sb_problem *problem, placement kind, size_t n);
/* Target amplitude * sum_k sin(2 pi xi_k x), observed at the xi_k. */
void set_sines(sb_problem *problem, double amplitude, size_t count, const double *xi);
/* make_points and set_sines with the standard target. */
void make_sines(sb_problem *problem, placement kind, size_t n, double amplitude);
/* Records exactly these steps. */
void set_steps(sb_problem *problem, double eta, size_t count, const double *step);
/* u[n] = -y, the residual of a network that starts at h = 0 */
void start_residual(const sb_problem *problem, double *u);
/* |u^(xi_k)| / |f^(xi_k)| of one residual, err[grid.n] */
void relative_errors(const sb_problem *problem, const double *u, double *err);

/* An empty table of the problem's times and frequencies. */
void make_decay(const sb_problem *problem, const char *source, sb_form form, sb_decay *decay);

/* What a kernel on the problem's points, with the loss (1/2) sum c u^2, does to its frequencies. */
typedef struct kernel_view {
    sb_watch watch;
    sb_kernel_modes modes;
} kernel_view;

/* `view` stays where it is until it is closed. */
void open_view(const sb_problem *problem, const double *gram, kernel_view *view);
void close_view(kernel_view *view);
/* Gradient flow, or steps of the problem's eta. */
sb_rule rule_of(const sb_problem *problem, sb_form form);
/* amp[nt][grid.n] from u0 = -y, by sums over modes */
void kernel_amplitude(const sb_problem *problem, const double *gram, sb_form form, double complex *amp);
/* times[grid.n] from which on err is below q for good, from u0 = -y */
void kernel_times(const sb_problem *problem, const double *gram, sb_form form, double q, double *times);
/* The largest rate under the problem's loss. */
sb_status largest_rate(const sb_problem *problem, const double *gram, double *rate);

/* u[nt][n] under du/dt = -gram diag(c) u from u0, by eigenpairs. */
void kernel_path(const sb_problem *problem, const double *gram, sb_form form, const double *u0, double *u);
/* max over records and frequencies of | |a^| - |b^| | / |f^|, a and b [nt][n] */
double largest_error_gap(const sb_problem *problem, const double *a, const double *b);

/* Shifted neurons of infinite width, all trained: their layer, and the kernel of a sum over them with <out^2> = out2,
 * output + out2 rest, by one way and as networks of layers have it. */
sb_wide_layer shifted_layer(const char *activation, const sb_law *in, double in_scale, double range);
double shifted_kernel(const sb_kernel *kernel, const sb_wide_layer *shifted, double out2, double x1, double x2);
sb_status shifted_gram(const sb_wide_layer *shifted, double out2, size_t n, const double *x, size_t m, const double *x2,
                       size_t threads, double *gram);
/* Of features, <a^2> = <b^2> = 1: (1 + out2 x . x') phi(x - x'); out2 = 0: of frozen frequencies. density[dim] */
double features_kernel(const sb_density *density, size_t dim, double out2, const double *x1, const double *x2);

/* The closed ReLU kernel for any c4, c2, even those that no law of weights has: it is linear in both. */
double relu_kernel(double c4, double c2, double range, double x1, double x2);
void relu_gram(double c4, double c2, double range, size_t n, const double *x, double *gram);

/* A3: what is learned from these data as t -> infinity (theory/README.md). */
enum { A3_DATA = 6, A3_AT = 3, A3_CASES = 4 };
extern const double a3_x[A3_DATA], a3_y[A3_DATA], a3_at[A3_AT];
extern const struct a3_case {
    double c4, c2, h[A3_AT]; /* range 1 */
} a3_limit[A3_CASES];
/* GSL's spline through the data, at a3_at. */
void a3_spline(const gsl_interp_type *type, double h[A3_AT]);

/* Slope of log y against log x, least squares. */
double measured_order(size_t n, const double *x, const double *y);

#endif
