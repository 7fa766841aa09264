/* Finite width without sampling: reference numbers of ReLU and tanh, second derivatives of ln T by finite differences
 * of kernels, moments of laws by brute force, and what is refused. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/finite_width.h>
#include <specbias/report.h>

#include "common/cases.h"
#include "common/files.h"
#include "common/problems.h"
#include "forecast/width.h"
#include "run/table.h"

/* ---- reference numbers: T of infinite width, b and v of E ln T = ln T + b / M, Var ln T = v / M ---- */

enum { LINES = 6 };

static void assert_table(const char *const *set, const double wanted[LINES][3])
{
    sb_config config;
    sb_case cas;
    sb_width_effect effect[LINES];
    open_case(set, &config, &cas);
    assert_ok(sb_width_measure(&cas, effect));
    for (size_t j = 0; j < LINES; j++) {
        assert_close(effect[j].time, wanted[j][0], 1e-8);
        assert_close(effect[j].shift, wanted[j][1], 1e-6);
        assert_close(effect[j].variance, wanted[j][2], 1e-6);
    }
    close_case(&config, &cas);
}

static void numbers_of_relu(void **state)
{
    static const char *const set[] = {"data.points=midpoint", "target.xi=1,3,5", "train.eta=0.02", NULL};
    static const double wanted[LINES][3] = {
        {0.614807635, 3.7350050, 3.5646556}, {1.982674344, 14.535289, 8.1179408}, {14.35002014, 19.763940, 10.142891},
        {85.47190303, 77.062535, 19.173145}, {54.24825325, 36.750372, 10.679510}, {261.8331829, 99.143340, 5.1218353},
    };
    (void)state;
    assert_table(set, wanted);
}

static void numbers_of_tanh(void **state)
{
    static const char *const set[] = {"data.points=midpoint",
                                      "target.xi=1,2,3",
                                      "train.eta=0.05",
                                      "net.activation=tanh",
                                      "init.in_scale=5",
                                      "init.out_scale=1",
                                      "forecast.sources=ntk.infinite",
                                      NULL};
    static const double wanted[LINES][3] = {
        {0.807409221, 4.8158291, 3.4687752}, {3.975251872, 25.517227, 14.715715}, {15.3267703, 15.850145, 8.3018418},
        {90.68330807, 18.927836, 4.9643724}, {158.784177, 22.560534, 8.2467004},  {1299.751838, 21.458169, 2.9150693},
    };
    (void)state;
    assert_table(set, wanted);
}

/* Levels of the watched items are those that are told, in numbers and in tables: here 1/2 and 1/5. */
static void levels_of_items(void **state)
{
    static const char *const set[] = {"data.points=midpoint", "target.xi=1,3,5", "train.eta=0.02", NULL};
    sb_config config;
    sb_case cas;
    sb_width_effect first[LINES], effect[LINES];
    sb_width_line line[LINES], *read = NULL;
    (void)state;
    open_case(set, &config, &cas);
    assert_ok(sb_rundir_make(in_folder(""), "decay"));
    assert_ok(sb_width_measure(&cas, first));
    cas.watch.items.level[1] = 0.2;
    assert_ok(sb_width_measure(&cas, effect));
    for (size_t j = 0; j < LINES; j += SB_LEVELS) {
        assert_true(effect[j].time == first[j].time);
        assert_true(effect[j].time < effect[j + 1].time && effect[j + 1].time < 0.9 * first[j + 1].time);
    }
    for (size_t j = 0; j < LINES; j++) line[j] = (sb_width_line){effect[j].time, 0, 0};
    assert_ok(sb_width_save(&cas, in_folder(""), line, true));
    assert_ok(sb_width_load(&cas, in_folder(""), &read));
    free(read);
    cas.watch.items.level[1] = 0.1;
    assert_fails(sb_width_load(&cas, in_folder(""), &read), SB_ERR_INPUT,
                 "width.tsv:3: expected frequency 1, err 1/10");
    remove(in_folder("decay/width.tsv"));
    remove(in_folder("decay"));
    close_case(&config, &cas);
}

