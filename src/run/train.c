/* Stage 2: the real networks, one per seed.
 *
 * In: the case and a sealed directory. Out: DIR/decay/observed.tsv (of each seed, too), observed.flow.tsv,
 * observed.field.tsv; history.tsv, frequencies.tsv, projection.tsv, filter.tsv, drift.tsv (of each seed, too);
 * stability.tsv;
 * effect.tsv, train.tsv; arrays/; checkpoints/ while it lasts; observed.sha256. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "case/case.h"
#include "case/start.h"
#include "run/effect.h"
#include "run/field.h"
#include "case/network.h"
#include "forecast/linearised.h"
#include "run/run.h"
#include "run/seeds.h"
#include "run/stage.h"
#include "run/table.h"
#include "run/training.h"
#include "run/uncovered.h"
#include "report/write.h"

/* arrays/WHICH.seedN.npy: [parameters], as init.file takes them */
static sb_status save_weights(const sb_training *w, const sb_network *network, const char *which, uint64_t seed)
{
    char base[64];
    if (!w->cas->config->output_arrays) return SB_OK;
    sb_format(base, sizeof base, "%s.seed%llu", which, (unsigned long long)seed);
    return sb_save_array(w->stage->directory, base, network->theta, sb_network_parameters(network), 0);
}

/* arrays/residual.seedN.npy, as `specbias observe` takes them */
static sb_status save_residuals(const sb_training *w, const sb_run *run)
{
    char path[SB_PATH];
    const sb_case *cas = w->cas;
    if (!cas->config->output_residuals) return SB_OK;
    sb_status status = sb_rundir_make(w->stage->directory, "arrays");
    if (status == SB_OK)
        status =
            sb_rundir_path(path, w->stage->directory, "arrays/residual.seed%llu.npy", (unsigned long long)run->seed);
    if (status != SB_OK) return status;
    return sb_npy_write_array(path, sb_run_residuals(cas, &w->layout, run), 3,
                              (size_t[]){run->records, cas->n, cas->outputs});
}

sb_status sb_training_save_table(const sb_training *w, const char *source, uint64_t seed, const sb_decay *decay)
{
    char base[128];
    sb_table_base(base, source, (int64_t)seed, SB_FORM_OBSERVED);
    return sb_table_save(w->cas, w->stage->directory, base, decay);
}

/* The same network under exact gradient flow: rung 1 of the ladder. */
static sb_status flow_seed(sb_training *w, size_t index, const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    uint64_t seed = w->run[index].seed;
    sb_network network = {0};
    char base[128], meaning[160];
    if (!w->exact) return SB_OK;
    sb_decay *decay = &w->exact[index];
    sb_table_base(base, SB_OBSERVED_FLOW, (int64_t)seed, SB_FORM_OBSERVED);
    sb_format(meaning, sizeof meaning, "decay/%s.cfg", base);              /* written behind the table */
    if (w->stage->resume && sb_rundir_holds(w->stage->directory, meaning)) /* under the same seal */
        return sb_table_load(cas, w->stage->directory, base, SB_OBSERVED_FLOW, SB_FORM_OBSERVED, decay);
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_case_table(cas, SB_OBSERVED_FLOW, SB_FORM_OBSERVED, decay));
    SB_TRY(sb_run_flow(cas, w->threads, monitor, &network, decay));
    SB_TRY(sb_training_save_table(w, SB_OBSERVED_FLOW, seed, decay));
done:
    sb_network_clear(&network);
    return status;
}

/* The sealed forecast of a seed's linearised network; where none was asked for, made here. */
static sb_status frozen_table(const sb_training *w, uint64_t seed, const sb_monitor *monitor, sb_decay *frozen)
{
    char base[128];
    const sb_case *cas = w->cas;
    const char *name = "ntk.empirical";
    sb_table_base(base, name, (int64_t)seed, SB_FORM_GD);
    if (sb_source_way(cas, sb_source_find(name), SB_FORM_GD) == SB_WAY_TRAINED)
        return sb_table_load(cas, w->stage->directory, base, name, SB_FORM_GD, frozen);
    sb_status status = sb_case_table(cas, name, SB_FORM_GD, frozen);
    return status == SB_OK ? sb_linearised_train(cas, &cas->watch, seed, NULL, monitor, frozen) : status;
}

