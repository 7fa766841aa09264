#include "case/parse.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"

struct sb_line {
    size_t file;
    unsigned number;
};

enum { DEEPEST = 10, MOST_FILES = 1000, MOST_BYTES = 64000000 };

/* ---- what libconfig does not look at ---- */

typedef enum { CODE, STRING, COMMENT } place;

/* What begins or ends at p, other than code; *length bytes of it. */
static place next_place(const char *p, place now, size_t *length)
{
    *length = 1;
    if (now == STRING && *p == '\\' && p[1] && p[1] != '\n') *length = 2;
    if (now == STRING) return *p == '"' ? CODE : STRING;
    if (now == COMMENT) {
        if (*p != '*' || p[1] != '/') return COMMENT;
        *length = 2;
        return CODE;
    }
    if (*p == '"') return STRING;
    if (*p == '/' && p[1] == '*') {
        *length = 2;
        return COMMENT;
    }
    if (*p == '#' || (*p == '/' && p[1] == '/')) *length = strcspn(p, "\n");
    return CODE;
}

/* A whole word, to tell 10 from x10 and 10.5; 0: none begins at p. */
static size_t word_at(const char *p)
{
    size_t n = 0;
    while (sb_is_alnum(p[n]) || (p[n] && strchr(n ? "._" : ".", p[n])) ||
           (n && (p[n] == '+' || p[n] == '-') && (p[n - 1] == 'e' || p[n - 1] == 'E')))
        n++;
    return n;
}

/* libconfig 1.5 wraps whole numbers beyond 31 bits without a word. */
static bool too_large(const char *word, size_t length)
{
    bool hexadecimal = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    const char *digits = hexadecimal ? "xX0123456789abcdefABCDEF" : "0123456789";
    return strspn(word, digits) >= length && strtoull(word, NULL, hexadecimal ? 16 : 10) > INT_MAX;
}

/* One line; `now` is the place at its start, then at its end. */
static sb_status check_line(const char *where, const char *line, size_t length, place *now)
{
    for (const char *p = line; p < line + length;) {
        size_t word = *now == CODE ? word_at(p) : 0, step = word;
        if (word > 0 && too_large(p, word))
            return sb_fail(SB_ERR_INPUT, "%s: the whole number %.*s is too large (at most %d)", where, (int)word, p,
                           INT_MAX);
        if (word == 0) *now = next_place(p, *now, &step);
        p += step;
    }
    return SB_OK;
}

/* libconfig 1.5 forgets to free a text that is not closed. */
static const char *not_closed(place now)
{
    return now == STRING ? "syntax error: a text is not closed" : "syntax error: a comment is not closed";
}

/* ---- @include ---- */

/* The text with all that it includes. */
typedef struct expansion {
    sb_parsed *parsed;
    char *text;
    size_t used, room;  /* of the text */
    size_t lines;       /* there is room for */
    const char *folder; /* "" or with its slash */
} expansion;

static sb_status no_memory(void)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the configuration");
}

static sb_status add_file(expansion *e, const char *path)
{
    sb_parsed *p = e->parsed;
    char **larger = realloc(p->file, (p->files + 1) * sizeof *larger);
    if (larger) p->file = larger;
    char *copy = larger ? strdup(path) : NULL;
    if (!copy) return no_memory();
    p->file[p->files++] = copy;
    return SB_OK;
}

static sb_status add_line(expansion *e, size_t file, unsigned number, const char *text, size_t length)
{
    sb_parsed *p = e->parsed;
    if (e->used + length + 2 > e->room) {
        size_t room = 2 * e->room + length + 4096;
        char *larger = realloc(e->text, room);
        if (!larger) return no_memory();
        e->text = larger;
        e->room = room;
    }
    if (p->lines == e->lines) {
        size_t lines = 2 * e->lines + 64;
        struct sb_line *larger = realloc(p->line, lines * sizeof *larger);
        if (!larger) return no_memory();
        p->line = larger;
        e->lines = lines;
    }
    memcpy(e->text + e->used, text, length);
    memcpy(e->text + e->used + length, "\n", 2);
    e->used += length + 1;
    p->line[p->lines++] = (struct sb_line){file, number};
    return SB_OK;
}

/* Behind the directive, with the name it includes; NULL: the line has none. */
static const char *name_included(const char *line, char *name, size_t size)
{
    line += strspn(line, " \t");
    if (strncmp(line, "@include", 8) != 0) return NULL;
    line += 8 + strspn(line + 8, " \t");
    if (*line++ != '"') return NULL;
    size_t used = 0;
    for (; *line && *line != '"' && *line != '\n' && used + 1 < size; line++) {
        if (*line == '\\' && line[1] && line[1] != '\n') line++;
        name[used++] = *line;
    }
    name[used] = '\0';
    return *line == '"' ? line + 1 : NULL;
}

static sb_status add_text(expansion *e, const char *path, const char *text, int depth);

static sb_status include(expansion *e, const char *name, int depth)
{
    char path[4096], *text = NULL;
    size_t length;
    sb_format(path, sizeof path, "%s%s", *name == '/' ? "" : e->folder, name);
    if (depth == DEEPEST || e->parsed->files == MOST_FILES || e->used > MOST_BYTES)
        return sb_fail(SB_ERR_INPUT, "too much is included");
    sb_status status = sb_read_text(path, &text, &length);
    if (status == SB_OK) status = add_text(e, path, text, depth + 1);
    free(text);
    return status;
}

