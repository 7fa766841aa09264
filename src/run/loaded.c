/* What is compared, from a run directory: sealed forecasts, draws, what was observed. */
#include <math.h>
#include <stdlib.h>

#include "case/given.h"
#include "core/text.h"
#include "forecast/forecast.h"
#include "forecast/noise.h"
#include "forecast/width.h"
#include "run/comparison.h"
#include "run/effect.h"
#include "run/stage.h"
#include "run/table.h"

static sb_status load_source(const sb_comparison *w, const sb_source *source, sb_told *t)
{
    sb_status status = SB_OK;
    char base[128];
    const char *name = source->name;
    *t = (sb_told){.name = name, .source = source};
    t->paired = sb_source_paired(w->cas, t->source);
    t->count = t->paired ? w->seeds : 1;
    bool flows = sb_source_way(w->cas, source, SB_FORM_FLOW) != SB_WAY_NONE;
    if (flows) t->flow = calloc(t->count, sizeof *t->flow);
    t->gd = calloc(t->count, sizeof *t->gd);
    if ((flows && !t->flow) || !t->gd) return sb_fail(SB_ERR_NOMEM, "no memory for %zu tables", t->count);
    for (size_t r = 0; r < t->count; r++) {
        int64_t seed = t->paired ? sb_comparison_seed(w, r) : -1;
        sb_table_base(base, name, seed, SB_FORM_FLOW);
        if (flows) SB_TRY(sb_table_load(w->cas, w->stage->directory, base, name, SB_FORM_FLOW, &t->flow[r]));
        sb_table_base(base, name, seed, SB_FORM_GD);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, name, SB_FORM_GD, &t->gd[r]));
    }
done:
    return status;
}

/* What the mean over runs of ln T is off by: the mean of their effects, but no less than its standard error, by which
 * it may have come out small. effect[runs][lines] of one line, earlier or later; one that is not known, at a time that
 * no kernel reaches, does not count. */
static double mean_effect(const sb_effect *effect, size_t runs, size_t lines)
{
    double known = 0, sum = 0, square = 0;
    for (size_t at = 0; at < runs * lines; at += lines) {
        if (isnan(effect[at].effect)) continue;
        sum += effect[at].path > effect[at].frozen ? effect[at].effect : -effect[at].effect;
        square += effect[at].effect * effect[at].effect;
        known++;
    }
    if (known == 0) return 0;
    double mean = sum / known, variance = fmax(0, square / known - mean * mean) / fmax(1, known - 1);
    return fmax(fabs(mean), sqrt(variance));
}

static sb_status load_noise(const sb_comparison *w)
{
    sb_status status = SB_OK;
    for (size_t s = 0; s < w->sources; s++) {
        const sb_source *source = w->cas->source[s];
        if (sb_source_paired(w->cas, source) || !sb_noise_matters(w->cas, source)) continue;
        SB_TRY(sb_noise_init(&w->noise[s], w->summary->nxi));
    }
    SB_TRY(sb_noise_load(w->cas, w->stage->directory, w->noise));
done:
    return status;
}

/* Of all runs; nan where none is known. */
static double quantile_of(const sb_effect *effect, size_t runs, size_t lines, double p, double *known)
{
    size_t count = 0;
    for (size_t at = 0; at < runs * lines; at += lines)
        if (!isnan(effect[at].effect)) known[count++] = effect[at].effect;
    return sb_quantile(known, count, p);
}

/* The largest effect of all runs, and their mean. Under mini-batches T of a single run, the last time below, may jump
 * by a dip of the noise that the movement hardly changes: their median. */
static sb_status load_effects(const sb_comparison *w)
{
    sb_status status = SB_OK;
    size_t lines = w->summary->nxi * SB_LEVELS;
    double part = sb_effect_way(w->cas) == SB_WAY_TRAINED ? 0.5 : 1, p = sb_case_batch(w->cas) < w->cas->n ? 0.5 : 1;
    sb_effect *effect = malloc(w->seeds * lines * sizeof *effect);
    double *known = malloc(w->seeds * sizeof *known);
    if (!effect || !known) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the effects of %zu runs", w->seeds));
    SB_TRY(sb_effects_load(w->stage->directory, sb_comparison_seed(w, 0), w->seeds, &w->cas->watch.items, effect));
    for (size_t j = 0; j < lines; j++) {
        double found = quantile_of(effect + j, w->seeds, lines, p, known);
        w->summary->effect[j] = fmax(w->summary->effect[j], found); /* of nan and a number the number */
        w->moved[j] = part * mean_effect(effect + j, w->seeds, lines);
    }
done:
    free(effect);
    free(known);
    return status;
}

/* What is known of a law's error at a line: of all seeds the largest; of a time that none of its two makes reaches
 * nothing, so that it is 0 where the better one has none either. */
