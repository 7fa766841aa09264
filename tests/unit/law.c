/* The moving law by nodes with weights: parameters with scales of their own in the ordinary training loop, against
 * reference numbers, other forms of the same network and a closed solution. */
#include "common/test.h"

#include <complex.h>
#include <stdio.h>

#include <specbias/fit.h>
#include <specbias/kernel.h>

#include "forecast/law/nodes.h"

enum { MOST_POINTS = 32, RECORDS = 4 };

/* Everything a run needs, and err at xi = 1, 3 and the loss at the records. */
typedef struct test_law {
    sb_dataset set;
    double x[MOST_POINTS], y[MOST_POINTS], q[MOST_POINTS];
    sb_model *model;
    sb_loss *loss;
    sb_fit_spec spec;
    sb_two_layer part[SB_MOST_COPIES];
    double *theta, *gradient_scale, *step_scale;
    double loss_at[RECORDS], err[RECORDS][2], h[RECORDS][MOST_POINTS];
} test_law;

static double complex amplitude(size_t n, const double *x, const double *u, double xi)
{
    double complex sum = 0;
    for (size_t i = 0; i < n; i++) sum += u[i] * cexp(-2 * M_PI * I * xi * x[i]);
    return sum;
}

static sb_status keep(void *context, const sb_fit_state *state)
{
    test_law *t = context;
    double u[MOST_POINTS];
    size_t n = t->set.n;
    for (size_t i = 0; i < n; i++) t->h[state->record][i] = state->h[i], u[i] = state->h[i] - t->y[i];
    t->loss_at[state->record] = state->loss;
    for (size_t k = 0; k < 2; k++) {
        double xi = 1 + 2 * (double)k;
        t->err[state->record][k] = cabs(amplitude(n, t->x, u, xi)) / cabs(amplitude(n, t->x, t->y, xi));
    }
    return SB_OK;
}

static void open_law(test_law *t, size_t n, size_t layers, const char *const *layer, double gain, bool antisymmetric)
{
    static const double record[RECORDS] = {0, 1, 10, 100};
    sb_model_spec model = {.input = {1, 1, 1},
                           .layers = layers,
                           .layer = layer,
                           .parametrisation = "ntk",
                           .gain = gain,
                           .weights = "",
                           .biases = "",
                           .shift_range = 1,
                           .antisymmetric = antisymmetric};
    sb_loss_spec loss = {.kind = "mse", .factor = "half_mean", .weights = "equal"};
    *t = (test_law){.set = {.n = n, .input = {1, 1, 1}, .output = {1, 1, 1}, .place_dim = 1}};
    t->set.x = t->set.place = t->x, t->set.y = t->y, t->set.q = t->q;
    for (size_t i = 0; i < n; i++) t->x[i] = ((double)i + .5) / (double)n - .5;
    assert_ok(sb_model_create(&model, &t->model));
    assert_true(sb_model_two_layer(t->model, t->part) > 0);
    size_t parameters = sb_model_parameters(t->model);
    t->theta = new_doubles(parameters);
    t->gradient_scale = new_doubles(parameters), t->step_scale = new_doubles(parameters);
    for (size_t i = 0; i < parameters; i++) t->gradient_scale[i] = t->step_scale[i] = 1;
    assert_ok(sb_loss_create(&loss, &t->set, &t->loss));
    t->spec = (sb_fit_spec){.model = t->model,
                            .set = &t->set,
                            .loss = t->loss,
                            .rule = sb_rule_find("gd"),
                            .schedule = sb_schedule_find("constant"),
                            .eta = .05,
                            .momentum = .9,
                            .beta2 = .999,
                            .epsilon = 1e-8,
                            .steps = 100,
                            .nt = RECORDS,
                            .record_step = record,
                            .threads = 1,
                            .route = "auto",
                            .recorder = keep,
                            .context = t};
}

