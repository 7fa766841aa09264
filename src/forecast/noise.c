#include "forecast/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/rng.h>

#include "core/parallel.h"
#include "case/case.h"
#include "forecast/forecast.h"

#define DIVERGED 1e6 /* times the loss at the start */

bool sb_noise_matters(const sb_case *cas, const sb_source *source)
{
    return sb_case_batch(cas) < cas->n && sb_source_way(cas, source, SB_FORM_GD) == SB_WAY_MODES;
}

/* ---- one order ---- */

typedef struct record {
    const sb_case *cas;
    sb_decay *decay;
    const double *c; /* [n] weights of the loss */
    double start;    /* the loss there */
} record;

static double loss_of(const record *r, const double *u)
{
    double sum = 0;
    for (size_t i = 0; i < r->cas->n * r->cas->outputs; i++) sum += r->c[i / r->cas->outputs] * u[i] * u[i];
    return sum;
}

static sb_status look(void *context, size_t index, const double *u)
{
    record *r = context;
    sb_decay *decay = r->decay;
    double loss = loss_of(r, u);
    if (index == 0) r->start = loss;
    if (!(loss <= DIVERGED * r->start))
        return sb_fail(SB_ERR_INPUT, "train.eta = %g diverges with mini-batches of %zu: the forecast is past step %.0f",
                       r->cas->rule.eta, sb_case_batch(r->cas), decay->step[index - 1]);
    return sb_watch_apply(&r->cas->watch, u, 1, decay->amp + index * decay->items.parts,
                          decay->err + index * decay->nxi);
}

/* P = diag c */
static void weights_of(const sb_quadratic *loss, double *c)
{
    for (size_t i = 0; i < loss->rows; i++) {
        c[i] = loss->root ? loss->root[i] * loss->root[i] : 0;
        for (size_t k = 0; !loss->root && k < loss->rank; k++) c[i] += pow(loss->factor[k * loss->rows + i], 2);
    }
}

sb_status sb_noise_follow(const sb_noise_spec *spec, uint64_t seed, sb_stream stream, sb_decay *decay)
{
    sb_status status = SB_OK;
    const sb_case *cas = spec->cas;
    sb_batches batches = {0};
    double *c = malloc(cas->n * sizeof *c);
    if (!c) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", cas->n));
    weights_of(&cas->quadratic, c);
    sb_frozen frozen = {cas->n,   spec->per_row, cas->outputs / spec->per_row, spec->gram, c, sb_case_sums(cas),
                        cas->rule};
    record to = {cas, decay, c, 0};
    SB_TRY(sb_batches_init(&batches, cas->n, sb_case_batch(cas), sb_case_independent(cas), seed, stream));
    SB_TRY(sb_frozen_follow(&frozen, &batches, spec->u0, decay->nt, decay->step, look, &to));
    for (size_t j = 0; spec->offset && j < decay->nt * decay->items.parts; j++) decay->amp[j] += spec->offset[j];
    if (spec->offset) sb_decay_set_err(decay);
done:
    sb_batches_clear(&batches);
    free(c);
    return status;
}

/* ---- a source ---- */

typedef struct source_kernel {
    sb_noise_spec spec;
    double *gram, *u0;
    double complex *offset;
} source_kernel;

static void close_kernel(source_kernel *k)
{
    free(k->gram);
    free(k->u0);
    free(k->offset);
}

/* A frequency equation is not to the last digit what its kernel on the data makes: the noise alone is the kernel's. */
static sb_status find_offset(source_kernel *k, const sb_source *source, const sb_decay *gd)
{
    sb_status status = SB_OK;
    const sb_case *cas = k->spec.cas;
    sb_kernel_modes modes = {0};
    sb_decay mean = {0};
    k->spec.offset = k->offset = malloc((gd->nt * gd->items.parts + 1) * sizeof *k->offset);
    if (!k->offset) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu records", gd->nt));
    SB_TRY(sb_source_modes(cas, source, 0, &modes));
    SB_TRY(sb_case_table(cas, source->name, SB_FORM_GD, &mean));
    SB_TRY(sb_kernel_forecast(&modes, &cas->rule, NULL, k->u0, &mean));
    for (size_t j = 0; j < gd->nt * gd->items.parts; j++) k->offset[j] = gd->amp[j] - mean.amp[j];
done:
    sb_kernel_modes_clear(&modes);
    sb_decay_clear(&mean);
    return status;
}

static sb_status open_kernel(const sb_case *cas, const sb_source *source, uint64_t seed, const sb_decay *gd,
                             source_kernel *k)
{
    sb_status status = SB_OK;
    size_t per_row = sb_source_per_row(cas, source), rows = cas->n * per_row;
    k->gram = malloc(rows * rows * sizeof *k->gram);
    k->u0 = malloc(cas->n * cas->outputs * sizeof *k->u0);
    if (!k->gram || !k->u0) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rows));
    k->spec = (sb_noise_spec){cas, per_row, k->gram, k->u0, NULL};
    SB_TRY(sb_source_gram(cas, source, seed, k->gram));
    SB_TRY(sb_start_residual(cas, seed, k->u0));
    if (source->theory) SB_TRY(find_offset(k, source, gd));
done:
    return status;
}

sb_status sb_noise_of_seed(const sb_case *cas, const sb_source *source, uint64_t seed, sb_decay *gd)
{
    source_kernel k = {0};
    sb_status status = open_kernel(cas, source, seed, gd, &k);
    if (status == SB_OK) status = sb_noise_follow(&k.spec, seed, SB_STREAM_BATCH, gd);
    close_kernel(&k);
    return status;
}

