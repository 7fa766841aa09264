/* Stage 2: the real networks, one per seed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"
#include "experiment/drift.h"
#include "experiment/effect.h"
#include "experiment/field.h"
#include "experiment/seeds.h"
#include "experiment/stage.h"
#include "experiment/table.h"

typedef struct work {
    const sb_setup *setup;
    const sb_stage *stage;
    size_t seeds, threads;
    sb_decay *observed;    /* [seeds] */
    sb_decay *exact;       /* [seeds] under exact gradient flow; NULL: not asked for */
    const char *seal;      /* of the forecast, which a checkpoint belongs to */
    sb_run_record *run;    /* [seeds] */
    _Atomic(double) *part; /* [seeds] done, of 1 */
    sb_field field;        /* when observe.field asks for it */
    double *size;          /* [seeds][field.problem.nt][SB_FIELD_CELLS] */
    size_t nodes;          /* records at which the kernel is kept .. */
    size_t node[SB_PATH_NODES];
    bool *due;           /* [nt] .. and at which its drift is noted; NULL: none */
    bool *look;          /* [nt] one or the other */
    sb_drift_run *drift; /* [seeds] what is seen there */
    sb_effect *effect;   /* [seeds][nxi][SB_LEVELS] */
} work;

/* One seed's kernel on its way. */
typedef struct watch {
    const work *all;
    sb_drift_start start;
    sb_net before; /* weights at the start; empty without drift */
    double *gram;  /* [n][n] of the moment */
    double *notes; /* what passes from step to step: kernels and, if it is looked at, drift */
    double *kept;  /* in the notes: [nodes][n][n] */
    double *drift; /* in the notes: [nt][SB_DRIFT_NOTES] */
    size_t size;   /* of the notes */
} watch;

static sb_status save_weights(const work *w, const sb_net *net, int64_t seed)
{
    char base[64];
    double *weights = malloc(net->per_unit * net->width * sizeof *weights);
    if (!weights) return sb_fail(SB_ERR_NOMEM, "no memory for the weights of %zu neurons", net->width);
    for (size_t p = 0; p < net->per_unit; p++)
        memcpy(weights + p * net->width, net->theta + p * net->padded, net->width * sizeof *weights);
    sb_format(base, sizeof base, "weights.seed%lld", (long long)seed);
    sb_status status = sb_save_array(w->stage->directory, base, weights, net->per_unit, net->width);
    free(weights);
    return status;
}

/* One seed's table of residuals u[nt][n]. */
static sb_status save_observed(const work *w, const char *source, int64_t seed, const double *u, sb_decay *decay)
{
    sb_status status = SB_OK;
    char base[128];
    const sb_setup *setup = w->setup;
    SB_TRY(sb_decay_init(decay, &setup->problem, source, SB_FORM_OBSERVED, &setup->terms));
    SB_TRY(sb_observe_all(setup, u, decay));
    sb_table_base(base, source, seed, SB_FORM_OBSERVED);
    SB_TRY(sb_table_save(setup, w->stage->directory, base, decay));
done:
    return status;
}

/* The same network under exact gradient flow: rung 1 of the ladder. */
static sb_status flow_seed(work *w, size_t index, int64_t seed, const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    const sb_setup *setup = w->setup;
    sb_net net = {0};
    sb_training training = {0};
    sb_flow_counts counts;
    char base[128], meaning[160];
    if (!w->exact) return SB_OK;
    sb_table_base(base, SB_OBSERVED_FLOW, seed, SB_FORM_OBSERVED);
    sb_format(meaning, sizeof meaning, "decay/%s.cfg", base);              /* written behind the table */
    if (w->stage->resume && sb_rundir_holds(w->stage->directory, meaning)) /* under the same seal */
        return sb_table_load(setup, w->stage->directory, base, SB_OBSERVED_FLOW, SB_FORM_OBSERVED, &w->exact[index]);
    SB_TRY(sb_net_init(&setup->net, (uint64_t)seed, SB_STREAM_TRAIN, &net));
    SB_TRY(sb_train_flow(&net, &setup->problem, "rkc", setup->config->train_flow_tolerance, w->threads, monitor,
                         &training, &counts));
    SB_TRY(save_observed(w, SB_OBSERVED_FLOW, seed, training.u, &w->exact[index]));
done:
    sb_net_clear(&net);
    sb_training_clear(&training);
    return status;
}

