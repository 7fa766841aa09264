/* Networks of layers that are sums over units, shifted neurons or Fourier features, against the same networks of net.h:
 * starts, outputs, gradients, kernels of all and of some units, infinite width, training and gradient flow. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/fit.h>
#include <specbias/kernel.h>
#include <specbias/observe.h>
#include <specbias/train.h>

#include "common/problems.h"

/* ---- twins ---- */

typedef struct twin {
    sb_net_spec spec;
    sb_net net;
    char text[3][96];
    const char *layer[3];
    sb_model *model;
    double *theta;
    size_t parameters, copies;
} twin;

static const char *law_text(const sb_law *law, double size, char text[48])
{
    snprintf(text, 48, "%s(%.17g)", law->name, size);
    return text;
}

static sb_model_spec model_spec(twin *t, const char *density)
{
    const sb_net_spec *net = &t->spec;
    bool features = sb_net_kind_features(net->kind);
    char in[48] = "", out[48];
    t->copies = net->antisymmetric ? 2 : 1;
    if (!features) law_text(net->in, net->in_scale, in);
    snprintf(t->text[0], 96, features ? "fourier(%zu%s)" : "shifted(%zu, %s)", net->width / t->copies,
             features ? net->frozen ? ", frozen" : "" : in);
    snprintf(t->text[1], 96, "%s", features ? "" : net->activation->name);
    snprintf(t->text[2], 96, "dense(1, nobias, %s)", law_text(net->out, net->out_scale, out));
    t->layer[0] = t->text[0];
    t->layer[1] = t->text[features ? 2 : 1];
    t->layer[2] = t->text[2];
    double gain = net->standard ? sqrt((double)t->copies) : features ? sqrt(2) : 1; /* fan-in: cosines and sines */
    return (sb_model_spec){.input = {1, 1, net->dim},
                           .layers = features ? 2 : 3,
                           .layer = t->layer,
                           .parametrisation = net->standard ? "standard" : "ntk",
                           .gain = net->gain * gain,
                           .weights = "",
                           .biases = "",
                           .shift_range = net->shift_range,
                           .density = density,
                           .antisymmetric = net->antisymmetric,
                           .quiet = net->quiet};
}

/* theta of the model from the weights of the net */
static void map_weights(const twin *t, double *theta)
{
    const sb_net *net = &t->net;
    bool features = sb_net_kind_features(net->spec.kind);
    sb_two_layer parts[SB_MOST_COPIES];
    assert_int_equal(sb_model_two_layer(t->model, parts), t->copies);
    for (size_t c = 0; c < t->copies; c++)
        for (size_t i = 0; i < parts->units; i++) {
            size_t j = t->copies * i + c;
            double sign = c == 0 ? 1 : -1;
            theta[parts[c].out + i] = sign * net->theta[j];
            if (features) theta[parts[c].out_sine + i] = sign * net->sine[j];
            if (!features) theta[parts[c].shift + i] = net->shift[j];
            for (size_t d = 0; d < net->spec.dim; d++)
                theta[parts[c].in + i * net->spec.dim + d] = features ? net->freq[d * net->padded + j] : net->in[j];
        }
}

/* Both at the start of a seed. */
static twin make_twin(sb_net_spec spec, const char *density, uint64_t seed)
{
    twin t = {.spec = spec};
    sb_model_spec layers = model_spec(&t, density);
    layers.layer = t.layer;
    assert_ok(sb_net_init(&spec, seed, SB_STREAM_TRAIN, &t.net));
    assert_ok(sb_model_create(&layers, &t.model));
    t.parameters = sb_model_parameters(t.model);
    t.theta = new_doubles(t.parameters);
    sb_model_start(t.model, seed, SB_STREAM_TRAIN, t.theta);
    return t;
}

static void clear_twin(twin *t)
{
    sb_net_clear(&t->net);
    sb_model_destroy(&t->model);
    free(t->theta);
}

