/* Trains networks of layers on a data set, one per seed, and says in which order frequencies were learned. Each run
 * writes checkpoints, from which --resume goes on. */
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "core/text.h"
#include "experiment/learn/learn.h"
#include "experiment/seeds.h"
#include "experiment/stage.h"
#include "experiment/study/study.h"

typedef struct work {
    const sb_learn *learn;
    const sb_stage *stage;
    const char *keys; /* identity of the runs */
    size_t count, threads;
    sb_learn_run *run;     /* [count] */
    _Atomic(double) *part; /* [count] done, of 1 */
} work;

/* One run, for its recorder. */
typedef struct mine {
    const work *all;
    size_t index;
    sb_learn_start start;
} mine;

static sb_status recorder(void *context, const sb_fit_state *state)
{
    mine *m = context;
    const sb_learn *learn = m->all->learn;
    const sb_learn_run *run = &m->all->run[m->index];
    double *note = run->notes + state->record * learn->columns;
    sb_status status = sb_learn_note(learn, state, note);
    return status == SB_OK ? sb_learn_note_drift(learn, run->seed, state, &m->start, run->notes) : status;
}

static sb_status save_weights(const work *w, size_t index, const double *theta)
{
    char base[64];
    if (!w->learn->config->output_arrays) return SB_OK;
    sb_format(base, sizeof base, "weights.seed%llu", (unsigned long long)w->run[index].seed);
    return sb_save_array(w->stage->directory, base, theta, sb_model_parameters(w->learn->model), 0);
}

static sb_status train_seed(void *context, size_t index)
{
    sb_status status = SB_OK;
    work *w = context;
    sb_learn_run *run = &w->run[index];
    mine m = {.all = w, .index = index};
    sb_seed_progress told = {w->stage->monitor, w->part, w->count, index};
    sb_monitor monitor = sb_seed_monitor(&told);
    size_t size = strlen(w->keys) + 64;
    char path[SB_PATH], *identity = malloc(size);
    sb_fit_spec spec = sb_learn_fit_spec(w->learn);
    double *theta = malloc(sb_model_parameters(w->learn->model) * sizeof *theta);
    if (!identity || !theta) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a network");
        goto done;
    }
    sb_format(identity, size, "%s seed %llu", w->keys, (unsigned long long)run->seed);
    SB_TRY(sb_checkpoint_path(w->stage, run->seed, path));
    spec.threads = w->threads;
    spec.seed = run->seed;
    spec.recorder = recorder;
    spec.context = &m;
    spec.notes = run->notes;
    spec.checkpoint = path;
    spec.identity = identity;
    sb_model_start(w->learn->model, run->seed, SB_STREAM_TRAIN, theta);
    SB_TRY(sb_fit(&spec, &monitor, theta, &run->result));
    SB_TRY(save_weights(w, index, theta));
done:
    sb_learn_start_clear(&m.start);
    free(identity);
    free(theta);
    return status;
}

/* ---- the directory ---- */

static sb_status begin(const sb_config *config, const sb_stage *stage)
{
    sb_status status = SB_OK;
    bool sealed;
    SB_TRY(sb_study_begin(config, stage, &sealed));
    if (!sb_rundir_holds(stage->directory, "manifest.cfg")) SB_TRY(sb_write_manifest(config, stage->directory));
    SB_TRY(sb_checkpoints_begin(stage, (uint64_t)config->seeds_first, (size_t)config->seeds_count));
done:
    return status;
}

static sb_status allocate_runs(work *w)
{
    size_t size = sb_learn_fit_spec(w->learn).notes_size;
    w->run = calloc(w->count, sizeof *w->run);
    w->part = calloc(w->count, sizeof *w->part);
    bool all = w->run && w->part;
    for (size_t r = 0; all && r < w->count; r++) {
        w->run[r].seed = (uint64_t)w->learn->config->seeds_first + r;
        w->run[r].notes = calloc(size, sizeof(double));
        all = w->run[r].notes != NULL;
    }
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the records of %zu seeds", w->count);
}

static sb_status train_all(work *w)
{
    size_t jobs = sb_seed_jobs(w->stage, w->count, (size_t)w->learn->config->train_threads, &w->threads);
    return sb_parallel_for(jobs, w->count, train_seed, w);
}

static void say_training(const work *w, FILE *say)
{
    char text[512];
    double seconds = 0;
    size_t least = SIZE_MAX, most = 0;
    for (size_t r = 0; r < w->count; r++) {
        size_t steps = w->run[r].result.steps;
        seconds += w->run[r].result.seconds;
        least = steps < least ? steps : least;
        most = steps > most ? steps : most;
    }
    sb_model_describe(w->learn->model, text, sizeof text);
    sb_learn_say_data(w->learn, say);
    sb_print(say, "network   %s\n", text);
    sb_print(say, "train     %zu examples, %zu seed%s x ", w->learn->train.n, w->count, w->count == 1 ? "" : "s");
    if (least < most) sb_print(say, "%zu to ", least);
    sb_print(say, "%zu steps of %s, route %s  %.1f s\n", most, w->learn->config->train_optimizer,
             w->run[0].result.route, seconds);
}

static sb_status finish(work *w, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    sb_json json = sb_study_summary(w->learn->config, &document);
    say_training(w, say);
    sb_learn_json_data(w->learn, json);
    sb_json_whole(json, "parameters", sb_model_parameters(w->learn->model));
    SB_TRY(sb_learn_save(w->learn, w->stage->directory, w->count, w->run));
    SB_TRY(sb_learn_save_drift(w->learn, w->stage->directory, w->count, w->run, say, json));
    SB_TRY(sb_learn_effects(w->learn, w->stage->directory, w->count, w->run, say, json));
    SB_TRY(sb_learn_report(w->learn, w->count, w->run, say, json, verdict));
    SB_TRY(sb_study_end(w->stage, &document, *verdict));
done:
    sb_json_close(&document);
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_learn learn = {0};
    char *keys = NULL;
    work w = {.learn = &learn, .stage = stage, .count = (size_t)config->seeds_count};
    *verdict = SB_NONE;
    SB_TRY(sb_learn_create(config, stage->monitor, &learn));
    SB_TRY(begin(config, stage));
    SB_TRY(sb_config_text(config, &keys));
    w.keys = keys;
    SB_TRY(allocate_runs(&w));
    if (config->output_arrays) SB_TRY(sb_learn_save_rows(&learn, stage->directory));
    SB_TRY(sb_interrupted(stage, train_all(&w)));
    SB_TRY(finish(&w, say, verdict));
    sb_checkpoints_end(stage, (uint64_t)config->seeds_first, w.count);
done:
    for (size_t r = 0; w.run && r < w.count; r++) free(w.run[r].notes);
    free(w.run);
    free(w.part);
    free(keys);
    sb_learn_clear(&learn);
    return status;
}

static sb_status check(const sb_config *config, FILE *say)
{
    sb_learn learn = {0};
    sb_status status = sb_learn_create(config, NULL, &learn);
    if (status == SB_OK && say) sb_learn_say_data(&learn, say);
    sb_learn_clear(&learn);
    return status;
}

const sb_study sb_study_learn = {
    .name = "learn",
    .title = "train networks of layers on any data, look at the order of frequencies",
    .citation = "Xu, Zhang, Luo, Xiao, Ma: Frequency Principle (2020)",
    .check = check,
    .run = run,
};
