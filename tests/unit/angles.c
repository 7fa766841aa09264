/* Stacks of convolutions on functions of known spectrum, without a function (forecast/angles): reference numbers under
 * two rules, gradients by finite differences, two filters, a direct mean over random functions. */
#include "common/test.h"

#include <complex.h>

#include <specbias/dataset.h>
#include <specbias/model.h>
#include <specbias/rule.h>

#include "common/cases.h"
#include "forecast/angles/angles.h"
#include "forecast/angles/own.h"

enum { LAYERS = 3, CHANNELS = 4, TAPS = 3, MODES = 10, MOST = 2 * CHANNELS * (TAPS * CHANNELS + 1) + TAPS * CHANNELS };

typedef struct stack {
    sb_conv_part part[LAYERS];
    double frequency[MODES], power[MODES], theta[MOST];
    size_t parameters;
    sb_angles_spec spec;
} stack;

/* Convolutions of 4, 4 and 1 units; S = 1/4 at 1 .. 10, 64 points. */
static void open_stack(size_t taps, bool biased, stack *s)
{
    *s = (stack){.spec = {.layers = LAYERS, .output_scale = 1, .modes = MODES, .phases = 16}};
    for (size_t l = 0; l < LAYERS; l++) {
        size_t in = l == 0 ? 1 : CHANNELS, out = l + 1 == LAYERS ? 1 : CHANNELS, weights = in * out * taps;
        s->part[l] = (sb_conv_part){in, out, taps, s->parameters, biased ? s->parameters + weights : SIZE_MAX, 1, 1};
        s->parameters += weights + (biased ? out : 0);
    }
    for (size_t i = 0; i < MODES; i++) {
        s->frequency[i] = (double)i + 1;
        s->power[i] = 0.25;
    }
    s->spec.part = s->part;
    s->spec.frequency = s->frequency;
    s->spec.power = s->power;
    s->spec.spacing = s->spec.mask_spacing = 2 * M_PI / 64;
}

/* W1[c, j] = cos(1 + 3 c + j) / 2, W2[c, d, j] = sin(2 + 12 c + 3 d + j) / 2, W3[d, j] = cos(3 + 3 d + 2 j) / 2 */
static void set_reference(stack *s)
{
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t j = 0; j < TAPS; j++) {
            s->theta[s->part[0].weight + c * TAPS + j] = cos((double)(1 + 3 * c + j)) / 2;
            for (size_t d = 0; d < CHANNELS; d++)
                s->theta[s->part[1].weight + (c * TAPS + j) * CHANNELS + d] = sin((double)(2 + 12 * c + 3 * d + j)) / 2;
            s->theta[s->part[2].weight + j * CHANNELS + c] = cos((double)(3 + 3 * c + 2 * j)) / 2;
        }
}

static void set_random(stack *s)
{
    seed_numbers(7);
    for (size_t i = 0; i < s->parameters; i++) s->theta[i] = number_in(-0.6, 0.6);
}

static sb_angles *new_angles(const sb_angles_spec *spec)
{
    sb_angles *angles = NULL;
    assert_ok(sb_angles_create(spec, &angles));
    return angles;
}

static double loss_of(const stack *s, const sb_angles_spec *spec, double *gradient)
{
    sb_angles *angles = new_angles(spec);
    double loss = sb_angles_loss(angles, s->theta, gradient);
    sb_angles_destroy(&angles);
    return loss;
}

/* ---- reference numbers ---- */

enum { LOOKS = 5 };
static const size_t look[LOOKS] = {0, 1, 10, 100, 300};

static void assert_losses(const char *name, double eta, const double wanted[LOOKS])
{
    stack s;
    double slot[2][MOST] = {{0}}, gradient[MOST];
    const sb_rule_kind *rule = sb_rule_find(name);
    open_stack(TAPS, false, &s);
    set_reference(&s);
    sb_angles *angles = new_angles(&s.spec);
    for (size_t step = 0, next = 0; next < LOOKS; step++) {
        memset(gradient, 0, sizeof gradient);
        double loss = sb_angles_loss(angles, s.theta, gradient);
        if (step == look[next]) assert_close(loss, wanted[next++], 1e-9);
        sb_update how = sb_rule_step(eta, 0.9, 0.999, 1e-8, step + 1);
        rule->update(&how, s.parameters, s.theta, gradient, slot[0], slot[1]);
    }
    sb_angles_destroy(&angles);
}

