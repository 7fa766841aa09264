/* Forecasts of linearised training against a linearised network that is trained, step by step, by the toolkit's own
 * optimisers; test points, losses that are matrices, early stopping, what goes wrong. */
#include "common/stacks.h"
#include "common/test.h"

#include <stdio.h>

#include <specbias/linear.h>
#include <specbias/rng.h>

enum { N = 12, M = 5, STEPS = 400 };

/* A network of one input, linear in its parameters: h = h_0 + J theta on N data and M other points. */
typedef struct world {
    size_t p;
    double *j;        /* [N + M][p] */
    double u0[N + M]; /* residual at the start */
    double gram[N * N], cross[M * N];
} world;

static const stack net = {"net", {1, 1, 1}, {"dense(30)", "tanh", "dense(20)", "tanh", "dense(1)"}};

static void make_world(world *w)
{
    sb_model *model = make_stack(&net, "ntk", false, false);
    double x[N + M], h[N + M], one = 1, *theta = new_doubles(sb_model_parameters(model));
    w->p = sb_model_parameters(model);
    w->j = new_doubles((N + M) * w->p);
    sb_model_start(model, 3, SB_STREAM_TRAIN, theta);
    for (size_t i = 0; i < N + M; i++) {
        x[i] = i < N ? -1 + 2 * ((double)i + 0.3) / N : -0.83 + 0.37 * (double)(i - N);
        memset(w->j + i * w->p, 0, w->p * sizeof *w->j);
        assert_ok(sb_model_gradient(model, theta, 1, &x[i], &one, w->j + i * w->p));
    }
    assert_ok(sb_model_evaluate(model, theta, N + M, x, h));
    for (size_t i = 0; i < N + M; i++) w->u0[i] = h[i] - sin(4 * x[i]) - 0.3 * cos(9 * x[i]);
    sb_factors factors = {0};
    assert_ok(sb_model_factors(model, theta, &factors));
    sb_gram_spec spec = {.factors = &factors};
    assert_ok(sb_gram_layers(&spec, N, x, w->gram));
    assert_ok(sb_gram_layers_cross(&spec, M, x + N, N, x, w->cross));
    sb_factors_clear(&factors);
    free(theta);
    sb_model_destroy(&model);
}

/* u[N + M] after training the linear model with a loss 1/2 u^T P u, P [N][N]. */
static void train(const world *w, const double *p, const sb_rule *rule, size_t steps, double *u)
{
    double *theta = new_doubles(4 * w->p), *gradient = theta + w->p, *slot = gradient + w->p, pu[N];
    memset(theta, 0, 4 * w->p * sizeof *theta);
    for (size_t step = 0;; step++) {
        for (size_t i = 0; i < N + M; i++) {
            u[i] = w->u0[i];
            for (size_t q = 0; q < w->p; q++) u[i] += w->j[i * w->p + q] * theta[q];
        }
        if (step == steps) break;
        for (size_t i = 0; i < N; i++) {
            pu[i] = 0;
            for (size_t k = 0; k < N; k++) pu[i] += p[i * N + k] * u[k];
        }
        memset(gradient, 0, w->p * sizeof *gradient);
        for (size_t i = 0; i < N; i++)
            for (size_t q = 0; q < w->p; q++) gradient[q] += pu[i] * w->j[i * w->p + q];
        sb_update how = sb_rule_step(rule->eta, rule->beta, 0.999, 1e-8, step + 1);
        rule->kind->update(&how, w->p, theta, gradient, slot, slot + w->p);
    }
    free(theta);
}

/* Weights that differ; and a matrix of lower rank, of which rows of a trigonometric transform make frequencies. */
static void weights_of_loss(double *c, double *p)
{
    memset(p, 0, N * N * sizeof *p);
    for (size_t i = 0; i < N; i++) p[i * N + i] = c[i] = (1 + 0.5 * sin((double)i)) / N;
}

static void matrix_of_loss(double *p)
{
    memset(p, 0, N * N * sizeof *p);
    for (size_t l = 0; l < 7; l++)
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < N; k++)
                p[i * N + k] += pow(1 + (double)l, 2) * cos((double)l * (0.4 + 0.5 * (double)i)) *
                                cos((double)l * (0.4 + 0.5 * (double)k)) / N;
}