static void close_law(test_law *t)
{
    sb_loss_destroy(&t->loss);
    sb_model_destroy(&t->model);
    free(t->theta), free(t->gradient_scale), free(t->step_scale);
}

static void train(test_law *t)
{
    sb_fit_result result;
    assert_ok(sb_fit(&t->spec, NULL, t->theta, &result));
}

/* Output weights are stored omega times as large: the gradient by all other numbers is then omega times that of a
 * unit. */
static void weigh(test_law *t, double omega)
{
    t->spec.gradient_scale = t->gradient_scale, t->spec.step_scale = t->step_scale;
    for (size_t i = 0; i < sb_model_parameters(t->model); i++) t->gradient_scale[i] = 1 / omega;
    for (const sb_two_layer *p = t->part; p < t->part + 2 && p->units; p++)
        for (size_t i = p->out; i < p->out + p->units; i++) {
            t->theta[i] *= omega;
            t->gradient_scale[i] = 1, t->step_scale[i] = omega;
        }
}

/* ---- reference numbers: 24 nodes of the law of 6 units ---- */

enum { NODES = 12 }; /* of a copy */

static void open_reference(test_law *t, double gain)
{
    static const char *const layer[] = {"shifted(12)", "tanh", "dense(1, nobias)"};
    open_law(t, 16, 3, layer, gain, true);
    for (size_t i = 0; i < 16; i++) t->y[i] = .3 * (sin(2 * M_PI * t->x[i]) + sin(6 * M_PI * t->x[i]));
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < NODES; i++) {
            t->theta[t->part[c].in + i] = 2 + cos(1 + (double)i);
            t->theta[t->part[c].shift + i] = .9 * sin(2 + 3 * (double)i);
            t->theta[t->part[c].out + i] = 1.5 * cos(3 + 2 * (double)i);
        }
}

static const struct {
    const char *rule;
    double eta, wanted[3][3];
} reference[] = {
    {"gd",
     .05,
     {{.0441921389832, .98585873832, .995999620986},
      {.038231805453, .872111493002, .963559881441},
      {.021296807713, .379502700735, .812330162996}}},
    {"adam",
     .01,
     {{.0419525311726, .948069653309, .982007828598},
      {.0235840118521, .491813107259, .826791480438},
      {.0185866799544, .104565160533, .743427999732}}},
};

static void nodes_give_the_reference_numbers(void **state)
{
    static const char *const route[] = {"plain", "fused"};
    double omega = 6. / (2 * NODES), factor = sqrt(2 * NODES / 6.); /* of the output: 6^-1/2 instead of 24^-1/2 */
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        test_law t;
        open_reference(&t, factor);
        weigh(&t, omega);
        t.spec.rule = sb_rule_find(reference[i / 2].rule);
        t.spec.eta = reference[i / 2].eta;
        t.spec.route = route[i % 2];
        train(&t);
        for (size_t r = 0; r < 3; r++) {
            assert_close(t.loss_at[1 + r], reference[i / 2].wanted[r][0], 1e-10);
            for (size_t k = 0; k < 2; k++) assert_close(t.err[1 + r][k], reference[i / 2].wanted[r][1 + k], 1e-10);
        }
        close_law(&t);
    }
}

/* Equal weights M/N are the width N with output factor times M/N, rate eta N/M, and of Adam epsilon times M/N. The
 * gradients of that are M/N times as large, and so is the decay that is added to them; what goes with the rate, too. */
