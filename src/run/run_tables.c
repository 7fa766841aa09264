/* What was seen of the runs, as tables: of all seeds, and of each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "run/run.h"
#include "run/snapshots.h"
#include "run/stability.h"
#include "report/write.h"

typedef struct spread {
    double mean, lo, hi;
} spread;

/* Over the runs that have record i: one that stopped early does not. */
static spread over_runs(const sb_case *cas, const sb_layout *layout, size_t count, const sb_run *run, size_t i,
                        size_t column)
{
    spread s = {0, INFINITY, -INFINITY};
    size_t there = 0;
    for (size_t r = 0; r < count; r++) {
        const double *note = sb_run_note(layout, &run[r], i);
        if (i >= run[r].records || note[SB_NOTE_STEP] != cas->step[i] || isnan(note[column])) continue;
        s.mean += note[column];
        s.lo = fmin(s.lo, note[column]);
        s.hi = fmax(s.hi, note[column]);
        there++;
    }
    if (there == 0) return (spread){NAN, NAN, NAN};
    s.mean /= (double)there;
    return s;
}

static void put_spread(FILE *stream, spread s)
{
    sb_write_cell(stream, s.mean);
    sb_write_cell(stream, s.lo);
    sb_write_cell(stream, s.hi);
}

/* ---- all seeds ---- */

