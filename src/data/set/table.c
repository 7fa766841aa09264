#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "data/load/load.h"
#include "data/set/set.h"

typedef struct part {
    sb_csv csv;
    const size_t *column; /* inputs, then wanted outputs */
    sb_source source;
} part;

static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const part *p = source->data;
    const double *row = p->csv.value + i * p->csv.columns;
    size_t inputs = source->input.channels;
    for (size_t j = 0; j < inputs; j++) x[j] = row[p->column[j]];
    for (size_t j = 0; y && j < source->output.channels; j++) y[j] = row[p->column[inputs + j]];
}

static sb_status no_such_column(const char *path, const sb_csv *csv, const char *name)
{
    const char *nearest = NULL;
    for (size_t i = 0; csv->name && i < csv->columns; i++)
        if (!nearest || sb_edit_distance(name, csv->name[i]) < sb_edit_distance(name, nearest)) nearest = csv->name[i];
    if (nearest)
        return sb_fail(SB_ERR_INPUT, "%s: no column \"%s\" among its %zu; the nearest is \"%.60s\"", path, name,
                       csv->columns, nearest);
    return sb_fail(SB_ERR_INPUT, "%s: no column \"%s\": there are %zu, without names", path, name, csv->columns);
}

/* A name goes before a number. */
static sb_status find_column(const char *path, const sb_csv *csv, const char *name, size_t *column)
{
    size_t found = 0;
    for (size_t i = 0; csv->name && i < csv->columns; i++) {
        if (strcmp(csv->name[i], name) != 0) continue;
        *column = i;
        found++;
    }
    if (found > 1) return sb_fail(SB_ERR_INPUT, "%s: %zu columns are called \"%s\"", path, found, name);
    if (found == 1) return SB_OK;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (name[0] < '0' || name[0] > '9' || *end || number < 1 || number > csv->columns)
        return no_such_column(path, csv, name);
    *column = number - 1;
    return SB_OK;
}

/* column[csv->columns]: first those that are inputs, then the `outputs` wanted ones. */
static sb_status sort_columns(const sb_dataset_spec *spec, const sb_csv *csv, size_t outputs, size_t *column)
{
    size_t inputs = csv->columns - outputs, next = 0;
    for (size_t j = 0; j < outputs; j++) {
        size_t *here = &column[inputs + j];
        *here = csv->columns - 1;
        sb_status status = spec->columns ? find_column(spec->file, csv, spec->column[j], here) : SB_OK;
        if (status != SB_OK) return status;
        for (size_t i = 0; i < j; i++)
            if (column[inputs + i] == *here)
                return sb_fail(SB_ERR_INPUT, "%s: column %zu is to be learned twice", spec->file, *here + 1);
    }
    for (size_t i = 0; i < csv->columns; i++) {
        bool wanted = false;
        for (size_t j = 0; j < outputs; j++) wanted |= column[inputs + j] == i;
        if (!wanted) column[next++] = i;
    }
    return SB_OK;
}

/* The columns of the test file are those of the first, by number and by name. */
static sb_status same_columns(const char *path, const sb_csv *first, const sb_csv *second)
{
    if (first->columns != second->columns)
        return sb_fail(SB_ERR_INPUT, "%s: %zu columns, the training file has %zu", path, second->columns,
                       first->columns);
    for (size_t i = 0; first->name && second->name && i < first->columns; i++)
        if (strcmp(first->name[i], second->name[i]) != 0)
            return sb_fail(SB_ERR_INPUT, "%s: column %zu is \"%.60s\", in the training file \"%.60s\"", path, i + 1,
                           second->name[i], first->name[i]);
    return SB_OK;
}

static sb_source source_of(const part *p, const char *path, size_t outputs)
{
    return (sb_source){.name = path,
                       .n = p->csv.rows,
                       .input = {1, 1, p->csv.columns - outputs},
                       .output = {1, 1, outputs},
                       .take = take,
                       .data = p};
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    part p[2] = {0};
    size_t *column = NULL, outputs = spec->autoencoder ? 0 : spec->columns ? spec->columns : 1;
    bool second = sb_given(spec->test_file);
    sb_status status = sb_need_file(spec, "table");
    if (status != SB_OK) return status;
    SB_TRY(sb_load_csv(spec->file, &p[0].csv));
    if (second) SB_TRY(sb_load_csv(spec->test_file, &p[1].csv));
    if (second) SB_TRY(same_columns(spec->test_file, &p[0].csv, &p[1].csv));
    if (outputs >= p[0].csv.columns)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: of its %zu columns %zu are to be learned, none is left as input", spec->file,
                       p[0].csv.columns, outputs));
    column = malloc(p[0].csv.columns * sizeof *column);
    if (!column) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu columns", p[0].csv.columns));
    SB_TRY(sort_columns(spec, &p[0].csv, outputs, column));
    p[0].column = p[1].column = column;
    p[0].source = source_of(&p[0], spec->file, outputs);
    if (second) p[1].source = source_of(&p[1], spec->test_file, outputs);
    SB_TRY(sb_choose_from_files(spec, &p[0].source, second ? &p[1].source : NULL, train, tests, count));
done:
    sb_csv_clear(&p[0].csv);
    sb_csv_clear(&p[1].csv);
    free(column);
    return status;
}

const sb_dataset_kind sb_dataset_table = {
    .name = "table", .title = "rows of a CSV or TSV file; the columns data.columns are to be learned", .make = make};
