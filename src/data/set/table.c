#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "data/load/load.h"
#include "data/set/set.h"

typedef struct part {
    sb_csv csv; /* columns read: the inputs, then the wanted outputs */
    sb_source source;
    char about[256];
} part;

/* Which columns are what. */
typedef struct roles {
    size_t *column; /* [inputs + outputs] */
    size_t inputs, outputs;
} roles;

static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const part *p = source->data;
    size_t inputs = source->input.channels, outputs = source->output.channels;
    const double *row = p->csv.value + i * (inputs + outputs);
    memcpy(x, row, inputs * sizeof *x);
    if (y) memcpy(y, row + inputs, outputs * sizeof *y);
}

static sb_status no_such_column(const sb_csv *csv, const char *name)
{
    const char *nearest = NULL;
    for (size_t i = 0; i < csv->names; i++)
        if (!nearest || sb_edit_distance(name, csv->name[i]) < sb_edit_distance(name, nearest)) nearest = csv->name[i];
    if (nearest)
        return sb_fail(SB_ERR_INPUT, "%s: no column \"%s\" among its %zu; the nearest is \"%.60s\"", csv->path, name,
                       csv->columns, nearest);
    return sb_fail(SB_ERR_INPUT, "%s: no column \"%s\": there are %zu, without names", csv->path, name, csv->columns);
}

/* A name goes before a number. */
static sb_status find_column(const sb_csv *csv, const char *name, size_t *column)
{
    size_t found = 0;
    for (size_t i = 0; i < csv->names; i++) {
        if (strcmp(csv->name[i], name) != 0) continue;
        *column = i;
        found++;
    }
    if (found > 1) return sb_fail(SB_ERR_INPUT, "%s: %zu columns are called \"%s\"", csv->path, found, name);
    if (found == 1) return SB_OK;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (name[0] < '0' || name[0] > '9' || *end || number < 1 || number > csv->columns) return no_such_column(csv, name);
    *column = number - 1;
    return SB_OK;
}

/* The columns of these names, none of them among the `known` ones. */
static sb_status find_columns(const sb_csv *csv, const char *what, size_t count, const char *const *name, size_t known,
                              size_t *column)
{
    for (size_t j = known; j < known + count; j++) {
        sb_status status = find_column(csv, name[j - known], &column[j]);
        if (status != SB_OK) return status;
        for (size_t i = 0; i < j; i++)
            if (column[i] == column[j])
                return sb_fail(SB_ERR_INPUT, "%s: column %zu is %s", csv->path, column[j] + 1,
                               i < known ? "to be learned and an input" : what);
    }
    return SB_OK;
}

/* All columns but the wanted ones and an index. */
static size_t other_columns(const sb_csv *csv, size_t outputs, const size_t *output, size_t *column)
{
    size_t inputs = 0;
    for (size_t i = csv->index; i < csv->columns; i++) {
        bool wanted = false;
        for (size_t j = 0; j < outputs; j++) wanted |= output[j] == i;
        if (!wanted) column[inputs++] = i;
    }
    return inputs;
}

/* The wanted outputs are found first and stand behind the inputs. */
static sb_status find_roles(const sb_dataset_spec *spec, const sb_csv *csv, roles *r)
{
    size_t most = 2 * csv->columns + spec->columns + spec->inputs;
    size_t *found = malloc(2 * most * sizeof *found);
    if (!found) return sb_fail(SB_ERR_NOMEM, "no memory for %zu columns", csv->columns);
    size_t *input = found + most;
    sb_status status = SB_OK;
    r->outputs = spec->autoencoder ? 0 : spec->columns ? spec->columns : 1;
    found[0] = csv->columns - 1;
    if (r->outputs > 0 && spec->columns > 0)
        SB_TRY(find_columns(csv, "to be learned twice", r->outputs, spec->column, 0, found));
    r->inputs = spec->inputs ? spec->inputs : other_columns(csv, r->outputs, found, input);
    if (spec->inputs > 0) {
        SB_TRY(find_columns(csv, "an input twice", spec->inputs, spec->input, r->outputs, found));
        memcpy(input, found + r->outputs, r->inputs * sizeof *input);
    }
    if (r->inputs == 0)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: of its %zu columns %zu are to be learned, none is left as input", csv->path,
                       csv->columns, r->outputs));
    memmove(found + r->inputs, found, r->outputs * sizeof *found);
    memcpy(found, input, r->inputs * sizeof *found);
    r->column = found;
    found = NULL;
