/* Networks of layers that are sums over units, shifted neurons or Fourier features, against their formula: starts,
 * outputs, gradients, kernels of all and of some units, infinite width and training. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/fit.h>
#include <specbias/kernel.h>
#include <specbias/observe.h>

#include "common/networks.h"
#include "common/problems.h"

/* ---- twins ---- */

/* A network of layers and its formula. */
typedef struct twin {
    unit_spec spec;
    unit_sum net;
    network own;
} twin;

/* Both at the start of a seed. */
static twin make_twin(unit_spec spec, uint64_t seed)
{
    return (twin){.spec = spec,
                  .net = units_start(&spec, seed, SB_STREAM_TRAIN),
                  .own = make_network(&spec, seed, SB_STREAM_TRAIN)};
}

static void clear_twin(twin *t)
{
    units_clear(&t->net);
    clear_network(&t->own);
}

static unit_spec neurons(const char *activation, size_t width, bool antisymmetric)
{
    unit_spec spec = standard_net(activation, width, false);
    spec.antisymmetric = antisymmetric;
    spec.out = sb_law_find("gaussian");
    spec.in = sb_law_find("uniform");
    spec.in_scale = 3;
    spec.gain = 1.3;
    return spec;
}

static unit_spec features(size_t width, const sb_density *density, const char *text, size_t dim, bool antisymmetric)
{
    return (unit_spec){.dim = dim,
                       .width = width,
                       .gain = .8,
                       .out = sb_law_find("gaussian"),
                       .out_scale = .6,
                       .antisymmetric = antisymmetric,
                       .density = density,
                       .density_text = text};
}

/* Calls `check` with networks of every sort: activations, laws, parametrisations, copies, features in 1 and 2 axes. */
static void for_all(void (*check)(twin *t))
{
    static const char two_axes[] = "gaussian(3) x uniform(5)";
    sb_density density[2] = {{0}, {0}};
    assert_ok(sb_density_parse("gaussian(3)", NULL, &density[0]));
    assert_ok(sb_density_parse("uniform(5)", NULL, &density[1]));
    for (int i = 0; i < 4; i++) {
        bool copies = i & 1, standard = i & 2;
        unit_spec all[] = {neurons("relu", 70, copies), neurons("tanh", 70, copies), neurons("sine", 70, copies),
                           features(70, density, "gaussian(3)", 1, copies), features(70, density, two_axes, 2, copies)};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            all[k].standard = standard;
            all[k].frozen = k == 4 && standard;
            twin t = make_twin(all[k], 7 + k);
            check(&t);
            clear_twin(&t);
        }
    }
    for (int i = 0; i < 2; i++) sb_density_clear(&density[i]);
}

enum { N = 19, POINTS = 36, RECORDS = 6 };

static void points_of(size_t dim, double *x)
{
    seed_numbers(dim);
    for (size_t i = 0; i < N * dim; i++) x[i] = number_in(-.5, .5);
}

/* Away from the start, where copies differ. */
static void move_net(twin *t)
{
    seed_numbers(3);
    for (size_t p = 0; p < t->net.trained * t->net.width; p++) t->net.theta[p] += number_in(-.1, .1);
    weights_of_units(&t->own, &t->net, t->own.theta);
}

/* ---- starts ---- */

static void same_start(twin *t)
{
    network wanted = network_of_units(&t->net);
    bool zero = t->spec.antisymmetric || t->spec.quiet || t->spec.out_scale == 0;
    assert_at_most(max_difference(wanted.parameters, t->own.theta, wanted.theta), 0);
    assert_true(sb_model_starts_at_zero(t->own.model) == zero);
    clear_network(&wanted);
}

static void starts_are_the_same(void **state)
{
    (void)state;
    for_all(same_start);
    twin quiet = make_twin(standard_net("relu", 64, true), 0);
    same_start(&quiet);
    clear_twin(&quiet);
}

