/* Mini-batches under a kernel that stays what it is: the reference case of mean and covariance, training of linear
 * networks on the very same batches, coverage of bands, stability in the mean square. */
#include "common/test.h"

#include <specbias/batches.h>
#include <specbias/compare.h>
#include <specbias/fit.h>
#include <specbias/rng.h>

/* ---- an independent way: mean and covariance by their recursion ---- */

enum { N = 24, BATCH = 4, MOST_STEPS = 60, WATCHED = 2 };

typedef struct moments {
    size_t n;
    double a[N * N], mean[N], square[N * N]; /* A = F^T K F, E[u], E[u u^T] of u in units of F */
} moments;

/* c = a b, or a b^T */
static void multiply(size_t n, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            c[i * n + j] = 0;
            for (size_t k = 0; k < n; k++) c[i * n + j] += a[i * n + k] * b[k * n + j];
        }
}

/* S' = S - eta A S - eta S A + eta^2 (n/b)^2 A [p2 S + (p1 - p2) diag S] A */
static double decay; /* of weights: 1 - eta decay of the residual is left before a step of the limit's recursion */

static void step_moments(moments *m, double eta, size_t batch)
{
    size_t n = m->n;
    double b = (double)batch, p1 = b / (double)n, p2 = p1 * (b - 1) / ((double)n - 1);
    double kept = 1 - eta * decay, as[N * N], noise[N * N] = {0}, once[N * N], twice[N * N], pull[N];
    for (size_t i = 0; i < n; i++) {
        pull[i] = 0;
        for (size_t j = 0; j < n; j++) pull[i] += eta * m->a[i * n + j] * m->mean[j];
        for (size_t j = 0; j < n; j++) noise[i * n + j] = (i == j ? p1 : p2) * m->square[i * n + j];
    }
    for (size_t i = 0; i < n; i++) m->mean[i] -= pull[i];
    multiply(n, m->a, m->square, as);
    multiply(n, m->a, noise, once);
    multiply(n, once, m->a, twice);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) /* one half: what rounding makes of the other would grow */
            m->square[j * n + i] = m->square[i * n + j] = pow(kept, 2) * m->square[i * n + j] +
                                                          pow(eta * (double)n / b, 2) * twice[i * n + j] -
                                                          kept * eta * (as[i * n + j] + as[j * n + i]);
}

static double trace(const moments *m)
{
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) sum += m->square[i * m->n + i];
    return sum;
}

/* ---- the reference case of section 3 of the notes on dynamics ---- */

typedef struct world {
    double gram[N * N], u0[N], c[N], wave[WATCHED][N]; /* amplitudes 2/n sum u sin 2 pi xi x, xi = 1, 3 */
    sb_frozen frozen;
} world;

static void make_reference(world *w, const char *rule, double eta)
{
    for (size_t i = 0; i < N; i++) {
        double x = ((double)i + .5) / N;
        for (size_t j = 0; j < N; j++) w->gram[i * N + j] = exp(-pow(x - ((double)j + .5) / N, 2) / .02);
        w->wave[0][i] = 2. / N * sin(2 * M_PI * x);
        w->wave[1][i] = 2. / N * sin(6 * M_PI * x);
        w->u0[i] = sin(2 * M_PI * x) + sin(6 * M_PI * x);
        w->c[i] = 1. / N;
    }
    w->frozen = (sb_frozen){N, 1, 1, w->gram, w->c, false, sb_rule_of(rule, eta, .9)};
}

static void start_moments(const world *w, moments *m)
{
    m->n = N;
    for (size_t i = 0; i < N; i++) {
        m->mean[i] = w->u0[i] * sqrt(w->c[i]);
        for (size_t j = 0; j < N; j++) {
            m->a[i * N + j] = w->gram[i * N + j] * sqrt(w->c[i] * w->c[j]);
            m->square[i * N + j] = w->u0[i] * w->u0[j] * sqrt(w->c[i] * w->c[j]);
        }
    }
}

/* Mean and deviation of amplitude k. */
static void look_at(const world *w, const moments *m, size_t k, double *mean, double *deviation)
{
    double square = 0;
    *mean = 0;
    for (size_t i = 0; i < N; i++) {
        *mean += w->wave[k][i] * m->mean[i] / sqrt(w->c[i]);
        for (size_t j = 0; j < N; j++)
            square += w->wave[k][i] * w->wave[k][j] * m->square[i * N + j] / sqrt(w->c[i] * w->c[j]);
    }
    *deviation = sqrt(square - *mean * *mean);
}

/* u[nt][size] */
typedef struct residuals {
    size_t size;
    double *u;
} residuals;

static sb_status keep_all(void *context, size_t record, const double *u)
{
    const residuals *to = context;
    memcpy(to->u + record * to->size, u, to->size * sizeof *u);
    return SB_OK;
}

