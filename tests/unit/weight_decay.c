/* Weights that decay: every rule by every route beside a few lines of its formula, frozen weights that do not, exact
 * solutions of models that are linear in their weights, stable steps. */
#include "common/test.h"

#include <specbias/fit.h>
#include <specbias/kernel.h>
#include <specbias/rng.h>

enum { N = 48, MOST_PARAMETERS = 256, STEPS = 12, LAST = 1 };

typedef struct run {
    sb_dataset set;
    double x[N], y[N];
    sb_model *model;
    sb_loss *loss;
    sb_fit_spec spec;
    size_t parameters;
    double start[MOST_PARAMETERS], theta[MOST_PARAMETERS];
    double h[N];
} run;

static sb_status keep(void *context, const sb_fit_state *state)
{
    run *r = context;
    memcpy(r->h, state->h, r->set.n * sizeof *r->h);
    return SB_OK;
}

typedef struct network {
    const char *layer[6];
    bool antisymmetric;
    size_t still; /* numbers of a copy, its first, that are frozen */
} network;

static void open_run(run *r, const network *net, size_t n, bool single)
{
    static const double record[] = {STEPS};
    size_t layers = 0;
    *r = (run){.set = {.n = n, .input = {1, 1, 1}, .output = {1, 1, 1}}};
    r->set.x = r->x, r->set.y = r->y;
    for (size_t i = 0; i < n; i++) {
        r->x[i] = ((double)i + .5) / (double)n - .5;
        r->y[i] = .4 * sin(2 * M_PI * r->x[i]) + .1 * cos(9 * r->x[i]);
    }
    while (net->layer[layers]) layers++;
    sb_model_spec model = {.input = {1, 1, 1},
                           .layers = layers,
                           .layer = net->layer,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = "",
                           .biases = "gaussian(0.5)",
                           .shift_range = 1,
                           .density = "gaussian(9)",
                           .antisymmetric = net->antisymmetric,
                           .single = single};
    sb_loss_spec loss = {.kind = "mse", .factor = "half_mean", .weights = "equal"};
    assert_ok(sb_model_create(&model, &r->model));
    assert_ok(sb_loss_create(&loss, &r->set, &r->loss));
    r->parameters = sb_model_parameters(r->model);
    assert_at_most((double)r->parameters, MOST_PARAMETERS);
    sb_model_start(r->model, 1, SB_STREAM_TRAIN, r->start);
    for (size_t p = 0; p < r->parameters; p++) r->start[p] *= 1 + .1 * sin((double)p); /* copies are no mirrors */
    memcpy(r->theta, r->start, sizeof r->theta);
    r->spec = (sb_fit_spec){.model = r->model,
                            .set = &r->set,
                            .loss = r->loss,
                            .rule = sb_rule_find("gd"),
                            .schedule = sb_schedule_find("step"),
                            .eta = .05,
                            .momentum = .8,
                            .beta2 = .99,
                            .epsilon = 1e-3,
                            .decay = .5,
                            .period = 5,
                            .weight_decay = .7,
                            .steps = STEPS,
                            .nt = LAST,
                            .record_step = record,
                            .threads = 1,
                            .route = "auto",
                            .recorder = keep,
                            .context = r};
}

static void close_run(run *r)
{
    sb_loss_destroy(&r->loss);
    sb_model_destroy(&r->model);
}

static void train(run *r)
{
    sb_fit_result result;
    assert_ok(sb_fit(&r->spec, NULL, r->theta, &result));
}

/* ---- by the formula ---- */

/* g of the loss, of the network at theta or, linearised, at the start. */
static void gradient_of(const run *r, const double *theta, double *g)
{
    double h[N], v[MOST_PARAMETERS];
    const double *at = r->spec.tangent_at ? r->start : theta;
    size_t n = r->set.n;
    assert_ok(sb_model_evaluate(r->model, at, n, r->x, h));
    if (r->spec.tangent_at) {
        double moved[N];
        for (size_t p = 0; p < r->parameters; p++) v[p] = theta[p] - r->start[p];
        assert_ok(sb_model_derivative(r->model, at, v, n, r->x, moved));
        for (size_t i = 0; i < n; i++) h[i] += moved[i];
    }
    for (size_t i = 0; i < n; i++) h[i] = (h[i] - r->y[i]) / (double)n;
    memset(g, 0, r->parameters * sizeof *g);
    assert_ok(sb_model_gradient(r->model, at, n, r->x, h, g));
}

