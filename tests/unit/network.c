/* Activations and sums over neurons, for every activation of the list and every instruction set of this machine:
 * derivatives by finite differences, outputs against the formula, and what an initialisation promises. routes.c has the
 * fused step. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/net.h>

#include "common/networks.h"
#include "net/sweep.h"

static const sb_activation *under_test(void **state)
{
    return *state;
}

/* f'(0) of f(h) at -2h, -h, h, 2h: exact to h^4. */
static double slope(double h, const double f[4])
{
    return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
}

static const double stencil[4] = {-2, -1, 1, 2};

/* ---- activations ---- */

static void derivative_is_the_slope(void **state)
{
    const sb_activation *activation = under_test(state);
    const double h = 0x1p-13;
    for (double z = -9.03; z < 9; z += 0.05) { /* 0 is no closer than 0.02 */
        double s, ds, f[4], unused;
        sb_activation_value(activation, z, &s, &ds);
        for (size_t i = 0; i < 4; i++) sb_activation_value(activation, z + stencil[i] * h, &f[i], &unused);
        assert_near(ds, slope(h, f), 2e-11); /* rounding of s over h */
    }
}

static void evaluate_takes_any_size(void **state)
{
    enum { MOST = 37 };
    const sb_activation *activation = under_test(state);
    double z[MOST + 1], s[MOST + 1], ds[MOST + 1], value, derivative;
    seed_numbers(1);
    for (size_t i = 0; i <= MOST; i++) z[i] = number_in(-4, 4);
    for (size_t n = 0; n <= MOST; n++) {
        s[n] = ds[n] = 77;
        activation->evaluate(n, z, s, ds);
        for (size_t i = 0; i < n; i++) {
            sb_activation_value(activation, z[i], &value, &derivative);
            assert_true(s[i] == value && ds[i] == derivative);
        }
        assert_true(s[n] == 77 && ds[n] == 77); /* nothing behind the end */
    }
}

/* The code of every instruction set computes what the first one, baseline, computes. */
static void agrees_with_baseline(void **state)
{
    const sb_activation *activation = under_test(state);
    assert_int_equal(setenv("SPECBIAS_ISA", "baseline", 1), 0);
    const sb_activation *baseline = sb_activation_find(activation->name);
    for (double z = -25; z < 25; z += 0.0137) {
        double s, ds, s0, ds0;
        sb_activation_value(activation, z, &s, &ds);
        sb_activation_value(baseline, z, &s0, &ds0);
        assert_near(s, s0, 4e-16 * fmax(1, fabs(s0)));
        assert_near(ds, ds0, 1e-15);
    }
}

/* ---- tanh, whose code is our own ---- */

/* |value - exact| in units of the last place of a double */
static double ulps(double value, long double exact)
{
    double size = fabs((double)exact);
    return (double)(fabsl(value - exact) / (nextafter(size, INFINITY) - size));
}

/* Measured against the long double function: libm's own tanh is up to 2.2 ulp off, so the two may differ by more than
 * either errs. */
static void tanh_is_within_3_ulp(void **state)
{
    const sb_activation *activation = under_test(state);
    double worst = 0;
    for (double size = 1e-310; size < 50; size *= size < 1e-6 ? 1.01 : 1.0001) {
        double s, negative, unused;
        sb_activation_value(activation, size, &s, &unused);
        sb_activation_value(activation, -size, &negative, &unused);
        assert_true(negative == -s); /* odd */
        worst = fmax(worst, ulps(s, tanhl(size)));
    }
    assert_at_most(worst, 3);
}