static void reference_numbers(void **state)
{
    static const double gd[] = {199.1715708, 190.4407358, 112.2904629, 4.222461304, .9564740202},
                        adam[] = {199.1715708, 197.8543621, 187.6170731, 83.6310705, 4.194259412};
    (void)state;
    assert_losses("gd", 0.002, gd);
    assert_losses("adam", 0.003, adam);
    stack s;
    open_stack(TAPS, false, &s);
    set_reference(&s);
    s.spec.phases = 64;
    assert_close(loss_of(&s, &s.spec, NULL), 198.1704880, 1e-9);
}

/* ---- gradients ---- */

static void gradients_are_slopes(void **state)
{
    (void)state;
    for (size_t taps = 1; taps <= 3; taps++)
        for (int biased = 0; biased < 2; biased++) {
            stack s;
            double gradient[MOST] = {0}, h = 1e-5;
            open_stack(taps, biased, &s);
            set_random(&s);
            sb_angles *angles = new_angles(&s.spec);
            sb_angles_loss(angles, s.theta, gradient);
            for (size_t i = 0; i < s.parameters; i++) {
                double start = s.theta[i], side[2];
                for (int k = 0; k < 2; k++) {
                    s.theta[i] = start + (k ? h : -h);
                    side[k] = sb_angles_loss(angles, s.theta, NULL);
                }
                s.theta[i] = start;
                assert_near((side[1] - side[0]) / (2 * h), gradient[i], 1e-6 * max_abs(s.parameters, gradient));
            }
            sb_angles_destroy(&angles);
        }
}

/* ---- two filters: masks by the sign of u alone ---- */

/* sum over taps of W[out][tap][in] exp(i x (tap - taps / 2)) */
static double complex response(const stack *s, size_t l, size_t out, size_t in, double x)
{
    const sb_conv_part *p = &s->part[l];
    double complex sum = 0;
    for (size_t j = 0; j < p->taps; j++)
        sum += s->theta[p->weight + (out * p->taps + j) * p->channels + in] *
               cexp(I * x * ((double)j - (double)(p->taps / 2)));
    return sum;
}

/* H of one sign of u, x the phase between two points; open[LAYERS - 1][units]: masks */
static double complex filter_of(const stack *s, bool open[2][CHANNELS], double x)
{
    double complex value[CHANNELS] = {1};
    for (size_t l = 0; l < LAYERS; l++) {
        double complex next[CHANNELS] = {0};
        for (size_t o = 0; o < s->part[l].units; o++)
            for (size_t i = 0; i < s->part[l].channels; i++)
                if (l + 1 == LAYERS || open[l][o]) next[o] += response(s, l, o, i, x) * value[i];
        memcpy(value, next, sizeof next);
    }
    return value[0];
}

static void find_masks(const stack *s, double sign, bool open[2][CHANNELS])
{
    double value[CHANNELS] = {sign};
    for (size_t l = 0; l + 1 < LAYERS; l++) {
        double next[CHANNELS] = {0};
        for (size_t o = 0; o < CHANNELS; o++) {
            for (size_t i = 0; i < s->part[l].channels; i++) next[o] += creal(response(s, l, o, i, 0)) * value[i];
            open[l][o] = next[o] > 0;
            next[o] = open[l][o] ? next[o] : 0;
        }
        memcpy(value, next, sizeof next);
    }
}

static void two_filters(void **state)
{
    (void)state;
    for (size_t taps = 2; taps <= 3; taps++) {
        stack s;
        bool open[2][CHANNELS];
        double wanted = 0;
        open_stack(taps, false, &s);
        set_random(&s);
        for (int side = 0; side < 2; side++) {
            find_masks(&s, side ? 1 : -1, open);
            for (size_t f = 0; f < MODES; f++) {
                double complex miss = filter_of(&s, open, s.frequency[f] * s.spec.spacing) - I * s.frequency[f];
                wanted += s.power[f] * creal(miss * conj(miss));
            }
        }
        s.spec.mask_spacing = 0;
        assert_close(loss_of(&s, &s.spec, NULL), wanted, 1e-12);
    }
}

