#include "forecast/law/law.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "forecast/law/copies.h"
#include "forecast/law/nodes.h"
#include "forecast/trained.h"

/* ---- what moves ---- */

sb_status sb_moving_open(sb_model *model, sb_moving *moving)
{
    size_t parameters = sb_model_parameters(model);
    *moving = (sb_moving){.model = model};
    moving->theta = calloc(parameters, sizeof *moving->theta);
    moving->gradient_scale = calloc(parameters, sizeof *moving->gradient_scale);
    moving->step_scale = calloc(parameters, sizeof *moving->step_scale);
    if (moving->theta && moving->gradient_scale && moving->step_scale) return SB_OK;
    sb_moving_clear(moving);
    return sb_fail(SB_ERR_NOMEM, "no memory for a law of %zu parameters", parameters);
}

void sb_moving_clear(sb_moving *moving)
{
    sb_model_destroy(&moving->model);
    free(moving->theta);
    free(moving->gradient_scale);
    free(moving->step_scale);
    *moving = (sb_moving){0};
}

sb_status sb_moving_train(const sb_case *cas, const sb_moving *moving, const sb_watch *watch, bool frozen,
                          const sb_monitor *monitor, sb_decay *decay)
{
    sb_fit_spec spec = sb_case_fit_spec(cas);
    size_t parameters = sb_model_parameters(moving->model);
    sb_fit_result result;
    double *theta = malloc(parameters * sizeof *theta);
    if (!theta) return sb_fail(SB_ERR_NOMEM, "no memory for a law of %zu parameters", parameters);
    memcpy(theta, moving->theta, parameters * sizeof *theta);
    spec.model = moving->model;
    spec.gradient_scale = moving->gradient_scale;
    spec.step_scale = moving->step_scale;
    spec.tangent_at = frozen ? moving->theta : NULL;
    spec.route = "auto";
    if (spec.threads == 0) spec.threads = 1; /* rehearsals take the other cores */
    spec.stop = 0;
    spec.nt = decay->nt;
    spec.record_step = decay->step;
    sb_status status = sb_trained_watch(cas, watch, spec, monitor, theta, decay, &result);
    if (status == SB_OK && result.diverged) /* of train.unstable: a result of a run, no times of a forecast */
        status = sb_fail(SB_ERR_NUMERIC, "training diverged at step %zu", result.steps);
    if (status == SB_ERR_NUMERIC) status = sb_fail(status, "the law: %s", sb_error_text());
    free(theta);
    return status;
}

/* ---- sums over units ---- */

static sb_status moving_nodes(const sb_case *cas, size_t level, double amplitude, sb_moving *moving, sb_made *made)
{
    sb_nodes nodes = {0};
    sb_two_layer part[SB_MOST_COPIES];
    sb_status status = sb_nodes_create(cas->model, cas->deterministic, cas->n, cas->data.x, level, &nodes);
    if (status != SB_OK) return status;
    size_t copies = sb_model_two_layer(nodes.model, part);
    sb_model *model = nodes.model;
    nodes.model = NULL; /* the other's from here on */
    status = sb_moving_open(model, moving);
    if (status == SB_OK)
        sb_nodes_start(&nodes, model, amplitude, moving->theta, moving->gradient_scale, moving->step_scale);
    sb_model_two_layer(cas->model, part);
    *made = (sb_made){copies * nodes.units, (double)nodes.units / (double)part->units, 0};
    sb_nodes_clear(&nodes);
    return status;
}

static sb_status nodes_at(const sb_case *cas, const sb_watch *watch, size_t level, double amplitude, bool frozen,
                          const sb_monitor *monitor, sb_decay *decay, sb_made *made)
{
    sb_moving moving = {0};
    sb_status status = moving_nodes(cas, level, amplitude, &moving, made);
    if (status == SB_OK) status = sb_moving_train(cas, &moving, watch, frozen, monitor, decay);
    sb_moving_clear(&moving);
    return status;
}

static bool by_nodes(const sb_case *cas)
{
    sb_two_layer part[SB_MOST_COPIES];
    return sb_model_two_layer(cas->model, part) > 0;
}

sb_status sb_mean_field_check(const sb_case *cas)
{
    sb_made made;
    if (cas->random_output)
        return sb_fail(SB_ERR_UNSUPPORTED, "the start's output is random and belongs to a seed, not to the law: "
                                           "init.antisymmetric = true");
    if (sb_case_batch(cas) < cas->n) return sb_fail(SB_ERR_UNSUPPORTED, "the law does not know mini-batches");
    for (size_t k = 0; k < cas->watch.items.n && !by_nodes(cas); k++)
        if (cas->watch.items.item[k].parts == 0)
            return sb_fail(SB_ERR_UNSUPPORTED, "of a filtered residual wide copies have no amplitudes to go on from");
    if (!by_nodes(cas)) return sb_copies_check(cas);
    sb_moving moving = {0};
    sb_status status = moving_nodes(cas, 0, 1, &moving, &made);
    sb_moving_clear(&moving);
    return status;
}

