/* Training of a linearised network by the run's own rule: forward mode in the parameters beside finite differences,
 * reference numbers, the forecast mode by mode, models that are their own linearisation, threads. */
#include "common/networks.h"
#include "common/stacks.h"
#include "common/test.h"

#include <stdio.h>

#include <specbias/fit.h>
#include <specbias/linear.h>

/* ---- J v ---- */

enum { N = 3 };

/* Beside the slope of the outputs along v; a network of float beside that of double. */
static void assert_derivative(const stack *s, const char *parametrisation, bool antisymmetric)
{
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    sb_model *model = make_stack(s, parametrisation, antisymmetric, false);
    sb_model *single = make_stack(s, parametrisation, antisymmetric, true);
    size_t p = sb_model_parameters(model), count = N * sb_model_outputs(model);
    double *x = numbers(1, N * sb_model_inputs(model)), *v = numbers(5, p), *g = numbers(2, count);
    double *theta = stack_weights(model), *moved = new_doubles(p), *h = new_doubles(count), *slope = new_doubles(count);
    double *change = new_doubles(count), *gradient = new_doubles(p), step = 0x1p-10, forth = 0, back = 0;
    memset(gradient, 0, p * sizeof *gradient);
    assert_ok(sb_model_gradient(model, theta, N, x, g, gradient));
    for (size_t i = 0; i < p; i++) v[i] = gradient[i] == 0 ? 0 : v[i]; /* frozen ones do not move */
    memset(slope, 0, count * sizeof *slope);
    for (int k = 0; k < 4; k++) {
        for (size_t i = 0; i < p; i++) moved[i] = theta[i] + at[k] * step * v[i];
        assert_ok(sb_model_evaluate(model, moved, N, x, h));
        for (size_t i = 0; i < count; i++) slope[i] += weight[k] * h[i] / (12 * step);
    }
    assert_ok(sb_model_derivative(model, theta, v, N, x, change));
    double size = max_abs(count, slope);
    if (max_difference(count, change, slope) > 1e-8 * size) print_error("%s, %s\n", s->name, parametrisation);
    assert_at_least(size, 1e-3);
    assert_at_most(max_difference(count, change, slope), 1e-8 * size);
    for (size_t i = 0; i < count; i++) forth += g[i] * change[i];
    for (size_t i = 0; i < p; i++) back += gradient[i] * v[i];
    assert_near(forth, back, 1e-13 * size * (double)count); /* g . J v = J^T g . v */
    assert_ok(sb_model_derivative(single, theta, v, N, x, change));
    assert_at_most(max_difference(count, change, slope), 1e-4 * size);
    free(x), free(v), free(g), free(theta), free(moved), free(h), free(slope), free(change), free(gradient);
    sb_model_destroy(&model);
    sb_model_destroy(&single);
}

static void derivatives_are_slopes(void **state)
{
    static const char *const parametrisation[] = {"standard", "ntk", "mean_field"};
    (void)state;
    for (size_t i = 0; i < stack_count; i++)
        for (size_t k = 0; k < 3; k++)
            for (int copies = 1; copies <= 2; copies++) assert_derivative(&stacks[i], parametrisation[k], copies > 1);
}

static void of_every_activation(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        stack s = {sb_activation_at(i)->name, {1, 1, 3}, {"dense(5)", sb_activation_at(i)->name, "dense(2)"}};
        assert_derivative(&s, "standard", false);
    }
}

/* ---- training ---- */

enum { MOST = 400 };

typedef struct run {
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
    sb_fit_spec spec;
    double *start, *theta;
    double step[MOST], loss_at[MOST];
    double *h; /* [records][n][outputs] */
    size_t size;
} run;

static sb_status remember(void *context, const sb_fit_state *state)
{
    run *r = context;
    r->loss_at[state->record] = state->loss;
    memcpy(r->h + state->record * r->size, state->h, r->size * sizeof *r->h);
    return SB_OK;
}

