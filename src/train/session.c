/* Sessions: their sizes and room, and which routes cover them. */
#include "train/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/numbers.h"

#define SMALL_STEP 100000.0 /* products of a step that are not worth a second thread */

#define SB_METHOD sb_fit_route
#define SB_LIST "train/route/list.def"
#define ROUTE SB_LINE
#include "core/registry.inc"

const char *sb_fit_route_name(size_t index)
{
    return sb_fit_route_at(index) ? sb_fit_route_at(index)->name : NULL;
}

const char *sb_fit_route_title(size_t index)
{
    return sb_fit_route_at(index)->title;
}

/* theta[count] of parameters from `first` on, from gradient[count] */
static void update(sb_session *s, const sb_update *how, size_t first, size_t count, void *theta, const void *gradient)
{
    const sb_rule_kind *rule = s->spec->rule;
    bool single = sb_model_single(s->spec->model);
    void *slot[2];
    for (int i = 0; i < 2; i++) slot[i] = s->slot[i] ? number_at(single, s->slot[i], first) : NULL;
    if (single)
        rule->update_single(how, count, theta, gradient, slot[0], slot[1]);
    else
        rule->update(how, count, theta, gradient, slot[0], slot[1]);
}

enum { MOST = 64 }; /* parameters that are updated together where their gradients change on the way to the rule */

/* What the rule says is how it moves numbers that are 0. */
static void update_scaled(sb_session *s, const sb_update *how, size_t first, size_t count, const double *gradient)
{
    const double *seen = s->spec->gradient_scale + first, *moved = s->spec->step_scale + first;
    double *theta = (double *)s->theta + first;
    for (size_t done = 0; done < count; done += MOST) {
        double scaled[MOST], move[MOST];
        size_t n = count - done < MOST ? count - done : MOST;
        for (size_t i = 0; i < n; i++) scaled[i] = seen[done + i] * gradient[done + i], move[i] = 0;
        update(s, how, first + done, n, move, scaled);
        for (size_t i = 0; i < n; i++) theta[done + i] += moved[done + i] * move[i];
    }
}

bool sb_session_scaled(const sb_session *s)
{
    return s->spec->gradient_scale;
}

static void update_any(sb_session *s, const sb_update *how, size_t first, size_t count, const void *gradient)
{
    if (sb_session_scaled(s))
        update_scaled(s, how, first, count, gradient);
    else
        update(s, how, first, count, number_at(sb_model_single(s->spec->model), s->theta, first), gradient);
}

/* ---- decay ---- */

/* to[i] = from[i] + factor pull[i] theta[i] */
static void add_pull(bool single, size_t n, double factor, const double *pull, const void *theta, const void *from,
                     void *to)
{
    for (size_t i = 0; i < n; i++)
        if (single)
            ((float *)to)[i] = (float)(((const float *)from)[i] + factor * pull[i] * ((const float *)theta)[i]);
        else
            ((double *)to)[i] = ((const double *)from)[i] + factor * pull[i] * ((const double *)theta)[i];
}

/* L2: g + lambda theta goes to the rule; decoupled: theta -= rate lambda theta, then the rule by g. */
static void update_decaying(sb_session *s, const sb_update *how, size_t first, size_t count, const void *gradient)
{
    bool single = sb_model_single(s->spec->model);
    void *theta = number_at(single, s->theta, first);
    const double *pull = s->pull + first;
    if (s->spec->decoupled) {
        add_pull(single, count, -how->rate, pull, theta, theta, theta);
        update_any(s, how, first, count, gradient);
        return;
    }
    for (size_t done = 0; done < count; done += MOST) {
        double whole[MOST]; /* numbers of the model */
        size_t n = count - done < MOST ? count - done : MOST;
        const char *at = theta, *from = gradient;
        size_t offset = done * number_size(single);
        add_pull(single, n, 1, pull + done, at + offset, from + offset, whole);
        update_any(s, how, first + done, n, whole);
    }
}

void sb_session_update(sb_session *s, const sb_update *how, size_t first, size_t count, const void *gradient)
{
    (s->pull ? update_decaying : update_any)(s, how, first, count, gradient);
}

/* A stored number is step_scale times the weight, and the rule sees gradient_scale times the gradient by it, which is
 * to have lambda weight in it. */