/* ---- beside the mean over functions ---- */

typedef struct comparison {
    double loss, mean, error; /* without functions; over functions, with its standard error */
    double cosine, ratio;     /* of both gradients, and of their sizes */
} comparison;

/* The mean over functions of the square error, its standard error and gradient. */
static double mean_over_functions(const sb_model *model, size_t n, size_t length, const double *theta, double *error,
                                  double *gradient)
{
    size_t size = n * length;
    double *x = new_doubles(size), *y = new_doubles(size), *h = new_doubles(size), sum = 0, square = 0;
    for (size_t i = 0; i < size; i++) {
        sb_tones tones = sb_tones_draw(1, 0, i / length, 1, MODES, false);
        double place = 2 * M_PI * (double)(i % length) / (double)length;
        x[i] = sb_tones_value(&tones, place);
        y[i] = sb_tones_slope(&tones, place);
    }
    assert_ok(sb_model_evaluate(model, theta, n, x, h));
    for (size_t f = 0; f < n; f++) {
        double own = 0;
        for (size_t i = f * length; i < (f + 1) * length; i++) {
            own += (h[i] - y[i]) * (h[i] - y[i]) / (double)length;
            h[i] = 2 * (h[i] - y[i]) / (double)size;
        }
        sum += own / (double)n;
        square += own * own / (double)n;
    }
    assert_ok(sb_model_gradient(model, theta, n, x, h, gradient));
    *error = sqrt((square - sum * sum) / (double)n);
    free(x), free(y), free(h);
    return sum;
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* A stack at its start, weights and biases uniform on +- fan-in^-1/2. */
static comparison compare(size_t length, size_t n, const char *const layer[5], bool biased)
{
    sb_model_spec spec = {.input = {1, length, 1},
                          .layers = 5,
                          .layer = layer,
                          .parametrisation = "standard",
                          .gain = 1,
                          .weights = "fan_in",
                          .biases = biased ? "fan_in" : ""};
    comparison c;
    stack s;
    size_t count;
    sb_conv_part part[LAYERS];
    sb_model *model = NULL;
    sb_angles *angles = NULL;
    assert_ok(sb_model_create(&spec, &model));
    open_stack(TAPS, false, &s);
    assert_ok(sb_model_conv_parts(model, LAYERS, part, &count, &s.spec.output_scale));
    assert_int_equal(count, LAYERS);
    size_t parameters = sb_model_parameters(model);
    double *theta = new_doubles(parameters), *own = new_doubles(parameters), *seen = new_doubles(parameters);
    for (size_t i = 0; i < parameters; i++) own[i] = seen[i] = 0;
    sb_model_start(model, 1, SB_STREAM_TRAIN, theta);
    s.spec.part = part;
    s.spec.phases = 64;
    s.spec.spacing = s.spec.mask_spacing = 2 * M_PI / (double)length;
    assert_ok(sb_angles_create(&s.spec, &angles));
    c.loss = sb_angles_loss(angles, theta, own);
    c.mean = mean_over_functions(model, n, length, theta, &c.error, seen);
    double size = dot(parameters, own, own), other = dot(parameters, seen, seen);
    c.cosine = dot(parameters, own, seen) / sqrt(size * other);
    c.ratio = sqrt(size / other);
    sb_angles_destroy(&angles);
    sb_model_destroy(&model);
    free(theta), free(own), free(seen);
    return c;
}

static void functions_agree(void **state)
{
    static const char *const plain[] = {"conv1d(16, 3, circular, nobias)", "relu", "conv1d(16, 3, circular, nobias)",
                                        "relu", "conv1d(1, 3, circular, nobias)"},
                             *const biased[] = {"conv1d(16, 3, circular)", "relu", "conv1d(16, 3, circular)", "relu",
                                                "conv1d(1, 3, circular)"};
    (void)state;
    for (int b = 0; b < 2; b++) {
        comparison c = compare(250, 300, b ? biased : plain, b);
        assert_near(c.loss, c.mean, 4 * c.error);
        assert_at_most(c.error, 0.04 * c.mean);
        assert_at_least(c.cosine, 0.998); /* of 300 functions */
        assert_near(c.ratio, 1, 0.05);
    }
}

/* ---- closed forms ---- */

/* sum over weights of dH(F)/dw conj(dH(F')/dw) of one sign of u, over x = F s and x' */
static double complex tangent(const stack *s, bool open[2][CHANNELS], double x, double other)
{
    stack moved = *s;
    double complex sum = 0;
    for (size_t p = 0; p < s->parameters; p++) { /* H is linear in each weight */
        moved.theta[p] = s->theta[p] + 1;
        sum += (filter_of(&moved, open, x) - filter_of(s, open, x)) *
               conj(filter_of(&moved, open, other) - filter_of(s, open, other));
        moved.theta[p] = s->theta[p];
    }
    return sum;
}

/* The kernel of infinite width is the mean over starts. */
static void frozen_kernel(void **state)
{
    enum { DRAWS = 1500 };
    static const double variance[LAYERS] = {0.16 / 3, 0.09 / 3, 0.25 / 3};
    double mean[3] = {0}, rate[2 * MODES];
    (void)state;
    seed_numbers(5);
    stack s;
    open_stack(TAPS, false, &s);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        bool open[2][CHANNELS];
        for (size_t l = 0; l < LAYERS; l++)
            for (size_t i = 0; i < s.part[l].units * s.part[l].taps * s.part[l].channels; i++)
                s.theta[s.part[l].weight + i] = sqrt(3 * variance[l]) * number_in(-1, 1);
        find_masks(&s, 1, open);
        for (size_t d = 0; d < 3; d++) mean[d] += creal(tangent(&s, open, 0.1, 0.1 + 0.3 * (double)d)) / DRAWS;
    }
    s.spec.modes = 1; /* of F and -F: rates S (K(0) + K(2 F)), S (K(0) - K(2 F)) */
    for (size_t d = 1; d < 3; d++) {
        s.frequency[0] = 0.15 * (double)d / s.spec.spacing;
        assert_ok(sb_angles_frozen(&s.spec, variance, rate));
        assert_close((rate[0] + rate[1]) / 2 / s.power[0], mean[0], 0.05);
        assert_close((rate[0] - rate[1]) / (rate[0] + rate[1]), mean[d] / mean[0], 0.01);
    }
}