/* Places (j + 1/2)/n - 1/2 on each axis, from each other by a stride; classes: one of three, as probabilities. */
static void make_set(sb_dataset *set, size_t n, size_t inputs, size_t outputs)
{
    *set = (sb_dataset){.n = n, .input = {1, 1, inputs}, .output = {1, 1, outputs}};
    set->x = new_doubles(n * inputs);
    set->y = new_doubles(n * outputs);
    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < inputs; d++)
            set->x[i * inputs + d] = ((double)((i * (1 + 2 * d)) % n) + .5) / (double)n - .5;
        double x = set->x[i * inputs];
        for (size_t o = 0; o < outputs; o++) set->y[i * outputs + o] = outputs > 1 && i % outputs == o;
        if (outputs == 1) set->y[i] = .3 * (sin(2 * M_PI * x) + sin(6 * M_PI * x));
    }
}

typedef struct how {
    size_t n, inputs, outputs, layers;
    const char *layer[6], *parametrisation, *loss, *rule;
    bool antisymmetric, single;
    double eta;
    size_t steps, every; /* records */
} how;

static void start_run(run *r, const how *h)
{
    memset(r, 0, sizeof *r);
    make_set(&r->set, h->n, h->inputs, h->outputs);
    sb_model_spec model = {.input = r->set.input,
                           .layers = h->layers,
                           .layer = h->layer,
                           .parametrisation = h->parametrisation,
                           .gain = 1,
                           .weights = "",
                           .biases = "gaussian(0.3)",
                           .shift_range = 1,
                           .density = "gaussian(6)",
                           .antisymmetric = h->antisymmetric,
                           .single = h->single};
    sb_loss_spec loss = {.kind = h->loss, .factor = "half_mean", .weights = "equal"};
    assert_ok(sb_model_create(&model, &r->model));
    assert_ok(sb_loss_create(&loss, &r->set, &r->loss));
    size_t p = sb_model_parameters(r->model), records = 0;
    r->size = h->n * h->outputs;
    r->start = new_doubles(p);
    r->theta = new_doubles(p);
    r->h = new_doubles(MOST * r->size);
    sb_model_start(r->model, 1, SB_STREAM_TRAIN, r->start);
    for (size_t step = 0; step <= h->steps; step += h->every) r->step[records++] = (double)step;
    r->spec = (sb_fit_spec){.model = r->model,
                            .set = &r->set,
                            .loss = r->loss,
                            .rule = sb_rule_find(h->rule),
                            .schedule = sb_schedule_find("constant"),
                            .eta = h->eta,
                            .momentum = .9,
                            .beta2 = .999,
                            .epsilon = 1e-8,
                            .decay = .5,
                            .period = 7,
                            .steps = h->steps,
                            .nt = records,
                            .record_step = r->step,
                            .threads = 1,
                            .route = "auto",
                            .recorder = remember,
                            .context = r,
                            .identity = "test"};
}

static sb_fit_result train_from_start(run *r, const double *tangent_at)
{
    sb_fit_result result;
    memcpy(r->theta, r->start, sb_model_parameters(r->model) * sizeof *r->theta);
    r->spec.tangent_at = tangent_at;
    assert_ok(sb_fit(&r->spec, NULL, r->theta, &result));
    return result;
}

static void end_run(run *r)
{
    sb_loss_destroy(&r->loss);
    sb_model_destroy(&r->model);
    free(r->set.x), free(r->set.y), free(r->start), free(r->theta), free(r->h);
}

/* ---- reference numbers of rule (L) ---- */

/* |sum u e^-2 pi i xi x| / |sum y e^..| */
static double err_at(const run *r, size_t record, double xi)
{
    double part[4] = {0};
    for (size_t i = 0; i < r->set.n; i++) {
        double phase = 2 * M_PI * xi * r->set.x[i], u = r->h[record * r->size + i] - r->set.y[i];
        part[0] += u * cos(phase), part[1] += u * sin(phase);
        part[2] += r->set.y[i] * cos(phase), part[3] += r->set.y[i] * sin(phase);
    }
    return hypot(part[0], part[1]) / hypot(part[2], part[3]);
}

typedef struct reference {
    const char *rule;
    double eta, linear[3][3],
        network[3]; /* loss, err at 1 and 3, at steps 1, 10, 100; the last of the network itself */
} reference;