static void silent_output_weights_start_at_zero(void **state)
{
    sb_density density = {0};
    double x[3] = {-.3, .1, .4}, h[3];
    (void)state;
    assert_ok(sb_density_parse("gaussian(3)", NULL, &density));
    unit_spec spec = features(20, &density, "gaussian(3)", 1, false);
    spec.out_scale = 0;
    twin t = make_twin(spec, 1);
    same_start(&t);
    outputs_of(&t.own, 3, x, h);
    assert_at_most(max_abs(3, h), 0);
    clear_twin(&t);
    sb_density_clear(&density);
}

static void kinks_are_at_minus_the_shifts(void **state)
{
    double x[2] = {-.2, .35}, nearest = INFINITY;
    (void)state;
    twin relu = make_twin(neurons("relu", 40, true), 2), tanh = make_twin(neurons("tanh", 40, true), 2);
    move_net(&relu);
    for (size_t j = 0; j < 40; j++)
        for (size_t i = 0; i < 2; i++) nearest = fmin(nearest, fabs(x[i] + relu.net.shift[j]));
    assert_near(sb_model_kink_distance(relu.own.model, relu.own.theta, 2, x), nearest, 1e-15);
    assert_true(isinf(sb_model_kink_distance(tanh.own.model, tanh.own.theta, 2, x)));
    clear_twin(&relu);
    clear_twin(&tanh);
}

/* ---- outputs, gradients, kernels ---- */

static void same_outputs(twin *t)
{
    double x[2 * N], g[N], h[N], wanted[N], *gradient = new_doubles(t->own.parameters);
    points_of(t->spec.dim, x);
    move_net(t);
    for (size_t i = 0; i < N; i++) g[i] = number_in(-1, 1);
    outputs_of(&t->own, N, x, h);
    for (size_t i = 0; i < N; i++) wanted[i] = units_output(&t->net, x + i * t->spec.dim);
    assert_at_most(max_difference(N, h, wanted), 1e-12 * max_abs(N, wanted));
    /* a gradient is mapped as weights are, but that of frozen frequencies */
    assert_ok(sb_model_gradient(t->own.model, t->own.theta, N, x, g, gradient));
    unit_sum slopes = units_copy(&t->net);
    memset(slopes.theta, 0, slopes.per_unit * slopes.width * sizeof(double));
    units_gradient(&t->net, N, x, g, slopes.theta);
    network mapped = network_of_units(&slopes);
    assert_at_most(max_difference(mapped.parameters, gradient, mapped.theta),
                   1e-12 * max_abs(mapped.parameters, mapped.theta));
    free(gradient);
    units_clear(&slopes);
    clear_network(&mapped);
}

static void outputs_and_gradients_are_the_same(void **state)
{
    (void)state;
    for_all(same_outputs);
}

static void same_kernels(twin *t)
{
    double x[2 * N], gram[N * N], wanted[N * N], *own = NULL;
    sb_model *part = NULL;
    size_t copies = t->own.copies, units = t->spec.width / copies, half = units / 2;
    points_of(t->spec.dim, x);
    move_net(t);
    gram_of(&t->own, N, x, 1, gram);
    units_gram(&t->net, 0, t->spec.width, N, x, wanted);
    assert_at_most(max_difference(N * N, gram, wanted), 1e-12 * max_abs(N * N, wanted));
    for (size_t h = 0; h < 2; h++) {
        size_t first = h * half, count = h == 0 ? half : units - half;
        assert_ok(sb_model_part(t->own.model, t->own.theta, first, count, &part, &own));
        gram_of_model(part, own, N, x, 1, gram);
        units_gram(&t->net, copies * first, copies * count, N, x, wanted);
        assert_at_most(max_difference(N * N, gram, wanted), 1e-12 * max_abs(N * N, wanted));
        sb_model_destroy(&part);
        free(own);
    }
}

static void kernels_of_all_and_of_some_units_are_the_same(void **state)
{
    (void)state;
    for_all(same_kernels);
}

