/* A residual under a kernel that moves: against steps one by one, against eigenpairs where it stands still; what is
 * said of times that are not reached. */
#include "common/test.h"

#include <specbias/path.h>
#include <specbias/rng.h>

enum { N = 7, COLUMNS = 2, NODES = 4, NT = 40, ITEMS = 2 };

static const double steps_of_nodes[NODES] = {0, 30, 200, 1500};

typedef struct world {
    double gram[NODES * N * N], p[N * N], u0[N * COLUMNS], step[NT], weight[ITEMS * N * COLUMNS];
    size_t columns;
    sb_quadratic loss;
    sb_path path;
    sb_watched watched;
} world;

/* err_k = |weight_k . u| */
static sb_status err_of(const void *context, const double *u, double *err)
{
    const world *w = context;
    size_t size = N * w->columns;
    for (size_t k = 0; k < ITEMS; k++) {
        double sum = 0;
        for (size_t i = 0; i < size; i++) sum += w->weight[k * size + i] * u[i];
        err[k] = fabs(sum);
    }
    return SB_OK;
}

/* Weights, or a matrix of three waves, (1 + l) of wave l, that leaves four directions alone. */
static void make_loss(world *w, const double *c, bool dense)
{
    memset(w->p, 0, sizeof w->p);
    for (size_t i = 0; i < N && !dense; i++) w->p[i * N + i] = c[i];
    for (size_t l = 0; dense && l < 3; l++)
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                w->p[i * N + j] += (1 + (double)l) * cos(0.9 * (double)(l * i)) * cos(0.9 * (double)(l * j)) / (4. * N);
    sb_quadratic_clear(&w->loss);
    assert_ok(dense ? sb_quadratic_matrix(N, w->p, &w->loss) : sb_quadratic_weights(N, c, &w->loss));
    assert_int_equal(w->loss.rank, dense ? 3 : N);
}

/* Kernels B B^T of factors that grow and turn from node to node by about `change`; a dense loss sees two residuals. */
static void open_world(world *w, const char *rule, double change, bool dense)
{
    double b[N * N], c[N];
    w->columns = dense ? COLUMNS : 1;
    size_t size = N * w->columns;
    seed_numbers(7);
    for (size_t i = 0; i < N * N; i++) b[i] = number_in(-1, 1);
    for (size_t a = 0; a < NODES; a++) {
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                double sum = 0;
                for (size_t l = 0; l < N; l++) sum += b[i * N + l] * b[j * N + l];
                w->gram[(a * N + i) * N + j] = sum;
            }
        for (size_t i = 0; i < N * N; i++) b[i] += change * number_in(-1, 1);
    }
    for (size_t i = 0; i < N; i++) c[i] = number_in(0.5, 1.5) / N, w->u0[i] = number_in(-1, 1);
    for (size_t i = N; i < size; i++) w->u0[i] = number_in(-1, 1);
    make_loss(w, c, dense);
    for (size_t k = 0; k < ITEMS; k++) {
        double sum = 0, *weight = w->weight + k * size;
        for (size_t i = 0; i < size; i++) sum += (weight[i] = number_in(-1, 1)) * w->u0[i];
        for (size_t i = 0; i < size; i++) weight[i] /= sum; /* err is 1 at the start */
    }
    w->step[0] = 0;
    for (size_t i = 1; i < NT; i++) w->step[i] = fmax(w->step[i - 1] + 1, floor(pow(2000, (double)i / (NT - 1))));
    w->path = (sb_path){N,
                        NODES,
                        steps_of_nodes,
                        w->gram,
                        w->columns,
                        &w->loss,
                        sb_rule_of(rule, strcmp(rule, "gd") == 0 ? 0.05 : 0.005, 0.9),
                        NULL,
                        false};
    w->watched = (sb_watched){ITEMS, err_of, w};
}

/* K of one step, straight from the definition. */
static void kernel_at(const world *w, double step, double *k)
{
    const double *t = steps_of_nodes;
    size_t i = 0;
    while (i + 2 < NODES && step >= t[i + 1]) i++;
    double part = i == 0 ? step / t[1] : fmin(log(step / t[i]) / log(t[i + 1] / t[i]), 1);
    for (size_t j = 0; j < N * N; j++) k[j] = (1 - part) * w->gram[i * N * N + j] + part * w->gram[(i + 1) * N * N + j];
}

/* v[N][columns] = m u */
static void multiply(const world *w, const double *m, const double *u, double *v)
{
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < w->columns; c++) {
            v[i * w->columns + c] = 0;
            for (size_t j = 0; j < N; j++) v[i * w->columns + c] += m[i * N + j] * u[j * w->columns + c];
        }
}

/* The direction of a rule's step after gradients g. */
static void remember(const world *w, const double *g, double *v, double *along)
{
    const sb_rule *rule = &w->path.rule;
    const char *name = rule->kind->name;
    for (size_t i = 0; i < N * w->columns; i++) {
        v[i] = rule->beta * v[i] + g[i];
        along[i] = strcmp(name, "gd") == 0 ? g[i] : strcmp(name, "heavy_ball") == 0 ? v[i] : g[i] + rule->beta * v[i];
    }
}

