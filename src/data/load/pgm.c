#include <stdlib.h>

#include "core/file.h"
#include "data/load/load.h"

typedef struct parser {
    const char *path, *text;
    size_t at, length;
} parser;

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Over blanks and comments, which go from # to the end of the line. */
static void skip(parser *p)
{
    for (bool comment = false; p->at < p->length; p->at++) {
        char c = p->text[p->at];
        if (c == '#') comment = true;
        if (!comment && !blank(c)) return;
        if (c == '\n' || c == '\r') comment = false;
    }
}

/* A whole number of [low, high] */
static sb_status take_number(parser *p, const char *what, size_t low, size_t high, size_t *value)
{
    skip(p);
    size_t start = p->at;
    *value = 0;
    while (p->at < p->length && p->text[p->at] >= '0' && p->text[p->at] <= '9' && *value <= high)
        *value = 10 * *value + (size_t)(p->text[p->at++] - '0');
    if (p->at == start) return sb_fail(SB_ERR_INPUT, "%s: offset %zu: %s is missing", p->path, start, what);
    if (*value < low || *value > high)
        return sb_fail(SB_ERR_INPUT, "%s: offset %zu: %s is not in %zu .. %zu", p->path, start, what, low, high);
    return SB_OK;
}

static sb_status plain_pixels(parser *p, size_t most, size_t count, double *value)
{
    for (size_t i = 0; i < count; i++) {
        size_t grey;
        sb_status status = take_number(p, "a pixel", 0, most, &grey);
        if (status != SB_OK) return status;
        value[i] = (double)grey / (double)most;
    }
    skip(p);
    return SB_OK;
}

/* One byte for each pixel, or two, the higher first. */
static sb_status raw_pixels(parser *p, size_t most, size_t count, double *value)
{
    const unsigned char *bytes = (const unsigned char *)p->text + p->at;
    size_t width = most > 255 ? 2 : 1;
    for (size_t i = 0; i < count; i++, p->at += width) {
        size_t grey = width == 1 ? bytes[i] : (size_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
        if (grey > most)
            return sb_fail(SB_ERR_INPUT, "%s: offset %zu: a pixel is %zu, more than %zu", p->path, p->at, grey, most);
        value[i] = (double)grey / (double)most;
    }
    return SB_OK;
}

/* P2 or P5, width, height, the value of white; P5: one blank, then bytes. */
static sb_status parse(parser *p, sb_image *image)
{
    bool raw = p->text[1] == '5';
    size_t width, height, most, start;
    sb_status status = SB_OK;
    p->at = 2;
    SB_TRY(take_number(p, "the width", 1, 1000000, &width));
    SB_TRY(take_number(p, "the height", 1, 1000000, &height));
    SB_TRY(take_number(p, "the value of white", 1, 65535, &most));
    p->at += raw && p->at < p->length && blank(p->text[p->at]);
    start = p->at;
    /* A pixel takes one or two bytes, written out a digit and a blank, of which the last may be missing. */
    size_t count = width * height, least = raw ? count * (most > 255 ? 2 : 1) : 2 * count - 1;
    if (least > p->length - start)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: offset %zu: %zu x %zu pixels need %zu bytes, there are %zu", p->path, start,
                       width, height, least, p->length - start));
    image->shape = (sb_shape){height, width, 1};
    image->value = malloc(count * sizeof *image->value);
    if (!image->value) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu pixels", count));
    SB_TRY((raw ? raw_pixels : plain_pixels)(p, most, count, image->value));
    if (p->at < p->length)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: offset %zu: more than %zu x %zu pixels", p->path, p->at, width, height));
done:
    return status;
}

sb_status sb_load_pgm(const char *path, sb_image *image)
{
    char *text = NULL;
    size_t length;
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    parser p = {.path = path, .text = text, .length = length};
    status = length > 2 ? parse(&p, image) : sb_fail(SB_ERR_INPUT, "%s: offset %zu: ends here", path, length);
    free(text);
    return status;
}