/* Outputs, with their bias, and kernels of the parts add up. */
static void parts_add_up(void **state)
{
    static const char *const layer[] = {"dense(9)", "tanh", "dense(1)"}, *const deep[] = {"dense(9)", "tanh",
                                                                                          "dense(2)"};
    sb_model_spec spec = {.input = {1, 1, 2},
                          .layers = 3,
                          .layer = layer,
                          .parametrisation = "ntk",
                          .gain = 2,
                          .weights = "",
                          .biases = "gaussian(1)"};
    sb_model *model = NULL, *part = NULL, *other = NULL;
    double x[2 * N], h[N], sum[N] = {0}, gram[N * N], all[N * N] = {0}, *own = NULL;
    (void)state;
    points_of(2, x);
    assert_ok(sb_model_create(&spec, &model));
    double *theta = new_doubles(sb_model_parameters(model));
    sb_model_start(model, 1, SB_STREAM_TRAIN, theta);
    for (size_t first = 0; first < 9; first += 3) {
        assert_ok(sb_model_part(model, theta, first, 3, &part, &own));
        assert_ok(sb_model_evaluate(part, own, N, x, h));
        gram_of_model(part, own, N, x, 1, gram);
        for (size_t i = 0; i < N; i++) sum[i] += h[i];
        for (size_t i = 0; i < N * N; i++) all[i] += gram[i];
        sb_model_destroy(&part);
        free(own);
    }
    assert_ok(sb_model_evaluate(model, theta, N, x, h));
    gram_of_model(model, theta, N, x, 1, gram);
    assert_at_most(max_difference(N, sum, h), 1e-13);
    assert_at_most(max_difference(N * N, all, gram), 1e-13 * max_abs(N * N, gram));
    spec.layer = deep;
    assert_ok(sb_model_create(&spec, &other));
    assert_fails(sb_model_part(other, theta, 0, 1, &part, &own), SB_ERR_UNSUPPORTED, "no sum over units");
    assert_fails(sb_model_part(model, theta, 7, 3, &part, &own), SB_ERR_INPUT, "no units 7 to 10");
    free(theta);
    sb_model_destroy(&model);
    sb_model_destroy(&other);
}

/* ---- infinite width ---- */

/* Per the gain, scale^2 width: the kernel of its laws. */
static double limit_of(const unit_spec *spec, const double *x1, const double *x2)
{
    double out2 = spec->out_scale * spec->out_scale * spec->out->second_moment;
    double gain = spec->gain * spec->gain * (spec->standard ? (double)spec->width : 1);
    if (!spec->activation) return gain * features_kernel(spec->density, spec->dim, spec->frozen ? 0 : out2, x1, x2);
    sb_wide_layer first = shifted_layer(spec->activation, spec->in, spec->in_scale, spec->shift_range);
    return gain * shifted_kernel(sb_kernel_for(&first), &first, out2, *x1, *x2);
}

static void same_limit(twin *t)
{
    size_t dim = t->spec.dim;
    double x[2 * N], gram[N * N], wanted[N * N];
    sb_wide_law wide = {0};
    points_of(dim, x);
    assert_ok(sb_model_wide_law(t->own.model, &wide));
    assert_ok(sb_gram_wide(&wide, N, x, 0, NULL, 1, gram));
    for (size_t i = 0; i < N * N; i++) wanted[i] = limit_of(&t->spec, x + i / N * dim, x + i % N * dim);
    assert_at_most(max_difference(N * N, gram, wanted), 1e-13 * max_abs(N * N, wanted));
    sb_wide_law_clear(&wide);
}

static void infinite_width_is_the_same(void **state)
{
    (void)state;
    for_all(same_limit);
}

