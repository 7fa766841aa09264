/* Stage 3: sealed forecasts beside what was observed.
 *
 * In: the case and a directory that was trained. Out: DIR/agreement.tsv, budget.tsv, bias.tsv, summary.json. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/given.h"
#include "case/start.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "forecast/noise.h"
#include "forecast/width.h"
#include "run/bands.h"
#include "run/claims.h"
#include "run/comparison.h"
#include "run/effect.h"
#include "run/grain.h"
#include "run/rounding.h"
#include "run/seen.h"
#include "run/stage.h"
#include "run/table.h"
#include "run/uncovered.h"

static const sb_draws *draws_of(const sb_comparison *w, const sb_told *t)
{
    return sb_source_rehearsed(w->cas, t->source) ? &w->rehearsals : &w->draws;
}

static const char *width_told_by(const sb_evidence *e, bool rehearsed)
{
    if (e->width) return "quadrature";
    return !e->draws || e->draws->count == 0 ? "none" : rehearsed ? "rehearsals" : "draws";
}

/* A kernel that belongs to each seed carries its own sampling; the rest is judged by the spread of the draws, the law
 * by that of the rehearsals. */
sb_evidence sb_comparison_evidence(const sb_comparison *w, const sb_told *t, const sb_decay *forecast)
{
    bool sampled = !t->source->per_seed && !w->cas->deterministic, moving = t->source->moving;
    const sb_noise *noise = &w->noise[t - w->source];
    return (sb_evidence){.forecast = forecast,
                         .paired = t->paired,
                         .times = noise->times,
                         .noise = noise->times ? noise : NULL,
                         .draws = sampled ? draws_of(w, t) : NULL,
                         .width = sampled && !sb_source_rehearsed(w->cas, t->source) ? w->width : NULL,
                         .observed = w->observed,
                         .runs = w->seeds,
                         .effect = moving ? NULL : w->summary->effect,
                         .moved = w->moved,
                         .limit = SB_LAZY,
                         .error = t->error              ? t->error
                                  : t->source->per_seed ? NULL
                                                        : w->grain,
                         .floor = w->floor,
                         .rounding = w->rounding,
                         .lost = w->rounding + w->summary->nxi,
                         .steps = (double)w->cas->steps / w->cas->t[w->cas->nt - 1]};
}

/* ---- bias index ---- */

/* The draws' times are of the same start only when that is zero. */
static sb_status bias_of_source(const sb_comparison *w, const sb_told *t, const sb_decay *table, sb_bias_result *bias)
{
    if (t->paired) return sb_bias_of_runs(table, t->count, bias);
    sb_status status = sb_bias_of(table, bias);
    const sb_draws *draws = draws_of(w, t);
    return status == SB_OK && draws->count > 0 ? sb_bias_add_draws(draws, table, bias) : status;
}