static void equal_weights_are_another_width(void **state)
{
    double omega = 6. / (2 * NODES), factor = sqrt(2 * NODES / 6.);
    (void)state;
    for (size_t i = 0; sb_rule_at(i / 3); i++) {
        test_law nodes, wide;
        const sb_rule_kind *rule = sb_rule_at(i / 3);
        bool linear = rule->shrink != NULL, decoupled = i % 3 == 2;
        if (!rule->update) continue;
        open_reference(&nodes, factor);
        weigh(&nodes, omega);
        open_reference(&wide, factor * omega);
        nodes.spec.rule = wide.spec.rule = rule;
        nodes.spec.eta = linear ? .02 : .01;
        wide.spec.eta = nodes.spec.eta * (linear ? 1 / omega : 1);
        wide.spec.epsilon *= omega;
        nodes.spec.weight_decay = i % 3 ? .3 : 0;
        wide.spec.weight_decay = nodes.spec.weight_decay * (decoupled && !linear ? 1 : omega);
        nodes.spec.decoupled = wide.spec.decoupled = decoupled;
        train(&nodes);
        train(&wide);
        for (size_t r = 0; r < RECORDS; r++)
            for (size_t j = 0; j < 16; j++) assert_near(nodes.h[r][j], wide.h[r][j], 1e-12);
        close_law(&nodes);
        close_law(&wide);
    }
}

/* ---- closed: phi = a w x, y = A x; M^1/2 E[a w] under gradient flow ---- */

/* h / x at t = 1, 5, 20, 50 of steps eta, by `pairs` of nodes (1, 1), (1, -1) of weight 4 / (2 pairs) each */
static void linear_slopes(double eta, size_t pairs, double decay, double slope[4])
{
    char first[32];
    const char *const layer[] = {first, "identity", "dense(1, nobias)"};
    double time[] = {1 / eta, 5 / eta, 20 / eta, 50 / eta}, omega = 4. / (2 * (double)pairs);
    test_law t;
    snprintf(first, sizeof first, "dense(%zu, nobias)", 2 * pairs);
    open_law(&t, 16, 3, layer, 1 / sqrt(omega), false);
    for (size_t i = 0; i < 16; i++) t.y[i] = 3 * t.x[i];
    for (size_t i = 0; i < 2 * pairs; i++) {
        t.theta[t.part->in + i] = 1;
        t.theta[t.part->out + i] = i % 2 ? -1 : 1;
    }
    weigh(&t, omega);
    t.spec.eta = eta;
    t.spec.steps = (size_t)round(50 / eta);
    t.spec.record_step = time;
    t.spec.weight_decay = decay;
    train(&t);
    for (size_t r = 0; r < 4; r++) slope[r] = t.h[r][0] / t.x[0];
    close_law(&t);
}

static void a_product_has_its_closed_solution(void **state)
{
    static const double wanted[] = {.46276386, 1.84182454, 2.98257764, 2.99999779};
    double slope[2][4], more[4];
    (void)state;
    linear_slopes(2e-3, 1, 0, slope[0]);
    linear_slopes(1e-3, 1, 0, slope[1]);
    linear_slopes(1e-3, 3, 0, more);
    for (size_t r = 0; r < 4; r++) {
        /* order 1, where the given digits tell so small a distance */
        if (r < 3) assert_near((slope[0][r] - wanted[r]) / (slope[1][r] - wanted[r]), 2, .01);
        assert_near(2 * slope[1][r] - slope[0][r], wanted[r], 1e-6);
        assert_near(more[r], slope[1][r], 1e-12);
    }
}

/* The same with weights that decay: p' = -M^-1/2 X2 (M^1/2 p - A) q - 2 lambda p, q' = -4 M^-1/2 X2 (M^1/2 p - A) p
 * - 2 lambda q, M = 4, A = 3, by Runge and Kutta's rule. */
static void rate_of_product(const double z[2], double lambda, double rate[2])
{
    double x2 = .0830078125, pull = -.5 * x2 * (2 * z[0] - 3);
    rate[0] = pull * z[1] - 2 * lambda * z[0];
    rate[1] = 4 * pull * z[0] - 2 * lambda * z[1];
}