static void assert_forecast(const world *w, const sb_linear *linear, const double *p, const sb_rule *rule)
{
    static const double t[] = {0, 1, 2, 7, 50, STEPS};
    enum { NT = 6 };
    double u[NT * N], change[NT * M], trained[N + M];
    assert_ok(sb_linear_residuals(linear, rule, NT, t, w->u0, u));
    assert_ok(sb_linear_changes(linear, rule, NT, t, w->u0, M, w->cross, change));
    for (size_t i = 0; i < NT; i++) {
        train(w, p, rule, (size_t)t[i], trained);
        for (size_t k = 0; k < N; k++) assert_near(u[i * N + k], trained[k], 1e-9);
        for (size_t k = 0; k < M; k++) assert_near(w->u0[N + k] + change[i * M + k], trained[N + k], 1e-9);
    }
}

/* At a small step and at 0.97 of the largest stable one, where signs alternate; both kinds of loss. */
static void test_trained_linear_network(void **state)
{
    (void)state;
    world w;
    double c[N], p[N * N];
    make_world(&w);
    for (int dense = 0; dense < 2; dense++) {
        sb_quadratic loss = {0};
        sb_linear linear = {0};
        weights_of_loss(c, p);
        if (dense) matrix_of_loss(p);
        assert_ok(dense ? sb_quadratic_matrix(N, p, &loss) : sb_quadratic_weights(N, c, &loss));
        assert_ok(sb_linear_create(N, w.gram, false, &loss, &linear));
        if (dense) assert_int_equal(linear.rank, 7);
        for (size_t r = 0; sb_rule_at(r); r++)
            for (int heavy = 0; sb_rule_at(r)->update && sb_rule_at(r)->shrink && heavy < 2; heavy++) {
                sb_rule rule = {.kind = sb_rule_at(r), .beta = heavy ? 0.9 : 0.4};
                double largest = sb_rule_largest_step(&rule, linear.eigen.lambda[0]);
                rule.eta = 0.05 * largest;
                assert_forecast(&w, &linear, p, &rule);
                rule.eta = 0.97 * largest;
                assert_forecast(&w, &linear, p, &rule);
            }
        sb_linear_clear(&linear);
        sb_quadratic_clear(&loss);
    }
    free(w.j);
}

/* A matrix that is diagonal is the same loss as its weights. */
static void test_two_routes(void **state)
{
    (void)state;
    world w;
    double c[N], p[N * N], t[3] = {1, 30, 3000}, a[3 * N], b[3 * N];
    sb_quadratic weights = {0}, matrix = {0};
    sb_linear one = {0}, two = {0};
    sb_rule flow = sb_rule_of("flow", 0, 0);
    make_world(&w);
    weights_of_loss(c, p);
    assert_ok(sb_quadratic_weights(N, c, &weights));
    assert_ok(sb_quadratic_matrix(N, p, &matrix));
    assert_ok(sb_linear_create(N, w.gram, false, &weights, &one));
    assert_ok(sb_linear_create(N, w.gram, false, &matrix, &two));
    assert_at_most(max_difference(N, one.eigen.lambda, two.eigen.lambda), 1e-13 * one.eigen.lambda[0]);
    assert_ok(sb_linear_residuals(&one, &flow, 3, t, w.u0, a));
    assert_ok(sb_linear_residuals(&two, &flow, 3, t, w.u0, b));
    assert_at_most(max_difference(3 * N, a, b), 1e-9);
    sb_linear_clear(&one);
    sb_linear_clear(&two);
    sb_quadratic_clear(&weights);
    sb_quadratic_clear(&matrix);
    free(w.j);
}

/* The mean of many runs with batches drawn anew in each step is that of full steps, within 4 standard errors. */
static void test_mean_of_stochastic_descent(void **state)
{
    (void)state;
    enum { RUNS = 4000, FEW = 30, BATCH = 3 };
    world w;
    double c[N], p[N * N], t = FEW, forecast[N], sum[N] = {0}, square[N] = {0};
    make_world(&w);
    for (size_t i = 0; i < N; i++) c[i] = 1.0 / N;
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    assert_ok(sb_quadratic_weights(N, c, &loss));
    assert_ok(sb_linear_create(N, w.gram, false, &loss, &linear));
    sb_rule rule = sb_rule_of("gd", 0.2 / linear.eigen.lambda[0], 0);
    assert_ok(sb_linear_residuals(&linear, &rule, 1, &t, w.u0, forecast));
    for (size_t run = 0; run < RUNS; run++) {
        sb_rng rng = sb_rng_at(run + 1, SB_STREAM_DATA, 0);
        double u[N], next[N];
        memcpy(u, w.u0, sizeof u);
        for (size_t step = 0; step < FEW; step++) {
            memcpy(next, u, sizeof u);
            for (size_t b = 0; b < BATCH; b++) {
                size_t k = (size_t)(sb_rng_uniform(&rng) * N);
                for (size_t i = 0; i < N; i++) next[i] -= rule.eta / BATCH * w.gram[i * N + k] * u[k];
            }
            memcpy(u, next, sizeof u);
        }
        for (size_t i = 0; i < N; i++) {
            sum[i] += u[i] / RUNS;
            square[i] += u[i] * u[i] / RUNS;
        }
    }
    (void)p;
    for (size_t i = 0; i < N; i++) assert_near(sum[i], forecast[i], 4 * sqrt((square[i] - sum[i] * sum[i]) / RUNS));
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
    free(w.j);
}

