#include "report/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

typedef enum look_kind { NUMBER, WORD, WORDS, NAME, PLAIN, SPAN, COLOURS, LIST } look_kind;
typedef struct look_entry {
    const char *variable, *option;
    look_kind kind;
    const char *range;
} look_entry;

static const look_entry entry[SB_LOOKS] = {
#define LOOK(variable, option, argument, kind, range, help) {#variable, option, kind, range},
#include <specbias/looks.def>
#undef LOOK
};

/* ---- texts of scripts ---- */

static void write_letters(FILE *stream, const char *text, size_t length, char blank)
{
    for (size_t i = 0; i < length; i++) {
        bool empty = text[i] == ' ' || sb_is_control(text[i]);
        if (text[i] == '\'') fputc('\'', stream);
        fputc(empty ? blank : text[i], stream);
    }
}

void sb_script_text(FILE *stream, const char *name, const char *text)
{
    sb_print(stream, "%s = '", name);
    write_letters(stream, text, strlen(text), ' ');
    fputs("'\n", stream);
}

void sb_script_word(FILE *stream, const char *text, size_t length)
{
    write_letters(stream, text, length, '~');
}

/* ---- kinds of values ---- */

bool sb_look_is_word(const char *list, const char *word, size_t length)
{
    for (const char *one = list; *one; one += strspn(one, " ")) {
        size_t n = strcspn(one, " ");
        if (n == length && strncmp(one, word, n) == 0) return true;
        one += n;
    }
    return false;
}

/* A finite number and nothing behind it but `end`; NULL: it is none. */
static const char *read_number(const char *text, char end, double *value)
{
    char *behind;
    *value = sb_text_real(text, &behind);
    bool good = behind != text && !sb_is_space(*text) && *behind == end && isfinite(*value);
    return good ? behind : NULL;
}

static bool read_span(const char *text, double *a, double *b)
{
    const char *colon = read_number(text, ':', a);
    return colon && read_number(colon + 1, '\0', b) && *a < *b;
}

static bool is_colour(const char *text, size_t length)
{
    bool good = length == 7 && *text == '#';
    for (size_t i = 1; good && i < length; i++)
        good = sb_is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f') || (text[i] >= 'A' && text[i] <= 'F');
    return good;
}

static bool is_name(const char *text)
{
    bool good = *text && strlen(text) < 64;
    for (; *text; text++) good = good && (sb_is_alnum(*text) || *text == ' ' || *text == '-');
    return good;
}

/* What a terminal can be told: UTF-8 without control characters. */
static bool is_plain(const char *text)
{
    char copy[512];
    if (strlen(text) >= sizeof copy) return false;
    sb_format(copy, sizeof copy, "%s", text);
    sb_printable(copy, "");
    return strcmp(copy, text) == 0;
}

sb_status sb_look_parts(const char *option, const char *list, sb_parts *parts)
{
    const size_t most = sizeof parts->at / sizeof parts->at[0];
    int depth = 0;
    *parts = (sb_parts){0};
    if (!is_plain(list))
        return sb_fail(SB_ERR_INPUT, "--%s: over 511 letters, a control character, or no UTF-8", option);
    for (const char *from = list, *c = list; *list; c++) {
        depth += (*c == '(') - (*c == ')');
        if (*c && (*c != ',' || depth > 0)) continue;
        const char *end = c;
        while (from < end && *from == ' ') from++;
        while (end > from && end[-1] == ' ') end--;
        if (from == end) return sb_fail(SB_ERR_INPUT, "--%s: a name of \"%s\" is empty", option, list);
        if (parts->n == most) return sb_fail(SB_ERR_INPUT, "--%s: more than %zu names", option, most);
        parts->at[parts->n] = from;
        parts->length[parts->n++] = (size_t)(end - from);
        if (!*c) break;
        from = c + 1;
    }
    return SB_OK;
}

static bool are_words(const look_entry *look, const char *value)
{
    sb_parts part;
    bool good = sb_look_parts(look->option, value, &part) == SB_OK && part.n > 0;
    for (size_t i = 0; good && i < part.n; i++) good = sb_look_is_word(look->range, part.at[i], part.length[i]);
    return good;
}

