/* What a start that is not zero leaves between the data. A linear network keeps what it was born with apart from what
 * it learns: with h_0 the output at the start and E the way of a residual under kernel and rule,
 *
 *   h_plain - h_ASI = E h_0,     for t -> infinity h_0 - K(., X) K(X, X)^-1 h_0(X),
 *
 * where ASI is the same network with a copy of opposite sign, which starts at zero with the same kernel. So pairs of
 * them are trained at each point of sweep.vary: the extra error E h_0 of each seed, and the error of both, are sealed
 * first. Y. Zhang, Z.-Q. J. Xu, T. Luo, Z. Ma: A type of generalization error induced by initialization (2020),
 * theorems 2, 3. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/keys.h"
#include "case/network.h"
#include "core/parallel.h"
#include "core/text.h"
#include "run/stage.h"
#include "study/trail.h"
#include "study/study.h"
#include "study/sweep/sweep.h"

#define LAZY 0.2       /* of the extra error: what moving kernels may carry it by */
#define MOST_ROWS 2000 /* of kernels on training and test examples */
#define SAME 1e-9      /* of kernels of a pair: they are of one start */
#define NODES 8        /* kernels that are kept of a run */

enum { PLAIN, ASI, NETS };

/* Mean squares over the test examples. */
typedef enum quantity { EXTRA, OF_ASI, OF_PLAIN, QUANTITIES } quantity;
static const char *const quantity_name[] = {"extra", "asi", "plain"};

typedef struct pair {
    double *extra; /* [tests] predicted */
    double told[QUANTITIES], seen[QUANTITIES];
    double part, moved; /* (seen . told) / (told . told) of the extra error; what moving kernels add to it */
} pair;

typedef struct point {
    sb_config own, config[NETS]; /* config: views of own */
    sb_case cas[NETS];
    double *x;  /* [rows][inputs] training, then test examples */
    double *f;  /* [rows] what is wanted there */
    pair *pair; /* [seeds] */
    double mean, error, moved;
    sb_verdict verdict;
} point;

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    sb_sweep sweep;
    size_t seeds;
    point *point; /* [sweep.points] */
} work;

static size_t tests_of(const point *p)
{
    return p->cas[PLAIN].test[0].n;
}

static size_t rows_of(const point *p)
{
    return p->cas[PLAIN].n + tests_of(p);
}

/* ---- the cases ---- */

/* Keys of a run that have no effect on a pair. */
static sb_status check_unused(const sb_config *config)
{
    static const char *const other[] = {"observe.",         "forecast.",          "kernel.",    "output.",
                                        "claims",           "train.flow",         "train.stop", "train.unstable",
                                        "train.checkpoint", "init.antisymmetric", "loss.test"};
    sb_status status = SB_OK;
    for (size_t i = 0; i < sb_key_count() && status == SB_OK; i++)
        for (size_t o = 0; o < sizeof other / sizeof other[0] && status == SB_OK; o++)
            if (strncmp(sb_key_path(sb_key_entry(i)), other[o], strlen(other[o])) == 0)
                status = sb_key_unused(config, sb_key_entry(i), "another kind of experiment than start");
    return status;
}

static sb_status check_case(const sb_case *cas)
{
    if (cas->tests != 1 || cas->outputs != 1 || cas->data.reference)
        return sb_fail(SB_ERR_INPUT, "start compares networks of one output on one set of test examples (data.test)");
    if (cas->n + cas->test[0].n > MOST_ROWS)
        return sb_fail(SB_ERR_INPUT, "start takes at most %d examples and tests, not %zu", MOST_ROWS,
                       cas->n + cas->test[0].n);
    if (*cas->silent || cas->curved || !cas->quadratic.root || cas->config->train_batch > 0)
        return sb_fail(SB_ERR_INPUT, "start needs weighted squares, all examples in a step and steps with modes%s%s",
                       *cas->silent ? ": " : "", cas->silent);
    return SB_OK;
}

static sb_status open_point(const work *k, size_t index, point *p)
{
    sb_status status = SB_OK;
    SB_TRY(sb_sweep_config(&k->sweep, index, &p->own));
    SB_TRY(check_unused(&p->own));
    for (int net = 0; net < NETS; net++) {
        sb_config *config = &p->config[net];
        *config = p->own;
        config->init_antisymmetric = net == ASI;
        config->forecast_sources.n = 0;
        if (net == PLAIN && strcmp(config->net_kind, "layers") != 0)
            config->net_width /= 2; /* which counts both copies */
        SB_TRY(sb_case_create(config, NULL, &p->cas[net]));
    }
    SB_TRY(check_case(&p->cas[PLAIN]));
    const sb_dataset *data = &p->cas[PLAIN].data, *test = &p->cas[PLAIN].test[0];
    size_t inputs = sb_shape_size(data->input), rows = rows_of(p);
    p->x = malloc(rows * inputs * sizeof *p->x);
    p->f = malloc(rows * sizeof *p->f);
    p->pair = calloc(k->seeds, sizeof *p->pair);
    if (!p->x || !p->f || !p->pair) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", rows));
    memcpy(p->x, data->x, data->n * inputs * sizeof *p->x);
    memcpy(p->x + data->n * inputs, test->x, test->n * inputs * sizeof *p->x);
    memcpy(p->f, data->y, data->n * sizeof *p->f);
    memcpy(p->f + data->n, test->y, test->n * sizeof *p->f);
done:
    return status;
}

