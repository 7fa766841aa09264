/* Stage 1: every forecast from initial states only, written and sealed before anything is trained.
 *
 * In: the case. Out: DIR/decay/SOURCE.flow.tsv, where there is a flow, and SOURCE.gd.tsv (of each seed, too, where the
 * forecast is of one), draws.tsv, width.tsv, rehearsals.tsv, batches.tsv, density.tsv, uncovered.tsv,
 * SOURCE.gd.field.tsv; arrays/; config.cfg, manifest.cfg, forecast.sha256. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/given.h"
#include "case/start.h"
#include "core/parallel.h"
#include "core/text.h"
#include "run/field.h"
#include "forecast/draws.h"
#include "forecast/forecast.h"
#include "forecast/noise.h"
#include "forecast/rehearse.h"
#include "forecast/width.h"
#include "run/seeds.h"
#include "run/stage.h"
#include "run/table.h"
#include "run/uncovered.h"

typedef struct work {
    const sb_case *cas;
    const sb_stage *stage;
    size_t seeds;
    sb_decay *flow, *gd; /* [sources][seeds]; [0] alone where a source is not paired */
    char **reason;       /* [sources][seeds] why a forecast does not cover the case after all, else NULL */
    sb_noise *noise;     /* [sources] of forecasts that do not know the order of mini-batches */
    sb_draw_work draws;
    sb_rehearsal_work rehearsals;
    _Atomic(double) *part; /* [2 rehearsals] done, of 1 */
    size_t threads;        /* of each of them */
    bool by_width;         /* finite width is told by quadrature, if that covers it */
    sb_width_line *width;
    bool width_tells; /* and not the draws */
    atomic_size_t done;
} work;

static sb_status forecast_source(work *w, size_t index)
{
    const sb_case *cas = w->cas;
    const sb_source *source = cas->source[index / w->seeds];
    size_t run = index % w->seeds;
    bool paired = sb_source_paired(cas, source);
    if (run > 0 && !paired) return SB_OK;
    int64_t seed = paired ? cas->config->seeds_first + (int64_t)run : -1;
    sb_status status =
        sb_source_forecast(cas, source, seed, w->stage->directory, w->stage->monitor, &w->flow[index], &w->gd[index]);
    if (status == SB_ERR_NUMERIC && sb_source_way(cas, source, SB_FORM_GD) == SB_WAY_TRAINED) {
        w->reason[index] = strdup(sb_error_text()); /* what it trains diverges: the others go on */
        return w->reason[index] ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for a reason");
    }
    if (status != SB_OK || !paired || !sb_noise_matters(cas, source)) return status;
    return sb_noise_of_seed(cas, source, (uint64_t)seed, &w->gd[index]);
}

static size_t jobs_of(const work *w)
{
    return w->cas->sources * w->seeds + w->draws.draws.count + w->by_width;
}

static sb_status one_job(void *context, size_t index)
{
    work *w = context;
    size_t first = w->cas->sources * w->seeds, all = jobs_of(w);
    sb_status status = index < first ? forecast_source(w, index)
                       : index < first + w->draws.draws.count
                           ? sb_draw_one(&w->draws, index - first)
                           : sb_width_lines(w->cas, w->stage->monitor, w->width, &w->width_tells);
    if (status != SB_OK) return status;
    return sb_monitor_progress(w->stage->monitor, "forecast", (double)(atomic_fetch_add(&w->done, 1) + 1), (double)all);
}

/* The case without the forecasts that did not come about, to `left`, and the tables of the others in its order. */
static sb_status leave_out(work *w, sb_case *left)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    char **first = calloc(cas->sources + 1, sizeof *first);
    if (!first) return sb_fail(SB_ERR_NOMEM, "no memory for %zu sources", cas->sources);
    for (size_t s = 0, to = 0; s < cas->sources; s++) {
        for (size_t r = 0; r < w->seeds && !first[s]; r++) first[s] = w->reason[s * w->seeds + r];
        if (first[s]) sb_monitor_warn(w->stage->monitor, "%s: not covered: %s", cas->source[s]->name, first[s]);
        for (size_t r = 0; r < w->seeds; r++) {
            size_t from = s * w->seeds + r, at = to * w->seeds + r;
            if (first[s]) {
                sb_decay_clear(&w->flow[from]);
                sb_decay_clear(&w->gd[from]);
            } else if (at != from) {
                w->flow[at] = w->flow[from], w->gd[at] = w->gd[from];
                w->flow[from] = w->gd[from] = (sb_decay){0};
            }
        }
        to += !first[s];
    }
    status = sb_uncovered_save(cas, w->stage->directory, first);
    if (status == SB_OK) status = sb_left_of(cas, first, left);
    if (status == SB_OK) w->cas = left;
    free(first);
    return status;
}