static void tanh_at_the_ends(void **state)
{
    static const double large[] = {20, 25, 1e3, 1e308, INFINITY};
    const sb_activation *activation = under_test(state);
    double s, ds;
    for (size_t i = 0; i < 5; i++) {
        sb_activation_value(activation, large[i], &s, &ds);
        assert_true(s == 1 && ds == 0);
        sb_activation_value(activation, -large[i], &s, &ds);
        assert_true(s == -1 && ds == 0);
    }
    sb_activation_value(activation, 0, &s, &ds);
    assert_true(s == 0 && !signbit(s) && ds == 1);
    sb_activation_value(activation, -0.0, &s, &ds);
    assert_true(s == 0 && signbit(s));
    sb_activation_value(activation, 4.9e-324, &s, &ds);
    assert_true(s == 4.9e-324);
    sb_activation_value(activation, NAN, &s, &ds);
    assert_true(isnan(s) && isnan(ds));
}

/* s = exp(-z^2 / 2), at z whose square is exact */
static void gaussian_is_within_1_ulp(void **state)
{
    const sb_activation *activation = under_test(state);
    double worst = 0, s, unused;
    for (double z = 0; z < 37.6; z += 0x1p-10) {
        sb_activation_value(activation, z, &s, &unused);
        worst = fmax(worst, ulps(s, expl(-0.5L * z * z)));
    }
    assert_at_most(worst, 1);
    sb_activation_value(activation, INFINITY, &s, &unused);
    assert_true(s == 0);
    sb_activation_value(activation, NAN, &s, &unused);
    assert_true(isnan(s));
}

/* ---- float ---- */

static void single_follows_double(void **state)
{
    const sb_activation *activation = under_test(state);
    for (double size = 1e-6; size < 40; size *= 1.001)
        for (int sign = -1; sign <= 1; sign += 2) {
            float z = (float)(sign * size), s, ds;
            double value, derivative;
            activation->evaluate_single(1, &z, &s, &ds);
            sb_activation_value(activation, z, &value, &derivative);
            assert_near(s, value, 1.5e-7 * fmax(1, fabs(value)));
            assert_near(ds, derivative, 2.5e-7);
        }
}

static void single_takes_any_size(void **state)
{
    enum { MOST = 69 };
    const sb_activation *activation = under_test(state);
    float z[MOST + 1], s[MOST + 1], ds[MOST + 1], value, derivative;
    seed_numbers(1);
    for (size_t i = 0; i <= MOST; i++) z[i] = (float)number_in(-4, 4);
    for (size_t n = 0; n <= MOST; n++) {
        s[n] = ds[n] = 77;
        activation->evaluate_single(n, z, s, ds);
        for (size_t i = 0; i < n; i++) {
            activation->evaluate_single(1, &z[i], &value, &derivative);
            assert_true(s[i] == value && ds[i] == derivative);
        }
        assert_true(s[n] == 77 && ds[n] == 77); /* nothing behind the end */
    }
}

/* |value - exact| in units of the last place of a float */
static double single_ulps(float value, double exact)
{
    float size = fabsf((float)exact);
    return fabs(value - exact) / (nextafterf(size, INFINITY) - size);
}

/* tanh and, up to some turns, sine, relative to their size even where that is small */
static void single_is_within_3_ulp(void **state)
{
    const sb_activation *activation = under_test(state);
    double worst = 0;
    for (double size = 1e-30; size < 20; size *= size < 1e-5 ? 1.01 : 1.0001) {
        float z = (float)size, s, unused;
        double value, derivative;
        activation->evaluate_single(1, &z, &s, &unused);
        sb_activation_value(activation, z, &value, &derivative);
        worst = fmax(worst, single_ulps(s, value));
    }
    assert_at_most(worst, 3);
}

static void single_at_the_ends(void **state)
{
    static const float z[] = {INFINITY, -INFINITY, NAN, -0.0f};
    const sb_activation *activation = under_test(state);
    for (size_t i = 0; i < 4; i++) {
        float s, ds;
        double value, derivative;
        activation->evaluate_single(1, &z[i], &s, &ds);
        sb_activation_value(activation, z[i], &value, &derivative);
        assert_true(s == (float)value || (isnan(s) && isnan(value)));
        assert_true(ds == (float)derivative || (isnan(ds) && isnan(derivative)));
    }
}