sb_status sb_mean_field_at(const sb_case *cas, const sb_watch *watch, size_t level, double amplitude, bool frozen,
                           const sb_monitor *monitor, sb_decay *decay, sb_made *made)
{
    return (by_nodes(cas) ? nodes_at : sb_copies_at)(cas, watch, level, amplitude, frozen, monitor, decay, made);
}

/* ---- until it stands ---- */

#define CHAOS_LEVEL 4 /* doublings after which a law that still changes by .. */
#define CHAOS 0.1     /* .. does not go where more of them would bring it */

/* Where err is above 1, as in a catapult, relative to it. */
static double largest_change(const sb_decay *a, const sb_decay *b)
{
    double largest = 0;
    for (size_t i = 0; i < a->nt * a->nxi; i++)
        largest = fmax(largest, fabs(a->err[i] - b->err[i]) / fmax(1, b->err[i]));
    return largest;
}

static void take_table(const sb_decay *from, sb_decay *to)
{
    memcpy(to->amp, from->amp, to->nt * to->items.parts * sizeof *to->amp);
    memcpy(to->err, from->err, to->nt * to->nxi * sizeof *to->err);
}

/* To infinite width from N and N / 2, off by 1 / N. */
static void extrapolate(const sb_decay *half, sb_decay *decay)
{
    for (size_t i = 0; i < decay->nt * decay->items.parts; i++) decay->amp[i] += decay->amp[i] - half->amp[i];
    sb_decay_set_err(decay);
}

sb_status sb_mean_field_forecast(const sb_case *cas, const sb_watch *watch, bool frozen, const sb_monitor *monitor,
                                 sb_decay *decay, sb_decay *before, sb_mean_field_report *report)
{
    sb_status status = SB_OK;
    double tolerance = cas->config->forecast_tolerance;
    sb_decay next = {0}, own = {0}, *last = before ? before : &own;
    *report = (sb_mean_field_report){.change = cas->deterministic ? 0 : INFINITY, .stands = cas->deterministic};
    SB_TRY(sb_decay_init(&next, &decay->items, decay->nt, decay->t, decay->step, "", decay->form, &cas->terms));
    SB_TRY(sb_decay_init(&own, &decay->items, decay->nt, decay->t, decay->step, "", decay->form, &cas->terms));
    for (size_t level = 0; level == 0 || !report->stands; level++) {
        double cost = report->made.cost;
        status = sb_mean_field_at(cas, watch, level, 1, frozen, monitor, &next, &report->made);
        if (status == SB_ERR_UNSUPPORTED && level > 0) break; /* too many */
        SB_TRY(status);
        take_table(level > 0 ? decay : &next, last);
        take_table(&next, decay);
        report->made.cost += cost;
        if (level == 0) continue;
        report->change = largest_change(decay, last);
        report->stands = report->change < fmax(tolerance, 2 * report->made.noise);
        if (cas->config->train_unstable && level >= CHAOS_LEVEL && report->change > CHAOS)
            SB_TRY(sb_fail(SB_ERR_NUMERIC,
                           "the law: with %zu nodes err still changes by %.1g: beyond the largest stable "
                           "step it hangs on every node, and on rounding",
                           report->made.nodes, report->change));
    }
    status = SB_OK;
    if (!by_nodes(cas)) extrapolate(last, decay);
    if (!report->stands)
        sb_monitor_warn(monitor, "%s: with %zu nodes err still changes by %.1g (forecast.tolerance = %g)",
                        frozen ? "ntk.infinite" : "law", report->made.nodes, report->change, tolerance);
done:
    sb_decay_clear(&next);
    sb_decay_clear(&own);
    return status;
}

bool sb_mean_field_frozen_trains(const sb_case *cas)
{
    return *cas->silent || !cas->infinite;
}

sb_status sb_mean_field_cost(const sb_case *cas, double *least)
{
    double lowest = 1 + (cas->curved ? 0 : 2) + sb_mean_field_frozen_trains(cas);
    *least = lowest * sb_copies_cost(cas, 0) + sb_copies_cost(cas, 1);
    if (!by_nodes(cas)) return SB_OK;
    *least = 0;
    for (size_t level = 0; level < 2; level++) {
        sb_moving moving = {0};
        sb_made made = {0};
        sb_status status = moving_nodes(cas, level, 1, &moving, &made);
        sb_moving_clear(&moving);
        if (status == SB_ERR_UNSUPPORTED && level > 0) break;
        if (status != SB_OK) return status;
        *least += (level == 0 ? lowest : 1) * made.cost;
    }
    return SB_OK;
}