/* ---- many orders ---- */

enum { LEAST = 100, BLOCKS = 50 };
#define WORK 4e10

typedef struct work {
    source_kernel kernel;
    const sb_monitor *monitor;
    const sb_source *source;
    size_t runs;
    double *err;         /* [runs][nt][nxi] */
    double *ln_t;        /* [runs][nxi][SB_LEVELS] */
    double complex *amp; /* [BLOCKS][nt][items.parts] sums */
    atomic_size_t done;
} work;

static size_t count_runs(const sb_case *cas)
{
    double one = (double)cas->steps * (double)cas->n * (double)sb_case_batch(cas) * (double)cas->outputs;
    return (size_t)fmin(SB_NOISE_RUNS, fmax(LEAST, floor(WORK / one)));
}

/* Runs block, block + BLOCKS, .., so that sums do not depend on the number of threads. */
static sb_status follow_block(void *context, size_t block)
{
    work *w = context;
    const sb_case *cas = w->kernel.spec.cas;
    size_t cells = cas->nt * cas->watch.items.n, parts = cas->nt * cas->watch.items.parts;
    size_t lines = cas->watch.items.n * SB_LEVELS;
    sb_decay decay = {0};
    sb_status status = sb_case_table(cas, w->source->name, SB_FORM_GD, &decay);
    for (size_t r = block; status == SB_OK && r < w->runs; r += BLOCKS) {
        SB_TRY(sb_noise_follow(&w->kernel.spec, r, SB_STREAM_NOISE, &decay));
        memcpy(w->err + r * cells, decay.err, cells * sizeof *w->err);
        for (size_t j = 0; j < parts; j++) w->amp[block * parts + j] += decay.amp[j];
        for (size_t j = 0; j < lines; j++) w->ln_t[r * lines + j] = log(sb_decay_line_time(&decay, j));
        size_t done = atomic_fetch_add(&w->done, 1) + 1;
        SB_TRY(sb_monitor_progress(w->monitor, "mini-batches", (double)done, (double)w->runs));
    }
done:
    sb_decay_clear(&decay);
    return status;
}

static void fill_table(const work *w, double *column, sb_decay *gd)
{
    size_t cells = gd->nt * gd->nxi, parts = gd->nt * gd->items.parts;
    for (size_t j = 0; j < parts; j++) {
        gd->amp[j] = 0;
        for (size_t b = 0; b < BLOCKS; b++) gd->amp[j] += w->amp[b * parts + j] / (double)w->runs;
    }
    for (size_t j = 0; j < cells; j++) {
        gd->err[j] = 0;
        for (size_t r = 0; r < w->runs; r++) gd->err[j] += (column[r] = w->err[r * cells + j]) / (double)w->runs;
        gd->lo[j] = sb_quantile(column, w->runs, 0.025);
        gd->hi[j] = sb_quantile(column, w->runs, 0.975);
    }
}

static void find_times(const sb_decay *table, double *times)
{
    for (size_t j = 0; j < table->nxi * SB_LEVELS; j++) times[j] = sb_decay_line_time(table, j);
}

/* Of ln_t[runs][lines], which tells how much later than `from` a run is; without it, of ln T. */
static void fill_noise(size_t runs, const double *ln_t, const double *from, const sb_decay *gd, sb_noise *noise)
{
    size_t lines = gd->nxi * SB_LEVELS;
    noise->runs = runs;
    find_times(gd, noise->times);
    for (size_t j = 0; j < lines; j++) {
        double mean = 0, square = 0, start = from ? from[j] : 1;
        for (size_t r = 0; r < runs; r++) mean += ln_t[r * lines + j] / (double)runs;
        for (size_t r = 0; r < runs; r++) square += pow(ln_t[r * lines + j] - mean, 2) / (double)(runs - 1);
        if (!isfinite(mean) || isnan(start)) continue; /* one of them does not get there */
        noise->times[j] = start * exp(mean);
        noise->s[j] = sqrt(square);
    }
}

sb_status sb_noise_of_all(const sb_case *cas, const sb_source *source, size_t jobs, const sb_monitor *monitor,
                          size_t count, const double *late, sb_decay *gd, sb_noise *noise)
{
    sb_status status = SB_OK;
    size_t cells = gd->nt * gd->nxi, lines = gd->nxi * SB_LEVELS;
    work w = {.source = source, .monitor = monitor, .runs = count_runs(cas)};
    double *column = malloc((w.runs + lines) * sizeof *column), *mean = column + w.runs;
    w.err = malloc((w.runs * cells + 1) * sizeof *w.err);
    w.ln_t = malloc((w.runs * lines + 1) * sizeof *w.ln_t);
    w.amp = calloc(BLOCKS * gd->nt * gd->items.parts + 1, sizeof *w.amp);
    if (!column || !w.err || !w.ln_t || !w.amp) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu runs", w.runs));
    SB_TRY(open_kernel(cas, source, 0, gd, &w.kernel));
    SB_TRY(sb_parallel_for(jobs, BLOCKS, follow_block, &w));
    find_times(gd, mean);
    fill_table(&w, column, gd);
    fill_noise(count > 1 ? count : w.runs, count > 1 ? late : w.ln_t, count > 1 ? mean : NULL, gd, noise);
done:
    close_kernel(&w.kernel);
    free(column);
    free(w.err);
    free(w.ln_t);
    free(w.amp);
    return status;
}
