/* Stage 3: sealed forecasts beside what was observed.
 *
 * In: the case and a directory that was trained. Out: DIR/agreement.tsv, budget.tsv, bias.tsv, summary.json. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/text.h"
#include "experiment/claims.h"
#include "experiment/effect.h"
#include "experiment/grain.h"
#include "experiment/rounding.h"
#include "experiment/stage.h"
#include "experiment/table.h"

typedef struct tables {
    const char *name;
    const sb_source *source;
    bool paired;
    size_t count;        /* seeds when paired, else 1 */
    sb_decay *flow, *gd; /* [count] */
} tables;

typedef struct work {
    const sb_case *cas;
    const sb_stage *stage;
    size_t sources, seeds;
    tables *source;     /* [sources] */
    sb_decay *observed; /* [seeds] */
    sb_decay *exact;    /* [seeds] under exact gradient flow; NULL: not asked for */
    sb_draws draws;
    double *grain; /* [nxi][SB_LEVELS] of a start without randomness, else NULL */
    sb_summary *summary;
    double *floor;    /* [nxi] of the target */
    double *moved;    /* [nxi][SB_LEVELS] effect of the moving kernel on ln T, rms of all runs */
    double *rounding; /* [nxi] and lost [nxi][SB_LEVELS] (rounding.h) */
} work;

static int64_t seed_of(const work *w, size_t run)
{
    return w->cas->config->seeds_first + (int64_t)run;
}

static sb_status load_source(const work *w, const sb_source *source, tables *t)
{
    sb_status status = SB_OK;
    char base[128];
    const char *name = source->name;
    *t = (tables){.name = name, .source = source};
    t->paired = sb_source_paired(w->cas, t->source);
    t->count = t->paired ? w->seeds : 1;
    t->flow = calloc(t->count, sizeof *t->flow);
    t->gd = calloc(t->count, sizeof *t->gd);
    if (!t->flow || !t->gd) return sb_fail(SB_ERR_NOMEM, "no memory for %zu tables", t->count);
    for (size_t r = 0; r < t->count; r++) {
        int64_t seed = t->paired ? seed_of(w, r) : -1;
        sb_table_base(base, name, seed, SB_FORM_FLOW);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, name, SB_FORM_FLOW, &t->flow[r]));
        sb_table_base(base, name, seed, SB_FORM_GD);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, name, SB_FORM_GD, &t->gd[r]));
    }
done:
    return status;
}

/* The largest effect of all runs, and its rms; where it is not known, at a time that no kernel reaches, there is none.
 */
static sb_status load_effects(const work *w)
{
    size_t lines = w->summary->nxi * SB_LEVELS;
    sb_effect *effect = malloc(w->seeds * lines * sizeof *effect);
    if (!effect) return sb_fail(SB_ERR_NOMEM, "no memory for the effects of %zu runs", w->seeds);
    sb_status status = sb_effects_load(w->stage->directory, seed_of(w, 0), w->seeds, &w->cas->watch.items, effect);
    for (size_t j = 0; status == SB_OK && j < lines; j++) {
        double known = 0, square = 0;
        for (size_t at = j; at < w->seeds * lines; at += lines) {
            if (isnan(effect[at].effect)) continue;
            w->summary->effect[j] = fmax(w->summary->effect[j], effect[at].effect);
            square += effect[at].effect * effect[at].effect;
            known++;
        }
        if (known > 0) w->moved[j] = sqrt(square / known);
    }
    free(effect);
    return status;
}

static sb_status load_all(work *w)
{
    sb_status status = SB_OK;
    char base[128];
    for (size_t s = 0; s < w->sources; s++) SB_TRY(load_source(w, w->cas->source[s], &w->source[s]));
    if (sb_draw_count(w->cas) > 0) SB_TRY(sb_draws_load(w->cas, w->stage->directory, &w->draws));
    SB_TRY(sb_runs_load(w->cas, w->stage->directory, w->summary->seal, w->summary->run));
    if (w->sources > 0 && !*w->cas->unjudged) SB_TRY(load_effects(w));
    for (size_t r = 0; r < w->seeds; r++) {
        sb_table_base(base, "observed", seed_of(w, r), SB_FORM_OBSERVED);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, "observed", SB_FORM_OBSERVED, &w->observed[r]));
    }
    for (size_t r = 0; w->exact && r < w->seeds; r++) {
        sb_table_base(base, SB_OBSERVED_FLOW, seed_of(w, r), SB_FORM_OBSERVED);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, SB_OBSERVED_FLOW, SB_FORM_OBSERVED, &w->exact[r]));
    }