static void a_product_decays(void **state)
{
    static const double time[] = {1, 5, 20, 50}, lambda = .02, dt = 1e-3;
    double slope[2][4], z[2] = {0, 2}, t = 0;
    (void)state;
    linear_slopes(2e-3, 1, lambda, slope[0]);
    linear_slopes(1e-3, 1, lambda, slope[1]);
    for (size_t r = 0; r < 4; r++) {
        for (; t < time[r] - dt / 2; t += dt) {
            double a[2], b[2], c[2], d[2];
            rate_of_product(z, lambda, a);
            rate_of_product((double[]){z[0] + dt / 2 * a[0], z[1] + dt / 2 * a[1]}, lambda, b);
            rate_of_product((double[]){z[0] + dt / 2 * b[0], z[1] + dt / 2 * b[1]}, lambda, c);
            rate_of_product((double[]){z[0] + dt * c[0], z[1] + dt * c[1]}, lambda, d);
            for (size_t k = 0; k < 2; k++) z[k] += dt / 6 * (a[k] + 2 * b[k] + 2 * c[k] + d[k]);
        }
        assert_near(2 * slope[1][r] - slope[0][r], 2 * z[0], 1e-6);
    }
    assert_at_most(2 * z[0], 2.9); /* without decay it is 3 */
}

/* ---- the law by its nodes ---- */

static void make_model(const char *first, const char *activation, const char *last, const char *biases,
                       sb_model **model)
{
    const char *const layer[] = {first, activation, last};
    sb_model_spec spec = {.input = {1, 1, 1},
                          .layers = 3,
                          .layer = layer,
                          .parametrisation = "ntk",
                          .gain = 1.3,
                          .weights = "",
                          .biases = biases,
                          .shift_range = 1.2,
                          .antisymmetric = true};
    *model = NULL;
    assert_ok(sb_model_create(&spec, model));
}

/* What training by nodes sees of their kernel: sum over parameters of both scales times the product of gradients. */
static void kernel_of_nodes(const sb_nodes *nodes, size_t inputs, double amplitude, size_t n, const double *x,
                            double *gram)
{
    size_t parameters = sb_model_parameters(nodes->model);
    double *theta = new_doubles(3 * parameters), *seen = theta + parameters, *moved = seen + parameters, one = 1;
    double *gradient = new_doubles(n * parameters);
    sb_nodes_start(nodes, nodes->model, amplitude, theta, seen, moved);
    memset(gradient, 0, n * parameters * sizeof *gradient);
    for (size_t i = 0; i < n; i++)
        assert_ok(sb_model_gradient(nodes->model, theta, 1, x + i * inputs, &one, gradient + i * parameters));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0, *a = gradient + i * parameters, *b = gradient + j * parameters;
            for (size_t p = 0; p < parameters; p++) sum += seen[p] * moved[p] * a[p] * b[p];
            gram[i * n + j] = sum;
        }
    free(theta), free(gradient);
}

static const struct {
    const char *first, *activation, *last, *biases;
    size_t level;
    double tolerance;
} law[] = {
    {"shifted(8, two_point(2))", "relu", "dense(1, nobias, two_point(1.5))", "", 0, 1e-9},
    {"shifted(8, two_point(2))", "tanh", "dense(1, two_point(1.5))", "", 0, 1e-9},
    {"shifted(8, gaussian(2))", "relu", "dense(1, nobias, uniform(1.5))", "", 0, 1e-9},
    {"shifted(8, uniform(3))", "tanh", "dense(1, nobias, gaussian(0.7))", "", 5, 1e-6},
    {"shifted(8, gaussian(3))", "sigmoid", "dense(1, nobias, two_point(0.7))", "", 4, 1e-6},
};
enum { LAWS = sizeof law / sizeof law[0], POINTS = 30 };

