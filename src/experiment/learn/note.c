/* A record of a run: losses, accuracies and errors per frequency, as one row of numbers. */
#include <math.h>
#include <stdlib.h>

#include "experiment/field.h"
#include "experiment/learn/learn.h"

/* Two classes, written as one output of -1 or 1. */
static bool has_signs(const sb_dataset *set)
{
    if (sb_shape_size(set->output) != 1) return false;
    for (size_t i = 0; i < set->n; i++)
        if (fabs(set->y[i]) != 1) return false;
    return true;
}

bool sb_learn_has_classes(const sb_dataset *set)
{
    return set->label || has_signs(set);
}

/* The share of examples whose output has the wanted sign. */
static double signs_right(const sb_dataset *set, const double *h)
{
    size_t right = 0;
    for (size_t i = 0; i < set->n; i++) right += h[i] * set->y[i] > 0;
    return (double)right / (double)set->n;
}

/* The share of examples whose largest output is that of their class; nan without classes. */
static double accuracy(const sb_dataset *set, const double *h)
{
    size_t right = 0, outputs = sb_shape_size(set->output);
    if (!sb_learn_has_classes(set)) return NAN;
    if (!set->label) return signs_right(set, h);
    for (size_t i = 0; i < set->n; i++) {
        size_t best = 0;
        for (size_t c = 1; c < outputs; c++)
            if (h[i * outputs + c] > h[i * outputs + best]) best = c;
        right += (int)best == set->label[i];
    }
    return (double)right / (double)set->n;
}

static sb_status note_tests(const sb_learn *learn, const double *theta, double *note)
{
    for (size_t i = 0; i < learn->tests; i++) {
        const sb_dataset *set = &learn->test[i];
        double *h = malloc(set->n * sb_shape_size(set->output) * sizeof *h);
        if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu test examples", set->n);
        sb_status status = sb_model_evaluate(learn->model, theta, set->n, set->x, h);
        if (status == SB_OK) {
            note[2 * i] = sb_loss_value(learn->test_loss[i], set->n, NULL, set->n, h, NULL);
            note[2 * i + 1] = accuracy(set, h);
        }
        free(h);
        if (status != SB_OK) return status;
    }
    return SB_OK;
}

sb_status sb_learn_note(const sb_learn *learn, const sb_fit_state *state, double *note)
{
    sb_status status = SB_OK;
    const sb_dataset *set = &learn->train;
    size_t count = set->n * sb_shape_size(set->output);
    const double *wanted = set->reference ? set->reference : set->y;
    double *u = malloc(count * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", set->n);
    sb_loss_predict(learn->loss, set->n, state->h, u);
    for (size_t i = 0; i < count; i++) u[i] -= wanted[i];
    note[SB_NOTE_STEP] = (double)state->step;
    note[SB_NOTE_TIME] = state->time;
    note[SB_NOTE_RATE] = state->rate;
    note[SB_NOTE_LOSS] = state->loss;
    note[SB_NOTE_ACCURACY] = accuracy(set, state->h);
    SB_TRY(note_tests(learn, state->theta, note + SB_NOTE_TESTS));
    if (learn->modes.count) SB_TRY(sb_modes_apply(&learn->modes, u, note + sb_note_modes(learn), NULL));
    if (learn->along.count) SB_TRY(sb_modes_apply(&learn->along, u, note + sb_note_along(learn), NULL));
    if (learn->filter.count)
        SB_TRY(
            sb_filter_apply(&learn->filter, u, state->threads, note + sb_note_low(learn), note + sb_note_high(learn)));
    if (learn->heat.count) {
        double complex amp[SB_FIELD_CELLS];
        double unused[SB_FIELD_CELLS];
        SB_TRY(sb_modes_apply(&learn->heat, u, unused, amp));
        for (size_t k = 0; k < SB_FIELD_CELLS; k++) note[sb_note_heat(learn) + k] = cabs(amp[k]);
    }
done:
    free(u);
    return status;
}
