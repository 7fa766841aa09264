/* Variables of figure scripts, and what a user says of their look. */
#ifndef SPECBIAS_REPORT_LOOK_H
#define SPECBIAS_REPORT_LOOK_H

#include <stdio.h>

#include <specbias/report.h>

/* NAME = 'the text': between single quotes gnuplot takes everything as it stands, and two of them for one. The only
 * way of a text into a script. */
void sb_script_text(FILE *stream, const char *name, const char *text);
/* A part of such a text: a word, with ~ for its blanks. */
void sb_script_word(FILE *stream, const char *text, size_t length);
/* What the look says, as variables; lists are left to whoever knows what is in them. */
void sb_look_write(const sb_look *look, FILE *stream);

/* Whether one of the words of `list` is those `length` letters. */
bool sb_look_is_word(const char *list, const char *word, size_t length);

/* The parts of a list "a,b", none of which is empty; commas in parentheses, as of "(1, 2)", part nothing. */
typedef struct sb_parts {
    size_t n;
    const char *at[64];
    size_t length[64];
} sb_parts;
/* SB_ERR_INPUT for an empty part, for control characters and for too many. "" has none. */
sb_status sb_look_parts(const char *option, const char *list, sb_parts *parts);

#endif