/* ---- by finite differences ----
 *
 * Of m units of few kinds, K = E k + D with D the mean of independent d = k - E k: E ln T = ln T + E[g''(d, d)] / 2 m
 * and Var ln T = E[g'(d)^2] / m, derivatives of g = ln T along d. */

enum { POINTS = 8, KINDS = 5, ROWS = 2, ITEMS = 3 };

static void make_units(sb_unit_nodes *nodes)
{
    *nodes = (sb_unit_nodes){.count = KINDS, .rows = ROWS, .n = POINTS};
    nodes->weight = new_doubles(KINDS);
    nodes->gradient = new_doubles(KINDS * ROWS * POINTS);
    seed_numbers(11);
    for (size_t i = 0; i < KINDS; i++) nodes->weight[i] = (double)(i + 1) / 15;
    for (size_t i = 0; i < KINDS * ROWS * POINTS; i++) nodes->gradient[i] = number_in(-1, 1);
}

/* gram = E k + part (k of one kind - E k) + identity, which is no unit's */
static void make_gram(const sb_unit_nodes *nodes, size_t kind, double part, double *gram)
{
    memset(gram, 0, POINTS * POINTS * sizeof *gram);
    for (size_t r = 0; r < KINDS * ROWS; r++) {
        const double *row = nodes->gradient + r * POINTS;
        double weight = nodes->weight[r / ROWS] * (1 - part) + (r / ROWS == kind ? part : 0);
        for (size_t i = 0; i < POINTS * POINTS; i++) gram[i] += weight * (row[i / POINTS] * row[i % POINTS]);
    }
    for (size_t i = 0; i < POINTS; i++) gram[i * POINTS + i] += 1;
}

/* All functions belong to one item, of six components. */
static void merge_items(sb_watch *watch)
{
    double square = 0;
    for (size_t k = 0; k < ITEMS; k++) square += watch->items.item[k].wanted * watch->items.item[k].wanted;
    for (size_t f = 0; f < watch->functions; f++) watch->modes.mode[f] = 0;
    watch->items.item[0].wanted = sqrt(square);
    for (size_t k = 1; k < ITEMS; k++) watch->items.item[k].wanted = 1;
}

static void log_times(const sb_problem *problem, const sb_unit_nodes *nodes, bool merged, size_t kind, double part,
                      const double *u0, double ln_t[ITEMS])
{
    double gram[POINTS * POINTS];
    kernel_view view;
    sb_rule rule = rule_of(problem, SB_FORM_GD);
    make_gram(nodes, kind, part, gram);
    open_view(problem, gram, &view);
    if (merged) merge_items(&view.watch);
    assert_ok(sb_kernel_times(&view.modes, &rule, u0, 0.5, ln_t));
    for (size_t k = 0; k < ITEMS; k++) ln_t[k] = log(ln_t[k]);
    close_view(&view);
}

/* slope[ITEMS] and bend[ITEMS] of ln T along one kind: central, of fourth order */
static void differentiate(const sb_problem *problem, const sb_unit_nodes *nodes, bool merged, size_t kind,
                          const double *u0, double *slope, double *bend)
{
    const double h = 2e-3;
    double at[5][ITEMS];
    for (int i = 0; i < 5; i++) log_times(problem, nodes, merged, kind, (i - 2) * h, u0, at[i]);
    for (size_t k = 0; k < ITEMS; k++) {
        slope[k] = (8 * (at[3][k] - at[1][k]) - (at[4][k] - at[0][k])) / (12 * h);
        bend[k] = (16 * (at[3][k] + at[1][k]) - (at[4][k] + at[0][k]) - 30 * at[2][k]) / (12 * h * h);
    }
}