/* The minimum against a fine scan, and the error that only falls. */
static void test_early_stopping(void **state)
{
    (void)state;
    world w;
    double c[N], p[N * N], noisy[N], v0[M];
    make_world(&w);
    weights_of_loss(c, p);
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    assert_ok(sb_quadratic_weights(N, c, &loss));
    assert_ok(sb_linear_create(N, w.gram, false, &loss, &linear));
    for (size_t i = 0; i < N; i++) noisy[i] = w.u0[i] + 0.5 * (i % 2 ? 1 : -1); /* noise that is learned late */
    memcpy(v0, w.u0 + N, sizeof v0);
    sb_rule flow = sb_rule_of("flow", 0, 0), gd = sb_rule_of("gd", 0.5 / linear.eigen.lambda[0], 0);
    sb_stop stop, steps;
    assert_ok(sb_linear_stop(&linear, &flow, 1, noisy, M, w.cross, v0, NULL, &stop));
    double least = INFINITY, where = 0;
    for (double t = 1e-4; t < 1e12; t *= 1.003) {
        double change[M], error = 0;
        assert_ok(sb_linear_changes(&linear, &flow, 1, &t, noisy, M, w.cross, change));
        for (size_t i = 0; i < M; i++) error += pow(v0[i] + change[i], 2) / M;
        if (error < least) {
            least = error;
            where = t;
        }
    }
    assert_close(stop.best, least, 1e-4);
    assert_at_most(stop.best, least);
    assert_close(stop.t, where, 4e-3);
    assert_at_least(stop.end, stop.best);
    assert_ok(sb_linear_stop(&linear, &gd, 1, noisy, M, w.cross, v0, NULL, &steps));
    assert_close(sb_rule_time(&gd, steps.t), stop.t, 0.5);
    /* on the data themselves nothing but learning happens */
    assert_ok(sb_linear_stop(&linear, &flow, 1, w.u0, N, w.gram, w.u0, c, &stop));
    assert_true(isinf(stop.t));
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
    free(w.j);
}

/* Steps are whole: with eta lambda = 1.6 the residual changes its sign at each, 0.5 + (-0.6)^t - 1 at the other point.
 */
static void test_stops_at_a_whole_step(void **state)
{
    (void)state;
    double k = 1, c = 1, u0 = 1, v0 = 0.5;
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_stop stop;
    sb_rule rule = sb_rule_of("gd", 1.6, 0);
    assert_ok(sb_quadratic_weights(1, &c, &loss));
    assert_ok(sb_linear_create(1, &k, false, &loss, &linear));
    assert_ok(sb_linear_stop(&linear, &rule, 1, &u0, 1, &k, &v0, NULL, &stop));
    assert_near(stop.t, 2, 0);
    assert_near(stop.best, 0.14 * 0.14, 1e-15);
    assert_near(stop.end, 0.25, 1e-12);
    sb_linear_clear(&linear);
    k = 0; /* nothing moves */
    assert_ok(sb_linear_create(1, &k, false, &loss, &linear));
    rule = sb_rule_of("heavy_ball", 0.1, 0.9);
    assert_ok(sb_linear_stop(&linear, &rule, 1, &u0, 1, &k, &v0, NULL, &stop));
    assert_near(stop.t, 0, 0);
    assert_near(stop.end, 0.25, 0);
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
}