static void close_point(const work *k, point *p)
{
    for (size_t r = 0; p->pair && r < k->seeds; r++) free(p->pair[r].extra);
    free(p->pair);
    free(p->x);
    free(p->f);
    for (int net = 0; net < NETS; net++) sb_case_clear(&p->cas[net]);
    sb_config_clear(&p->own);
}

/* ---- one pair ---- */

static double mean_square(size_t n, const double *u)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += u[i] * u[i] / (double)n;
    return sum;
}

static sb_status check_same(const point *p, const sb_trail *plain, const double *theta)
{
    sb_trail asi = {0};
    double gap = 0, most = 0;
    sb_status status = sb_trail_open(&p->cas[ASI], plain->rows, p->x, 1, &asi);
    if (status == SB_OK) status = sb_trail_start(&asi, theta);
    for (size_t i = 0; status == SB_OK && i < plain->rows * plain->rows; i++) {
        gap = fmax(gap, fabs(asi.gram[i] - plain->gram[i]));
        most = fmax(most, fabs(plain->gram[i]));
    }
    sb_trail_close(&asi);
    if (status == SB_OK && gap > SAME * most)
        return sb_fail(SB_ERR_INPUT,
                       "the network with copies of opposite sign has another kernel at the start, off by %.1e",
                       gap / most);
    return status;
}

/* residual[rows] of one network of a pair at the start; theta: of the plain one */
static sb_status start_residual(const point *p, int which, const double *theta, double *residual)
{
    size_t rows = rows_of(p);
    sb_network plain = {.cas = &p->cas[PLAIN], .model = p->cas[PLAIN].model, .theta = (double *)theta};
    sb_status status = SB_OK;
    if (which == PLAIN) status = sb_network_outputs(&plain, rows, p->x, residual);
    for (size_t i = 0; i < rows; i++) residual[i] = (which == PLAIN ? residual[i] : 0) - p->f[i];
    return status;
}

static sb_status predict_pair(void *context, size_t index)
{
    work *k = context;
    sb_status status = SB_OK;
    point *p = &k->point[index / k->seeds];
    pair *one = &p->pair[index % k->seeds];
    size_t rows = rows_of(p), n = p->cas[PLAIN].n, tests = tests_of(p);
    uint64_t seed = (uint64_t)k->config->seeds_first + index % k->seeds;
    sb_network net[NETS] = {{0}};
    sb_trail kernel = {0};
    double *u0 = malloc(3 * rows * sizeof *u0), *end[NETS] = {u0 + rows, u0 + 2 * rows};
    one->extra = malloc(tests * sizeof *one->extra);
    if (!u0 || !one->extra) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", rows));
    for (int i = 0; i < NETS; i++) SB_TRY(sb_network_start(&p->cas[i], 1, seed, SB_STREAM_TRAIN, &net[i]));
    SB_TRY(sb_trail_open(&p->cas[PLAIN], rows, p->x, 1, &kernel));
    SB_TRY(sb_trail_start(&kernel, net[PLAIN].theta));
    SB_TRY(check_same(p, &kernel, net[ASI].theta));
    for (int i = 0; i < NETS; i++) {
        SB_TRY(start_residual(p, i, net[PLAIN].theta, u0));
        SB_TRY(sb_trail_end(&kernel, true, u0, end[i]));
    }
    for (size_t i = 0; i < tests; i++) one->extra[i] = end[PLAIN][n + i] - end[ASI][n + i];
    one->told[EXTRA] = mean_square(tests, one->extra);
    one->told[OF_ASI] = mean_square(tests, end[ASI] + n);
    one->told[OF_PLAIN] = mean_square(tests, end[PLAIN] + n);
done:
    sb_trail_close(&kernel);
    for (int i = 0; i < NETS; i++) sb_network_clear(&net[i]);
    free(u0);
    return status;
}

/* end[tests]: residual of a trained network; moved[tests]: of that along its kernel's way, less under the first kernel.
 */
