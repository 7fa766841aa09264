#include "run/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "case/case.h"
#include "run/effect.h"
#include "run/field.h"
#include "case/network.h"
#include "forecast/trained.h"
#include "run/snapshots.h"
#include "run/stability.h"
#include "run/stage.h"

/* ---- layout of the notes ---- */

sb_status sb_layout_make(const sb_case *cas, sb_layout *layout)
{
    sb_status status = SB_OK;
    size_t drifts = (size_t)cas->config->observe_drift;
    bool effect = sb_effect_way(cas) == SB_WAY_MODES, unstable = cas->config->train_unstable;
    *layout = (sb_layout){.amp = SB_NOTE_TESTS + 2 * cas->tests};
    layout->err = layout->amp + 2 * cas->watch.items.parts;
    layout->tests = layout->field = layout->err + cas->watch.items.n;
    for (size_t t = 0; t < cas->tests; t++) layout->field += cas->watch_test[t].items.n;
    layout->drift = layout->field + cas->field.items.n;
    layout->rate = layout->drift + (drifts > 0 ? SB_DRIFT_NOTES : 0);
    layout->columns = layout->rate + unstable;
    if (!effect && drifts == 0 && !unstable) return SB_OK;
    layout->look = calloc(cas->nt + 1, sizeof *layout->look);
    if (drifts > 0) layout->due = calloc(cas->nt + 1, sizeof *layout->due);
    if (unstable) layout->sharp = calloc(cas->nt + 1, sizeof *layout->sharp);
    if (!layout->look || (drifts > 0 && !layout->due) || (unstable && !layout->sharp))
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu records", cas->nt));
    if (effect) layout->nodes = sb_path_choose(cas->nt, cas->step, sb_case_nodes(cas), layout->node);
    for (size_t i = 0; i < layout->nodes; i++) layout->look[layout->node[i]] = true;
    if (drifts > 0) SB_TRY(sb_drift_choose(cas->nt, cas->step, drifts, layout->due));
    if (unstable) SB_TRY(sb_drift_choose(cas->nt, cas->step, SB_STABILITY_RECORDS, layout->sharp));
    for (size_t i = 0; drifts > 0 && i < cas->nt; i++) layout->look[i] = layout->look[i] || layout->due[i];
    for (size_t i = 0; unstable && i < cas->nt; i++) layout->look[i] = layout->look[i] || layout->sharp[i];
done:
    if (status != SB_OK) sb_layout_clear(layout);
    return status;
}

void sb_layout_clear(sb_layout *layout)
{
    free(layout->due);
    free(layout->sharp);
    free(layout->look);
    *layout = (sb_layout){0};
}

static size_t rows_of(const sb_case *cas)
{
    return cas->n * cas->per_row;
}

size_t sb_layout_size(const sb_case *cas, const sb_layout *layout)
{
    size_t residuals = cas->config->output_residuals ? (cas->nt + 1) * cas->n * cas->outputs : 0;
    return (cas->nt + 1) * layout->columns + layout->nodes * rows_of(cas) * rows_of(cas) + sb_snapshots_size(cas) +
           residuals;
}

const double *sb_run_note(const sb_layout *layout, const sb_run *run, size_t record)
{
    return run->notes + record * layout->columns;
}

double *sb_run_kernel(const sb_case *cas, const sb_layout *layout, const sb_run *run, size_t node)
{
    return run->notes + (cas->nt + 1) * layout->columns + node * rows_of(cas) * rows_of(cas);
}

double *sb_run_snapshots(const sb_case *cas, const sb_layout *layout, const sb_run *run)
{
    return sb_run_kernel(cas, layout, run, layout->nodes);
}

double *sb_run_residuals(const sb_case *cas, const sb_layout *layout, const sb_run *run)
{
    return sb_run_snapshots(cas, layout, run) + sb_snapshots_size(cas);
}

/* ---- one record ---- */

/* Who looks on while one seed trains. */
typedef struct watcher {
    const sb_run_spec *spec;
    sb_run *run;
    double *start, *gram; /* weights and kernel at the start; gram[2][rows][rows], the second of the moment */
    size_t parameters;
    sb_drift_start drift;
} watcher;