/* 16 channels, 250 points, weights uniform on +- fan-in^-1/2: the largest rates as they were measured on sampled
 * weights, and their ratios; the second mode is that of slopes, c (sum 2 S F^2) s^2 L (k^2 - 1) / 12 for few taps */
static void rates_and_late_ratio(void **state)
{
    static const struct {
        double taps, rate[4], above;
    } wanted[] = {{3, {13.5, 0.641, 0.0086, NAN}, 1.07},
                  {7, {25.8, 6.44, 0.599, 0.030}, 1.49},
                  {15, {35.1, 23.1, 9.07, 2.78}, NAN}};
    double rate[2 * MODES];
    (void)state;
    stack s;
    open_stack(TAPS, false, &s);
    s.spec.spacing = 2 * M_PI / 250;
    s.part[0].units = s.part[1].units = 16;
    for (size_t i = 0; i < 3; i++) {
        double k = wanted[i].taps, square[LAYERS] = {1 / (3 * k), 1 / (48 * k), 1 / (48 * k)};
        double c = k * k * k * 64 * (square[1] * square[2] + square[0] * square[1] + square[0] * square[2]);
        for (size_t l = 0; l < LAYERS; l++) s.part[l].taps = (size_t)k;
        assert_ok(sb_angles_frozen(&s.spec, square, rate));
        assert_close(rate[0], wanted[i].rate[0], 0.03);
        for (size_t j = 1; j < (i == 0 ? 3 : 4); j++)
            assert_close(rate[j] / rate[0], wanted[i].rate[j] / wanted[i].rate[0], 0.015);
        double slopes = c * 192.5 * pow(s.spec.spacing, 2) * LAYERS * (k * k - 1) / 12;
        if (!isnan(wanted[i].above)) assert_near(slopes / rate[1], wanted[i].above, 0.005);
    }
    assert_near(sb_angles_late(&s.spec, 1, 5) / sb_angles_late(&s.spec, 6, 10), 4.29, 0.005);
}

