/* What a trained ReLU network is between the data: the limit t -> infinity of the linear F-Principle, between the
 * linear and the natural cubic spline, predicted and sealed, then networks trained until it should be reached. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/theory.h>

#include "core/parallel.h"
#include "core/text.h"
#include "run/stage.h"
#include "case/network.h"
#include "study/trail.h"
#include "study/study.h"
#include "study/train.h"

#define POINTS 201
#define LEFT 1e-5 /* of the loss at the start: the limit is reached */
#define LAZY 0.2  /* of the way to a spline: what the moving kernel may carry the limit */

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    sb_case cas;
    size_t cases, seeds;
    double x[POINTS], linear[POINTS], cubic[POINTS], h[POINTS]; /* h: of this network's c4, c2 and range */
    double *of_case;                                            /* [cases][POINTS] */
    double *seen;                                               /* [seeds][POINTS] */
    double *moved;      /* [seeds][POINTS] what the movement of the kernel did to the network at the end */
    double *both;       /* [n + POINTS] data, then the points x */
    sb_run_record *run; /* [seeds] */
} work;

static double largest_gap(const double *a, const double *b)
{
    double gap = 0;
    for (size_t i = 0; i < POINTS; i++) gap = fmax(gap, fabs(a[i] - b[i]));
    return gap;
}

static sb_status predict(work *k)
{
    sb_status status = SB_OK;
    const sb_problem *problem = &k->cas.problem;
    const sb_theory_params *theory = &k->cas.theory;
    size_t n = problem->n;
    const double *x = problem->x, *y = problem->y;
    for (size_t i = 0; i < POINTS; i++) k->x[i] = x[0] + (x[n - 1] - x[0]) * (double)i / (POINTS - 1);
    SB_TRY(sb_lfp_limit(0, 1, INFINITY, n, x, y, POINTS, k->x, k->linear));
    SB_TRY(sb_lfp_limit(1, 0, INFINITY, n, x, y, POINTS, k->x, k->cubic));
    SB_TRY(sb_lfp_limit(theory->c4, theory->c2, theory->range, n, x, y, POINTS, k->x, k->h));
    for (size_t c = 0; c < k->cases; c++)
        SB_TRY(sb_lfp_limit(1, k->config->splines_ratios.v[c], k->config->splines_range, n, x, y, POINTS, k->x,
                            k->of_case + c * POINTS));
done:
    return status;
}

static sb_status write_forecast(work *k)
{
    sb_status status = SB_OK;
    sb_writer table = {0};
    const sb_problem *problem = &k->cas.problem;
    SB_TRY(sb_study_table(k->stage, "decay/predicted.tsv", "x\th\tlinear\tcubic", &table));
    for (size_t i = 0; i < POINTS; i++)
        sb_print(table.stream, "%.17g\t%.17g\t%.17g\t%.17g\n", k->x[i], k->h[i], k->linear[i], k->cubic[i]);
    SB_TRY(sb_writer_close(&table, SB_OK));
    SB_TRY(sb_study_table(k->stage, "decay/data.tsv", "x\ty", &table));
    for (size_t i = 0; i < problem->n; i++) sb_print(table.stream, "%.17g\t%.17g\n", problem->x[i], problem->y[i]);
    SB_TRY(sb_writer_close(&table, SB_OK));
    SB_TRY(
        sb_study_table(k->stage, "decay/cases.tsv", "column\tc4\tc2\trange\tcrossover\tdev_linear\tdev_cubic", &table));
    for (size_t c = 0; c < k->cases; c++) {
        double c2 = k->config->splines_ratios.v[c];
        const double *h = k->of_case + c * POINTS;
        sb_print(table.stream, "h_%zu\t1\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", c + 1, c2, k->config->splines_range,
                 sb_lfp_crossover(1, c2), largest_gap(h, k->linear), largest_gap(h, k->cubic));
    }
    SB_TRY(sb_writer_close(&table, SB_OK));
done:
    return status;
}