static void relu_at_the_ends(void **state)
{
    const sb_activation *activation = under_test(state);
    double s, ds;
    sb_activation_value(activation, 0, &s, &ds);
    assert_true(s == 0 && ds == 0);
    sb_activation_value(activation, 4.9e-324, &s, &ds);
    assert_true(s == 4.9e-324 && ds == 1);
    sb_activation_value(activation, -INFINITY, &s, &ds);
    assert_true(s == 0 && ds == 0);
    sb_activation_value(activation, INFINITY, &s, &ds);
    assert_true(isinf(s) && ds == 1);
}

/* ---- the fused step of one neuron ---- */

enum { UNITS = 16 };

/* One neuron alone, at place `place` of UNITS, takes a fused step on two points; returns the largest error of its
 * output against s at its new weights, and the largest |delta z| of the step. */
static double lone_step(const sb_activation *activation, size_t place, double shift_at, const double g[2], double rate,
                        double *largest_delta)
{
    static const double x[2] = {-0.5, 0.5};
    double theta[3 * UNITS] = {0}, *out = theta, *in = theta + UNITS, *shift = theta + 2 * UNITS, h[2], error = 0;
    char *scratch = malloc(sb_sweep_scratch(2, 1));
    sb_two_layer parts = {.activation = activation,
                          .units = UNITS,
                          .dim = 1,
                          .in = UNITS,
                          .shift = 2 * UNITS,
                          .offset = SIZE_MAX,
                          .out_sine = SIZE_MAX,
                          .in_scale = 1,
                          .out_scale = 1,
                          .shifted = true,
                          .in_trained = true,
                          .out_trained = true};
    sb_sweep step = {.parts = &parts, .theta = theta, .n = 2, .x = x, .g = g, .rate = rate, .scratch = scratch, .h = h};
    assert_non_null(scratch);
    out[place] = 1, in[place] = 2, shift[place] = shift_at;
    activation->sweep(&step, 0, UNITS);
    *largest_delta = 0;
    for (size_t i = 0; i < 2; i++) {
        double s, unused, z = in[place] * (x[i] + shift[place]);
        sb_activation_value(activation, z, &s, &unused);
        error = fmax(error, fabs(h[i] - out[place] * s));
        *largest_delta = fmax(*largest_delta, fabs(z - 2 * (x[i] + shift_at)));
    }
    free(scratch);
    return error;
}

/* Over the whole reach of the Taylor step and beyond, for all z: as good as evaluating s. */
static void fused_step_is_exact_for_each_neuron(void **state)
{
    const sb_activation *activation = under_test(state);
    double delta, small = INFINITY, large = 0;
    for (double shift = -1.5; shift <= 1.5; shift += 0.1)
        for (double rate = 1e-5; rate < 0.1; rate *= 1.2) {
            assert_at_most(lone_step(activation, 3, shift, (double[2]){1, 0.7}, rate, &delta), 2e-15);
            small = fmin(small, delta);
            large = fmax(large, delta);
        }
    assert_true(small < 1e-5 && large > 0.01); /* both branches were there */
}

/* delta z = a + b x may be small at one end of the data and large at the other, in any lane of either vector. */
static void fused_step_looks_at_both_ends(void **state)
{
    const sb_activation *activation = under_test(state);
    for (size_t place = 0; place < UNITS; place++)
        for (int end = -1; end <= 1; end += 2) { /* z = 0 at x = -end / 2, so delta is 0 there when `shift` stays */
            double shift = 0.5 * end, s, ds0, ds1, delta;
            sb_activation_value(activation, 2 * (-0.5 + shift), &s, &ds0);
            sb_activation_value(activation, 2 * (0.5 + shift), &s, &ds1);
            assert_at_most(lone_step(activation, place, shift, (double[2]){-1 / ds0, 1 / ds1}, 0.2, &delta), 2e-15);
            assert_at_least(delta, 0.1);
        }
}

/* ---- networks ---- */

enum { WIDTH = 21, N = 5 };
static const double points_x[N] = {-0.45, -0.2, 0.01, 0.3, 0.5};

