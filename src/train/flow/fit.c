/* Exact gradient flow of any network and loss, d theta / dt = -dL / d theta, by the routes of training: a rule that
 * moves nothing leaves the gradient in its state. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/linalg.h"
#include "core/numbers.h"
#include "train/session.h"

static void keep(const sb_update *how, size_t n, double *theta, const double *gradient, double *slot0, double *slot1)
{
    (void)how, (void)theta, (void)slot1;
    memcpy(slot0, gradient, n * sizeof *slot0);
}

static void keep_single(const sb_update *how, size_t n, float *theta, const float *gradient, float *slot0, float *slot1)
{
    (void)how, (void)theta, (void)slot1;
    memcpy(slot0, gradient, n * sizeof *slot0);
}

static const sb_rule_kind gradient_kept = {
    .name = "gradient", .slots = 1, .update = keep, .update_single = keep_single};

typedef struct flow_run {
    const sb_fit_spec *spec; /* of the caller */
    sb_fit_spec own;
    sb_session session;
    bool single, backward; /* backward: the gradient is asked for, too */
    sb_fit_result *result;
    size_t nt;
    double *step, *t; /* [nt] */
} flow_run;

static sb_status member(void *context, size_t me)
{
    static const sb_update none = {0};
    flow_run *r = context;
    sb_session *s = &r->session;
    s->route->evaluate(s, me);
    if (r->backward) s->route->descend(s, me, &none);
    return SB_OK;
}

static sb_status look(flow_run *r, const double *theta, bool backward)
{
    sb_session *s = &r->session;
    numbers_from(r->single, s->parameters, theta, s->theta);
    s->carried = false;
    r->backward = backward;
    return sb_parallel_team(s->threads, member, r);
}

static sb_status rate(void *context, const double *theta, double *rate)
{
    flow_run *r = context;
    size_t count = r->session.parameters;
    memset(r->session.slot[0], 0, count * number_size(r->single)); /* of frozen weights */
    sb_status status = look(r, theta, true);
    numbers_to(r->single, count, r->session.slot[0], rate);
    for (size_t i = 0; i < count; i++) rate[i] = -rate[i];
    return status;
}

static sb_status record(void *context, size_t i, const double *theta)
{
    flow_run *r = context;
    const sb_session *s = &r->session;
    sb_status status = look(r, theta, false);
    if (status != SB_OK) return status;
    sb_fit_state state = {.record = i,
                          .step = (size_t)r->step[i],
                          .time = r->t[i],
                          .rate = r->spec->eta,
                          .loss = s->loss,
                          .h = s->h,
                          .theta = theta,
                          .threads = s->threads,
                          .last = i + 1 == r->nt};
    r->result->loss = s->loss;
    r->result->records = i + 1;
    return r->spec->recorder ? r->spec->recorder(r->spec->context, &state) : SB_OK;
}

/* The first of the list that is exact at any weights. */
static sb_status open_route(sb_session *s)
{
    for (size_t i = 0; sb_fit_route_at(i); i++) {
        const sb_fit_route *route = sb_fit_route_at(i);
        if (route->exact || !sb_session_covered(s, route)) continue;
        s->route = route;
        return route->create(s);
    }
    return sb_fail(SB_ERR_INPUT, "no route covers this network");
}

static sb_status make_times(flow_run *r)
{
    const sb_fit_spec *spec = r->spec;
    r->step = malloc(2 * (spec->nt + 1) * sizeof *r->step);
    if (!r->step) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", spec->nt);
    r->t = r->step + spec->nt + 1;
    for (size_t i = 0; i < spec->nt; i++) r->step[r->nt++] = spec->record_step[i];
    if (r->nt == 0 || r->step[r->nt - 1] < (double)spec->steps) r->step[r->nt++] = (double)spec->steps;
    for (size_t i = 0; i < r->nt; i++)
        r->t[i] = spec->record_time && i < spec->nt ? spec->record_time[i] : spec->eta * r->step[i];
    return SB_OK;
}

sb_status sb_fit_flow(const sb_fit_spec *spec, const sb_monitor *monitor, double *theta, sb_fit_result *result)
{
    sb_status status = SB_OK;
    double began = sb_seconds();
    flow_run r = {.spec = spec, .own = *spec, .result = result, .single = sb_model_single(spec->model)};
    r.own.rule = &gradient_kept;
    sb_session_describe(&r.own, &r.session);
    r.session.still = true;
    r.session.start = theta;
    SB_TRY(sb_session_open(&r.session, gradient_kept.slots));
    SB_TRY(make_times(&r));
    SB_TRY(open_route(&r.session));
    sb_barrier_init(&r.session.barrier, r.session.threads);
    sb_flow flow = {.size = r.session.parameters, .rate = rate, .record = record, .context = &r};
    /* Steps of high order gain nothing where kinks cross data, as those of the linearised network never do. */
    bool low = strcmp(spec->method, "auto") == 0 && !spec->tangent_at && sb_model_kinked(spec->model);
    sb_blas_begin();
    status =
        sb_flow_integrate(&flow, low ? "rkc" : spec->method, spec->tolerance, r.nt, r.t, monitor, theta, &result->flow);
    sb_blas_end();
    SB_TRY(status);
    result->steps = (size_t)r.step[r.nt - 1];
    result->route = result->first = r.session.route->name;
    result->seconds = sb_seconds() - began;
done:
    sb_session_close(&r.session);
    free(r.step);
    return status;
}