/* What the movement of the kernel did to T; theta: where the run ended. */
static sb_status keep_effect(const sb_training *w, const double *u0, size_t index, const double *theta,
                             const sb_monitor *monitor)
{
    const sb_case *cas = w->cas;
    const sb_layout *layout = &w->layout;
    double step[SB_PATH_NODES];
    uint64_t seed = w->run[index].seed;
    sb_effect *effect = w->effect + index * cas->watch.items.n * SB_LEVELS;
    if (!w->effect) return SB_OK;
    if (sb_effect_way(cas) == SB_WAY_TRAINED) {
        sb_decay frozen = {0};
        sb_status status = frozen_table(w, seed, monitor, &frozen);
        bool diverged = status == SB_ERR_NUMERIC; /* what is no forecast tells no effect either */
        for (size_t j = 0; diverged && j < cas->watch.items.n * SB_LEVELS; j++) effect[j] = (sb_effect){NAN, NAN, NAN};
        if (diverged)
            status = SB_OK;
        else if (status == SB_OK)
            status = sb_effect_of_end(cas, seed, &frozen, theta, monitor, effect);
        sb_decay_clear(&frozen);
        return status;
    }
    for (size_t i = 0; i < layout->nodes; i++) step[i] = cas->step[layout->node[i]];
    return sb_effect_measure(cas, seed, layout->nodes, step, sb_run_kernel(cas, layout, &w->run[index], 0), u0, effect);
}

static sb_status train_seed(void *context, size_t index)
{
    sb_status status = SB_OK;
    sb_training *w = context;
    const sb_case *cas = w->cas;
    sb_run *run = &w->run[index];
    sb_network network = {0};
    sb_seed_progress mine = {w->stage->monitor, NULL, w->part, w->seeds, index};
    sb_monitor monitor = sb_seed_monitor(&mine);
    char path[SB_PATH], identity[128];
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", cas->n);
    sb_format(identity, sizeof identity, "%s seed %llu", w->seal, (unsigned long long)run->seed);
    SB_TRY(sb_checkpoint_path(w->stage, run->seed, path));
    SB_TRY(sb_network_start(cas, 1, run->seed, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_network_residual(&network, u0));
    SB_TRY(save_weights(w, &network, "start", run->seed));
    sb_run_spec spec = {cas, &w->layout, w->threads, path, identity, &monitor};
    SB_TRY(sb_run_train(&spec, &network, run));
    SB_TRY(keep_effect(w, u0, index, network.theta, &monitor));
    SB_TRY(sb_run_decay(cas, &w->layout, run, &w->observed[index]));
    SB_TRY(sb_training_save_table(w, "observed", run->seed, &w->observed[index]));
    SB_TRY(flow_seed(w, index, &monitor));
    SB_TRY(save_weights(w, &network, "weights", run->seed));
    SB_TRY(save_residuals(w, run));
done:
    free(u0);
    sb_network_clear(&network);
    return status;
}

static sb_run_record record_of(const sb_training *w, const sb_run *run)
{
    const double *last = sb_run_note(&w->layout, run, run->records - 1);
    sb_run_record record = {.seed = run->seed,
                            .steps = last[SB_NOTE_STEP],
                            .seconds = run->seconds,
                            .loss = last[SB_NOTE_LOSS],
                            .accuracy = last[SB_NOTE_ACCURACY],
                            .kernel_change = run->kernel_change};
    sb_format(record.route, sizeof record.route, "%s", run->route);
    sb_format(record.first_route, sizeof record.first_route, "%s", run->first);
    for (size_t t = 0; t < w->cas->tests; t++) {
        record.test_loss[t] = last[SB_NOTE_TESTS + 2 * t];
        record.test_accuracy[t] = last[SB_NOTE_TESTS + 2 * t + 1];
    }
    return record;
}

/* train.tsv and the seal of observations are the last that training writes, before its checkpoints go. */
static bool was_trained(const sb_stage *stage)
{
    return sb_rundir_holds(stage->directory, "train.tsv") &&
           (sb_rundir_holds(stage->directory, "observed.sha256") || !sb_rundir_holds(stage->directory, "checkpoints"));
}

/* ---- together ---- */

/* The mean of |e^| over seeds, in units of the first seed's start. */
static sb_status save_field(const sb_training *w)
{
    const sb_case *cas = w->cas;
    const sb_layout *layout = &w->layout;
    size_t cells = cas->field.items.n, record[SB_FIELD_TIMES], count = sb_field_records(cas, record);
    if (cells == 0) return SB_OK;
    double *size = calloc(count * cells + 1, sizeof *size);
    if (!size) return sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < w->seeds; r++) {
            size_t last = w->run[r].records - 1, at = record[i] < last ? record[i] : last;
            const double *note = sb_run_note(layout, &w->run[r], at) + layout->field;
            for (size_t k = 0; k < cells; k++) size[i * cells + k] += note[k] / (double)w->seeds;
        }
    sb_status status =
        sb_field_save(cas, w->stage->directory, "observed", sb_run_note(layout, &w->run[0], 0) + layout->field, size);
    free(size);
    return status;
}