/* One weight; m and v: the numbers that rules keep of it. */
static void step_by_formula(const sb_fit_spec *s, size_t step, double rate, double g, double *theta, double *m,
                            double *v)
{
    double lambda = s->weight_decay, beta = s->momentum;
    const char *rule = s->rule->name;
    if (s->decoupled)
        *theta *= 1 - rate * lambda;
    else
        g += lambda * *theta;
    if (strcmp(rule, "adam") == 0) {
        *m = beta * *m + (1 - beta) * g;
        *v = s->beta2 * *v + (1 - s->beta2) * g * g;
        *theta -=
            rate * (*m / (1 - pow(beta, (double)step))) / (sqrt(*v / (1 - pow(s->beta2, (double)step))) + s->epsilon);
        return;
    }
    bool plain = strcmp(rule, "gd") == 0, ball = strcmp(rule, "heavy_ball") == 0;
    if (!plain && !ball && strcmp(rule, "nesterov") != 0) { /* no formula is noted here: the rule's own step */
        sb_update how = sb_rule_step(rate, beta, s->beta2, s->epsilon, step);
        s->rule->update(&how, 1, theta, &g, m, v);
        return;
    }
    *m = beta * *m + g;
    *theta -= rate * (plain ? g : ball ? *m : g + beta * *m);
}

static void by_formula(const run *r, const network *net, double *theta)
{
    double m[MOST_PARAMETERS] = {0}, v[MOST_PARAMETERS] = {0}, g[MOST_PARAMETERS];
    size_t copy = net->antisymmetric ? r->parameters / 2 : r->parameters;
    memcpy(theta, r->start, r->parameters * sizeof *theta);
    for (size_t step = 1; step <= STEPS; step++) {
        double rate = r->spec.eta * pow(.5, (double)((step - 1) / 5));
        gradient_of(r, theta, g);
        for (size_t p = 0; p < r->parameters; p++)
            if (p % copy >= net->still) step_by_formula(&r->spec, step, rate, g[p], &theta[p], &m[p], &v[p]);
    }
}

static const network nets[] = {
    {{"shifted(10)", "tanh", "dense(1, nobias)"}, true, 0},
    {{"dense(12)", "relu", "dense(1)"}, false, 0},
    {{"dense(9)", "sine", "dense(1)"}, true, 0},
    {{"fourier(6)", "dense(1)"}, true, 0},
    {{"fourier(6, frozen)", "dense(1)"}, false, 6},
    {{"dense(6, frozen)", "tanh", "dense(5)", "tanh", "dense(1)"}, true, 12},
};

static size_t compare_route(const network *net, const char *rule, bool decoupled, const char *route, bool single)
{
    run r;
    double wanted[MOST_PARAMETERS];
    open_run(&r, net, N, single);
    r.spec.rule = sb_rule_find(rule);
    r.spec.decoupled = decoupled;
    if (strcmp(route, "linear") == 0)
        r.spec.tangent_at = r.start;
    else
        r.spec.route = route;
    bool covered = sb_fit_check(&r.spec) == SB_OK;
    if (covered) {
        by_formula(&r, net, wanted);
        train(&r);
        for (size_t p = 0; p < r.parameters; p++) assert_near(r.theta[p], wanted[p], single ? 2e-4 : 1e-11);
        for (size_t p = 0; p < net->still; p++)
            assert_true(r.theta[p] == (single ? (double)(float)r.start[p] : r.start[p]));
    }
    close_run(&r);
    return covered;
}

static void every_rule_by_every_route(void **state)
{
    static const char *const route[] = {"auto", "plain", "fused", "nodes", "rotation", "linear"};
    size_t taken[6] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        for (size_t k = 0; sb_rule_at(k); k++)
            for (size_t j = 0; j < 24 && sb_rule_at(k)->update; j++)
                taken[j % 6] += compare_route(&nets[i], sb_rule_at(k)->name, j / 6 % 2, route[j % 6], j / 12);
    for (size_t j = 0; j < 6; j++) assert_at_least((double)taken[j], 24);
}

