#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/records.h"

enum { LONGEST = 128 };

static bool says_missing(const char *text)
{
    static const char *const word[] = {"",     "NA",  "N/A",  "#N/A",    "#NA", "<NA>", "NaN", "-NaN",
                                       "NULL", "nil", "None", "missing", "?",   ".",    "-",   "--"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (sb_same_word(text, word[i])) return true;
    return false;
}

sb_cell_kind sb_cell_number(const sb_cell *cell, double *value)
{
    char text[LONGEST], *end;
    if (cell->length >= sizeof text) return SB_CELL_WORD;
    memcpy(text, cell->text, cell->length);
    text[cell->length] = '\0';
    if (!sb_is_digit(*text) && says_missing(text)) return SB_CELL_MISSING;
    const char *word = text + (*text == '-' || *text == '+');
    bool digits = strspn(text, "0123456789.,eE+-") == cell->length;
    if (!digits && !sb_same_word(word, "inf") && !sb_same_word(word, "infinity")) return SB_CELL_WORD;
    char *comma = strchr(text, ',');
    if (comma && strchr(text, '.')) return SB_CELL_WORD;
    if (comma) *comma = '.';
    *value = sb_text_real(text, &end);
    return *end ? SB_CELL_WORD : SB_CELL_NUMBER;
}

static bool has(const sb_cell *cell, char c)
{
    return memchr(cell->text, c, cell->length) != NULL;
}

/* 1,234: one to three digits, the first not 0, and three more. 0,234 and 1,23 are no thousands. */
static bool may_be_thousands(const sb_cell *cell)
{
    const char *text = cell->text + (*cell->text == '-' || *cell->text == '+');
    size_t length = (size_t)(cell->text + cell->length - text), before = strspn(text, "0123456789");
    return before >= 1 && before <= 3 && *text != '0' && length == before + 4 &&
           strspn(text + before + 1, "0123456789") >= 3;
}

static void keep_first(sb_cell *first, const sb_cell *cell)
{
    if (!first->text) *first = *cell;
}

void sb_marks_see(sb_marks *marks, const sb_cell *cell)
{
    if (has(cell, '.')) keep_first(&marks->point, cell);
    if (has(cell, ',')) keep_first(may_be_thousands(cell) ? &marks->unclear : &marks->comma, cell);
}

sb_status sb_marks_check(const sb_marks *marks, const sb_records *records)
{
    const char *path = records->path;
    const sb_cell *comma = marks->comma.text ? &marks->comma : &marks->unclear, *point = &marks->point;
    int length = (int)comma->length;
    if (!comma->text) return SB_OK;
    if (point->text)
        return sb_fail(SB_ERR_INPUT,
                       SB_CELL_AT "\"%.*s\" has a comma, \"%.*s\" in line %zu a point; write all numbers with the same "
                                  "decimal mark and none for thousands",
                       path, comma->line, comma->column, length, comma->text, (int)point->length, point->text,
                       point->line);
    if (records->odd)
        return sb_fail(SB_ERR_INPUT,
                       SB_CELL_AT "the comma of \"%.*s\" is a decimal mark, those of line %zu stand between numbers",
                       path, comma->line, comma->column, length, comma->text, records->odd);
    if (!marks->comma.text)
        return sb_fail(SB_ERR_INPUT,
                       SB_CELL_AT "\"%.*s\" may be a decimal number or thousands; write numbers with a decimal point",
                       path, comma->line, comma->column, length, comma->text);
    return SB_OK;
}

const char *sb_cell_hint(const sb_cell *cell)
{
    if (cell->length == 0 || strspn(cell->text, "0123456789.,+-' ") < cell->length) return "";
    if (has(cell, ',') || has(cell, '\'')) return "; write numbers with one decimal mark and none for thousands";
    return has(cell, ' ') ? "; decimal commas and blanks want ; or tabs between the cells" : "";
}
