/* Text that no locale changes. The host of the library may have set one whose decimal point is a comma, whose letters
 * are others, whose messages are of another language; what is written and read here is that of the C locale, in every
 * thread. Only the calling thread's locale is touched, for the length of a call. tests/layers.sh forbids to the rest
 * of the library the functions of the C library that a locale changes. */
#ifndef SPECBIAS_CORE_TEXT_H
#define SPECBIAS_CORE_TEXT_H

#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#if defined(__GNUC__)
#define SB_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#else
#define SB_PRINTF(format_at, first)
#endif

/* fprintf, vfprintf, snprintf, vsnprintf, sscanf, strtod, strerror, strcasecmp == 0 */
int sb_print(FILE *stream, const char *format, ...) SB_PRINTF(2, 3);
int sb_print_list(FILE *stream, const char *format, va_list arguments) SB_PRINTF(2, 0);
/* Why the last sb_print of this thread that failed did; the stream's error indicator is set then. */
int sb_print_error(void);
int sb_format(char *text, size_t size, const char *format, ...) SB_PRINTF(3, 4);
int sb_format_list(char *text, size_t size, const char *format, va_list arguments) SB_PRINTF(3, 0);
int sb_scan(const char *text, const char *format, ...) __attribute__((format(scanf, 2, 3)));
double sb_text_real(const char *text, char **end);
const char *sb_system_error(int error);
bool sb_same_word(const char *a, const char *b);
/* Without the blanks around it: the text itself, or a copy of its first `length` bytes, to be freed (NULL: no memory).
 */
char *sb_text_trim(char *text);
char *sb_text_copy_trimmed(const char *text, size_t length);
/* Whether a finite number is all of it, blanks aside. */
bool sb_text_is_real(const char *text, double *value);
/* The first of these characters outside parentheses; NULL: none. */
char *sb_text_outside(const char *text, const char *characters);
/* Levenshtein distance; of b the first 63 letters count. */
size_t sb_edit_distance(const char *a, const char *b);

/* Of ASCII; a byte of any other character is none of these. */
bool sb_is_space(char c);
bool sb_is_digit(char c);
bool sb_is_letter(char c);
bool sb_is_alnum(char c);
bool sb_is_control(char c);

/* Makes text of anybody's fit for a terminal: what is no UTF-8, and characters that control it (0 to 31, 127 to 159,
 * directions of writing), become '?', unless they are among `kept`. */
void sb_printable(char *text, const char *kept);

/* For other libraries that make or read text: C locale of this thread, until sb_text_leave gets what this returned. */
locale_t sb_text_enter(void);
void sb_text_leave(locale_t host);

#endif