done:
    return status;
}

static void free_tables(tables *t)
{
    for (size_t r = 0; r < t->count; r++) {
        if (t->flow) sb_decay_clear(&t->flow[r]);
        if (t->gd) sb_decay_clear(&t->gd[r]);
    }
    free(t->flow);
    free(t->gd);
}

/* A kernel that belongs to each seed carries its own sampling; the rest is judged by the spread of the draws. */
static sb_evidence evidence_of(const work *w, const tables *t, const sb_decay *forecast)
{
    bool sampled = !t->source->per_seed && !w->cas->deterministic;
    return (sb_evidence){.forecast = forecast,
                         .paired = t->paired,
                         .draws = sampled ? &w->draws : NULL,
                         .observed = w->observed,
                         .runs = w->seeds,
                         .effect = w->summary->effect,
                         .moved = w->moved,
                         .limit = SB_LAZY,
                         .grain = t->source->per_seed ? NULL : w->grain,
                         .floor = w->floor,
                         .rounding = w->rounding,
                         .lost = w->rounding + w->summary->nxi,
                         .steps = 1 / sb_rule_time(&w->cas->rule, 1)};
}

/* ---- power: the same verdict on kernels that are wrong ---- */

typedef struct trial {
    const work *w;
    const tables *t;
    size_t size, rank;      /* numbers of a residual, eigenvalues */
    sb_kernel_modes *modes; /* [count] */
    double *u0;             /* [count][size] */
    double *rate;           /* [rank] */
    size_t *order;          /* [rank] a fixed permutation */
    sb_decay *decay;        /* [count] */
    sb_judgement *judgement;
} trial;

static void permute(size_t n, size_t *order)
{
    sb_rng rng = sb_rng_at(1, SB_STREAM_PERMUTE, n);
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n; i > 1; i--) { /* Fisher-Yates */
        size_t j = (size_t)(sb_rng_uniform(&rng) * (double)i), other = order[j];
        order[j] = order[i - 1];
        order[i - 1] = other;
    }
}

static sb_status open_trial(const work *w, const tables *t, trial *try)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t per_row = sb_source_per_row(cas, t->source);
    *try = (trial){.w = w, .t = t, .size = cas->n * cas->outputs, .rank = sb_case_form(cas, per_row)->rank};
    try->modes = calloc(t->count, sizeof *try->modes);
    try->decay = calloc(t->count, sizeof *try->decay);
    try->u0 = malloc(t->count * try->size * sizeof *try->u0);
    try->rate = malloc(try->rank * sizeof *try->rate);
    try->order = malloc(try->rank * sizeof *try->order);
    try->judgement = malloc((cas->watch.items.n * SB_LEVELS + 1) * sizeof *try->judgement);
    if (!try->modes || !try->decay || !try->u0 || !try->rate || !try->order || !try->judgement)
        return sb_fail(SB_ERR_NOMEM, "no memory for the power test");
    permute(try->rank, try->order);
    for (size_t r = 0; r < t->count; r++) {
        uint64_t seed = (uint64_t)seed_of(w, r);
        SB_TRY(sb_source_modes(cas, t->source, seed, &try->modes[r]));
        SB_TRY(sb_start_residual(cas, seed, try->u0 + r * try->size));
        SB_TRY(sb_case_table(cas, t->name, SB_FORM_GD, &try->decay[r]));
    }
done:
    return status;
}

static void close_trial(trial *try)
{
    for (size_t r = 0; r < try->t->count; r++) {
        if (try->modes) sb_kernel_modes_clear(&try->modes[r]);
        if (try->decay) sb_decay_clear(&try->decay[r]);
    }
    free(try->modes);
    free(try->decay);
    free(try->u0);
    free(try->rate);
    free(try->order);
    free(try->judgement);
}