static const reference references[] = {
    {"gd",
     .05,
     {{.0447510431689, .996105577481, .998347702857},
      {.0426232081013, .961954781334, .983859199033},
      {.0294340108977, .6956874055, .870951745177}},
     {.0282210800576, .662029183031, .858043274368}},
    {"heavy_ball",
     .02,
     {{.0449002618455, .998442220205, .999339081043},
      {.041113805498, .936707311935, .973144856964},
      {.0210574511997, .318398090317, .711331510326}},
     {.0204633582209, .204871289394, .682678798895}},
    {"nesterov",
     .02,
     {{.0448106746876, .997040230675, .998744254095},
      {.0406220901709, .928280151903, .969569824493},
      {.0210739614217, .321224989387, .712603265441}},
     {.0204585514364, .207831136866, .683942747102}},
    {"adam",
     .01,
     {{.0420667644843, .952087646287, .980651612496},
      {.0244778220433, .537191059354, .813137834296},
      {.0198389862952, .194868595953, .70611057015}},
     {.0198585558737, .188317132364, .702752126212}},
};

static void assert_reference(const reference *wanted)
{
    how h = {.n = 16,
             .inputs = 1,
             .outputs = 1,
             .layers = 3,
             .layer = {"shifted(6)", "tanh", "dense(1, nobias)"},
             .parametrisation = "ntk",
             .loss = "mse",
             .rule = wanted->rule,
             .antisymmetric = true,
             .eta = wanted->eta,
             .steps = 100,
             .every = 1};
    static const size_t at[] = {1, 10, 100};
    run r;
    start_run(&r, &h);
    for (size_t copy = 0; copy < 2; copy++)
        for (size_t i = 0; i < 6; i++) {
            double *theta = r.start + copy * 18, j = (double)i;
            theta[i] = 2 + cos(1 + j);
            theta[6 + i] = .9 * sin(2 + 3 * j);
            theta[12 + i] = 1.5 * cos(3 + 2 * j);
        }
    train_from_start(&r, r.start);
    for (size_t k = 0; k < 3; k++) {
        assert_close(r.loss_at[at[k]], wanted->linear[k][0], 1e-10);
        assert_close(err_at(&r, at[k], 1), wanted->linear[k][1], 1e-10);
        assert_close(err_at(&r, at[k], 3), wanted->linear[k][2], 1e-10);
    }
    train_from_start(&r, NULL);
    assert_close(r.loss_at[100], wanted->network[0], 1e-10);
    assert_close(err_at(&r, 100, 1), wanted->network[1], 1e-10);
    assert_close(err_at(&r, 100, 3), wanted->network[2], 1e-10);
    end_run(&r);
}

static void reference_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) assert_reference(&references[i]);
}

/* ---- beside the forecast mode by mode ---- */

static void assert_modes(const how *h)
{
    run r;
    start_run(&r, h);
    size_t n = r.size, nt = r.spec.nt;
    sb_factors factors = {0};
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_rule rule = {.kind = r.spec.rule, .eta = r.spec.eta, .beta = r.spec.momentum};
    double *gram = new_doubles(n * n), *c = new_doubles(n), *u0 = new_doubles(n), *u = new_doubles(nt * n);
    train_from_start(&r, r.start);
    for (size_t i = 0; i < n; i++) u0[i] = r.h[i] - r.set.y[i], c[i] = 1 / (double)r.set.n;
    assert_ok(sb_model_factors(r.model, r.start, &factors));
    assert_ok(sb_gram_layers(&(sb_gram_spec){.factors = &factors, .outputs = SB_OUTPUTS_FULL}, r.set.n, r.set.x, gram));
    assert_ok(sb_quadratic_weights(n, c, &loss));
    assert_ok(sb_linear_create(n, gram, false, &loss, &linear));
    assert_ok(sb_linear_residuals(&linear, &rule, nt, r.step, u0, u));
    double size = max_abs(n, u0), worst = 0;
    for (size_t i = 0; i < nt; i++)
        for (size_t j = 0; j < n; j++) worst = fmax(worst, fabs(u[i * n + j] - (r.h[i * n + j] - r.set.y[j])));
    assert_at_most(worst, 1e-9 * size);
    assert_at_most(max_abs(n, u + (nt - 1) * n), .9 * size); /* something was learned */
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
    sb_factors_clear(&factors);
    free(gram), free(c), free(u0), free(u);
    end_run(&r);
}

