/* The text of a density; blanks are free:
 *     sum = part { "+" part }    part = [ weight ] kind [ "(" [ number { "," number } ] ")" ] */
#include "density/density.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

typedef struct parser {
    const char *text, *at;
    const sb_density_table *table;
} parser;

/* density "TEXT", character N: why; in one line, whatever the text */
__attribute__((format(printf, 3, 4))) static sb_status fail_at(const parser *p, const char *place, const char *format,
                                                               ...)
{
    char shown[161], why[512];
    bool whole = strlen(p->text) < sizeof shown;
    sb_format(shown, sizeof shown, "%.*s%s", whole ? 160 : 157, p->text, whole ? "" : "...");
    for (char *c = shown; *c; c++)
        if (sb_is_control(*c)) *c = ' ';
    va_list arguments;
    va_start(arguments, format);
    sb_format_list(why, sizeof why, format, arguments);
    va_end(arguments);
    return sb_fail(SB_ERR_INPUT, "density \"%s\", character %zu: %s", shown, (size_t)(place - p->text) + 1, why);
}

/* Skips blanks; the character after them. */
static char peek(parser *p)
{
    while (sb_is_space(*p->at)) p->at++;
    return *p->at;
}

static bool accept(parser *p, char wanted)
{
    if (peek(p) != wanted) return false;
    p->at++;
    return true;
}

static bool number_starts(parser *p)
{
    return peek(p) && strchr("0123456789.+-", *p->at); /* not words such as nan */
}

static sb_status read_number(parser *p, double *number)
{
    char *rest = NULL;
    if (number_starts(p)) *number = sb_text_real(p->at, &rest);
    if (!rest || rest == p->at) return fail_at(p, p->at, "a number is wanted here");
    p->at = rest;
    return SB_OK;
}

static sb_status read_weight(parser *p, double *weight)
{
    *weight = 1;
    if (!number_starts(p)) return SB_OK;
    const char *place = p->at;
    sb_status status = read_number(p, weight);
    if (status == SB_OK && !(*weight > 0 && *weight <= SB_DENSITY_LARGEST))
        status = fail_at(p, place, "the weight %g must be positive, at most %g", *weight, SB_DENSITY_LARGEST);
    return status;
}

static sb_status read_kind(parser *p, const sb_density_kind **kind)
{
    char name[32];
    peek(p);
    const char *place = p->at;
    while (sb_is_alnum(*p->at) || *p->at == '_') p->at++;
    if (p->at == place) return fail_at(p, place, "a kind of density is wanted here, such as gaussian(12)");
    sb_format(name, sizeof name, "%.*s", (int)(p->at - place), place);
    *kind = sb_density_kind_find(name);
    if (*kind) return SB_OK;
    return fail_at(p, place, "unknown kind '%s'; did you mean '%s'?", name, sb_density_kind_nearest(name)->usage);
}

/* number[SB_DENSITY_NUMBERS]; *count may be larger, what is too much is not stored. */
static sb_status read_numbers(parser *p, double *number, size_t *count)
{
    sb_status status = SB_OK;
    *count = 0;
    if (!accept(p, '(') || accept(p, ')')) return SB_OK;
    do {
        double next;
        SB_TRY(read_number(p, &next));
        if (*count < SB_DENSITY_NUMBERS) number[*count] = next;
        ++*count;
    } while (accept(p, ','));
    if (!accept(p, ')')) status = fail_at(p, p->at, "',' or ')' is wanted here");
done:
    return status;
}

static sb_status read_part(parser *p, sb_density_part *part)
{
    sb_status status = SB_OK;
    size_t count;
    SB_TRY(read_weight(p, &part->weight));
    peek(p);
    const char *place = p->at;
    SB_TRY(read_kind(p, &part->kind));
    SB_TRY(read_numbers(p, part->number, &count));
    if (count != part->kind->numbers)
        return fail_at(p, place, "%zu number%s given, %zu wanted: %s", count, count == 1 ? "" : "s",
                       part->kind->numbers, part->kind->usage);
    status = part->kind->fill    ? part->kind->fill(part, p->table)
             : part->kind->check ? part->kind->check(part)
                                 : sb_density_check_positive(part);
    if (status == SB_ERR_INPUT) status = fail_at(p, place, "%s", sb_error_text());
done:
    return status;
}

static sb_status add_part(sb_density *density)
{
    sb_density_part *larger = realloc(density->part, (density->parts + 1) * sizeof *larger);
    if (!larger) return sb_fail(SB_ERR_NOMEM, "no memory for %zu parts of a density", density->parts + 1);
    density->part = larger;
    larger[density->parts++] = (sb_density_part){0};
    return SB_OK;
}

static void normalise(sb_density *density)
{
    double total = 0;
    for (size_t i = 0; i < density->parts; i++) total += density->part[i].weight;
    for (size_t i = 0; i < density->parts; i++) density->part[i].weight /= total;
}

sb_status sb_density_parse(const char *text, const sb_density_table *table, sb_density *density)
{
    sb_status status = SB_OK;
    parser p = {text, text, table};
    do {
        SB_TRY(add_part(density));
        SB_TRY(read_part(&p, &density->part[density->parts - 1]));
    } while (accept(&p, '+'));
    if (peek(&p)) {
        status = fail_at(&p, p.at, "'+' or the end is wanted here");
        goto done;
    }
    normalise(density);
done:
    if (status != SB_OK) sb_density_clear(density);
    return status;
}
