/* Keys -> case: data, network, loss, rule, times and what is watched; data.c, network.c, loss.c and observe.c make the
 * parts. What forecasts it is chosen above (src/forecast/cover.c). */
#include "case/case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/path.h>

#include "core/parallel.h"
#include "core/text.h"
#include "case/given.h"
#include "case/keys.h"
#include "case/network.h"
#include "case/snapshots.h"
#include "case/spectra.h"
#include "case/start.h"

/* ---- rule and times ---- */

static void give_reason(char *reason, const char *text)
{
    if (!*reason) sb_format(reason, 256, "%s", text);
}

static void make_rule(const sb_config *config, sb_case *cas)
{
    char text[200];
    cas->rule = sb_rule_of(config->train_optimizer, config->train_eta, config->train_momentum);
    cas->rule.decay = config->train_weight_decay;
    cas->rule.decoupled = config->train_decoupled;
    sb_format(text, sizeof text, "%s does not follow gradients of the loss alone", config->train_optimizer);
    if (!cas->rule.kind->shrink) give_reason(cas->silent, text);
    if (strcmp(config->train_schedule, "constant") != 0)
        give_reason(cas->silent, "the learning rate changes on the way (train.schedule)");
    if (cas->rule.decay > 0) give_reason(cas->silent, "weights decay to 0, not to the start (train.weight_decay)");
    if (config->train_stop > 0) give_reason(cas->unjudged, "training may stop early (train.stop)");
}

size_t sb_case_batch(const sb_case *cas)
{
    size_t batch = (size_t)cas->config->train_batch;
    return batch == 0 || batch > cas->n ? cas->n : batch;
}

double sb_case_epoch(const sb_case *cas)
{
    return ceil((double)cas->n / (double)sb_case_batch(cas));
}

bool sb_case_independent(const sb_case *cas)
{
    return strcmp(cas->config->train_sampling, "independent") == 0;
}

bool sb_case_sums(const sb_case *cas)
{
    return sb_loss_sums(cas->loss);
}

static sb_status count_steps(const sb_config *config, sb_case *cas)
{
    double steps = (double)config->train_steps;
    if (sb_case_independent(cas) && sb_case_batch(cas) == cas->n)
        return sb_fail(SB_ERR_INPUT, "train.sampling = \"independent\": train.batch = %lld takes all %zu examples",
                       (long long)config->train_batch, cas->n);
    if (config->train_epochs > 0) steps = sb_case_epoch(cas) * (double)config->train_epochs;
    if (steps == 0) steps = round(config->train_time / config->train_eta);
    if (steps < 1)
        return sb_fail(SB_ERR_INPUT, "train.time = %g is less than one step of train.eta = %g", config->train_time,
                       config->train_eta);
    if (steps > 1e12)
        return sb_fail(SB_ERR_INPUT, "train.time / train.eta makes %g steps, at most 1e12 are possible", steps);
    cas->steps = (size_t)steps;
    return SB_OK;
}

/* Flow time of each record, by the mean of the learning rates until then; of a rule without flow time its step. */
static void set_times(const sb_config *config, sb_case *cas)
{
    const sb_schedule *schedule = sb_schedule_find(config->train_schedule);
    bool constant = strcmp(config->train_schedule, "constant") == 0, flow = cas->rule.kind->time != NULL;
    double sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < cas->nt; i++) {
        for (; !constant && flow && at < (size_t)cas->step[i]; at++)
            sum += schedule->factor(at, cas->steps, (size_t)config->train_period, config->train_decay);
        cas->t[i] = flow ? sb_rule_time(&cas->rule, constant ? cas->step[i] : sum) : cas->step[i];
    }
}

/* 0, the steps of train.at, the last. */
static sb_status take_steps(const sb_config *config, sb_case *cas)
{
    const sb_reals *list = &config->train_at;
    const char *origin = sb_key_origin(config, sb_key_lookup("train.at")), *colon = origin ? ": " : "";
    double last = cas->step[cas->nt++] = 0;
    for (size_t i = 0; i < list->n; i++) {
        double step = list->v[i];
        const char *wrong = step != floor(step)               ? "is no whole step"
                            : step > (double)cas->steps       ? "is beyond the last step"
                            : i > 0 && step <= list->v[i - 1] ? "does not ascend"
                                                              : NULL;
        if (wrong) return sb_fail(SB_ERR_INPUT, "%s%strain.at: %g %s", origin ? origin : "", colon, step, wrong);
        if (step > last) last = cas->step[cas->nt++] = step;
    }
    if (last < (double)cas->steps) cas->step[cas->nt++] = (double)cas->steps;
    return SB_OK;
}