static sb_net_spec neurons(const char *activation, size_t width, bool antisymmetric)
{
    sb_net_spec spec = standard_net(activation, width, false);
    spec.antisymmetric = antisymmetric;
    spec.out = sb_law_find("gaussian");
    spec.in = sb_law_find("uniform");
    spec.in_scale = 3;
    spec.gain = 1.3;
    return spec;
}

static sb_net_spec features(size_t width, const sb_density *density, size_t dim, bool antisymmetric)
{
    return (sb_net_spec){.kind = sb_net_kind_find("fourier"),
                         .dim = dim,
                         .width = width,
                         .gain = .8,
                         .out = sb_law_find("gaussian"),
                         .out_scale = .6,
                         .antisymmetric = antisymmetric,
                         .density = density};
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
        sb_net_spec all[] = {neurons("relu", 70, copies), neurons("tanh", 70, copies), neurons("sine", 70, copies),
                             features(70, density, 1, copies), features(70, density, 2, copies)};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
            all[k].standard = standard;
            all[k].frozen = k == 4 && standard;
            twin t = make_twin(all[k], all[k].dim == 2 ? two_axes : "gaussian(3)", 7 + k);
            check(&t);
            clear_twin(&t);
        }
    }
    for (int i = 0; i < 2; i++) sb_density_clear(&density[i]);
}

enum { N = 19, RECORDS = 6 };

static void points_of(size_t dim, double *x)
{
    seed_numbers(dim);
    for (size_t i = 0; i < N * dim; i++) x[i] = number_in(-.5, .5);
}

/* Away from the start, where copies differ. */
static void move_net(twin *t)
{
    seed_numbers(3);
    for (size_t p = 0; p < t->net.trained; p++)
        for (size_t i = 0; i < t->net.width; i++) t->net.theta[p * t->net.padded + i] += number_in(-.1, .1);
    map_weights(t, t->theta);
}

/* ---- starts ---- */

static void same_start(twin *t)
{
    double *wanted = new_doubles(t->parameters);
    map_weights(t, wanted);
    assert_at_most(max_difference(t->parameters, t->theta, wanted), 0);
    assert_true(sb_model_starts_at_zero(t->model) == sb_net_starts_at_zero(&t->spec));
    free(wanted);
}

static void starts_are_the_same(void **state)
{
    (void)state;
    for_all(same_start);
    twin quiet = make_twin(standard_net("relu", 64, true), NULL, 0);
    same_start(&quiet);
    clear_twin(&quiet);
}

static void silent_output_weights_start_at_zero(void **state)
{
    sb_density density = {0};
    double x[3] = {-.3, .1, .4}, h[3];
    (void)state;
    assert_ok(sb_density_parse("gaussian(3)", NULL, &density));
    sb_net_spec spec = features(20, &density, 1, false);
    spec.out_scale = 0;
    twin t = make_twin(spec, "gaussian(3)", 1);
    same_start(&t);
    assert_ok(sb_model_evaluate(t.model, t.theta, 3, x, h));
    assert_at_most(max_abs(3, h), 0);
    clear_twin(&t);
    sb_density_clear(&density);
}

static void kinks_are_where_they_were(void **state)
{
    double x[2] = {-.2, .35};
    (void)state;
    twin relu = make_twin(neurons("relu", 40, true), NULL, 2), tanh = make_twin(neurons("tanh", 40, true), NULL, 2);
    move_net(&relu);
    assert_near(sb_model_kink_distance(relu.model, relu.theta, 2, x), sb_net_kink_distance(&relu.net, 2, x), 1e-15);
    assert_true(isinf(sb_model_kink_distance(tanh.model, tanh.theta, 2, x)));
    clear_twin(&relu);
    clear_twin(&tanh);
}

/* ---- outputs, gradients, kernels ---- */