static void derivatives_of_times(void **state)
{
    sb_problem problem = {0};
    sb_unit_nodes nodes;
    double u0[POINTS], gram[POINTS * POINTS], half = 0.5, step = 1;
    (void)state;
    make_points(&problem, SCATTERED, POINTS);
    set_sines(&problem, 1, ITEMS, sines);
    set_steps(&problem, 0.1, 1, &step);
    for (size_t i = 0; i < POINTS; i++) problem.c[i] *= 1 + 0.1 * (double)i; /* a loss of weights */
    start_residual(&problem, u0);
    make_units(&nodes);
    make_gram(&nodes, 0, 0, gram);
    for (int merged = 0; merged < 2; merged++) {
        kernel_view view;
        sb_width_effect effect[ITEMS];
        sb_rule rule = rule_of(&problem, SB_FORM_GD);
        double shift[ITEMS] = {0}, variance[ITEMS] = {0}, slope[ITEMS], bend[ITEMS];
        open_view(&problem, gram, &view);
        if (merged) merge_items(&view.watch);
        assert_ok(sb_finite_width(&view.modes, &rule, &nodes, u0, 1, &half, effect));
        for (size_t i = 0; i < KINDS; i++) {
            differentiate(&problem, &nodes, merged, i, u0, slope, bend);
            for (size_t k = 0; k < ITEMS; k++) {
                shift[k] += nodes.weight[i] * bend[k] / 2;
                variance[k] += nodes.weight[i] * slope[k] * slope[k];
            }
        }
        for (size_t k = 0; k < (merged ? 1 : ITEMS); k++) {
            assert_close(effect[k].shift, shift[k], 1e-5);
            assert_close(effect[k].variance, variance[k], 1e-7);
        }
        close_view(&view);
    }
    sb_unit_nodes_clear(&nodes);
    sb_problem_clear(&problem);
}

/* ---- laws ----
 *
 * <k_ab k_cd> of the nodes beside midpoints of a fine grid. */

enum { FEW = 3, FINE = 600, SHIFTS = 600 };
static const size_t quad[][4] = {{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 2, 2}};
enum { QUADS = sizeof quad / sizeof quad[0] };

/* Node `i` of FINE of a law of unit scale, and its weight. */
static double grid_node(const char *law, size_t i, double *weight)
{
    double r = 2 * ((double)i + 0.5) / FINE - 1;
    *weight = 1;
    if (strcmp(law, "two_point") == 0) return r < 0 ? -1 : 1;
    if (strcmp(law, "uniform") == 0) return r;
    *weight = exp(-32 * r * r);
    return 8 * r;
}

static void moments_by_grid(const sb_case *cas, const char *in_law, const char *out_law, double moment[QUADS])
{
    const sb_wide_layer *first = cas->wide.layer;
    double in_scale = first->in_scale, out_scale = cas->config->init_out_scale, total = 0, out2 = 0, out4 = 0, outs = 0;
    for (size_t o = 0; o < FINE; o++) {
        double weight, r = grid_node(out_law, o, &weight);
        outs += weight, out2 += weight * pow(out_scale * r, 2), out4 += weight * pow(out_scale * r, 4);
    }
    out2 /= outs, out4 /= outs;
    for (size_t m = 0; m < QUADS; m++) moment[m] = 0;
    for (size_t i = 0; i < FINE * SHIFTS; i++) {
        double weight, in = in_scale * grid_node(in_law, i / SHIFTS, &weight);
        double shift = first->range * (2 * ((double)(i % SHIFTS) + 0.5) / SHIFTS - 1), z[FEW], s[FEW], ds[FEW];
        for (size_t a = 0; a < FEW; a++) z[a] = in * (cas->data.x[a] + shift);
        first->evaluate(FEW, z, s, ds);
        total += weight;
        for (size_t m = 0; m < QUADS; m++) {
            double value[2], rest[2];
            for (size_t p = 0; p < 2; p++) {
                size_t a = quad[m][2 * p], b = quad[m][2 * p + 1];
                value[p] = s[a] * s[b];
                rest[p] = ds[a] * ds[b] * ((cas->data.x[a] + shift) * (cas->data.x[b] + shift) + in * in);
            }
            moment[m] += weight * (value[0] * value[1] + out2 * (value[0] * rest[1] + value[1] * rest[0]) +
                                   out4 * rest[0] * rest[1]);
        }
    }
    for (size_t m = 0; m < QUADS; m++) moment[m] /= total;
}