static sb_status make_pull(sb_session *s)
{
    const sb_fit_spec *spec = s->spec;
    bool *trained = malloc(s->parameters * sizeof *trained + 1);
    s->pull = malloc(s->parameters * sizeof *s->pull + 1);
    for (size_t p = 0; trained && s->pull && p < s->parameters; p++) s->pull[p] = spec->weight_decay;
    if (trained) sb_model_trained(spec->model, trained);
    for (size_t p = 0; trained && s->pull && p < s->parameters; p++) {
        if (!spec->decoupled && sb_session_scaled(s)) s->pull[p] /= spec->gradient_scale[p] * spec->step_scale[p];
        if (!trained[p]) s->pull[p] = 0;
    }
    bool made = trained && s->pull;
    free(trained);
    return made ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the decay of %zu parameters", s->parameters);
}

bool sb_session_covered(const sb_session *session, const sb_fit_route *route)
{
    bool linear = strcmp(route->name, "linear") == 0;
    return linear == (session->spec->tangent_at != NULL) && route->covers(session);
}

/* The first of the list, from there on, that covers the session; NULL: there is none. */
const sb_fit_route *sb_session_route(const sb_session *session, size_t from)
{
    const sb_fit_route *route;
    for (size_t i = from; (route = sb_fit_route_at(i)); i++)
        if (sb_session_covered(session, route)) return route;
    return NULL;
}

/* The route that is asked for, or the first one that covers the session; NULL: there is none. */
const sb_fit_route *sb_session_wished(const sb_session *session)
{
    const sb_fit_spec *spec = session->spec;
    if (spec->tangent_at || strcmp(spec->route, "auto") == 0) return sb_session_route(session, 0);
    const sb_fit_route *route = sb_fit_route_find(spec->route);
    return route && sb_session_covered(session, route) ? route : NULL;
}

static sb_status no_route(const sb_fit_spec *spec)
{
    if (!sb_fit_route_find(spec->route)) return sb_fail(SB_ERR_INPUT, "there is no route '%s'", spec->route);
    return sb_fail(SB_ERR_INPUT, "the route %s does not cover this network and batch", spec->route);
}

static size_t rows_of(const sb_fit_spec *spec)
{
    return spec->batch == 0 || spec->batch > spec->set->n ? spec->set->n : spec->batch;
}

/* Sizes only, as for an estimate of memory. */
void sb_session_describe(const sb_fit_spec *spec, sb_session *s)
{
    *s = (sb_session){.spec = spec,
                      .parameters = sb_model_parameters(spec->model),
                      .inputs = sb_model_inputs(spec->model),
                      .outputs = sb_model_outputs(spec->model),
                      .tangents = sb_loss_tangents(spec->loss),
                      .rows = rows_of(spec),
                      .threads = spec->threads ? spec->threads : sb_cores()};
    s->count = s->rows;
    if ((double)s->rows * (double)s->parameters < SMALL_STEP) s->threads = 1;
}

sb_status sb_fit_check(const sb_fit_spec *spec)
{
    const sb_dataset *set = spec->set;
    size_t inputs = sb_shape_size(set->input), outputs = sb_shape_size(set->output);
    if (set->n == 0) return sb_fail(SB_ERR_INPUT, "there are no examples to train on");
    if (inputs != sb_model_inputs(spec->model) || outputs != sb_model_outputs(spec->model))
        return sb_fail(SB_ERR_INPUT, "the network takes %zu numbers and gives %zu, an example has %zu and %zu",
                       sb_model_inputs(spec->model), sb_model_outputs(spec->model), inputs, outputs);
    if (!sb_loss_separable(spec->loss) && rows_of(spec) < set->n)
        return sb_fail(SB_ERR_INPUT, "this loss takes all examples at once: no mini-batches");
    if (!spec->rule->update && rows_of(spec) < set->n)
        return sb_fail(SB_ERR_INPUT, "the flow takes all examples at once: no mini-batches");
    if (spec->gradient_scale && (!spec->rule->update || sb_model_single(spec->model)))
        return sb_fail(SB_ERR_INPUT, "scales of parameters are those of steps, of numbers that are double");
    if (!(spec->weight_decay >= 0))
        return sb_fail(SB_ERR_INPUT, "a decay of weights is not negative: %g", spec->weight_decay);
    if (spec->tangent_at && sb_loss_tangents(spec->loss) > 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "a loss of derivatives by the inputs has no linearised network here");
    sb_session s;
    sb_session_describe(spec, &s);
    return sb_session_wished(&s) ? SB_OK : no_route(spec);
}

