/* Averages over the laws of `in` and of the shifts (neural tangent kernels of wide two-layer networks, in data space
 * and per frequency), at any scale. Sine networks of large omega_0: siren issues 1, 4, 55, 57; the fixed Gauss rule
 * over many oscillations that was wrong: quadpy issue 172. All cases of the sweep: tests/long/averages.c. */
#include "common/averages.h"

#include <gsl/gsl_sort.h>

#include <specbias/linear.h>
#include <specbias/spectrum.h>

#include "common/problems.h"
#include "common/test.h"

static void part_of_the_sweep(void **state)
{
    (void)state;
    sweep_averages(18, 20);
}

/* ---- sine, omega_0 = 30 and more ---- */

static average_case siren(const char *law, double scale, double range)
{
    return (average_case){"sine", sb_law_find(law), scale, 1, range, 1};
}

static double kernel_at(const average_case *c, double x1, double x2)
{
    sb_wide_layer layer = kernel_case(c);
    return shifted_kernel(sb_kernel_for(&layer), &layer, c->out2, x1, x2);
}

/* mpmath, 20 digits, quad over l on panels of 1/scale of
 * (phi(D) - phi(u) + (phi(D) + phi(u)) (x + l)(x' + l) - phi''(D) - phi''(u)) / 2, u = x + x' + 2 l, L = 1.5, with
 * phi(t) = exp(-(scale t)^2/2) or sin(scale t)/(scale t) */
static void sine_values(void **state)
{
    static const struct {
        const char *law;
        double scale, k[3]; /* at (-7/12, 7/12), (11/12, 11/12), (1/12, 1/6) */
    } noted[] = {{"gaussian", 30, {-0.009330227466682057, 451.2881779666972, -103.7692287612688}},
                 {"uniform", 30, {-6.155001842855729, 151.3347744050145, -41.90425873889744}},
                 {"gaussian", 100, {-0.002799596256608764, 5001.293050084215, -0.002092431446633295}},
                 {"uniform", 300, {-123.5044535444379, 15001.31165643833, -94.74469655653731}}};
    static const double at[3][2] = {{-7. / 12, 7. / 12}, {11. / 12, 11. / 12}, {1. / 12, 1. / 6}};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            average_case c = siren(noted[i].law, noted[i].scale, 1.5);
            assert_near(kernel_at(&c, at[k][0], at[k][1]), noted[i].k[k], 1e-13 * noted[i].k[1]);
        }
}

/* Extreme rates and half times on n points of [-1, 1], by either route. */
static void siren_rates(bool lfp, double scale, double range, size_t n, size_t tones, const double *xi, double rate[2],
                        double *times)
{
    double *gram = new_doubles(n * n);
    average_case c = siren("gaussian", scale, range);
    sb_wide_layer layer = kernel_case(&c);
    sb_theory_params params = theory_case(&c);
    sb_problem problem = {0};
    kernel_view view;
    assert_ok(sb_problem_init(&problem, n, 1, -1, 1));
    problem.uniform = true;
    problem.spacing = 2. / (double)n;
    for (size_t i = 0; i < n; i++) {
        problem.x[i] = -1 + problem.spacing * ((double)i + 0.5);
        problem.q[i] = 1. / (double)n;
    }
    set_sines(&problem, 1e-3, tones, xi);
    if (lfp)
        assert_ok(sb_theory_find("lfp")->gram(&params, &problem, gram));
    else
        assert_ok(shifted_gram(&layer, c.out2, n, problem.x, 0, NULL, 1, gram));
    open_view(&problem, gram, &view);
    rate[0] = view.modes.linear.eigen.lambda[n - 1], rate[1] = view.modes.linear.eigen.lambda[0];
    close_view(&view);
    kernel_times(&problem, gram, SB_FORM_FLOW, 0.5, times);
    sb_problem_clear(&problem);
    free(gram);
}

/* Times by numpy from the same formula. Scale 30: rates are flat, all frequencies within 0.05 %; on 32 points that
 * overlap more the lowest takes .284. Scales 60 and 100: the largest stable steps. */
static void sine_rates_and_times(void **state)
{
    static const double low[] = {0.5, 1, 2}, xi[] = {1, 2, 4}, scales[] = {60, 100}, steps[] = {0.01332, 0.004799},
                        wanted[] = {0.01844891365, 0.01844616726, 0.01843933492};
    (void)state;
    for (int lfp = 0; lfp < 2; lfp++) {
        double rate[2], times[3];
        siren_rates(lfp, 30, 1.5, 12, 3, low, rate, times);
        assert_near(rate[0], 37.564388848566, 1e-9);
        assert_near(rate[1], 37.609166983046, 1e-9);
        for (size_t k = 0; k < 3; k++) assert_near(times[k], wanted[k], 1e-11);
        siren_rates(lfp, 30, 1, 32, 3, xi, rate, times);
        assert_close(times[0], 0.284246825553, 1e-9);
        for (size_t i = 0; i < 2; i++) {
            siren_rates(lfp, scales[i], 1.5, 12, 2, xi, rate, times);
            assert_close(2 / rate[1], steps[i], 4e-4);
        }
    }
}

/* ---- two computations ---- */

enum { MOST = 4000000 };
static double *asked; /* where a density was asked for */
static size_t asked_count;
static double other_size;

static double noted_density(double r)
{
    if (asked_count < MOST) asked[asked_count++] = r;
    return other_size * sb_law_find("gaussian")->density_abs(r);
}

static void other_wave(double t, sb_wave *wave)
{
    sb_law_find("gaussian")->wave(t, wave);
    wave->mean *= other_size, wave->second *= other_size;
}

