/* What the movement of the kernel did to T of the watched frequencies (path.h), where its kernels are looked at and the
 * residual goes its way by them alone: one output, squares, all examples, a rule that follows gradients. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "experiment/effect.h"
#include "experiment/learn/learn.h"

size_t sb_learn_kernels(const sb_learn *learn)
{
    const sb_config *config = learn->config;
    bool squares = strcmp(config->loss_kind, "mse") == 0 || strcmp(config->loss_kind, "nmse") == 0;
    bool whole = config->train_batch == 0 || (size_t)config->train_batch >= learn->train.n;
    bool follows = sb_rule_find(config->train_optimizer)->shrink && strcmp(config->train_schedule, "constant") == 0;
    if (!learn->due || learn->modes.count == 0 || sb_model_outputs(learn->model) != 1) return 0;
    if (!squares || !whole || !follows) return 0;
    size_t count = 1; /* of the last record */
    for (size_t i = 0; i < learn->nt; i++) count += learn->due[i];
    return count;
}

static double *kept(const sb_learn *learn, double *notes)
{
    return notes + (learn->nt + 1) * learn->columns;
}

/* Kernels in their order, then the outputs at the start. */
void sb_learn_keep(const sb_learn *learn, const sb_fit_state *state, const double *gram, double *notes)
{
    size_t n = learn->train.n, kernels = sb_learn_kernels(learn), slot = 0;
    if (kernels == 0) return;
    for (size_t i = 0; i < state->record && i < learn->nt; i++) slot += learn->due[i];
    memcpy(kept(learn, notes) + slot * n * n, gram, n * n * sizeof *gram);
    if (state->record == 0) memcpy(kept(learn, notes) + kernels * n * n, state->h, n * sizeof *state->h);
}

static sb_status err_of(const void *context, const double *u, double *err)
{
    const sb_learn *learn = context;
    return sb_modes_apply(&learn->modes, u, err, NULL);
}

/* c_i = the gradient c_i u_i at u = 1 */
static void weights_of(const sb_learn *learn, double *h, double *c)
{
    for (size_t i = 0; i < learn->train.n; i++) h[i] = learn->train.y[i] + 1;
    sb_loss_value(learn->loss, learn->train.n, NULL, learn->train.n, h, c);
}

/* effect[modes][SB_LEVELS] of one run */
static sb_status effect_of(const sb_learn *learn, const sb_learn_run *run, sb_effect *effect)
{
    sb_status status = SB_OK;
    size_t n = learn->train.n, nt = run->result.records, kernels = sb_learn_kernels(learn), nodes = 0;
    const double *grams = kept(learn, run->notes), *h0 = grams + kernels * n * n;
    double *step = malloc((nt + kernels + 3 * n) * sizeof *step), *node = step + nt, *u0 = node + kernels, *c = u0 + n;
    if (!step) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", nt);
    for (size_t i = 0; i < nt; i++) {
        const double *note = run->notes + i * learn->columns;
        step[i] = note[SB_NOTE_STEP];
        if (!isnan(note[sb_note_drift(learn)])) node[nodes++] = step[i];
    }
    weights_of(learn, u0, c);
    for (size_t i = 0; i < n; i++) u0[i] = h0[i] - learn->train.y[i];
    const sb_config *config = learn->config;
    sb_path path = {n,     nodes, node,
                    grams, c,     sb_rule_of(config->train_optimizer, config->train_eta, config->train_momentum)};
    sb_watched items = {learn->modes.count, err_of, learn};
    SB_TRY(sb_path_effect(&path, &items, nt, step, u0, SB_LEVELS, sb_level, effect));
done:
    free(step);
    return status;
}

sb_status sb_learn_effects(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run,
                           FILE *say, sb_json json)
{
    sb_status status = SB_OK;
    size_t lines = learn->modes.count * SB_LEVELS;
    double most = NAN;
    if (sb_learn_kernels(learn) == 0) return SB_OK;
    sb_effect *effect = malloc(count * lines * sizeof *effect);
    if (!effect) return sb_fail(SB_ERR_NOMEM, "no memory for the effects of %zu runs", count);
    for (size_t r = 0; r < count; r++) SB_TRY(effect_of(learn, &run[r], effect + r * lines));
    for (size_t j = 0; j < count * lines; j++) most = fmax(most, effect[j].effect);
    SB_TRY(sb_effects_save(directory, learn->config->seeds_first, count, learn->modes.count, learn->label, effect));
    sb_say_laziness(most, say);
    sb_json laziness = sb_json_object(json, "laziness");
    sb_json_real(laziness, "effect", most);
    sb_json_real(laziness, "limit", SB_LAZY);
done:
    free(effect);
    return status;
}