static bool are_colours(const look_entry *look, const char *value)
{
    sb_parts part;
    bool good = sb_look_parts(look->option, value, &part) == SB_OK && part.n > 0;
    if (sb_look_is_word(look->range, value, strlen(value))) return true;
    for (size_t i = 0; good && i < part.n; i++) good = is_colour(part.at[i], part.length[i]);
    return good;
}

static sb_status check(const look_entry *look, const char *value)
{
    double a, b, lo = 0, hi = 0;
    const char *option = look->option;
    char shown[64]; /* of a value that may be anything */
    sb_format(shown, sizeof shown, "%.60s", value);
    sb_printable(shown, "");
    switch (look->kind) {
    case NUMBER:
        sb_scan(look->range, "%lf %lf", &lo, &hi);
        if (read_number(value, '\0', &a) && a >= lo && a <= hi) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is no number from %g to %g", option, shown, lo, hi);
    case WORD:
        if (sb_look_is_word(look->range, value, strlen(value))) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is none of: %s", option, shown, look->range);
    case WORDS:
        if (are_words(look, value)) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is no list \"a,b\" of words of: %s", option, shown, look->range);
    case NAME:
        if (is_name(value)) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is no name of letters, digits, blanks and '-'", option, shown);
    case PLAIN:
        if (is_plain(value)) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: over 511 letters, a control character, or no UTF-8", option);
    case SPAN:
        if (read_span(value, &a, &b)) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is no A:B of two numbers, A < B", option, shown);
    case COLOURS:
        if (are_colours(look, value)) return SB_OK;
        return sb_fail(SB_ERR_INPUT, "--%s: \"%s\" is neither a list of #rrggbb nor one of: %s", option, shown,
                       look->range);
    case LIST: return sb_look_parts(option, value, &(sb_parts){0});
    }
    return SB_OK;
}

sb_status sb_look_check(const sb_look *look)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < SB_LOOKS && status == SB_OK; i++)
        if (look->value[i]) status = check(&entry[i], look->value[i]);
    return status;
}

const char *sb_look_not_followed(const sb_look *look, const sb_figure *figure)
{
    static const char all[] = "figure terminal font points title names";
    for (size_t i = 0; i < SB_LOOKS; i++) {
        const char *option = entry[i].option;
        size_t length = strlen(option);
        if (look->value[i] && !sb_look_is_word(all, option, length) && !sb_look_is_word(figure->takes, option, length))
            return option;
    }
    return NULL;
}

/* ---- variables ---- */

static void write_list(FILE *stream, const char *name, const char *list)
{
    sb_parts part;
    if (sb_look_parts(name, list, &part) != SB_OK) return; /* was checked */
    sb_print(stream, "%s = '", name);
    for (size_t i = 0; i < part.n; i++) {
        if (i) fputc(' ', stream);
        sb_script_word(stream, part.at[i], part.length[i]);
    }
    fputs("'\n", stream);
}

/* A number, or a list of ours, may still be set from outside, as by gnuplot -e. */
void sb_look_write(const sb_look *look, FILE *stream)
{
    double a, b;
    for (size_t i = 0; look && i < SB_LOOKS; i++) {
        const char *name = entry[i].variable, *value = look->value[i];
        look_kind kind = entry[i].kind;
        if (!value || kind == LIST) continue;
        if (kind != PLAIN && kind != SPAN) sb_print(stream, "if (!exists(\"%s\")) ", name);
        if (kind == NUMBER && read_number(value, '\0', &a)) sb_print(stream, "%s = %.10g\n", name, a);
        if (kind == SPAN && read_span(value, &a, &b)) sb_print(stream, "%s = '[%.10g:%.10g]'\n", name, a, b);
        if (kind == WORDS || kind == COLOURS) write_list(stream, name, value);
        if (kind == WORD || kind == NAME || kind == PLAIN) sb_script_text(stream, name, value);
    }
}
