#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/text.h"
#include "data/load/load.h"
#include "core/records.h"

/* What stands before the first row of numbers. */
typedef struct head {
    size_t line, rows, inputs; /* of a line of counts; line = 0: there is none */
    sb_cell *first;            /* [count] cells of the first line behind it */
    size_t count;
} head;

struct sb_csv_text {
    char *text;
    sb_records records; /* at the first row */
    head head;
};

/* ---- the first lines ---- */

static sb_cell_kind kind_of(const sb_cell *cell)
{
    double value;
    return sb_cell_number(cell, &value);
}

static bool whole(const sb_cell *cell, size_t *value)
{
    double real;
    if (sb_cell_number(cell, &real) != SB_CELL_NUMBER || !(real >= 0 && real < 1e15) || real != floor(real))
        return false;
    *value = (size_t)real;
    return true;
}

/* `506,13,,`: how many rows and inputs there are, and no other number; rows of `next` cells follow. */
static bool is_counts(const head *h, size_t next, size_t *rows, size_t *inputs)
{
    if (h->count < 3 || !whole(&h->first[0], rows) || !whole(&h->first[1], inputs) || *inputs + 1 != next) return false;
    for (size_t i = 2; i < h->count; i++)
        if (kind_of(&h->first[i]) == SB_CELL_NUMBER) return false;
    return true;
}

static size_t count_kind(const head *h, sb_cell_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++) count += kind_of(&h->first[i]) == kind;
    return count;
}

static bool digits(const sb_cell *cell)
{
    return cell->length > 0 && strspn(cell->text, "0123456789") >= cell->length;
}

/* 0,1,2, with or without an empty cell before, which is what pandas writes for columns without names; or numbers such
 * as 2019,2020,2021 above others that are not all whole. */
static bool counts_up(const head *h, const sb_records *next)
{
    size_t start = h->count > 0 && h->first[0].length == 0, first = 0, here;
    bool whole_below = true;
    if (h->count < start + 2 || !digits(&h->first[start]) || !whole(&h->first[start], &first)) return false;
    for (size_t i = start + 1; i < h->count; i++)
        if (!digits(&h->first[i]) || !whole(&h->first[i], &here) || here != first + i - start) return false;
    for (size_t i = start; i < next->count; i++) whole_below &= digits(&next->cells[i]);
    return first == 0 || (h->count > start + 2 && !whole_below);
}

/* Whether the first line is a header. */
static sb_status find_header(const head *h, const sb_records *next, const char *path, const char *say, bool *header)
{
    size_t numbers = count_kind(h, SB_CELL_NUMBER), words = count_kind(h, SB_CELL_WORD);
    *header = strcmp(say, "yes") == 0 || (strcmp(say, "auto") == 0 && numbers == 0 && words > 0);
    if (strcmp(say, "auto") != 0 || *header || next->count == 0) return SB_OK;
    if (words == 0 && counts_up(h, next)) {
        *header = h->first[0].length == 0;
        if (*header) return SB_OK;
        return sb_fail(SB_ERR_INPUT,
                       SB_CELL_AT "numbers that count may be a header or an example: say data.header = \"yes\" or "
                                  "\"no\"",
                       path, h->first[0].line, h->first[0].column);
    }
    for (size_t i = 0; words > 0 && i < h->count && i < next->count; i++) {
        const sb_cell *c = &h->first[i];
        if (kind_of(c) != SB_CELL_WORD || kind_of(&next->cells[i]) != SB_CELL_NUMBER) continue;
        return sb_fail(SB_ERR_INPUT,
                       SB_CELL_AT "\"%.*s\" in column %zu is not a finite number; if this line is a header, say "
                                  "data.header = \"yes\"",
                       path, c->line, c->column, (int)(c->length < 40 ? c->length : 40), c->text, i + 1);
    }
    return SB_OK;
}

static sb_status keep_names(sb_csv *csv, const sb_cell *cells, size_t count)
{
    if (count == 0) return SB_OK;
    csv->name = calloc(count + 1, sizeof *csv->name); /* room for that of row names */
    csv->names = count;
    for (size_t i = 0; csv->name && i < count; i++)
        if (!(csv->name[i] = sb_cell_copy(&cells[i]))) break;
    return csv->name && csv->name[count - 1] ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu names", count);
}

/* `# x y z` right before the first row, as numpy.savetxt writes: names, if it has as many words as the row. */
static sb_status names_of_comment(sb_csv *csv, const sb_records *row)
{
    if (!row->comment) return SB_OK;
    const char *end = strchr(row->comment, '\n');
    sb_records r = *row;
    r.next = r.line_start = row->comment;
    r.end = end ? end : row->end;
    r.cells = NULL;
    r.room = 0;
    sb_status status = sb_records_next(&r);
    bool words = status == SB_OK && r.count == row->count;
    for (size_t i = 0; words && i < r.count; i++) words = kind_of(&r.cells[i]) == SB_CELL_WORD;
    if (words) status = keep_names(csv, r.cells, r.count);
    free(r.cells);
    return status == SB_ERR_INPUT ? SB_OK : status; /* a comment need not be cells */
}