static void follow(const sb_frozen *f, bool independent, size_t rows, uint64_t seed, sb_stream stream, const double *u0,
                   size_t nt, const double *step, double *u)
{
    residuals to = {f->n * f->per_row * f->columns, u};
    sb_batches batches = {0};
    assert_ok(sb_batches_init(&batches, f->n, rows, independent, seed, stream));
    assert_ok(sb_frozen_follow(f, &batches, u0, nt, step, keep_all, &to));
    sb_batches_clear(&batches);
}

/* amplitude[runs][times][WATCHED] of simulated runs */
static void simulate(const world *w, bool independent, size_t runs, size_t nt, const double *step, double *amplitude)
{
    double *u = new_doubles(nt * N);
    for (size_t r = 0; r < runs; r++) {
        follow(&w->frozen, independent, BATCH, r, SB_STREAM_NOISE, w->u0, nt, step, u);
        for (size_t j = 0; j < nt * WATCHED; j++) {
            double *sum = &amplitude[r * nt * WATCHED + j];
            *sum = 0;
            for (size_t i = 0; i < N; i++) *sum += w->wave[j % WATCHED][i] * u[j / WATCHED * N + i];
        }
    }
    free(u);
}

static void spread_of(const double *amplitude, size_t runs, size_t stride, double *mean, double *deviation)
{
    double sum = 0, square = 0;
    for (size_t r = 0; r < runs; r++) sum += amplitude[r * stride] / (double)runs;
    for (size_t r = 0; r < runs; r++) square += pow(amplitude[r * stride] - sum, 2) / (double)(runs - 1);
    *mean = sum;
    *deviation = sqrt(square);
}

static void reference_case(void **state)
{
    static const double wanted[WATCHED][2] = {{.01096204, .04081202}, {.35091933, .02159065}};
    static world w;
    static moments m;
    (void)state;
    make_reference(&w, "gd", .35);
    start_moments(&w, &m);
    for (size_t s = 0; s < MOST_STEPS; s++) step_moments(&m, .35, BATCH);
    for (size_t k = 0; k < WATCHED; k++) {
        double mean, deviation;
        look_at(&w, &m, k, &mean, &deviation);
        assert_near(mean, wanted[k][0], 1e-8);
        assert_near(deviation, wanted[k][1], 1e-8);
    }
}

/* Simulated runs against the recursion, at a pass and at the end: within 5 standard errors. */
static void simulation_has_the_moments_of_the_recursion(void **state)
{
    enum { RUNS = 4000 };
    static const double step[] = {6, MOST_STEPS};
    static world w;
    static moments m;
    double *amplitude = new_doubles(RUNS * 2 * WATCHED);
    size_t at = 0;
    (void)state;
    make_reference(&w, "gd", .35);
    start_moments(&w, &m);
    simulate(&w, true, RUNS, 2, step, amplitude);
    for (size_t j = 0; j < 2 * WATCHED; j++) {
        double mean, deviation, seen, spread;
        for (; (double)at < step[j / WATCHED]; at++) step_moments(&m, .35, BATCH);
        look_at(&w, &m, j % WATCHED, &mean, &deviation);
        spread_of(amplitude + j, RUNS, 2 * WATCHED, &seen, &spread);
        assert_near(seen, mean, 5 * deviation / sqrt(RUNS));
        assert_close(spread, deviation, 5 / sqrt(2 * RUNS));
    }
    free(amplitude);
}

/* One permutation a pass: deviations of the notes, two digits of 1000 simulated runs. */
static void passes_are_quieter(void **state)
{
    enum { RUNS = 4000 };
    static const double step[] = {6, MOST_STEPS}, wanted[] = {.0086, .0022, .0053, .0017};
    static world w;
    double *amplitude = new_doubles(RUNS * 2 * WATCHED), mean, deviation;
    (void)state;
    make_reference(&w, "gd", .35);
    simulate(&w, false, RUNS, 2, step, amplitude);
    for (size_t j = 0; j < 2 * WATCHED; j++) {
        spread_of(amplitude + j, RUNS, 2 * WATCHED, &mean, &deviation);
        assert_near(deviation, wanted[j], 5e-5 + wanted[j] * 5 * sqrt(1. / 2 / RUNS));
    }
    assert_close(mean, .35091933, .04);                                   /* the mean at xi = 3 moves by 3 % .. */
    assert_at_least(fabs(mean - .35091933), 20 * deviation / sqrt(RUNS)); /* .. and not by chance */
    free(amplitude);
}

/* ---- training of linear networks ---- */

enum { EXAMPLES = 10, INPUTS = 4, OUTPUTS = 2, SMALL = 4, RECORDS = 4 };
static const double record[RECORDS] = {0, 1, 7, 40};