static sb_status one_rehearsal(void *context, size_t index)
{
    work *w = context;
    sb_seed_progress mine = {w->stage->monitor, "rehearse", w->part, 2 * w->rehearsals.draws.count, index};
    sb_monitor monitor = sb_seed_monitor(&mine);
    return sb_rehearsal_train(&w->rehearsals, index, w->threads, &monitor);
}

static sb_status rehearse(work *w)
{
    sb_status status = sb_rehearsal_open(w->cas, &w->rehearsals);
    size_t runs = 2 * w->rehearsals.draws.count;
    if (status != SB_OK || runs == 0) return status;
    size_t jobs = sb_seed_jobs(w->stage, runs, (size_t)w->cas->config->train_threads, &w->threads);
    w->part = calloc(runs, sizeof *w->part);
    if (!w->part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rehearsals", runs);
    status = sb_parallel_for(jobs, runs, one_rehearsal, w);
    if (status == SB_OK) sb_rehearsal_finish(&w->rehearsals);
    return status;
}

/* Of each source that is not of one seed, what the order of mini-batches does to it. */
static sb_status forecast_noise(work *w)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    for (size_t s = 0; s < cas->sources; s++) {
        const sb_source *source = cas->source[s];
        if (sb_source_paired(cas, source) || !sb_noise_matters(cas, source)) continue;
        SB_TRY(sb_noise_init(&w->noise[s], cas->watch.items.n));
        SB_TRY(sb_noise_of_all(cas, source, w->stage->jobs, w->stage->monitor, w->draws.draws.count * w->draws.orders,
                               w->draws.late, &w->gd[s * w->seeds], &w->noise[s]));
    }
done:
    return status;
}

/* ---- together ---- */

static sb_status add_band(const work *w, const sb_source *source, sb_decay *table)
{
    if (table->form != SB_FORM_GD) return SB_OK;
    size_t orders = w->draws.orders, count = w->draws.draws.count * (orders ? orders : 1);
    return sb_source_rehearsed(w->cas, source) ? sb_draw_band(w->rehearsals.draws.count, w->rehearsals.err, 0.01, table)
                                               : sb_draw_band(count, w->draws.err, orders ? 0.025 : 0.01, table);
}

static sb_status save_form(const work *w, const sb_source *source, bool paired, sb_decay *table)
{
    sb_status status = SB_OK;
    char base[128];
    sb_form form = table->form;
    const char *name = source->name;
    sb_decay mean = {0};
    const sb_case *cas = w->cas;
    if (!paired) {
        SB_TRY(add_band(w, source, table));
        sb_table_base(base, name, -1, form);
        SB_TRY(sb_table_save(cas, w->stage->directory, base, table));
        goto done;
    }
    for (size_t r = 0; r < w->seeds; r++) {
        sb_table_base(base, name, cas->config->seeds_first + (int64_t)r, form);
        SB_TRY(sb_table_save(cas, w->stage->directory, base, &table[r]));
    }
    SB_TRY(sb_case_table(cas, name, form, &mean));
    sb_decay_mean(table, w->seeds, &mean);
    sb_table_base(base, name, -1, form);
    SB_TRY(sb_table_save(cas, w->stage->directory, base, &mean));
done:
    sb_decay_clear(&mean);
    return status;
}