/* Line by line. What an included file lacks is told with the line that includes it, faults in it with its own. */
static sb_status add_text(expansion *e, const char *path, const char *text, int depth)
{
    char name[4096], where[4200];
    place now = CODE;
    unsigned number = 1;
    size_t file = e->parsed->files, length;
    sb_status status = add_file(e, path);
    for (const char *line = text; status == SB_OK && *line; line += length + (line[length] == '\n'), number++) {
        length = strcspn(line, "\n");
        sb_format(where, sizeof where, "%s:%u", path, number);
        const char *behind = now == CODE ? name_included(line, name, sizeof name) : NULL, *start = line;
        size_t before = e->parsed->files;
        if (behind) {
            status = include(e, name, depth);
            if (status != SB_OK && e->parsed->files == before) return sb_fail(status, "%s: %s", where, sb_error_text());
            start = behind;
        }
        size_t rest = length - (size_t)(start - line);
        if (status == SB_OK) status = check_line(where, start, rest, &now);
        if (status == SB_OK) status = add_line(e, file, number, start, rest);
    }
    return status == SB_OK && now != CODE ? sb_fail(SB_ERR_INPUT, "%s: %s", where, not_closed(now)) : status;
}

/* ---- libconfig ---- */

static const struct sb_line *line_of(const sb_parsed *parsed, unsigned line)
{
    static const struct sb_line none = {0, 1};
    if (parsed->lines == 0) return &none;
    return &parsed->line[line < 1 ? 0 : line > parsed->lines ? parsed->lines - 1 : line - 1];
}

const char *sb_parsed_at(const sb_parsed *parsed, const config_setting_t *setting, unsigned *line)
{
    const struct sb_line *here = line_of(parsed, config_setting_source_line(setting));
    *line = here->number;
    return parsed->file[here->file];
}

/* Names and texts are copies, which are missing where there was no memory for them. */
static bool is_whole(const config_setting_t *setting)
{
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) return config_setting_get_string(setting) != NULL;
    if (!config_setting_is_aggregate(setting)) return true;
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        if (!member || !is_whole(member)) return false;
        if (config_setting_is_group(setting) && !config_setting_name(member)) return false;
    }
    return true;
}

sb_status sb_parse(config_t *config, const char *text)
{
    /* libconfig 1.5 reads through the null pointer, or ends the process, when its parser gets no memory; it needs a
     * node of 100 bytes for every two characters, at most */
    if (sb_memory_check(65536 + 64 * strlen(text)) != SB_OK) return no_memory();
    config_init(config);
    locale_t host = sb_text_enter();
    bool read = config_read_string(config, text) == CONFIG_TRUE;
    sb_text_leave(host);
    if (!read) return sb_fail(SB_ERR_INPUT, "%s", config_error_text(config));
    return is_whole(config_root_setting(config)) ? SB_OK : no_memory();
}

static sb_status parse_error(const sb_parsed *parsed)
{
    const char *text = config_error_text(&parsed->config);
    const struct sb_line *here = line_of(parsed, (unsigned)config_error_line(&parsed->config));
    const char *hint = strstr(text, "mismatched element type")
                           ? " (write every number of a list with a point, or use parentheses)"
                       : strstr(text, "syntax error") ? " here or above (key = value; group = { .. }; \"text\")"
                                                      : "";
    return sb_fail(SB_ERR_INPUT, "%s:%u: %s%s", parsed->file[here->file], here->number, text, hint);
}

sb_status sb_parse_file(sb_parsed *parsed, const char *path)
{
    sb_status status = SB_OK;
    char *text = NULL, folder[4096];
    const char *slash = strrchr(path, '/');
    expansion e = {.parsed = parsed, .folder = folder};
    size_t length;
    *parsed = (sb_parsed){0};
    sb_format(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
    SB_TRY(sb_read_config(path, &text, &length));
    SB_TRY(sb_decode(path, &text, &length));
    SB_TRY(add_text(&e, path, text, 0));
    status = sb_parse(&parsed->config, e.text ? e.text : "");
    if (status == SB_ERR_INPUT) status = parse_error(parsed);
done:
    free(text);
    free(e.text);
    return status;
}

sb_status sb_parse_text(sb_parsed *parsed, const char *what, const char *text)
{
    place now = CODE;
    *parsed = (sb_parsed){0};
    sb_status status = check_line(what, text, strlen(text), &now);
    if (status == SB_OK && now != CODE) status = sb_fail(SB_ERR_INPUT, "%s: %s", what, not_closed(now));
    if (status != SB_OK) return status;
    status = sb_parse(&parsed->config, text);
    return status == SB_OK ? SB_OK : sb_fail(status, "%s: %s", what, sb_error_text());
}

void sb_parsed_clear(sb_parsed *parsed)
{
    config_destroy(&parsed->config);
    for (size_t i = 0; i < parsed->files; i++) free(parsed->file[i]);
    free(parsed->file);
    free(parsed->line);
    *parsed = (sb_parsed){0};
}