static sb_status train_seed(void *context, size_t index)
{
    sb_status status = SB_OK;
    work *k = context;
    const sb_case *cas = &k->cas;
    sb_network network = {0};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    sb_fit_result result;
    uint64_t seed = (uint64_t)k->config->seeds_first + index;
    sb_trail kernel = {0};
    double *u0 = calloc(cas->n + POINTS, sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n + POINTS);
    for (size_t i = 0; i < cas->n; i++) u0[i] = -cas->problem.y[i];
    SB_TRY(sb_trail_open(cas, cas->n + POINTS, k->both, SB_PATH_NODES, &kernel));
    spec.threads = 1;
    spec.seed = seed;
    spec.recorder = sb_trail_look;
    spec.context = &kernel;
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_fit(&spec, k->stage->monitor, network.theta, &result));
    SB_TRY(sb_trail_moved(&kernel, u0, k->moved + index * POINTS));
    SB_TRY(sb_network_outputs(&network, POINTS, k->x, k->seen + index * POINTS));
    k->run[index] = (sb_run_record){.seed = seed, .loss = result.loss, .seconds = result.seconds};
done:
    sb_trail_close(&kernel);
    sb_network_clear(&network);
    free(u0);
    return status;
}

/* How far the trained networks lie from the predicted limit towards another curve, in units of the way there, and the
 * standard error over seeds: 0 is the limit, 1 the other curve. Of the movement of the kernel the largest part. */
typedef struct share {
    double mean, error, moved;
} share;

/* (a . way) / (way . way) */
static double part_of(const double *a, const double *from, const double *other, const double *h)
{
    double cross = 0, way = 0;
    for (size_t i = 0; i < POINTS; i++) {
        cross += (a[i] - (from ? from[i] : 0)) * (other[i] - h[i]);
        way += (other[i] - h[i]) * (other[i] - h[i]);
    }
    return cross / way;
}

static share towards(const work *k, const double *other)
{
    double sum = 0, square = 0, moved = 0, seeds = (double)k->seeds;
    for (size_t r = 0; r < k->seeds; r++) {
        double part = part_of(k->seen + r * POINTS, k->h, other, k->h);
        sum += part;
        square += part * part;
        moved = fmax(moved, fabs(part_of(k->moved + r * POINTS, NULL, other, k->h)));
    }
    double mean = sum / seeds, error = sqrt(fmax(square / seeds - mean * mean, 0) / (seeds - 1));
    return (share){mean, hypot(error, moved / 2), moved};
}

static sb_status write_study(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "study.tsv", NULL, &table);
    if (status != SB_OK) return status;
    fputs("x\tlinear\tcubic", table.stream);
    for (size_t c = 0; c < k->cases; c++) sb_print(table.stream, "\th_%zu", c + 1);
    fputs("\tpred\tobs\tobs_lo\tobs_hi\n", table.stream);
    for (size_t i = 0; i < POINTS; i++) {
        double mean = 0, lo = INFINITY, hi = -INFINITY;
        for (size_t r = 0; r < k->seeds; r++) {
            double h = k->seen[r * POINTS + i];
            mean += h / (double)k->seeds;
            lo = fmin(lo, h);
            hi = fmax(hi, h);
        }
        sb_print(table.stream, "%.10g\t%.10g\t%.10g", k->x[i], k->linear[i], k->cubic[i]);
        for (size_t c = 0; c < k->cases; c++) sb_print(table.stream, "\t%.10g", k->of_case[c * POINTS + i]);
        sb_print(table.stream, "\t%.10g\t%.10g\t%.10g\t%.10g\n", k->h[i], mean, lo, hi);
    }
    return sb_writer_close(&table, SB_OK);
}

static void say_cases(const work *k, FILE *say)
{
    sb_print(say,
             "\nlimits of c4 = 1, L = %g between %zu data; largest distance\n"
             "  c2          cross-over xi  from linear  from cubic spline\n",
             k->config->splines_range, k->cas.problem.n);
    for (size_t c = 0; c < k->cases; c++) {
        const double *h = k->of_case + c * POINTS;
        sb_print(say, "  %-10g  %-13.4g  %-11.3g  %-.3g\n", k->config->splines_ratios.v[c],
                 sb_lfp_crossover(1, k->config->splines_ratios.v[c]), largest_gap(h, k->linear),
                 largest_gap(h, k->cubic));
    }
}

static double start_loss(const sb_problem *problem)
{
    double loss = 0;
    for (size_t i = 0; i < problem->n; i++) loss += 0.5 * problem->c[i] * problem->y[i] * problem->y[i];
    return loss;
}

/* Agrees: within so many errors of the limit that true theories are in 99 % of studies, Student's t of two
 * numbers, and farther from both splines. */