static unit_spec spec_of(const sb_activation *activation, bool standard)
{
    unit_spec spec = standard_net(activation->name, WIDTH, false);
    spec.antisymmetric = false;
    spec.standard = standard;
    spec.in = sb_law_find("gaussian");
    return spec;
}

static network make_net(const sb_activation *activation, bool standard)
{
    unit_spec spec = spec_of(activation, standard);
    network net = make_network(&spec, 4, SB_STREAM_TRAIN);
    /* finite differences stay on one side */
    assert_at_least(sb_model_kink_distance(net.model, net.theta, N, points_x), 1e-3);
    return net;
}

static void forward_is_the_formula(void **state)
{
    for (int standard = 0; standard < 2; standard++) {
        double h[N];
        unit_spec spec = spec_of(under_test(state), standard);
        unit_sum formula = units_start(&spec, 4, SB_STREAM_TRAIN);
        network net = make_net(under_test(state), standard);
        assert_close(net.part->out_scale, standard ? 1 : 1 / sqrt(WIDTH), 1e-15);
        outputs_of(&net, N, points_x, h);
        for (size_t i = 0; i < N; i++) assert_near(h[i], units_output(&formula, &points_x[i]), 1e-13);
        clear_network(&net);
        units_clear(&formula);
    }
}

/* d h(x_i) / d theta_j by finite differences; the weights are put back. */
static void slopes_of_output(const network *net, double *theta, double slopes[N])
{
    const double h = 0x1p-12, before = *theta;
    double f[N][4], output[N];
    for (size_t s = 0; s < 4; s++) {
        *theta = before + stencil[s] * h;
        outputs_of(net, N, points_x, output);
        for (size_t i = 0; i < N; i++) f[i][s] = output[i];
    }
    *theta = before;
    for (size_t i = 0; i < N; i++) slopes[i] = slope(h, f[i]);
}

/* Gradients of each output, and of their sum with factors, against finite differences. */
static void gradients_are_slopes(void **state)
{
    static const double g[N] = {0.3, -1, 0.7, 2, -0.1}, one[1] = {1};
    for (int standard = 0; standard < 2; standard++) {
        network net = make_net(under_test(state), standard);
        double rows[N][3 * WIDTH], gradient[3 * WIDTH], slopes[N];
        assert_int_equal(net.parameters, 3 * WIDTH);
        assert_ok(sb_model_gradient(net.model, net.theta, N, points_x, g, gradient));
        for (size_t i = 0; i < N; i++)
            assert_ok(sb_model_gradient(net.model, net.theta, 1, &points_x[i], one, rows[i]));
        for (size_t j = 0; j < 3 * WIDTH; j++) {
            double sum = 0;
            slopes_of_output(&net, net.theta + j, slopes);
            for (size_t i = 0; i < N; i++) {
                assert_near(rows[i][j], slopes[i], 1e-10);
                sum += g[i] * rows[i][j];
            }
            assert_near(gradient[j], sum, 1e-13);
        }
        clear_network(&net);
    }
}

/* h = 0 exactly, and the kernel is that of the single copy. */
static void antisymmetric_start_is_zero(void **state)
{
    static const size_t widths[] = {2, 40, 512, 1000, 8192};
    for (size_t w = 0; w < 5; w++) {
        double h[N];
        unit_spec spec = standard_net(under_test(state)->name, widths[w], false);
        spec.in = spec.out = sb_law_find("gaussian");
        network net = make_network(&spec, 6, SB_STREAM_TRAIN);
        outputs_of(&net, N, points_x, h);
        assert_at_most(max_abs(N, h), 0);
        clear_network(&net);
    }
}

