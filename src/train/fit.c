/* The training loop over sessions and routes. Member 0 of the team decides between steps what happens next; the others
 * wait for it at a barrier. */
#include <specbias/fit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/rng.h>

#include "core/clock.h"
#include "core/linalg.h"
#include "core/numbers.h"
#include "train/checkpoint.h"
#include "train/session.h"

#define DIVERGED 1e6       /* times the larger of the first loss and that of h = 0 .. */
#define DIVERGED_FAR 1e30  /* .. of an unstable run: from a small target a catapult rises to the size of the network */
#define REPORT_SECONDS 0.1 /* between two words to the monitor */

/* What a run is at, all of it saved with a checkpoint. */
typedef struct place {
    double step, records, time; /* made so far; whole numbers as doubles, so that the checkpoint is one array */
    double first_loss;          /* scale of the loss, for divergence */
    double loss;                /* of the last record */
    double route;               /* number in the list */
    double carried;
    double done, stopped, diverged; /* the run has ended, before its last step, and why */
} place;

typedef struct run {
    const sb_fit_spec *spec;
    const sb_monitor *monitor;
    sb_session session;
    sb_fit_result *result;
    place at, exact_at; /* now, and at the last record that was exact */
    bool single, done;
    bool again; /* the evaluation counts for nothing: the run went back */
    sb_update how;
    sb_batches batches;
    double *start;          /* [parameters] */
    double *theta;          /* [parameters] in double, for the recorder */
    double *h;              /* [n][outputs] on all examples, for the recorder */
    char *exact;            /* theta, slots and carried numbers at exact_at; NULL: the route is always exact */
    double reported, saved; /* seconds: when */
    bool missed;            /* a checkpoint could not be written, which was told */
} run;

/* ---- memory of the run: checkpoints, and the way back to the last exact record ---- */

static size_t slots_of(const run *r)
{
    return r->spec->rule->slots;
}

static double *carry_of(run *r, size_t *count)
{
    *count = 0;
    return r->session.route->carry ? r->session.route->carry(&r->session, count) : NULL;
}

/* theta, slots and what the route carries, to or from a buffer; returns the bytes. */
static size_t pack(run *r, char *buffer, bool into)
{
    size_t carried, bytes = r->session.parameters * number_size(r->single), at = 0;
    double *carry = carry_of(r, &carried);
    void *part[] = {r->session.theta, r->session.slot[0], r->session.slot[1], carry};
    size_t size[] = {bytes, slots_of(r) > 0 ? bytes : 0, slots_of(r) > 1 ? bytes : 0, carried * sizeof *carry};
    for (int i = 0; i < 4; at += size[i++]) {
        if (!buffer || size[i] == 0) continue;
        memcpy(into ? buffer + at : part[i], into ? part[i] : buffer + at, size[i]);
    }
    return at;
}

static sb_status take_route(run *r, const sb_fit_route *route)
{
    sb_session *s = &r->session;
    if (s->route) s->route->destroy(s);
    s->route = route;
    s->carried = false;
    for (size_t i = 0; sb_fit_route_at(i); i++)
        if (sb_fit_route_at(i) == route) r->at.route = (double)i;
    free(r->exact);
    r->exact = NULL;
    sb_status status = route->create(s);
    if (status != SB_OK || !route->exact) return status;
    r->exact = malloc(pack(r, NULL, true));
    if (!r->exact) return sb_fail(SB_ERR_NOMEM, "no memory to train");
    r->exact_at = r->at;
    pack(r, r->exact, true);
    return SB_OK;
}

/* Back to the last exact record, on a more exact route. */
static sb_status go_back(run *r)
{
    sb_session *s = &r->session;
    const sb_fit_route *next = sb_session_route(s, (size_t)r->at.route + 1);
    r->at = r->exact_at;
    pack(r, r->exact, false);
    s->carried = r->at.carried != 0;
    r->again = true;
    if (s->route->refine(s)) {
        s->carried = false;
        r->at.carried = r->exact_at.carried = 0;
        pack(r, r->exact, true);
        return SB_OK;
    }
    if (!next) return sb_fail(SB_ERR_NUMERIC, "the route %s is not exact here", s->route->name);
    return take_route(r, next);
}