/* A point that weighs nothing moves with the others and moves nobody; all points, and two columns, in one stop. */
static void test_weights_of_zero(void **state)
{
    (void)state;
    world w;
    double c[N], few[N - 1], part[(N - 1) * (N - 1)], t = 30, a[N], b[N - 1], change;
    sb_quadratic with = {0}, without = {0};
    sb_linear one = {0}, two = {0};
    sb_rule flow = sb_rule_of("flow", 0, 0);
    make_world(&w);
    for (size_t i = 0; i < N; i++) c[i] = i == 0 ? 0 : 1.0 / N;
    for (size_t i = 1; i < N; i++) {
        few[i - 1] = c[i];
        for (size_t k = 1; k < N; k++) part[(i - 1) * (N - 1) + k - 1] = w.gram[i * N + k];
    }
    assert_ok(sb_quadratic_weights(N, c, &with));
    assert_ok(sb_quadratic_weights(N - 1, few, &without));
    assert_int_equal(with.rank, N - 1);
    assert_ok(sb_linear_create(N, w.gram, false, &with, &one));
    assert_ok(sb_linear_create(N - 1, part, false, &without, &two));
    assert_ok(sb_linear_residuals(&one, &flow, 1, &t, w.u0, a));
    assert_ok(sb_linear_residuals(&two, &flow, 1, &t, w.u0 + 1, b));
    assert_at_most(max_difference(N - 1, a + 1, b), 1e-9);
    assert_ok(sb_linear_changes(&two, &flow, 1, &t, w.u0 + 1, 1, w.gram + 1, &change));
    assert_near(a[0], w.u0[0] + change, 1e-9);
    sb_linear_clear(&one);
    sb_linear_clear(&two);
    sb_quadratic_clear(&with);
    sb_quadratic_clear(&without);
    free(w.j);
}

/* More points than modes take another way through the sum of squares: here each point 40 times. */
static void test_two_ways_to_stop(void **state)
{
    (void)state;
    enum { TIMES = 40 };
    world w;
    double c[N], noisy[N], *cross = new_doubles(TIMES * M * N), *v0 = new_doubles(TIMES * M);
    make_world(&w);
    for (size_t i = 0; i < N; i++) {
        c[i] = 1.0 / N;
        noisy[i] = w.u0[i] + 0.5 * (i % 2 ? 1 : -1);
    }
    for (size_t k = 0; k < TIMES; k++) {
        memcpy(cross + k * M * N, w.cross, sizeof w.cross);
        memcpy(v0 + k * M, w.u0 + N, M * sizeof *v0);
    }
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_stop one, many;
    assert_ok(sb_quadratic_weights(N, c, &loss));
    assert_ok(sb_linear_create(N, w.gram, false, &loss, &linear));
    for (int gd = 0; gd < 2; gd++) {
        sb_rule rule = sb_rule_of(gd ? "gd" : "flow", 0.3 / linear.eigen.lambda[0], 0);
        assert_ok(sb_linear_stop(&linear, &rule, 1, noisy, M, w.cross, w.u0 + N, NULL, &one));
        assert_ok(sb_linear_stop(&linear, &rule, 1, noisy, TIMES * M, cross, v0, NULL, &many));
        assert_close(many.t, one.t, 1e-3);
        assert_close(many.best, one.best, 1e-9);
        assert_close(many.end, one.end, 1e-9);
        assert_close(many.start, one.start, 1e-12);
    }
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
    free(cross);
    free(v0);
    free(w.j);
}

/* Rounding of float makes rates that are a little negative; they are taken for 0, larger ones are an error. */
static void test_kernels_of_float(void **state)
{
    (void)state;
    double c[2] = {1, 1}, k[4] = {1, 1 + 1e-8, 1 + 1e-8, 1}, u0[2] = {1, -1}, u[2], t = 1e12;
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_rule flow = sb_rule_of("flow", 0, 0);
    assert_ok(sb_quadratic_weights(2, c, &loss));
    assert_fails(sb_linear_create(2, k, false, &loss, &linear), SB_ERR_NUMERIC, "indefinite beyond rounding");
    assert_ok(sb_linear_create(2, k, true, &loss, &linear));
    assert_ok(sb_linear_residuals(&linear, &flow, 1, &t, u0, u));
    assert_near(u[0], 1, 1e-12);
    sb_linear_clear(&linear);
    k[1] = k[2] = 1.01;
    assert_fails(sb_linear_create(2, k, true, &loss, &linear), SB_ERR_NUMERIC, "indefinite beyond rounding");
    sb_quadratic_clear(&loss);
}