static void judge(const work *k, FILE *say, sb_json json, sb_verdict *verdict)
{
    const sb_theory_params *theory = &k->cas.theory;
    share linear = towards(k, k->linear), cubic = towards(k, k->cubic);
    double moved = fmax(linear.moved, cubic.moved), left = 0, most = sb_limit((double)k->seeds - 1, 2);
    for (size_t r = 0; r < k->seeds; r++) left = fmax(left, k->run[r].loss);
    bool near = fabs(linear.mean) <= most * linear.error && fabs(cubic.mean) <= most * cubic.error;
    bool told_apart = 1 - linear.mean > most * linear.error && 1 - cubic.mean > most * cubic.error;
    bool reached = left <= LEFT * start_loss(&k->cas.problem);
    *verdict = moved > LAZY ? SB_NOT_LAZY
               : !reached   ? SB_UNDECIDED
               : !near      ? SB_DIFFERS
               : told_apart ? SB_AGREES
                            : SB_UNDECIDED;
    sb_print(say,
             "\ntrained networks, c4 = %g, c2 = %g, L = %g, cross-over at xi = %.3g\n"
             "  on the way from the predicted limit (0) to the linear spline (1): %+.3f +- %.3f\n"
             "  on the way from the predicted limit (0) to the cubic spline (1):  %+.3f +- %.3f\n"
             "  the limit %s within %.3g errors; both splines rejected: %s\n"
             "  laziness: the moving kernel carries them %.2g of the way at most (not lazy above %g)\n"
             "  loss left %.1e%s\n\n",
             theory->c4, theory->c2, theory->range, sb_lfp_crossover(theory->c4, theory->c2), linear.mean, linear.error,
             cubic.mean, cubic.error, near ? "agrees" : "differs", most, told_apart ? "yes" : "NO", moved, LAZY, left,
             reached ? "" : ": not at the limit yet, a longer train.time would be");
    sb_json_real(json, "towards_linear", linear.mean);
    sb_json_real(json, "towards_linear_error", linear.error);
    sb_json_real(json, "towards_cubic", cubic.mean);
    sb_json_real(json, "towards_cubic_error", cubic.error);
    sb_json_real(json, "effect", moved);
}

static sb_status make_room(work *k)
{
    k->of_case = malloc((k->cases + 1) * POINTS * sizeof *k->of_case);
    k->seen = malloc(k->seeds * POINTS * sizeof *k->seen);
    k->moved = malloc(k->seeds * POINTS * sizeof *k->moved);
    k->both = malloc((k->cas.problem.n + POINTS) * sizeof *k->both);
    k->run = calloc(k->seeds, sizeof *k->run);
    bool all = k->of_case && k->seen && k->moved && k->both && k->run;
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", k->seeds);
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    bool sealed;
    sb_config train = {0};
    size_t sources = 0;
    work *k = calloc(1, sizeof *k);
    if (!k) return sb_fail(SB_ERR_NOMEM, "no memory for the study");
    k->config = config;
    k->stage = stage;
    k->cases = config->splines_ratios.n;
    k->seeds = (size_t)config->seeds_count;
    SB_TRY(sb_study_variant(config, config->experiment_name, config->init_density, config->init_out_scale, &train));
    sources = train.forecast_sources.n;
    train.forecast_sources.n = 0; /* the limit of the runs is forecast, not their way there */
    SB_TRY(sb_case_create(&train, stage->monitor, &k->cas));
    if (strcmp(train.net_kind, "two_layer") != 0 || strcmp(train.net_activation, "relu") != 0 || k->cas.problem.n < 3 ||
        k->cas.random_output || k->cas.deterministic || k->seeds < 2)
        status =
            sb_fail(SB_ERR_INPUT, "splines need a ReLU network with a random start of output zero, three data points, "
                                  "two seeds");
    SB_TRY(status);
    SB_TRY(make_room(k));
    SB_TRY(predict(k));
    memcpy(k->both, k->cas.problem.x, k->cas.problem.n * sizeof *k->both);
    memcpy(k->both + k->cas.problem.n, k->x, sizeof k->x);
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(sb_parallel_for(stage->jobs, k->seeds, train_seed, k));
    SB_TRY(write_study(k));
    say_cases(k, say);
    judge(k, say, sb_study_summary(config, &document), verdict);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    free(k->of_case);
    free(k->seen);
    free(k->moved);
    free(k->both);
    free(k->run);
    sb_case_clear(&k->cas);
    train.forecast_sources.n = sources;
    sb_config_clear(&train);
    free(k);
    return status;
}

const sb_study sb_study_splines = {
    .name = "splines",
    .title = "ReLU networks between the data, between linear and cubic spline",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021)",
    .run = run,
};
