/* The tables of an experiment of kind "learn". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/report.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/field.h"
#include "experiment/learn/learn.h"

typedef struct spread {
    double mean, lo, hi;
} spread;

/* Over the runs that have record i: one that stopped early does not. */
static spread over_runs(const sb_learn *learn, size_t count, const sb_learn_run *run, size_t i, size_t column)
{
    spread s = {0, INFINITY, -INFINITY};
    size_t there = 0;
    for (size_t r = 0; r < count; r++) {
        const double *note = run[r].notes + i * learn->columns;
        if (i >= run[r].result.records || note[SB_NOTE_STEP] != learn->step[i] || isnan(note[column])) continue;
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

static sb_status open_table(const char *directory, const char *name, sb_writer *writer)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "%s", name);
    return status == SB_OK ? sb_writer_open(writer, path) : status;
}

/* ---- all seeds ---- */

static sb_status save_history(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run)
{
    sb_writer table = {0};
    sb_status status = open_table(directory, "history.tsv", &table);
    if (status != SB_OK) return status;
    FILE *stream = table.stream;
    bool classes = sb_learn_has_classes(&learn->train);
    fputs("step\ttime\trate\tloss\tloss_lo\tloss_hi", stream);
    if (classes) fputs("\taccuracy\taccuracy_lo\taccuracy_hi", stream);
    for (size_t t = 0; t < learn->tests; t++) {
        const char *name = learn->test[t].name;
        sb_print(stream, "\t%s_loss\t%s_loss_lo\t%s_loss_hi", name, name, name);
        if (classes) sb_print(stream, "\t%s_accuracy\t%s_accuracy_lo\t%s_accuracy_hi", name, name, name);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < learn->nt; i++) {
        sb_print(stream, "%.0f", learn->step[i]);
        sb_write_cell(stream, over_runs(learn, count, run, i, SB_NOTE_TIME).mean);
        sb_write_cell(stream, over_runs(learn, count, run, i, SB_NOTE_RATE).mean);
        put_spread(stream, over_runs(learn, count, run, i, SB_NOTE_LOSS));
        if (classes) put_spread(stream, over_runs(learn, count, run, i, SB_NOTE_ACCURACY));
        for (size_t t = 0; t < learn->tests; t++) {
            put_spread(stream, over_runs(learn, count, run, i, SB_NOTE_TESTS + 2 * t));
            if (classes) put_spread(stream, over_runs(learn, count, run, i, SB_NOTE_TESTS + 2 * t + 1));
        }
        fputc('\n', stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* step, then err_K lo_K hi_K of `columns` columns from `first`. */
static sb_status save_errors(const sb_learn *learn, const char *directory, const char *name, size_t first,
                             size_t columns, size_t count, const sb_learn_run *run)
{
    sb_writer table = {0};
    if (columns == 0) return SB_OK;
    sb_status status = open_table(directory, name, &table);
    if (status != SB_OK) return status;
    fputs("step", table.stream);
    for (size_t k = 0; k < columns; k++) sb_print(table.stream, "\terr_%zu\tlo_%zu\thi_%zu", k, k, k);
    fputc('\n', table.stream);
    for (size_t i = 0; i < learn->nt; i++) {
        sb_print(table.stream, "%.0f", learn->step[i]);
        for (size_t k = 0; k < columns; k++) put_spread(table.stream, over_runs(learn, count, run, i, first + k));
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

static sb_status save_filter(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run)
{
    sb_writer table = {0};
    if (learn->filter.count == 0) return SB_OK;
    sb_status status = open_table(directory, "filter.tsv", &table);
    if (status != SB_OK) return status;
    fputs("step", table.stream);
    for (size_t d = 0; d < learn->filter.count; d++)
        sb_print(table.stream, "\tlow_%zu\tlow_lo_%zu\tlow_hi_%zu\thigh_%zu\thigh_lo_%zu\thigh_hi_%zu", d, d, d, d, d,
                 d);
    fputc('\n', table.stream);
    for (size_t i = 0; i < learn->nt; i++) {
        sb_print(table.stream, "%.0f", learn->step[i]);
        for (size_t d = 0; d < learn->filter.count; d++) {
            put_spread(table.stream, over_runs(learn, count, run, i, sb_note_low(learn) + d));
            put_spread(table.stream, over_runs(learn, count, run, i, sb_note_high(learn) + d));
        }
        fputc('\n', table.stream);
    }
    return sb_writer_close(&table, SB_OK);
}

/* |e^| at each record and frequency, in units of the largest at the start. */
static sb_status save_heat(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run)
{
    char path[SB_PATH];
    double label[SB_FIELD_CELLS], largest = 0;
    if (learn->heat.count == 0) return SB_OK;
    double *size = malloc(learn->nt * SB_FIELD_CELLS * sizeof *size);
    if (!size) return sb_fail(SB_ERR_NOMEM, "no memory for the heat map");
    for (size_t k = 0; k < SB_FIELD_CELLS; k++) {
        label[k] = learn->config->observe_field * ((double)k + 0.5) / SB_FIELD_CELLS;
        for (size_t i = 0; i < learn->nt; i++)
            size[i * SB_FIELD_CELLS + k] = over_runs(learn, count, run, i, sb_note_heat(learn) + k).mean;
        largest = fmax(largest, size[k]);
    }
    sb_status status = sb_rundir_path(path, directory, "heat.tsv");
    if (status == SB_OK) status = sb_field_write(path, learn->nt, learn->step, label, largest, size);
    free(size);
    return status;
}

/* ---- each seed ---- */

static sb_status save_seed(const sb_learn *learn, const char *directory, const sb_learn_run *run)
{
    sb_writer table = {0};
    char name[64];
    sb_format(name, sizeof name, "history.seed%llu.tsv", (unsigned long long)run->seed);
    sb_status status = open_table(directory, name, &table);
    if (status != SB_OK) return status;
    FILE *stream = table.stream;
    fputs("step\ttime\trate\tloss\taccuracy", stream);
    for (size_t t = 0; t < learn->tests; t++)
        sb_print(stream, "\t%s_loss\t%s_accuracy", learn->test[t].name, learn->test[t].name);
    for (size_t k = 0; k < learn->modes.count; k++) sb_print(stream, "\terr_%zu", k);
    for (size_t k = 0; k < learn->along.count; k++) sb_print(stream, "\talong_%zu", k);
    for (size_t d = 0; d < learn->filter.count; d++) sb_print(stream, "\tlow_%zu", d);
    for (size_t d = 0; d < learn->filter.count; d++) sb_print(stream, "\thigh_%zu", d);
    fputc('\n', stream);
    for (size_t i = 0; i < run->result.records; i++) {
        const double *note = run->notes + i * learn->columns;
        sb_print(stream, "%.0f", note[SB_NOTE_STEP]);
        for (size_t j = 1; j < sb_note_heat(learn); j++) sb_write_cell(stream, note[j]);
        fputc('\n', stream);
    }
    return sb_writer_close(&table, SB_OK);
}

sb_status sb_learn_save(const sb_learn *learn, const char *directory, size_t count, const sb_learn_run *run)
{
    sb_status status = SB_OK;
    SB_TRY(save_history(learn, directory, count, run));
    SB_TRY(save_errors(learn, directory, "frequencies.tsv", sb_note_modes(learn), learn->modes.count, count, run));
    SB_TRY(save_errors(learn, directory, "projection.tsv", sb_note_along(learn), learn->along.count, count, run));
    SB_TRY(save_filter(learn, directory, count, run));
    SB_TRY(save_heat(learn, directory, count, run));
    for (size_t r = 0; r < count; r++) SB_TRY(save_seed(learn, directory, &run[r]));
done:
    return status;
}
