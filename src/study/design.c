/* The density of Fourier features that gives each frequency the wanted time, and its verification by training.
 *
 * The density is piecewise linear on nodes. With T_k the time T(1/2) of frequency k that its kernel on the data
 * predicts and T*_k the wish, a multiplicative fixed point (theory/README.md, heat) repeats
 *
 *   log rho += log(T / T*) - mean,   at the frequencies, linear between them, constant outside,
 *
 * and normalises. For sigma_a = 0, where the rate is proportional to rho, the first step is almost exact. Only the
 * shape is free: the rates of all frequencies add up to (2 pi) / |Omega| times gain^2, so absolute times need a gain.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"
#include "study/train.h"

#define ROUNDS 100
#define MOST_STEPS 1e5  /* of the verification */
#define ETA_LAMBDA 0.02 /* small steps: 35 of them to T(1/2) of the fastest mode */

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    FILE *say;
    sb_config trial; /* the configuration with the table of the day */
    sb_case cas;     /* of the first trial: the problem, the law */
    size_t tones;
    double *w, *wish;        /* [tones] angular frequency, ascending; wanted T(1/2), relative for a flat wish */
    double *time, *tenth;    /* [tones] of the present density: T(1/2), T(1/10) */
    double *nodes, *density; /* [design.nodes] */
    double shape;            /* largest deviation from the wanted shape, in decades */
    double excess;           /* geometric mean of T / T* */
    sb_form form;
    size_t rounds;
} work;

static size_t node_count(const work *k)
{
    return (size_t)k->config->design_nodes;
}

static bool absolute(const work *k)
{
    return strcmp(k->config->design_wish, "flat") != 0;
}

/* Linear between tones, constant outside. */
static double between_tones(const work *k, const double *value, double w)
{
    size_t i = 0;
    if (w <= k->w[0]) return value[0];
    if (w >= k->w[k->tones - 1]) return value[k->tones - 1];
    while (k->w[i + 1] < w) i++;
    return value[i] + (value[i + 1] - value[i]) * (w - k->w[i]) / (k->w[i + 1] - k->w[i]);
}

/* T(1/2) and T(1/10) that the kernel of the present density predicts. */
static sb_status predict(work *k)
{
    sb_status status = SB_OK;
    sb_case *cas = &k->cas;
    size_t n = cas->n;
    sb_density density = {0};
    sb_kernel_modes modes = {0};
    sb_density_table table = {node_count(k), k->nodes, k->density};
    sb_wide_layer layer[2] = {cas->wide.layer[0], cas->wide.layer[1]}; /* features, the output */
    sb_wide_law law = cas->wide;
    double *gram = malloc(n * n * sizeof *gram), *u0 = malloc(n * sizeof *u0);
    if (!gram || !u0) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
        goto done;
    }
    SB_TRY(sb_density_parse("table", &table, &density));
    layer[0].density = &density;
    layer[0].axes = 1;
    law.layer = layer;
    SB_TRY(sb_gram_wide(&law, n, cas->data.x, 0, NULL, 1, gram));
    SB_TRY(sb_kernel_modes_create(gram, false, 1, &cas->quadratic, &cas->watch, &modes));
    for (size_t i = 0; i < n; i++) u0[i] = -cas->data.y[i];
    sb_rule rule = sb_case_rule(cas, k->form);
    SB_TRY(sb_kernel_times(&modes, &rule, u0, 0.5, k->time));
    SB_TRY(sb_kernel_times(&modes, &rule, u0, 0.1, k->tenth));
    cas->largest_step = sb_rule_largest_step(&cas->rule, modes.linear.eigen.lambda[0]);
done:
    free(gram);
    free(u0);
    sb_density_clear(&density);
    sb_kernel_modes_clear(&modes);
    return status;
}

/* How far the times are from the wish: shape in decades, and the common factor. */
static sb_status measure(work *k)
{
    double mean = 0, lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < k->tones; i++) {
        double ratio = log(k->time[i] / k->wish[i]);
        if (isnan(ratio))
            return sb_fail(SB_ERR_INPUT,
                           "the wish is out of reach: frequency %g is never learned (design.cutoff = %g radians)",
                           k->cas.problem.grid.label[i], k->nodes[node_count(k) - 1]);
        mean += ratio / (double)k->tones;
        lo = fmin(lo, ratio);
        hi = fmax(hi, ratio);
    }
    k->excess = exp(mean);
    k->shape = (hi - lo) / M_LN10;
    return SB_OK;
}