static void grams(const average_case *c, double kernel[9], double lfp[9])
{
    sb_problem problem = {0};
    sb_wide_layer layer = kernel_case(c);
    sb_theory_params params = theory_case(c);
    problem_case(c, &problem);
    if (kernel) assert_ok(shifted_gram(&layer, c->out2, 3, problem.x, 0, NULL, 1, kernel));
    if (lfp) assert_ok(sb_theory_find("lfp")->gram(&params, &problem, lfp));
    sb_problem_clear(&problem);
}

/* The two ask for the density at no common place. */
static void no_node_is_shared(void **state)
{
    sb_law law = *sb_law_find("gaussian");
    average_case c = {"tanh", &law, 3, 0.7, 3, 0.5};
    double kernel[9], lfp[9];
    (void)state;
    law.density_abs = noted_density;
    other_size = 1;
    asked = new_doubles(MOST);
    asked_count = 0;
    grams(&c, kernel, NULL);
    size_t first = asked_count;
    grams(&c, NULL, lfp);
    assert_in_range(first, 100, MOST - 1);
    assert_in_range(asked_count, first + 100, MOST - 1);
    gsl_sort(asked, 1, first);
    gsl_sort(asked + first, 1, asked_count - first);
    for (size_t i = 0, k = first; i < first && k < asked_count; asked[i] < asked[k] ? i++ : k++)
        assert_true(asked[i] != asked[k]);
    assert_at_most(max_difference(9, kernel, lfp), 1e-9 * max_abs(9, kernel));
    free(asked);
}

/* Sine: the kernel knows the characteristic function alone, the equation the density alone. A fault of 1e-3 in one does
 * not move the other by a bit. */
static void a_fault_in_one_does_not_move_the_other(void **state)
{
    sb_law law = *sb_law_find("gaussian");
    average_case c = {"sine", &law, 30, 0.7, 1.5, 1};
    double kernel[9], lfp[9], again[9];
    (void)state;
    grams(&c, kernel, lfp);
    assert_at_most(max_difference(9, kernel, lfp), 1e-10 * max_abs(9, kernel));
    asked_count = MOST;
    other_size = 1.001;
    law.density_abs = noted_density;
    grams(&c, again, NULL);
    assert_memory_equal(again, kernel, sizeof kernel);
    grams(&c, NULL, again);
    assert_at_least(max_difference(9, again, lfp), 5e-4 * max_abs(9, lfp));
    law = *sb_law_find("gaussian");
    law.wave = other_wave;
    grams(&c, NULL, again);
    assert_memory_equal(again, lfp, sizeof lfp);
    grams(&c, again, NULL);
    assert_at_least(max_difference(9, again, kernel), 5e-4 * max_abs(9, kernel));
}

/* Below a scale at which quadrature can follow, the closed form is what quadrature gives. */
static void closed_sine_is_the_quadrature(void **state)
{
    (void)state;
    for (size_t l = 0; sb_law_at(l); l++)
        for (double scale = 0.01; scale < 5; scale *= 3) { /* .01, .03, .1, .3 go to quadrature themselves */
            sb_law law = *sb_law_at(l);
            average_case c = {"sine", &law, scale, 1e-3, 1.5, 1};
            double closed[9], again[9];
            grams(&c, closed, NULL);
            law.wave = NULL;
            grams(&c, again, NULL);
            assert_at_most(max_difference(9, closed, again), 1e-12 * max_abs(9, closed));
        }
}

/* ---- refusals ---- */

static void what_does_not_settle_is_refused(void **state)
{
    sb_law law = *sb_law_find("gaussian");
    average_case c = {"tanh", sb_law_find("two_point"), 1e15, 0.7, 1.5, 1};
    double gram[9];
    sb_problem problem = {0};
    (void)state;
    problem_case(&c, &problem);
    sb_wide_layer layer = kernel_case(&c); /* a step narrower than numbers near it lie apart */
    assert_fails(shifted_gram(&layer, c.out2, 3, problem.x, 0, NULL, 1, gram), SB_ERR_NUMERIC,
                 "average of tanh over the law of the weights (init.in_scale = 1e+15)");
    law.wave = NULL; /* a law whose waves are not known, and so many of them that quadrature gives up */
    c = (average_case){"sine", &law, 3000, 0.7, 1.5, 1};
    layer = kernel_case(&c);
    assert_fails(shifted_gram(&layer, c.out2, 3, problem.x, 0, NULL, 1, gram), SB_ERR_NUMERIC, "does not settle");
    sb_theory_params params = theory_case(&c);
    assert_ok(sb_theory_find("lfp")->check(&params, &problem));
    params.in_scale = 1e5;
    assert_fails(sb_theory_find("lfp")->gram(&params, &problem, gram), SB_ERR_INPUT, "init.in_scale = 100000");
    c = (average_case){"tanh", sb_law_find("gaussian"), 30, 0.7, 3, 0.5};
    params = theory_case(&c);
    params.modes = 20;
    assert_fails(sb_theory_find("lfp")->gram(&params, &problem, gram), SB_ERR_INPUT, "forecast.modes = 20 frequencies");
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(part_of_the_sweep),
        cmocka_unit_test(sine_values),
        cmocka_unit_test(sine_rates_and_times),
        cmocka_unit_test(no_node_is_shared),
        cmocka_unit_test(a_fault_in_one_does_not_move_the_other),
        cmocka_unit_test(closed_sine_is_the_quadrature),
        cmocka_unit_test(what_does_not_settle_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
