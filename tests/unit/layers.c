/* Networks of layers: every kind of layer and activation in stacks, gradients by finite differences, values by naive
 * loops, derivatives by the inputs, float beside double, initial weights. */
#include "common/networks.h"
#include "common/stacks.h"
#include "common/test.h"

#include <stdio.h>

#include <specbias/model.h>

enum { N = 3, MOST = 40 };

/* x[1 + tangents][N][inputs]; sum of g . outputs. */
static double weighted_sum(const sb_model *model, const double *theta, size_t tangents, const double *x,
                           const double *g)
{
    double *tape = new_doubles(sb_model_tape(model, N, tangents)), sum = 0;
    const double *y = sb_model_forward(model, theta, N, tangents, x, tape);
    for (size_t i = 0; i < (1 + tangents) * N * sb_model_outputs(model); i++) sum += g[i] * y[i];
    free(tape);
    return sum;
}

static double slope(const sb_model *model, double *theta, double *place, double h, size_t tangents, const double *x,
                    const double *g)
{
    static const double at[4] = {-2, -1, 1, 2};
    double f[4], kept = *place;
    for (int i = 0; i < 4; i++) {
        *place = kept + at[i] * h;
        f[i] = weighted_sum(model, theta, tangents, x, g);
    }
    *place = kept;
    return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
}

/* Frozen layers have no gradient: their parameters do not count. */
static void assert_gradient(const stack *s, const char *parametrisation, bool antisymmetric, size_t tangents)
{
    sb_model *model = make_stack(s, parametrisation, antisymmetric, false);
    size_t p = sb_model_parameters(model), rows = (1 + tangents) * N;
    double *x = numbers(1, rows * sb_model_inputs(model)), *g = numbers(2, rows * sb_model_outputs(model));
    double *theta = stack_weights(model), *gradient = new_doubles(p + 1),
           *tape = new_doubles(sb_model_tape(model, N, tangents));
    size_t zero = 0, checked = 0;
    sb_model_forward(model, theta, N, tangents, x, tape);
    sb_model_backward(model, theta, N, tangents, x, tape, g, gradient);
    double size = max_abs(p, gradient);
    assert_at_least(size, 1e-3);
    for (size_t i = 0; i < p; i++) {
        double wanted = slope(model, theta, theta + i, 0x1p-10, tangents, x, g);
        if (gradient[i] == 0) zero++;
        if (gradient[i] == 0 && strstr(s->name, "frozen")) continue;
        if (fabs(gradient[i] - wanted) > 1e-9 * size) print_error("%s, parameter %zu\n", s->name, i);
        assert_near(gradient[i], wanted, 1e-9 * size);
        checked++;
    }
    assert_true(checked > 0 && (zero < p / 2 || strstr(s->name, "frozen")));
    free(x), free(g), free(theta), free(gradient), free(tape);
    sb_model_destroy(&model);
}

static void gradients_are_slopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++)
        for (size_t tangents = 0; tangents <= 2; tangents++) {
            assert_gradient(&stacks[i], "standard", false, tangents);
            assert_gradient(&stacks[i], "ntk", false, tangents);
            assert_gradient(&stacks[i], "mean_field", true, tangents);
        }
}

static void every_activation_is_a_layer(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        stack s = {sb_activation_at(i)->name, {1, 1, 3}, {"dense(6)", sb_activation_at(i)->name, "dense(2)"}};
        for (size_t tangents = 0; tangents <= 1; tangents++) assert_gradient(&s, "standard", false, tangents);
    }
}

/* The second derivative of each activation, by differences of the first. */
static void second_derivatives(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        const sb_activation *activation = sb_activation_at(i);
        for (double z = -5.03; z < 5; z += 0.1) {
            const double h = 0x1p-11;
            double s, ds[4], dds, at[4] = {z - 2 * h, z - h, z + h, z + 2 * h};
            for (int j = 0; j < 4; j++) sb_activation_value(activation, at[j], &s, &ds[j]);
            activation->second(1, &z, &dds);
            assert_near(dds, (8 * (ds[2] - ds[1]) - (ds[3] - ds[0])) / (12 * h), 1e-11);
        }
    }
}