static sb_status rejects(trial *try, double factor, bool permuted, bool *rejected)
{
    const work *w = try->w;
    sb_verdict verdict = SB_AGREES;
    for (size_t r = 0; r < try->t->count; r++) {
        for (size_t k = 0; k < try->rank; k++)
            try->rate[k] = factor * try->modes[r].linear.eigen.lambda[permuted ? try->order[k] : k];
        sb_status status =
            sb_kernel_forecast(&try->modes[r], &w->cas->rule, try->rate, try->u0 + r * try->size, &try->decay[r]);
        if (status != SB_OK) return status;
    }
    sb_evidence evidence = evidence_of(w, try->t, try->decay);
    evidence.limit = INFINITY; /* what the comparison could see is asked apart from whether training was lazy */
    sb_status status = sb_judge(&evidence, try->judgement, &verdict);
    *rejected = verdict == SB_DIFFERS;
    return status;
}

static void report_eigenpairs(const trial *try, sb_source_result *result)
{
    result->rate_min = INFINITY;
    for (size_t r = 0; r < try->t->count; r++) {
        const sb_eigen *eigen = &try->modes[r].linear.eigen;
        result->rate_max = fmax(result->rate_max, eigen->lambda[0]);
        result->rate_min = fmin(result->rate_min, eigen->lambda[eigen->n - 1]);
        result->residual = fmax(result->residual, eigen->residual);
        result->orthogonality = fmax(result->orthogonality, eigen->orthogonality);
        result->negative = fmax(result->negative, eigen->negative);
    }
}

static sb_status measure_power(const work *w, const tables *t, sb_source_result *result)
{
    sb_status status = SB_OK;
    sb_power *power = &result->power;
    trial try = {.t = t};
    SB_TRY(open_trial(w, t, &try));
    report_eigenpairs(&try, result);
    for (size_t i = 0; sb_wrong_at(i); i++) {
        const sb_wrong *wrong = sb_wrong_at(i);
        SB_TRY(rejects(&try, wrong->factor, wrong->permuted, &power->rejected[i]));
    }
    SB_TRY(rejects(&try, 1, false, &power->right_rejected));
    const sb_case *cas = w->cas;
    power->least_factor = power->right_rejected ? NAN
                                                : sb_noticed_factor(result->judgement, cas->watch.items.n * SB_LEVELS,
                                                                    cas->t[cas->nt - 1]);
done:
    close_trial(&try);
    return status;
}

/* ---- the error budget ---- */

static const tables *find(const work *w, const char *name)
{
    for (size_t s = 0; s < w->sources; s++)
        if (strcmp(w->source[s].name, name) == 0) return &w->source[s];
    return NULL;
}

/* Largest distance over seeds; a table that is not of one seed stands for all of them. */
static double distance(const work *w, const sb_decay *a, size_t na, const sb_decay *b, size_t nb, size_t k)
{
    double largest = 0;
    for (size_t r = 0; r < w->seeds; r++) largest = fmax(largest, sb_decay_distance(&a[r % na], &b[r % nb], k));
    return largest;
}

static sb_budget budget_at(const work *w, size_t k)
{
    const tables *own = find(w, "ntk.empirical"), *wide = find(w, "ntk.infinite"), *lfp = find(w, "lfp");
    const tables *heat = find(w, "heat"), *law = find(w, "heat.rate");
    const tables *points = find(w, "heat.points"), *equation = lfp ? lfp : points ? points : heat;
    sb_budget b = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (w->exact) b.flow = distance(w, w->observed, w->seeds, w->exact, w->seeds, k);
    if (w->exact && own) b.drift = distance(w, w->exact, w->seeds, own->flow, own->count, k);
    if (own) {
        b.training = distance(w, w->observed, w->seeds, own->gd, own->count, k);
        b.step = distance(w, own->gd, own->count, own->flow, own->count, k);
    }
    if (own && wide) b.width = distance(w, own->gd, own->count, wide->gd, wide->count, k);
    if (wide && equation) b.continuum = distance(w, wide->gd, wide->count, equation->gd, equation->count, k);
    if (heat && law) b.coupling = distance(w, heat->gd, heat->count, law->gd, law->count, k);
    return b;
}

/* ---- bias index ---- */

/* The draws' times are of the same start only when that is zero. */
static sb_status bias_of_source(const work *w, const tables *t, const sb_decay *table, sb_bias_result *bias)
{
    if (t->paired) return sb_bias_of_runs(table, t->count, bias);
    sb_status status = sb_bias_of(table, bias);
    return status == SB_OK && w->draws.count > 0 ? sb_bias_add_draws(&w->draws, table, bias) : status;
}