/* ---- the kernel on its way ---- */

static sb_status look(void *context, size_t record, const sb_net *net)
{
    watch *mine = context;
    const work *w = mine->all;
    size_t size = w->setup->problem.n * w->setup->problem.n;
    sb_status status = sb_net_gram(w->setup, net, 0, net->width, mine->gram);
    for (size_t i = 0; i < w->nodes; i++)
        if (w->node[i] == record) memcpy(mine->kept + i * size, mine->gram, size * sizeof *mine->gram);
    if (status != SB_OK || !w->due || !w->due[record]) return status;
    double weights = sb_gram_distance(net->per_unit * net->padded, net->theta, mine->before.theta);
    return sb_drift_note(&mine->start, mine->gram, weights, 1, mine->drift + record * SB_DRIFT_NOTES);
}

static sb_status open_watch(const work *w, const sb_net *net, const double *before, double *gram, watch *mine)
{
    size_t n = w->setup->problem.n, kernels = w->nodes * n * n;
    *mine = (watch){.all = w, .gram = gram};
    mine->size = kernels + (w->due ? w->setup->problem.nt * SB_DRIFT_NOTES : 0);
    mine->notes = calloc(mine->size, sizeof *mine->notes);
    if (!mine->notes) return sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels of %zu points", w->nodes, n);
    mine->kept = mine->notes;
    mine->drift = mine->notes + kernels;
    if (!w->due) return SB_OK;
    sb_status status = sb_net_copy(net, &mine->before);
    return status == SB_OK ? sb_drift_begin(before, n, false, SB_DRIFT_PAIRS, 1, &mine->start) : status;
}

static void close_watch(watch *mine)
{
    sb_drift_end(&mine->start);
    sb_net_clear(&mine->before);
    free(mine->notes);
}

static void keep_drift(const work *w, const watch *mine, size_t index)
{
    const sb_problem *problem = &w->setup->problem;
    if (!w->due) return;
    sb_drift_run *run = &w->drift[index];
    run->seed = (uint64_t)w->setup->config->seeds_first + index;
    for (size_t i = 0; i < problem->nt; i++) {
        if (!w->due[i]) continue;
        sb_drift_row *row = &run->row[run->count++];
        row->step = problem->step[i];
        row->time = problem->t[i];
        memcpy(row->note, mine->drift + i * SB_DRIFT_NOTES, sizeof row->note);
    }
}

/* What the movement of the kernel did to T. */
static sb_status keep_effect(const work *w, const watch *mine, const double *u0, size_t index)
{
    const sb_problem *problem = &w->setup->problem;
    double step[SB_PATH_NODES];
    for (size_t i = 0; i < w->nodes; i++) step[i] = problem->step[w->node[i]];
    return sb_effect_measure(w->setup, w->nodes, step, mine->kept, u0, w->effect + index * problem->grid.n * SB_LEVELS);
}

static sb_status choose_looks(work *w)
{
    const sb_problem *problem = &w->setup->problem;
    size_t count = (size_t)w->setup->config->observe_drift;
    w->nodes = sb_path_choose(problem->nt, problem->step, sb_effect_nodes(problem), w->node);
    w->effect = calloc(w->seeds * problem->grid.n * SB_LEVELS, sizeof *w->effect);
    w->look = calloc(problem->nt, sizeof *w->look);
    if (!w->look || !w->effect) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", problem->nt);
    for (size_t i = 0; i < w->nodes; i++) w->look[w->node[i]] = true;
    if (count == 0) return SB_OK;
    w->due = malloc(problem->nt * sizeof *w->due);
    if (!w->due) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", problem->nt);
    sb_status status = sb_drift_choose(problem->nt, problem->step, count, w->due);
    for (size_t i = 0; i < problem->nt; i++) w->look[i] = w->look[i] || w->due[i];
    return status == SB_OK ? sb_drift_runs_create(w->seeds, problem->nt, &w->drift) : status;
}