/* Means over l on [-1, 1] of sin z sin z' and of cos z cos z' (scale^2 (x + l)(x' + l) + in^2), z = in (x + l). */
static void sine_means(double scale, double in, double x1, double x2, double *value, double *slope)
{
    enum { PLACES = 20000 };
    *value = *slope = 0;
    for (int i = 0; i < PLACES; i++) {
        double l = (2 * i + 1.) / PLACES - 1, a = x1 + l, b = x2 + l;
        *value += sin(in * a) * sin(in * b) / PLACES;
        *slope += cos(in * a) * cos(in * b) * (scale * scale * a * b + in * in) / PLACES;
    }
}

/* Deeper networks over shifted neurons, and a scale of these, by their recursion: S, T = A, B; then A, A + B; ReLU
 * (Cho, Saul 2009); their sum. */
static void layers_over_shifted_neurons_have_a_limit(void **state)
{
    static const char *const layer[] = {"shifted(400, two_point(2), scale=1.5)", "sine",
                                        "dense(300, nobias, gaussian(1))", "relu", "dense(1, nobias, gaussian(1))"};
    static const double x[3] = {-.3, .2, .21};
    sb_model_spec spec = {.input = {1, 1, 1},
                          .layers = 5,
                          .layer = layer,
                          .parametrisation = "ntk",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .shift_range = 1};
    sb_model *model = NULL;
    sb_wide_law law = {0};
    (void)state;
    assert_ok(sb_model_create(&spec, &model));
    assert_ok(sb_model_wide_law(model, &law));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double q1, q2, S, T, unused;
            sine_means(1.5, 3, x[i], x[i], &q1, &unused);
            sine_means(1.5, 3, x[j], x[j], &q2, &unused);
            sine_means(1.5, 3, x[i], x[j], &S, &T);
            double r = sqrt(q1 * q2), angle = acos(fmin(S / r, 1));
            double wanted =
                r / (2 * M_PI) * (sin(angle) + (M_PI - angle) * cos(angle)) + (S + T) * (M_PI - angle) / (2 * M_PI);
            assert_close(sb_wide_kernel(&law, &x[i], &x[j]), wanted, 1e-7);
        }
    sb_wide_law_clear(&law);
    sb_model_destroy(&model);
}

/* ---- training ---- */

/* Of a grid, or where they are scattered in an order. */
static void make_course(sb_problem *problem, size_t dim, bool grid)
{
    make_points(problem, grid ? MIDPOINTS : SCATTERED, POINTS);
    if (dim > 1) {
        sb_problem_clear(problem);
        assert_ok(sb_problem_init(problem, POINTS, dim, -.5, .5));
        seed_numbers(5);
        for (size_t i = 0; i < POINTS * dim; i++) problem->x[i] = number_in(-.5, .5);
        for (size_t i = 0; i < POINTS; i++) problem->q[i] = 1. / POINTS;
    }
    for (size_t i = 0; i < POINTS; i++) problem->y[i] = .3 * sin(4 * problem->x[i * dim]);
    assert_ok(sb_problem_set_times(problem, .02, 300, RECORDS - 1));
}

/* Against the formula's own loop. */
static void assert_same_course(twin *t, bool grid, const char *route, const char *taken)
{
    sb_problem problem = {0};
    double u[POINTS];
    training run = {.route = route, .threads = 2};
    make_course(&problem, t->spec.dim, grid);
    assert_ok(train(&t->own, &problem, &run));
    assert_string_equal(run.result.route, taken);
    for (size_t step = 0, record = 0; record < problem.nt; step++) {
        units_step(&t->net, &problem, u);
        if ((double)step < problem.step[record]) continue;
        assert_at_most(max_difference(POINTS, run.u + record * POINTS, u), 1e-12);
        record++;
    }
    free(run.u);
    sb_problem_clear(&problem);
}

static void same_training(twin *t)
{
    if (t->spec.standard) return; /* a scale */
    assert_same_course(t, false, "fused", "fused");
}