/* Of gradient descent it makes no difference where the decay acts; of Adam it does. */
static void decoupled_or_not(void **state)
{
    static const char *const rule[] = {"gd", "adam"};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        run r[2];
        for (size_t d = 0; d < 2; d++) {
            open_run(&r[d], &nets[0], N, false);
            r[d].spec.rule = sb_rule_find(rule[k]);
            r[d].spec.decoupled = d;
            train(&r[d]);
        }
        double apart = max_difference(r[0].parameters, r[0].theta, r[1].theta);
        if (k == 0) assert_at_most(apart, 1e-14);
        if (k == 1) assert_at_least(apart, 1e-2);
        for (size_t d = 0; d < 2; d++) close_run(&r[d]);
    }
}

/* ---- exact solutions ---- */

enum { FEW = 12 };

static const network linear = {{"fourier(5, frozen)", "dense(1)"}, false, 5};

/* K / n of the outputs, and its eigenpairs */
static void eigenpairs(const run *r, double *a, sb_eigen *eigen)
{
    double *j = new_doubles(FEW * r->parameters);
    for (size_t i = 0; i < FEW; i++) {
        double one[FEW] = {0};
        one[i] = 1;
        memset(j + i * r->parameters, 0, r->parameters * sizeof *j);
        assert_ok(sb_model_gradient(r->model, r->start, FEW, r->x, one, j + i * r->parameters));
    }
    for (size_t i = 0; i < FEW; i++)
        for (size_t k = 0; k < FEW; k++) {
            a[i * FEW + k] = 0;
            for (size_t p = 0; p < r->parameters; p++)
                a[i * FEW + k] += j[i * r->parameters + p] * j[k * r->parameters + p] / FEW;
        }
    assert_ok(sb_eigen_symmetric(a, FEW, false, eigen));
    free(j);
}

/* Ridge regression: where L + lambda |theta|^2 / 2 is least h = A (A + lambda)^-1 y, A = K / n; gradient descent goes
 * there like h_t - h = (1 - eta (A + lambda))^t (h_0 - h), from any start. */
static void linear_models_go_to_ridge_regression(void **state)
{
    static const double step[] = {1, 7, 40, 6000};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        run r;
        double a[FEW * FEW], h0[FEW], wanted[FEW] = {0}, end[FEW] = {0};
        sb_eigen eigen = {0};
        open_run(&r, &linear, FEW, false);
        eigenpairs(&r, a, &eigen);
        r.spec.schedule = sb_schedule_find("constant");
        r.spec.weight_decay = .02;
        r.spec.eta = .9 / (eigen.lambda[0] + .02);
        r.spec.steps = (size_t)step[i];
        r.spec.record_step = &step[i];
        assert_ok(sb_model_evaluate(r.model, r.start, FEW, r.x, h0));
        for (size_t k = 0; k < FEW; k++) {
            const double *v = eigen.vector + k * FEW;
            double y = 0, h = 0, rate = eigen.lambda[k] + .02;
            for (size_t j = 0; j < FEW; j++) y += v[j] * r.y[j], h += v[j] * h0[j];
            double there = eigen.lambda[k] / rate * y, now = there + pow(1 - r.spec.eta * rate, step[i]) * (h - there);
            for (size_t j = 0; j < FEW; j++) wanted[j] += v[j] * now, end[j] += v[j] * there;
        }
        train(&r);
        assert_at_most(max_difference(FEW, r.h, wanted), 1e-12);
        if (i == 3) assert_at_most(max_difference(FEW, r.h, end), 1e-12);
        if (i == 3) assert_at_least(max_difference(FEW, r.h, r.y), 1e-3); /* the data are not fitted */
        sb_eigen_clear(&eigen);
        close_run(&r);
    }
}

/* Other rules end there, too, when the decay is in the gradient; Adam's decoupled one ends elsewhere. */
static void other_rules_end_there(void **state)
{
    static const double step = 30000;
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        run r;
        double a[FEW * FEW], g[MOST_PARAMETERS], most = 0;
        sb_eigen eigen = {0};
        open_run(&r, &linear, FEW, false);
        eigenpairs(&r, a, &eigen);
        r.spec.schedule = sb_schedule_find("constant");
        r.spec.rule = sb_rule_find(k < 2 ? "adam" : k == 2 ? "nesterov" : "heavy_ball");
        r.spec.decoupled = k == 1 || k == 4;
        r.spec.weight_decay = .05;
        r.spec.epsilon = 1;
        r.spec.eta = .2 / fmax(eigen.lambda[0], 1);
        r.spec.steps = (size_t)step;
        r.spec.record_step = &step;
        train(&r);
        gradient_of(&r, r.theta, g);
        for (size_t p = linear.still; p < r.parameters; p++) most = fmax(most, fabs(g[p] + .05 * r.theta[p]));
        if (r.spec.decoupled)
            assert_at_least(most, 1e-5);
        else
            assert_at_most(most, 1e-12);
        sb_eigen_clear(&eigen);
        close_run(&r);
    }
}