/* ---- one seed ---- */

static sb_status train_network(const work *w, int64_t seed, watch *mine, const sb_monitor *monitor, sb_net *net,
                               sb_training *training)
{
    sb_train_watch looks = {
        .record = w->look, .look = look, .context = mine, .notes = mine->notes, .notes_size = mine->size};
    char path[SB_PATH], identity[128];
    sb_train_memory memory = {path, identity, w->setup->config->train_checkpoint};
    sb_format(identity, sizeof identity, "%s seed %lld", w->seal, (long long)seed);
    sb_status status = sb_checkpoint_path(w->stage, (uint64_t)seed, path);
    if (status != SB_OK) return status;
    return sb_train_on(net, &w->setup->problem, w->threads, &memory, &looks, monitor, training);
}

static sb_status train_seed(void *context, size_t index)
{
    sb_status status = SB_OK;
    work *w = context;
    const sb_setup *setup = w->setup;
    const sb_problem *problem = &setup->problem;
    size_t n = problem->n;
    int64_t seed = setup->config->seeds_first + (int64_t)index;
    sb_net net = {0};
    sb_training training = {0};
    sb_seed_progress mine = {w->stage->monitor, w->part, w->seeds, index};
    sb_monitor monitor = sb_seed_monitor(&mine);
    watch watched = {0};
    double *before = malloc(n * n * sizeof *before), *gram = malloc(n * n * sizeof *gram);
    if (!before || !gram) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
        goto done;
    }
    SB_TRY(sb_net_init(&setup->net, (uint64_t)seed, SB_STREAM_TRAIN, &net));
    SB_TRY(sb_net_gram(setup, &net, 0, net.width, before));
    SB_TRY(open_watch(w, &net, before, gram, &watched));
    SB_TRY(train_network(w, seed, &watched, &monitor, &net, &training));
    keep_drift(w, &watched, index);
    SB_TRY(keep_effect(w, &watched, training.u, index));
    SB_TRY(save_observed(w, "observed", seed, training.u, &w->observed[index]));
    SB_TRY(flow_seed(w, index, seed, &monitor));
    if (setup->config->output_arrays) SB_TRY(save_weights(w, &net, seed));
    if (w->size)
        SB_TRY(sb_field_observe(&w->field, training.u, w->size + index * w->field.problem.nt * SB_FIELD_CELLS));
    w->run[index] =
        (sb_run_record){.seed = (uint64_t)seed,
                        .steps = problem->step[problem->nt - 1],
                        .seconds = training.seconds,
                        .loss = training.loss,
                        .kernel_change = sb_gram_distance(n * n, watched.kept + (w->nodes - 1) * n * n, watched.kept)};
done:
    close_watch(&watched);
    free(before);
    free(gram);
    sb_net_clear(&net);
    sb_training_clear(&training);
    return status;
}

sb_status sb_runs_save(const char *directory, const char *seal, const sb_run_record *run, size_t count)
{
    char path[SB_PATH];
    sb_writer writer = {0};
    sb_status status = sb_rundir_path(path, directory, "train.tsv");
    if (status == SB_OK) status = sb_writer_open(&writer, path);
    if (status != SB_OK) return status;
    fputs("seed\tsteps\tseconds\tloss\tkernel_change\tseal\n", writer.stream);
    for (size_t r = 0; r < count; r++)
        sb_print(writer.stream, "%llu\t%.0f\t%.6g\t%.17g\t%.17g\t%s\n", (unsigned long long)run[r].seed, run[r].steps,
                 run[r].seconds, run[r].loss, run[r].kernel_change, seal);
    return sb_writer_close(&writer, SB_OK);
}

