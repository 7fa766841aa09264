/* Forecasts of what is watched, of several outputs, under losses that weigh rows or are dense, against the recursion
 * u <- u - eta K P u and its forms with momentum, step by step; times of crossing, and rates of wrong theories. */
#include "common/test.h"

#include <specbias/linear.h>
#include <specbias/watch.h>

enum { N = 9, OUT = 3, SIZE = N * OUT, WAVES = 2, ALONG = 2, FILTERS = 1, NT = 5 };

static const double steps[NT] = {0, 1, 2, 17, 300};

/* The kernel is that of all outputs, per_row = OUT, or one that each output has to itself. */
typedef struct world {
    size_t per_row, rows, columns;
    double x[N], y[SIZE], u0[SIZE];
    double gram[SIZE * SIZE], p[SIZE * SIZE]; /* [rows][rows] */
    sb_quadratic loss;
    sb_watch watch;
    sb_kernel_modes modes;
} world;

static void random_kernel(size_t rows, double *gram)
{
    double *b = new_doubles(rows * rows);
    for (size_t i = 0; i < rows * rows; i++) b[i] = number_in(-1, 1);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < rows; j++) {
            gram[i * rows + j] = 0;
            for (size_t l = 0; l < rows; l++) gram[i * rows + j] += b[i * rows + l] * b[j * rows + l];
        }
    free(b);
}

typedef enum loss_kind { WEIGHTS, SOME_ZERO, DENSE } loss_kind;

/* DENSE: weights (1 + l^2) of a few waves in x, as of a Sobolev norm, which leave most of the residual alone. */
static void make_loss(world *w, loss_kind kind)
{
    size_t n = w->rows;
    double c[SIZE];
    memset(w->p, 0, sizeof w->p);
    for (size_t i = 0; i < n; i++) c[i] = kind == SOME_ZERO && i % 3 == 1 ? 0 : number_in(0.5, 1.5) / N;
    if (kind != DENSE) {
        for (size_t i = 0; i < n; i++) w->p[i * n + i] = c[i];
        assert_ok(sb_quadratic_weights(n, c, &w->loss));
        return;
    }
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                w->p[i * n + j] += (1 + (double)(l * l)) * cos(1.3 * (double)(l * i) + 0.2) *
                                   cos(1.3 * (double)(l * j) + 0.2) / (double)n;
    assert_ok(sb_quadratic_matrix(n, w->p, &w->loss));
    assert_in_range(w->loss.rank, 2, n - 1);
}

static void open_world(world *w, size_t per_row, loss_kind kind, size_t filters)
{
    static const double xi[WAVES] = {0.4, 1.1}, along[ALONG] = {0.3, 0.7}, variance[FILTERS] = {0.2};
    seed_numbers(21);
    *w = (world){.per_row = per_row, .rows = N * per_row, .columns = OUT / per_row};
    for (size_t i = 0; i < N; i++) w->x[i] = number_in(-1, 1);
    for (size_t i = 0; i < SIZE; i++) w->y[i] = number_in(-1, 1);
    for (size_t i = 0; i < SIZE; i++) w->u0[i] = number_in(-1, 1);
    w->watch.n = N;
    w->watch.outputs = OUT;
    assert_ok(sb_modes_create(N, 1, w->x, NULL, WAVES, xi, OUT, w->y, &w->watch.modes));
    assert_ok(sb_modes_create(N, 1, w->x, NULL, ALONG, along, OUT, w->y, &w->watch.along));
    if (filters) assert_ok(sb_filter_create(N, 1, w->x, OUT, w->y, filters, variance, 1, 1, &w->watch.filter));
    assert_ok(sb_watch_finish(&w->watch, xi, xi, "cycles", along, variance, false));
    random_kernel(w->rows, w->gram);
    make_loss(w, kind);
    assert_ok(sb_kernel_modes_create(w->gram, false, per_row, &w->loss, &w->watch, &w->modes));
}

static void close_world(world *w)
{
    sb_kernel_modes_clear(&w->modes);
    sb_quadratic_clear(&w->loss);
    sb_watch_clear(&w->watch);
}

/* out[rows][columns] = m in */
static void apply(const world *w, const double *m, const double *in, double *out)
{
    size_t n = w->rows, columns = w->columns;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < columns; c++) {
            out[i * columns + c] = 0;
            for (size_t j = 0; j < n; j++) out[i * columns + c] += m[i * n + j] * in[j * columns + c];
        }
}

