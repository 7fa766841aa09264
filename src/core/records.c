#include "core/records.h"

#include <stdlib.h>
#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t column_here(const sb_records *r)
{
    return (size_t)(r->next - r->line_start) + 1;
}

static void next_line(sb_records *r)
{
    r->next++;
    r->line++;
    r->line_start = r->next;
}

/* To the first line that counts. */
static void skip_lines(sb_records *r)
{
    r->comment = NULL;
    while (r->next < r->end) {
        const char *c = r->next;
        while (c < r->end && blank(*c)) c++;
        if (c < r->end && *c != '\n' && *c != '#') return;
        r->comment = c < r->end && *c == '#' ? c + 1 : NULL;
        while (c < r->end && *c != '\n') c++;
        r->next = c;
        if (c < r->end) next_line(r);
    }
}

/* ---- the separator ---- */

static bool only_numbers(const char *line, size_t length)
{
    return strspn(line, "0123456789.eE+-,;|\" \t") >= length;
}

/* Numbers, and words for missing ones, with nothing but blanks between them: their commas are decimal commas. Tabs
 * alone separate by themselves, unless they count as blanks. */
static bool blanks_separate(const char *line, size_t length, bool tabs)
{
    bool between = false;
    double value;
    for (size_t i = strspn(line, " \t"), n = 0; i < length; i += n + strspn(line + i + n, " \t")) {
        between |= n > 0 && (tabs || line[i - 1] == ' ');
        n = strcspn(line + i, " \t\n");
        if (i + n > length) n = length - i;
        sb_cell cell = {.text = line + i, .length = n};
        if (n == 0 || line[i] == ',' || line[i + n - 1] == ',' || sb_cell_number(&cell, &value) == SB_CELL_WORD)
            return false;
    }
    return between;
}

/* A tab where the line has one outside quotes, else a semicolon, a bar, a comma, else blanks. */
static char separator_of(const char *line, size_t length)
{
    static const char order[] = "\t;|,";
    bool quoted = false, has[sizeof order] = {false};
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '"') quoted = !quoted;
        const char *here = quoted ? NULL : strchr(order, line[i]);
        if (here && *here) has[here - order] = true;
    }
    for (size_t i = 0; order[i]; i++)
        if (has[i]) return order[i];
    return ' ';
}

/* Of the first line of numbers among three that count, else of the last of them: a header says little. */
static char find_separator(const sb_records *records)
{
    sb_records r = *records;
    char found = ',';
    bool numbers = false, blanks = true;
    for (int i = 0; i < 3; i++) {
        skip_lines(&r);
        const char *start = r.next;
        bool quoted = false;
        if (start == r.end) break;
        for (; r.next < r.end && (quoted || *r.next != '\n'); r.next++) quoted ^= *r.next == '"';
        size_t length = (size_t)(r.next - start);
        if (!numbers) found = separator_of(start, length);
        bool blank_line = blanks_separate(start, length, false);
        if (blank_line || only_numbers(start, length)) {
            numbers = true;
            blanks &= blank_line;
        }
        if (r.next < r.end) next_line(&r);
    }
    return numbers && blanks ? ' ' : found;
}

static bool comma_beside_blank(const char *line, size_t length)
{
    for (size_t i = 1; i < length; i++)
        if ((line[i] == ',' && blank(line[i - 1])) || (line[i - 1] == ',' && blank(line[i]))) return true;
    return false;
}

/* Of the line that comes. */
static char separator_here(sb_records *r)
{
    const char *end = memchr(r->next, '\n', (size_t)(r->end - r->next));
    size_t length = (size_t)((end ? end : r->end) - r->next);
    if (r->usual != ' ')
        return memchr(r->next, r->usual, length) || !blanks_separate(r->next, length, true) ? r->usual : ' ';
    bool commas = memchr(r->next, ',', length) && comma_beside_blank(r->next, length) &&
                  only_numbers(r->next, length) && !blanks_separate(r->next, length, true);
    if (commas && r->odd == 0) r->odd = r->line;
    return commas ? separator_of(r->next, length) : ' ';
}

/* ---- cells ---- */

static bool line_ends(const sb_records *r)
{
    return r->next == r->end || *r->next == '\n';
}

