/* The law of a case: frozen it is infinite width, it goes there as targets shrink, a quiet start is its own law, and
 * wide copies of layers keep what each layer adds to the kernel. */
#include "common/test.h"

#include <stdio.h>

#include "case/case.h"
#include "case/network.h"
#include "forecast/forecast.h"
#include "forecast/law/copies.h"

typedef struct test_case {
    sb_config config;
    sb_case cas;
} test_case;

/* "key=value" .. up to NULL, over a small ReLU network */
static void open_case(test_case *t, const char *const *keys)
{
    static const char *const base[] = {"data.n=16",
                                       "target.xi=1,2",
                                       "net.width=64",
                                       "train.time=40",
                                       "train.records=40",
                                       "train.threads=1",
                                       "forecast.sources=ntk.infinite",
                                       NULL};
    *t = (test_case){0};
    assert_ok(sb_config_init(&t->config));
    for (const char *const *key = base; *key; key++) assert_ok(sb_config_set(&t->config, *key));
    for (const char *const *key = keys; *key; key++) assert_ok(sb_config_set(&t->config, *key));
    assert_ok(sb_case_create(&t->config, NULL, &t->cas));
}

static void close_case(test_case *t)
{
    sb_case_clear(&t->cas);
    sb_config_clear(&t->config);
}

/* err[nt][items] of infinite width, mode by mode */
static void by_modes(const sb_case *cas, sb_decay *decay)
{
    sb_decay flow = {0};
    assert_ok(sb_source_forecast(cas, sb_source_find("ntk.infinite"), -1, NULL, NULL, &flow, decay));
    sb_decay_clear(&flow);
}

static void by_law(const sb_case *cas, size_t level, double amplitude, bool frozen, sb_decay *decay)
{
    sb_made made;
    assert_ok(sb_case_table(cas, "law", SB_FORM_GD, decay));
    assert_ok(sb_mean_field_at(cas, &cas->watch, level, amplitude, frozen, NULL, decay, &made));
}

/* ---- sums over units ---- */