static double error_of_law(const sb_comparison *w, const sb_told *t, size_t j)
{
    size_t lines = w->summary->nxi * SB_LEVELS, all = t->count * lines;
    double largest = 0;
    for (size_t at = j; at < all; at += lines) {
        double error = t->law[SB_LAW_ERROR * all + at];
        if (isnan(error)) error = isnan(t->law[SB_LAW_TIME * all + at]) ? 0 : INFINITY;
        largest = fmax(largest, error);
    }
    return w->grain ? hypot(largest, w->grain[j]) : largest;
}

static sb_status load_law(const sb_comparison *w, sb_told *t)
{
    sb_status status = SB_OK;
    size_t lines = w->summary->nxi * SB_LEVELS, all = t->count * lines;
    t->law = calloc(SB_LAW_COLUMNS * all + 1, sizeof *t->law);
    t->error = calloc(lines + 1, sizeof *t->error);
    if (!t->law || !t->error) return sb_fail(SB_ERR_NOMEM, "no memory for the comparison");
    for (size_t r = 0; r < t->count; r++) {
        int64_t seed = t->paired ? sb_comparison_seed(w, r) : -1;
        SB_TRY(sb_law_load(w->cas, w->stage->directory, t->name, seed, all, t->law + r * lines));
    }
    for (size_t j = 0; j < lines; j++) t->error[j] = error_of_law(w, t, j);
done:
    return status;
}

/* A flow that was given is judged as steps make it of single modes (case/given.h): of what that changes ln T by nothing
 * better is known than its size. */
static sb_status measure_steps(const sb_comparison *w, sb_told *t)
{
    size_t lines = w->summary->nxi * SB_LEVELS;
    t->error = calloc(lines + 1, sizeof *t->error);
    if (!t->error) return sb_fail(SB_ERR_NOMEM, "no memory for the comparison");
    for (size_t j = 0; j < lines; j++) {
        double q = t->gd->items.level[j % SB_LEVELS];
        double steps = sb_decay_time(t->gd, j / SB_LEVELS, q), flow = sb_decay_time(t->flow, j / SB_LEVELS, q);
        t->error[j] = steps > 0 && flow > 0 ? fabs(log(steps / flow)) : 0; /* nan: not reached */
        if (w->grain) t->error[j] = hypot(t->error[j], w->grain[j]);
    }
    return SB_OK;
}

sb_status sb_told_measure_error(const sb_comparison *w, sb_told *t)
{
    if (t->source->moving) return load_law(w, t);
    return t->source->given && !t->source->given->kernels && t->flow ? measure_steps(w, t) : SB_OK;
}

sb_status sb_comparison_load(sb_comparison *w)
{
    sb_status status = SB_OK;
    char base[128];
    for (size_t s = 0; s < w->sources; s++) SB_TRY(load_source(w, w->cas->source[s], &w->source[s]));
    SB_TRY(load_noise(w));
    if (sb_draw_count(w->cas) > 0)
        SB_TRY(sb_draws_load(w->cas, w->stage->directory, "draws", sb_draw_count(w->cas), &w->draws));
    if (sb_rehearsal_count(w->cas) > 0)
        SB_TRY(sb_draws_load(w->cas, w->stage->directory, "rehearsals", sb_rehearsal_count(w->cas), &w->rehearsals));
    if (sb_width_wanted(w->cas)) SB_TRY(sb_width_load(w->cas, w->stage->directory, &w->width));
    SB_TRY(sb_runs_load(w->cas, w->stage->directory, w->summary->seal, w->summary->run));
    if (sb_effect_way(w->cas) != SB_WAY_NONE) SB_TRY(load_effects(w));
    for (size_t j = 0; w->outside && j < w->summary->nxi * SB_LEVELS; j++) w->summary->effect[j] = NAN;
    for (size_t r = 0; r < w->seeds; r++) {
        sb_table_base(base, "observed", sb_comparison_seed(w, r), SB_FORM_OBSERVED);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, "observed", SB_FORM_OBSERVED, &w->observed[r]));
    }
    for (size_t r = 0; w->exact && r < w->seeds; r++) {
        sb_table_base(base, SB_OBSERVED_FLOW, sb_comparison_seed(w, r), SB_FORM_OBSERVED);
        SB_TRY(sb_table_load(w->cas, w->stage->directory, base, SB_OBSERVED_FLOW, SB_FORM_OBSERVED, &w->exact[r]));
    }
done:
    return status;
}

void sb_told_clear(sb_told *t)
{
    for (size_t r = 0; r < t->count; r++) {
        if (t->flow) sb_decay_clear(&t->flow[r]);
        if (t->gd) sb_decay_clear(&t->gd[r]);
    }
    free(t->flow);
    free(t->gd);
    free(t->law);
    free(t->error);
}
