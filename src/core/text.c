#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A constant of the C library, which is not to be freed; 0 where it has none. */
static locale_t plain(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t sb_text_enter(void)
{
    return uselocale(plain());
}

void sb_text_leave(locale_t host)
{
    uselocale(host);
}

static _Thread_local int print_error; /* errno of the last print that failed */

int sb_print_list(FILE *stream, const char *format, va_list arguments)
{
    locale_t host = sb_text_enter();
    int length = vfprintf(stream, format, arguments);
    if (length < 0) {
        print_error = errno;
#ifdef _IO_ERR_SEEN /* glibc tells the stream of bytes that it could not write, and not of memory that it had none of  \
                     */
        stream->_flags |= _IO_ERR_SEEN;
#endif
    }
    sb_text_leave(host);
    return length;
}

int sb_print(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = sb_print_list(stream, format, arguments);
    va_end(arguments);
    return length;
}

int sb_print_error(void)
{
    return print_error;
}

int sb_format_list(char *text, size_t size, const char *format, va_list arguments)
{
    locale_t host = sb_text_enter();
    int length = vsnprintf(text, size, format, arguments);
    sb_text_leave(host);
    return length;
}

int sb_format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = sb_format_list(text, size, format, arguments);
    va_end(arguments);
    return length;
}

int sb_scan(const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    locale_t host = sb_text_enter();
    int fields = vsscanf(text, format, arguments);
    sb_text_leave(host);
    va_end(arguments);
    return fields;
}

double sb_text_real(const char *text, char **end)
{
    return strtod_l(text, end, plain());
}

const char *sb_system_error(int error)
{
    return strerror_l(error, plain());
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool sb_same_word(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) a++, b++;
    return lower(*a) == lower(*b);
}

char *sb_text_trim(char *text)
{
    size_t from = 0, length = strlen(text);
    while (length > 0 && sb_is_space(text[length - 1])) text[--length] = '\0';
    while (sb_is_space(text[from])) from++;
    return memmove(text, text + from, length - from + 1);
}

char *sb_text_copy_trimmed(const char *text, size_t length)
{
    char *copy = strndup(text, length);
    return copy ? sb_text_trim(copy) : NULL;
}

bool sb_text_is_real(const char *text, double *value)
{
    char *end;
    *value = sb_text_real(text, &end);
    return end != text && !end[strspn(end, " \t\n\v\f\r")] && isfinite(*value);
}

char *sb_text_outside(const char *text, const char *characters)
{
    int depth = 0;
    for (; *text; text++) {
        if (depth == 0 && strchr(characters, *text)) return strchr(text, *text);
        depth += (*text == '(') - (*text == ')');
    }
    return NULL;
}

size_t sb_edit_distance(const char *a, const char *b)
{
    size_t row[64], columns = strlen(b) < 63 ? strlen(b) : 63;
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]), insert = row[j - 1] + 1, delete = row[j] + 1;
            diagonal = row[j];
            row[j] = change < insert ? change : insert;
            if (delete < row[j]) row[j] = delete;
        }
    }
    return row[columns];
}

bool sb_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool sb_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sb_is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool sb_is_alnum(char c)
{
    return sb_is_letter(c) || sb_is_digit(c);
}

bool sb_is_control(char c)
{
    return (c >= 0 && c < ' ') || c == 127;
}

/* The length of the UTF-8 character, of which *code is the number; 0: it is none. */
static size_t decode(const unsigned char *c, unsigned *code)
{
    size_t length = *c < 0x80 ? 1 : *c >> 5 == 6 ? 2 : *c >> 4 == 14 ? 3 : *c >> 3 == 30 ? 4 : 0;
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    *code = length == 1 ? *c : *c & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (c[i] >> 6 != 2) return 0;
        *code = *code << 6 | (c[i] & 0x3fU);
    }
    return *code >= least[length] ? length : 0;
}

static bool controls(unsigned code)
{
    bool turns = (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                 (code >= 0x2066 && code <= 0x2069) || code == 0x61c;
    return code < 32 || (code >= 127 && code < 160) || turns;
}

void sb_printable(char *text, const char *kept)
{
    unsigned code;
    char *to = text;
    for (const char *from = text; *from;) {
        size_t length = decode((const unsigned char *)from, &code);
        if (length == 0 || (controls(code) && !strchr(kept, *from))) {
            *to++ = '?';
            from += length ? length : 1;
        } else
            while (length--) *to++ = *from++;
    }
    *to = '\0';
}
