/* The points of a sweep, one after the other and side by side. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "case/case.h"
#include "case/given.h"
#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"
#include "run/seeds.h"
#include "run/stage.h"
#include "study/study.h"
#include "study/sweep/gather.h"
#include "study/train.h"

static sb_status at_point(const sb_sweep *sweep, size_t point, sb_status status)
{
    char text[300];
    if (status == SB_OK || status == SB_ERR_INTERRUPTED) return status;
    sb_sweep_describe(sweep, point, text, sizeof text);
    return sb_fail(status, "at %s: %s", text, sb_error_text());
}

/* ---- before anything is sealed ---- */

typedef struct checking {
    const sb_sweep *sweep;
    size_t columns;
    const sb_column *column;
    atomic_size_t right; /* points that use all that is said of forecasts */
} checking;

/* Whether the case has what is measured. */
static sb_status check_measures(const checking *c, const sb_case *cas)
{
    for (size_t i = 0; i < c->columns; i++) {
        sb_status status = sb_case_check_measure(cas, &c->column[i].measure);
        if (status != SB_OK) return sb_fail(status, "sweep.measures: %s", sb_error_text());
    }
    return SB_OK;
}

static sb_status check_point(void *context, size_t point)
{
    checking *c = context;
    sb_config one = {0};
    sb_case cas;
    memset(&cas, 0, sizeof cas);
    sb_status status = sb_sweep_config(c->sweep, point, &one);
    if (status != SB_OK) return status;
    status = sb_case_create(&one, NULL, &cas); /* warnings come with the run */
    if (status == SB_OK) status = sb_givens_read(&cas, NULL);
    if (status == SB_OK) status = check_measures(c, &cas);
    status = at_point(c->sweep, point, status);
    bool right = status == SB_OK && sb_case_check_keys(&cas) == SB_OK;
    if (right) atomic_fetch_add(&c->right, 1);
    sb_case_clear(&cas);
    sb_config_clear(&one);
    return status;
}

sb_status sb_sweep_check(const sb_sweep *sweep, size_t jobs)
{
    sb_status status = SB_OK;
    checking c = {.sweep = sweep};
    sb_column *column = NULL;
    sb_law_claim *claim = NULL;
    size_t claims;
    sb_config one = {0};
    SB_TRY(sb_sweep_claims(sweep, &claims, &claim));
    SB_TRY(sb_sweep_columns(sweep->config, &c.columns, &column));
    c.column = column;
    SB_TRY(sb_parallel_for(jobs, sweep->points, check_point, &c));
    if (atomic_load(&c.right) > 0) goto done;
    SB_TRY(sb_sweep_config(sweep, 0, &one));
    SB_TRY(sb_study_check(&one));
done:
    sb_config_clear(&one);
    free(column);
    free(claim);
    return status;
}

/* ---- the directory ---- */

/* The seal of the verdict is the last that a run writes. */
static bool is_finished(const char *folder)
{
    return sb_rundir_holds(folder, "verdict.sha256");
}

sb_status sb_sweep_folder(const sb_sweep *sweep, const char *directory, size_t point, char path[SB_PATH],
                          bool *finished)
{
    char name[64];
    sb_format(name, sizeof name, "points/%s", sweep->name[point]);
    sb_status status = sb_rundir_folder(path, directory, name);
    *finished = status == SB_OK && is_finished(path);
    return status;
}

sb_status sb_sweep_state(const sb_sweep *sweep, const char *directory, size_t point, sb_point_state *state)
{
    char folder[SB_PATH];
    bool held = false, finished;
    sb_status status = sb_sweep_folder(sweep, directory, point, folder, &finished);
    if (status != SB_OK) return status;
    bool begun = sb_rundir_inspect(folder) > SB_RUNDIR_EMPTY;
    *state = finished ? SB_POINT_FINISHED : begun ? SB_POINT_STARTED : SB_POINT_OPEN;
    if (finished || !sb_rundir_holds(directory, "points")) return SB_OK;
    status = sb_lock_held(directory, sweep->name[point], &held);
    if (held) *state = SB_POINT_RUNNING;
    return status;
}