/* Place, last exact place, notes, parameters and the like now, and there. */
enum { PIECES = 5 };

static void pieces_of(run *r, char *buffer, size_t bytes, sb_piece piece[PIECES])
{
    piece[0] = (sb_piece){&r->at, sizeof r->at};
    piece[1] = (sb_piece){&r->exact_at, sizeof r->exact_at};
    piece[2] = (sb_piece){r->spec->notes, r->spec->notes_size * sizeof(double)};
    piece[3] = (sb_piece){buffer, bytes};
    piece[4] = (sb_piece){r->exact, r->exact ? bytes : 0};
}

static sb_status write_checkpoint(run *r)
{
    sb_piece piece[PIECES];
    size_t bytes = pack(r, NULL, true);
    char *buffer = malloc(bytes + 1);
    if (!buffer) return sb_fail(SB_ERR_NOMEM, "no memory for a checkpoint");
    pack(r, buffer, true);
    r->at.carried = r->session.carried;
    pieces_of(r, buffer, bytes, piece);
    sb_status status = sb_checkpoint_write(r->spec->checkpoint, r->spec->identity, PIECES, piece);
    free(buffer);
    return status;
}

/* Whether the checkpoint is there. */
static bool save(run *r)
{
    if (!r->spec->checkpoint) return false;
    bool there = write_checkpoint(r) == SB_OK;
    if (!there) sb_checkpoint_missed(r->monitor, &r->missed);
    r->saved = sb_seconds();
    return there;
}

/* Whether a run can be there: a step and a route that exist, and the records that are due by its step, of which the
 * last may be one that only the end asked for. */
static bool possible(const run *r, const place *at)
{
    const sb_fit_spec *spec = r->spec;
    size_t due = 0, routes = 0;
    while (sb_fit_route_at(routes)) routes++;
    while (due < spec->nt && spec->record_step[due] <= at->step) due++;
    double more = at->records - (double)due;
    bool last = more == 1 && (at->done || (at == &r->exact_at && due < spec->nt));
    bool missing = more == -1 && (at->done ? at->diverged == 1 : at->step == 0),
         recorded = more == 0 || last || missing;
    return sb_is_count(at->step, (double)spec->steps) && sb_is_count(at->route, (double)routes - 1) && recorded &&
           (at->done == 0 || at->done == 1) && sb_session_covered(&r->session, sb_fit_route_at((size_t)at->route));
}

static sb_status damaged(const run *r)
{
    return sb_fail(SB_ERR_INPUT, "%s is damaged; remove it to start over", r->spec->checkpoint);
}

/* *found = false: there is no checkpoint. */
static sb_status load(run *r, bool *found)
{
    sb_status status = SB_OK;
    sb_piece piece[PIECES];
    char *buffer = NULL;
    *found = false;
    if (!r->spec->checkpoint) return SB_OK;
    pieces_of(r, NULL, 0, piece);
    SB_TRY(sb_checkpoint_read(r->spec->checkpoint, r->spec->identity, 1, piece, found));
    if (!*found) return SB_OK;
    if (!possible(r, &r->at)) return damaged(r);
    SB_TRY(take_route(r, sb_fit_route_at((size_t)r->at.route)));
    size_t bytes = pack(r, NULL, true);
    buffer = malloc(bytes + 1);
    if (!buffer) return sb_fail(SB_ERR_NOMEM, "no memory for a checkpoint");
    pieces_of(r, buffer, bytes, piece);
    SB_TRY(sb_checkpoint_read(r->spec->checkpoint, r->spec->identity, PIECES, piece, found));
    if (!possible(r, &r->at) || (r->exact && !possible(r, &r->exact_at))) SB_TRY(damaged(r));
    pack(r, buffer, false);
    r->session.carried = r->at.carried != 0;
    r->result->resumed = (size_t)r->at.step;
done:
    free(buffer);
    return status;
}

/* ---- divergence ---- */

