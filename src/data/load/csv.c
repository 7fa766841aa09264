#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "data/load/load.h"

/* A cell of the text, without the blanks and quotes around it; doubled quotes inside are still double. */
typedef struct cell {
    const char *text;
    size_t length;
    size_t line, column; /* from 1 */
} cell;

typedef struct parser {
    const char *path, *next, *end, *line_start;
    size_t line;
    char separator;
    cell *cells; /* [count] of the present record */
    size_t count, room;
} parser;

#define WHERE "%s:%zu:%zu: "

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t column_here(const parser *p)
{
    return (size_t)(p->next - p->line_start) + 1;
}

static void next_line(parser *p)
{
    p->next++;
    p->line++;
    p->line_start = p->next;
}

/* To the first line that counts. */
static void skip_lines(parser *p)
{
    while (p->next < p->end) {
        const char *c = p->next;
        while (c < p->end && blank(*c)) c++;
        if (c < p->end && *c != '\n' && *c != '#') return;
        while (c < p->end && *c != '\n') c++;
        p->next = c;
        if (c < p->end) next_line(p);
    }
}

/* The separator of the first line that counts: a tab if it has one, else a semicolon, else a comma. */
static char find_separator(const parser *p)
{
    bool quoted = false, tab = false, semicolon = false;
    for (const char *c = p->next; c < p->end && (quoted || *c != '\n'); c++) {
        if (*c == '"') quoted = !quoted;
        if (quoted) continue;
        tab |= *c == '\t';
        semicolon |= *c == ';';
    }
    return tab ? '\t' : semicolon ? ';' : ',';
}

static bool cell_ends(const parser *p)
{
    return p->next == p->end || *p->next == p->separator || *p->next == '\n';
}

static void skip_blanks(parser *p)
{
    while (!cell_ends(p) && blank(*p->next)) p->next++;
}

/* From the opening quote to behind the closing one; a doubled quote stands for itself. */
static sb_status read_quoted(parser *p, cell *c)
{
    c->text = ++p->next;
    for (; p->next < p->end; p->next++) {
        if (*p->next == '\n') {
            p->line++;
            p->line_start = p->next + 1;
        }
        if (*p->next != '"') continue;
        if (p->next + 1 == p->end || p->next[1] != '"') break;
        p->next++;
    }
    if (p->next == p->end) return sb_fail(SB_ERR_INPUT, WHERE "a quote is not closed", p->path, c->line, c->column);
    c->length = (size_t)(p->next++ - c->text);
    skip_blanks(p);
    if (!cell_ends(p))
        return sb_fail(SB_ERR_INPUT, WHERE "text behind a closing quote", p->path, p->line, column_here(p));
    return SB_OK;
}

static sb_status read_cell(parser *p, cell *c)
{
    skip_blanks(p);
    *c = (cell){.text = p->next, .line = p->line, .column = column_here(p)};
    if (!cell_ends(p) && *p->next == '"') return read_quoted(p, c);
    for (; !cell_ends(p); p->next++)
        if (*p->next == '\0') return sb_fail(SB_ERR_INPUT, WHERE "a byte 0", p->path, p->line, column_here(p));
    c->length = (size_t)(p->next - c->text);
    while (c->length > 0 && blank(c->text[c->length - 1])) c->length--;
    return SB_OK;
}

static sb_status next_cell(parser *p, bool *more)
{
    if (p->count == p->room) {
        p->room = 2 * p->room + 64;
        cell *larger = realloc(p->cells, p->room * sizeof *larger);
        if (!larger) return sb_fail(SB_ERR_NOMEM, "no memory for %zu columns of %s", p->room, p->path);
        p->cells = larger;
    }
    sb_status status = read_cell(p, &p->cells[p->count++]);
    *more = status == SB_OK && p->next < p->end && *p->next == p->separator;
    if (*more) p->next++;
    return status;
}

/* The next line that counts as cells; count = 0 at the end of the file. */
static sb_status read_record(parser *p)
{
    p->count = 0;
    skip_lines(p);
    sb_status status = SB_OK;
    for (bool more = p->next < p->end; status == SB_OK && more;) status = next_cell(p, &more);
    if (status == SB_OK && p->next < p->end) next_line(p);
    return status;
}

/* Whether the cell is a decimal number, which may be too large or "nan". */
static bool number(const cell *c, double *value)
{
    char text[128], *end;
    size_t digits = strspn(c->text, "0123456789.eE+-");
    if (c->length == 0 || c->length >= sizeof text) return false;
    memcpy(text, c->text, c->length);
    text[c->length] = '\0';
    const char *word = text + (*text == '-');
    if (digits < c->length && !sb_same_word(word, "nan") && !sb_same_word(word, "inf")) return false;
    *value = sb_text_real(text, &end);
    return *end == '\0';
}

