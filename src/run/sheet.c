#include "run/sheet.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

/* Lines and tabs of the text, an end of line at its end wanted or not. */
static void measure(const char *text, size_t *lines, size_t *columns)
{
    *lines = 0;
    *columns = 1;
    for (const char *at = text; *at; at++) {
        *lines += *at == '\n';
        *columns += *lines == 0 && *at == '\t';
    }
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] != '\n') ++*lines;
}

static sb_status cut(sb_sheet *sheet)
{
    char *at = sheet->text;
    for (size_t line = 0; line <= sheet->rows; line++) {
        char *end = at + strcspn(at, "\n");
        if (*end) *end++ = '\0';
        for (size_t c = 0; c < sheet->columns; c++) {
            char *tab = strchr(at, '\t');
            if ((tab != NULL) != (c + 1 < sheet->columns))
                return sb_fail(SB_ERR_INPUT, "%s:%zu: expected %zu tab-separated cells", sheet->path, line + 1,
                               sheet->columns);
            sheet->cell[line * sheet->columns + c] = at;
            if (tab) *tab = '\0';
            at = tab ? tab + 1 : end;
        }
    }
    return SB_OK;
}

/* Takes over the text. */
static sb_status take(const char *path, char *text, sb_sheet *sheet)
{
    size_t lines;
    *sheet = (sb_sheet){.path = strdup(path), .text = text};
    measure(text, &lines, &sheet->columns);
    sheet->rows = lines ? lines - 1 : 0;
    sheet->cell = lines ? calloc(lines * sheet->columns, sizeof *sheet->cell) : NULL;
    sb_status status = SB_OK;
    if (!sheet->path || (lines && !sheet->cell)) status = sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
    if (status == SB_OK && lines == 0) status = sb_fail(SB_ERR_INPUT, "%s:1: no table", path);
    if (status == SB_OK) status = cut(sheet);
    if (status != SB_OK) sb_sheet_clear(sheet);
    return status;
}

sb_status sb_sheet_read(const char *path, sb_sheet *sheet)
{
    char *text = NULL;
    sb_status status = sb_read_file(path, &text, NULL);
    return status == SB_OK ? take(path, text, sheet) : status;
}

sb_status sb_sheet_parse(const char *path, const char *text, sb_sheet *sheet)
{
    char *copy = strdup(text);
    return copy ? take(path, copy, sheet) : sb_fail(SB_ERR_NOMEM, "no memory to read %s", path);
}

void sb_sheet_clear(sb_sheet *sheet)
{
    free(sheet->path);
    free(sheet->text);
    free(sheet->cell);
    *sheet = (sb_sheet){0};
}

size_t sb_sheet_column(const sb_sheet *sheet, const char *name)
{
    for (size_t c = 0; c < sheet->columns; c++)
        if (strcmp(sheet->cell[c], name) == 0) return c;
    return SIZE_MAX;
}

const char *sb_sheet_cell(const sb_sheet *sheet, size_t row, size_t column)
{
    return sheet->cell[(1 + row) * sheet->columns + column];
}

sb_status sb_sheet_number(const sb_sheet *sheet, size_t row, size_t column, double *value)
{
    char *end;
    const char *text = sb_sheet_cell(sheet, row, column);
    *value = sb_text_real(text, &end);
    if (end != text && !*end) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s:%zu: %s = \"%s\" is no number", sheet->path, row + 2, sheet->cell[column], text);
}
