#include "run/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/problem.h>

#include "report/write.h"

static const char *const names[SB_DRIFT_NOTES] = {"change", "turn", "values", "vectors", "weights"};

/* Steps are far apart by their ratio. */
static bool is_nearer(double step, double than, double wanted)
{
    return fabs(log((step + 1) / (wanted + 1))) < fabs(log((than + 1) / (wanted + 1)));
}

sb_status sb_drift_choose(size_t nt, const double *step, size_t count, bool *due)
{
    double *wanted = malloc((count + 2) * sizeof *wanted);
    if (!wanted) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", count);
    size_t steps = sb_log_steps((size_t)step[nt - 1], count > 2 ? count - 1 : 1, wanted);
    for (size_t i = 0; i < nt; i++) due[i] = false;
    for (size_t j = 0, i = 0; j < steps; j++) {
        while (i + 1 < nt && is_nearer(step[i + 1], step[i], wanted[j])) i++;
        due[i] = true;
    }
    free(wanted);
    return SB_OK;
}

sb_status sb_drift_note(const sb_drift_start *start, const double *gram, double weights, size_t threads,
                        double note[SB_DRIFT_NOTES])
{
    sb_drift drift;
    sb_status status = sb_drift_measure(start, gram, threads, &drift);
    if (status != SB_OK) return status;
    note[SB_DRIFT_CHANGE] = drift.change;
    note[SB_DRIFT_TURN] = drift.turn;
    note[SB_DRIFT_VALUES] = drift.values;
    note[SB_DRIFT_VECTORS] = drift.vectors;
    note[SB_DRIFT_WEIGHTS] = weights;
    return SB_OK;
}

/* ---- runs ---- */

sb_status sb_drift_runs_create(size_t count, size_t rows, sb_drift_run **run)
{
    *run = calloc(count, sizeof **run);
    bool all = *run != NULL;
    for (size_t r = 0; all && r < count; r++) {
        (*run)[r].row = calloc(rows, sizeof *(*run)[r].row);
        all = (*run)[r].row != NULL;
    }
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the drift of %zu seeds", count);
}

void sb_drift_runs_destroy(size_t count, sb_drift_run **run)
{
    for (size_t r = 0; *run && r < count; r++) free((*run)[r].row);
    free(*run);
    *run = NULL;
}

/* ---- tables ---- */

static sb_status save_run(const char *directory, const sb_drift_run *run)
{
    sb_writer table = {0};
    sb_status status = sb_rundir_write(&table, directory, "drift.seed%llu.tsv", (unsigned long long)run->seed);
    if (status != SB_OK) return status;
    fputs("step\ttime", table.stream);
    for (int k = 0; k < SB_DRIFT_NOTES; k++) sb_print(table.stream, "\t%s", names[k]);
    fputc('\n', table.stream);
    for (size_t i = 0; i < run->count; i++) {
        sb_print(table.stream, "%.0f", run->row[i].step);
        sb_write_cell(table.stream, run->row[i].time);
        for (int k = 0; k < SB_DRIFT_NOTES; k++) sb_write_cell(table.stream, run->row[i].note[k]);
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

static const sb_drift_row *row_at(const sb_drift_run *run, double step)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->row[i].step == step) return &run->row[i];
    return NULL;
}

/* Mean and range over the runs that have a row there. */
static void put_row(FILE *stream, double step, size_t count, const sb_drift_run *run)
{
    double time = NAN, mean[SB_DRIFT_NOTES] = {0}, lo[SB_DRIFT_NOTES], hi[SB_DRIFT_NOTES];
    size_t there = 0;
    for (int k = 0; k < SB_DRIFT_NOTES; k++) lo[k] = hi[k] = NAN;
    for (size_t r = 0; r < count; r++) {
        const sb_drift_row *row = row_at(&run[r], step);
        if (!row) continue;
        there++;
        time = row->time; /* that of the step, in all of them */
        for (int k = 0; k < SB_DRIFT_NOTES; k++) {
            mean[k] += row->note[k];
            lo[k] = fmin(lo[k], row->note[k]);
            hi[k] = fmax(hi[k], row->note[k]);
        }
    }
    sb_print(stream, "%.0f", step);
    sb_write_cell(stream, time);
    for (int k = 0; k < SB_DRIFT_NOTES; k++) {
        sb_write_cell(stream, there ? mean[k] / (double)there : NAN);
        sb_write_cell(stream, lo[k]);
        sb_write_cell(stream, hi[k]);
    }
    fputc('\n', stream);
}

