/* Stage 1: every forecast from initial states only, written and sealed before anything is trained. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/parallel.h"
#include "core/text.h"
#include "experiment/field.h"
#include "experiment/stage.h"
#include "experiment/table.h"

typedef struct work {
    const sb_setup *setup;
    const sb_stage *stage;
    size_t sources, seeds, count; /* of sources, of seeds, of draws */
    sb_decay *flow, *gd;          /* [sources][seeds]; [0] alone where a source is not paired */
    sb_draws draws;
    double *draw_err;          /* [draws][nt][nxi] */
    sb_problem later;          /* the problem with times beyond the record, so that every draw gets there */
    sb_kernel_modes reference; /* infinite width, for draws with random output */
    atomic_size_t done;
} work;

bool sb_source_paired(const sb_setup *setup, const sb_source *source)
{
    return source->per_seed || setup->random_output;
}

sb_status sb_start_residual(const sb_setup *setup, const sb_net_spec *spec, uint64_t seed, sb_stream stream, double *u0)
{
    sb_status status = SB_OK;
    sb_net net = {0};
    const sb_problem *problem = &setup->problem;
    memset(u0, 0, problem->n * sizeof *u0);
    if (setup->random_output) {
        SB_TRY(sb_net_init(spec, seed, stream, &net));
        SB_TRY(sb_net_forward(&net, problem->n, problem->x, u0));
    }
    for (size_t i = 0; i < problem->n; i++) u0[i] -= problem->y[i];
done:
    sb_net_clear(&net);
    return status;
}

sb_status sb_observe_all(const sb_setup *setup, const double *u, sb_decay *decay)
{
    for (size_t i = 0; i < decay->nt; i++) {
        sb_status status = sb_spectrum_apply(setup->spectrum, u + i * setup->problem.n, decay->amp + i * decay->nxi);
        if (status != SB_OK) return status;
    }
    sb_decay_set_err(decay, &setup->problem);
    return SB_OK;
}

static double *new_gram(const sb_setup *setup)
{
    size_t n = setup->problem.n;
    double *gram = malloc(n * n * sizeof *gram);
    if (!gram) sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", n, 8e-9 * (double)(n * n));
    return gram;
}

sb_status sb_source_modes(const sb_setup *setup, const sb_source *source, uint64_t seed, sb_kernel_modes *modes)
{
    double *gram = new_gram(setup);
    if (!gram) return SB_ERR_NOMEM;
    sb_status status = source->gram(setup, seed, gram);
    if (status == SB_OK) status = sb_kernel_modes_create(gram, &setup->problem, setup->spectrum, modes);
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
    double *gram = new_gram(w->setup);
    if (!gram) return SB_ERR_NOMEM;
    SB_TRY(source->gram(w->setup, (uint64_t)(seed < 0 ? 0 : seed), gram));
    SB_TRY(sb_kernel_modes_create(gram, &w->setup->problem, w->setup->spectrum, &modes));
    sb_kernel_forecast(&modes, &w->setup->problem, NULL, u0, flow);
    sb_kernel_forecast(&modes, &w->setup->problem, NULL, u0, gd);
    if (w->setup->config->output_arrays) SB_TRY(save_arrays(w, source, seed, gram, &modes.linear.eigen));
done:
    free(gram);
    sb_kernel_modes_clear(&modes);
    return status;
}