/* u[NT][SIZE] of the recursion; `name` is "gd", "heavy_ball" or "nesterov". */
static void step_by_step(const world *w, const char *name, double eta, double beta, double *u)
{
    double now[SIZE], g[SIZE], m[SIZE] = {0}, d[SIZE], change[SIZE];
    memcpy(now, w->u0, sizeof now);
    for (size_t r = 0, s = 0; r < NT; r++) {
        for (; (double)s < steps[r]; s++) {
            apply(w, w->p, now, g);
            for (size_t i = 0; i < SIZE; i++) {
                m[i] = beta * m[i] + g[i];
                d[i] = strcmp(name, "gd") == 0 ? g[i] : strcmp(name, "nesterov") == 0 ? g[i] + beta * m[i] : m[i];
            }
            apply(w, w->gram, d, change);
            for (size_t i = 0; i < SIZE; i++) now[i] -= eta * change[i];
        }
        memcpy(u + r * SIZE, now, sizeof now);
    }
}

/* Exact to rounding: fourth order in steps far below the fastest mode. */
static void flow_by_steps(const world *w, double scale, double *u)
{
    double now[SIZE], k[4][SIZE], at[SIZE], g[SIZE];
    memcpy(now, w->u0, sizeof now);
    for (size_t r = 0; r < NT; r++) {
        double time = r ? (steps[r] - steps[r - 1]) * scale : 0, parts = ceil(200 * time / scale), h = time / parts;
        for (double s = 0; s < parts; s++) {
            for (size_t stage = 0; stage < 4; stage++) {
                double part = stage == 0 ? 0 : stage == 3 ? h : h / 2;
                for (size_t i = 0; i < SIZE; i++) at[i] = now[i] - (stage ? part * k[stage - 1][i] : 0);
                apply(w, w->p, at, g);
                apply(w, w->gram, g, k[stage]);
            }
            for (size_t i = 0; i < SIZE; i++) now[i] -= h / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
        }
        memcpy(u + r * SIZE, now, sizeof now);
    }
}

static const sb_terms terms = {.loss_factor = 1, .parametrisation = "ntk", .time_unit = "flow"};

static void make_table(const world *w, double eta, sb_decay *decay)
{
    double t[NT];
    for (size_t i = 0; i < NT; i++) t[i] = eta * steps[i];
    assert_ok(sb_decay_init(decay, &w->watch.items, NT, t, steps, "forecast", SB_FORM_GD, &terms));
}

/* Residuals and everything watched of them are those of u[NT][SIZE]. */
static void assert_forecast(const world *w, const sb_rule *rule, double eta, const double *u)
{
    double again[NT * SIZE], err[16], t[NT];
    double complex amp[64];
    sb_decay decay = {0};
    make_table(w, eta, &decay);
    for (size_t i = 0; i < NT; i++) t[i] = rule->kind->update ? steps[i] : eta * steps[i];
    assert_ok(sb_kernel_residuals(&w->modes, rule, w->u0, NT, t, again));
    assert_at_most(max_difference(NT * SIZE, again, u), 1e-11);
    assert_ok(sb_kernel_forecast(&w->modes, rule, NULL, w->u0, &decay));
    for (size_t i = 0; i < NT; i++) {
        assert_ok(sb_watch_apply(&w->watch, u + i * SIZE, 1, amp, err));
        assert_at_most(max_difference(decay.nxi, decay.err + i * decay.nxi, err), 1e-10);
        for (size_t j = 0; j < decay.items.parts; j++)
            assert_at_most(cabs(decay.amp[i * decay.items.parts + j] - amp[j]), 1e-11);
    }
    sb_decay_clear(&decay);
}

static void forecasts_are_the_recursion(void **state)
{
    static world w;
    static const struct {
        const char *name;
        double beta;
    } rules[] = {{"gd", 0}, {"heavy_ball", 0.8}, {"nesterov", 0.8}};
    double u[NT * SIZE];
    (void)state;
    for (size_t trial = 0; trial < 12; trial++) {
        open_world(&w, trial % 2 ? OUT : 1, (loss_kind)(trial / 2 % 3), trial / 6);
        for (size_t r = 0; r < 3; r++) {
            sb_rule rule = sb_rule_of(rules[r].name, 0, rules[r].beta);
            double largest = sb_rule_largest_step(&rule, w.modes.linear.eigen.lambda[0]);
            for (int fast = 0; fast < 2; fast++) {
                rule.eta = (fast ? 0.9 : 0.05) * largest;
                step_by_step(&w, rules[r].name, rule.eta, rule.beta, u);
                assert_forecast(&w, &rule, rule.eta, u);
            }
        }
        close_world(&w);
    }
}