static sb_status save_mean(const char *directory, size_t nt, const double *step, const bool *due, size_t count,
                           const sb_drift_run *run)
{
    sb_writer table = {0};
    sb_status status = sb_rundir_write(&table, directory, "drift.tsv");
    if (status != SB_OK) return status;
    fputs("step\ttime", table.stream);
    for (int k = 0; k < SB_DRIFT_NOTES; k++) sb_print(table.stream, "\t%s\t%s_lo\t%s_hi", names[k], names[k], names[k]);
    fputc('\n', table.stream);
    for (size_t i = 0; i < nt; i++)
        if (due[i]) put_row(table.stream, step[i], count, run);
    return sb_writer_close(&table, SB_OK);
}

sb_status sb_drift_save(const char *directory, size_t nt, const double *step, const bool *due, size_t count,
                        const sb_drift_run *run)
{
    sb_status status = save_mean(directory, nt, step, due, count, run);
    for (size_t r = 0; status == SB_OK && r < count; r++) status = save_run(directory, &run[r]);
    return status;
}

/* ---- words ---- */

static void say_percent(FILE *say, const char *before, double part)
{
    sb_print(say, part < 0.1 ? "%s%.2g %%" : "%s%.0f %%", before, 100 * part);
}

void sb_drift_report(size_t count, const sb_drift_run *run, FILE *say)
{
    double last[SB_DRIFT_NOTES] = {0};
    for (size_t r = 0; r < count; r++)
        for (int k = 0; k < SB_DRIFT_NOTES; k++)
            last[k] += run[r].count ? run[r].row[run[r].count - 1].note[k] / (double)count : NAN;
    if (!say) return;
    say_percent(say, "kernel    moved by ", last[SB_DRIFT_CHANGE]);
    say_percent(say, " (eigenvalues ", last[SB_DRIFT_VALUES]);
    sb_print(say, ", eigenvectors sine %.2g)", last[SB_DRIFT_VECTORS]);
    say_percent(say, ", weights by ", last[SB_DRIFT_WEIGHTS]);
    fputc('\n', say);
}

sb_status sb_drift_json(const char *directory, sb_json json)
{
    char path[SB_PATH], *text = NULL;
    double mean[SB_DRIFT_NOTES];
    sb_status status = SB_OK;
    if (!sb_rundir_holds(directory, "drift.tsv")) return SB_OK;
    SB_TRY(sb_rundir_path(path, directory, "drift.tsv"));
    SB_TRY(sb_read_file(path, &text, NULL));
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '\n') text[length - 1] = '\0';
    const char *at = strrchr(text, '\n');
    if (!at) at = text;
    for (int column = 0; column < 2 + 3 * SB_DRIFT_NOTES; column++) {
        char *end;
        double value = sb_text_real(at + 1, &end);
        if (end == at + 1)
            SB_TRY(sb_fail(SB_ERR_INPUT, "%s: its last line has no %d numbers", path, 2 + 3 * SB_DRIFT_NOTES));
        if (column >= 2 && (column - 2) % 3 == 0) mean[(column - 2) / 3] = value;
        at = end;
    }
    sb_json drift = sb_json_object(json, "drift");
    for (int k = 0; k < SB_DRIFT_NOTES; k++) sb_json_real(drift, names[k], mean[k]);
done:
    free(text);
    return status;
}
