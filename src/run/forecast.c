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
#include "run/draws.h"
#include "run/field.h"
#include "case/network.h"
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

bool sb_source_paired(const sb_case *cas, const sb_source *source)
{
    return source->per_seed || cas->random_output;
}

size_t sb_source_per_row(const sb_case *cas, const sb_source *source)
{
    return source->per_seed ? cas->per_row : 1;
}

sb_status sb_start_residual(const sb_case *cas, uint64_t seed, double *u0)
{
    sb_network network = {.cas = cas};
    sb_status status = cas->random_output ? sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network) : SB_OK;
    if (status == SB_OK) status = sb_network_residual(&network, u0);
    sb_network_clear(&network);
    return status;
}

sb_status sb_observe_all(const sb_case *cas, const double *u, sb_decay *decay)
{
    size_t size = cas->n * cas->outputs;
    for (size_t i = 0; i < decay->nt; i++) {
        sb_status status = sb_watch_apply(&cas->watch, u + i * size, 1, decay->amp + i * decay->items.parts,
                                          decay->err + i * decay->nxi);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

/* gram of the rows of a source's kernel */
static double *new_gram(const sb_case *cas, const sb_source *source)
{
    size_t rows = cas->n * sb_source_per_row(cas, source);
    double *gram = malloc(rows * rows * sizeof *gram);
    if (!gram)
        sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", rows, 8e-9 * (double)(rows * rows));
    return gram;
}

static sb_status modes_of_gram(const sb_case *cas, const sb_source *source, const double *gram, sb_kernel_modes *modes)
{
    size_t per_row = sb_source_per_row(cas, source);
    bool single = source->per_seed && sb_model_single(cas->model);
    return sb_kernel_modes_create(gram, single, per_row, sb_case_form(cas, per_row), &cas->watch, modes);
}

sb_status sb_source_modes(const sb_case *cas, const sb_source *source, uint64_t seed, sb_kernel_modes *modes)
{
    double *gram = new_gram(cas, source);
    if (!gram) return SB_ERR_NOMEM;
    sb_status status = sb_source_gram(cas, source, seed, gram);
    if (status == SB_OK) status = modes_of_gram(cas, source, gram, modes);
    free(gram);
    return status;
}

/* ---- one source, one seed ---- */

static sb_status save_arrays(const work *w, const sb_source *source, int64_t seed, const double *gram,
                             const sb_eigen *eigen)
{
    char name[128], base[160];
    size_t n = eigen->n;
    sb_format(name, sizeof name, seed < 0 ? "%s" : "%s.seed%lld", source->name, (long long)seed);
    sb_format(base, sizeof base, "%s.gram", name);
    sb_status status = sb_save_array(w->stage->directory, base, gram, n, n);
    sb_format(base, sizeof base, "%s.lambda", name);
    if (status == SB_OK) status = sb_save_array(w->stage->directory, base, eigen->lambda, n, 0);
    sb_format(base, sizeof base, "%s.vectors", name);
    if (status == SB_OK) status = sb_save_array(w->stage->directory, base, eigen->vector, n, n);
    return status;
}

static sb_status from_kernel(const work *w, const sb_source *source, int64_t seed, const double *u0, sb_decay *flow,
                             sb_decay *gd)
{
    sb_status status = SB_OK;
    sb_kernel_modes modes = {0};
    sb_rule exact = sb_case_rule(w->cas, SB_FORM_FLOW), steps = sb_case_rule(w->cas, SB_FORM_GD);
    double *gram = new_gram(w->cas, source);
    if (!gram) return SB_ERR_NOMEM;
    SB_TRY(sb_source_gram(w->cas, source, (uint64_t)(seed < 0 ? 0 : seed), gram));
    SB_TRY(modes_of_gram(w->cas, source, gram, &modes));
    SB_TRY(sb_kernel_forecast(&modes, &exact, NULL, u0, flow));
    SB_TRY(sb_kernel_forecast(&modes, &steps, NULL, u0, gd));
    if (w->cas->config->output_arrays) SB_TRY(save_arrays(w, source, seed, gram, &modes.linear.eigen));
done:
    free(gram);
    sb_kernel_modes_clear(&modes);
    return status;
}

static sb_status from_equation(const work *w, const sb_theory *theory, const double *u0, sb_decay *decay)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    const sb_monitor *monitor = w->stage->monitor;
    if (theory->amplitude) {
        SB_TRY(theory->amplitude(&cas->theory, &cas->problem, decay->form, u0, monitor, decay->amp));
        sb_decay_set_err(decay);
        return SB_OK;
    }
    double *u = malloc(decay->nt * cas->n * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", decay->nt);
    status = theory->solve(&cas->theory, &cas->problem, decay->form, u0, monitor, u);
    if (status == SB_OK) status = sb_observe_all(cas, u, decay);
    free(u);
done:
    return status;
}

static sb_status forecast_source(work *w, size_t index)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    const sb_source *source = cas->source[index / w->seeds];
    size_t run = index % w->seeds;
    bool paired = sb_source_paired(cas, source);
    if (run > 0 && !paired) return SB_OK;
    int64_t seed = paired ? cas->config->seeds_first + (int64_t)run : -1;
    sb_decay *flow = &w->flow[index], *gd = &w->gd[index];
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n);
    SB_TRY(sb_start_residual(cas, (uint64_t)(seed < 0 ? 0 : seed), u0));
    SB_TRY(sb_case_table(cas, source->name, SB_FORM_FLOW, flow));
    SB_TRY(sb_case_table(cas, source->name, SB_FORM_GD, gd));
    if (!source->theory)
        SB_TRY(from_kernel(w, source, seed, u0, flow, gd));
    else {
        SB_TRY(from_equation(w, source->theory, u0, flow));
        SB_TRY(from_equation(w, source->theory, u0, gd));
    }
done:
    free(u0);
    return status;
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