double sb_fit_memory(const sb_fit_spec *spec)
{
    sb_session s;
    sb_session_describe(spec, &s);
    double parameters = (double)s.parameters, outputs = (double)(1 + s.tangents) * (double)(s.rows * s.outputs);
    double number = (double)sb_model_number(spec->model);
    double all = parameters * (16 + number * (double)(1 + spec->rule->slots)) + 16 * outputs;
    all += 8 * (double)(spec->set->n * (1 + s.outputs)) + 8 * (double)spec->notes_size;
    if (spec->weight_decay > 0) all += 9 * parameters;
    double most = 0;
    const sb_fit_route *route;
    for (size_t i = 0; (route = sb_fit_route_at(i)); i++) {
        bool taken = spec->tangent_at || strcmp(spec->route, "auto") == 0 || strcmp(spec->route, route->name) == 0;
        if (taken && sb_session_covered(&s, route)) most = fmax(most, route->memory(&s));
    }
    return all + most;
}

sb_status sb_session_open(sb_session *s, size_t slots)
{
    size_t bytes = s->parameters * sb_model_number(s->spec->model) + 64;
    size_t outputs = (1 + s->tangents) * s->rows * s->outputs;
    bool all = (s->theta = malloc(bytes)) != NULL;
    for (size_t i = 0; i < slots && all; i++) all = (s->slot[i] = calloc(1, bytes)) != NULL;
    s->h = malloc(outputs * sizeof(double));
    s->g = malloc(outputs * sizeof(double));
    if (all && s->h && s->g) return s->spec->weight_decay > 0 ? make_pull(s) : SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory to train %zu parameters on %zu examples", s->parameters, s->rows);
}

void sb_session_close(sb_session *s)
{
    if (s->route) s->route->destroy(s);
    free(s->theta);
    free(s->pull);
    free(s->slot[0]);
    free(s->slot[1]);
    free(s->h);
    free(s->g);
}

/* ---- the largest stable step ---- */

typedef struct descent {
    const sb_session *session;
    double *h; /* [n][outputs] */
} descent;

static sb_status downhill(void *context, const double *theta, double *rate)
{
    const descent *d = context;
    const sb_fit_spec *spec = d->session->spec;
    size_t n = spec->set->n;
    double *g = malloc(n * d->session->outputs * sizeof *g);
    if (!g) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", n);
    sb_status status = sb_model_evaluate(spec->model, theta, n, spec->set->x, d->h);
    if (status == SB_OK) {
        sb_loss_value(spec->loss, n, NULL, n, d->h, g);
        status = sb_model_gradient(spec->model, theta, n, spec->set->x, g, rate);
        for (size_t i = 0; i < d->session->parameters; i++) rate[i] = -rate[i];
    }
    free(g);
    return status;
}

double sb_session_largest_step(const sb_session *s, const double *theta, double *h)
{
    const sb_fit_spec *spec = s->spec;
    double radius = NAN;
    descent down = {s, h};
    sb_flow flow = {.size = s->parameters, .rate = downhill, .context = &down};
    sb_rule rule = {spec->rule, spec->eta, spec->momentum, spec->weight_decay, spec->decoupled};
    bool known =
        spec->rule->stable && !spec->tangent_at && !sb_session_scaled(s) && s->tangents == 0 && s->rows == spec->set->n;
    if (!known || sb_flow_radius(&flow, theta, &radius) != SB_OK) return NAN;
    return sb_rule_largest_step(&rule, radius);
}

sb_status sb_session_scale(const sb_session *s, const double *theta, double *scale)
{
    const sb_loss *loss = s->spec->loss;
    size_t n = s->spec->set->n, outputs = (1 + s->tangents) * n * s->outputs;
    double *h = calloc(outputs, sizeof *h);
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", n);
    double zero = fabs(sb_loss_value(loss, n, NULL, n, h, NULL)), first = 0;
    sb_status status = sb_model_evaluate(s->spec->model, theta, n, s->spec->set->x, h);
    if (status == SB_OK) first = fabs(sb_loss_value(loss, n, NULL, n, h, NULL));
    *scale = fmax(fmax(zero, first), 1e-300);
    free(h);
    return status;
}