/* The folder and keys of each point, and whether it was finished before these keys were sealed. */
static sb_status write_points(const sb_sweep *sweep, const sb_stage *stage, size_t *before)
{
    sb_writer writer = {0};
    char folder[SB_PATH];
    sb_status status = sb_study_table(stage, "decay/points.tsv", NULL, &writer);
    if (status != SB_OK) return status;
    fputs("point", writer.stream);
    for (size_t k = 0; k < sweep->keys; k++) sb_print(writer.stream, "\t%s", sweep->varied[k].key);
    fputs("\tbefore\n", writer.stream);
    *before = 0;
    for (size_t i = 0; i < sweep->points && status == SB_OK; i++) {
        bool finished;
        status = sb_sweep_folder(sweep, stage->directory, i, folder, &finished);
        *before += finished;
        fputs(sweep->name[i], writer.stream);
        for (size_t k = 0; k < sweep->keys; k++) sb_print(writer.stream, "\t%s", sb_sweep_value(sweep, i, k));
        sb_print(writer.stream, "\t%d\n", finished);
    }
    return sb_writer_close(&writer, status);
}

static sb_status seal(const sb_sweep *sweep, const sb_stage *stage, FILE *say)
{
    sb_status status = SB_OK;
    size_t before;
    SB_TRY(sb_rundir_prepare(stage->directory, stage->force));
    SB_TRY(sb_write_config(sweep->config, stage->directory));
    SB_TRY(write_points(sweep, stage, &before));
    SB_TRY(sb_study_seal(sweep->config, stage, false, NULL));
    if (say)
        sb_print(say, "sweep     %zu points x %lld seeds, sealed\n", sweep->points,
                 (long long)sweep->config->seeds_count);
    if (say && before > 0) sb_print(say, "          %zu of them were finished before these keys were sealed\n", before);
done:
    return status;
}

static sb_status is_the_same(const sb_sweep *sweep, const sb_stage *stage)
{
    bool sealed;
    sb_status status = sb_stage_resumed(sweep->config, stage, &sealed);
    if (status != SB_ERR_SEAL) return status;
    return sb_fail(status, "%s; --force seals the sweep anew and keeps what is finished", sb_error_text());
}

sb_status sb_sweep_begin(const sb_sweep *sweep, const sb_stage *stage, FILE *say)
{
    sb_status status = SB_OK;
    bool held, old = !stage->force && sb_rundir_holds(stage->directory, "forecast.sha256");
    sb_lock lock = {.file = -1, .folder = -1};
    SB_TRY(sb_rundir_check(stage->directory, true)); /* nothing of others */
    if (!old) SB_TRY(sb_sweep_check(sweep, stage->jobs));
    SB_TRY(sb_rundir_make_points(stage->directory));
    SB_TRY(sb_lock_take(stage->directory, "seal", true, &lock, &held));
    old = !stage->force && sb_rundir_holds(stage->directory, "forecast.sha256"); /* by who was faster */
    status = old ? is_the_same(sweep, stage) : seal(sweep, stage, say);
    sb_lock_release(&lock);
done:
    return status;
}

/* ---- running ---- */

typedef struct running {
    const sb_sweep *sweep;
    const sb_stage *stage;
    const sb_handout *handout;
    size_t jobs, cores; /* for each point */
    atomic_size_t next;
    _Atomic(double) *part; /* [points] done, of 1 */
    pthread_mutex_t lock;  /* guards all below */
    char warned[256];      /* the last warning */
    size_t failed, first;
    sb_status status;
    char reason[1024];
} running;

/* What one point talks to. */
typedef struct voice {
    running *run;
    sb_seed_progress progress;
    sb_monitor inner;
    const char *name;
} voice;

static bool tell(void *context, const char *stage, double done, double total)
{
    const voice *mine = context;
    return sb_monitor_progress(&mine->inner, stage, done, total) == SB_OK;
}

/* What is said of many points is said once. */
static void warn(void *context, const char *text)
{
    const voice *mine = context;
    running *run = mine->run;
    pthread_mutex_lock(&run->lock);
    bool old = strncmp(run->warned, text, sizeof run->warned - 1) == 0;
    sb_format(run->warned, sizeof run->warned, "%s", text);
    pthread_mutex_unlock(&run->lock);
    if (!old) sb_monitor_warn(run->stage->monitor, "point %s: %s", mine->name, text);
}