static void a_frozen_law_is_infinite_width(void **state)
{
    static const char *const kind[][6] = {
        {"train.eta=0.02", NULL},
        {"train.eta=0.02", "data.kind=random", "data.n=30", NULL}, /* which fit no lattice */
        {"net.activation=tanh", "init.in_scale=5", "train.eta=0.05", NULL},
        {"train.optimizer=nesterov", "train.eta=0.002", "train.time=4", "init.out=gaussian", NULL},
        {"net.parametrisation=standard", "train.eta=0.0003", "train.time=1", "net.gain=0.5", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
        test_case t;
        sb_decay modes = {0}, law = {0};
        open_case(&t, kind[i]);
        by_modes(&t.cas, &modes);
        by_law(&t.cas, 2, 1, true, &law);
        assert_at_most(max_difference(law.nt * law.nxi, law.err, modes.err), 1e-9);
        sb_decay_clear(&modes), sb_decay_clear(&law);
        close_case(&t);
    }
}

/* Under decay copies of opposite sign have J theta_0 = 0, so that h' = h - eta ((A + lambda) h - A y), A = K / n; with
 * momentum the same of its steps. */
static void by_ridge(const sb_case *cas, sb_decay *decay)
{
    size_t n = cas->n, at = 0;
    double *a = new_doubles(n * n + 3 * n), *h = a + n * n, *v = h + n, *u = v + n, lambda = cas->rule.decay;
    memset(h, 0, 2 * n * sizeof *h);
    assert_ok(sb_case_table(cas, "ridge", SB_FORM_GD, decay));
    assert_ok(sb_case_wide_gram(cas, 1, 1, 0, NULL, a));
    for (size_t i = 0; i < decay->nt; i++) {
        for (; (double)at < decay->step[i]; at++) {
            for (size_t j = 0; j < n; j++) u[j] = (h[j] - cas->data.y[j]) / (double)n;
            for (size_t j = 0; j < n; j++) {
                double g = cas->rule.decoupled ? 0 : lambda * h[j];
                for (size_t k = 0; k < n; k++) g += a[j * n + k] * u[k];
                v[j] = cas->rule.beta * (cas->rule.kind->slots ? v[j] : 0) + g;
            }
            for (size_t j = 0; j < n; j++) h[j] -= cas->rule.eta * (v[j] + (cas->rule.decoupled ? lambda * h[j] : 0));
        }
        for (size_t j = 0; j < n; j++) u[j] = h[j] - cas->data.y[j];
        assert_ok(sb_watch_apply(&cas->watch, u, 1, decay->amp + i * decay->items.parts, decay->err + i * decay->nxi));
    }
    free(a);
}

static void a_frozen_law_that_decays_is_ridge_regression(void **state)
{
    static const char *const kind[][7] = {
        {"train.eta=0.05", NULL},
        {"net.activation=tanh", "init.in_scale=5", "train.eta=0.05", "train.decoupled=true", NULL},
        {"train.optimizer=heavy_ball", "train.eta=0.01", "train.decoupled=true", NULL},
        {"train.optimizer=heavy_ball", "train.eta=0.01", "net.parametrisation=standard", "net.gain=0.1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
        test_case t;
        const char *keys[9] = {"train.weight_decay=0.02", "train.time=20"};
        sb_decay ridge = {0}, law = {0};
        for (size_t k = 0; kind[i][k]; k++) keys[k + 2] = kind[i][k];
        open_case(&t, keys);
        by_ridge(&t.cas, &ridge);
        by_law(&t.cas, 1, 1, true, &law);
        assert_at_most(max_difference(law.nt * law.nxi, law.err, ridge.err), 1e-9);
        if (i == 0) assert_at_least(law.err[(law.nt - 1) * law.nxi + 1], .01); /* what decay does not let it learn */
        sb_decay_clear(&ridge), sb_decay_clear(&law);
        close_case(&t);
    }
}

/* Where nothing is kinked the movement of a pair of copies cancels to first order: what is left goes like A^2 / M. */
static void a_smooth_law_freezes_like_the_square_of_the_target(void **state)
{
    static const char *const keys[] = {"net.activation=tanh", "init.in_scale=5", "train.eta=0.05", "target.amplitude=1",
                                       NULL};
    test_case t;
    double off[3];
    sb_decay modes = {0};
    (void)state;
    open_case(&t, keys);
    by_modes(&t.cas, &modes);
    for (size_t i = 0; i < 3; i++) {
        sb_decay law = {0};
        by_law(&t.cas, 2, .01 * pow(2, (double)i), false, &law);
        off[i] = log(sb_decay_time(&law, 1, .5) / sb_decay_time(&modes, 1, .5));
        sb_decay_clear(&law);
    }
    assert_at_least(fabs(off[0]), 1e-6);
    assert_near(off[1] / off[0], 4, .1);
    assert_near(off[2] / off[1], 4, .1);
    sb_decay_clear(&modes);
    close_case(&t);
}

/* In rich training, of smooth units: each doubling of the nodes brings it four times nearer, or more, until err is
 * exact to rounding. */
static void nodes_of_smooth_units_are_of_second_order(void **state)
{
    static const char *const keys[] = {"net.activation=tanh", "init.in_scale=12", "train.eta=0.02",
                                       "target.amplitude=1",  "net.width=256",    NULL};
    test_case t;
    double off[3];
    sb_decay best = {0};
    (void)state;
    open_case(&t, keys);
    by_law(&t.cas, 4, 1, false, &best);
    for (size_t level = 0; level < 3; level++) {
        sb_decay law = {0};
        by_law(&t.cas, level, 1, false, &law);
        off[level] = max_difference(law.nt * law.nxi, law.err, best.err);
        sb_decay_clear(&law);
    }
    assert_at_least(off[0], 1e-8); /* else there is nothing to see */
    assert_at_most(off[1], fmax(off[0] / 4, 1e-12));
    assert_at_most(off[2], fmax(off[1] / 4, 1e-12));
    sb_decay_clear(&best);
    close_case(&t);
}

/* Its kinks cross no datum. */
static void a_quiet_start_is_its_own_law(void **state)
{
    static const char *const keys[] = {"init.quiet=true",       "init.antisymmetric=false", "net.width=4096",
                                       "target.amplitude=1e-7", "train.eta=0.02",           NULL};
    test_case t;
    sb_decay modes = {0}, law = {0};
    (void)state;
    open_case(&t, keys);
    by_modes(&t.cas, &modes);
    by_law(&t.cas, 0, 1, false, &law);
    assert_at_most(max_difference(law.nt * law.nxi, law.err, modes.err), 1e-6);
    sb_decay_clear(&modes), sb_decay_clear(&law);
    close_case(&t);
}

/* ---- lists of layers ---- */

enum { LAYERS = 3, NEURONS = 64 }; /* of all copies, over those of the network */

/* What a parameter adds to the kernel as training sees it: both scales times the product of gradients at two points. */
static double of_kernel(const sb_case *cas, double seen, double moved, double here, double there)
{
    (void)cas;
    return seen * moved * here * there;
}

/* What Adam's first step by the residual 1 at one point does to the output at the other, over its rate. */
static double of_adam(const sb_case *cas, double seen, double moved, double here, double there)
{
    return there * moved * seen * here / (fabs(seen * here) + cas->config->train_epsilon);
}

/* Of each layer's weights and biases, the mean over copies. */
static void parts_of(double (*share)(const sb_case *cas, double seen, double moved, double here, double there),
                     const sb_case *cas, double r, double part[2 * LAYERS])
{
    double x = .3, other = -.2, one = 1;
    for (size_t i = 0; i < 2 * LAYERS; i++) part[i] = 0;
    size_t copies = (size_t)(NEURONS / r);
    for (uint64_t seed = 1; seed <= copies; seed++) {
        sb_moving moving = {0};
        sb_dense_part layer[LAYERS];
        assert_ok(sb_copy_create(cas, r, seed, SB_STREAM_COPY, 1, &moving));
        size_t parameters = sb_model_parameters(moving.model);
        double *here = new_doubles(2 * parameters), *there = here + parameters;
        memset(here, 0, 2 * parameters * sizeof *here);
        assert_ok(sb_model_gradient(moving.model, moving.theta, 1, &x, &one, here));
        assert_ok(sb_model_gradient(moving.model, moving.theta, 1, &other, &one, there));
        assert_int_equal(sb_model_dense_parts(moving.model, LAYERS, layer), LAYERS);
        for (size_t i = 0; i < LAYERS; i++)
            for (size_t p = layer[i].weight; p < layer[i].bias + layer[i].biases; p++)
                part[2 * i + (p >= layer[i].bias)] +=
                    share(cas, moving.gradient_scale[p], moving.step_scale[p], here[p], there[p]) / (double)copies;
        free(here);
        sb_moving_clear(&moving);
    }
}

static void wide_copies_keep_the_kernel_of_each_layer(void **state)
{
    static const char *const kind[][8] = {{"net.parametrisation=ntk", "init.weights=gaussian(1.2)", NULL},
                                          {"net.parametrisation=standard", "init.weights=glorot", NULL},
                                          {"net.parametrisation=standard", "init.weights=gaussian(0.2)", NULL}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *keys[12] = {"net.kind=layers",           "net.layers=dense(64),tanh,dense(64),tanh,dense(1)",
                                "init.biases=gaussian(0.5)", "train.eta=1e-4",
                                "train.time=1e-3",           "forecast.sources=law"};
        size_t at = 6;
        for (const char *const *key = kind[i]; *key; key++) keys[at++] = *key;
        test_case t;
        double few[2 * LAYERS], many[2 * LAYERS];
        open_case(&t, keys);
        parts_of(of_kernel, &t.cas, 1, few);
        parts_of(of_kernel, &t.cas, 8, many);
        for (size_t j = 0; j < 2 * LAYERS; j++) assert_close(many[j], few[j], .1);
        close_case(&t);
    }
}

/* The same under Adam, of what a step does to the output: where all weights move by the rate, and where epsilon is as
 * large as gradients are. */
static void wide_copies_keep_the_steps_of_each_layer(void **state)
{
    static const char *const epsilon[] = {"train.epsilon=1e-12", "train.epsilon=0.01", "train.epsilon=1"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *keys[] = {"net.kind=layers",
                              "net.layers=dense(64),tanh,dense(64),tanh,dense(1)",
                              "init.biases=gaussian(0.5)",
                              "init.weights=gaussian(1.2)",
                              "train.optimizer=adam",
                              "train.eta=1e-4",
                              "train.time=1e-3",
                              "forecast.sources=law",
                              epsilon[i],
                              NULL};
        test_case t;
        double few[2 * LAYERS], many[2 * LAYERS];
        open_case(&t, keys);
        parts_of(of_adam, &t.cas, 1, few);
        parts_of(of_adam, &t.cas, 8, many);
        for (size_t j = 0; j < 2 * LAYERS; j++) assert_close(many[j], few[j], .1);
        close_case(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_law_is_infinite_width),
        cmocka_unit_test(a_frozen_law_that_decays_is_ridge_regression),
        cmocka_unit_test(a_smooth_law_freezes_like_the_square_of_the_target),
        cmocka_unit_test(nodes_of_smooth_units_are_of_second_order),
        cmocka_unit_test(a_quiet_start_is_its_own_law),
        cmocka_unit_test(wide_copies_keep_the_kernel_of_each_layer),
        cmocka_unit_test(wide_copies_keep_the_steps_of_each_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
