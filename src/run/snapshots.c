#include "run/snapshots.h"

#include <math.h>
#include <stdlib.h>

#include "case/spectra.h"
#include "report/write.h"

void sb_snapshots_begin(const sb_case *cas, double *states)
{
    size_t count = sb_snapshots_size(cas);
    for (size_t i = 0; i < count; i++) states[i] = NAN;
}

/* ---- taking ---- */

/* p[n][outputs]: what is compared with the wanted outputs of a set. */
static sb_status predict(const sb_case *cas, const double *theta, const sb_dataset *set, double *p)
{
    sb_status status = sb_model_evaluate(cas->model, theta, set->n, set->x, p);
    if (status == SB_OK) sb_loss_predict(cas->loss, set->n, p, p);
    return status;
}

static sb_status look_at_spectra(const sb_case *cas, const double *theta, double *note)
{
    const sb_spectra *spectra = cas->spectra;
    for (size_t s = 0; s < spectra->sets; s++) {
        const sb_dataset *set = spectra->set[s];
        double *h = malloc((set->n * cas->outputs + 1) * sizeof *h);
        if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples", set->n);
        sb_status status = predict(cas, theta, set, h);
        if (status == SB_OK) status = sb_spectrum_look(spectra, s, h, note);
        free(h);
        if (status != SB_OK) return status;
        note += sb_spectra_size(cas) / spectra->sets;
    }
    return SB_OK;
}

static sb_status take(const sb_case *cas, const sb_fit_state *state, double *note)
{
    sb_status status = SB_OK;
    const sb_snapshots *shown = cas->snapshots;
    double *h = note + SB_STATE_OUTPUTS;
    note[SB_STATE_STEP] = (double)state->step;
    note[SB_STATE_TIME] = state->time;
    for (size_t s = 0; s < shown->sets; s++) {
        const sb_dataset *set = &shown->set[s];
        SB_TRY(predict(cas, state->theta, set, h));
        h += set->n * cas->outputs;
    }
    if (cas->spectra) SB_TRY(look_at_spectra(cas, state->theta, note + SB_STATE_OUTPUTS + shown->numbers));
done:
    return status;
}

sb_status sb_snapshots_take(const sb_case *cas, const sb_fit_state *state, double *states)
{
    sb_status status = SB_OK;
    const sb_snapshots *shown = cas->snapshots;
    for (size_t i = 0; shown && i < shown->count; i++)
        if (shown->step[i] == (double)state->step) SB_TRY(take(cas, state, states + i * sb_state_size(shown)));
    if (shown && state->last) SB_TRY(take(cas, state, states + shown->count * sb_state_size(shown)));
done:
    return status;
}

/* ---- writing ---- */

static sb_status save_states(const sb_case *cas, const char *directory, size_t count, const sb_run *run,
                             const double *const *states)
{
    sb_writer table = {0};
    const sb_snapshots *shown = cas->snapshots;
    sb_status status = sb_rundir_write(&table, directory, "snapshots/snapshots.tsv");
    if (status != SB_OK) return status;
    fputs("seed\tstate\tstep\ttime\tepoch\n", table.stream);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < sb_snapshot_states(shown); i++) {
            const double *note = states[r] + i * sb_state_size(shown);
            sb_print(table.stream, "%llu\t%zu", (unsigned long long)run[r].seed, i);
            sb_write_cell(table.stream, note[SB_STATE_STEP]);
            sb_write_cell(table.stream, note[SB_STATE_TIME]);
            sb_write_cell(table.stream, note[SB_STATE_STEP] / sb_case_epoch(cas));
            fputc('\n', table.stream);
        }
    return sb_writer_close(&table, SB_OK);
}

static sb_status save_array(const char *directory, const char *letter, const sb_dataset *set, size_t columns,
                            const double *values)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "snapshots/%s.%s.npy", letter, set->name);
    return status == SB_OK ? sb_npy_write(path, values, set->n, columns) : status;
}

static sb_status save_examples(const sb_snapshots *shown, const char *directory)
{
    sb_status status = SB_OK;
    for (size_t s = 0; s < shown->sets; s++) {
        const sb_dataset *set = &shown->set[s];
        SB_TRY(save_array(directory, "x", set, sb_shape_size(set->input), set->x));
        SB_TRY(save_array(directory, "y", set, sb_shape_size(set->output), set->y));
        if (set->place_dim > 0) SB_TRY(save_array(directory, "place", set, set->place_dim, set->place));
    }
done:
    return status;
}

/* h.SET.seedN.npy [states][n][outputs] */
static sb_status save_outputs(const sb_case *cas, const char *directory, uint64_t seed, const double *states)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    const sb_snapshots *shown = cas->snapshots;
    size_t count = sb_snapshot_states(shown), from = SB_STATE_OUTPUTS;
    double *h = malloc((count * shown->numbers + 1) * sizeof *h);
    if (!h) return sb_fail(SB_ERR_NOMEM, "no memory for snapshots");
    for (size_t s = 0; s < shown->sets; s++) {
        const sb_dataset *set = &shown->set[s];
        size_t numbers = set->n * cas->outputs, shape[] = {count, set->n, cas->outputs};
        for (size_t i = 0; i < count * numbers; i++)
            h[i] = states[i / numbers * sb_state_size(shown) + from + i % numbers];
        SB_TRY(sb_rundir_path(path, directory, "snapshots/h.%s.seed%llu.npy", set->name, (unsigned long long)seed));
        SB_TRY(sb_npy_write_array(path, h, 3, shape));
        from += numbers;
    }
done:
    free(h);
    return status;
}

sb_status sb_snapshots_save(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                            const sb_run *run)
{
    sb_status status = SB_OK;
    if (!cas->snapshots) return SB_OK;
    const double **states = malloc((count + 1) * sizeof *states);
    if (!states) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", count);
    for (size_t r = 0; r < count; r++) states[r] = sb_run_snapshots(cas, layout, &run[r]);
    SB_TRY(sb_rundir_make(directory, "snapshots"));
    SB_TRY(save_states(cas, directory, count, run, states));
    SB_TRY(save_examples(cas->snapshots, directory));
    for (size_t r = 0; r < count; r++) SB_TRY(save_outputs(cas, directory, run[r].seed, states[r]));
    if (cas->snapshots->sets > 0) SB_TRY(sb_frames_save(cas, directory, count, states));
    if (cas->snapshots->sets > 0) SB_TRY(sb_dominant_save(cas, directory, states[0]));
    if (cas->spectra) SB_TRY(sb_spectra_save(cas, directory, count, states));
done:
    free(states);
    return status;
}
