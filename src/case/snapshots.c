/* Keys -> snapshots: the steps, and the examples that they show. */
#include "case/snapshots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/spectra.h"

/* ---- steps ---- */

double sb_case_unit(const sb_case *cas)
{
    return strcmp(cas->config->observe_unit, "epoch") == 0 ? sb_case_epoch(cas) : 1;
}

/* Whether outputs are kept. */
static bool keeps_outputs(const sb_config *config)
{
    return config->observe_snapshots.n > 0 || config->observe_grid > 0 || config->observe_examples.n > 0;
}

static sb_status check_step(const sb_case *cas, const char *unit, double value, double step, double last)
{
    if (step != floor(step))
        return sb_fail(SB_ERR_INPUT, "observe.snapshots: %s %g is step %g, which is none", unit, value, step);
    if (step > (double)cas->steps)
        return sb_fail(SB_ERR_INPUT, "observe.snapshots: %s %g is beyond the last step, %zu", unit, value, cas->steps);
    if (step <= last) return sb_fail(SB_ERR_INPUT, "observe.snapshots must ascend; %g does not", value);
    return SB_OK;
}

/* Into the recorded steps, unless it is one. */
static void insert_step(sb_case *cas, double step)
{
    size_t at = 0;
    while (at < cas->nt && cas->step[at] < step) at++;
    if (at < cas->nt && cas->step[at] == step) return;
    memmove(cas->step + at + 1, cas->step + at, (cas->nt - at) * sizeof *cas->step);
    cas->step[at] = step;
    cas->nt++;
}

sb_status sb_case_snapshot_steps(const sb_config *config, sb_case *cas)
{
    const sb_reals *list = &config->observe_snapshots;
    double last = -1;
    if (!keeps_outputs(config) && strcmp(config->observe_spectrum, "none") == 0) return SB_OK;
    sb_snapshots *shown = cas->snapshots = calloc(1, sizeof *shown);
    if (shown) shown->step = malloc((list->n + 1) * sizeof *shown->step);
    if (!shown || !shown->step) return sb_fail(SB_ERR_NOMEM, "no memory for %zu snapshots", list->n);
    for (size_t i = 0; i < list->n; i++) {
        double step = list->v[i] * sb_case_unit(cas);
        sb_status status = check_step(cas, config->observe_unit, list->v[i], step, last);
        if (status != SB_OK) return status;
        last = step;
        if (step == (double)cas->steps) break; /* the end is a state in any case */
        shown->step[shown->count++] = step;
        insert_step(cas, step);
    }
    return SB_OK;
}

/* ---- examples ---- */

/* The examples from->index[n], without labels; y: what is wanted. */
static sb_status copy_examples(const sb_dataset *from, const char *name, size_t n, const double *number, sb_dataset *to)
{
    size_t inputs = sb_shape_size(from->input), outputs = sb_shape_size(from->output), dim = from->place_dim;
    const double *wanted = from->reference ? from->reference : from->y;
    sb_status status = sb_dataset_init(to, name, n, from->input, from->output, 0, dim);
    for (size_t i = 0; status == SB_OK && i < n; i++) {
        size_t j = number ? (size_t)number[i] - 1 : i;
        memcpy(to->x + i * inputs, from->x + j * inputs, inputs * sizeof *to->x);
        memcpy(to->y + i * outputs, wanted + j * outputs, outputs * sizeof *to->y);
        if (dim > 0) memcpy(to->place + i * dim, from->place + j * dim, dim * sizeof *to->place);
    }
    return status;
}

static sb_status show(const sb_dataset *from, const char *name, const sb_reals *number, sb_snapshots *shown)
{
    for (size_t i = 0; i < number->n; i++) {
        double v = number->v[i];
        if (v != floor(v) || v > (double)from->n)
            return sb_fail(SB_ERR_INPUT, "observe.examples: there is no example %g, %s has 1 to %zu", v, name, from->n);
    }
    size_t n = number->n ? number->n : from->n;
    return copy_examples(from, name, n, number->n ? number->v : NULL, &shown->set[shown->sets++]);
}

static sb_status show_between(const sb_config *config, sb_snapshots *shown)
{
    static const sb_reals all = {0};
    sb_dataset between = {0};
    sb_status status = sb_case_between(config, &between);
    if (status == SB_OK) status = show(&between, "grid", &all, shown);
    sb_dataset_clear(&between);
    return status;
}

sb_status sb_case_snapshots(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    sb_snapshots *shown = cas->snapshots;
    const sb_reals *chosen = &config->observe_examples;
    if (!shown) return SB_OK;
    SB_TRY(sb_case_spectra(config, cas));
    shown->spectra = sb_spectra_size(cas);
    if (!keeps_outputs(config)) return SB_OK;
    if (chosen->n == 0 || cas->tests == 0) SB_TRY(show(&cas->data, "train", chosen, shown));
    for (size_t i = 0; i < cas->tests; i++) SB_TRY(show(&cas->test[i], cas->test[i].name, chosen, shown));
    if (config->observe_grid > 0) SB_TRY(show_between(config, shown));
    for (size_t i = 0; i < shown->sets; i++) shown->numbers += shown->set[i].n * cas->outputs;
done:
    return status;
}

size_t sb_snapshots_size(const sb_case *cas)
{
    const sb_snapshots *shown = cas->snapshots;
    return shown ? sb_snapshot_states(shown) * sb_state_size(shown) : 0;
}

void sb_snapshots_destroy(sb_snapshots **shown)
{
    sb_snapshots *old = *shown;
    if (!old) return;
    for (size_t i = 0; i < SB_SHOWN; i++) sb_dataset_clear(&old->set[i]);
    free(old->step);
    free(old);
    *shown = NULL;
}