static sb_status save_all(const work *w)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    for (size_t s = 0; s < cas->sources; s++) {
        const sb_source *source = cas->source[s];
        bool paired = sb_source_paired(cas, source);
        if (cas->way[s][SB_FORM_FLOW] != SB_WAY_NONE) SB_TRY(save_form(w, source, paired, &w->flow[s * w->seeds]));
        SB_TRY(save_form(w, source, paired, &w->gd[s * w->seeds]));
    }
    SB_TRY(sb_noise_save(cas, w->stage->directory, w->noise));
    if (w->draws.draws.count > 0) SB_TRY(sb_draws_save(w->cas, w->stage->directory, "draws", &w->draws.draws));
    if (w->rehearsals.draws.count > 0)
        SB_TRY(sb_draws_save(w->cas, w->stage->directory, "rehearsals", &w->rehearsals.draws));
    if (w->by_width) SB_TRY(sb_width_save(cas, w->stage->directory, w->width, w->width_tells));
    if (cas->theory.density && cas->problem.dim == 1) SB_TRY(sb_density_save(cas, w->stage->directory));
    for (size_t s = 0; s < cas->sources && cas->field.items.n > 0; s++)
        if (cas->way[s][SB_FORM_GD] != SB_WAY_GIVEN)
            SB_TRY(sb_field_forecast(cas, cas->source[s], w->stage->monitor, w->stage->directory));
done:
    return status;
}

/* What the user trains on, and at which steps to look: arrays/x.npy, y.npy, step.npy. */
static sb_status save_data(const sb_case *cas, const char *directory)
{
    sb_status status = sb_save_array(directory, "x", cas->data.x, cas->n, cas->inputs);
    if (status == SB_OK) status = sb_save_array(directory, "y", cas->data.y, cas->n, cas->outputs);
    return status == SB_OK ? sb_save_array(directory, "step", cas->step, cas->nt, 0) : status;
}

sb_status sb_forecast_stage(const sb_case *cas, const sb_stage *stage, char *seal)
{
    sb_status status = SB_OK;
    const sb_config *config = cas->config;
    sb_case left = {0};
    work w = {.cas = cas, .stage = stage, .seeds = (size_t)config->seeds_count};
    size_t tables = cas->sources * w.seeds;
    SB_TRY(sb_rundir_check(stage->directory, stage->force));
    w.flow = calloc(tables + 1, sizeof *w.flow);
    w.gd = calloc(tables + 1, sizeof *w.gd);
    w.noise = calloc(cas->sources + 1, sizeof *w.noise);
    w.reason = calloc(tables + 1, sizeof *w.reason);
    w.by_width = sb_width_wanted(cas);
    w.width = malloc((cas->watch.items.n * SB_LEVELS + 1) * sizeof *w.width);
    if (!w.flow || !w.gd || !w.noise || !w.reason || !w.width)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu tables", tables));
    SB_TRY(sb_givens_read(cas, NULL));
    SB_TRY(sb_draw_open(cas, &w.draws));
    SB_TRY(sb_rundir_prepare(stage->directory, stage->force));
    SB_TRY(sb_write_config(config, stage->directory));
    SB_TRY(sb_givens_save(cas, stage->directory));
    SB_TRY(sb_start_save(cas, stage->directory));
    if (cas->external) SB_TRY(save_data(cas, stage->directory));
    SB_TRY(sb_parallel_for(stage->jobs, jobs_of(&w), one_job, &w));
    sb_draw_settle(&w.draws);
    SB_TRY(leave_out(&w, &left));
    SB_TRY(rehearse(&w));
    SB_TRY(forecast_noise(&w));
    SB_TRY(save_all(&w));
    SB_TRY(sb_write_manifest(config, stage->directory));
    SB_TRY(sb_seal_write(stage->directory, seal));
done:
    for (size_t i = 0; i < tables && w.flow && w.gd; i++) {
        sb_decay_clear(&w.flow[i]);
        sb_decay_clear(&w.gd[i]);
    }
    for (size_t s = 0; w.noise && s < cas->sources; s++) sb_noise_clear(&w.noise[s]);
    for (size_t i = 0; w.reason && i < tables; i++) free(w.reason[i]);
    free(w.reason);
    sb_left_clear(&left);
    free(w.flow);
    free(w.gd);
    free(w.noise);
    free(w.part);
    free(w.width);
    sb_draw_close(&w.draws);
    sb_rehearsal_close(&w.rehearsals);
    return status;
}