static size_t count_right(const sb_dataset *set, const double *h)
{
    size_t right = 0, outputs = sb_shape_size(set->output);
    for (size_t i = 0; i < set->n; i++) {
        size_t best = 0;
        for (size_t c = 1; c < outputs; c++)
            if (h[i * outputs + c] > h[i * outputs + best]) best = c;
        right += set->label ? (int)best == set->label[i] : h[i] * set->y[i] > 0;
    }
    return right;
}

/* The share of examples whose largest output is that of their class, or whose output has the wanted sign; nan without
 * classes. */
static double accuracy(const sb_dataset *set, const double *h)
{
    return sb_has_classes(set) ? (double)count_right(set, h) / (double)set->n : NAN;
}

/* err[items.n] of what a test set watches; h is used up. */
static sb_status note_test_items(const sb_case *cas, size_t t, double *h, double *err)
{
    const sb_dataset *set = &cas->test[t];
    const sb_watch *watch = &cas->watch_test[t];
    double complex *amp = malloc((watch->items.parts + 1) * sizeof *amp);
    if (!amp) return sb_fail(SB_ERR_NOMEM, "no memory for %zu watched items", watch->items.parts);
    sb_loss_predict(cas->loss, set->n, h, h);
    for (size_t i = 0; i < set->n * cas->outputs; i++) h[i] -= set->y[i];
    sb_status status = sb_watch_apply(watch, h, 1, amp, err);
    free(amp);
    return status;
}

static sb_status note_tests(const sb_case *cas, const sb_layout *layout, const double *theta, double *note)
{
    double *err = note + layout->tests;
    for (size_t i = 0; i < cas->tests; i++) {
        const sb_dataset *set = &cas->test[i];
        double *h = malloc(set->n * cas->outputs * sizeof *h);
        if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu test examples", set->n);
        sb_status status = sb_model_evaluate(cas->model, theta, set->n, set->x, h);
        if (status == SB_OK) {
            note[SB_NOTE_TESTS + 2 * i] = sb_loss_value(cas->test_loss[i], set->n, NULL, set->n, h, NULL);
            note[SB_NOTE_TESTS + 2 * i + 1] = accuracy(set, h);
        }
        if (status == SB_OK && cas->watch_test[i].items.n > 0) status = note_test_items(cas, i, h, err);
        err += cas->watch_test[i].items.n;
        free(h);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

/* What is seen of a residual u[n][outputs]. */
static sb_status note_residual(const sb_case *cas, const sb_layout *layout, const double *u, size_t threads,
                               double *note)
{
    sb_status status = SB_OK;
    size_t parts = cas->watch.items.parts;
    double complex *amp = malloc((parts + 1) * sizeof *amp);
    if (!amp) return sb_fail(SB_ERR_NOMEM, "no memory for %zu watched items", parts);
    SB_TRY(sb_watch_apply(&cas->watch, u, threads, amp, note + layout->err));
    for (size_t p = 0; p < parts; p++) {
        note[layout->amp + 2 * p] = creal(amp[p]);
        note[layout->amp + 2 * p + 1] = cimag(amp[p]);
    }
    if (cas->field.items.n > 0) SB_TRY(sb_field_sizes(cas, u, note + layout->field));
done:
    free(amp);
    return status;
}

/* ---- the kernel on its way ---- */

static sb_status open_watcher(watcher *w, const sb_network *network)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->spec->cas;
    size_t rows = rows_of(cas), size = rows * rows, threads = w->spec->threads;
    bool single = sb_model_single(cas->model);
    w->parameters = sb_network_parameters(network);
    w->run->kernel_change = NAN;
    if (!w->spec->layout->look) return SB_OK;
    w->start = malloc(w->parameters * sizeof *w->start);
    w->gram = malloc(2 * size * sizeof *w->gram);
    if (!w->start || !w->gram) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rows);
    for (size_t p = 0; p < w->parameters; p++) w->start[p] = network->theta[p];
    SB_TRY(sb_network_gram(network, cas->n, cas->per_row, threads, NULL, w->gram));
    if (w->spec->layout->due) SB_TRY(sb_drift_begin(w->gram, rows, single, SB_DRIFT_PAIRS, threads, &w->drift));
done:
    return status;
}