/* dh = (dh / dx) dx */
static void tangents_are_slopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++) {
        sb_model *model = make_stack(&stacks[i], "standard", true, false);
        size_t in = N * sb_model_inputs(model), out = N * sb_model_outputs(model);
        double *x = numbers(1, 2 * in), *theta = stack_weights(model), *moved = new_doubles(in), *tape, *y[4];
        static const double at[4] = {-2, -1, 1, 2};
        const double h = 0x1p-10;
        tape = new_doubles(sb_model_tape(model, N, 1));
        for (int j = 0; j < 4; j++) {
            y[j] = new_doubles(out);
            for (size_t k = 0; k < in; k++) moved[k] = x[k] + at[j] * h * x[in + k];
            assert_ok(sb_model_evaluate(model, theta, N, moved, y[j]));
        }
        const double *h_dh = sb_model_forward(model, theta, N, 1, x, tape);
        for (size_t k = 0; k < out; k++)
            assert_near(h_dh[out + k], (8 * (y[2][k] - y[1][k]) - (y[3][k] - y[0][k])) / (12 * h), 2e-10);
        for (int j = 0; j < 4; j++) free(y[j]);
        free(x), free(theta), free(moved), free(tape);
        sb_model_destroy(&model);
    }
}

/* ---- values ---- */

/* A convolution of one sequence or image by its definition. */
static double naive_convolution(const double *w, double bias, const double *x, sb_shape in, size_t k, bool two,
                                bool circular, size_t i, size_t j)
{
    long half = (long)k / 2, tall = two ? (long)k : 1, height = (long)in.height, width = (long)in.width;
    double sum = bias;
    for (long s = 0; s < tall; s++)
        for (long t = 0; t < (long)k; t++) {
            long a = (long)i + s - (two ? half : 0), b = (long)j + t - half;
            if (circular) a = (a + height) % height, b = (b + width) % width;
            if (a < 0 || a >= height || b < 0 || b >= width) continue;
            for (size_t c = 0; c < in.channels; c++)
                sum += w[((size_t)s * k + (size_t)t) * in.channels + c] *
                       x[((size_t)a * in.width + (size_t)b) * in.channels + c];
        }
    return sum;
}

static void convolutions_are_their_definition(void **state)
{
    (void)state;
    for (size_t k = 1; k <= 5; k++)
        for (int kind = 0; kind < 4; kind++) {
            bool two = kind >= 2, circular = kind % 2;
            char text[64];
            snprintf(text, sizeof text, "%s(3, %zu%s)", two ? "conv2d" : "conv1d", k, circular ? ", circular" : "");
            stack s = {text, {two ? 7 : 1, 9, 2}, {text}};
            sb_model *model = make_stack(&s, "standard", false, false);
            size_t in = sb_model_inputs(model), out = sb_model_outputs(model), fan_in = (two ? k * k : k) * 2;
            double *x = numbers(1, N * in), *theta = stack_weights(model), *y = new_doubles(N * out);
            assert_ok(sb_model_evaluate(model, theta, N, x, y));
            for (size_t e = 0; e < N; e++)
                for (size_t p = 0; p < s.input.height * s.input.width; p++)
                    for (size_t o = 0; o < 3; o++)
                        assert_near(y[e * out + p * 3 + o],
                                    naive_convolution(theta + o * fan_in, theta[3 * fan_in + o], x + e * in, s.input, k,
                                                      two, circular, p / s.input.width, p % s.input.width),
                                    1e-13);
            free(x), free(theta), free(y);
            sb_model_destroy(&model);
        }
}

/* The same of many channels, which go by fewer products (bilinear.h), alone; and of two such layers gradients g .
 * dh/dtheta v from behind and from the front. */