static void antisymmetric_kernel_is_that_of_one_copy(void **state)
{
    double k_both[N * N], k_one[N * N];
    unit_spec spec = standard_net(under_test(state)->name, 2 * WIDTH, false);
    network both = make_network(&spec, 6, SB_STREAM_TRAIN);
    spec.antisymmetric = false;
    spec.width = WIDTH;
    network one = make_network(&spec, 6, SB_STREAM_TRAIN);
    gram_of(&both, N, points_x, 1, k_both);
    gram_of(&one, N, points_x, 1, k_one);
    assert_at_most(max_difference(N * N, k_both, k_one), 1e-14 * max_abs(N * N, k_one));
    clear_network(&both);
    clear_network(&one);
}

/* ---- initialisation ---- */

static unit_spec plain_spec(size_t width)
{
    unit_spec spec = standard_net("relu", width, false);
    spec.antisymmetric = false;
    spec.in = sb_law_find("gaussian");
    spec.out = sb_law_find("uniform");
    return spec;
}

/* A neuron depends on (seed, stream, its number) only: width 512 is a prefix of width 1024. */
static void width_is_a_prefix(void **state)
{
    enum { BYTES = 512 * sizeof(double) };
    unit_spec narrow = plain_spec(512), wide = plain_spec(1024);
    network small = make_network(&narrow, 9, SB_STREAM_TRAIN), large = make_network(&wide, 9, SB_STREAM_TRAIN);
    network draw = make_network(&narrow, 9, SB_STREAM_DRAW), other = make_network(&narrow, 10, SB_STREAM_TRAIN);
    const sb_two_layer *a = small.part, *b = large.part;
    (void)state;
    assert_memory_equal(small.theta + a->out, large.theta + b->out, BYTES);
    assert_memory_equal(small.theta + a->in, large.theta + b->in, BYTES);
    assert_memory_equal(small.theta + a->shift, large.theta + b->shift, BYTES);
    assert_memory_not_equal(small.theta + a->shift, draw.theta + a->shift, BYTES); /* draws are other networks */
    assert_memory_not_equal(small.theta + a->shift, other.theta + a->shift, BYTES);
    clear_network(&small);
    clear_network(&large);
    clear_network(&draw);
    clear_network(&other);
}

static void scales_and_range_are_used(void **state)
{
    unit_spec spec = plain_spec(1024);
    double signs = 0, lowest = INFINITY, highest = -INFINITY;
    (void)state;
    spec.in = sb_law_find("two_point");
    spec.in_scale = 3, spec.out_scale = 0.25, spec.shift_range = 1.5;
    network net = make_network(&spec, 1, SB_STREAM_TRAIN);
    const double *in = net.theta + net.part->in, *out = net.theta + net.part->out, *shift = net.theta + net.part->shift;
    for (size_t i = 0; i < 1024; i++) {
        assert_true(fabs(in[i]) == 3 && fabs(out[i]) <= 0.25);
        signs += in[i] / 3;
        lowest = fmin(lowest, shift[i]);
        highest = fmax(highest, shift[i]);
    }
    assert_at_most(fabs(signs), 5 * 32); /* five standard deviations */
    assert_true(lowest > -1.5 && lowest < -1.48 && highest < 1.5 && highest > 1.48);
    clear_network(&net);
}

/* midpoints, each with all four sign pairs. */
static void quiet_start_has_all_sign_pairs(void **state)
{
    enum { POINTS_OF_SHIFT = 5, QUIET = 4 * POINTS_OF_SHIFT };
    unit_spec spec = standard_net("relu", QUIET, true);
    int seen[POINTS_OF_SHIFT][2][2] = {0};
    (void)state;
    spec.antisymmetric = false;
    spec.shift_range = 2;
    network net = make_network(&spec, 1, SB_STREAM_TRAIN);
    const double *in = net.theta + net.part->in, *out = net.theta + net.part->out, *shift = net.theta + net.part->shift;
    for (size_t i = 0; i < QUIET; i++) {
        double place = (shift[i] + 2) / 4 * POINTS_OF_SHIFT - 0.5;
        assert_near(place, round(place), 1e-14);
        assert_true(fabs(in[i]) == 2 && fabs(out[i]) == 2 && place > -0.1 && place < POINTS_OF_SHIFT - 0.9);
        seen[(size_t)round(place)][in[i] > 0][out[i] > 0]++;
    }
    for (size_t i = 0; i < QUIET; i++) assert_int_equal((&seen[0][0][0])[i], 1);
    clear_network(&net);
}

