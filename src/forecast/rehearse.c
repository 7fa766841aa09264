#include "forecast/rehearse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/network.h"
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

/* Half of the units of a network, each of them for `weight` of its own: the same sum at the same richness.
 * With a' = weight a in the place of a, h = sum a' s(w . x + b) has every unit `weight` times, and theirs are the moves
 * of units of the whole network when the rule sees 1 / weight of dh/dw, dh/db and a' moves by weight times what it
 * says. */
typedef struct half {
    sb_model *model;
    double *theta, *gradient_scale, *step_scale; /* [parameters] */
    double weight;
} half;

static void weigh(const half *h, size_t first, size_t count)
{
    for (size_t p = first; p < first + count; p++) {
        h->theta[p] *= h->weight;
        h->step_scale[p] = h->weight;
        h->gradient_scale[p] = 1;
    }
}

static void clear_half(half *h)
{
    sb_model_destroy(&h->model);
    free(h->theta);
    free(h->gradient_scale);
    free(h->step_scale);
}

static sb_status halve(const sb_network *network, half *h)
{
    sb_two_layer part[SB_MOST_COPIES];
    size_t units = sb_network_units(network), kept = units / 2;
    sb_status status = sb_model_part(network->model, network->theta, 0, kept, &h->model, &h->theta);
    if (status != SB_OK) return status;
    size_t parameters = sb_model_parameters(h->model), copies = sb_model_two_layer(h->model, part);
    h->weight = (double)units / (double)kept;
    h->gradient_scale = malloc(parameters * sizeof *h->gradient_scale);
    h->step_scale = malloc(parameters * sizeof *h->step_scale);
    if (!h->gradient_scale || !h->step_scale) return sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", parameters);
    for (size_t p = 0; p < parameters; p++) {
        h->gradient_scale[p] = 1 / h->weight;
        h->step_scale[p] = 1;
    }
    for (size_t c = 0; c < copies; c++) {
        weigh(h, part[c].out, kept);
        if (part[c].out_sine != SIZE_MAX) weigh(h, part[c].out_sine, kept);
        if (part[c].offset != SIZE_MAX) h->gradient_scale[part[c].offset] = 1; /* no unit's */
    }
    return SB_OK;
}

/* ln T[nxi][SB_LEVELS] of a training, nan: not reached; err[nt][nxi] unless NULL */
static sb_status train(const sb_rehearsal_work *w, const sb_fit_spec *spec, const sb_monitor *monitor, double *theta,
                       double *ln_t, double *err)
{
    size_t nxi = w->draws.nxi;
    sb_decay decay = {0};
    sb_status status = sb_case_table(w->cas, "rehearsal", SB_FORM_OBSERVED, &decay);
    if (status == SB_OK) status = sb_trained_table(w->cas, *spec, monitor, theta, &decay);
    for (size_t j = 0; status == SB_OK && j < nxi * SB_LEVELS; j++)
        ln_t[j] = log(sb_decay_time(&decay, j / SB_LEVELS, sb_level[j % SB_LEVELS]));
    if (status == SB_OK && err) memcpy(err, decay.err, decay.nt * nxi * sizeof *err);
    sb_decay_clear(&decay);
    return status;
}

sb_status sb_rehearsal_train(sb_rehearsal_work *w, size_t index, size_t threads, const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t count = w->draws.count, b = index % count, cells = w->draws.nxi * SB_LEVELS;
    uint64_t seed = SB_FIRST_REHEARSAL + b;
    sb_network network = {0};
    half h = {0};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    spec.threads = threads;
    spec.seed = seed;
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_REHEARSE, &network));
    if (index < count) {
        double *err = w->err + b * cas->nt * w->draws.nxi;
        SB_TRY(train(w, &spec, monitor, network.theta, w->ln_t + index * cells, err));
        goto done;
    }
    SB_TRY(halve(&network, &h));
    spec.model = h.model;
    spec.gradient_scale = h.gradient_scale;
    spec.step_scale = h.step_scale;
    SB_TRY(train(w, &spec, monitor, h.theta, w->ln_t + index * cells, NULL));
    for (size_t j = 0; j < cells; j++) w->draws.shift[b * cells + j] = 1 / (h.weight - 1);
done:
    clear_half(&h);
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