static void as_mode_by_mode(void **state)
{
    static const char *const rules[] = {"gd", "heavy_ball", "nesterov"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        how two_layer = {.n = 20,
                         .inputs = 1,
                         .outputs = 1,
                         .layers = 3,
                         .layer = {"shifted(60)", "relu", "dense(1)"},
                         .parametrisation = "ntk",
                         .loss = "mse",
                         .rule = rules[i],
                         .antisymmetric = true,
                         .eta = .1,
                         .steps = 300,
                         .every = 20};
        how layers = {.n = 12,
                      .inputs = 4,
                      .outputs = 2,
                      .layers = 5,
                      .layer = {"dense(24)", "tanh", "dense(16)", "gelu", "dense(2)"},
                      .parametrisation = "standard",
                      .loss = "mse",
                      .rule = rules[i],
                      .eta = .02,
                      .steps = 300,
                      .every = 20};
        assert_modes(&two_layer);
        assert_modes(&layers);
    }
}

/* ---- what is linear in its weights is its own linearisation, whatever the rule, the batches and the loss ---- */

static void assert_own(const how *h, size_t batch, const char *schedule, double tolerance)
{
    run r;
    start_run(&r, h);
    r.spec.batch = batch;
    r.spec.schedule = sb_schedule_find(schedule);
    r.spec.seed = 3;
    train_from_start(&r, NULL);
    size_t count = r.spec.nt * r.size;
    double *wanted = new_doubles(count), size = max_abs(count, r.h);
    memcpy(wanted, r.h, count * sizeof *wanted);
    assert_string_equal(train_from_start(&r, r.start).route, "linear");
    assert_at_least(fabs(r.h[count - 1] - r.h[r.size - 1]), 1e-3); /* it has moved */
    assert_at_most(max_difference(count, r.h, wanted), tolerance * size);
    free(wanted);
    end_run(&r);
}

static void linear_models_are_their_own(void **state)
{
    (void)state;
    how h = {.n = 30,
             .inputs = 2,
             .outputs = 3,
             .layers = 2,
             .layer = {"fourier(8, frozen)", "dense(3)"},
             .parametrisation = "ntk",
             .loss = "softmax",
             .rule = "adam",
             .eta = .01,
             .steps = 60,
             .every = 5};
    assert_own(&h, 0, "constant", 1e-11);
    assert_own(&h, 7, "step", 1e-11);
    h.rule = "nesterov";
    h.loss = "mse";
    assert_own(&h, 7, "cosine", 1e-12);
    h.single = true;
    assert_own(&h, 7, "cosine", 1e-4);
    h.single = false;
    h.antisymmetric = true;
    assert_own(&h, 0, "constant", 1e-12);
}

/* One step from theta_0 with gradients at other weights. */
static void gradients_may_be_anywhere(void **state)
{
    how h = {.n = 9,
             .inputs = 2,
             .outputs = 2,
             .layers = 3,
             .layer = {"dense(7)", "tanh", "dense(2)"},
             .parametrisation = "standard",
             .loss = "mse",
             .rule = "gd",
             .eta = .3,
             .steps = 1,
             .every = 1};
    run r;
    (void)state;
    start_run(&r, &h);
    size_t p = sb_model_parameters(r.model), n = r.size;
    double *at = numbers(4, p), *g = new_doubles(n), *v = new_doubles(p), *h0 = new_doubles(n), *dh = new_doubles(n);
    train_from_start(&r, at);
    assert_ok(sb_model_evaluate(r.model, r.start, r.set.n, r.set.x, h0));
    sb_loss_value(r.loss, r.set.n, NULL, r.set.n, h0, g);
    memset(v, 0, p * sizeof *v);
    assert_ok(sb_model_gradient(r.model, at, r.set.n, r.set.x, g, v));
    for (size_t i = 0; i < p; i++) {
        assert_near(r.theta[i], r.start[i] - h.eta * v[i], 1e-14);
        v[i] = r.theta[i] - r.start[i];
    }
    assert_ok(sb_model_derivative(r.model, at, v, r.set.n, r.set.x, dh));
    for (size_t i = 0; i < n; i++) {
        assert_near(r.h[i], h0[i], 1e-14);
        assert_near(r.h[n + i], h0[i] + dh[i], 1e-13);
    }
    free(at), free(g), free(v), free(h0), free(dh);
    end_run(&r);
}

