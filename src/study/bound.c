/* How far off are ReLU networks between n random points, and what do the a-priori bounds of the linear F-Principle say?
 * On a circle of length 1, with the network's c4 and c2, the function of least FP norm through the data is the one that
 * training ends at, |h_n| <= |f|, so that with probability 1 - delta over the points
 *
 *   E|h_n - f| <= 2 Q G / sqrt(n) + 4 (max|f| + Q G) sqrt(2 log(4 / delta) / n),     Q = |f|_gamma, G = |gamma|
 *
 * (fp_norm.c). Forecast and sealed: bounds, the risk of that function for each draw of the points, and that of the
 * network's own limit, which is not periodic. Observed: the risk of trained networks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include <specbias/fit.h>

#include "case/network.h"
#include "core/parallel.h"
#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"
#include "study/sweep/column.h"
#include "study/train.h"

#define GRID 1024    /* places of the integral of |h - f|, cell midpoints */
#define SMOOTH 1e-10 /* of |f|: what may lie at k = 0 and above GRID / 8 */
#define RARE 0.01    /* probability of as many violations, if the bound is right, at which it is rejected */

typedef struct draw {
    size_t n;
    uint64_t seed;
    double norm, least, square, limit, trained; /* risk E|h - f| of each; square: E(h - f)^2 of the least norm */
} draw;

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    sb_config train; /* as an experiment of kind train */
    sb_case grid;    /* of the target on the grid */
    size_t sizes, seeds;
    double norm, gamma, most;     /* Q, G, max|f| */
    double *bound, *stated, *low; /* [sizes]; low: of squares, the factor of f from which on the bound would not hold */
    draw *draw;                   /* [sizes][seeds] */
} work;

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage, (void)say;
    bool shifted = strcmp(config->net_kind, "two_layer") == 0 && strcmp(config->net_activation, "relu") == 0;
    if (strcmp(config->data_kind, "random") != 0 || config->data_dimension != 1 || config->data_b - config->data_a != 1)
        return sb_fail(SB_ERR_INPUT,
                       "a bound is one over random points, data.kind = \"random\", of a domain of length 1");
    if (!shifted || !config->init_antisymmetric || config->init_quiet)
        return sb_fail(SB_ERR_INPUT, "bound needs a ReLU network (two_layer) with a random start of output zero");
    if (config->bound_n.n == 0) return sb_fail(SB_ERR_INPUT, "bound.n: numbers of points are wanted");
    return sb_study_check_whole(&config->bound_n, "bound.n");
}

/* A case of these keys with other data; it borrows the keys in `config`, which must outlive it. */
static sb_status make_case(const work *k, const char *kind, size_t n, uint64_t seed, sb_config *config, sb_case *cas)
{
    *config = k->train;
    config->data_kind = (char *)kind;
    config->data_n = (int64_t)n;
    config->data_seed = (int64_t)seed;
    config->forecast_sources.n = 0; /* the risk at the end is forecast, not the way there */
    return sb_case_create(config, NULL, cas);
}