/* On points that fit no lattice the kernel of the nodes is that of infinite width, whatever the amplitude. */
static void nodes_have_the_kernel_of_infinite_width(void **state)
{
    double x[POINTS], gram[POINTS * POINTS], wide[POINTS * POINTS];
    (void)state;
    seed_numbers(7);
    for (size_t i = 0; i < POINTS; i++) x[i] = number_in(-.9, .9);
    for (size_t i = 0; i < LAWS; i++) {
        sb_model *model;
        sb_nodes nodes = {0};
        sb_wide_law limit = {0};
        make_model(law[i].first, law[i].activation, law[i].last, law[i].biases, &model);
        assert_ok(sb_nodes_create(model, false, POINTS, x, law[i].level, &nodes));
        double sum = 0, amplitude = 1 + (double)i;
        for (size_t j = 0; j < nodes.units; j++) sum += nodes.weight[j];
        assert_close(sum, 8, 1e-12);
        kernel_of_nodes(&nodes, 1, amplitude, POINTS, x, gram);
        assert_ok(sb_model_wide_law(model, &limit));
        assert_ok(sb_gram_wide(&limit, POINTS, x, POINTS, NULL, 1, wide));
        assert_at_most(max_difference(POINTS * POINTS, gram, wide) / max_abs(POINTS * POINTS, wide), law[i].tolerance);
        sb_wide_law_clear(&limit);
        sb_nodes_clear(&nodes);
        sb_model_destroy(&model);
    }
}

/* |K of the nodes - K of infinite width| over the largest of it */
static double off_by(const sb_model_spec *spec, size_t n, const double *x, size_t level)
{
    sb_model *model = NULL;
    sb_nodes nodes = {0};
    sb_wide_law limit = {0};
    size_t inputs = sb_shape_size(spec->input);
    double *gram = new_doubles(2 * n * n), *wide = gram + n * n;
    assert_ok(sb_model_create(spec, &model));
    assert_ok(sb_nodes_create(model, false, n, x, level, &nodes));
    kernel_of_nodes(&nodes, inputs, 1, n, x, gram);
    assert_ok(sb_model_wide_law(model, &limit));
    assert_ok(sb_gram_wide(&limit, n, x, n, NULL, 1, wide));
    double off = max_difference(n * n, gram, wide) / max_abs(n * n, wide);
    sb_wide_law_clear(&limit);
    sb_nodes_clear(&nodes);
    sb_model_destroy(&model);
    free(gram);
    return off;
}

static void features_and_many_inputs_have_nodes_too(void **state)
{
    static const char *const features[] = {"fourier(8)", "dense(1, nobias, gaussian(0.5))"};
    static const char *const neurons[] = {"dense(8)", "tanh", "dense(1, gaussian(0.7))"};
    double x[3 * POINTS];
    sb_model_spec spec = {.input = {1, 1, 1},
                          .layers = 2,
                          .layer = features,
                          .parametrisation = "ntk",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .density = "0.6 uniform(30) + 0.4 gaussian(12)",
                          .antisymmetric = true};
    (void)state;
    seed_numbers(3);
    for (size_t i = 0; i < 3 * POINTS; i++) x[i] = number_in(-.5, .5);
    assert_at_most(off_by(&spec, POINTS, x, 0), 1e-9);
    spec.density = "cauchy(3)";
    sb_model *model = NULL;
    sb_nodes nodes = {0};
    assert_ok(sb_model_create(&spec, &model));
    assert_fails(sb_nodes_create(model, false, POINTS, x, 0, &nodes), SB_ERR_UNSUPPORTED, "heavy tails");
    sb_model_destroy(&model);
    /* five numbers of a unit: Sobol points, which gain more than a half by four times as many */
    spec = (sb_model_spec){.input = {1, 1, 3},
                           .layers = 3,
                           .layer = neurons,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = "gaussian(1)",
                           .biases = "gaussian(0.5)",
                           .antisymmetric = true};
    double few = off_by(&spec, 10, x, 0), more = off_by(&spec, 10, x, 2);
    assert_at_most(few, 1e-2);
    assert_at_most(more, few / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_give_the_reference_numbers),
        cmocka_unit_test(equal_weights_are_another_width),
        cmocka_unit_test(a_product_has_its_closed_solution),
        cmocka_unit_test(a_product_decays),
        cmocka_unit_test(features_and_many_inputs_have_nodes_too),
        cmocka_unit_test(nodes_have_the_kernel_of_infinite_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