static void many_channels_are_their_definition(void **state)
{
    enum { C = 24, O = 20, LENGTH = 83, K = 5 };
    static const size_t taps[K] = {3, 7, 16, 31, 64};
    (void)state;
    for (size_t t = 0; t < 2 * K; t++) {
        char one[64], two[64];
        bool circular = t % 2;
        size_t k = taps[t / 2], fan_in = k * C;
        snprintf(one, sizeof one, "conv1d(%d, %zu%s)", C, k, circular ? ", circular" : "");
        snprintf(two, sizeof two, "conv1d(%d, %zu%s)", O, k, circular ? ", circular" : "");
        stack alone = {two, {1, LENGTH, C}, {two}}, both = {two, {1, LENGTH, C}, {one, two}};
        sb_model *model = make_stack(&alone, "standard", false, false);
        double *x = numbers(1, N * LENGTH * C), *theta = stack_weights(model), *y = new_doubles(N * LENGTH * O);
        assert_ok(sb_model_evaluate(model, theta, N, x, y));
        for (size_t e = 0; e < N; e++)
            for (size_t p = 0; p < LENGTH; p++)
                for (size_t o = 0; o < O; o++)
                    assert_near(y[(e * LENGTH + p) * O + o],
                                naive_convolution(theta + o * fan_in, theta[O * fan_in + o], x + e * LENGTH * C,
                                                  alone.input, k, false, circular, 0, p),
                                1e-12);
        free(theta);
        sb_model_destroy(&model);
        model = make_stack(&both, "ntk", false, false);
        size_t parameters = sb_model_parameters(model);
        double *v = numbers(2, parameters), *gradient = new_doubles(parameters), *g = numbers(3, N * LENGTH * O);
        double sum = 0, wanted = 0, size = 0;
        theta = stack_weights(model);
        assert_ok(sb_model_gradient(model, theta, N, x, g, gradient));
        assert_ok(sb_model_derivative(model, theta, v, N, x, y));
        for (size_t i = 0; i < parameters; i++) sum += gradient[i] * v[i], size += fabs(gradient[i] * v[i]);
        for (size_t i = 0; i < N * LENGTH * O; i++) wanted += g[i] * y[i];
        assert_near(sum, wanted, 1e-13 * size);
        free(x), free(theta), free(y), free(v), free(gradient), free(g);
        sb_model_destroy(&model);
    }
}

/* Windows of 2, some with equal numbers. */
static void pools_are_their_definition(void **state)
{
    enum { H = 4, W = 6, C = 3 };
    (void)state;
    for (size_t tall = 1; tall <= 2; tall++) {
        stack s = {"pool", {tall == 2 ? H : 1, W, C}, {"maxpool(2)"}};
        sb_model *model = make_stack(&s, "standard", false, false);
        size_t in = sb_model_inputs(model), out = sb_model_outputs(model), width = W / 2;
        double *x = numbers(1, N * in), *y = new_doubles(N * out), none;
        for (size_t i = 0; i < N * in; i++) x[i] = round(2 * x[i]);
        assert_int_equal(out, in / 2 / tall);
        assert_ok(sb_model_evaluate(model, &none, N, x, y));
        for (size_t e = 0; e < N; e++)
            for (size_t p = 0; p < out; p++) {
                size_t c = p % C, j = p / C % width, i = p / C / width;
                double largest = -INFINITY;
                for (size_t a = 0; a < tall; a++)
                    for (size_t b = 0; b < 2; b++)
                        largest = fmax(largest, x[e * in + ((i * tall + a) * W + 2 * j + b) * C + c]);
                assert_true(y[e * out + p] == largest);
            }
        free(x), free(y);
        sb_model_destroy(&model);
    }
}