static void flows_are_those_of_small_steps(void **state)
{
    static world w;
    double u[NT * SIZE];
    (void)state;
    for (size_t trial = 0; trial < 2; trial++) {
        sb_rule flow = sb_rule_of("flow", 0, 0);
        open_world(&w, trial ? OUT : 1, DENSE, trial);
        double scale = 0.5 / w.modes.linear.eigen.lambda[0];
        flow_by_steps(&w, scale, u);
        assert_forecast(&w, &flow, scale, u);
        close_world(&w);
    }
}

/* Twice the rates at half the step are the same steps. */
static void other_rates_replace_the_eigenvalues(void **state)
{
    static world w;
    (void)state;
    for (size_t trial = 0; trial < 8; trial++) {
        double rate[SIZE];
        sb_decay own = {0}, other = {0};
        open_world(&w, trial % 2 ? OUT : 1, trial / 2 % 2 ? DENSE : WEIGHTS, trial / 4);
        const sb_linear *linear = &w.modes.linear;
        assert_int_equal(linear->shares, linear->rank);
        sb_rule rule = sb_rule_of("gd", 0.5 / linear->eigen.lambda[0], 0), half = rule;
        half.eta /= 2;
        for (size_t k = 0; k < linear->rank; k++) rate[k] = 2 * linear->eigen.lambda[k];
        make_table(&w, rule.eta, &own);
        make_table(&w, rule.eta, &other);
        assert_ok(sb_kernel_forecast(&w.modes, &rule, NULL, w.u0, &own));
        assert_ok(sb_kernel_forecast(&w.modes, &half, rate, w.u0, &other));
        assert_at_most(max_difference(NT * own.nxi, own.err, other.err), 1e-13);
        assert_ok(sb_kernel_forecast(&w.modes, &rule, rate, w.u0, &other));
        assert_at_least(max_difference(NT * own.nxi, own.err, other.err), 1e-2);
        sb_decay_clear(&own);
        sb_decay_clear(&other);
        close_world(&w);
    }
}

/* Of a kernel of five decades in a dense loss whose largest weights are where it is smallest: rates in any order leave
 * modes without digits alone, and the residual as large as it was. */
static void permuted_rates_of_a_dense_loss_stay_bounded(void **state)
{
    enum { M = 10 };
    double gram[M * M] = {0}, p[M * M] = {0}, x[M], y[M], rate[M], u[M];
    static const double xi = 0.3, step[3] = {0, 1000, 100000};
    sb_quadratic loss = {0};
    sb_watch watch = {.n = M, .outputs = 1};
    sb_kernel_modes modes = {0};
    sb_decay decay = {0};
    (void)state;
    seed_numbers(22);
    for (size_t l = 0; l < M; l++)
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < M; j++) {
                double product =
                    cos(M_PI * (double)l * ((double)i + 0.5) / M) * cos(M_PI * (double)l * ((double)j + 0.5) / M);
                gram[i * M + j] += product * pow(10, -2. * (double)l);
                p[i * M + j] += product * (l % 2 ? 1 : 0.1);
            }
    for (size_t i = 0; i < M; i++) x[i] = (double)i / M, y[i] = u[i] = number_in(-1, 1);
    assert_ok(sb_quadratic_matrix(M, p, &loss));
    assert_ok(sb_modes_create(M, 1, x, NULL, 1, &xi, 1, y, &watch.modes));
    assert_ok(sb_watch_finish(&watch, &xi, &xi, "cycles", NULL, NULL, false));
    assert_ok(sb_kernel_modes_create(gram, false, 1, &loss, &watch, &modes));
    size_t shares = modes.linear.shares;
    assert_in_range(shares, 3, M - 2);
    const double *lambda = modes.linear.eigen.lambda;
    sb_rule rule = sb_rule_of("gd", 0.5 / lambda[0], 0);
    for (size_t k = 0; k < M; k++)
        rate[k] = k > 0 && k < shares ? lambda[M - k] : lambda[k]; /* of those without digits */
    assert_ok(sb_decay_init(&decay, &watch.items, 3, step, step, "wrong", SB_FORM_GD, &terms));
    assert_ok(sb_kernel_forecast(&modes, &rule, rate, u, &decay));
    for (size_t i = 0; i < 3; i++) assert_at_most(decay.err[i], 10);
    assert_at_least(fabs(decay.err[2] - decay.err[0]), 1e-3);
    sb_decay_clear(&decay);
    sb_kernel_modes_clear(&modes);
    sb_watch_clear(&watch);
    sb_quadratic_clear(&loss);
}