static sb_status diverged(run *r)
{
    double most = sb_session_largest_step(&r->session, r->start, r->h), eta = r->spec->eta;
    size_t step = (size_t)r->at.step;
    if (isnan(most)) return sb_fail(SB_ERR_NUMERIC, "training diverged at step %zu (eta = %g)", step, eta);
    return sb_fail(
        SB_ERR_NUMERIC,
        "training diverged at step %zu (eta = %g; by the Hessian at the start steps are stable up to about %.4g)", step,
        eta, sb_rule_printed_step(most));
}

/* ---- between two steps ---- */

static sb_status all_outputs(run *r)
{
    const sb_session *s = &r->session;
    const sb_dataset *set = r->spec->set;
    numbers_to(r->single, s->parameters, s->theta, r->theta);
    if (s->count < set->n && s->route->outputs) return s->route->outputs(s, r->theta, r->h);
    if (s->count < set->n) return sb_model_evaluate(r->spec->model, r->theta, set->n, set->x, r->h);
    memcpy(r->h, s->h, set->n * s->outputs * sizeof *r->h);
    return SB_OK;
}

static sb_status record(run *r, bool last)
{
    const sb_session *s = &r->session;
    const sb_fit_spec *spec = r->spec;
    sb_status status = all_outputs(r);
    if (status != SB_OK) return status;
    bool part = s->count < spec->set->n;
    sb_fit_state state = {.record = (size_t)r->at.records,
                          .step = (size_t)r->at.step,
                          .time = spec->rule->time ? r->at.time : NAN,
                          .rate = r->how.rate,
                          .h = r->h,
                          .theta = r->theta,
                          .threads = s->threads,
                          .last = last};
    state.loss = part ? sb_loss_value(spec->loss, spec->set->n, NULL, spec->set->n, r->h, NULL) : s->loss;
    r->at.loss = state.loss;
    r->at.records++;
    return spec->recorder ? spec->recorder(spec->context, &state) : SB_OK;
}

static bool due(const run *r)
{
    size_t next = (size_t)r->at.records;
    return next < r->spec->nt && r->at.step >= r->spec->record_step[next];
}

/* The learning rate of the step from here. */
static void set_rate(run *r)
{
    const sb_fit_spec *spec = r->spec;
    size_t step = (size_t)r->at.step;
    double rate = spec->eta * spec->schedule->factor(step, spec->steps, spec->period, spec->decay);
    r->how = sb_rule_step(rate, spec->momentum, spec->beta2, spec->epsilon, step + 1);
}

/* A word to the monitor, which may end the run, and a checkpoint where one is due; every checkpoint has its word, so a
 * run that saves each step can be stopped at each. */
static sb_status watch(run *r)
{
    double now = sb_seconds();
    sb_status status = SB_OK;
    bool due = r->spec->checkpoint && now - r->saved >= r->spec->checkpoint_seconds;
    if (due || now - r->reported >= REPORT_SECONDS) {
        status = sb_monitor_progress(r->monitor, "train", r->at.step, (double)r->spec->steps);
        r->reported = now;
    }
    if (status != SB_OK) {
        bool saved = save(r);
        return sb_fail(status, "interrupted at step %.0f%s", r->at.step, saved ? ", which the checkpoint holds" : "");
    }
    if (due) save(r);
    return SB_OK;
}

static sb_status check_exact(run *r)
{
    sb_session *s = &r->session;
    if (!r->exact) return SB_OK;
    if (!s->route->exact(s)) return go_back(r);
    r->exact_at = r->at;
    r->exact_at.carried = s->carried;
    pack(r, r->exact, true);
    return SB_OK;
}

/* After an evaluation: is all well, what is to be recorded, does it end here? */
static sb_status control(run *r)
{
    sb_status status = SB_OK;
    const sb_session *s = &r->session;
    size_t step = (size_t)r->at.step;
    bool bad = !(s->loss <= (r->spec->unstable ? DIVERGED_FAR : DIVERGED) * r->at.first_loss); /* also nan */
    bool last = bad || step >= r->spec->steps || (r->spec->stop > 0 && s->loss < r->spec->stop);
    r->again = false;
    if (last || due(r)) SB_TRY(check_exact(r));
    if (r->again) return SB_OK;
    if (bad && !r->spec->unstable) return diverged(r);
    if (isfinite(s->loss) && (last || due(r))) {
        SB_TRY(record(r, last));
        r->exact_at.records = r->at.records;
    }
    if (!last) return watch(r);
    r->done = true;
    r->at.done = 1;
    r->at.diverged = bad;
    r->at.stopped = !bad && step < r->spec->steps;
    save(r);
done:
    return status;
}