/* One line of train.tsv; false: it is none that training writes. */
static bool read_run(const char *line, sb_run_record *run, char seal[65])
{
    unsigned long long seed = 0;
    int end = 0, fields = sb_scan(line, "%llu\t%lf\t%lf\t%lf\t%lf\t%64[0-9a-f]%n", &seed, &run->steps, &run->seconds,
                                  &run->loss, &run->kernel_change, seal, &end);
    run->seed = seed;
    return fields == 6 && line[end] == '\n' && run->seconds >= 0 && run->loss >= 0 && run->kernel_change >= 0 &&
           isfinite(run->loss) && isfinite(run->kernel_change);
}

sb_status sb_runs_load(const sb_setup *setup, const char *directory, const char *seal, sb_run_record *run)
{
    sb_status status = SB_OK;
    char path[SB_PATH], found[65] = "", *text = NULL;
    size_t count = (size_t)setup->config->seeds_count;
    double steps = setup->problem.step[setup->problem.nt - 1];
    SB_TRY(sb_rundir_path(path, directory, "train.tsv"));
    status = sb_read_file(path, &text, NULL);
    if (status == SB_ERR_INPUT && !sb_rundir_holds(directory, "train.tsv"))
        status = sb_fail(status, "%s holds no training; run `specbias train %s` first", directory, directory);
    SB_TRY(status);
    const char *line = text + strcspn(text, "\n");
    for (size_t r = 0; r < count; r++, line += strcspn(line, "\n")) {
        if (*line != '\n' || !read_run(++line, &run[r], found))
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: expected 5 numbers and a seal", path, r + 2));
        if (run[r].seed != (uint64_t)setup->config->seeds_first + r || run[r].steps != steps)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: not the seed and steps of config.cfg", path, r + 2));
        if (strcmp(found, seal) != 0)
            SB_TRY(sb_fail(SB_ERR_SEAL, "broken seal: seed %llu of %s was trained under another seal",
                           (unsigned long long)run[r].seed, directory));
    }
    if (strcmp(line, "\n") != 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s: more than %zu runs", path, count));
done:
    free(text);
    return status;
}

/* train.tsv and the seal of observations are the last that training writes, before its checkpoints go. */
static bool was_trained(const sb_stage *stage)
{
    return sb_rundir_holds(stage->directory, "train.tsv") &&
           (sb_rundir_holds(stage->directory, "observed.sha256") || !sb_rundir_holds(stage->directory, "checkpoints"));
}

/* What would go with the old networks once the new ones are there in part. */
static sb_status remove_old_results(const char *directory)
{
    static const char *const file[] = {"observed.sha256", "summary.json", "agreement.tsv", "budget.tsv",
                                       "bias.tsv",        "train.tsv",    "drift.tsv",     "effect.tsv"};
    sb_status status = SB_OK;
    for (size_t i = 0; i < sizeof file / sizeof file[0] && status == SB_OK; i++)
        status = sb_rundir_remove(directory, file[i]);
    return status;
}

static sb_status open_field(work *w)
{
    if (w->setup->config->observe_field == 0) return SB_OK;
    sb_status status = sb_field_create(w->setup, &w->field);
    if (status != SB_OK) return status;
    w->size = malloc(w->seeds * w->field.problem.nt * SB_FIELD_CELLS * sizeof *w->size);
    return w->size ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the error field");
}

/* The mean of |e^| over seeds, in units of the first seed's start. */
static sb_status save_field(work *w)
{
    sb_status status = SB_OK;
    size_t cells = w->field.problem.nt * SB_FIELD_CELLS;
    double *u0 = malloc(w->setup->problem.n * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for the error field");
    for (size_t j = 0; j < cells; j++) {
        for (size_t r = 1; r < w->seeds; r++) w->size[j] += w->size[r * cells + j];
        w->size[j] /= (double)w->seeds;
    }
    SB_TRY(sb_start_residual(w->setup, &w->setup->net, (uint64_t)w->setup->config->seeds_first, SB_STREAM_TRAIN, u0));
    SB_TRY(sb_field_set_start(&w->field, u0));
    SB_TRY(sb_field_save(&w->field, w->stage->directory, "observed", w->size));
done:
    free(u0);
    return status;
}

static sb_status save_mean(const work *w, const char *source, const sb_decay *runs)
{
    sb_decay mean = {0};
    const sb_setup *setup = w->setup;
    sb_status status = sb_decay_init(&mean, &setup->problem, source, SB_FORM_OBSERVED, &setup->terms);
    if (status != SB_OK) return status;
    sb_decay_mean(runs, w->seeds, &mean);
    status = sb_table_save(setup, w->stage->directory, source, &mean);
    sb_decay_clear(&mean);
    return status;
}

static sb_status save_results(work *w, const char *seal, FILE *say)
{
    sb_status status = SB_OK;
    const sb_problem *problem = &w->setup->problem;
    const char *directory = w->stage->directory;
    if (w->size) SB_TRY(save_field(w));
    SB_TRY(save_mean(w, "observed", w->observed));
    if (w->exact) SB_TRY(save_mean(w, SB_OBSERVED_FLOW, w->exact));
    if (w->due) {
        SB_TRY(sb_drift_save(directory, problem->nt, problem->step, w->due, w->seeds, w->drift));
        sb_drift_report(w->seeds, w->drift, say, (sb_json){NULL, NULL});
    }
    SB_TRY(sb_effects_save(directory, w->setup->config->seeds_first, w->seeds, problem->grid.n, problem->grid.label,
                           w->effect));
    SB_TRY(sb_runs_save(directory, seal, w->run, w->seeds));
done:
    return status;
}

sb_status sb_train_stage(const sb_setup *setup, const sb_stage *stage, FILE *say)
{
    sb_status status = SB_OK;
    char seal[65];
    size_t seeds = (size_t)setup->config->seeds_count;
    work w = {.setup = setup, .stage = stage, .seeds = seeds};
    size_t jobs = sb_seed_jobs(stage, seeds, (size_t)setup->config->train_threads, &w.threads);
    w.observed = calloc(seeds, sizeof *w.observed);
    if (setup->config->train_flow) w.exact = calloc(seeds, sizeof *w.exact);
    w.run = calloc(seeds, sizeof *w.run);
    w.part = calloc(seeds, sizeof *w.part);
    if (!w.observed || !w.run || !w.part || (setup->config->train_flow && !w.exact)) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", seeds);
        goto done;
    }
    SB_TRY(sb_seal_verify(stage->directory, seal));
    SB_TRY(sb_check_keys(setup->config, stage->directory));
    if (stage->resume && was_trained(stage)) {
        sb_checkpoints_end(stage, (uint64_t)setup->config->seeds_first, seeds);
        goto done;
    }
    if (!stage->resume && !stage->force && sb_rundir_holds(stage->directory, "train.tsv"))
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s was trained already; --force trains again", stage->directory));
    SB_TRY(remove_old_results(stage->directory));
    SB_TRY(open_field(&w));
    SB_TRY(choose_looks(&w));
    w.seal = seal;
    SB_TRY(sb_checkpoints_begin(stage, (uint64_t)setup->config->seeds_first, seeds));
    SB_TRY(sb_interrupted(stage, sb_parallel_for(jobs, seeds, train_seed, &w)));
    SB_TRY(save_results(&w, seal, say));
    SB_TRY(sb_seal_observations(stage->directory, seal));
    sb_checkpoints_end(stage, (uint64_t)setup->config->seeds_first, seeds);
done:
    for (size_t r = 0; w.observed && r < seeds; r++) sb_decay_clear(&w.observed[r]);
    for (size_t r = 0; w.exact && r < seeds; r++) sb_decay_clear(&w.exact[r]);
    free(w.observed);
    free(w.exact);
    free(w.run);
    free(w.part);
    free(w.size);
    free(w.due);
    free(w.look);
    free(w.effect);
    sb_drift_runs_destroy(seeds, &w.drift);
    sb_field_clear(&w.field);
    return status;
}