/* Q of f by its coefficients f^(k) = mean of f exp(-2 pi i k u), k < GRID / 2, which must be a few low ones. */
static sb_status find_norm(work *k)
{
    double complex *c = calloc(GRID / 2, sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for %d coefficients", GRID / 2);
    const sb_problem *f = &k->grid.problem;
    double all = 0, rest = 0;
    for (size_t j = 0; j < GRID / 2; j++) {
        for (size_t i = 0; i < GRID; i++)
            c[j] += f->y[i] * cexp(-2 * M_PI * I * (double)(j * i % GRID) / GRID) / GRID; /* up to a phase */
        all = hypot(all, cabs(c[j]));
        if (j == 0 || j >= GRID / 8) rest = hypot(rest, cabs(c[j]));
    }
    for (size_t i = 0; i < GRID; i++) k->most = fmax(k->most, fabs(f->y[i]));
    k->norm = sb_fp_norm(k->grid.theory.c4, k->grid.theory.c2, GRID / 8, c + 1);
    free(c);
    if (!(all > 0) || rest > SMOOTH * all)
        return sb_fail(SB_ERR_INPUT, "the target must have mean 0 and period 1, with frequencies below %d", GRID / 8);
    return SB_OK;
}

/* E|h - f| and E(h - f)^2 */
static double risk(const work *k, const double *h, double *square)
{
    double sum = 0, sum2 = 0;
    for (size_t i = 0; i < GRID; i++) {
        double u = h[i] - k->grid.problem.y[i];
        sum += fabs(u) / GRID;
        sum2 += u * u / GRID;
    }
    if (square) *square = sum2;
    return sum;
}

static sb_status predict_draw(void *context, size_t index)
{
    work *k = context;
    sb_status status = SB_OK;
    draw *d = &k->draw[index];
    sb_config config;
    sb_case cas = {0};
    const sb_problem *grid = &k->grid.problem, *data = &cas.problem;
    const sb_theory_params *law = &k->grid.theory;
    double h[GRID];
    SB_TRY(make_case(k, "random", d->n, d->seed, &config, &cas));
    SB_TRY(sb_fp_interpolant(law->c4, law->c2, d->n, data->x, data->y, GRID, grid->x, h, &d->norm));
    d->least = risk(k, h, &d->square);
    SB_TRY(sb_lfp_limit(law->c4, law->c2, law->range, d->n, data->x, data->y, GRID, grid->x, h));
    d->limit = risk(k, h, NULL);
done:
    sb_case_clear(&cas);
    return status;
}

static sb_status train_draw(void *context, size_t index)
{
    work *k = context;
    sb_status status = SB_OK;
    draw *d = &k->draw[index];
    sb_config config;
    sb_case cas = {0};
    sb_network network = {0};
    sb_fit_result result;
    double h[GRID];
    SB_TRY(make_case(k, "random", d->n, d->seed, &config, &cas));
    sb_fit_spec spec = sb_case_fit_spec(&cas);
    spec.threads = 1;
    spec.seed = d->seed;
    SB_TRY(sb_network_start(&cas, 1, d->seed, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_fit(&spec, k->stage->monitor, network.theta, &result));
    SB_TRY(sb_network_outputs(&network, GRID, k->grid.problem.x, h));
    d->trained = risk(k, h, NULL);
done:
    sb_network_clear(&network);
    sb_case_clear(&cas);
    return status;
}

static sb_status predict(work *k)
{
    double delta = k->config->bound_delta;
    k->gamma = sb_fp_gamma(k->grid.theory.c4, k->grid.theory.c2);
    sb_status status = find_norm(k);
    if (status == SB_OK) status = sb_parallel_for(k->stage->jobs, k->sizes * k->seeds, predict_draw, k);
    for (size_t i = 0; status == SB_OK && i < k->sizes; i++) {
        size_t n = k->draw[i * k->seeds].n;
        double square = 0;
        for (size_t r = 0; r < k->seeds; r++) square = fmax(square, k->draw[i * k->seeds + r].square);
        k->bound[i] = sb_fp_bound(k->norm, k->gamma, k->most, n, delta);
        k->stated[i] = sb_fp_bound_stated(k->norm, k->gamma, k->most, n, delta);
        k->low[i] = k->bound[i] / square; /* factor^2 square > factor bound */
    }
    return status;
}

static double mean_of(const work *k, size_t size, size_t member)
{
    double sum = 0;
    for (size_t r = 0; r < k->seeds; r++)
        sum += *(const double *)((const char *)&k->draw[size * k->seeds + r] + member) / (double)k->seeds;
    return sum;
}

static sb_status write_forecast(const work *k)
{
    sb_status status = SB_OK;
    sb_writer table = {0};
    SB_TRY(
        sb_study_table(k->stage, "decay/predicted.tsv", "n\tnorm\tgamma\tmost\tbound\tstated\tleast\tlimit", &table));
    for (size_t i = 0; i < k->sizes; i++)
        sb_print(table.stream, "%zu\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\n", k->draw[i * k->seeds].n,
                 k->norm, k->gamma, k->most, k->bound[i], k->stated[i], mean_of(k, i, offsetof(draw, least)),
                 mean_of(k, i, offsetof(draw, limit)));
    SB_TRY(sb_writer_close(&table, SB_OK));
    SB_TRY(sb_study_table(k->stage, "decay/cases.tsv", "n\tseed\tnorm\tleast\tsquare\tlimit", &table));
    for (size_t i = 0; i < k->sizes * k->seeds; i++) {
        const draw *d = &k->draw[i];
        sb_print(table.stream, "%zu\t%llu\t%.17g\t%.17g\t%.17g\t%.17g\n", d->n, (unsigned long long)d->seed, d->norm,
                 d->least, d->square, d->limit);
    }
    SB_TRY(sb_writer_close(&table, SB_OK));
done:
    return status;
}

/* "\tmean\tlo\thi" over the draws of a size */
static void write_range(const work *k, size_t size, size_t member, FILE *stream)
{
    double lo = INFINITY, hi = 0;
    for (size_t r = 0; r < k->seeds; r++) {
        double value = *(const double *)((const char *)&k->draw[size * k->seeds + r] + member);
        lo = fmin(lo, value);
        hi = fmax(hi, value);
    }
    sb_print(stream, "\t%.10g\t%.10g\t%.10g", mean_of(k, size, member), lo, hi);
}

/* Draws of a size whose risk is above the bound: of least norm, and trained. */
static size_t violations(const work *k, size_t size)
{
    size_t count = 0;
    for (size_t r = 0; r < k->seeds; r++) {
        const draw *d = &k->draw[size * k->seeds + r];
        count += d->least > k->bound[size] || d->trained > k->bound[size];
    }
    return count;
}

static sb_status write_study(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "study.tsv",
                                      "n\tbound\tstated\tleast\tleast_lo\tleast_hi\tlimit\ttrained\ttrained_lo\t"
                                      "trained_hi\tviolations\tsquares_fail_from",
                                      &table);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < k->sizes; i++) {
        sb_print(table.stream, "%zu\t%.10g\t%.10g", k->draw[i * k->seeds].n, k->bound[i], k->stated[i]);
        write_range(k, i, offsetof(draw, least), table.stream);
        sb_print(table.stream, "\t%.10g", mean_of(k, i, offsetof(draw, limit)));
        write_range(k, i, offsetof(draw, trained), table.stream);
        sb_print(table.stream, "\t%zu\t%.10g\n", violations(k, i), k->low[i]);
    }
    return sb_writer_close(&table, SB_OK);
}