static void prepare_step(run *r)
{
    r->session.index = sb_batches_at(&r->batches, (size_t)r->at.step, &r->session.count);
    set_rate(r);
}

static void count_step(run *r)
{
    sb_rule rule = {.kind = r->spec->rule, .eta = r->how.rate, .beta = r->spec->momentum};
    r->at.time += sb_rule_time(&rule, 1);
    r->at.step++;
}

static sb_status member(void *context, size_t me)
{
    run *r = context;
    sb_session *s = &r->session;
    sb_status status = SB_OK;
    for (;;) {
        if (me == 0) prepare_step(r);
        sb_barrier_wait(&s->barrier);
        s->route->evaluate(s, me);
        if (me == 0) {
            status = control(r);
            if (status != SB_OK) r->done = true;
        }
        sb_barrier_wait(&s->barrier);
        if (r->done) return status;
        if (r->again) continue;
        s->route->descend(s, me, &r->how);
        if (me == 0) count_step(r);
    }
}

/* ---- from start to end ---- */

static sb_status allocate(run *r)
{
    sb_session *s = &r->session;
    size_t n = r->spec->set->n;
    sb_status status = sb_session_open(s, slots_of(r));
    if (status != SB_OK) return status;
    status = sb_batches_init(&r->batches, n, s->rows, r->spec->independent, r->spec->seed, SB_STREAM_BATCH);
    if (status != SB_OK) return status;
    r->start = malloc(s->parameters * sizeof(double) + 8);
    r->theta = malloc(s->parameters * sizeof(double) + 8);
    r->h = malloc(n * s->outputs * sizeof(double));
    if (r->start && r->theta && r->h) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory to train %zu parameters on %zu examples", s->parameters, n);
}

static void release(run *r)
{
    sb_session_close(&r->session);
    sb_batches_clear(&r->batches);
    free(r->start);
    free(r->theta);
    free(r->h);
    free(r->exact);
}

sb_status sb_fit(const sb_fit_spec *spec, const sb_monitor *monitor, double *theta, sb_fit_result *result)
{
    sb_status status = SB_OK;
    bool found;
    run r = {.spec = spec, .monitor = monitor, .result = result};
    *result = (sb_fit_result){0};
    SB_TRY(sb_fit_check(spec));
    if (!spec->rule->update) return sb_fit_flow(spec, monitor, theta, result);
    sb_session_describe(spec, &r.session);
    r.single = sb_model_single(spec->model);
    SB_TRY(allocate(&r));
    memcpy(r.start, theta, r.session.parameters * sizeof *theta);
    r.session.start = r.start;
    numbers_from(r.single, r.session.parameters, theta, r.session.theta);
    r.reported = r.saved = sb_seconds();
    double began = r.saved;
    SB_TRY(load(&r, &found));
    if (!found) {
        SB_TRY(sb_session_scale(&r.session, r.start, &r.at.first_loss));
        SB_TRY(take_route(&r, sb_session_wished(&r.session)));
    }
    if (!r.at.done) {
        sb_barrier_init(&r.session.barrier, r.session.threads);
        sb_blas_begin();
        status = sb_parallel_team(r.session.threads, member, &r);
        sb_blas_end();
    }
    SB_TRY(status);
    numbers_to(r.single, r.session.parameters, r.session.theta, theta);
    result->steps = (size_t)r.at.step;
    result->records = (size_t)r.at.records;
    result->seconds = sb_seconds() - began;
    result->route = r.session.route->name;
    result->first = sb_session_wished(&r.session)->name;
    result->stopped = r.at.stopped != 0;
    result->diverged = r.at.diverged != 0;
    result->loss = r.at.loss;
done:
    release(&r);
    return status;
}