static bool ends_empty(const sb_records *r)
{
    return r->count > 1 && r->cells[r->count - 1].length == 0;
}

static void rewind_to(sb_records *r, const sb_records *place)
{
    sb_cell *cells = r->cells;
    size_t room = r->room;
    *r = *place;
    r->cells = cells;
    r->room = room;
}

/* Whether all rows end with a separator, which then makes no column. */
static sb_status all_end_empty(sb_records *r, const sb_records *rows, bool *all)
{
    sb_status status = SB_OK;
    rewind_to(r, rows);
    *all = r->usual != ' ';
    SB_TRY(sb_records_next(r));
    *all &= ends_empty(r);
    while (*all && r->count > 0) {
        SB_TRY(sb_records_next(r));
        *all &= r->count == 0 || ends_empty(r);
    }
done:
    return status;
}

/* The columns, from the header and the first row of `count` cells. */
static void find_columns(sb_csv *csv, size_t count)
{
    size_t names = csv->names;
    csv->columns = count - csv->trailing;
    if (names > 0 && names == csv->columns + 1 && !*csv->name[names - 1]) {
        free(csv->name[--csv->names]);
        csv->name[csv->names] = NULL;
    }
    if (names > 0 && count > 0 && names == csv->columns - 1) { /* R: the first column are the names of the rows */
        memmove(csv->name + 1, csv->name, names * sizeof *csv->name);
        csv->name[0] = calloc(1, 1);
        csv->names++;
    }
    if (csv->names > 0) csv->columns = csv->names; /* rows of another length are told of when they are read */
    csv->index = csv->names > 1 && csv->columns > 1 && csv->name[0] &&
                 (!*csv->name[0] || strcmp(csv->name[0], "Unnamed: 0") == 0);
}

static sb_status copy_cells(const sb_records *r, head *h)
{
    free(h->first);
    h->count = r->count;
    h->first = malloc((r->count + 1) * sizeof *h->first);
    if (!h->first) return sb_fail(SB_ERR_NOMEM, "no memory for %zu columns of %s", r->count, r->path);
    for (size_t i = 0; i < r->count; i++) h->first[i] = r->cells[i];
    return SB_OK;
}

/* Counts, header, columns; then to the first row. */
static sb_status read_head(sb_csv *csv, const char *say)
{
    sb_status status = SB_OK;
    sb_records *r = &csv->text->records, rows = *r, behind;
    head *h = &csv->text->head;
    bool header = false;
    SB_TRY(sb_records_next(r));
    SB_TRY(copy_cells(r, h));
    behind = *r;
    SB_TRY(sb_records_next(r));
    if (strcmp(say, "no") != 0 && is_counts(h, r->count, &h->rows, &h->inputs)) {
        h->line = h->first[0].line;
        rows = behind;
        SB_TRY(copy_cells(r, h));
        behind = *r;
        SB_TRY(sb_records_next(r));
    }
    SB_TRY(find_header(h, r, r->path, say, &header));
    if (header) SB_TRY(keep_names(csv, h->first, h->count));
    if (header) rows = behind;
    SB_TRY(all_end_empty(r, &rows, &csv->trailing));
    rewind_to(r, &rows);
    SB_TRY(sb_records_next(r));
    if (!header) SB_TRY(names_of_comment(csv, r));
    find_columns(csv, r->count);
    rewind_to(r, &rows);
    if (csv->names > 0 && !csv->name[0]) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the names of %s", r->path));
    if (csv->columns == 0) status = sb_fail(SB_ERR_INPUT, "%s:%zu: there are no rows of numbers", r->path, r->line);
done:
    return status;
}

sb_status sb_csv_open(sb_csv *csv, const char *path, const char *header)
{
    sb_status status = SB_OK;
    sb_reader reader;
    size_t length = 0;
    *csv = (sb_csv){.path = path, .text = calloc(1, sizeof *csv->text)};
    if (!csv->text) return sb_fail(SB_ERR_NOMEM, "no memory for %s", path);
    SB_TRY(sb_reader_open(&reader, path));
    status = sb_reader_rest(&reader, &csv->text->text, &length);
    sb_reader_close(&reader);
    SB_TRY(status);
    SB_TRY(sb_decode(path, &csv->text->text, &length));
    sb_records_open(&csv->text->records, path, csv->text->text, length);
    SB_TRY(read_head(csv, header && *header ? header : "auto"));
done:
    if (status != SB_OK) sb_csv_clear(csv);
    return status;
}