typedef struct trained {
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
    double u[RECORDS * EXAMPLES * OUTPUTS];
} trained;

static sb_status keep_residual(void *context, const sb_fit_state *state)
{
    trained *t = context;
    size_t size = EXAMPLES * sb_shape_size(t->set.output);
    for (size_t i = 0; i < size && state->record < RECORDS; i++)
        t->u[state->record * size + i] = state->h[i] - t->set.y[i];
    return SB_OK;
}

/* h = sum of inputs times weights: its kernel is X X^T for each output. */
static void open_network(trained *t, size_t outputs, const char *factor, bool weighted)
{
    const char *layer[] = {outputs == 1 ? "dense(1, nobias)" : "dense(2, nobias)"};
    seed_numbers(3);
    *t = (trained){.set = {.n = EXAMPLES, .input = {1, 1, INPUTS}, .output = {1, 1, outputs}, .place_dim = 1}};
    t->set.x = new_doubles(EXAMPLES * INPUTS);
    t->set.y = new_doubles(EXAMPLES * outputs);
    t->set.place = new_doubles(EXAMPLES);
    t->set.q = new_doubles(EXAMPLES);
    for (size_t i = 0; i < EXAMPLES * INPUTS; i++) t->set.x[i] = number_in(-1, 1);
    for (size_t i = 0; i < EXAMPLES * outputs; i++) t->set.y[i] = number_in(-1, 1);
    for (size_t i = 0; i < EXAMPLES; i++) t->set.q[i] = number_in(.5, 1.5) / EXAMPLES;
    sb_model_spec model = {.input = t->set.input,
                           .layers = 1,
                           .layer = layer,
                           .parametrisation = "standard",
                           .gain = 1,
                           .weights = "",
                           .biases = ""};
    sb_loss_spec loss = {.kind = "mse", .factor = factor, .weights = weighted ? "quadrature" : "equal"};
    assert_ok(sb_model_create(&model, &t->model));
    assert_ok(sb_loss_create(&loss, &t->set, &t->loss));
}

static void close_network(trained *t)
{
    sb_loss_destroy(&t->loss);
    sb_model_destroy(&t->model);
    free(t->set.x), free(t->set.y), free(t->set.place), free(t->set.q);
}

static void train(trained *t, sb_rule rule, bool independent, uint64_t seed)
{
    double theta[INPUTS * OUTPUTS] = {0};
    sb_fit_result result;
    sb_fit_spec spec = {.model = t->model,
                        .set = &t->set,
                        .loss = t->loss,
                        .rule = rule.kind,
                        .schedule = sb_schedule_find("constant"),
                        .eta = rule.eta,
                        .momentum = rule.beta,
                        .steps = (size_t)record[RECORDS - 1],
                        .batch = SMALL,
                        .independent = independent,
                        .seed = seed,
                        .nt = RECORDS,
                        .record_step = record,
                        .threads = 1,
                        .route = "auto",
                        .recorder = keep_residual,
                        .context = t};
    assert_ok(sb_fit(&spec, NULL, theta, &result));
}

/* gram of rows: examples, or examples times outputs */
static void linear_kernel(const trained *t, size_t per_row, double *gram)
{
    size_t rows = EXAMPLES * per_row;
    for (size_t r = 0; r < rows * rows; r++) {
        size_t a = r / rows, b = r % rows;
        gram[r] = 0;
        for (size_t k = 0; k < INPUTS && a % per_row == b % per_row; k++)
            gram[r] += t->set.x[a / per_row * INPUTS + k] * t->set.x[b / per_row * INPUTS + k];
    }
}

/* The same batches, the same residuals, whatever the rule, the loss and the rows of the kernel. */
static void a_linear_network_goes_the_way_of_its_kernel(void **state)
{
    static const char *const rules[] = {"gd", "heavy_ball", "nesterov"}, *const factors[] = {"half_mean", "half_sum"};
    double gram[EXAMPLES * OUTPUTS * EXAMPLES * OUTPUTS], c[EXAMPLES], u[RECORDS * EXAMPLES * OUTPUTS];
    (void)state;
    for (size_t i = 0; i < 48; i++) {
        size_t outputs = i & 1 ? OUTPUTS : 1, per_row = i & 2 ? outputs : 1;
        bool independent = i & 4, sum = i & 8;
        sb_rule rule = sb_rule_of(rules[i / 16], sum ? .02 : .1, .8);
        trained t;
        open_network(&t, outputs, factors[sum], !sum);
        train(&t, rule, independent, 9);
        linear_kernel(&t, per_row, gram);
        for (size_t j = 0; j < EXAMPLES; j++) c[j] = sum ? (double)SMALL / EXAMPLES : t.set.q[j];
        sb_frozen frozen = {EXAMPLES, per_row, outputs / per_row, gram, c, sum, rule};
        follow(&frozen, independent, SMALL, 9, SB_STREAM_BATCH, t.u, RECORDS, record, u);
        assert_at_most(max_difference(RECORDS * EXAMPLES * outputs, t.u, u), 1e-12);
        close_network(&t);
    }
}