/* The flow of the linearised network is that of its modes. */
static void under_the_flow(void **state)
{
    static const double times[] = {0, 3, 30};
    how h = {.n = 12,
             .inputs = 1,
             .outputs = 1,
             .layers = 3,
             .layer = {"shifted(40)", "tanh", "dense(1)"},
             .parametrisation = "ntk",
             .loss = "mse",
             .rule = "flow",
             .eta = 1,
             .steps = 2,
             .every = 1};
    run r;
    (void)state;
    start_run(&r, &h);
    r.spec.method = "rkc";
    r.spec.tolerance = 1e-8;
    r.spec.record_time = times;
    train_from_start(&r, r.start);
    sb_factors factors = {0};
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_rule rule = {.kind = r.spec.rule};
    double gram[144], c[12], u0[12], u[36];
    for (size_t i = 0; i < 12; i++) u0[i] = r.h[i] - r.set.y[i], c[i] = 1. / 12;
    assert_ok(sb_model_factors(r.model, r.start, &factors));
    assert_ok(sb_gram_layers(&(sb_gram_spec){.factors = &factors}, 12, r.set.x, gram));
    assert_ok(sb_quadratic_weights(12, c, &loss));
    assert_ok(sb_linear_create(12, gram, false, &loss, &linear));
    assert_ok(sb_linear_residuals(&linear, &rule, 3, times, u0, u));
    for (size_t i = 0; i < 36; i++) assert_near(r.h[i] - r.set.y[i % 12], u[i], 1e-6);
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
    sb_factors_clear(&factors);
    end_run(&r);
}

/* ---- threads ---- */

static void assert_threads(const how *h, size_t batch)
{
    run r;
    start_run(&r, h);
    size_t bytes = r.spec.nt * r.size * sizeof *r.h;
    r.spec.batch = batch;
    train_from_start(&r, r.start);
    double *wanted = new_doubles(r.spec.nt * r.size);
    memcpy(wanted, r.h, bytes);
    for (size_t threads = 2; threads <= 5; threads += 3) {
        r.spec.threads = threads;
        train_from_start(&r, r.start);
        assert_memory_equal(r.h, wanted, bytes);
    }
    free(wanted);
    end_run(&r);
}

static void threads_make_no_difference(void **state)
{
    (void)state;
    how h = {.n = 150,
             .inputs = 3,
             .outputs = 3,
             .layers = 3,
             .layer = {"dense(400)", "tanh", "dense(3)"},
             .parametrisation = "ntk",
             .loss = "softmax",
             .rule = "adam",
             .eta = .01,
             .steps = 12,
             .every = 3};
    assert_threads(&h, 0);
    assert_threads(&h, 70);
    h.single = true;
    assert_threads(&h, 0);
}

/* ---- what is refused ---- */

static void derivatives_by_the_inputs_are_refused(void **state)
{
    how h = {.n = 12,
             .inputs = 1,
             .outputs = 1,
             .layers = 3,
             .layer = {"dense(5)", "tanh", "dense(1)"},
             .parametrisation = "ntk",
             .loss = "mse",
             .rule = "gd",
             .eta = .01,
             .steps = 2,
             .every = 1};
    run r;
    sb_fit_result result;
    (void)state;
    start_run(&r, &h);
    double q[12];
    for (size_t i = 0; i < 12; i++) q[i] = 1. / 12;
    r.set.q = q;
    sb_loss_destroy(&r.loss);
    assert_ok(sb_loss_create(&(sb_loss_spec){.kind = "ritz", .beta = 1}, &r.set, &r.loss));
    r.spec.loss = r.loss;
    r.spec.tangent_at = r.start;
    assert_fails(sb_fit(&r.spec, NULL, r.theta, &result), SB_ERR_UNSUPPORTED, "derivatives by the inputs");
    end_run(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_slopes),
        cmocka_unit_test(of_every_activation),
        cmocka_unit_test(reference_numbers),
        cmocka_unit_test(as_mode_by_mode),
        cmocka_unit_test(linear_models_are_their_own),
        cmocka_unit_test(gradients_may_be_anywhere),
        cmocka_unit_test(under_the_flow),
        cmocka_unit_test(threads_make_no_difference),
        cmocka_unit_test(derivatives_by_the_inputs_are_refused),
    };
    return cmocka_run_group_tests_name("linear_training", tests, NULL, NULL);
}