/* g of the batch alone, n / its size times; of a sum n / ROWS times, also of a short one. */
enum { ROWS = 3 };
static void keep_batch(const world *w, size_t step, double *g)
{
    double share[N] = {0};
    size_t count;
    const size_t *index = sb_batches_at(w->path.batches, step, &count);
    for (size_t i = 0; i < count; i++) share[index[i]] = (double)N / (double)(w->path.sum ? ROWS : count);
    for (size_t i = 0; i < N * w->columns; i++) g[i] *= share[i / w->columns];
}

/* Each of the gradients that momentum remembers moves u by the mean of the kernels then and now. */
static void step_by_step(const world *w, double *err)
{
    double u[N * COLUMNS], v[2][N * COLUMNS] = {{0}}, g[N * COLUMNS], along[N * COLUMNS], change[N * COLUMNS], k[N * N];
    double pull[N * COLUMNS], then[N * COLUMNS];
    memcpy(u, w->u0, sizeof u);
    for (size_t r = 0, s = 0; r < NT; r++) {
        for (; (double)s < w->step[r]; s++) {
            kernel_at(w, (double)s + 0.5, k);
            multiply(w, w->p, u, g);
            if (w->path.batches) keep_batch(w, s, g);
            multiply(w, k, g, pull);
            remember(w, g, v[0], along);
            remember(w, pull, v[1], then);
            multiply(w, k, along, change);
            for (size_t i = 0; i < N * w->columns; i++) u[i] -= w->path.rule.eta / 2 * (change[i] + then[i]);
        }
        assert_ok(err_of(w, u, err + r * ITEMS));
    }
}

static const char *const rules[] = {"gd", "heavy_ball", "nesterov"};

/* The kernel more than doubles from node to node, or moves by a tenth of that: what its pieces cost goes with it. */
static void moving_kernel(void **state)
{
    static world w;
    double err[NT * ITEMS], exact[NT * ITEMS];
    (void)state;
    for (size_t r = 0; r < 6; r++)
        for (int small = 0; small < 2; small++) {
            open_world(&w, rules[r % 3], small ? 0.05 : 0.5, r >= 3);
            assert_ok(sb_path_follow(&w.path, &w.watched, NT, w.step, w.u0, err));
            step_by_step(&w, exact);
            assert_at_most(max_difference(NT * ITEMS, err, exact), small ? 2e-5 : 1e-4);
        }
    sb_quadratic_clear(&w.loss);
}

/* The same through mini-batches, of which the last of a pass is short. */
static void moving_kernel_in_batches(void **state)
{
    static world w;
    double err[NT * ITEMS], exact[NT * ITEMS];
    (void)state;
    for (size_t r = 0; r < 12; r++) {
        sb_batches batches = {0};
        open_world(&w, rules[r % 3], 0.05, false);
        assert_ok(sb_batches_init(&batches, N, ROWS, r & 1, 4, SB_STREAM_BATCH));
        w.path.batches = &batches;
        w.path.sum = r >= 6;
        w.path.rule.eta /= 10;
        assert_ok(sb_path_follow(&w.path, &w.watched, NT, w.step, w.u0, err));
        step_by_step(&w, exact);
        assert_at_most(max_difference(NT * ITEMS, err, exact), 2e-5 * fmax(1, max_abs(NT * ITEMS, exact)));
        sb_batches_clear(&batches);
    }
    sb_quadratic_clear(&w.loss);
}

/* K(0) alone: steps one by one, and of one column sums over modes (1 - eta lambda)^k and theirs with momentum. */
static void standing_kernel(void **state)
{
    static world w;
    double err[NT * ITEMS], u[NT * N], exact[NT * ITEMS];
    (void)state;
    for (size_t r = 0; r < 6; r++) {
        sb_linear linear = {0};
        open_world(&w, rules[r % 3], 0.5, r >= 3);
        w.path.nodes = 1;
        assert_ok(sb_path_follow(&w.path, &w.watched, NT, w.step, w.u0, err));
        for (size_t a = 1; a < NODES; a++) memcpy(w.gram + a * N * N, w.gram, N * N * sizeof(double));
        step_by_step(&w, exact);
        assert_at_most(max_difference(NT * ITEMS, err, exact), 1e-12);
        if (w.columns > 1) continue;
        assert_ok(sb_linear_create(N, w.gram, false, &w.loss, &linear));
        assert_ok(sb_linear_residuals(&linear, &w.path.rule, NT, w.step, w.u0, u));
        for (size_t i = 0; i < NT; i++) assert_ok(err_of(&w, u + i * N, exact + i * ITEMS));
        assert_at_most(max_difference(NT * ITEMS, err, exact), 1e-12);
        sb_linear_clear(&linear);
    }
    sb_quadratic_clear(&w.loss);
}

