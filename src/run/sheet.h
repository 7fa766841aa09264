/* Tables of a run directory as cells of text: a header of names, then lines of as many cells, tabs between. */
#ifndef SPECBIAS_RUN_SHEET_H
#define SPECBIAS_RUN_SHEET_H

#include <stddef.h>

#include <specbias/status.h>

typedef struct sb_sheet {
    char *path, *text;
    size_t columns, rows;
    const char **cell; /* [1 + rows][columns], into text; the first line has the names */
} sb_sheet;

/* SB_ERR_INPUT with file:line where a line has other cells. `sheet` must be zeroed or cleared. */
sb_status sb_sheet_read(const char *path, sb_sheet *sheet);
/* Of a text that stands, or is going to stand, in that file. */
sb_status sb_sheet_parse(const char *path, const char *text, sb_sheet *sheet);
void sb_sheet_clear(sb_sheet *sheet);

/* SIZE_MAX: there is none of that name. */
size_t sb_sheet_column(const sb_sheet *sheet, const char *name);
const char *sb_sheet_cell(const sb_sheet *sheet, size_t row, size_t column);
/* nan for "nan"; SB_ERR_INPUT with file:line for what is no number. */
sb_status sb_sheet_number(const sb_sheet *sheet, size_t row, size_t column, double *value);

#endif