static void environment_lowers_the_instruction_set(void **state)
{
    (void)state;
    assert_int_equal(setenv("SPECBIAS_ISA", "baseline", 1), 0);
    assert_string_equal(sb_isa_name(), "baseline");
    assert_int_equal(setenv("SPECBIAS_ISA", "avx2", 1), 0);
    assert_string_not_equal(sb_isa_name(), "avx512");
    assert_int_equal(setenv("SPECBIAS_ISA", "no such thing", 1), 0);
    const char *best = sb_isa_name();
    assert_int_equal(unsetenv("SPECBIAS_ISA"), 0);
    assert_string_equal(sb_isa_name(), best);
    assert_null(sb_activation_find("no such thing"));
}

/* ---- every activation with every instruction set ---- */

typedef struct test_of_activation {
    const char *name;
    CMUnitTestFunction run;
    const char *only; /* the activation it is about; NULL: every one */
} test_of_activation;

#define EACH(test)                                                                                                     \
    {                                                                                                                  \
#test, test, NULL                                                                                              \
    }
#define ONLY(activation, test)                                                                                         \
    {                                                                                                                  \
#test, test, #activation                                                                                       \
    }
static const test_of_activation each[] = {
    EACH(derivative_is_the_slope),
    EACH(evaluate_takes_any_size),
    EACH(agrees_with_baseline),
    ONLY(tanh, tanh_is_within_3_ulp),
    ONLY(tanh, tanh_at_the_ends),
    ONLY(relu, relu_at_the_ends),
    ONLY(gaussian, gaussian_is_within_1_ulp),
    EACH(single_follows_double),
    EACH(single_takes_any_size),
    EACH(single_at_the_ends),
    ONLY(tanh, single_is_within_3_ulp),
    ONLY(sine, single_is_within_3_ulp),
    ONLY(tanh, fused_step_is_exact_for_each_neuron),
    ONLY(tanh, fused_step_looks_at_both_ends),
    EACH(forward_is_the_formula),
    EACH(gradients_are_slopes),
    EACH(antisymmetric_start_is_zero),
    EACH(antisymmetric_kernel_is_that_of_one_copy),
};
enum { EACH_COUNT = sizeof each / sizeof *each, ISAS = 3, MOST = 512 };

static bool applies(const test_of_activation *test, const sb_activation *activation)
{
    return !test->only || strcmp(test->only, activation->name) == 0;
}

int main(void)
{
    static const char *const isas[ISAS] = {"baseline", "avx2", "avx512"};
    static char name[MOST][96];
    struct CMUnitTest tests[MOST] = {
        cmocka_unit_test(width_is_a_prefix),
        cmocka_unit_test(scales_and_range_are_used),
        cmocka_unit_test(quiet_start_has_all_sign_pairs),
        cmocka_unit_test(environment_lowers_the_instruction_set),
    };
    size_t count = 4;
    for (size_t i = 0; i < ISAS; i++) {
        setenv("SPECBIAS_ISA", isas[i], 1);
        if (strcmp(sb_isa_name(), isas[i]) != 0) continue; /* not on this machine */
        for (size_t a = 0; sb_activation_at(a); a++)
            for (size_t t = 0; t < EACH_COUNT; t++) {
                const sb_activation *activation = sb_activation_at(a);
                if (!applies(&each[t], activation)) continue;
                if (count == MOST) return 1; /* make room */
                snprintf(name[count], sizeof name[count], "%s: %s, %s", each[t].name, activation->name, isas[i]);
                tests[count] = (struct CMUnitTest){
                    .name = name[count], .test_func = each[t].run, .initial_state = (void *)(uintptr_t)activation};
                count++;
            }
    }
    return _cmocka_run_group_tests("network", tests, count, NULL, NULL);
}