/* A kernel of float: rates that are noise stand still, also where a dense loss divides by them. */
static void noise_of_a_float_kernel_stands_still(void **state)
{
    static const double gram[4] = {1, 0, 0, 1e-8}, p[4] = {1, 0.1, 0.1, 1}, u0[2] = {1, 1}, t[2] = {0, 1e6};
    double u[4];
    sb_quadratic loss = {0};
    sb_linear linear = {0};
    sb_rule flow = sb_rule_of("flow", 0, 0);
    (void)state;
    assert_ok(sb_quadratic_matrix(2, p, &loss));
    assert_ok(sb_linear_create(2, gram, true, &loss, &linear));
    assert_true(linear.eigen.lambda[1] == 0);
    assert_ok(sb_linear_residuals(&linear, &flow, 2, t, u0, u));
    assert_at_most(max_difference(2, u, u0), 1e-13);
    assert_at_most(max_abs(2, u + 2), 1.2); /* P u = 0 in the first row: u = (-0.1, 1) */
    assert_near(u[2], -0.1, 1e-6);
    assert_near(u[3], 1, 1e-6);
    sb_linear_clear(&linear);
    sb_quadratic_clear(&loss);
}

/* ---- times ---- */

/* Of one output: T of frequencies, degrees, along a line lie where err crosses q; a filter has none. */
static void times_are_where_errors_cross(void **state)
{
    enum { M = 24, ITEMS = 6 };
    static const size_t degree[2] = {1, 2};
    static const double label[2] = {1, 2}, along[2] = {0.3, 0.7}, variance = 0.3, q = 0.3;
    double x[M * 2], line[M], y[M], u0[M], c[M], *gram = new_doubles(M * M), times[ITEMS], u[M], err[ITEMS];
    sb_quadratic loss = {0};
    sb_watch watch = {.n = M, .outputs = 1};
    sb_kernel_modes modes = {0};
    (void)state;
    seed_numbers(23);
    for (size_t i = 0; i < M; i++) {
        double angle = number_in(0, 2 * M_PI);
        x[2 * i] = cos(angle);
        x[2 * i + 1] = sin(angle);
        line[i] = x[2 * i];
        y[i] = number_in(-1, 1);
        u0[i] = -y[i];
        c[i] = 1. / M;
    }
    random_kernel(M, gram);
    assert_ok(sb_quadratic_weights(M, c, &loss));
    assert_ok(sb_modes_create_degrees(M, 2, x, c, 2, degree, 1, y, &watch.modes));
    assert_ok(sb_modes_create(M, 1, line, NULL, 2, along, 1, y, &watch.along));
    assert_ok(sb_filter_create(M, 2, x, 1, y, 1, &variance, 1, 1, &watch.filter));
    assert_ok(sb_watch_finish(&watch, label, label, "degree", along, &variance, false));
    assert_ok(sb_kernel_modes_create(gram, false, 1, &loss, &watch, &modes));
    sb_rule flow = sb_rule_of("flow", 0, 0);
    assert_ok(sb_kernel_times(&modes, &flow, u0, q, times));
    for (size_t k = 0; k < 4; k++) {
        for (int side = 0; side < 2; side++) {
            double t = times[k] * (side ? 1 + 1e-6 : 1 - 1e-6);
            assert_ok(sb_kernel_residuals(&modes, &flow, u0, 1, &t, u));
            assert_ok(sb_watch_apply(&watch, u, 1, NULL, err));
            assert_true(side ? err[k] < q : err[k] > q);
        }
        for (double t = 1.01 * times[k]; t < 100 * times[k]; t *= 1.05) { /* for good */
            assert_ok(sb_kernel_residuals(&modes, &flow, u0, 1, &t, u));
            assert_ok(sb_watch_apply(&watch, u, 1, NULL, err));
            assert_at_most(err[k], q);
        }
    }
    assert_true(isnan(times[4]) && isnan(times[5]));
    sb_kernel_modes_clear(&modes);
    sb_watch_clear(&watch);
    sb_quadratic_clear(&loss);
    free(gram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forecasts_are_the_recursion),
        cmocka_unit_test(flows_are_those_of_small_steps),
        cmocka_unit_test(other_rates_replace_the_eigenvalues),
        cmocka_unit_test(permuted_rates_of_a_dense_loss_stay_bounded),
        cmocka_unit_test(noise_of_a_float_kernel_stands_still),
        cmocka_unit_test(times_are_where_errors_cross),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