static sb_status save_mean(const sb_training *w, const char *source, const sb_decay *runs)
{
    sb_decay mean = {0};
    sb_status status = sb_case_table(w->cas, source, SB_FORM_OBSERVED, &mean);
    if (status != SB_OK) return status;
    sb_decay_mean(runs, w->seeds, &mean);
    status = sb_table_save(w->cas, w->stage->directory, source, &mean);
    sb_decay_clear(&mean);
    return status;
}

/* Each way that runs took, and why. */
static void say_routes(const sb_training *w, FILE *say)
{
    for (size_t r = 0; r < w->seeds; r++) {
        const sb_run *run = &w->run[r];
        size_t alike = 0, before = 0;
        char reason[80];
        for (size_t i = 0; i < w->seeds; i++) {
            bool same = strcmp(w->run[i].route, run->route) == 0 && strcmp(w->run[i].first, run->first) == 0;
            alike += same;
            before += same && i < r;
        }
        if (before > 0) continue;
        sb_route_reason(w->cas, run->first, run->route, sizeof reason, reason);
        sb_print(say, "          %zu run%s by route %s, %s\n", alike, alike == 1 ? "" : "s", run->route, reason);
    }
}

/* What of a data set is used, routes, steps. */
static void say_training(const sb_training *w, FILE *say)
{
    double least = INFINITY, most = 0;
    for (size_t r = 0; r < w->seeds; r++) {
        double steps = sb_run_note(&w->layout, &w->run[r], w->run[r].records - 1)[SB_NOTE_STEP];
        least = fmin(least, steps);
        most = fmax(most, steps);
    }
    sb_case_data_line(w->cas, say);
    if (!w->cas->units) sb_print(say, "          %zu examples, %s\n", w->cas->n, w->cas->config->train_optimizer);
    say_routes(w, say);
    if (least < most) sb_print(say, "          stopped after %.0f to %.0f steps\n", least, most);
}

sb_status sb_training_save(sb_training *w, FILE *say)
{
    sb_status status = SB_OK;
    const char *directory = w->stage->directory;
    sb_run_record *record = calloc(w->seeds, sizeof *record);
    if (!record) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", w->seeds);
    for (size_t r = 0; r < w->seeds; r++) record[r] = record_of(w, &w->run[r]);
    if (say) say_training(w, say);
    SB_TRY(save_field(w));
    SB_TRY(save_mean(w, "observed", w->observed));
    if (w->exact) SB_TRY(save_mean(w, SB_OBSERVED_FLOW, w->exact));
    SB_TRY(sb_runs_save_tables(w->cas, &w->layout, directory, w->seeds, w->run, say));
    if (w->effect)
        SB_TRY(sb_effects_save(directory, w->cas->config->seeds_first, w->seeds, &w->cas->watch.items, w->effect));
    if (w->cas->config->output_arrays) {
        SB_TRY(sb_case_save_rows(w->cas, directory));
        if (!w->cas->curved) SB_TRY(sb_case_save_loss(&w->cas->quadratic, directory));
    }
    SB_TRY(sb_runs_save(w->cas, directory, w->seal, record));
done:
    free(record);
    return status;
}