/* Of the means over draws, by n. */
static void tell_exponent(const work *k, const char *name, size_t member, FILE *say, sb_json json)
{
    double n[64], value[64];
    size_t points = k->sizes < 64 ? k->sizes : 64;
    for (size_t i = 0; i < points; i++) {
        n[i] = (double)k->draw[i * k->seeds].n;
        value[i] = mean_of(k, i, member);
    }
    sb_exponent e = sb_exponent_fit(points, n, value, false);
    sb_print(say, "  %-8s n^%.3f  [%.3f, %.3f]\n", name, e.exponent, e.lo, e.hi);
    sb_json one = sb_json_object(json, name);
    sb_json_real(one, "exponent", e.exponent);
    sb_json_real(one, "lo", e.lo);
    sb_json_real(one, "hi", e.hi);
}

/* Agrees unless so many draws lie above the bound as would with a probability of delta each in RARE of studies. */
static void judge(const work *k, FILE *say, sb_json json, sb_verdict *verdict)
{
    size_t count = 0, draws = k->sizes * k->seeds;
    sb_print(say, "\nc4 = %g, c2 = %g, |f| = %.4g, |gamma| = %.4g, max|f| = %.4g\n", k->grid.theory.c4,
             k->grid.theory.c2, k->norm, k->gamma, k->most);
    sb_print(say, "  n       bound      as stated  least norm  limit      trained    bound/risk\n");
    for (size_t i = 0; i < k->sizes; i++) {
        double trained = mean_of(k, i, offsetof(draw, trained));
        count += violations(k, i);
        sb_print(say, "  %-6zu  %-9.3g  %-9.3g  %-10.3g  %-9.3g  %-9.3g  %.3g\n", k->draw[i * k->seeds].n, k->bound[i],
                 k->stated[i], mean_of(k, i, offsetof(draw, least)), mean_of(k, i, offsetof(draw, limit)), trained,
                 k->bound[i] / trained);
    }
    sb_print(say, "\nexponents of the mean risk, 95 %% interval (the bounds: n^-0.5)\n");
    sb_json all = sb_json_object(json, "exponents");
    tell_exponent(k, "least", offsetof(draw, least), say, all);
    tell_exponent(k, "limit", offsetof(draw, limit), say, all);
    tell_exponent(k, "trained", offsetof(draw, trained), say, all);
    bool rejected =
        count > 0 && gsl_cdf_binomial_Q((unsigned)(count - 1), k->config->bound_delta, (unsigned)draws) < RARE;
    *verdict = rejected ? SB_DIFFERS : SB_AGREES;
    sb_print(
        say,
        "\n%zu of %zu draws above the bound (delta = %g)\n  read as one for squares it would fail from %.3g f on\n\n",
        count, draws, k->config->bound_delta, k->low[0]);
    sb_json_whole(json, "draws", draws);
    sb_json_whole(json, "violations", count);
}

static sb_status prepare(work *k)
{
    const sb_config *config = k->config;
    k->sizes = config->bound_n.n;
    k->seeds = (size_t)config->seeds_count;
    k->draw = calloc(k->sizes * k->seeds, sizeof *k->draw);
    k->bound = calloc(3 * k->sizes, sizeof *k->bound);
    if (!k->draw || !k->bound) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", k->sizes * k->seeds);
    k->stated = k->bound + k->sizes;
    k->low = k->stated + k->sizes;
    for (size_t i = 0; i < k->sizes * k->seeds; i++)
        k->draw[i] =
            (draw){.n = (size_t)config->bound_n.v[i / k->seeds], .seed = (uint64_t)config->seeds_first + i % k->seeds};
    return sb_study_variant(config, config->experiment_name, config->init_density, config->init_out_scale, &k->train);
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    sb_config on_grid;
    bool sealed;
    work k = {.config = config, .stage = stage};
    SB_TRY(check(config, stage, NULL));
    SB_TRY(prepare(&k));
    SB_TRY(make_case(&k, "uniform", GRID, 1, &on_grid, &k.grid));
    SB_TRY(predict(&k));
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(sb_parallel_for(stage->jobs, k.sizes * k.seeds, train_draw, &k));
    SB_TRY(write_study(&k));
    judge(&k, say, sb_study_summary(config, &document), verdict);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    free(k.draw);
    free(k.bound);
    sb_case_clear(&k.grid);
    sb_config_clear(&k.train);
    return status;
}

const sb_study sb_study_bound = {
    .name = "bound",
    .title = "a-priori bounds of the linear F-Principle, and the risk of ReLU networks",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021)",
    .check = check,
    .run = run,
};