static void training_is_the_same(void **state)
{
    sb_density density = {0};
    (void)state;
    for_all(same_training);
    assert_ok(sb_density_parse("gaussian(30)", NULL, &density));
    twin turning = make_twin(features(100, &density, "gaussian(30)", 1, true), 1);
    assert_same_course(&turning, true, "auto", "rotation");
    clear_twin(&turning);
    sb_density_clear(&density);
}

/* ---- widths, words ---- */

static void described(const sb_model_spec *spec, const char *wanted)
{
    sb_model *model = NULL;
    char text[200];
    assert_ok(sb_model_create(spec, &model));
    sb_model_describe(model, text, sizeof text);
    assert_non_null(strstr(text, wanted));
    sb_model_destroy(&model);
}

static void networks_are_widened(void **state)
{
    static const char *const deep[] = {"fourier(10)", "dense(20, he)", "relu", "dense(3)", "dense(2)"};
    static const char *const image[] = {"conv2d(4, 3)", "relu", "maxpool(2)", "dense(8)", "relu", "dense(1)"};
    static const char *const quiet[] = {"shifted(8, two_point(2))", "relu", "dense(1, nobias, two_point(2))"};
    sb_model_spec spec = {.input = {1, 1, 2},
                          .layers = 5,
                          .layer = deep,
                          .parametrisation = "ntk",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .density = "gaussian(1)",
                          .shift_range = 1,
                          .widen = .5};
    (void)state;
    described(&spec, "2 -> fourier(5) dense(10, he) relu dense(2) dense(2), ");
    spec.widen = 4;
    described(&spec, "2 -> fourier(40) dense(80, he) relu dense(12) dense(2), ");
    spec = (sb_model_spec){.input = {8, 8, 1},
                           .layers = 6,
                           .layer = image,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = "",
                           .biases = "",
                           .widen = 2};
    described(&spec, "conv2d(8, 3) relu maxpool(2) dense(16) relu dense(1)");
    spec = (sb_model_spec){.input = {1, 1, 1},
                           .layers = 3,
                           .layer = quiet,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = "",
                           .biases = "",
                           .shift_range = 1,
                           .quiet = true,
                           .widen = .7};
    described(&spec, "shifted(4, two_point(2)) relu dense(1");
}

static void refuses(const char *first, const char *last, bool quiet, const char *words)
{
    const char *layer[] = {first, "relu", last};
    sb_model_spec spec = {.input = {1, 1, 1},
                          .layers = 3,
                          .layer = layer,
                          .parametrisation = "ntk",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .shift_range = 1,
                          .density = "gaussian(1) x gaussian(2)",
                          .quiet = quiet};
    sb_model *model = NULL;
    assert_fails(sb_model_create(&spec, &model), SB_ERR_INPUT, words);
    assert_null(model);
}

static void wrong_networks_are_refused(void **state)
{
    (void)state;
    refuses("shifted(8, two_point(2))", "dense(1, nobias, gaussian(1))", true, "weights of fixed size");
    refuses("shifted(6, two_point(2))", "dense(1, nobias, two_point(1))", true, "not a multiple of 4");
    refuses("dense(8, two_point(2))", "dense(1, nobias, two_point(1))", true, "a quiet start is one of");
    refuses("shifted(8, two_points(2))", "dense(1)", false, "'two_points(2)' is not understood");
    refuses("shifted(8, two_point)", "dense(1)", false, "two_point needs its size");
    refuses("fourier(8)", "dense(1)", false, "has 2 axes, the inputs of layer 1, \"fourier(8)\", have 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_are_the_same),
        cmocka_unit_test(silent_output_weights_start_at_zero),
        cmocka_unit_test(kinks_are_at_minus_the_shifts),
        cmocka_unit_test(outputs_and_gradients_are_the_same),
        cmocka_unit_test(kernels_of_all_and_of_some_units_are_the_same),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(infinite_width_is_the_same),
        cmocka_unit_test(layers_over_shifted_neurons_have_a_limit),
        cmocka_unit_test(training_is_the_same),
        cmocka_unit_test(networks_are_widened),
        cmocka_unit_test(wrong_networks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