/* P10 of theory/README.md */
static void reference_case_p10(void **state)
{
    enum { LENGTH = 64, C = 4, K = 3 };
    static const size_t at[4] = {0, 1, 32, 63};
    static const double wanted[4] = {-.00548428489832, .0457140413856, .0491852252173, .0287179042812};
    static const size_t channels[4] = {1, C, C, 1};
    stack s = {"P10", {1, LENGTH, 1}, {"conv1d(4, 3)", "relu", "conv1d(4, 3)", "relu", "conv1d(1, 3)"}};
    sb_model *model = make_stack(&s, "standard", false, false);
    double *theta = new_doubles(sb_model_parameters(model)), x[LENGTH], y[LENGTH], *p = theta;
    (void)state;
    for (int layer = 0; layer < 3; layer++) {
        size_t in = channels[layer], out = channels[layer + 1];
        for (size_t o = 0; o < out; o++)
            for (size_t t = 0; t < K; t++)
                for (size_t i = 0; i < in; i++) *p++ = 4 * sin((double)(1 + o + 2 * i + 3 * t)) / (double)(in * K);
        for (size_t o = 0; o < out; o++) *p++ = .01 * (double)(o + 1);
    }
    for (size_t j = 0; j < LENGTH; j++) {
        double place = 2 * M_PI * (double)j / LENGTH;
        x[j] = sin(3 * place) + .5 * cos(7 * place + 1);
    }
    assert_ok(sb_model_evaluate(model, theta, 1, x, y));
    for (int i = 0; i < 4; i++) assert_close(y[at[i]], wanted[i], 1e-9);
    free(theta);
    sb_model_destroy(&model);
}

/* Features and a layer of neurons behind them by their sums. */
static void features_are_their_definition(void **state)
{
    enum { M = 7, DIM = 2, OUT = 3 };
    stack s = {"features", {1, 1, DIM}, {"fourier(7)", "dense(3)"}};
    sb_model *model = make_stack(&s, "ntk", false, false);
    double *x = numbers(1, N * DIM), *theta = stack_weights(model), y[N * OUT];
    const double *w = theta, *v = w + M * DIM, *b = v + OUT * 2 * M;
    (void)state;
    assert_ok(sb_model_evaluate(model, theta, N, x, y));
    for (size_t i = 0; i < N; i++)
        for (size_t o = 0; o < OUT; o++) {
            double sum = 0;
            for (size_t j = 0; j < M; j++) {
                double z = w[j * DIM] * x[i * DIM] + w[j * DIM + 1] * x[i * DIM + 1];
                sum += v[o * 2 * M + j] * cos(z) + v[o * 2 * M + M + j] * sin(z);
            }
            assert_near(y[i * OUT + o], sum / sqrt(2 * M) + b[o], 1e-13);
        }
    free(x), free(theta);
    sb_model_destroy(&model);
}

/* A list dense, activation, dense is a sum over neurons, and so is one of shifted neurons. */
static void assert_two_layers(const char *first)
{
    enum { WIDTH = 50 };
    unit_spec spec = {.dim = 1,
                      .width = WIDTH,
                      .gain = 1,
                      .activation = "tanh",
                      .in = sb_law_find("gaussian"),
                      .out = sb_law_find("gaussian"),
                      .in_scale = 1,
                      .out_scale = 1,
                      .shift_range = 1};
    stack s = {"two layers", {1, 1, 1}, {first, "tanh", "dense(1, nobias)"}};
    sb_model *model = make_stack(&s, "ntk", false, false);
    unit_sum net = units_start(&spec, 1, SB_STREAM_TRAIN);
    double theta[3 * WIDTH], x[5] = {-1, -.3, .1, .6, .9}, h[5];
    sb_two_layer all[SB_MOST_COPIES], parts;
    assert_int_equal(sb_model_two_layer(model, all), 1);
    parts = all[0];
    assert_int_equal(parts.units, WIDTH);
    assert_true(parts.offset == SIZE_MAX && parts.shift_scale == 1 && parts.in_scale == 1);
    assert_close(parts.out_scale, 1 / sqrt(WIDTH), 1e-15);
    for (size_t i = 0; i < WIDTH; i++) {
        theta[parts.in + i] = net.in[i];
        theta[parts.shift + i] = parts.shifted ? net.shift[i] : net.in[i] * net.shift[i];
        theta[parts.out + i] = net.out[i];
    }
    assert_ok(sb_model_evaluate(model, theta, 5, x, h));
    for (size_t i = 0; i < 5; i++) assert_near(h[i], units_output(&net, &x[i]), 1e-13);
    units_clear(&net);
    sb_model_destroy(&model);
}

