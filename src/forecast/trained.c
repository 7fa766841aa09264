#include "forecast/trained.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "case/case.h"
#include "case/network.h"

double *sb_trained_residual(const sb_case *cas, const double *h)
{
    const sb_dataset *set = &cas->data;
    size_t count = cas->n * cas->outputs;
    double *u = malloc(count * sizeof *u);
    if (!u) sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", set->n);
    if (u) sb_loss_predict(cas->loss, set->n, h, u);
    for (size_t i = 0; u && i < count; i++) u[i] -= (set->reference ? set->reference : set->y)[i];
    return u;
}

double *sb_watched_residual(const sb_case *cas, const double *theta, const double *h)
{
    if (cas->watch.response.count == 0) return sb_trained_residual(cas, h);
    const sb_dataset *set = &cas->test[cas->watched];
    size_t count = set->n * cas->outputs;
    double *u = malloc(count * sizeof *u);
    if (!u) sb_fail(SB_ERR_NOMEM, "no memory for %zu functions", set->n);
    if (u && sb_model_evaluate(cas->model, theta, set->n, set->x, u) != SB_OK) {
        free(u);
        return NULL;
    }
    for (size_t i = 0; u && i < count; i++) u[i] -= set->y[i];
    return u;
}

typedef struct table {
    const sb_case *cas;
    const sb_watch *watch;
    sb_decay *decay;
} table;

static sb_status record(void *context, const sb_fit_state *state)
{
    const table *to = context;
    sb_decay *decay = to->decay;
    double *u = sb_watched_residual(to->cas, state->theta, state->h);
    if (!u) return SB_ERR_NOMEM;
    sb_status status = sb_watch_apply(to->watch, u, state->threads, decay->amp + state->record * decay->items.parts,
                                      decay->err + state->record * decay->nxi);
    free(u);
    return status;
}

sb_fit_spec sb_trained_flow(const sb_case *cas)
{
    sb_fit_spec spec = sb_case_fit_spec(cas);
    spec.rule = sb_rule_find("flow");
    spec.method = "auto";
    spec.tolerance = cas->config->train_flow_tolerance;
    spec.record_time = cas->t;
    spec.weight_decay = sb_rule_flow_decay(&cas->rule);
    spec.decoupled = false;
    return spec;
}

sb_status sb_trained_table(const sb_case *cas, sb_fit_spec spec, const sb_monitor *monitor, double *theta,
                           sb_decay *decay)
{
    sb_fit_result result;
    return sb_trained_watch(cas, &cas->watch, spec, monitor, theta, decay, &result);
}

sb_status sb_trained_watch(const sb_case *cas, const sb_watch *watch, sb_fit_spec spec, const sb_monitor *monitor,
                           double *theta, sb_decay *decay, sb_fit_result *result)
{
    table to = {cas, watch, decay};
    spec.recorder = record;
    spec.context = &to;
    sb_status status = sb_fit(&spec, monitor, theta, result);
    if (status != SB_OK) return status;
    size_t parts = decay->items.parts, nxi = decay->nxi, last = result->records - 1;
    for (size_t i = result->records; i < decay->nt; i++) {
        memcpy(decay->amp + i * parts, decay->amp + last * parts, parts * sizeof *decay->amp);
        memcpy(decay->err + i * nxi, decay->err + last * nxi, nxi * sizeof *decay->err);
    }
    return SB_OK;
}

/* ---- how long it takes ---- */

#define LOOK 0.3 /* seconds */

typedef struct look {
    double began, share, seconds;
} look;

static bool until_known(void *context, const char *stage, double done, double total)
{
    look *l = context;
    (void)stage;
    l->share = done / total;
    l->seconds = sb_seconds() - l->began;
    return l->seconds < LOOK;
}

sb_status sb_trained_seconds(const sb_case *cas, double *seconds)
{
    sb_network network = {0};
    sb_decay decay = {0};
    look l = {.share = 1};
    sb_monitor monitor = {.progress = until_known, .context = &l};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    spec.threads = 1;
    sb_status status = sb_network_start(cas, 1, (uint64_t)cas->config->seeds_first, SB_STREAM_TRAIN, &network);
    if (status == SB_OK) status = sb_case_table(cas, "look", SB_FORM_OBSERVED, &decay);
    l.began = sb_seconds();
    if (status == SB_OK) status = sb_trained_table(cas, spec, &monitor, network.theta, &decay);
    bool whole = status == SB_OK;
    *seconds = whole ? sb_seconds() - l.began : l.seconds / l.share;
    sb_decay_clear(&decay);
    sb_network_clear(&network);
    return status == SB_ERR_INTERRUPTED ? SB_OK : status;
}