static sb_status make_times(const sb_config *config, sb_case *cas)
{
    size_t own = config->train_at.n, records = own ? own : (size_t)config->train_records,
           more = config->observe_snapshots.n;
    sb_status status = count_steps(config, cas);
    if (status != SB_OK) return status;
    cas->step = malloc((records + more + 2) * sizeof *cas->step);
    cas->t = malloc((records + more + 2) * sizeof *cas->t);
    if (!cas->step || !cas->t) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", records);
    if (own)
        SB_TRY(take_steps(config, cas));
    else if (strcmp(config->train_spacing, "log") == 0)
        cas->nt = sb_log_steps(cas->steps, records, cas->step);
    else {
        cas->step[cas->nt++] = 0;
        for (size_t i = 1; i <= records; i++) {
            double step = round((double)cas->steps * (double)i / (double)records);
            if (step > cas->step[cas->nt - 1]) cas->step[cas->nt++] = step;
        }
    }
    status = sb_case_snapshot_steps(config, cas);
    if (status != SB_OK) return status;
    set_times(config, cas);
    cas->terms.loss_factor = 0;
    for (size_t i = 0; cas->quadratic.root && i < cas->n; i++) cas->terms.loss_factor += pow(cas->quadratic.root[i], 2);
    sb_format(cas->terms.parametrisation, sizeof cas->terms.parametrisation, "%s", config->net_parametrisation);
    sb_format(cas->terms.time_unit, sizeof cas->terms.time_unit, cas->rule.kind->time ? "flow" : "step");
done:
    return status;
}

/* The problem of frequency equations has the same times and loss. */
static sb_status set_problem(sb_case *cas)
{
    sb_problem *problem = &cas->problem;
    cas->examples = (sb_problem){.n = cas->n,
                                 .dim = cas->inputs,
                                 .x = cas->data.x,
                                 .c = calloc(cas->n, sizeof(double)),
                                 .nt = cas->nt,
                                 .step = cas->step,
                                 .t = cas->t,
                                 .eta = cas->config->train_eta};
    if (!cas->examples.c) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", cas->n);
    for (size_t i = 0; cas->quadratic.root && i < cas->n; i++) cas->examples.c[i] = pow(cas->quadratic.root[i], 2);
    if (problem->n == 0) return SB_OK;
    sb_status status = sb_problem_set_times(problem, cas->config->train_eta, cas->steps, cas->nt);
    if (status != SB_OK) return status;
    problem->nt = cas->nt;
    memcpy(problem->step, cas->step, cas->nt * sizeof *cas->step);
    memcpy(problem->t, cas->t, cas->nt * sizeof *cas->t);
    for (size_t i = 0; cas->quadratic.root && i < problem->n; i++) problem->c[i] = pow(cas->quadratic.root[i], 2);
    return SB_OK;
}

/* ---- rows of the empirical kernel ---- */

#define FULL_ROWS 2048 /* up to which all of a kernel of several outputs is taken */

static sb_status choose_rows(const sb_config *config, sb_case *cas)
{
    bool full = strcmp(config->kernel_outputs, "full") == 0;
    if (strcmp(config->kernel_outputs, "auto") == 0) full = cas->n * cas->outputs <= FULL_ROWS;
    cas->per_row = full && cas->quadratic.root ? cas->outputs : 1;
    if (cas->per_row == 1) return SB_OK;
    return sb_quadratic_repeat(&cas->quadratic, cas->per_row, &cas->quadratic_rows);
}