/* ---- functions of its own ---- */

/* Their amplitudes are those of the data, of a seed that no data have. */
static void own_amplitudes(void **state)
{
    static const char *const keys[] = {"data.kind=derivative",
                                       "data.n=2",
                                       "data.test=2",
                                       "data.length=32",
                                       "data.bands=1,6,1,6",
                                       "data.amplitudes=uniform",
                                       "data.seed=3",
                                       "net.kind=layers",
                                       "net.layers=[\"conv1d(2, 3, circular)\", \"relu\", \"conv1d(1, 3, circular)\"]",
                                       "init.antisymmetric=false",
                                       "train.optimizer=adam",
                                       "train.eta=1e-3",
                                       "train.steps=4",
                                       "loss.factor=mean",
                                       "observe.response=1,4",
                                       "forecast.sources=law.conv",
                                       NULL};
    sb_config config;
    sb_case cas;
    sb_own own = {0};
    (void)state;
    open_case(keys, &config, &cas);
    assert_ok(sb_own_open(&cas, &own));
    for (size_t i = 0; i < own.test[0].n; i++) {
        sb_tones tones = sb_tones_draw(((uint64_t)1 << 32) + 3, 1, i, 1, 6, true);
        assert_near(own.test[0].x[32 * i], sb_tones_value(&tones, 0), 1e-14);
    }
    sb_own_clear(&own);
    close_case(&config, &cas);
}

/* ---- what is no such stack ---- */

static void assert_refused(size_t layers, const char *const *layer, bool antisymmetric, bool single, const char *words)
{
    sb_model_spec spec = {.input = {1, 16, 1},
                          .layers = layers,
                          .layer = layer,
                          .parametrisation = "standard",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .antisymmetric = antisymmetric,
                          .single = single};
    sb_model *model = NULL;
    sb_conv_part part[2];
    size_t count;
    double scale;
    assert_ok(sb_model_create(&spec, &model));
    assert_fails(sb_model_conv_parts(model, 2, part, &count, &scale), SB_ERR_UNSUPPORTED, words);
    sb_model_destroy(&model);
}

#define LIST(...)                                                                                                      \
    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (const char *const[])                                 \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

static void other_networks_are_refused(void **state)
{
    const char *first = "conv1d(2, 3, circular)", *last = "conv1d(1, 3, circular)";
    (void)state;
    assert_refused(LIST("conv1d(2, 3)", "relu", last), false, false, "conv1d(2, 3) pads with zeros");
    assert_refused(LIST(first, "maxpool(2)", last), false, false, "maxpool(2) is no conv1d");
    assert_refused(LIST(first, "relu", "dense(1)"), false, false, "dense(1) is no conv1d");
    assert_refused(LIST(first, "tanh", last), false, false, "tanh is not relu");
    assert_refused(LIST(first, last), false, false, "follows a convolution without relu");
    assert_refused(LIST("relu", last), false, false, "stands where a convolution is expected");
    assert_refused(LIST(first, "relu"), false, false, "is the last one");
    assert_refused(LIST(first, "relu", first), false, false, "1 channels become 2");
    assert_refused(LIST(first, "relu", "conv1d(1, 3, circular, frozen)"), false, false, "is not trained");
    assert_refused(LIST(first, "relu", first, "relu", last), false, false, "more than 2 convolutions");
    assert_refused(LIST(first, "relu", last), true, false, "antisymmetric copies");
    assert_refused(LIST(first, "relu", last), false, true, "numbers are float");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_numbers), cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(two_filters),       cmocka_unit_test(functions_agree),
        cmocka_unit_test(frozen_kernel),     cmocka_unit_test(rates_and_late_ratio),
        cmocka_unit_test(own_amplitudes),    cmocka_unit_test(other_networks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