static void close_watcher(watcher *w)
{
    sb_drift_end(&w->drift);
    free(w->start);
    free(w->gram);
}

/* `last`: nothing comes after it, at whatever step. */
static sb_status look(watcher *w, const sb_network *network, size_t record, bool last)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->spec->cas;
    const sb_layout *layout = w->spec->layout;
    size_t rows = rows_of(cas), size = rows * rows;
    double *note = w->run->notes + record * layout->columns, *drift = note + layout->drift, *gram = w->gram + size;
    for (size_t k = layout->drift; k < layout->columns; k++) note[k] = NAN;
    if (!layout->look || !(last || layout->look[record])) return SB_OK;
    SB_TRY(sb_network_gram(network, cas->n, cas->per_row, w->spec->threads, NULL, gram));
    for (size_t i = 0; i < layout->nodes; i++)
        if (layout->node[i] == record) memcpy(sb_run_kernel(cas, layout, w->run, i), gram, size * sizeof *gram);
    if (layout->sharp) SB_TRY(sb_stability_rate(cas, gram, &note[layout->rate]));
    bool finite = !layout->sharp || !isnan(note[layout->rate]);
    if (layout->due && finite && (last || layout->due[record]))
        SB_TRY(sb_drift_note(&w->drift, gram, sb_gram_distance(w->parameters, network->theta, w->start),
                             w->spec->threads, drift));
done:
    return status;
}

/* Kernels beyond the end of a run that stopped early are that of its end. */
static sb_status finish_kernels(watcher *w, const sb_network *network)
{
    const sb_case *cas = w->spec->cas;
    const sb_layout *layout = w->spec->layout;
    size_t rows = rows_of(cas), size = rows * rows, last = w->run->records - 1;
    const double *end = w->gram + size;
    if (!layout->look) return SB_OK;
    bool early = layout->nodes > 0 && layout->node[layout->nodes - 1] > last;
    sb_status status = SB_OK;
    if (early || layout->nodes == 0)
        status = sb_network_gram(network, cas->n, cas->per_row, w->spec->threads, NULL, w->gram + size);
    else
        end = sb_run_kernel(cas, layout, w->run, layout->nodes - 1);
    for (size_t i = 0; early && i < layout->nodes; i++)
        if (layout->node[i] > last) memcpy(sb_run_kernel(cas, layout, w->run, i), end, size * sizeof *end);
    w->run->kernel_change = sb_gram_distance(size, end, w->gram);
    if (isinf(w->run->kernel_change)) w->run->kernel_change = NAN;
    return status;
}

/* ---- training ---- */

static sb_status record(void *context, const sb_fit_state *state)
{
    sb_status status = SB_OK;
    watcher *w = context;
    const sb_case *cas = w->spec->cas;
    double *note = w->run->notes + state->record * w->spec->layout->columns,
           *u = sb_watched_residual(cas, state->theta, state->h);
    sb_network now = {.cas = cas, .model = cas->model, .theta = (double *)(uintptr_t)state->theta}; /* only read */
    if (!u) return SB_ERR_NOMEM;
    note[SB_NOTE_STEP] = (double)state->step;
    note[SB_NOTE_TIME] = state->time;
    note[SB_NOTE_RATE] = state->rate;
    note[SB_NOTE_LOSS] = state->loss;
    note[SB_NOTE_ACCURACY] = accuracy(&cas->data, state->h);
    SB_TRY(note_tests(cas, w->spec->layout, state->theta, note));
    SB_TRY(note_residual(cas, w->spec->layout, u, state->threads, note));
    size_t size = cas->n * cas->outputs;
    if (cas->config->output_residuals)
        memcpy(sb_run_residuals(cas, w->spec->layout, w->run) + state->record * size, u, size * sizeof *u);
    SB_TRY(look(w, &now, state->record, state->last));
    SB_TRY(sb_snapshots_take(cas, state, sb_run_snapshots(cas, w->spec->layout, w->run)));
done:
    free(u);
    return status;
}