static void two_layers_are_two_layers(void **state)
{
    (void)state;
    assert_two_layers("dense(50, scale=1)");
    assert_two_layers("shifted(50, scale=1)");
}

static void float_follows_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++) {
        sb_model *wide = make_stack(&stacks[i], "standard", true, false),
                 *narrow = make_stack(&stacks[i], "standard", true, true);
        size_t p = sb_model_parameters(wide), in = N * sb_model_inputs(wide), out = N * sb_model_outputs(wide);
        double *x = numbers(1, in), *g = numbers(2, out), *theta = stack_weights(wide), *a = new_doubles(p + out);
        double *b = new_doubles(p + out);
        assert_int_equal(sb_model_number(narrow), 4);
        assert_ok(sb_model_evaluate(wide, theta, N, x, a));
        assert_ok(sb_model_evaluate(narrow, theta, N, x, b));
        assert_ok(sb_model_gradient(wide, theta, N, x, g, a + out));
        assert_ok(sb_model_gradient(narrow, theta, N, x, g, b + out));
        double apart = max_difference(p + out, a, b);
        assert_at_most(apart, 2e-5 * max_abs(p + out, a));
        assert_at_least(apart, 1e-12); /* it was float */
        free(x), free(g), free(theta), free(a), free(b);
        sb_model_destroy(&wide);
        sb_model_destroy(&narrow);
    }
}

/* A data set in tiles is the data set at once. */
static void tiles_make_no_difference(void **state)
{
    enum { MANY = 1200 };
    sb_model *model = make_stack(&stacks[0], "ntk", false, false);
    size_t p = sb_model_parameters(model);
    double *x = numbers(1, MANY * 3), *g = numbers(2, MANY * 2), *theta = stack_weights(model),
           *h = new_doubles(MANY * 2);
    double *all = new_doubles(p), *part = new_doubles(p), *sum = new_doubles(p), y[2];
    (void)state;
    assert_at_most((double)sb_model_tile(model), MANY / 2);
    assert_ok(sb_model_evaluate(model, theta, MANY, x, h));
    assert_ok(sb_model_gradient(model, theta, MANY, x, g, all));
    for (size_t i = 0; i < MANY; i++) {
        assert_ok(sb_model_evaluate(model, theta, 1, x + 3 * i, y));
        assert_at_most(max_difference(2, y, h + 2 * i), 1e-14);
        assert_ok(sb_model_gradient(model, theta, 1, x + 3 * i, g + 2 * i, part));
        for (size_t j = 0; j < p; j++) sum[j] += part[j];
    }
    assert_at_most(max_difference(p, sum, all), 1e-12 * max_abs(p, all));
    free(x), free(g), free(theta), free(h), free(all), free(part), free(sum);
    sb_model_destroy(&model);
}

/* ---- the start ---- */

static void antisymmetric_start_is_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++) {
        sb_model *model = make_stack(&stacks[i], "ntk", true, false);
        size_t out = N * sb_model_outputs(model);
        double *x = numbers(1, N * sb_model_inputs(model)), *theta = new_doubles(sb_model_parameters(model));
        double *h = new_doubles(out);
        sb_model_start(model, 5, SB_STREAM_TRAIN, theta);
        assert_at_least(max_abs(sb_model_parameters(model), theta), 0.1);
        assert_ok(sb_model_evaluate(model, theta, N, x, h));
        for (size_t j = 0; j < out; j++) assert_true(h[j] == 0);
        free(x), free(theta), free(h);
        sb_model_destroy(&model);
    }
}