static bool cell_ends(const sb_records *r)
{
    return line_ends(r) || *r->next == r->separator || (r->separator == ' ' && blank(*r->next));
}

static void skip_blanks(sb_records *r)
{
    while (!line_ends(r) && blank(*r->next) && (r->separator == ' ' || *r->next != r->separator)) r->next++;
}

/* From the opening quote to behind the closing one; a doubled quote stands for itself. */
static sb_status read_quoted(sb_records *r, sb_cell *c)
{
    c->text = ++r->next;
    for (; r->next < r->end; r->next++) {
        if (*r->next == '\n') {
            r->line++;
            r->line_start = r->next + 1;
        }
        if (*r->next != '"') continue;
        if (r->next + 1 == r->end || r->next[1] != '"') break;
        r->next++;
    }
    if (r->next == r->end)
        return sb_fail(SB_ERR_INPUT, SB_CELL_AT "a quote is not closed", r->path, c->line, c->column);
    c->length = (size_t)(r->next++ - c->text);
    if (r->separator != ' ') skip_blanks(r);
    if (!cell_ends(r))
        return sb_fail(SB_ERR_INPUT, SB_CELL_AT "text behind a closing quote", r->path, r->line, column_here(r));
    return SB_OK;
}

static sb_status read_cell(sb_records *r, sb_cell *c)
{
    skip_blanks(r);
    *c = (sb_cell){.text = r->next, .line = r->line, .column = column_here(r)};
    if (!cell_ends(r) && *r->next == '"') return read_quoted(r, c);
    while (!cell_ends(r)) r->next++;
    c->length = (size_t)(r->next - c->text);
    while (c->length > 0 && blank(c->text[c->length - 1])) c->length--;
    return SB_OK;
}

static sb_status next_cell(sb_records *r, bool *more)
{
    if (r->count == r->room) {
        size_t room = 2 * r->room + 64;
        sb_cell *larger = realloc(r->cells, room * sizeof *larger);
        if (!larger) return sb_fail(SB_ERR_NOMEM, "no memory for %zu columns of %s", room, r->path);
        r->cells = larger;
        r->room = room;
    }
    sb_status status = read_cell(r, &r->cells[r->count++]);
    if (r->separator == ' ') skip_blanks(r);
    *more = status == SB_OK && !line_ends(r);
    if (*more && r->separator != ' ') r->next++;
    return status;
}

void sb_records_open(sb_records *records, const char *path, const char *text, size_t length)
{
    *records = (sb_records){.path = path, .next = text, .end = text + length, .line_start = text, .line = 1};
    bool told = length > 5 && strncmp(text, "sep=", 4) == 0 && text[5] == '\n'; /* Excel */
    if (told) {
        records->next += 5;
        next_line(records);
    }
    records->usual = told ? text[4] : find_separator(records);
}

sb_status sb_records_next(sb_records *records)
{
    records->count = 0;
    skip_lines(records);
    records->separator = separator_here(records);
    sb_status status = SB_OK;
    for (bool more = records->next < records->end; status == SB_OK && more;) status = next_cell(records, &more);
    if (status == SB_OK && records->next < records->end) next_line(records);
    return status;
}

char *sb_cell_copy(const sb_cell *cell)
{
    char *copy = malloc(cell->length + 1), *to = copy;
    for (size_t i = 0; copy && i < cell->length; i++) {
        *to++ = cell->text[i];
        if (cell->text[i] == '"') i++;
    }
    if (copy) *to = '\0';
    return copy;
}

sb_status sb_records_head(const char *path, const char *text, const char *head)
{
    for (size_t column = 1;; column++) {
        size_t found = strcspn(text, "\t\n"), wanted = strcspn(head, "\t");
        if (found != wanted || strncmp(text, head, wanted) != 0)
            return sb_fail(SB_ERR_INPUT,
                           "%s:1: column %zu is \"%.*s\", not \"%.*s\": a table of other items or of another version",
                           path, column, (int)found, text, (int)wanted, head);
        text += found;
        head += wanted;
        if (!*head && *text == '\n') return SB_OK;
        if (!*head || *text != '\t')
            return sb_fail(SB_ERR_INPUT, "%s:1: %s columns than %zu", path, *head ? "no more" : "more", column);
        text++;
        head++;
    }
}