static sb_status from_equation(const work *w, const sb_source *source, const double *u0, sb_decay *decay)
{
    sb_status status = SB_OK;
    const sb_setup *setup = w->setup;
    if (source->amplitude) {
        SB_TRY(source->amplitude(setup, &setup->problem, decay->form, u0, w->stage->monitor, decay->amp));
        sb_decay_set_err(decay, &setup->problem);
        return SB_OK;
    }
    double *u = malloc(decay->nt * setup->problem.n * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", decay->nt);
    status = source->solve(setup, decay->form, u0, w->stage->monitor, u);
    if (status == SB_OK) status = sb_observe_all(setup, u, decay);
    free(u);
done:
    return status;
}

static sb_status forecast_source(work *w, size_t index)
{
    sb_status status = SB_OK;
    const sb_setup *setup = w->setup;
    const sb_source *source = sb_source_find(setup->config->forecast_sources.v[index / w->seeds]);
    size_t run = index % w->seeds;
    bool paired = sb_source_paired(setup, source);
    if (run > 0 && !paired) return SB_OK;
    int64_t seed = paired ? setup->config->seeds_first + (int64_t)run : -1;
    sb_decay *flow = &w->flow[index], *gd = &w->gd[index];
    double *u0 = malloc(setup->problem.n * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", setup->problem.n);
    SB_TRY(sb_start_residual(setup, &setup->net, (uint64_t)(seed < 0 ? 0 : seed), SB_STREAM_TRAIN, u0));
    SB_TRY(sb_decay_init(flow, &setup->problem, source->name, SB_FORM_FLOW, &setup->terms));
    SB_TRY(sb_decay_init(gd, &setup->problem, source->name, SB_FORM_GD, &setup->terms));
    if (!source->solve && !source->amplitude)
        SB_TRY(from_kernel(w, source, seed, u0, flow, gd));
    else {
        SB_TRY(from_equation(w, source, u0, flow));
        SB_TRY(from_equation(w, source, u0, gd));
    }
done:
    free(u0);
    return status;
}

/* ---- one draw: an untrained network of the same law ---- */

/* ln T_q of a kernel for each frequency and level; err[nt][nxi] of the record when asked for. */
static sb_status log_times(const work *w, const double *gram, const double *u0, double *ln_t, double *err)
{
    sb_status status = SB_OK;
    size_t nxi = w->later.grid.n;
    sb_kernel_modes modes = {0};
    sb_decay decay = {0};
    SB_TRY(sb_kernel_modes_create(gram, &w->later, w->setup->spectrum, &modes));
    SB_TRY(sb_decay_init(&decay, &w->later, "draw", SB_FORM_GD, &w->setup->terms));
    sb_kernel_forecast(&modes, &w->later, NULL, u0, &decay);
    for (size_t j = 0; j < nxi * SB_LEVELS; j++)
        ln_t[j] = log(sb_decay_time(&decay, j / SB_LEVELS, sb_level[j % SB_LEVELS]));
    if (err) memcpy(err, decay.err, w->setup->problem.nt * nxi * sizeof *err);
done:
    sb_decay_clear(&decay);
    sb_kernel_modes_clear(&modes);
    return status;
}

/* With a random output at the start, only the ratio to infinite width from the same start tells of the kernel. */
static sb_status subtract_reference(const work *w, const double *u0, double *ln_t)
{
    sb_decay decay = {0};
    if (!w->reference.observed) return SB_OK;
    sb_status status = sb_decay_init(&decay, &w->later, "reference", SB_FORM_GD, &w->setup->terms);
    if (status != SB_OK) return status;
    sb_kernel_forecast(&w->reference, &w->later, NULL, u0, &decay);
    for (size_t j = 0; j < decay.nxi * SB_LEVELS; j++)
        ln_t[j] -= log(sb_decay_time(&decay, j / SB_LEVELS, sb_level[j % SB_LEVELS]));
    sb_decay_clear(&decay);
    return SB_OK;
}

/* The draw's kernel from its two halves, K = share_1 K1 + share_2 K2, and what that says of finite width (compare.h).
 */
static sb_status draw_times(work *w, size_t b, const sb_net *net, const double *u0, double *gram)
{
    sb_status status = SB_OK;
    size_t n = w->setup->problem.n, cells = w->later.grid.n * SB_LEVELS;
    size_t half = net->width / 2 - net->width / 2 % 2, count[2] = {half, net->width - half};
    double *whole = gram, *part[2] = {gram + n * n, gram + 2 * n * n};
    double *shift = w->draws.shift + b * cells, *times = w->draws.times + b * cells, *ln_t = gram + 3 * n * n;
    for (size_t h = 0; h < 2; h++) SB_TRY(sb_net_gram(w->setup, net, h * half, count[h], part[h]));
    for (size_t i = 0; i < n * n; i++) whole[i] = part[0][i] + part[1][i];
    for (size_t j = 0; j < cells; j++) shift[j] = half ? 0 : NAN;
    for (size_t h = 0; h < 2 && half; h++) {
        double share = (double)count[h] / (double)net->width;
        for (size_t i = 0; i < n * n; i++) part[h][i] /= share;
        SB_TRY(log_times(w, part[h], u0, ln_t, NULL));
        for (size_t j = 0; j < cells; j++) shift[j] += share * ln_t[j];
    }
    SB_TRY(log_times(w, whole, u0, ln_t, w->draw_err + b * w->setup->problem.nt * w->later.grid.n));
    double widths = (double)net->width / (double)w->setup->net.width; /* the shift goes like 1 / width */
    for (size_t j = 0; j < cells; j++) shift[j] = (shift[j] - ln_t[j]) * widths;
    SB_TRY(subtract_reference(w, u0, ln_t));
    for (size_t j = 0; j < cells; j++) times[j] = exp(ln_t[j]);
done:
    return status;
}

static sb_status forecast_draw(work *w, size_t b)
{
    sb_status status = SB_OK;
    const sb_setup *setup = w->setup;
    size_t n = setup->problem.n;
    sb_net net = {0};
    sb_net_spec spec = setup->net;
    if (setup->config->forecast_draw_width) spec.width = (size_t)setup->config->forecast_draw_width;
    double *gram = malloc((3 * n * n + w->later.grid.n * SB_LEVELS) * sizeof *gram), *u0 = malloc(n * sizeof *u0);
    if (!gram || !u0) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
        goto done;
    }
    SB_TRY(sb_net_init(&spec, b + 1, SB_STREAM_DRAW, &net));
    SB_TRY(sb_start_residual(setup, &spec, b + 1, SB_STREAM_DRAW, u0));
    SB_TRY(draw_times(w, b, &net, u0, gram));
done:
    free(gram);
    free(u0);
    sb_net_clear(&net);
    return status;
}

static sb_status one_job(void *context, size_t index)
{
    work *w = context;
    size_t first = w->sources * w->seeds, all = first + w->count;
    sb_status status = index < first ? forecast_source(w, index) : forecast_draw(w, index - first);
    if (status != SB_OK) return status;
    return sb_monitor_progress(w->stage->monitor, "forecast", (double)(atomic_fetch_add(&w->done, 1) + 1), (double)all);
}

/* ---- together ---- */

/* Times up to ten times the record: the draws that are late must not be missing from the spread. */
static sb_status make_later(work *w)
{
    enum { MORE = 60 };
    const sb_problem *problem = &w->setup->problem;
    double last = problem->step[problem->nt - 1];
    w->later = *problem; /* all but step and t is borrowed */
    w->later.step = malloc((problem->nt + MORE) * sizeof *w->later.step);
    w->later.t = malloc((problem->nt + MORE) * sizeof *w->later.t);
    if (!w->later.step || !w->later.t) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", problem->nt + MORE);
    memcpy(w->later.step, problem->step, problem->nt * sizeof *problem->step);
    for (size_t i = 1; i <= MORE; i++) {
        double step = round(last * pow(10, (double)i / MORE));
        if (step > w->later.step[w->later.nt - 1]) w->later.step[w->later.nt++] = step;
    }
    for (size_t i = 0; i < w->later.nt; i++) w->later.t[i] = problem->eta * w->later.step[i];
    return SB_OK;
}

static sb_status make_reference(work *w)
{
    if (!w->setup->random_output || w->count == 0 || !sb_kernel_for(&w->setup->law)) return SB_OK;
    return sb_source_modes(w->setup, sb_source_find("ntk.infinite"), 0, &w->reference);
}

/* lo, hi: 1 % and 99 % of the draws at each time */
static sb_status set_band(const work *w, sb_decay *decay)
{
    size_t cells = decay->nt * decay->nxi;
    double *column = malloc((w->count + 1) * sizeof *column);
    if (!column) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", w->count);
    for (size_t j = 0; j < cells && w->count > 0; j++) {
        for (size_t b = 0; b < w->count; b++) column[b] = w->draw_err[b * cells + j];
        decay->lo[j] = sb_quantile(column, w->count, 0.01);
        decay->hi[j] = sb_quantile(column, w->count, 0.99);
    }
    free(column);
    return SB_OK;
}

static sb_status save_form(const work *w, const char *name, bool paired, sb_decay *table)
{
    sb_status status = SB_OK;
    char base[128];
    sb_form form = table->form;
    sb_decay mean = {0};
    const sb_setup *setup = w->setup;
    if (!paired) {
        if (form == SB_FORM_GD) SB_TRY(set_band(w, table));
        sb_table_base(base, name, -1, form);
        SB_TRY(sb_table_save(setup, w->stage->directory, base, table));
        goto done;
    }
    for (size_t r = 0; r < w->seeds; r++) {
        sb_table_base(base, name, setup->config->seeds_first + (int64_t)r, form);
        SB_TRY(sb_table_save(setup, w->stage->directory, base, &table[r]));
    }
    SB_TRY(sb_decay_init(&mean, &setup->problem, name, form, &setup->terms));
    sb_decay_mean(table, w->seeds, &mean);
    sb_table_base(base, name, -1, form);
    SB_TRY(sb_table_save(setup, w->stage->directory, base, &mean));
done:
    sb_decay_clear(&mean);
    return status;
}

static sb_status save_all(const work *w)
{
    sb_status status = SB_OK;
    for (size_t s = 0; s < w->sources; s++) {
        const char *name = w->setup->config->forecast_sources.v[s];
        bool paired = sb_source_paired(w->setup, sb_source_find(name));
        SB_TRY(save_form(w, name, paired, &w->flow[s * w->seeds]));
        SB_TRY(save_form(w, name, paired, &w->gd[s * w->seeds]));
    }
    if (w->count > 0) SB_TRY(sb_draws_save(w->stage->directory, &w->draws));
    if (w->setup->net.density && w->setup->problem.dim == 1) SB_TRY(sb_density_save(w->setup, w->stage->directory));
    for (size_t s = 0; s < w->sources && w->setup->config->observe_field > 0; s++)
        SB_TRY(sb_field_forecast(w->setup, sb_source_find(w->setup->config->forecast_sources.v[s]), w->stage->monitor,
                                 w->stage->directory));
done:
    return status;
}

sb_status sb_forecast_stage(const sb_setup *setup, const sb_stage *stage, char *seal)
{
    sb_status status = SB_OK;
    const sb_config *config = setup->config;
    work w = {.setup = setup,
              .stage = stage,
              .sources = config->forecast_sources.n,
              .seeds = (size_t)config->seeds_count,
              .count = sb_draw_count(setup)};
    size_t tables = w.sources * w.seeds, cells = setup->problem.nt * setup->problem.grid.n;
    SB_TRY(sb_rundir_check(stage->directory, stage->force));
    w.flow = calloc(tables + 1, sizeof *w.flow);
    w.gd = calloc(tables + 1, sizeof *w.gd);
    w.draw_err = malloc((w.count * cells + 1) * sizeof *w.draw_err);
    if (!w.flow || !w.gd || !w.draw_err) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu tables and %zu draws", tables, w.count);
        goto done;
    }
    SB_TRY(sb_draws_init(&w.draws, w.count, setup->problem.grid.n));
    SB_TRY(sb_rundir_prepare(stage->directory, stage->force));
    SB_TRY(sb_write_config(config, stage->directory));
    SB_TRY(make_later(&w));
    SB_TRY(make_reference(&w));
    SB_TRY(sb_parallel_for(stage->jobs, tables + w.count, one_job, &w));
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
    free(w.draw_err);
    sb_draws_clear(&w.draws);
    free(w.later.step);
    free(w.later.t);
    sb_kernel_modes_clear(&w.reference);
    return status;
}
