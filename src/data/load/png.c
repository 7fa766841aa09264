#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "core/file.h"
#include "core/text.h"
#include "data/load/load.h"

/* libpng reports errors by longjmp into decode(); all that must survive one stands here. */
typedef struct decoder {
    FILE *stream;
    png_structp png;
    png_infop info;
    size_t size; /* of the file */
    size_t width, height, channels, depth, row;
    unsigned char *bytes; /* [height][row] */
    png_bytep *rows;      /* [height] */
    char reason[160];
} decoder;

static void on_error(png_structp png, png_const_charp text)
{
    decoder *d = png_get_error_ptr(png);
    sb_format(d->reason, sizeof d->reason, "%s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

/* Whether the compressed bytes can hold what the header claims; before pixels are expanded. */
static bool believable(const decoder *d)
{
    double height = png_get_image_height(d->png, d->info), row = (double)png_get_rowbytes(d->png, d->info);
    return height * row <= (double)SB_DEFLATE_MOST * (double)d->size;
}

/* Grey or red, green, blue of 8 or 16 bits. */
static void ask_for_plain_pixels(decoder *d)
{
    int type = png_get_color_type(d->png, d->info);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(d->png);
    if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(d->png);
    png_set_strip_alpha(d->png);
    png_set_interlace_handling(d->png);
    png_read_update_info(d->png, d->info);
    d->width = png_get_image_width(d->png, d->info);
    d->height = png_get_image_height(d->png, d->info);
    d->channels = png_get_channels(d->png, d->info);
    d->depth = png_get_bit_depth(d->png, d->info);
    d->row = png_get_rowbytes(d->png, d->info);
}

/* false: see reason */
static bool decode(decoder *d)
{
    if (setjmp(png_jmpbuf(d->png))) return false;
    png_init_io(d->png, d->stream);
    png_read_info(d->png, d->info);
    if (!believable(d)) png_error(d->png, "the header claims more pixels than the file can hold");
    ask_for_plain_pixels(d);
    d->bytes = malloc(d->height * d->row);
    d->rows = malloc(d->height * sizeof *d->rows);
    if (!d->bytes || !d->rows) png_error(d->png, "no memory");
    for (size_t i = 0; i < d->height; i++) d->rows[i] = d->bytes + i * d->row;
    png_read_image(d->png, d->rows);
    png_read_end(d->png, NULL);
    return true;
}

static sb_status keep(const decoder *d, sb_image *image)
{
    size_t count = d->width * d->channels;
    image->shape = (sb_shape){d->height, d->width, d->channels};
    image->value = malloc(d->height * count * sizeof *image->value);
    if (!image->value) return sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu pixels", d->width, d->height);
    for (size_t i = 0; i < d->height; i++)
        for (size_t j = 0; j < count; j++) {
            const unsigned char *row = d->rows[i];
            image->value[i * count + j] =
                d->depth == 16 ? (row[2 * j] << 8 | row[2 * j + 1]) / 65535.0 : row[j] / 255.0;
        }
    return SB_OK;
}

static sb_status load(decoder *d, const char *path, sb_image *image)
{
    d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, on_error, on_warning);
    d->info = d->png ? png_create_info_struct(d->png) : NULL;
    if (!d->info) return sb_fail(SB_ERR_NOMEM, "no memory to decode %s", path);
    fseek(d->stream, 0, SEEK_END);
    d->size = (size_t)ftell(d->stream);
    rewind(d->stream);
    if (decode(d)) return keep(d, image);
    return sb_fail(SB_ERR_INPUT, "%s: before offset %ld: %s", path, ftell(d->stream), d->reason);
}

sb_status sb_load_png(const char *path, sb_image *image)
{
    sb_status status;
    decoder d = {.stream = sb_open_file(path, &status)};
    if (!d.stream) return status;
    status = load(&d, path, image);
    png_destroy_read_struct(&d.png, &d.info, NULL);
    fclose(d.stream);
    free(d.bytes);
    free(d.rows);
    return status;
}
