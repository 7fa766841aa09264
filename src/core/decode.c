#include "core/decode.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

/* Files that are taken for text, by their first bytes. */
static const struct {
    size_t length;
    const char *start, *what;
} other[] = {{2, "\x1F\x8B", "packed by gzip"},
             {4, "PK\3\4", "a zip archive or a spreadsheet"},
             {6, "\x93NUMPY", "an array of numpy (numpy.savetxt writes text)"},
             {4, "\x89HDF", "HDF5"},
             {5,
              "\xFD"
              "7zXZ",
              "packed by xz"},
             {3, "BZh", "packed by bzip2"},
             {4, "\xFF\xFE\0\0", "UTF-32 (save it as UTF-8)"},
             {4, "\0\0\xFE\xFF", "UTF-32 (save it as UTF-8)"}};

static sb_status refuse_other(const char *path, const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (length >= other[i].length && memcmp(text, other[i].start, other[i].length) == 0)
            return sb_fail(SB_ERR_INPUT, "%s: this is no text: it is %s", path, other[i].what);
    return SB_OK;
}

static sb_status refuse_zeros(const char *path, const char *text, size_t length)
{
    const char *zero = memchr(text, '\0', length), *start = text;
    size_t line = 1;
    if (!zero) return SB_OK;
    if (zero - text < 2 && length > 3 && text[(zero - text) + 2] == '\0')
        return sb_fail(SB_ERR_INPUT, "%s: this seems to be UTF-16 without a byte order mark; save it as UTF-8", path);
    for (const char *p = text; p < zero; p++)
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    return sb_fail(SB_ERR_INPUT, "%s:%zu:%zu: a byte 0: this is no text", path, line, (size_t)(zero - start) + 1);
}

/* The bytes of a character in UTF-8. */
static char *put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (char)(lead[more] | c >> 6 * more);
    while (more-- > 0) *to++ = (char)(0x80 | (c >> 6 * more & 0x3F));
    return to;
}

static uint32_t unit(const char *text, size_t i, bool big)
{
    const unsigned char *byte = (const unsigned char *)text + 2 * i;
    return big ? (uint32_t)byte[0] << 8 | byte[1] : (uint32_t)byte[1] << 8 | byte[0];
}

/* Units of 16 bits, the first a byte order mark, two of D800 .. DFFF for a character beyond FFFF. */
static sb_status from_utf16(const char *path, char **text, size_t *length)
{
    size_t units = *length / 2;
    bool big = (unsigned char)**text == 0xFE, whole = *length % 2 == 0;
    char *fresh = malloc(3 * units + 1), *to = fresh;
    if (!fresh) return sb_fail(SB_ERR_NOMEM, "no memory for the text of %s", path);
    for (size_t i = 1; whole && i < units; i++) {
        uint32_t c = unit(*text, i, big), low = i + 1 < units ? unit(*text, i + 1, big) : 0;
        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i++;
        } else if (c >= 0xD800 && c < 0xE000)
            whole = false;
        to = put(to, c);
    }
    *to = '\0';
    if (!whole) {
        free(fresh);
        return sb_fail(SB_ERR_INPUT, "%s: damaged UTF-16; save it as UTF-8", path);
    }
    free(*text);
    *text = fresh;
    *length = (size_t)(to - fresh);
    return SB_OK;
}

/* CR LF and CR become LF. */
static void unify_lines(char *text, size_t *length)
{
    char *to = text;
    for (const char *p = text, *end = text + *length; p < end; p++)
        if (*p != '\r')
            *to++ = *p;
        else if (p + 1 == end || p[1] != '\n')
            *to++ = '\n';
    *to = '\0';
    *length = (size_t)(to - text);
}

sb_status sb_decode(const char *path, char **text, size_t *length)
{
    sb_status status = refuse_other(path, *text, *length);
    if (status != SB_OK) return status;
    bool marked = *length >= 2 && (memcmp(*text, "\xFF\xFE", 2) == 0 || memcmp(*text, "\xFE\xFF", 2) == 0);
    if (marked) status = from_utf16(path, text, length);
    if (status == SB_OK) status = refuse_zeros(path, *text, *length);
    if (status != SB_OK) return status;
    if (*length >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0) {
        *length -= 3;
        memmove(*text, *text + 3, *length + 1);
    }
    unify_lines(*text, length);
    return SB_OK;
}

sb_status sb_read_text(const char *path, char **text, size_t *length)
{
    size_t used;
    *text = NULL;
    sb_status status = sb_read_file(path, text, &used);
    if (status == SB_OK) status = sb_decode(path, text, &used);
    if (status == SB_OK && length) *length = used;
    if (status == SB_OK) return SB_OK;
    free(*text);
    *text = NULL;
    return status;
}