static sb_status save_history(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                              const sb_run *run)
{
    sb_writer table = {0};
    sb_status status = sb_rundir_write(&table, directory, "history.tsv");
    if (status != SB_OK) return status;
    FILE *stream = table.stream;
    bool classes = sb_has_classes(&cas->data);
    fputs("step\ttime\trate\tloss\tloss_lo\tloss_hi", stream);
    if (classes) fputs("\taccuracy\taccuracy_lo\taccuracy_hi", stream);
    for (size_t t = 0; t < cas->tests; t++) {
        const char *name = cas->test[t].name;
        sb_print(stream, "\t%s_loss\t%s_loss_lo\t%s_loss_hi", name, name, name);
        if (classes) sb_print(stream, "\t%s_accuracy\t%s_accuracy_lo\t%s_accuracy_hi", name, name, name);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < cas->nt; i++) {
        sb_print(stream, "%.0f", cas->step[i]);
        sb_write_cell(stream, over_runs(cas, layout, count, run, i, SB_NOTE_TIME).mean);
        sb_write_cell(stream, over_runs(cas, layout, count, run, i, SB_NOTE_RATE).mean);
        put_spread(stream, over_runs(cas, layout, count, run, i, SB_NOTE_LOSS));
        if (classes) put_spread(stream, over_runs(cas, layout, count, run, i, SB_NOTE_ACCURACY));
        for (size_t t = 0; t < cas->tests; t++) {
            put_spread(stream, over_runs(cas, layout, count, run, i, SB_NOTE_TESTS + 2 * t));
            if (classes) put_spread(stream, over_runs(cas, layout, count, run, i, SB_NOTE_TESTS + 2 * t + 1));
        }
        fputc('\n', stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* step, then err(NAME) lo(NAME) hi(NAME) of `count` items from `first`. */
static sb_status save_errors(const sb_case *cas, const sb_layout *layout, const char *directory, const char *table_name,
                             size_t first, size_t count, size_t runs, const sb_run *run)
{
    sb_writer table = {0};
    if (count == 0) return SB_OK;
    sb_status status = sb_rundir_write(&table, directory, "%s", table_name);
    if (status != SB_OK) return status;
    fputs("step", table.stream);
    for (size_t k = first; k < first + count; k++) {
        const char *name = cas->watch.items.item[k].name;
        sb_print(table.stream, "\terr(%s)\tlo(%s)\thi(%s)", name, name, name);
    }
    fputc('\n', table.stream);
    for (size_t i = 0; i < cas->nt; i++) {
        sb_print(table.stream, "%.0f", cas->step[i]);
        for (size_t k = first; k < first + count; k++)
            put_spread(table.stream, over_runs(cas, layout, runs, run, i, layout->err + k));
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* errors.SET.tsv: the same of all items of each test set. */
static sb_status save_test_errors(const sb_case *cas, const sb_layout *layout, const char *directory, size_t runs,
                                  const sb_run *run)
{
    sb_status status = SB_OK;
    sb_layout of_test = *layout; /* whose items stand in the place of the others */
    of_test.err = layout->tests;
    for (size_t t = 0; status == SB_OK && t < cas->tests; t++) {
        char name[80];
        sb_format(name, sizeof name, "errors.%s.tsv", cas->test[t].name);
        status = save_errors(cas, &of_test, directory, name, 0, cas->watch_test[t].items.n, runs, run);
        of_test.err += cas->watch_test[t].items.n;
    }
    return status;
}

/* ---- each seed ---- */

static sb_status save_seed(const sb_case *cas, const sb_layout *layout, const char *directory, const sb_run *run)
{
    sb_writer table = {0};
    sb_status status = sb_rundir_write(&table, directory, "history.seed%llu.tsv", (unsigned long long)run->seed);
    if (status != SB_OK) return status;
    FILE *stream = table.stream;
    fputs("step\ttime\trate\tloss\taccuracy", stream);
    for (size_t t = 0; t < cas->tests; t++)
        sb_print(stream, "\t%s_loss\t%s_accuracy", cas->test[t].name, cas->test[t].name);
    for (size_t k = 0; k < cas->watch.items.n; k++) sb_print(stream, "\terr(%s)", cas->watch.items.item[k].name);
    for (size_t t = 0; t < cas->tests; t++)
        for (size_t k = 0; k < cas->watch_test[t].items.n; k++)
            sb_print(stream, "\t%s_err(%s)", cas->test[t].name, cas->watch_test[t].items.item[k].name);
    fputc('\n', stream);
    for (size_t i = 0; i < run->records; i++) {
        const double *note = sb_run_note(layout, run, i);
        sb_print(stream, "%.0f", note[SB_NOTE_STEP]);
        for (size_t j = 1; j < layout->amp; j++) sb_write_cell(stream, note[j]);
        for (size_t j = layout->err; j < layout->field; j++) sb_write_cell(stream, note[j]);
        fputc('\n', stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* ---- the kernel on its way ---- */

static sb_status save_drift(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                            const sb_run *run, FILE *say)
{
    sb_status status = SB_OK;
    sb_drift_run *seen = NULL;
    if (!layout->due) return SB_OK;
    SB_TRY(sb_drift_runs_create(count, cas->nt + 1, &seen));
    for (size_t r = 0; r < count; r++) {
        seen[r].seed = run[r].seed;
        for (size_t i = 0; i < run[r].records; i++) {
            const double *note = sb_run_note(layout, &run[r], i);
            if (isnan(note[layout->drift])) continue; /* it was not looked at */
            sb_drift_row *row = &seen[r].row[seen[r].count++];
            *row = (sb_drift_row){.step = note[SB_NOTE_STEP], .time = note[SB_NOTE_TIME]};
            memcpy(row->note, note + layout->drift, sizeof row->note);
        }
    }
    SB_TRY(sb_drift_save(directory, cas->nt, cas->step, layout->due, count, seen));
    sb_drift_report(count, seen, say);
done:
    sb_drift_runs_destroy(count, &seen);
    return status;
}

sb_status sb_runs_save_tables(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                              const sb_run *run, FILE *say)
{
    sb_status status = SB_OK;
    size_t modes = cas->watch.modes.count, along = cas->watch.along.count, filters = 2 * cas->watch.filter.count;
    SB_TRY(save_history(cas, layout, directory, count, run));
    SB_TRY(save_errors(cas, layout, directory, "frequencies.tsv", 0, modes, count, run));
    SB_TRY(save_errors(cas, layout, directory, "projection.tsv", modes, along, count, run));
    SB_TRY(save_errors(cas, layout, directory, "filter.tsv", modes + along, filters, count, run));
    SB_TRY(save_test_errors(cas, layout, directory, count, run));
    SB_TRY(save_drift(cas, layout, directory, count, run, say));
    SB_TRY(sb_stability_save(cas, layout, directory, count, run, say));
    SB_TRY(sb_difference_save(cas, directory));
    SB_TRY(sb_snapshots_save(cas, layout, directory, count, run));
    for (size_t r = 0; r < count; r++) SB_TRY(save_seed(cas, layout, directory, &run[r]));
done:
    return status;
}