static void moments_by_nodes(const sb_case *cas, double moment[QUADS])
{
    sb_unit_nodes nodes = {0};
    assert_ok(sb_width_nodes(cas, &nodes));
    for (size_t m = 0; m < QUADS; m++) moment[m] = 0;
    for (size_t i = 0; i < nodes.count; i++) {
        const double *j = nodes.gradient + i * nodes.rows * FEW;
        for (size_t m = 0; m < QUADS; m++) {
            double k[2] = {0};
            for (size_t p = 0; p < 2 * nodes.rows; p++)
                k[p % 2] += j[p / 2 * FEW + quad[m][2 * (p % 2)]] * j[p / 2 * FEW + quad[m][2 * (p % 2) + 1]];
            moment[m] += nodes.weight[i] * k[0] * k[1];
        }
    }
    sb_unit_nodes_clear(&nodes);
}

static void moments_of_laws(void **state)
{
    static const struct {
        const char *activation, *in, *out;
    } law[] = {{"relu", "gaussian", "gaussian"},
               {"relu", "uniform", "two_point"},
               {"tanh", "gaussian", "uniform"},
               {"tanh", "uniform", "gaussian"},
               {"relu", "two_point", "uniform"}};
    (void)state;
    for (size_t l = 0; l < sizeof law / sizeof law[0]; l++) {
        char set[3][64];
        const char *keys[] = {
            "data.n=3", "target.xi=1", set[0], set[1], set[2], "init.in_scale=1.5", "forecast.sources=ntk.infinite",
            NULL};
        sb_config config;
        sb_case cas;
        double wanted[QUADS], found[QUADS];
        snprintf(set[0], sizeof set[0], "net.activation=%s", law[l].activation);
        snprintf(set[1], sizeof set[1], "init.in=%s", law[l].in);
        snprintf(set[2], sizeof set[2], "init.out=%s", law[l].out);
        open_case(keys, &config, &cas);
        moments_by_nodes(&cas, found);
        moments_by_grid(&cas, law[l].in, law[l].out, wanted);
        for (size_t m = 0; m < QUADS; m++) assert_close(found[m], wanted[m], 3e-5); /* the grid's */
        close_case(&config, &cas);
    }
}

/* ---- what is refused ---- */

static void refusals(void **state)
{
    static const struct {
        const char *set[3], *words;
    } wrong[] = {
        {{"init.antisymmetric=false"}, "antisymmetric"},
        {{"net.kind=layers", "net.layers=dense(8),tanh,dense(8),tanh,dense(1)", "forecast.sources=ntk.infinite"},
         "sums over units"},
        {{"train.optimizer=heavy_ball", "forecast.sources=ntk.infinite"}, "gradient descent"},
        {{"data.n=257"}, "at most 256"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sb_config config = {0};
        sb_case cas = {0};
        assert_ok(sb_config_init(&config));
        assert_ok(sb_config_set(&config, "target.xi=1"));
        assert_ok(sb_config_set(&config, "forecast.width=quadrature"));
        for (size_t j = 0; j < 3 && wrong[i].set[j]; j++) assert_ok(sb_config_set(&config, wrong[i].set[j]));
        assert_fails(sb_case_create(&config, NULL, &cas), SB_ERR_INPUT, wrong[i].words);
        close_case(&config, &cas);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_relu), cmocka_unit_test(numbers_of_tanh), cmocka_unit_test(derivatives_of_times),
        cmocka_unit_test(moments_of_laws), cmocka_unit_test(refusals),        cmocka_unit_test(levels_of_items),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