static sb_status train_point(running *run, size_t point, const char *folder)
{
    sb_stage stage = *run->stage;
    sb_config one = {0};
    sb_summary summary = {0};
    voice mine = {.run = run, .name = run->sweep->name[point]};
    mine.progress = (sb_seed_progress){run->stage->monitor, "sweep", run->part, run->sweep->points, point};
    mine.inner = sb_seed_monitor(&mine.progress);
    sb_monitor monitor = {.progress = tell, .warn = warn, .context = &mine};
    stage.resume = true;
    stage.force = false;
    stage.monitor = &monitor;
    stage.jobs = run->jobs;
    stage.cores = run->cores;
    sb_status status = sb_rundir_tidy(folder); /* what a killed process left half written */
    if (status == SB_OK) status = sb_sweep_config(run->sweep, point, &one);
    if (status == SB_OK) status = sb_study_train(&one, &stage, folder, one.sweep_figures, &summary);
    sb_summary_clear(&summary);
    sb_config_clear(&one);
    return at_point(run->sweep, point, status);
}

/* Somebody who only looks whether the lock is held holds it for a moment. */
static sb_status take_lock(const running *run, size_t point, sb_lock *lock, bool *held)
{
    sb_status status = SB_OK;
    *held = false;
    for (int turn = 0; turn < 4 && status == SB_OK && !*held; turn++) {
        if (turn > 0) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        status = sb_lock_take(run->stage->directory, run->sweep->name[point], false, lock, held);
    }
    return status;
}

static sb_status do_point(running *run, size_t point)
{
    char folder[SB_PATH];
    sb_lock lock;
    bool held, finished;
    sb_status status = sb_sweep_folder(run->sweep, run->stage->directory, point, folder, &finished);
    if (status != SB_OK) return status;
    if (!finished) {
        status = take_lock(run, point, &lock, &held);
        if (status != SB_OK || !held) return status; /* somebody else is at it */
        if (!is_finished(folder)) status = train_point(run, point, folder);
        sb_lock_release(&lock);
    }
    if (status == SB_OK) atomic_store(&run->part[point], 1);
    return status;
}

/* What a machine cannot do, and an interruption, end all; a point may fail alone. */
static sb_status note(running *run, size_t point, sb_status status)
{
    bool own =
        status == SB_ERR_INPUT || status == SB_ERR_NUMERIC || status == SB_ERR_UNSUPPORTED || status == SB_ERR_SEAL;
    if (status == SB_OK || !own) return status;
    pthread_mutex_lock(&run->lock);
    if (run->failed++ == 0 || point < run->first) {
        run->first = point;
        run->status = status;
        sb_format(run->reason, sizeof run->reason, "%s", sb_error_text());
    }
    pthread_mutex_unlock(&run->lock);
    return SB_OK;
}

static size_t next_of(running *run)
{
    return run->handout ? run->handout->next(run->handout->context) : atomic_fetch_add(&run->next, 1);
}

static sb_status worker(void *context, size_t index)
{
    (void)index;
    running *run = context;
    sb_status status = SB_OK;
    for (size_t point; status == SB_OK && (point = next_of(run)) < run->sweep->points;) {
        status = sb_monitor_progress(run->stage->monitor, "sweep", 0, 1);
        if (status == SB_OK) status = note(run, point, do_point(run, point));
    }
    return status;
}

sb_status sb_sweep_run(const sb_sweep *sweep, const sb_stage *stage, const sb_handout *handout, size_t *failed)
{
    running run = {.sweep = sweep, .stage = stage, .handout = handout, .lock = PTHREAD_MUTEX_INITIALIZER};
    size_t cores = sb_cores(), jobs = stage->jobs ? stage->jobs : cores;
    size_t points = handout && handout->once ? 1 : sweep->points, workers = jobs < points ? jobs : points;
    run.jobs = jobs / workers;
    run.cores = cores / workers ? cores / workers : 1;
    run.part = calloc(sweep->points, sizeof *run.part);
    if (!run.part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", sweep->points);
    sb_status status = sb_parallel_for(workers, workers, worker, &run);
    if (status == SB_ERR_INTERRUPTED)
        status = sb_fail(status, "interrupted; the same command goes on, and does nothing again that was finished");
    *failed = run.failed;
    if (status == SB_OK && run.failed > 0) sb_fail(run.status, "%s", run.reason);
    free(run.part);
    pthread_mutex_destroy(&run.lock);
    return status;
}