static sb_status train_one(const work *k, const point *p, int which, uint64_t seed, double *end, double *moved)
{
    sb_status status = SB_OK;
    const sb_case *cas = &p->cas[which];
    size_t rows = rows_of(p), n = cas->n, tests = tests_of(p), inputs = sb_shape_size(cas->data.input);
    sb_network net = {0};
    sb_trail kernel = {0};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    sb_fit_result result;
    double *u0 = malloc(rows * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", rows);
    SB_TRY(sb_trail_open(cas, rows, p->x, NODES, &kernel));
    spec.threads = 1;
    spec.seed = seed;
    spec.recorder = sb_trail_look;
    spec.context = &kernel;
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &net));
    SB_TRY(start_residual(p, which, net.theta, u0));
    SB_TRY(sb_fit(&spec, k->stage->monitor, net.theta, &result));
    SB_TRY(sb_network_outputs(&net, tests, p->x + n * inputs, end));
    SB_TRY(sb_trail_moved(&kernel, u0, moved));
    for (size_t i = 0; i < tests; i++) end[i] -= p->f[n + i];
done:
    sb_trail_close(&kernel);
    sb_network_clear(&net);
    free(u0);
    return status;
}

static sb_status train_pair(void *context, size_t index)
{
    work *k = context;
    sb_status status = SB_OK;
    point *p = &k->point[index / k->seeds];
    pair *one = &p->pair[index % k->seeds];
    size_t tests = tests_of(p);
    uint64_t seed = (uint64_t)k->config->seeds_first + index % k->seeds;
    double *u = malloc(4 * tests * sizeof *u), *end[NETS] = {u, u + tests},
           *moved[NETS] = {u + 2 * tests, u + 3 * tests};
    double cross = 0, way = 0, carried = 0;
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", tests);
    for (int i = 0; i < NETS; i++) SB_TRY(train_one(k, p, i, seed, end[i], moved[i]));
    one->seen[OF_ASI] = mean_square(tests, end[ASI]);
    one->seen[OF_PLAIN] = mean_square(tests, end[PLAIN]);
    for (size_t i = 0; i < tests; i++) {
        double extra = end[PLAIN][i] - end[ASI][i];
        one->seen[EXTRA] += extra * extra / (double)tests;
        cross += extra * one->extra[i];
        carried += (moved[PLAIN][i] - moved[ASI][i]) * one->extra[i];
        way += one->extra[i] * one->extra[i];
    }
    one->part = cross / way;
    one->moved = fabs(carried / way);
done:
    free(u);
    return status;
}

/* ---- all of them ---- */

static sb_estimate estimate(const work *k, const point *p, quantity q, bool told)
{
    double value[k->seeds];
    for (size_t r = 0; r < k->seeds; r++) value[r] = told ? p->pair[r].told[q] : p->pair[r].seen[q];
    return sb_estimate_mean(k->seeds, value);
}

/* Of the predicted extra error the networks show the part 1 within so many errors that true forecasts do in 99 % of
 * studies, and not 0. */
static void judge(const work *k, point *p)
{
    double part[k->seeds], most = sb_limit((double)k->seeds - 1, k->sweep.points);
    p->moved = 0;
    for (size_t r = 0; r < k->seeds; r++) {
        part[r] = p->pair[r].part;
        p->moved = fmax(p->moved, p->pair[r].moved);
    }
    sb_estimate e = sb_estimate_mean(k->seeds, part);
    p->mean = e.mean;
    p->error = hypot(e.deviation / sqrt((double)k->seeds), p->moved / 2);
    bool near = fabs(p->mean - 1) <= most * p->error, some = p->mean > most * p->error;
    bool nothing = isnan(p->mean); /* no extra error is predicted, as of outputs that are 0 at the start */
    p->verdict = p->moved > LAZY ? SB_NOT_LAZY
                 : nothing       ? SB_UNDECIDED
                 : !near         ? SB_DIFFERS
                 : some          ? SB_AGREES
                                 : SB_UNDECIDED;
}

static void write_keys(const work *k, size_t index, FILE *stream)
{
    for (size_t key = 0; key < k->sweep.keys; key++)
        sb_print(stream, "%s%s", key ? "\t" : "", sb_sweep_value(&k->sweep, index, key));
}

static void write_heads(const work *k, FILE *stream)
{
    for (size_t key = 0; key < k->sweep.keys; key++)
        sb_print(stream, "%s%s", key ? "\t" : "", k->sweep.varied[key].key);
}

static sb_status write_forecast(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "decay/predicted.tsv", NULL, &table);
    if (status != SB_OK) return status;
    write_heads(k, table.stream);
    fputs("\tseed\textra\tasi\tplain\n", table.stream);
    for (size_t i = 0; i < k->sweep.points * k->seeds; i++) {
        const pair *one = &k->point[i / k->seeds].pair[i % k->seeds];
        write_keys(k, i / k->seeds, table.stream);
        sb_print(table.stream, "\t%llu\t%.17g\t%.17g\t%.17g\n",
                 (unsigned long long)k->config->seeds_first + i % k->seeds, one->told[EXTRA], one->told[OF_ASI],
                 one->told[OF_PLAIN]);
    }
    return sb_writer_close(&table, SB_OK);
}

