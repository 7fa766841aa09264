/* Stage 1: every forecast from initial states only, written and sealed before anything is trained.
 *
 * In: the case. Out: DIR/decay/SOURCE.flow.tsv and SOURCE.gd.tsv (of each seed, too, where the forecast is of one),
 * draws.tsv, density.tsv, SOURCE.gd.field.tsv; arrays/; config.cfg, manifest.cfg, forecast.sha256. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/parallel.h"
#include "core/text.h"
#include "run/field.h"
#include "forecast/draws.h"
#include "forecast/forecast.h"
#include "run/stage.h"
#include "run/table.h"

typedef struct work {
    const sb_case *cas;
    const sb_stage *stage;
    size_t seeds;
    sb_decay *flow, *gd; /* [sources][seeds]; [0] alone where a source is not paired */
    sb_draw_work draws;
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
    const char *arrays = cas->config->output_arrays ? w->stage->directory : NULL;
    return sb_source_forecast(cas, source, seed, arrays, w->stage->monitor, &w->flow[index], &w->gd[index]);
}

static sb_status one_job(void *context, size_t index)
{
    work *w = context;
    size_t first = w->cas->sources * w->seeds, all = first + w->draws.draws.count;
    sb_status status = index < first ? forecast_source(w, index) : sb_draw_one(&w->draws, index - first);
    if (status != SB_OK) return status;
    return sb_monitor_progress(w->stage->monitor, "forecast", (double)(atomic_fetch_add(&w->done, 1) + 1), (double)all);
}

/* ---- together ---- */

static sb_status save_form(const work *w, const char *name, bool paired, sb_decay *table)
{
    sb_status status = SB_OK;
    char base[128];
    sb_form form = table->form;
    sb_decay mean = {0};
    const sb_case *cas = w->cas;
    if (!paired) {
        if (form == SB_FORM_GD) SB_TRY(sb_draw_band(&w->draws, table));
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
        SB_TRY(save_form(w, source->name, paired, &w->flow[s * w->seeds]));
        SB_TRY(save_form(w, source->name, paired, &w->gd[s * w->seeds]));
    }
    if (w->draws.draws.count > 0) SB_TRY(sb_draws_save(w->stage->directory, &w->draws.draws));
    if (cas->theory.density && cas->problem.dim == 1) SB_TRY(sb_density_save(cas, w->stage->directory));
    for (size_t s = 0; s < cas->sources && cas->field.items.n > 0; s++)
        SB_TRY(sb_field_forecast(cas, cas->source[s], w->stage->monitor, w->stage->directory));
done:
    return status;
}

sb_status sb_forecast_stage(const sb_case *cas, const sb_stage *stage, char *seal)
{
    sb_status status = SB_OK;
    const sb_config *config = cas->config;
    work w = {.cas = cas, .stage = stage, .seeds = (size_t)config->seeds_count};
    size_t tables = cas->sources * w.seeds;
    SB_TRY(sb_rundir_check(stage->directory, stage->force));
    w.flow = calloc(tables + 1, sizeof *w.flow);
    w.gd = calloc(tables + 1, sizeof *w.gd);
    if (!w.flow || !w.gd) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu tables", tables));
    SB_TRY(sb_draw_open(cas, &w.draws));
    SB_TRY(sb_rundir_prepare(stage->directory, stage->force));
    SB_TRY(sb_write_config(config, stage->directory));
    SB_TRY(sb_parallel_for(stage->jobs, tables + w.draws.draws.count, one_job, &w));
    SB_TRY(save_all(&w));
    SB_TRY(sb_write_manifest(config, stage->directory));
    SB_TRY(sb_seal_write(stage->directory, seal));
done:
    for (size_t i = 0; i < tables && w.flow && w.gd; i++) {
        sb_decay_clear(&w.flow[i]);
        sb_decay_clear(&w.gd[i]);
    }
    free(w.flow);
    free(w.gd);
    sb_draw_close(&w.draws);
    return status;
}