/* Two runs of 200 seeds: err of the first example lies in the band of 1000 simulated runs in 90 to 99 % of them. */
static void bands_cover_runs(void **state)
{
    enum { SIMULATED = 1000, RUNS = 200 };
    double gram[EXAMPLES * EXAMPLES], c[EXAMPLES], u[RECORDS * EXAMPLES], *err = new_doubles(RECORDS * SIMULATED);
    sb_rule rule = sb_rule_of("gd", .3, 0);
    trained t;
    (void)state;
    open_network(&t, 1, "half_mean", false);
    linear_kernel(&t, 1, gram);
    for (size_t j = 0; j < EXAMPLES; j++) c[j] = 1. / EXAMPLES;
    sb_frozen frozen = {EXAMPLES, 1, 1, gram, c, false, rule};
    for (int independent = 0; independent < 2; independent++) {
        double inside[RECORDS] = {0}, start[EXAMPLES];
        for (size_t i = 0; i < EXAMPLES; i++) start[i] = -t.set.y[i];
        for (size_t r = 0; r < SIMULATED; r++) {
            follow(&frozen, independent, SMALL, r, SB_STREAM_NOISE, start, RECORDS, record, u);
            for (size_t i = 0; i < RECORDS; i++) err[i * SIMULATED + r] = fabs(u[i * EXAMPLES]);
        }
        for (size_t r = 0; r < RUNS; r++) {
            train(&t, rule, independent, r + 1);
            for (size_t i = 1; i < RECORDS; i++) {
                double *all = err + i * SIMULATED, seen = fabs(t.u[i * EXAMPLES]);
                inside[i] += seen >= sb_quantile(all, SIMULATED, .025) && seen <= sb_quantile(all, SIMULATED, .975);
            }
        }
        for (size_t i = 2; i < RECORDS; i++) { /* one step knows few batches: its quantiles are no such share */
            assert_at_least(inside[i], .9 * RUNS);
            assert_at_most(inside[i], .99 * RUNS);
        }
    }
    close_network(&t);
    free(err);
}

/* ---- stability ---- */

static void check_limit(world *w, size_t batch, double wanted)
{
    static moments m;
    sb_quadratic loss = {0};
    double eta, all, rate;
    assert_ok(sb_quadratic_weights(N, w->c, &loss));
    assert_ok(sb_batches_largest_step(w->gram, &loss, batch, decay, &eta));
    assert_ok(sb_kernel_largest_rate(w->gram, &loss, &rate));
    all = 2 / (rate + decay);
    if (wanted > 0) assert_near(eta, wanted, 1e-5 * wanted);
    if (batch == N) assert_close(eta, all, 1e-9);
    if (batch < N) assert_at_most(eta, all);
    for (int above = 0; above < 2 && batch < N; above++) {
        double before;
        start_moments(w, &m);
        for (size_t s = 0; s < 2000; s++) step_moments(&m, (above ? 1.01 : .99) * eta, batch);
        before = trace(&m);
        for (size_t s = 0; s < 500; s++) step_moments(&m, (above ? 1.01 : .99) * eta, batch);
        if (above) assert_at_least(trace(&m), 2 * before);
        if (!above) assert_at_most(trace(&m), before);
    }
    sb_quadratic_clear(&loss);
}

/* Numbers of an independent computation in numpy; the recursion grows 1 % above and falls 1 % below. */
static void mean_squares_bound_the_rate(void **state)
{
    static const size_t batch[] = {1, 2, 4, 12, 20, N};
    static const double wanted[] = {2, 3.5131860, 5.5108780, 7.9525564, 8.2654595, 8.2991628};
    static world w;
    (void)state;
    make_reference(&w, "gd", 1);
    for (size_t i = 0; i < (sanitized() ? 1 : 6); i++) check_limit(&w, batch[i], wanted[i]);
    for (size_t i = 0; i < N; i++) w.c[i] = (1 + .5 * sin((double)i)) / N;
    check_limit(&w, 3, 0);
    decay = .1;
    check_limit(&w, 3, 0);
    check_limit(&w, N, 0);
    decay = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case),     cmocka_unit_test(simulation_has_the_moments_of_the_recursion),
        cmocka_unit_test(passes_are_quieter), cmocka_unit_test(a_linear_network_goes_the_way_of_its_kernel),
        cmocka_unit_test(bands_cover_runs),   cmocka_unit_test(mean_squares_bound_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
