#include "forecast/rehearse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/network.h"
#include "forecast/law/copies.h"
#include "forecast/law/law.h"
#include "forecast/trained.h"

sb_status sb_rehearsal_open(const sb_case *cas, sb_rehearsal_work *w)
{
    size_t count = sb_rehearsal_count(cas), nxi = cas->watch.items.n;
    w->cas = cas;
    sb_status status = sb_draws_init(&w->draws, count, nxi);
    if (status != SB_OK || count == 0) return status;
    w->err = malloc((count * cas->nt * nxi + 1) * sizeof *w->err);
    w->ln_t = malloc((2 * count * nxi * SB_LEVELS + 1) * sizeof *w->ln_t);
    return w->err && w->ln_t ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu rehearsals", count);
}

void sb_rehearsal_close(sb_rehearsal_work *w)
{
    sb_draws_clear(&w->draws);
    free(w->err);
    free(w->ln_t);
}

/* ---- half the width at the same richness ---- */

/* Numbers of which a unit has `weight` times its own: the sum has every unit so often. */
static void weigh(sb_moving *half, size_t first, size_t count, double weight)
{
    for (size_t p = first; p < first + count; p++) {
        half->theta[p] *= weight;
        half->step_scale[p] = weight;
        half->gradient_scale[p] = 1;
    }
}

/* The first half of a network's units, each of them for `weight` of its own. With a' = weight a in the place of a,
 * h = sum a' s(w . x + b), and units move as those of the whole network would when the rule sees 1 / weight of dh/dw
 * and dh/db, and a' moves by weight times what it says. */
static sb_status halve_units(const sb_network *network, sb_moving *half, double *weight)
{
    sb_status status = SB_OK;
    sb_model *model = NULL, *part = NULL;
    sb_two_layer of[SB_MOST_COPIES];
    double *theta = NULL;
    size_t units = sb_network_units(network), kept = units / 2;
    SB_TRY(sb_model_part(network->model, network->theta, 0, kept, &part, &theta));
    SB_TRY(sb_model_resize(network->model, kept, &model));
    SB_TRY(sb_moving_open(model, half));
    size_t parameters = sb_model_parameters(half->model), copies = sb_model_two_layer(half->model, of);
    *weight = (double)units / (double)kept;
    memcpy(half->theta, theta, parameters * sizeof *theta);
    for (size_t p = 0; p < parameters; p++) half->gradient_scale[p] = 1 / *weight, half->step_scale[p] = 1;
    for (size_t c = 0; c < copies; c++) {
        weigh(half, of[c].out, kept, *weight);
        if (of[c].out_sine != SIZE_MAX) weigh(half, of[c].out_sine, kept, *weight);
        if (of[c].offset != SIZE_MAX) half->gradient_scale[of[c].offset] = 1; /* no unit's */
    }
done:
    sb_model_destroy(&part);
    free(theta);
    return status;
}

/* ---- trainings ---- */

/* ln T[nxi][SB_LEVELS] of a training, nan: not reached; err[nt][nxi] unless NULL */
static sb_status train(const sb_rehearsal_work *w, const sb_fit_spec *spec, const sb_monitor *monitor, double *theta,
                       double *ln_t, double *err)
{
    size_t nxi = w->draws.nxi;
    sb_decay decay = {0};
    sb_status status = sb_case_table(w->cas, "rehearsal", SB_FORM_OBSERVED, &decay);
    if (status == SB_OK) status = sb_trained_table(w->cas, *spec, monitor, theta, &decay);
    for (size_t j = 0; status == SB_OK && j < nxi * SB_LEVELS; j++) ln_t[j] = log(sb_decay_line_time(&decay, j));
    if (status == SB_OK && err) memcpy(err, decay.err, decay.nt * nxi * sizeof *err);
    sb_decay_clear(&decay);
    return status;
}

/* A network, and half of it. */
static sb_status train_half(sb_rehearsal_work *w, size_t b, sb_fit_spec spec, const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t cells = w->draws.nxi * SB_LEVELS;
    double weight = 2;
    sb_network network = {0};
    sb_moving half = {0};
    SB_TRY(sb_network_start(cas, 1, spec.seed, SB_STREAM_REHEARSE, &network));
    if (sb_network_units(&network) == 1) { /* which has no half */
        for (size_t j = 0; j < cells; j++) w->ln_t[(w->draws.count + b) * cells + j] = NAN;
        goto done;
    }
    if (sb_network_units(&network) > 0)
        SB_TRY(halve_units(&network, &half, &weight));
    else
        SB_TRY(sb_copy_create(cas, 0.5, spec.seed, SB_STREAM_REHEARSE, 1, &half));
    spec.model = half.model;
    spec.gradient_scale = half.gradient_scale;
    spec.step_scale = half.step_scale;
    spec.route = "auto";
    SB_TRY(train(w, &spec, monitor, half.theta, w->ln_t + (w->draws.count + b) * cells, NULL));
    for (size_t j = 0; j < cells; j++) w->draws.shift[b * cells + j] = 1 / (weight - 1);
done:
    sb_moving_clear(&half);
    sb_network_clear(&network);
    return status;
}

sb_status sb_rehearsal_train(sb_rehearsal_work *w, size_t index, size_t threads, const sb_monitor *monitor)
{
    const sb_case *cas = w->cas;
    size_t count = w->draws.count, b = index % count;
    sb_network network = {0};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    spec.threads = threads;
    spec.seed = SB_FIRST_REHEARSAL + b;
    if (index >= count) return train_half(w, b, spec, monitor);
    sb_status status = sb_network_start(cas, 1, spec.seed, SB_STREAM_REHEARSE, &network);
    if (status == SB_OK)
        status = train(w, &spec, monitor, network.theta, w->ln_t + b * w->draws.nxi * SB_LEVELS,
                       w->err + b * cas->nt * w->draws.nxi);
    sb_network_clear(&network);
    return status;
}

void sb_rehearsal_finish(sb_rehearsal_work *w)
{
    size_t all = w->draws.count * w->draws.nxi * SB_LEVELS;
    for (size_t j = 0; j < all; j++) {
        w->draws.times[j] = exp(w->ln_t[j]);
        w->draws.shift[j] *= w->ln_t[all + j] - w->ln_t[j];
    }
}