/* sum over parameters of dh_a/dtheta dh_b/dtheta at the start, of all pairs of outputs on N examples. */
static double *kernel_at_start(const stack *s, bool antisymmetric, size_t *rows)
{
    sb_model *model = make_stack(s, "ntk", antisymmetric, false);
    size_t p = sb_model_parameters(model), out = N * sb_model_outputs(model);
    double *x = numbers(1, N * sb_model_inputs(model)), *theta = new_doubles(p), *slopes = new_doubles(out * p);
    double *g = new_doubles(out), *kernel = new_doubles(out * out);
    sb_model_start(model, 5, SB_STREAM_TRAIN, theta);
    for (size_t a = 0; a < out; a++) {
        g[a] = 1;
        assert_ok(sb_model_gradient(model, theta, N, x, g, slopes + a * p));
        g[a] = 0;
    }
    for (size_t a = 0; a < out; a++)
        for (size_t b = 0; b < out; b++)
            for (size_t i = 0; i < p; i++) kernel[a * out + b] += slopes[a * p + i] * slopes[b * p + i];
    free(x), free(theta), free(slopes), free(g);
    sb_model_destroy(&model);
    *rows = out;
    return kernel;
}

/* The kernel of an antisymmetric start is that of one copy; `make` gives it a gain of 1.3. */
static void antisymmetric_kernel_is_that_of_one_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++) {
        size_t rows, same;
        double *both = kernel_at_start(&stacks[i], true, &rows), *one = kernel_at_start(&stacks[i], false, &same);
        assert_int_equal(rows, same);
        for (size_t j = 0; j < rows * rows; j++) one[j] *= 1.3 * 1.3;
        assert_at_most(max_difference(rows * rows, both, one), 1e-13 * max_abs(rows * rows, one));
        free(both), free(one);
    }
}

/* Neuron i of a narrow layer is neuron i of a wide one. */
static void narrow_is_a_prefix_of_wide(void **state)
{
    stack narrow = {"narrow", {1, 1, 2}, {"dense(40)", "tanh", "dense(3)"}};
    stack wide = {"wide", {1, 1, 2}, {"dense(90)", "tanh", "dense(3)"}};
    sb_model *a = make_stack(&narrow, "ntk", false, false), *b = make_stack(&wide, "ntk", false, false);
    double theta_a[40 * 3 + 3 * 41], theta_b[90 * 3 + 3 * 91];
    (void)state;
    sb_model_start(a, 7, SB_STREAM_TRAIN, theta_a);
    sb_model_start(b, 7, SB_STREAM_TRAIN, theta_b);
    assert_memory_equal(theta_a, theta_b, 40 * 2 * sizeof(double));                    /* weights */
    assert_memory_equal(theta_a + 80, theta_b + 180, 40 * sizeof(double));             /* biases */
    assert_memory_equal(theta_a + 120, theta_b + 270, 40 * sizeof(double));            /* of the first output */
    assert_memory_equal(theta_a + 120 + 120, theta_b + 270 + 270, 3 * sizeof(double)); /* biases of the outputs */
    sb_model_destroy(&a);
    sb_model_destroy(&b);
}