static void same_outputs(twin *t)
{
    double x[2 * N], g[N], h[N], wanted[N], *gradient = new_doubles(t->parameters),
                                            *mapped = new_doubles(t->parameters);
    points_of(t->spec.dim, x);
    move_net(t);
    for (size_t i = 0; i < N; i++) g[i] = number_in(-1, 1);
    assert_ok(sb_model_evaluate(t->model, t->theta, N, x, h));
    assert_ok(sb_net_forward(&t->net, N, x, wanted));
    assert_at_most(max_difference(N, h, wanted), 1e-12 * max_abs(N, wanted));
    /* a gradient is mapped as weights are, but that of frozen frequencies */
    assert_ok(sb_model_gradient(t->model, t->theta, N, x, g, gradient));
    double *slopes = new_doubles(t->net.trained * t->net.width);
    assert_ok(sb_net_gradient(&t->net, N, x, g, slopes));
    memset(t->net.theta, 0, t->net.per_unit * t->net.padded * sizeof(double));
    for (size_t p = 0; p < t->net.trained; p++)
        memcpy(t->net.theta + p * t->net.padded, slopes + p * t->net.width, t->net.width * sizeof *slopes);
    map_weights(t, mapped);
    assert_at_most(max_difference(t->parameters, gradient, mapped), 1e-12 * max_abs(t->parameters, mapped));
    free(gradient), free(mapped), free(slopes);
}

static void outputs_and_gradients_are_the_same(void **state)
{
    (void)state;
    for_all(same_outputs);
}

static void net_gram(const sb_net *net, size_t first, size_t count, const double *x, double *gram)
{
    sb_jacobian jacobian = {.units = count,
                            .per_unit = net->trained,
                            .dim = net->spec.dim,
                            .columns = sb_net_columns,
                            .context = net,
                            .first = first};
    assert_ok(sb_gram_empirical(&jacobian, N, x, 1, gram));
}

static void model_gram(const sb_model *model, const double *theta, const double *x, double *gram)
{
    sb_factors factors = {0};
    assert_ok(sb_model_factors(model, theta, &factors));
    sb_gram_spec spec = {.factors = &factors, .threads = 1};
    assert_ok(sb_gram_layers(&spec, N, x, gram));
    sb_factors_clear(&factors);
}