static sb_status measure_bias(const work *w)
{
    sb_status status = SB_OK;
    sb_bias_result *bias = w->summary->bias;
    for (size_t s = 0; s < w->sources; s++) {
        SB_TRY(bias_of_source(w, &w->source[s], w->source[s].flow, bias++));
        SB_TRY(bias_of_source(w, &w->source[s], w->source[s].gd, bias++));
    }
    SB_TRY(sb_bias_of_runs(w->observed, w->seeds, bias++));
    for (size_t r = 0; r < w->seeds; r++) {
        SB_TRY(sb_bias_of(&w->observed[r], bias));
        bias++->seed = seed_of(w, r);
    }
done:
    return status;
}

/* ---- together ---- */

/* Where it is not known how far a true forecast may be off, times stand side by side and no more. */
static void leave_open(const sb_summary *summary, sb_source_result *result)
{
    for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
        sb_judgement *j = &result->judgement[i];
        j->s = j->z = j->limit = j->effect = NAN;
        j->verdict = SB_NONE;
    }
    result->verdict = SB_NONE;
    result->power = (sb_power){.least_factor = NAN};
}

static sb_status judge_source(const work *w, const tables *t, sb_source_result *result)
{
    sb_format(result->name, sizeof result->name, "%s", t->name);
    result->form = SB_FORM_GD;
    result->judgement = calloc(w->summary->nxi * SB_LEVELS + 1, sizeof *result->judgement);
    if (!result->judgement) return sb_fail(SB_ERR_NOMEM, "no memory for the verdict");
    sb_evidence evidence = evidence_of(w, t, t->gd);
    sb_status status = sb_judge(&evidence, result->judgement, &result->verdict);
    if (status == SB_OK) status = measure_power(w, t, result);
    if (status == SB_OK && *w->cas->unjudged) leave_open(w->summary, result);
    return status;
}

/* The worst of those that were judged; `not lazy` is said of the frozen kernel, and does not count beside another
 * verdict. */
static sb_verdict worst_of(const sb_summary *summary)
{
    sb_verdict worst = SB_NONE;
    bool lazy = true;
    for (size_t s = 0; s < summary->sources; s++) {
        sb_verdict verdict = summary->source[s].verdict;
        if (verdict == SB_NOT_LAZY) lazy = false;
        if (verdict != SB_NOT_LAZY && verdict > worst) worst = verdict;
    }
    return worst == SB_NONE && !lazy ? SB_NOT_LAZY : worst;
}

static void note_laziness(sb_summary *summary, const sb_source_result *source)
{
    for (size_t j = 0; j < summary->nxi * SB_LEVELS; j++)
        if (!isnan(source->judgement[j].z)) summary->laziness = fmax(summary->laziness, source->judgement[j].effect);
}

static sb_status fill_summary(work *w)
{
    sb_summary *summary = w->summary;
    summary->laziness = NAN;
    for (size_t s = 0; s < w->sources; s++) {
        sb_status status = judge_source(w, &w->source[s], &summary->source[s]);
        if (status != SB_OK) return status;
        note_laziness(summary, &summary->source[s]);
        status = sb_monitor_progress(w->stage->monitor, "compare", (double)(s + 1), (double)w->sources);
        if (status != SB_OK) return status;
    }
    for (size_t k = 0; k < summary->nxi; k++) summary->budget[k] = budget_at(w, k);
    sb_status status = sb_claims_judge(w->cas, w->seeds, w->observed, &summary->claims);
    summary->verdict = worst_of(summary);
    if (summary->claims.verdict > summary->verdict) summary->verdict = summary->claims.verdict;
    return status == SB_OK ? measure_bias(w) : status;
}