static sb_status write_study(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "study.tsv", NULL, &table);
    if (status != SB_OK) return status;
    write_heads(k, table.stream);
    for (int q = 0; q < QUANTITIES; q++) {
        const char *name = quantity_name[q];
        sb_print(table.stream, "\t%s_pred\t%s\t%s_lo\t%s_hi", name, name, name, name);
    }
    fputs("\tpart\tpart_error\tmoved\tverdict\n", table.stream);
    for (size_t i = 0; i < k->sweep.points; i++) {
        const point *p = &k->point[i];
        write_keys(k, i, table.stream);
        for (int q = 0; q < QUANTITIES; q++) {
            sb_estimate seen = estimate(k, p, q, false);
            sb_print(table.stream, "\t%.10g\t%.10g\t%.10g\t%.10g", estimate(k, p, q, true).mean, seen.mean, seen.lo,
                     seen.hi);
        }
        sb_print(table.stream, "\t%.10g\t%.10g\t%.10g\t%s\n", p->mean, p->error, p->moved, sb_verdict_name(p->verdict));
    }
    return sb_writer_close(&table, SB_OK);
}

static void say_points(const work *k, FILE *say)
{
    sb_print(say, "\nmean square between the data, mean over %zu pairs, as predicted and trained\n", k->seeds);
    for (size_t i = 0; i < k->sweep.points; i++) {
        const point *p = &k->point[i];
        char text[300];
        sb_sweep_describe(&k->sweep, i, text, sizeof text);
        sb_print(say, "%s\n", text);
        for (int q = 0; q < QUANTITIES; q++)
            sb_print(say, "  %-6s %-10.4g  %.4g\n", quantity_name[q], estimate(k, p, q, true).mean,
                     estimate(k, p, q, false).mean);
        sb_print(say, "  of the extra error %.3f +- %.3f is there, moving kernels carry %.2g of it: %s\n", p->mean,
                 p->error, p->moved, sb_verdict_name(p->verdict));
    }
}

/* The worst of all; what is not lazy aside, where another is judged. */
static sb_verdict worst(const work *k)
{
    sb_verdict verdict = SB_NONE;
    for (size_t i = 0; i < k->sweep.points; i++) {
        sb_verdict one = k->point[i].verdict;
        if (one != SB_NOT_LAZY && one > verdict) verdict = one;
    }
    return verdict == SB_NONE ? SB_NOT_LAZY : verdict;
}

static sb_status prepare(work *k)
{
    sb_status status = SB_OK;
    k->seeds = (size_t)k->config->seeds_count;
    SB_TRY(sb_sweep_open(k->config, &k->sweep));
    k->point = calloc(k->sweep.points, sizeof *k->point);
    if (!k->point) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu points", k->sweep.points));
    if (k->seeds < 2) SB_TRY(sb_fail(SB_ERR_INPUT, "start needs two seeds"));
    for (size_t i = 0; i < k->sweep.points; i++) SB_TRY(open_point(k, i, &k->point[i]));
done:
    return status;
}

static void finish(work *k)
{
    for (size_t i = 0; k->point && i < k->sweep.points; i++) close_point(k, &k->point[i]);
    free(k->point);
    sb_sweep_close(&k->sweep);
}

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage;
    work k = {.config = config};
    sb_status status = prepare(&k);
    if (status == SB_OK && say)
        sb_print(say, "pairs         %zu points of %zu seeds each, two networks\n", k.sweep.points, k.seeds);
    finish(&k);
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    bool sealed;
    work k = {.config = config, .stage = stage};
    SB_TRY(prepare(&k));
    SB_TRY(sb_parallel_for(stage->jobs, k.sweep.points * k.seeds, predict_pair, &k));
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(sb_parallel_for(stage->jobs, k.sweep.points * k.seeds, train_pair, &k));
    for (size_t i = 0; i < k.sweep.points; i++) judge(&k, &k.point[i]);
    SB_TRY(write_study(&k));
    say_points(&k, say);
    fputc('\n', say);
    *verdict = worst(&k);
    sb_study_summary(config, &document);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    finish(&k);
    return status;
}

const sb_study sb_study_start = {
    .name = "start",
    .title = "what a start that is not zero leaves between the data, beside ASI",
    .citation = "Zhang, Xu, Luo, Ma: A type of generalization error induced by initialization (2020)",
    .check = check,
    .run = run,
};