static bool whole(const cell *c, size_t *value)
{
    double real;
    if (!number(c, &real) || !(real >= 0 && real < 1e15) || real != floor(real)) return false;
    *value = (size_t)real;
    return true;
}

/* `506,13,,`: how many rows and inputs there are, and no other number. */
static bool is_counts(const parser *p, size_t *rows, size_t *inputs)
{
    double value;
    if (p->count < 3 || !whole(&p->cells[0], rows) || !whole(&p->cells[1], inputs)) return false;
    for (size_t i = 2; i < p->count; i++)
        if (number(&p->cells[i], &value)) return false;
    return true;
}

static bool is_header(const parser *p)
{
    double value;
    bool text = false;
    for (size_t i = 0; i < p->count; i++) {
        if (number(&p->cells[i], &value)) return false;
        text |= p->cells[i].length > 0;
    }
    return text;
}

/* A copy with doubled quotes made single. */
static char *unquoted(const cell *c)
{
    char *copy = malloc(c->length + 1), *to = copy;
    for (size_t i = 0; copy && i < c->length; i++) {
        *to++ = c->text[i];
        if (c->text[i] == '"') i++;
    }
    if (copy) *to = '\0';
    return copy;
}

static sb_status keep_names(const parser *p, sb_csv *csv)
{
    csv->columns = p->count;
    csv->name = calloc(p->count, sizeof *csv->name);
    for (size_t i = 0; csv->name && i < p->count; i++)
        if (!(csv->name[i] = unquoted(&p->cells[i]))) break;
    return csv->name && csv->name[p->count - 1] ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu names", p->count);
}

static sb_status complain(const parser *p, const cell *c, const sb_csv *csv, size_t column)
{
    char name[64] = "";
    if (csv->name) sb_format(name, sizeof name, " \"%.40s\"", csv->name[column]);
    if (c->length == 0)
        return sb_fail(SB_ERR_INPUT, WHERE "column %zu%s is empty", p->path, c->line, c->column, column + 1, name);
    return sb_fail(SB_ERR_INPUT, WHERE "\"%.*s\" in column %zu%s is not a finite number", p->path, c->line, c->column,
                   (int)(c->length < 40 ? c->length : 40), c->text, column + 1, name);
}

static sb_status keep_row(const parser *p, sb_csv *csv, size_t *room)
{
    if (csv->columns == 0) csv->columns = p->count;
    if (p->count != csv->columns) {
        const cell *last = &p->cells[p->count - 1];
        return sb_fail(SB_ERR_INPUT, WHERE "%zu columns instead of %zu", p->path, last->line, last->column, p->count,
                       csv->columns);
    }
    if (csv->rows == *room) {
        *room = 2 * *room + 1;
        double *larger = realloc(csv->value, *room * csv->columns * sizeof *larger);
        if (!larger) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows of %s", *room, p->path);
        csv->value = larger;
    }
    for (size_t i = 0; i < p->count; i++) {
        double *value = &csv->value[csv->rows * csv->columns + i];
        if (!number(&p->cells[i], value) || !isfinite(*value)) return complain(p, &p->cells[i], csv, i);
    }
    csv->rows++;
    return SB_OK;
}

static sb_status parse(parser *p, sb_csv *csv)
{
    size_t rows = 0, inputs = 0, room = 0, first_line;
    sb_status status = SB_OK;
    if (p->end - p->next >= 3 && memcmp(p->next, "\xEF\xBB\xBF", 3) == 0) p->next += 3; /* the mark of UTF-8 */
    skip_lines(p);
    first_line = p->line;
    p->separator = find_separator(p);
    SB_TRY(read_record(p));
    bool counts = is_counts(p, &rows, &inputs);
    if (counts) SB_TRY(read_record(p));
    if (is_header(p)) {
        SB_TRY(keep_names(p, csv));
        SB_TRY(read_record(p));
    }
    while (p->count > 0) {
        SB_TRY(keep_row(p, csv, &room));
        SB_TRY(read_record(p));
    }
    if (csv->rows == 0) SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: there are no rows of numbers", p->path, p->line));
    if (counts && (rows != csv->rows || inputs + 1 != csv->columns))
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s:%zu: says %zu rows of %zu inputs, there are %zu of %zu", p->path, first_line,
                       rows, inputs, csv->rows, csv->columns - 1));
done:
    return status;
}

sb_status sb_load_csv(const char *path, sb_csv *csv)
{
    char *text = NULL;
    size_t length;
    *csv = (sb_csv){0};
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    parser p = {.path = path, .next = text, .end = text + length, .line_start = text, .line = 1};
    status = parse(&p, csv);
    free(p.cells);
    free(text);
    if (status != SB_OK) sb_csv_clear(csv);
    return status;
}

void sb_csv_clear(sb_csv *csv)
{
    for (size_t i = 0; csv->name && i < csv->columns; i++) free(csv->name[i]);
    free(csv->name);
    free(csv->value);
    *csv = (sb_csv){0};
}