/* ---- rows ---- */

static sb_status complain(const sb_csv *csv, const sb_cell *c, size_t column)
{
    bool missing = kind_of(c) == SB_CELL_MISSING;
    const char *hint = missing ? "; data.missing = \"drop\" leaves such rows out" : sb_cell_hint(c);
    if (!*hint) hint = "; data.inputs and data.columns name the columns that are read";
    char name[64] = "";
    if (csv->names > 0) sb_format(name, sizeof name, " \"%.40s\"", csv->name[column]);
    if (c->length == 0)
        return sb_fail(SB_ERR_INPUT, SB_CELL_AT "column %zu%s is empty%s", csv->path, c->line, c->column, column + 1,
                       name, hint);
    return sb_fail(SB_ERR_INPUT, SB_CELL_AT "\"%.*s\" in column %zu%s is not a finite number%s", csv->path, c->line,
                   c->column, (int)(c->length < 40 ? c->length : 40), c->text, column + 1, name, hint);
}

static sb_status check_count(const sb_csv *csv, const sb_records *r)
{
    const sb_cell *last = &r->cells[r->count - 1];
    bool surplus = csv->trailing && r->count == csv->columns + 1 && last->length == 0;
    if (r->count == csv->columns || surplus) return SB_OK;
    return sb_fail(SB_ERR_INPUT, SB_CELL_AT "%zu columns instead of %zu", csv->path, last->line, last->column, r->count,
                   csv->columns);
}

static sb_status make_room(sb_csv *csv, size_t used, size_t *room)
{
    if (csv->rows < *room) return SB_OK;
    size_t more = 2 * *room + 16;
    double *value = realloc(csv->value, more * used * sizeof *value);
    if (value) csv->value = value;
    size_t *row = value ? realloc(csv->row, more * sizeof *row) : NULL;
    if (!row) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows of %s", more, csv->path);
    csv->row = row;
    *room = more;
    return SB_OK;
}

/* The numbers of one row; *whole = false where one is missing and such rows are left out. */
static sb_status read_row(sb_csv *csv, const sb_records *r, size_t used, const size_t *column, bool drop,
                          sb_marks *marks, bool *whole)
{
    double *value = csv->value + csv->rows * used;
    *whole = true;
    for (size_t i = 0; i < used; i++) {
        const sb_cell *c = &r->cells[column[i]];
        sb_cell_kind kind = sb_cell_number(c, &value[i]);
        bool left_out = kind == SB_CELL_MISSING && drop;
        if (!left_out && (kind != SB_CELL_NUMBER || !isfinite(value[i]))) return complain(csv, c, column[i]);
        if (left_out)
            *whole = false;
        else
            sb_marks_see(marks, c);
    }
    return SB_OK;
}

static sb_status check_rows(const sb_csv *csv)
{
    const head *h = &csv->text->head;
    size_t rows = csv->rows + csv->dropped;
    if (rows == 0)
        return sb_fail(SB_ERR_INPUT, "%s:%zu: there are no rows of numbers", csv->path, csv->text->records.line);
    if (csv->rows == 0)
        return sb_fail(SB_ERR_INPUT, "%s: a number is missing in each of its %zu rows", csv->path, rows);
    if (h->line && (h->rows != rows || h->inputs + 1 != csv->columns))
        return sb_fail(
            SB_ERR_INPUT,
            "%s:%zu: says %zu rows of %zu inputs, there are %zu of %zu (data.header = \"no\" where this is an example)",
            csv->path, h->line, h->rows, h->inputs, rows, csv->columns - 1);
    return SB_OK;
}

sb_status sb_csv_read(sb_csv *csv, size_t used, const size_t *column, bool drop)
{
    sb_status status = SB_OK;
    sb_records *r = &csv->text->records;
    sb_marks marks = {0};
    size_t room = 0;
    SB_TRY(sb_records_next(r));
    while (r->count > 0) {
        bool whole;
        SB_TRY(check_count(csv, r));
        SB_TRY(make_room(csv, used, &room));
        SB_TRY(read_row(csv, r, used, column, drop, &marks, &whole));
        csv->row[csv->rows] = csv->rows + csv->dropped + 1;
        if (whole)
            csv->rows++;
        else
            csv->dropped++;
        SB_TRY(sb_records_next(r));
    }
    SB_TRY(check_rows(csv));
    SB_TRY(sb_marks_check(&marks, r));
done:
    return status;
}

void sb_csv_clear(sb_csv *csv)
{
    for (size_t i = 0; csv->name && i < csv->names; i++) free(csv->name[i]);
    free(csv->name);
    free(csv->value);
    free(csv->row);
    if (csv->text) {
        free(csv->text->text);
        free(csv->text->records.cells);
        free(csv->text->head.first);
    }
    free(csv->text);
    *csv = (sb_csv){0};
}