/* Mean square of the weights of a wide layer, standard parametrisation: what each law promises. */
static void laws_have_their_variance(void **state)
{
    static const struct {
        const char *law;
        double variance;
    } laws[] = {{"glorot", 2. / (50 + 4000)}, {"he", 2. / 50},        {"lecun", 1. / 50},      {"fan_in", 1. / 150},
                {"gaussian(3)", 9},           {"uniform(2)", 4. / 3}, {"two_point(0.5)", .25}, {"zero", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "dense(4000, init=%s)", laws[i].law);
        stack s = {"laws", {1, 1, 50}, {text}};
        sb_model *model = make_stack(&s, "standard", false, false);
        double *theta = new_doubles(sb_model_parameters(model)), sum = 0, mean = 0;
        sb_model_start(model, 1, SB_STREAM_TRAIN, theta);
        for (size_t j = 0; j < 200000; j++) sum += theta[j] * theta[j] / 200000, mean += theta[j] / 200000;
        assert_near(sum, laws[i].variance, 0.02 * laws[i].variance);
        assert_near(mean, 0, 5 * sqrt(laws[i].variance / 200000));
        free(theta);
        sb_model_destroy(&model);
    }
    for (size_t i = 0; sb_init_name(i); i++) assert_non_null(sb_init_title(i));
}

/* VGG16 on 32 x 32 x 3 with its head of 1024 has 13 convolutions and as many parameters as counted by hand. */
static void stacks_are_written_out(void **state)
{
    static const size_t channels[] = {3, 4, 4, 8, 8, 16, 16, 16, 32, 32, 32, 32, 32, 32};
    size_t wanted = 0;
    (void)state;
    stack vgg = {"vgg", {32, 32, 3}, {"vgg16(4)", "dense(1024)", "relu", "dense(10)"}};
    sb_model *model = make_stack(&vgg, "standard", false, false);
    for (size_t i = 0; i < 13; i++) wanted += (9 * channels[i] + 1) * channels[i + 1];
    wanted += 33 * 1024 + 1025 * 10;
    assert_int_equal(sb_model_parameters(model), wanted);
    sb_model_destroy(&model);
    stack cnn = {"cnn", {28, 28, 1}, {"cnn", "dense(10)"}};
    model = make_stack(&cnn, "standard", false, false);
    assert_int_equal(sb_model_parameters(model), 10 * 32 + (9 * 32 + 1) * 64 + (49 * 64 + 1) * 400 + 401 * 10);
    sb_model_destroy(&model);
}

/* ---- errors ---- */

static void assert_refused(sb_shape input, const char *layer, const char *words)
{
    sb_model *model = NULL;
    const char *list[] = {layer};
    sb_model_spec spec = {
        .input = input, .layers = 1, .layer = list, .parametrisation = "ntk", .gain = 1, .weights = "", .biases = ""};
    assert_fails(sb_model_create(&spec, &model), SB_ERR_INPUT, words);
    assert_null(model);
}

static void wrong_layers_are_refused(void **state)
{
    sb_shape vector = {1, 1, 3}, sequence = SEQUENCE, image = IMAGE;
    (void)state;
    assert_refused(vector, "desne(3)", "layer 1, \"desne(3)\": no layer 'desne'");
    assert_refused(vector, "dense", "dense needs its number of neurons");
    assert_refused(vector, "dense(0)", "must lie in [1,");
    assert_refused(vector, "dense(2.5)", "must be a whole number");
    assert_refused(vector, "dense(x)", "'x' is not understood");
    assert_refused(vector, "dense(3, forzen)", "'forzen' is not understood");
    assert_refused(vector, "dense(3, init=gauss(1))", "no law of initial weights 'gauss'");
    assert_refused(vector, "dense(3, init=gaussian)", "gaussian needs its standard deviation");
    assert_refused(vector, "dense(3, scale=-1)", "scale must be a positive number");
    assert_refused(vector, "dense(3", "a parenthesis is not closed");
    assert_refused(vector, "dense(3, 4)", "dense takes 1 number");
    assert_refused(vector, "dense(3, circular)", "'circular' has no meaning for dense");
    assert_refused(sequence, "conv1d(3, 3, zero, circular)", "padding is either zero or circular");
    assert_refused(sequence, "maxpool(2, frozen)", "'frozen' has no meaning for maxpool");
    assert_refused(vector, "fourier(3, scale=2)", "'scale' has no meaning for fourier");
    assert_refused(vector, "tanh(2)", "an activation takes no arguments");
    assert_refused(vector, "activation", "no layer 'activation'");
    assert_refused(vector, "conv1d(3, 5)", "5 taps are more than the 1 positions");
    assert_refused(image, "conv1d(3, 3)", "needs inputs of height 1");
    assert_refused(image, "conv2d(3, 11)", "11 taps are more than the 6 x 4 pixels");
    assert_refused(sequence, "maxpool(5)", "windows of 5 do not fill 1 x 12 positions");
    assert_refused(vector, "fourier(3)", "a kind of density is wanted here");
}