static sb_status train(watcher *w, sb_network *network)
{
    sb_fit_result result = {0};
    const sb_run_spec *how = w->spec;
    sb_fit_spec spec = sb_case_fit_spec(how->cas);
    spec.threads = how->threads;
    spec.seed = w->run->seed;
    spec.recorder = record;
    spec.context = w;
    spec.notes = w->run->notes;
    spec.notes_size = sb_layout_size(how->cas, how->layout);
    spec.checkpoint = how->path;
    spec.identity = how->identity;
    sb_status status = sb_fit(&spec, how->monitor, network->theta, &result);
    w->run->records = result.records;
    w->run->seconds = result.seconds;
    w->run->route = result.route;
    w->run->first = result.first;
    w->run->diverged = result.diverged;
    return status;
}

sb_status sb_run_train(const sb_run_spec *spec, sb_network *network, sb_run *run)
{
    sb_status status = SB_OK;
    watcher w = {.spec = spec, .run = run};
    SB_TRY(open_watcher(&w, network));
    sb_snapshots_begin(spec->cas, sb_run_snapshots(spec->cas, spec->layout, run));
    SB_TRY(train(&w, network));
    SB_TRY(finish_kernels(&w, network));
done:
    close_watcher(&w);
    return status;
}

sb_status sb_run_see(const sb_case *cas, const sb_layout *layout, const double *u, sb_run *run)
{
    sb_status status = SB_OK;
    const sb_config *config = cas->config;
    const sb_schedule *schedule = sb_schedule_find(config->train_schedule);
    size_t size = cas->n * cas->outputs;
    double *h = malloc(size * sizeof *h);
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", cas->n);
    for (size_t i = 0; i < cas->nt; i++) {
        double *note = run->notes + i * layout->columns;
        size_t step = (size_t)cas->step[i];
        for (size_t j = 0; j < layout->columns; j++) note[j] = NAN;
        for (size_t j = 0; j < size; j++) h[j] = u[i * size + j] + cas->data.y[j];
        note[SB_NOTE_STEP] = cas->step[i];
        note[SB_NOTE_TIME] = cas->t[i];
        note[SB_NOTE_RATE] =
            cas->rule.eta * schedule->factor(step, cas->steps, (size_t)config->train_period, config->train_decay);
        note[SB_NOTE_LOSS] = sb_loss_value(cas->loss, cas->n, NULL, cas->n, h, NULL);
        note[SB_NOTE_ACCURACY] = accuracy(&cas->data, h);
        SB_TRY(note_residual(cas, layout, u + i * size, 1, note));
    }
    run->records = cas->nt;
    run->route = run->first = "outside";
    run->kernel_change = NAN;
done:
    free(h);
    return status;
}

sb_status sb_run_decay(const sb_case *cas, const sb_layout *layout, const sb_run *run, sb_decay *decay)
{
    sb_status status = sb_case_table(cas, "observed", SB_FORM_OBSERVED, decay);
    size_t parts = cas->watch.items.parts, at = 0;
    for (size_t i = 0; status == SB_OK && i < cas->nt; i++) {
        while (at + 1 < run->records && sb_run_note(layout, run, at)[SB_NOTE_STEP] < cas->step[i]) at++;
        const double *note = sb_run_note(layout, run, at);
        for (size_t p = 0; p < parts; p++)
            decay->amp[i * parts + p] = note[layout->amp + 2 * p] + I * note[layout->amp + 2 * p + 1];
        memcpy(decay->err + i * decay->nxi, note + layout->err, decay->nxi * sizeof *note);
    }
    return status;
}

/* ---- the same network under exact gradient flow ---- */

sb_status sb_run_flow(const sb_case *cas, size_t threads, const sb_monitor *monitor, sb_network *network,
                      sb_decay *decay)
{
    sb_fit_spec spec = sb_trained_flow(cas);
    spec.threads = threads;
    return sb_trained_table(cas, spec, monitor, network->theta, decay);
}