static sb_status measure_bias(const sb_comparison *w)
{
    sb_status status = SB_OK;
    sb_bias_result *bias = w->summary->bias;
    for (size_t s = 0; s < w->sources; s++) {
        if (w->source[s].flow) SB_TRY(bias_of_source(w, &w->source[s], w->source[s].flow, bias++));
        SB_TRY(bias_of_source(w, &w->source[s], w->source[s].gd, bias++));
    }
    SB_TRY(sb_bias_of_runs(w->observed, w->seeds, bias++));
    for (size_t r = 0; r < w->seeds; r++) {
        SB_TRY(sb_bias_of(&w->observed[r], bias));
        bias++->seed = sb_comparison_seed(w, r);
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

static sb_status judge_source(const sb_comparison *w, const sb_told *t, sb_source_result *result)
{
    sb_format(result->name, sizeof result->name, "%s", t->name);
    result->form = SB_FORM_GD;
    result->judgement = calloc(w->summary->nxi * SB_LEVELS + 1, sizeof *result->judgement);
    if (!result->judgement) return sb_fail(SB_ERR_NOMEM, "no memory for the verdict");
    sb_evidence evidence = sb_comparison_evidence(w, t, t->gd);
    result->finite_width = width_told_by(&evidence, sb_source_rehearsed(w->cas, t->source));
    sb_status status = sb_judge(&evidence, result->judgement, &result->verdict);
    if (status == SB_OK) status = sb_power_measure(w, t, result);
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
        if (!isnan(source->judgement[j].z) || source->judgement[j].verdict == SB_NOT_LAZY)
            summary->laziness = fmax(summary->laziness, source->judgement[j].effect);
}

static sb_status fill_summary(sb_comparison *w)
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
    for (size_t k = 0; k < summary->nxi; k++) summary->budget[k] = sb_budget_at(w, k);
    summary->verdict = worst_of(summary);
    sb_status status = sb_seen_find(w->cas, w->seeds, w->observed, &summary->seen);
    if (status == SB_OK) status = measure_bias(w);
    if (status == SB_OK) status = sb_claims_judge(w->cas, w->stage->directory, summary);
    sb_verdict claims = sb_claims_verdict(summary);
    if (claims != SB_NONE && (summary->verdict == SB_NOT_LAZY || claims > summary->verdict)) summary->verdict = claims;
    return status;
}

static sb_status make_room(sb_comparison *w)
{
    sb_summary *summary = w->summary;
    bool flow = w->cas->config->train_flow;
    w->source = calloc(w->sources + 1, sizeof *w->source);
    w->noise = calloc(w->sources + 1, sizeof *w->noise);
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
    bool all = w->source && w->noise && w->observed && (w->exact || !flow) && w->rounding && w->moved && w->floor;
    all = all && summary->source && summary->run && summary->effect && summary->budget && summary->bias;
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the comparison");
}

/* Forecasts of infinite width alone are off by it. */
static bool needs_grain(const sb_case *cas)
{
    bool needs = false;
    for (size_t s = 0; s < cas->sources; s++) needs = needs || !cas->source[s]->per_seed;
    return needs;
}

/* Of the sources that are left of the case, into a summary that knows the seal and what is left out. */
static sb_status compare(const sb_case *cas, const sb_stage *stage, sb_summary *summary)
{
    sb_status status = SB_OK;
    sb_comparison w = {.cas = cas,
                       .stage = stage,
                       .sources = cas->sources,
                       .seeds = (size_t)cas->config->seeds_count,
                       .outside = sb_rundir_holds(stage->directory, "outside.tsv"),
                       .summary = summary};
    summary->nxi = cas->watch.items.n;
    summary->sources = w.sources;
    summary->runs = w.seeds;
    summary->biases = w.sources + 1 + w.seeds;
    for (size_t s = 0; s < w.sources; s++) summary->biases += cas->way[s][SB_FORM_FLOW] != SB_WAY_NONE;
    SB_TRY(sb_items_copy(&cas->watch.items, &summary->items));
    SB_TRY(make_room(&w));
    SB_TRY(sb_comparison_load(&w));
    if (cas->deterministic && !*cas->silent && needs_grain(cas)) {
        w.grain = malloc(summary->nxi * SB_LEVELS * sizeof *w.grain);
        if (!w.grain) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the comparison"));
        SB_TRY(sb_grain_measure(cas, w.grain));
    }
    for (size_t s = 0; s < w.sources; s++) SB_TRY(sb_told_measure_error(&w, &w.source[s]));
    if (w.sources > 0 && !cas->external) SB_TRY(sb_rounding_measure(cas, w.rounding, w.rounding + summary->nxi));
    SB_TRY(fill_summary(&w));
    SB_TRY(sb_bands_load(cas, stage->directory, summary));
done:
    for (size_t s = 0; w.source && s < w.sources; s++) sb_told_clear(&w.source[s]);
    for (size_t s = 0; w.noise && s < w.sources; s++) sb_noise_clear(&w.noise[s]);
    for (size_t r = 0; w.observed && r < w.seeds; r++) sb_decay_clear(&w.observed[r]);
    free(w.source);
    free(w.noise);
    free(w.rounding);
    free(w.moved);
    free(w.floor);
    for (size_t r = 0; w.exact && r < w.seeds; r++) sb_decay_clear(&w.exact[r]);
    free(w.observed);
    free(w.exact);
    free(w.grain);
    free(w.width);
    sb_draws_clear(&w.draws);
    sb_draws_clear(&w.rehearsals);
    return status;
}

sb_status sb_compare(const sb_case *cas, const sb_stage *stage, sb_summary *summary)
{
    sb_status status = SB_OK;
    sb_case left = {0};
    *summary = (sb_summary){.unjudged = cas->unjudged};
    SB_TRY(sb_seal_verify(stage->directory, summary->seal));
    SB_TRY(sb_check_keys(cas->config, stage->directory));
    SB_TRY(sb_start_check(cas->config, stage->directory));
    SB_TRY(sb_seals_check(stage->directory, stage->resume ? NULL : stage->monitor)); /* interrupted, some are not yet */
    SB_TRY(sb_givens_read(cas, stage->directory));
    SB_TRY(sb_uncovered_load(cas, stage->directory, &left, summary->uncovered));
    SB_TRY(compare(&left, stage, summary));
done:
    sb_left_clear(&left);
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
    sb_seen_clear(&summary->seen);
    free(summary->claim);
    *summary = (sb_summary){0};
}
