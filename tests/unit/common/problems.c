#include "problems.h"

#include <gsl/gsl_sort.h>

#include "test.h"

const double sines[SINES] = {1, 3, 5};

const double a3_x[A3_DATA] = {-0.45, -0.3, -0.05, 0.1, 0.28, 0.44};
const double a3_y[A3_DATA] = {0.3, -0.7, 0.9, 0.1, -0.4, 0.6};
const double a3_at[A3_AT] = {-0.2, 0.2, 0.36};
const struct a3_case a3_limit[A3_CASES] = {
    {1, 0, {-0.14150601895201, -0.39284529594328, -0.01016712038981}},
    {0, 1, {-0.06, -0.17777777777778, 0.1}},
    {1, 1, {-0.06318588445166, -0.18050570814096, 0.098518742781526}},
    {1, 100, {-0.060039789262183, -0.17780727239991, 0.099984681054794}},
};

void a3_spline(const gsl_interp_type *type, double h[A3_AT])
{
    gsl_interp *interpolation = gsl_interp_alloc(type, A3_DATA);
    assert_non_null(interpolation);
    assert_int_equal(gsl_interp_init(interpolation, a3_x, a3_y, A3_DATA), 0);
    for (size_t i = 0; i < A3_AT; i++) h[i] = gsl_interp_eval(interpolation, a3_x, a3_y, a3_at[i], NULL);
    gsl_interp_free(interpolation);
}

void make_points(sb_problem *problem, placement kind, size_t n)
{
    assert_ok(sb_problem_init(problem, n, 1, -0.5, 0.5));
    problem->uniform = kind != SCATTERED;
    if (problem->uniform) problem->spacing = 1.0 / (double)(kind == MIDPOINTS ? n : n - 1);
    for (size_t i = 0; i < n; i++) {
        problem->q[i] = 1.0 / (double)n;
        if (kind == SCATTERED)
            problem->x[i] = number_in(-0.5, 0.5);
        else
            problem->x[i] = -0.5 + ((double)i + (kind == MIDPOINTS ? 0.5 : 0)) * problem->spacing;
    }
    if (kind == SCATTERED) gsl_sort(problem->x, 1, n);
    problem->min_gap = INFINITY;
    for (size_t i = 1; i < n; i++) problem->min_gap = fmin(problem->min_gap, problem->x[i] - problem->x[i - 1]);
}

void set_sines(sb_problem *problem, double amplitude, size_t count, const double *xi)
{
    for (size_t i = 0; i < problem->n; i++) {
        problem->y[i] = 0;
        for (size_t k = 0; k < count; k++) problem->y[i] += amplitude * sin(2 * M_PI * xi[k] * problem->x[i]);
    }
    assert_ok(sb_problem_set_grid(problem, count, xi, xi, "cycles"));
    assert_ok(sb_problem_observe(problem));
}

void make_sines(sb_problem *problem, placement kind, size_t n, double amplitude)
{
    make_points(problem, kind, n);
    set_sines(problem, amplitude, SINES, sines);
}

void set_steps(sb_problem *problem, double eta, size_t count, const double *step)
{
    assert_ok(sb_problem_set_times(problem, eta, 1, count)); /* makes the room */
    problem->nt = count;
    for (size_t i = 0; i < count; i++) {
        problem->step[i] = step[i];
        problem->t[i] = eta * step[i];
    }
}

void start_residual(const sb_problem *problem, double *u)
{
    for (size_t i = 0; i < problem->n; i++) u[i] = -problem->y[i];
}

void relative_errors(const sb_problem *problem, const double *u, double *err)
{
    for (size_t k = 0; k < problem->grid.n; k++) {
        double complex amplitude = 0;
        for (size_t i = 0; i < problem->n; i++)
            amplitude += problem->q[i] * u[i] * cexp(-2 * M_PI * I * problem->grid.xi[k] * problem->x[i]);
        err[k] = cabs(amplitude / problem->target[k]);
    }
}

void make_decay(const sb_problem *problem, const char *source, sb_form form, sb_decay *decay)
{
    static const sb_terms terms = {.loss_factor = 1, .parametrisation = "ntk", .time_unit = "flow"};
    sb_watch watch = {0};
    assert_ok(sb_watch_problem(problem, &watch));
    assert_ok(sb_decay_init(decay, &watch.items, problem->nt, problem->t, problem->step, source, form, &terms));
    sb_watch_clear(&watch);
}

void open_view(const sb_problem *problem, const double *gram, kernel_view *view)
{
    sb_quadratic loss = {0};
    *view = (kernel_view){0};
    assert_ok(sb_watch_problem(problem, &view->watch));
    assert_ok(sb_quadratic_weights(problem->n, problem->c, &loss));
    assert_ok(sb_kernel_modes_create(gram, false, 1, &loss, &view->watch, &view->modes));
    sb_quadratic_clear(&loss);
}

void close_view(kernel_view *view)
{
    sb_kernel_modes_clear(&view->modes);
    sb_watch_clear(&view->watch);
}