/* log rho += log(T / T*) - mean */
static sb_status correct(work *k)
{
    double *change = malloc(k->tones * sizeof *change);
    if (!change) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", k->tones);
    for (size_t i = 0; i < k->tones; i++) change[i] = log(k->time[i] / k->wish[i] / k->excess);
    for (size_t j = 0; j < node_count(k); j++) k->density[j] *= exp(between_tones(k, change, k->nodes[j]));
    free(change);
    return SB_OK;
}

static sb_status iterate(work *k)
{
    sb_status status = SB_OK;
    double best = INFINITY;
    for (size_t round = 0;; round++) {
        SB_TRY(predict(k));
        SB_TRY(measure(k));
        if (k->shape <= k->config->design_tolerance) return SB_OK;
        if (round > 10 && k->shape > 2 * best) break; /* moves away */
        best = fmin(best, k->shape);
        if (round == ROUNDS) break;
        SB_TRY(correct(k));
        k->rounds++;
        SB_TRY(sb_monitor_progress(k->stage->monitor, "design", (double)round, ROUNDS));
    }
    return sb_fail(SB_ERR_NUMERIC,
                   "the wish is out of reach: after %zu corrections the times still deviate from its shape by %.2g "
                   "decades (best %.2g); frequencies closer than 2 pi / |domain| cannot be told apart",
                   k->rounds, k->shape, best);
done:
    return status;
}

/* ---- the wish ---- */

static sb_status read_wish(work *k)
{
    const sb_config *config = k->config;
    const sb_grid *grid = &k->cas.problem.grid;
    k->tones = grid->n;
    k->w = malloc(4 * k->tones * sizeof *k->w);
    k->nodes = malloc(2 * node_count(k) * sizeof *k->nodes);
    if (!k->w || !k->nodes) return sb_fail(SB_ERR_NOMEM, "no memory for the design");
    k->wish = k->w + k->tones;
    k->time = k->wish + k->tones;
    k->tenth = k->time + k->tones;
    k->density = k->nodes + node_count(k);
    for (size_t i = 0; i < k->tones; i++) {
        k->w[i] = 2 * M_PI * grid->xi[i];
        if (k->w[i] <= (i ? k->w[i - 1] : 0))
            return sb_fail(SB_ERR_INPUT, "a design needs positive frequencies in ascending order");
        k->wish[i] = absolute(k) ? config->design_values.v[i] : 1;
        if (strcmp(config->design_wish, "rates") == 0) k->wish[i] = M_LN2 / k->wish[i];
    }
    double cutoff = config->design_cutoff > 0 ? config->design_cutoff : 1.25 * k->w[k->tones - 1];
    for (size_t j = 0; j < node_count(k); j++) {
        k->nodes[j] = cutoff * (double)j / (double)(node_count(k) - 1);
        k->density[j] = 1;
    }
    if (k->w[k->tones - 1] >= cutoff)
        return sb_fail(SB_ERR_INPUT, "design.cutoff = %g radians does not cover the frequency %g", cutoff,
                       grid->label[k->tones - 1]);
    return SB_OK;
}

static sb_status set_reals(sb_reals *reals, size_t n, const double *values)
{
    double *copy = malloc((n + 1) * sizeof *copy);
    if (!copy) return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
    memcpy(copy, values, n * sizeof *copy);
    free(reals->v);
    *reals = (sb_reals){n, copy};
    return SB_OK;
}

static sb_status set_table(work *k)
{
    sb_status status = set_reals(&k->trial.init_table_w, node_count(k), k->nodes);
    return status == SB_OK ? set_reals(&k->trial.init_table_rho, node_count(k), k->density) : status;
}

/* More gain and smaller steps in proportion are the same descent in less time. */
static void set_pace(work *k)
{
    k->trial.net_gain *= sqrt(k->excess);
    k->trial.train_eta /= k->excess;
    for (size_t i = 0; i < k->tones; i++) {
        k->time[i] /= k->excess;
        k->tenth[i] /= k->excess;
    }
    k->excess = 1;
}

/* Rounded down to two digits. */
static double two_digits(double value)
{
    double unit = pow(10, floor(log10(value)) - 1);
    return floor(value / unit) * unit;
}

