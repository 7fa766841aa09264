/* Text -> records of cells, as tables have them. */
#ifndef SPECBIAS_CORE_RECORDS_H
#define SPECBIAS_CORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

/* A cell of the text, without the blanks and quotes around it; doubled quotes inside are still double. */
typedef struct sb_cell {
    const char *text;
    size_t length;
    size_t line, column; /* from 1 */
} sb_cell;

typedef struct sb_records {
    const char *path, *next, *end, *line_start;
    size_t line;
    char usual;          /* separator: a tab ; | , or a blank, which stands for any number of blanks and tabs */
    char separator;      /* of the present record */
    size_t odd;          /* the first line whose commas separate in a table of blanks; 0: none */
    const char *comment; /* behind the # of the last line of comment right before the present record, or NULL */
    sb_cell *cells;      /* [count] of the present record */
    size_t count, room;
} sb_records;

#define SB_CELL_AT "%s:%zu:%zu: "

/* A first line `sep=;` tells the separator, else what separates the numbers of the first lines is one. Written by
 * hand, a line of numbers may differ: blanks alone where the others have a mark, "0, 3" where they have blanks. `text`
 * ends with a byte 0, lives on, and has lines that end with a line feed (core/decode.h). */
void sb_records_open(sb_records *records, const char *path, const char *text, size_t length);
/* The next line that counts as cells, a line being longer where a quote is open; count = 0 at the end. Blank lines and
 * those that begin with # do not count. */
sb_status sb_records_next(sb_records *records);
/* A copy of a cell with doubled quotes made single. */
char *sb_cell_copy(const sb_cell *cell);
/* SB_OK when the first line of the text, cells between tabs, is `head`; else SB_ERR_INPUT names the first column that
 * is another. */
sb_status sb_records_head(const char *path, const char *text, const char *head);

/* ---- cells -> numbers ---- */

typedef enum sb_cell_kind {
    SB_CELL_NUMBER,  /* also one that is not finite */
    SB_CELL_MISSING, /* nothing, or a word such as NA that says so */
    SB_CELL_WORD,
} sb_cell_kind;

/* Decimal numbers with a point or a comma. */
sb_cell_kind sb_cell_number(const sb_cell *cell, double *value);

/* What the numbers of a table have told of its decimal mark. */
typedef struct sb_marks {
    sb_cell point, comma, unclear; /* the first with each; unclear: 1,234 may be a thousand */
} sb_marks;

void sb_marks_see(sb_marks *marks, const sb_cell *cell);
/* SB_ERR_INPUT where commas are not decimal commas beyond doubt. */
sb_status sb_marks_check(const sb_marks *marks, const sb_records *records);
/* Why a cell is no number: ": .." or "". */
const char *sb_cell_hint(const sb_cell *cell);

#endif