static sb_status make_room(work *w)
{
    sb_summary *summary = w->summary;
    bool flow = w->cas->config->train_flow;
    w->source = calloc(w->sources + 1, sizeof *w->source);
    w->observed = calloc(w->seeds, sizeof *w->observed);
    if (flow) w->exact = calloc(w->seeds, sizeof *w->exact);
    summary->source = calloc(w->sources + 1, sizeof *summary->source);
    summary->run = calloc(w->seeds, sizeof *summary->run);
    summary->effect = calloc(summary->nxi * SB_LEVELS + 1, sizeof *summary->effect);
    summary->budget = calloc(summary->nxi + 1, sizeof *summary->budget);
    summary->bias = calloc(summary->biases, sizeof *summary->bias);
    w->rounding = calloc(summary->nxi * (1 + SB_LEVELS) + 1, sizeof *w->rounding);
    w->moved = calloc(summary->nxi * SB_LEVELS + 1, sizeof *w->moved);
    w->floor = calloc(summary->nxi + 1, sizeof *w->floor);
    for (size_t k = 0; w->floor && k < summary->nxi; k++) w->floor[k] = w->cas->watch.items.item[k].floor;
    bool all = w->source && w->observed && (w->exact || !flow) && w->rounding && w->moved && w->floor;
    all = all && summary->source && summary->run && summary->effect && summary->budget && summary->bias;
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the comparison");
}

sb_status sb_compare(const sb_case *cas, const sb_stage *stage, sb_summary *summary)
{
    sb_status status = SB_OK;
    work w = {.cas = cas,
              .stage = stage,
              .sources = cas->sources,
              .seeds = (size_t)cas->config->seeds_count,
              .summary = summary};
    *summary = (sb_summary){.nxi = cas->watch.items.n,
                            .sources = w.sources,
                            .runs = w.seeds,
                            .biases = 2 * w.sources + 1 + w.seeds,
                            .unjudged = cas->unjudged};
    SB_TRY(sb_items_copy(&cas->watch.items, &summary->items));
    SB_TRY(make_room(&w));
    SB_TRY(sb_seal_verify(stage->directory, summary->seal));
    SB_TRY(sb_check_keys(cas->config, stage->directory));
    SB_TRY(sb_seals_check(stage->directory, stage->monitor));
    SB_TRY(load_all(&w));
    if (cas->deterministic) {
        w.grain = malloc(summary->nxi * SB_LEVELS * sizeof *w.grain);
        if (!w.grain) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the comparison"));
        SB_TRY(sb_grain_measure(cas, w.grain));
    }
    if (w.sources > 0) SB_TRY(sb_rounding_measure(cas, w.rounding, w.rounding + summary->nxi));
    SB_TRY(fill_summary(&w));
done:
    for (size_t s = 0; w.source && s < w.sources; s++) free_tables(&w.source[s]);
    for (size_t r = 0; w.observed && r < w.seeds; r++) sb_decay_clear(&w.observed[r]);
    free(w.source);
    free(w.rounding);
    free(w.moved);
    free(w.floor);
    for (size_t r = 0; w.exact && r < w.seeds; r++) sb_decay_clear(&w.exact[r]);
    free(w.observed);
    free(w.exact);
    free(w.grain);
    sb_draws_clear(&w.draws);
    if (status != SB_OK) sb_summary_clear(summary);
    return status;
}

/* Says where rounding keeps the weights where they are. */
static void warn_of_rounding(const sb_case *cas, const sb_monitor *monitor, const sb_summary *summary)
{
    for (size_t i = 0; summary->sources > 0 && i < summary->nxi * SB_LEVELS; i++) {
        const sb_judgement *j = &summary->source[0].judgement[i];
        if (isinf(j->floor)) {
            sb_monitor_warn(monitor,
                            "frequency %g, err 1/%g: a step is below the rounding of every weight, none moves: nothing "
                            "can be decided; target.amplitude = %g is too small",
                            j->label, 1 / j->q, cas->config->target_amplitude);
            return;
        }
    }
}

sb_status sb_compare_stage(const sb_case *cas, const sb_stage *stage, sb_summary *summary)
{
    sb_status status = sb_compare(cas, stage, summary);
    if (status != SB_OK) return status;
    warn_of_rounding(cas, stage->monitor, summary);
    status = sb_summary_save(cas, stage->directory, summary);
    if (status != SB_OK) sb_summary_clear(summary);
    return status;
}

void sb_summary_clear(sb_summary *summary)
{
    for (size_t s = 0; summary->source && s < summary->sources; s++) free(summary->source[s].judgement);
    free(summary->source);
    free(summary->run);
    free(summary->effect);
    free(summary->budget);
    free(summary->bias);
    sb_items_clear(&summary->items);
    sb_claims_clear(&summary->claims);
    *summary = (sb_summary){0};
}