/* The first trial, whose steps do not matter yet: a flat density. */
static sb_status open_trial(work *k)
{
    sb_status status = SB_OK;
    double flat_w[2] = {0, 1}, flat_rho[2] = {1, 1};
    SB_TRY(sb_study_variant(k->config, k->config->experiment_name, "table", k->config->init_out_scale, &k->trial));
    if (k->trial.init_table_w.n == 0) {
        SB_TRY(set_reals(&k->trial.init_table_w, 2, flat_w));
        SB_TRY(set_reals(&k->trial.init_table_rho, 2, flat_rho));
    }
    k->trial.train_eta = 1e-9;
    k->trial.train_time = 1e-8;
    sb_texts sources = k->trial.forecast_sources;
    k->trial.forecast_sources = (sb_texts){1, (char *[]){(char *)(uintptr_t) "ntk.infinite"}};
    status = sb_case_create(&k->trial, k->stage->monitor, &k->cas);
    k->trial.forecast_sources = sources;
done:
    return status;
}

/* ---- results ---- */

static void say_design(work *k)
{
    const sb_grid *grid = &k->cas.problem.grid;
    double kappa = sqrt(k->excess);
    sb_print(k->say, "design    %zu corrections, shape of the wish reached to %.1e decades\n", k->rounds, k->shape);
    if (!absolute(k)) return;
    if (k->config->design_gain)
        sb_print(k->say, "          net.gain = %.6g supplies the absolute scale\n", k->trial.net_gain);
    else if (fabs(log(k->excess)) > k->config->design_tolerance) {
        sb_print(k->say,
                 "          the times are %.4g times the wanted ones: the rates of all frequencies add up to\n"
                 "          gain^2 2 pi / |domain|, so a density alone gives the shape only. %s\n"
                 "          Reachable:",
                 k->excess, k->excess > 1 ? "The wish is OUT OF REACH." : "The wish is slower than that.");
        for (size_t i = 0; i < k->tones; i++) sb_print(k->say, " T(%g) = %.4g", grid->label[i], k->time[i]);
        sb_print(k->say, ";\n          as wanted with design.gain = true, which sets net.gain to about %.6g\n",
                 kappa * k->config->net_gain);
    }
}

static sb_status write_design(work *k)
{
    sb_status status = SB_OK;
    sb_writer writer = {0};
    const sb_grid *grid = &k->cas.problem.grid;
    SB_TRY(sb_study_table(k->stage, "decay/density.tsv", "w\trho", &writer));
    for (size_t j = 0; j < node_count(k); j++) sb_print(writer.stream, "%.17g\t%.17g\n", k->nodes[j], k->density[j]);
    SB_TRY(sb_writer_close(&writer, SB_OK));
    SB_TRY(sb_study_table(k->stage, "decay/design.tsv", "label\tw\tT_wanted\tT_pred", &writer));
    for (size_t i = 0; i < k->tones; i++) {
        double wanted = absolute(k) ? k->wish[i] : k->excess;
        sb_print(writer.stream, "%.17g\t%.17g\t%.17g\t%.17g\n", grid->label[i], k->w[i], wanted, k->time[i]);
    }
    SB_TRY(sb_writer_close(&writer, SB_OK));
    SB_TRY(sb_study_table(k->stage, "design.cfg", NULL, &writer));
    sb_config_write(&k->trial, writer.stream);
    SB_TRY(sb_writer_close(&writer, SB_OK));
done:
    return status;
}

/* Normalises the table as its density is, so that it reads as one. */
static void normalise(work *k)
{
    double mass = 0;
    for (size_t j = 1; j < node_count(k); j++)
        mass += (k->nodes[j] - k->nodes[j - 1]) * (k->density[j] + k->density[j - 1]);
    for (size_t j = 0; j < node_count(k); j++) k->density[j] /= mass;
}

static sb_status compare(work *k, const sb_summary *summary, sb_json json)
{
    sb_writer writer = {0};
    const sb_grid *grid = &k->cas.problem.grid;
    double *times = malloc(k->tones * sizeof *times);
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", k->tones);
    sb_status status =
        sb_study_table(k->stage, "study.tsv", "label\tw\tT_wanted\tT_pred\tT_obs\tT_obs_lo\tT_obs_hi", &writer);
    if (status != SB_OK) goto done;
    sb_print(k->say, "\n  %-8s  %-10s  %-10s  %s\n", grid->unit, "wanted T", "designed T", "trained T (range)");
    for (size_t i = 0; i < k->tones; i++) {
        const sb_judgement *j = &summary->source[0].judgement[i * SB_LEVELS];
        double wanted = absolute(k) ? k->wish[i] : k->excess;
        times[i] = j->t_obs;
        sb_print(writer.stream, "%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\n", grid->label[i], k->w[i], wanted,
                 k->time[i], j->t_obs, j->obs_lo, j->obs_hi);
        sb_print(k->say, "  %-8g  %-10.4g  %-10.4g  %.4g (%.4g-%.4g)\n", grid->label[i], wanted, k->time[i], j->t_obs,
                 j->obs_lo, j->obs_hi);
        if (absolute(k)) times[i] /= k->wish[i];
    }
    status = sb_writer_close(&writer, SB_OK);
    sb_bias bias = sb_bias_index(k->tones, grid->xi, times);
    sb_print(k->say, "  trained%s: FBI %+.3f, S %.3f (0: as wanted)\n\n", absolute(k) ? ", T / T wanted" : "", bias.fbi,
             bias.spread);
    sb_json_whole(json, "corrections", k->rounds);
    sb_json_real(json, "shape", k->shape);
    sb_json_real(json, "excess", k->excess);
    sb_json_real(json, "gain", k->trial.net_gain);
    sb_json_real(json, "fbi", bias.fbi);
    sb_json_real(json, "spread", bias.spread);
done:
    free(times);
    return status;
}