static void same_kernels(twin *t)
{
    double x[2 * N], gram[N * N], wanted[N * N], *own = NULL;
    sb_model *part = NULL;
    size_t units = t->spec.width / t->copies, half = units / 2;
    points_of(t->spec.dim, x);
    move_net(t);
    model_gram(t->model, t->theta, x, gram);
    net_gram(&t->net, 0, t->spec.width, x, wanted);
    assert_at_most(max_difference(N * N, gram, wanted), 1e-12 * max_abs(N * N, wanted));
    for (size_t h = 0; h < 2; h++) {
        size_t first = h * half, count = h == 0 ? half : units - half;
        assert_ok(sb_model_part(t->model, t->theta, first, count, &part, &own));
        model_gram(part, own, x, gram);
        net_gram(&t->net, t->copies * first, t->copies * count, x, wanted);
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
        model_gram(part, own, x, gram);
        for (size_t i = 0; i < N; i++) sum[i] += h[i];
        for (size_t i = 0; i < N * N; i++) all[i] += gram[i];
        sb_model_destroy(&part);
        free(own);
    }
    assert_ok(sb_model_evaluate(model, theta, N, x, h));
    model_gram(model, theta, x, gram);
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

static sb_net_law law_of(const sb_net_spec *net)
{
    sb_net_law law = {.net = sb_net_kind_name(net->kind),
                      .dim = net->dim,
                      .out2 = net->out_scale * net->out_scale * net->out->second_moment,
                      .gain = net->gain * net->gain * (net->standard ? (double)net->width : 1),
                      .density = net->density,
                      .frozen = net->frozen};
    if (!net->activation) return law;
    law.in2 = net->in_scale * net->in_scale * net->in->second_moment;
    law.range = net->shift_range;
    law.activation = net->activation->name;
    law.kinked = net->activation->kinked;
    law.evaluate = net->activation->evaluate;
    law.in = net->in;
    law.in_scale = net->in_scale;
    return law;
}

static void same_limit(twin *t)
{
    double x[2 * N], gram[N * N], wanted[N * N];
    sb_wide_law wide = {0};
    sb_net_law law = law_of(&t->spec);
    points_of(t->spec.dim, x);
    assert_ok(sb_model_wide_law(t->model, &wide));
    assert_ok(sb_gram_wide(&wide, N, x, 0, NULL, 1, gram));
    assert_ok(sb_gram_infinite(sb_kernel_for(&law), &law, N, x, 0, NULL, 1, wanted));
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

/* n points of a grid, or where they are scattered in an order. */
static void make_course(sb_problem *problem, size_t dim, size_t n, bool grid)
{
    make_points(problem, grid ? MIDPOINTS : SCATTERED, n);
    if (dim > 1) {
        sb_problem_clear(problem);
        assert_ok(sb_problem_init(problem, n, dim, -.5, .5));
        seed_numbers(5);
        for (size_t i = 0; i < n * dim; i++) problem->x[i] = number_in(-.5, .5);
        for (size_t i = 0; i < n; i++) problem->q[i] = 1 / (double)n;
    }
    for (size_t i = 0; i < n; i++) problem->y[i] = .3 * sin(4 * problem->x[i * dim]);
    assert_ok(sb_problem_set_times(problem, .02, 300, RECORDS - 1));
}

static void assert_same_course(twin *t, bool grid, const char *route, const char *taken)
{
    sb_problem problem = {0};
    sb_training training = {0};
    double u[RECORDS * 36];
    make_course(&problem, t->spec.dim, 36, grid);
    sb_fit_result result = train_model(t->model, &problem, "gd", route, t->theta, u);
    assert_string_equal(result.route, taken);
    assert_ok(sb_train(&t->net, &problem, 1, NULL, &training));
    assert_at_most(max_difference(problem.nt * problem.n, u, training.u), 1e-12);
    sb_training_clear(&training);
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
    twin turning = make_twin(features(100, &density, 1, true), "gaussian(30)", 1);
    assert_same_course(&turning, true, "auto", "rotation");
    clear_twin(&turning);
    sb_density_clear(&density);
}

static void same_flow(twin *t)
{
    sb_problem problem = {0};
    sb_training training = {0};
    sb_flow_counts counts;
    double u[RECORDS * 12];
    if (t->spec.standard || (t->spec.activation && t->spec.activation->kinked)) return;
    make_course(&problem, t->spec.dim, 12, false);
    sb_fit_result result = train_model(t->model, &problem, "flow", "auto", t->theta, u);
    assert_ok(sb_train_flow(&t->net, &problem, "rkc", 1e-8, 1, NULL, &training, &counts));
    assert_at_most(max_difference(problem.nt * problem.n, u, training.u), 1e-8);
    assert_close(result.loss, training.loss, 1e-6);
    sb_training_clear(&training);
    sb_problem_clear(&problem);
}

static void gradient_flow_is_the_same(void **state)
{
    (void)state;
    for_all(same_flow);
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
    refuses("fourier(8)", "dense(1)", false, "the density has 2 axes, the inputs 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_are_the_same),
        cmocka_unit_test(silent_output_weights_start_at_zero),
        cmocka_unit_test(kinks_are_where_they_were),
        cmocka_unit_test(outputs_and_gradients_are_the_same),
        cmocka_unit_test(kernels_of_all_and_of_some_units_are_the_same),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(infinite_width_is_the_same),
        cmocka_unit_test(layers_over_shifted_neurons_have_a_limit),
        cmocka_unit_test(training_is_the_same),
        cmocka_unit_test(gradient_flow_is_the_same),
        cmocka_unit_test(networks_are_widened),
        cmocka_unit_test(wrong_networks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