sb_rule rule_of(const sb_problem *problem, sb_form form)
{
    return sb_rule_of(form == SB_FORM_FLOW ? "flow" : "gd", problem->eta, 0);
}

void kernel_amplitude(const sb_problem *problem, const double *gram, sb_form form, double complex *amp)
{
    kernel_view view;
    sb_decay decay = {0};
    sb_rule rule = rule_of(problem, form);
    double *u0 = new_doubles(problem->n);
    start_residual(problem, u0);
    open_view(problem, gram, &view);
    make_decay(problem, "exact", form, &decay);
    assert_ok(sb_kernel_forecast(&view.modes, &rule, NULL, u0, &decay));
    memcpy(amp, decay.amp, problem->nt * problem->grid.n * sizeof *amp);
    sb_decay_clear(&decay);
    close_view(&view);
    free(u0);
}

void kernel_times(const sb_problem *problem, const double *gram, sb_form form, double q, double *times)
{
    kernel_view view;
    sb_rule rule = rule_of(problem, form);
    double *u0 = new_doubles(problem->n);
    start_residual(problem, u0);
    open_view(problem, gram, &view);
    assert_ok(sb_kernel_times(&view.modes, &rule, u0, q, times));
    close_view(&view);
    free(u0);
}

sb_status largest_rate(const sb_problem *problem, const double *gram, double *rate)
{
    sb_quadratic loss = {0};
    assert_ok(sb_quadratic_weights(problem->n, problem->c, &loss));
    sb_status status = sb_kernel_largest_rate(gram, &loss, rate);
    sb_quadratic_clear(&loss);
    return status;
}

void kernel_path(const sb_problem *problem, const double *gram, sb_form form, const double *u0, double *u)
{
    kernel_view view;
    sb_rule rule = rule_of(problem, form);
    open_view(problem, gram, &view);
    assert_ok(
        sb_kernel_residuals(&view.modes, &rule, u0, problem->nt, form == SB_FORM_FLOW ? problem->t : problem->step, u));
    close_view(&view);
}

double largest_error_gap(const sb_problem *problem, const double *a, const double *b)
{
    size_t nxi = problem->grid.n;
    double *err_a = new_doubles(nxi), *err_b = new_doubles(nxi), largest = 0;
    for (size_t i = 0; i < problem->nt && !isnan(largest); i++) {
        relative_errors(problem, a + i * problem->n, err_a);
        relative_errors(problem, b + i * problem->n, err_b);
        double gap = max_difference(nxi, err_a, err_b);
        if (!(gap <= largest)) largest = gap;
    }
    free(err_a);
    free(err_b);
    return largest;
}

sb_wide_layer shifted_layer(const char *activation, const sb_law *in, double in_scale, double range)
{
    const sb_activation *s = sb_activation_find(activation);
    return (sb_wide_layer){.kind = SB_WIDE_SHIFTED,
                           .units = 1,
                           .weight_trained = 1,
                           .activation = activation,
                           .kinked = s->kinked,
                           .evaluate = s->evaluate,
                           .in = in,
                           .in_scale = in_scale,
                           .range = range};
}

double shifted_kernel(const sb_kernel *kernel, const sb_wide_layer *shifted, double out2, double x1, double x2)
{
    sb_average average = kernel->average(shifted, out2, x1, x2);
    return average.output + out2 * average.rest;
}

sb_status shifted_gram(const sb_wide_layer *shifted, double out2, size_t n, const double *x, size_t m, const double *x2,
                       size_t threads, double *gram)
{
    sb_wide_layer layer[2] = {*shifted, {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = out2, .weight_trained = 1}};
    sb_wide_law law = {.inputs = 1, .gain2 = 1, .layers = 2, .layer = layer};
    return sb_gram_wide(&law, n, x, m, x2, threads, gram);
}

double features_kernel(const sb_density *density, size_t dim, double out2, const double *x1, const double *x2)
{
    double phi = 1, product = 0;
    for (size_t d = 0; d < dim; d++) {
        phi *= sb_density_characteristic(&density[d], x1[d] - x2[d]);
        product += x1[d] * x2[d];
    }
    return (1 + out2 * product) * phi;
}

double relu_kernel(double c4, double c2, double range, double x1, double x2)
{
    sb_wide_layer layer = shifted_layer("relu", sb_law_find("two_point"), 1, range);
    layer.weight_trained = 0; /* the gradient by `in` has the mean of the output */
    sb_average mean = sb_kernel_find("relu")->average(&layer, 1, x1, x2);
    return c4 * mean.output + c2 * mean.rest;
}

void relu_gram(double c4, double c2, double range, size_t n, const double *x, double *gram)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) gram[i * n + j] = relu_kernel(c4, c2, range, x[i], x[j]);
}

double measured_order(size_t n, const double *x, const double *y)
{
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += log(x[i]) / (double)n;
        mean_y += log(y[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (log(x[i]) - mean_x) * (log(x[i]) - mean_x);
        xy += (log(x[i]) - mean_x) * (log(y[i]) - mean_y);
    }
    return xy / xx;
}