/* u^T P u and P u of several columns against loops, for weights, weights of which some are 0, and a matrix. */
static void test_value_and_gradient(void **state)
{
    enum { COLUMNS = 3 };
    double c[N], p[N * N], u[N * COLUMNS], g[N * COLUMNS], one[N], scratch[N];
    (void)state;
    seed_numbers(5);
    for (int kind = 0; kind < 3; kind++) {
        sb_quadratic loss = {0};
        weights_of_loss(c, p);
        if (kind == 1) c[2] = p[2 * N + 2] = 0;
        if (kind == 2) matrix_of_loss(p);
        assert_ok(kind == 2 ? sb_quadratic_matrix(N, p, &loss) : sb_quadratic_weights(N, c, &loss));
        for (size_t i = 0; i < N * COLUMNS; i++) u[i] = number_in(-1, 1);
        sb_quadratic_gradient(&loss, COLUMNS, u, g, scratch);
        for (size_t k = 0; k < COLUMNS; k++) {
            double value = 0;
            for (size_t i = 0; i < N; i++) {
                double wanted = 0;
                for (size_t j = 0; j < N; j++) wanted += p[i * N + j] * u[j * COLUMNS + k];
                assert_near(g[i * COLUMNS + k], wanted, 1e-13);
                value += u[i * COLUMNS + k] * wanted;
                one[i] = u[i * COLUMNS + k];
            }
            assert_close(sb_quadratic_value(&loss, one), value, 1e-12);
        }
        sb_quadratic_clear(&loss);
    }
}

/* Of rows that are examples times outputs: each output has the weights of the examples. */
static void test_losses_of_several_outputs(void **state)
{
    enum { OUT = 3 };
    double c[N], p[N * N], u[N * OUT], apart[N * OUT], together[N * OUT], scratch[N * OUT];
    sb_quadratic loss = {0}, all = {0};
    (void)state;
    seed_numbers(6);
    weights_of_loss(c, p);
    assert_ok(sb_quadratic_weights(N, c, &loss));
    assert_ok(sb_quadratic_repeat(&loss, OUT, &all));
    assert_true(all.rows == N * OUT && all.rank == N * OUT);
    for (size_t i = 0; i < N * OUT; i++) u[i] = number_in(-1, 1);
    sb_quadratic_gradient(&loss, OUT, u, apart, scratch);
    sb_quadratic_gradient(&all, 1, u, together, scratch);
    assert_at_most(max_difference(N * OUT, apart, together), 1e-16);
    double value = 0;
    for (size_t i = 0; i < N * OUT; i++) value += c[i / OUT] * u[i] * u[i];
    assert_close(sb_quadratic_value(&all, u), value, 1e-14);
    sb_quadratic_clear(&loss);
    sb_quadratic_clear(&all);
    matrix_of_loss(p);
    assert_ok(sb_quadratic_matrix(N, p, &loss));
    assert_fails(sb_quadratic_repeat(&loss, OUT, &all), SB_ERR_UNSUPPORTED, "only weights repeat");
    sb_quadratic_clear(&loss);
}

static void test_what_goes_wrong(void **state)
{
    (void)state;
    double c[2] = {1, -1}, p[4] = {1, 0.5, 0.5, 1}, k[4] = {2, 1, 1, 2};
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    assert_fails(sb_quadratic_weights(2, c, &loss), SB_ERR_INPUT, "weight 2 of the loss is -1");
    c[1] = NAN;
    assert_fails(sb_quadratic_weights(2, c, &loss), SB_ERR_INPUT, "must not be negative");
    p[1] = 0.6;
    assert_fails(sb_quadratic_matrix(2, p, &loss), SB_ERR_INPUT, "not symmetric");
    p[1] = p[2] = 1.5;
    assert_fails(sb_quadratic_matrix(2, p, &loss), SB_ERR_INPUT, "not convex");
    p[1] = p[2] = NAN;
    assert_fails(sb_quadratic_matrix(2, p, &loss), SB_ERR_INPUT, "not finite");
    c[1] = 1;
    assert_ok(sb_quadratic_weights(2, c, &loss));
    assert_fails(sb_linear_create(3, k, false, &loss, &linear), SB_ERR_INPUT, "2 weights, the kernel 3 rows");
    k[1] = k[2] = 3;
    assert_fails(sb_linear_create(2, k, false, &loss, &linear), SB_ERR_NUMERIC, "indefinite beyond rounding");
    k[1] = NAN;
    assert_fails(sb_linear_create(2, k, false, &loss, &linear), SB_ERR_NUMERIC, "not finite");
    sb_quadratic_clear(&loss);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trained_linear_network),
        cmocka_unit_test(test_two_routes),
        cmocka_unit_test(test_mean_of_stochastic_descent),
        cmocka_unit_test(test_early_stopping),
        cmocka_unit_test(test_stops_at_a_whole_step),
        cmocka_unit_test(test_weights_of_zero),
        cmocka_unit_test(test_two_ways_to_stop),
        cmocka_unit_test(test_kernels_of_float),
        cmocka_unit_test(test_value_and_gradient),
        cmocka_unit_test(test_losses_of_several_outputs),
        cmocka_unit_test(test_what_goes_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