sb_fit_spec sb_case_fit_spec(const sb_case *cas)
{
    const sb_config *config = cas->config;
    return (sb_fit_spec){.model = cas->model,
                         .set = &cas->data,
                         .loss = cas->loss,
                         .rule = cas->rule.kind,
                         .schedule = sb_schedule_find(config->train_schedule),
                         .eta = config->train_eta,
                         .momentum = config->train_momentum,
                         .beta2 = config->train_beta2,
                         .epsilon = config->train_epsilon,
                         .decay = config->train_decay,
                         .period = (size_t)config->train_period,
                         .weight_decay = config->train_weight_decay,
                         .decoupled = config->train_decoupled,
                         .steps = cas->steps,
                         .batch = (size_t)config->train_batch,
                         .independent = sb_case_independent(cas),
                         .stop = config->train_stop,
                         .unstable = config->train_unstable,
                         .nt = cas->nt,
                         .record_step = cas->step,
                         .threads = (size_t)config->train_threads,
                         .route = config->train_route,
                         .checkpoint_seconds = config->train_checkpoint};
}

/* ---- all of it ---- */

sb_status sb_case_open(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    sb_status status = SB_OK;
    memset(cas, 0, sizeof *cas);
    cas->config = config;
    SB_TRY(sb_case_data(config, monitor, cas));
    SB_TRY(sb_case_network(config, cas));
    SB_TRY(sb_case_watch(config, cas));
    SB_TRY(sb_case_loss(config, cas));
    make_rule(config, cas);
    SB_TRY(make_times(config, cas));
    SB_TRY(set_problem(cas));
    SB_TRY(sb_case_snapshots(config, cas));
    SB_TRY(choose_rows(config, cas));
done:
    if (status != SB_OK) sb_case_clear(cas);
    return status;
}

sb_status sb_case_table(const sb_case *cas, const char *source, sb_form form, sb_decay *decay)
{
    return sb_decay_init(decay, &cas->watch.items, cas->nt, cas->t, cas->step, source, form, &cas->terms);
}

const sb_quadratic *sb_case_form(const sb_case *cas, size_t per_row)
{
    return per_row > 1 ? &cas->quadratic_rows : &cas->quadratic;
}

sb_rule sb_case_rule(const sb_case *cas, sb_form form)
{
    return form == SB_FORM_FLOW ? sb_rule_of("flow", 0, 0) : cas->rule;
}

const char *sb_case_limit_text(const sb_case *cas)
{
    if (cas->rule.kind->slots > 0) return "";
    return cas->rule.decay > 0 ? "2/(lambda_max + decay)" : "2/lambda_max";
}

size_t sb_case_nodes(const sb_case *cas)
{
    double rows = (double)(cas->n * cas->per_row), most = rows > 1024 ? SB_PATH_NODES / 2 : SB_PATH_NODES;
    return (size_t)fmin(fmax((double)cas->steps / (2 * rows), 6), most);
}

void sb_case_describe(const sb_case *cas, char *text, size_t size)
{
    const sb_config *config = cas->config;
    bool features = strcmp(config->net_kind, "fourier") == 0;
    if (cas->external)
        sb_format(text, size, "the user's own");
    else if (!cas->units)
        sb_model_describe(cas->model, text, size);
    else
        sb_format(text, size, "%s %zu-%lld-1%s%s", features ? config->net_kind : config->net_activation, cas->inputs,
                  (long long)config->net_width, config->init_antisymmetric ? ", ASI" : "",
                  config->init_quiet ? ", quiet" : "");
}

void sb_case_clear(sb_case *cas)
{
    sb_problem_clear(&cas->problem);
    free(cas->examples.c);
    sb_dataset_clear(&cas->data);
    for (size_t i = 0; i < SB_TEST_SETS; i++) {
        sb_dataset_clear(&cas->test[i]);
        sb_loss_destroy(&cas->test_loss[i]);
        sb_watch_clear(&cas->watch_test[i]);
    }
    sb_loss_destroy(&cas->loss);
    sb_model_destroy(&cas->model);
    sb_density_clear(&cas->points);
    sb_wide_law_clear(&cas->wide);
    sb_quadratic_clear(&cas->quadratic);
    sb_quadratic_clear(&cas->quadratic_rows);
    sb_watch_clear(&cas->watch);
    sb_watch_clear(&cas->field);
    sb_snapshots_destroy(&cas->snapshots);
    sb_spectra_destroy(&cas->spectra);
    free(cas->target);
    free(cas->source);
    free(cas->way);
    sb_givens_clear(cas);
    sb_start_clear(cas);
    free(cas->step);
    free(cas->t);
    memset(cas, 0, sizeof *cas);
}