sb_status sb_training_open(sb_training *w)
{
    const sb_case *cas = w->cas;
    sb_status status = sb_layout_make(cas, &w->layout);
    if (status != SB_OK) return status;
    w->observed = calloc(w->seeds, sizeof *w->observed);
    if (cas->config->train_flow) w->exact = calloc(w->seeds, sizeof *w->exact);
    bool effect = sb_effect_way(cas) != SB_WAY_NONE;
    if (effect) w->effect = calloc(w->seeds * cas->watch.items.n * SB_LEVELS + 1, sizeof *w->effect);
    w->run = calloc(w->seeds, sizeof *w->run);
    w->part = calloc(w->seeds, sizeof *w->part);
    bool all = w->observed && w->run && w->part && (w->exact || !cas->config->train_flow);
    all = all && (w->effect || !effect);
    for (size_t r = 0; all && r < w->seeds; r++) {
        w->run[r].seed = (uint64_t)cas->config->seeds_first + r;
        w->run[r].notes = calloc(sb_layout_size(cas, &w->layout), sizeof(double));
        all = w->run[r].notes != NULL;
    }
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", w->seeds);
}

void sb_training_close(sb_training *w)
{
    for (size_t r = 0; w->observed && r < w->seeds; r++) sb_decay_clear(&w->observed[r]);
    for (size_t r = 0; w->exact && r < w->seeds; r++) sb_decay_clear(&w->exact[r]);
    for (size_t r = 0; w->run && r < w->seeds; r++) free(w->run[r].notes);
    free(w->observed);
    free(w->exact);
    free(w->run);
    free(w->part);
    free(w->effect);
    sb_layout_clear(&w->layout);
}

sb_status sb_train_stage(const sb_case *cas, const sb_stage *stage, FILE *say)
{
    sb_status status = SB_OK;
    char seal[65];
    uint64_t first = (uint64_t)cas->config->seeds_first;
    sb_case left = {0};
    sb_training w = {.cas = &left, .stage = stage, .seeds = (size_t)cas->config->seeds_count, .seal = seal};
    size_t jobs = sb_seed_jobs(stage, w.seeds, (size_t)cas->config->train_threads, &w.threads);
    SB_TRY(sb_seal_verify(stage->directory, seal));
    SB_TRY(sb_check_keys(cas->config, stage->directory));
    SB_TRY(sb_start_check(cas->config, stage->directory));
    if (!stage->force) SB_TRY(sb_seals_check(stage->directory, NULL));
    if (cas->external)
        SB_TRY(sb_fail(SB_ERR_INPUT, "net.kind = \"external\": train the network yourself, then `specbias observe`"));
    SB_TRY(sb_uncovered_load(cas, stage->directory, &left, NULL));
    if (stage->resume && was_trained(stage)) {
        sb_checkpoints_end(stage, first, w.seeds);
        goto done;
    }
    if (!stage->resume && !stage->force && sb_rundir_holds(stage->directory, "train.tsv"))
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s was trained already; --force trains again", stage->directory));
    SB_TRY(sb_rundir_forget(stage->directory)); /* it would go with the old networks once new ones are there in part */
    SB_TRY(sb_training_open(&w));
    SB_TRY(sb_checkpoints_begin(stage, first, w.seeds));
    SB_TRY(sb_interrupted(stage, sb_parallel_for(jobs, w.seeds, train_seed, &w)));
    SB_TRY(sb_training_save(&w, say));
    SB_TRY(sb_seal_observations(stage->directory, seal));
    sb_checkpoints_end(stage, first, w.seeds);
done:
    sb_training_close(&w);
    sb_left_clear(&left);
    return status;
}