/* Where nothing is learned weights fall like exp(-lambda t). */
static void the_flow_decays(void **state)
{
    static const double record[] = {0, 10};
    run r;
    double most = 0;
    (void)state;
    open_run(&r, &nets[0], FEW, false);
    for (size_t p = 0; p < r.parameters; p++) r.theta[p] = r.start[p] *= 1e-4; /* to first order the output is 0 .. */
    memset(r.y, 0, sizeof r.y);                                                /* .. as is what is wanted */
    r.spec.rule = sb_rule_find("flow");
    r.spec.method = "rkc";
    r.spec.tolerance = 1e-8;
    r.spec.nt = 2;
    r.spec.record_step = record;
    r.spec.steps = 10;
    train(&r);
    for (size_t p = 0; p < r.parameters; p++)
        most = fmax(most, fabs(r.theta[p] / r.start[p] - exp(-.7 * 10 * r.spec.eta)));
    assert_at_most(most, 1e-6);
    close_run(&r);
}

/* ---- stable steps ---- */

static double grown(sb_rule rule, double lambda)
{
    double theta = 1, slot[2] = {0}, most = 0;
    for (size_t step = 1; step <= 40000; step++) {
        double gradient = lambda * theta + (rule.decoupled ? 0 : rule.decay * theta);
        sb_update how = sb_rule_step(rule.eta, rule.beta, .999, 1e-8, step);
        if (rule.decoupled) theta *= 1 - rule.eta * rule.decay;
        rule.kind->update(&how, 1, &theta, &gradient, &slot[0], &slot[1]);
        if (step > 39900) most = fmax(most, fabs(theta));
        if (fabs(theta) > 1e6) return INFINITY;
    }
    return most;
}

/* One weight whose gradient is lambda theta, at and above the limit; the rate that a step bears is the other way. */
static void limits_know_of_decay(void **state)
{
    static const double lambdas[] = {0, 2.5}, decays[] = {.3, 4};
    size_t count = 0;
    (void)state;
    for (size_t k = 0; sb_rule_at(k); k++)
        for (size_t i = 0; i < 8; i++) {
            sb_rule rule = {sb_rule_at(k), 1, .6, decays[i % 2], i / 4};
            double lambda = lambdas[i / 2 % 2], largest = sb_rule_largest_step(&rule, lambda);
            if (!rule.kind->update || !rule.kind->stable) continue;
            rule.eta = .998 * largest;
            assert_at_most(grown(rule, lambda), 1e-6);
            rule.eta = 1.002 * largest;
            assert_true(isinf(grown(rule, lambda)));
            rule.eta = largest;
            assert_near(sb_rule_largest_rate(&rule), lambda, 1e-12);
            /* in k steps of the flow's time weights fall as in k steps */
            if (rule.decoupled)
                assert_close(sb_rule_flow_decay(&rule) * sb_rule_time(&rule, 7), 7 * rule.eta * rule.decay, 1e-12);
            if (!rule.decoupled) assert_true(sb_rule_flow_decay(&rule) == rule.decay);
            count++;
        }
    assert_true(count >= 24); /* three rules of ours, and what else is in the list */
}

static void nonsense_is_refused(void **state)
{
    run r;
    (void)state;
    open_run(&r, &nets[0], N, false);
    r.spec.weight_decay = -1e-3;
    assert_fails(sb_fit_check(&r.spec), SB_ERR_INPUT, "not negative");
    r.spec.weight_decay = NAN;
    assert_fails(sb_fit_check(&r.spec), SB_ERR_INPUT, "not negative");
    close_run(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_by_every_route),
        cmocka_unit_test(decoupled_or_not),
        cmocka_unit_test(linear_models_go_to_ridge_regression),
        cmocka_unit_test(other_rules_end_there),
        cmocka_unit_test(the_flow_decays),
        cmocka_unit_test(limits_know_of_decay),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