/* T by the same rule as everywhere, of curves made one by one. */
static void effect_on_times(void **state)
{
    static world w;
    static const double level[2] = {0.7, 0.5};
    double exact[NT * ITEMS];
    sb_effect effect[ITEMS * 2];
    sb_decay decay = {0};
    (void)state;
    open_world(&w, "gd", 0.3, false);
    assert_ok(sb_decay_alloc(&decay, NT, ITEMS));
    assert_ok(sb_path_effect(&w.path, &w.watched, NT, w.step, w.u0, 2, level, effect));
    for (size_t part = 0; part < 2; part++) {
        if (part == 0) /* all kernels are that of the start */
            for (size_t a = 1; a < NODES; a++) memcpy(w.gram + a * N * N, w.gram, N * N * sizeof(double));
        else
            open_world(&w, "gd", 0.3, false);
        step_by_step(&w, exact);
        memcpy(decay.err, exact, sizeof exact);
        for (size_t i = 0; i < NT; i++) decay.t[i] = 0.05 * w.step[i];
        for (size_t j = 0; j < ITEMS * 2; j++) {
            double t = sb_decay_time(&decay, j / 2, level[j % 2]);
            assert_close(part ? effect[j].path : effect[j].frozen, t, 1e-4);
        }
    }
    for (size_t j = 0; j < ITEMS * 2; j++) {
        assert_near(effect[j].effect, fabs(log(effect[j].path / effect[j].frozen)), 1e-14);
        assert_at_least(effect[j].effect, 1e-3);
    }
    sb_decay_clear(&decay);
    sb_quadratic_clear(&w.loss);
}

/* One mode, K 1 at the start and k from step 1 on, eta c = 1e-3: err = (1 - 1e-3)(1 - 1e-3 k)^(step - 1). */
static sb_effect effect_of_one(double k, double end, double level)
{
    static const double u0 = 1, c = 1, node[2] = {0, 1};
    static world one = {.columns = 1}; /* err_of looks at N numbers of which one is not 0 */
    double gram[2 * N * N] = {0}, weights[N] = {c}, start[N] = {u0}, step[60];
    sb_quadratic loss = {0};
    assert_ok(sb_quadratic_weights(N, weights, &loss));
    sb_path path = {N, 2, node, gram, 1, &loss, sb_rule_of("gd", 1e-3, 0), NULL, false};
    sb_watched watched = {ITEMS, err_of, &one};
    sb_effect effect[ITEMS];
    gram[0] = 1;
    gram[N * N] = k;
    one.weight[0] = one.weight[N] = 1;
    for (size_t i = 0; i < 60; i++) step[i] = floor(end * (double)i / 59);
    assert_ok(sb_path_effect(&path, &watched, 60, step, start, 1, &level, effect));
    sb_quadratic_clear(&loss);
    return effect[0];
}

static void times_not_reached(void **state)
{
    (void)state;
    sb_effect both = effect_of_one(2, 1000, 0.5);
    assert_close(both.frozen, 1e-3 * log(0.5) / log1p(-1e-3), 1e-3);
    assert_close(both.effect, log(2), 2e-3);
    sb_effect later = effect_of_one(0.4, 1000, 0.5); /* 1.73: within four times the record */
    assert_close(later.path, 1e-3 * log(0.5) / log1p(-4e-4), 1e-3);
    assert_close(later.effect, log(2.5), 2e-3);
    sb_effect least = effect_of_one(0.01, 1000, 0.5); /* beyond: at least that far */
    assert_true(isinf(least.path));
    assert_close(least.effect, log(4 / least.frozen), 1e-3);
    sb_effect gone = effect_of_one(3000, 1000, 0.5); /* 1 - 3: steps that diverge are never there */
    assert_true(isinf(gone.path));
    assert_at_least(gone.effect, log(4));
    sb_effect neither = effect_of_one(0.9, 100, 0.5);
    assert_true(isinf(neither.path) && isinf(neither.frozen) && isnan(neither.effect));
    sb_effect never_above = effect_of_one(0.9, 100, 2);
    assert_true(isnan(never_above.path) && isnan(never_above.effect));
    assert_true(effect_of_one(1, 1000, 0.5).effect == 0);
}

/* The first and the last record, and log-spaced ones between. */
static void nodes(void **state)
{
    double step[201] = {0};
    size_t node[SB_PATH_NODES];
    (void)state;
    size_t nt = sb_log_steps(20000, 200, step), count = sb_path_choose(nt, step, SB_PATH_NODES, node);
    assert_int_equal(count, SB_PATH_NODES);
    assert_int_equal(node[0], 0);
    assert_int_equal(node[count - 1], nt - 1);
    for (size_t j = 1; j < count; j++)
        assert_close(step[node[j]], pow(20000, (double)(j - 1) / (double)(count - 2)), 0.25);
    for (size_t i = 0; i < 5; i++) step[i] = (double)i;
    for (nt = 1; nt <= 5; nt++) { /* no record twice, the last one always */
        count = sb_path_choose(nt, step, SB_PATH_NODES, node);
        assert_int_equal(node[count - 1], nt - 1);
        for (size_t j = 1; j < count; j++) assert_true(node[j] > node[j - 1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moving_kernel),     cmocka_unit_test(moving_kernel_in_batches),
        cmocka_unit_test(standing_kernel),   cmocka_unit_test(effect_on_times),
        cmocka_unit_test(times_not_reached), cmocka_unit_test(nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
