/* The kernel of a network of layers at some records of its training, against that of its start. */
#include <math.h>
#include <stdlib.h>

#include <specbias/kernel.h>

#include "experiment/learn/learn.h"

/* gram[n][n] of all training examples, the mean over outputs */
static sb_status kernel_of(const sb_learn *learn, const double *theta, size_t threads, double *gram)
{
    sb_factors factors = {0};
    sb_status status = sb_model_factors(learn->model, theta, &factors);
    sb_gram_spec spec = {.factors = &factors, .outputs = SB_OUTPUTS_MEAN, .threads = threads};
    if (status == SB_OK) status = sb_gram_layers(&spec, learn->train.n, learn->train.x, gram);
    sb_factors_clear(&factors);
    return status;
}

static sb_status make_start(const sb_learn *learn, uint64_t seed, size_t threads, sb_learn_start *start)
{
    sb_status status = SB_OK;
    size_t n = learn->train.n, parameters = sb_model_parameters(learn->model);
    start->theta = malloc(parameters * sizeof *start->theta);
    start->gram = malloc(n * n * sizeof *start->gram);
    if (!start->theta || !start->gram) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu examples", n));
    sb_model_start(learn->model, seed, SB_STREAM_TRAIN, start->theta);
    for (size_t i = 0; i < parameters && sb_model_single(learn->model); i++) start->theta[i] = (float)start->theta[i];
    SB_TRY(kernel_of(learn, start->theta, threads, start->gram));
    SB_TRY(sb_drift_begin(start->gram, n, sb_model_single(learn->model), SB_DRIFT_PAIRS, threads, &start->drift));
done:
    if (status != SB_OK) sb_learn_start_clear(start);
    return status;
}

void sb_learn_start_clear(sb_learn_start *start)
{
    sb_drift_end(&start->drift);
    free(start->theta);
    free(start->gram);
    *start = (sb_learn_start){0};
}

sb_status sb_learn_note_drift(const sb_learn *learn, uint64_t seed, const sb_fit_state *state, sb_learn_start *start,
                              double *notes)
{
    sb_status status = SB_OK;
    size_t n = learn->train.n;
    double *gram = NULL, *drift = notes + state->record * learn->columns + sb_note_drift(learn);
    if (!learn->due) return SB_OK;
    for (int k = 0; k < SB_DRIFT_NOTES; k++) drift[k] = NAN;
    if (!state->last && !(state->record < learn->nt && learn->due[state->record])) return SB_OK;
    if (!start->theta) SB_TRY(make_start(learn, seed, state->threads, start));
    gram = malloc(n * n * sizeof *gram);
    if (!gram) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu examples", n));
    SB_TRY(kernel_of(learn, state->theta, state->threads, gram));
    sb_learn_keep(learn, state, gram, notes);
    double weights = sb_gram_distance(sb_model_parameters(learn->model), state->theta, start->theta);
    SB_TRY(sb_drift_note(&start->drift, gram, weights, state->threads, drift));
done:
    free(gram);
    return status;
}

sb_status sb_learn_drift_memory(const sb_learn *learn, double *bytes)
{
    sb_status status = SB_OK;
    sb_factors factors = {0};
    size_t parameters = sb_model_parameters(learn->model);
    double n = (double)learn->train.n, *theta = calloc(parameters, sizeof *theta); /* any will do for sizes */
    if (!theta) return sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", parameters);
    SB_TRY(sb_model_factors(learn->model, theta, &factors));
    sb_gram_spec spec = {.factors = &factors, .outputs = SB_OUTPUTS_MEAN};
    double factoring = sb_gram_layers_memory(&spec, learn->train.n),
           pairs = sb_drift_memory(learn->train.n, SB_DRIFT_PAIRS);
    *bytes = 8 * ((2 + (double)sb_learn_kernels(learn)) * n * n + 2 * (double)parameters) +
             (factoring > pairs ? factoring : pairs);
done:
    sb_factors_clear(&factors);
    free(theta);
    return status;
}

sb_status sb_learn_save_drift(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run,
                              FILE *say, sb_json json)
{
    sb_status status = SB_OK;
    sb_drift_run *seen = NULL;
    size_t first = sb_note_drift(learn);
    if (!learn->due) return SB_OK;
    SB_TRY(sb_drift_runs_create(count, learn->nt + 1, &seen));
    for (size_t r = 0; r < count; r++) {
        seen[r].seed = run[r].seed;
        for (size_t i = 0; i < run[r].result.records; i++) {
            const double *note = run[r].notes + i * learn->columns;
            if (isnan(note[first])) continue; /* it was not looked at */
            sb_drift_row *row = &seen[r].row[seen[r].count++];
            *row = (sb_drift_row){.step = note[SB_NOTE_STEP], .time = note[SB_NOTE_TIME]};
            for (size_t k = 0; k < SB_DRIFT_NOTES; k++) row->note[k] = note[first + k];
        }
    }
    SB_TRY(sb_drift_save(directory, learn->nt, learn->step, learn->due, count, seen));
    sb_drift_report(count, seen, say, json);
done:
    sb_drift_runs_destroy(count, &seen);
    return status;
}