done:
    free(found);
    return status;
}

/* The columns of the test file are those of the first, by number and by name. */
static sb_status same_columns(const sb_csv *first, const sb_csv *second)
{
    if (first->columns != second->columns)
        return sb_fail(SB_ERR_INPUT, "%s: %zu columns, the training file has %zu", second->path, second->columns,
                       first->columns);
    for (size_t i = 0; i < first->names && i < second->names; i++)
        if (strcmp(first->name[i], second->name[i]) != 0)
            return sb_fail(SB_ERR_INPUT, "%s: column %zu is \"%.60s\", in the training file \"%.60s\"", second->path,
                           i + 1, second->name[i], first->name[i]);
    return SB_OK;
}

/* "a b c", or as many of the names as there is room for; numbers, from 1, where columns have no names */
static void name_columns(const sb_csv *csv, size_t count, const size_t *column, size_t size, char *text)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        char word[40];
        if (column[i] < csv->names && *csv->name[column[i]])
            sb_format(word, sizeof word, "%.32s", csv->name[column[i]]);
        else
            sb_format(word, sizeof word, "%zu", column[i] + 1);
        if (used + strlen(word) + 6 > size) {
            sb_format(text + used, size - used, " ..");
            return;
        }
        used += (size_t)sb_format(text + used, size - used, "%s%s", i ? " " : "", word);
    }
}

static void tell_columns(const roles *r, bool index, part *p)
{
    char inputs[96] = "", outputs[64] = "";
    name_columns(&p->csv, r->inputs, r->column, sizeof inputs, inputs);
    name_columns(&p->csv, r->outputs, r->column + r->inputs, sizeof outputs, outputs);
    sb_format(p->about, sizeof p->about, "inputs %s%s%s", inputs, r->outputs ? ", to be learned " : "", outputs);
    size_t used = strlen(p->about);
    if (index)
        sb_format(p->about + used, sizeof p->about - used, "; its first column \"%.12s\" is an index and no input",
                  *p->csv.name);
}

static sb_status read_part(const sb_dataset_spec *spec, const roles *r, part *p)
{
    bool drop = sb_given(spec->missing) && strcmp(spec->missing, "drop") == 0;
    sb_status status = sb_csv_read(&p->csv, r->inputs + r->outputs, r->column, drop);
    tell_columns(r, p->csv.index && spec->inputs == 0, p);
    p->source = (sb_source){.name = p->csv.path,
                            .n = p->csv.rows,
                            .input = {1, 1, r->inputs},
                            .output = {1, 1, r->outputs},
                            .take = take,
                            .data = p,
                            .row = p->csv.row,
                            .dropped = p->csv.dropped,
                            .about = p->about};
    return status;
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    part p[2] = {0};
    roles r = {0};
    bool second = sb_given(spec->test_file);
    sb_status status = sb_need_file(spec, "table");
    if (status != SB_OK) return status;
    SB_TRY(sb_csv_open(&p[0].csv, spec->file, spec->header));
    if (second) SB_TRY(sb_csv_open(&p[1].csv, spec->test_file, spec->header));
    if (second) SB_TRY(same_columns(&p[0].csv, &p[1].csv));
    SB_TRY(find_roles(spec, &p[0].csv, &r));
    SB_TRY(read_part(spec, &r, &p[0]));
    if (second) SB_TRY(read_part(spec, &r, &p[1]));
    SB_TRY(sb_choose_from_files(spec, &p[0].source, second ? &p[1].source : NULL, train, tests, count));
done:
    sb_csv_clear(&p[0].csv);
    sb_csv_clear(&p[1].csv);
    free(r.column);
    return status;
}

const sb_dataset_kind sb_dataset_kind_table = {.name = "table",
                                               .file = true,
                                               .title =
                                                   "rows of numbers in a text file (CSV, TSV, blanks); the columns "
                                                   "data.columns are to be learned",
                                               .make = make};