static sb_status verify(work *k, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    char directory[SB_PATH];
    sb_document document = {0};
    sb_summary summary = {0};
    SB_TRY(sb_rundir_folder(directory, k->stage->directory, "verify"));
    SB_TRY(sb_study_train(&k->trial, k->stage, directory, true, &summary));
    SB_TRY(compare(k, &summary, sb_study_summary(k->config, &document)));
    *verdict = summary.verdict;
    if (absolute(k) && fabs(log(k->excess)) > 1e-3 && !k->config->design_gain && *verdict < SB_DIFFERS)
        *verdict = SB_DIFFERS; /* from the wish */
    SB_TRY(sb_study_end(k->stage, &document, *verdict));
done:
    sb_json_close(&document);
    sb_summary_clear(&summary);
    return status;
}

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage, (void)say;
    size_t tones = config->observe_xi.n ? config->observe_xi.n : config->target_xi.n;
    if (strcmp(config->net_kind, "fourier") != 0 || config->data_dimension != 1)
        return sb_fail(SB_ERR_INPUT, "a design needs net.kind = \"fourier\" and data of one dimension");
    if (config->forecast_sources.n == 0)
        return sb_fail(SB_ERR_INPUT, "a design is verified by a forecast: forecast.sources is empty");
    if (strcmp(config->design_wish, "flat") != 0 && config->design_values.n != tones)
        return sb_fail(SB_ERR_INPUT, "design.values has %zu values for %zu frequencies", config->design_values.n,
                       tones);
    return SB_OK;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    bool sealed;
    work k = {.config = config, .stage = stage, .say = say, .form = SB_FORM_FLOW};
    SB_TRY(check(config, stage, NULL));
    if (!stage->resume) SB_TRY(sb_rundir_check(stage->directory, stage->force)); /* before the search */
    SB_TRY(open_trial(&k));
    SB_TRY(read_wish(&k));
    SB_TRY(iterate(&k));
    /* again for the discrete steps that the verification will take */
    double gain2 = absolute(&k) && config->design_gain ? k.excess : 1;
    k.cas.wide.gain2 *= gain2;
    k.trial.net_gain *= sqrt(gain2);
    k.trial.train_eta = k.cas.rule.eta = two_digits(ETA_LAMBDA / 2 * k.cas.largest_step / gain2);
    k.form = SB_FORM_GD;
    SB_TRY(iterate(&k));
    if (absolute(&k) && config->design_gain) set_pace(&k);
    double last = 0;
    for (size_t i = 0; i < k.tones; i++) last = fmax(last, isnan(k.tenth[i]) ? 10 * k.time[i] : k.tenth[i]);
    k.trial.train_time = two_digits(1.5 * last);
    if (k.trial.train_time / k.trial.train_eta > MOST_STEPS)
        status = sb_fail(SB_ERR_INPUT,
                         "the wish is out of reach: its slowest frequency would take %.2g steps to train (at most %g)",
                         k.trial.train_time / k.trial.train_eta, MOST_STEPS);
    SB_TRY(status);
    normalise(&k);
    SB_TRY(set_table(&k));
    SB_TRY(sb_study_check(&k.trial)); /* what the verification would refuse, before anything is written */
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_design(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    say_design(&k);
    SB_TRY(verify(&k, verdict));
    sb_print(say, "design    %s/design.cfg runs it again\n", stage->directory);
done:
    free(k.w);
    free(k.nodes);
    sb_case_clear(&k.cas);
    sb_config_clear(&k.trial);
    return status;
}

const sb_study sb_study_design = {
    .name = "design",
    .title = "the density of Fourier features for wanted times, then trained",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier (2024)",
    .check = check,
    .run = run,
};