/* The padding has the name of a law. */
static void zero_padding_is_no_law(void **state)
{
    sb_shape sequence = SEQUENCE;
    double start[2] = {0, 0};
    static const char *const layers[] = {"conv1d(3, 3, zero)", "conv1d(3, 3, zero, init=zero)"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sb_model *model = NULL;
        sb_model_spec spec = {.input = sequence,
                              .layers = 1,
                              .layer = &layers[i],
                              .parametrisation = "ntk",
                              .gain = 1,
                              .weights = "",
                              .biases = ""};
        assert_int_equal(sb_model_create(&spec, &model), SB_OK);
        double *theta = calloc(sb_model_parameters(model), sizeof *theta);
        assert_non_null(theta);
        sb_model_start(model, 5, SB_STREAM_TRAIN, theta);
        for (size_t p = 0; p < sb_model_parameters(model); p++) start[i] += fabs(theta[p]);
        free(theta);
        sb_model_destroy(&model);
    }
    assert_true(start[0] > 1);
    assert_true(start[1] == 0);
}

/* ---- every test with every instruction set ---- */

static int use_instructions(void **state)
{
    return setenv("SPECBIAS_ISA", *state, 1);
}

static const struct CMUnitTest each[] = {
    cmocka_unit_test(zero_padding_is_no_law),
    cmocka_unit_test(gradients_are_slopes),
    cmocka_unit_test(every_activation_is_a_layer),
    cmocka_unit_test(second_derivatives),
    cmocka_unit_test(tangents_are_slopes),
    cmocka_unit_test(convolutions_are_their_definition),
    cmocka_unit_test(many_channels_are_their_definition),
    cmocka_unit_test(pools_are_their_definition),
    cmocka_unit_test(reference_case_p10),
    cmocka_unit_test(features_are_their_definition),
    cmocka_unit_test(two_layers_are_two_layers),
    cmocka_unit_test(float_follows_double),
    cmocka_unit_test(tiles_make_no_difference),
    cmocka_unit_test(antisymmetric_start_is_zero),
    cmocka_unit_test(antisymmetric_kernel_is_that_of_one_copy),
    cmocka_unit_test(narrow_is_a_prefix_of_wide),
    cmocka_unit_test(laws_have_their_variance),
    cmocka_unit_test(stacks_are_written_out),
    cmocka_unit_test(wrong_layers_are_refused),
};
enum { EACH = sizeof each / sizeof each[0], ISAS = 3 };

int main(void)
{
    static char isas[ISAS][16] = {"baseline", "avx2", "avx512"}, name[ISAS * EACH][96];
    struct CMUnitTest tests[ISAS * EACH];
    size_t count = 0;
    for (size_t i = 0; i < ISAS; i++) {
        setenv("SPECBIAS_ISA", isas[i], 1);
        if (strcmp(sb_isa_name(), isas[i]) != 0) continue; /* not on this machine */
        for (size_t t = 0; t < EACH; t++, count++) {
            snprintf(name[count], sizeof name[count], "%s: %s", each[t].name, isas[i]);
            tests[count] = each[t];
            tests[count].name = name[count];
            tests[count].setup_func = use_instructions;
            tests[count].initial_state = isas[i];
        }
    }
    return _cmocka_run_group_tests("layers", tests, count, NULL, NULL);
}
