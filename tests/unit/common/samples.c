#include "samples.h"

#include <stdio.h>

#include <png.h>
#include <zlib.h>

#include "test.h"

void put_byte(bytes *b, unsigned value)
{
    assert_true(b->n < MOST_BYTES);
    b->data[b->n++] = (unsigned char)value;
}

void put_whole(bytes *b, size_t width, uint64_t value)
{
    for (size_t i = width; i-- > 0;) put_byte(b, value >> (8 * i) & 255);
}

void put_text(bytes *b, const char *text)
{
    for (; *text; text++) put_byte(b, (unsigned char)*text);
}

void write_bytes(const char *path, const bytes *b)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(b->data, 1, b->n, stream), b->n);
    assert_int_equal(fclose(stream), 0);
}

void read_bytes(const char *path, bytes *b)
{
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    b->n = fread(b->data, 1, MOST_BYTES, stream);
    assert_true(b->n < MOST_BYTES);
    fclose(stream);
}

void pack(const bytes *plain, bytes *packed)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)plain->data;
    z.avail_in = (unsigned)plain->n;
    z.next_out = packed->data;
    z.avail_out = MOST_BYTES;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed->n = z.total_out;
    deflateEnd(&z);
}

void start_idx(bytes *b, unsigned type, size_t dimensions, const size_t *size)
{
    b->n = 0;
    put_whole(b, 4, type << 8 | dimensions);
    for (size_t d = 0; d < dimensions; d++) put_whole(b, 4, size[d]);
}

unsigned sample_pixel(size_t image, size_t pixel)
{
    return (unsigned)(37 * image + 11 * pixel + 5) % 256;
}

void idx_images(bytes *b, size_t n, size_t rows, size_t columns)
{
    start_idx(b, 0x08, 3, (size_t[]){n, rows, columns});
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < rows * columns; p++) put_byte(b, sample_pixel(i, p));
}

void idx_labels(bytes *b, size_t n)
{
    start_idx(b, 0x08, 1, &n);
    for (size_t i = 0; i < n; i++) put_byte(b, i % 3);
}

void cifar_records(bytes *b, size_t n)
{
    b->n = 0;
    for (size_t i = 0; i < n; i++) {
        put_byte(b, i % 10);
        for (size_t c = 0; c < 3; c++)
            for (size_t j = 0; j < 1024; j++) put_byte(b, sample_pixel(i, 3 * j + c));
    }
}

unsigned png_sample_value(size_t i, size_t j, size_t c, int depth)
{
    return (unsigned)(i * 7919 + j * 104729 + c * 1299709 + 12345) % (1u << depth);
}

unsigned png_palette_value(unsigned index, size_t c)
{
    return (index * 53 + (unsigned)c * 71 + 9) % 256;
}

static size_t channels_of(int color_type)
{
    return ((color_type & PNG_COLOR_MASK_COLOR) && !(color_type & PNG_COLOR_MASK_PALETTE) ? 3 : 1) +
           (color_type & PNG_COLOR_MASK_ALPHA ? 1 : 0);
}

static void collect(png_structp png, png_bytep data, size_t length)
{
    bytes *b = png_get_io_ptr(png);
    for (size_t i = 0; i < length; i++) put_byte(b, data[i]);
}

static void set_palette(png_structp png, png_infop info, int depth)
{
    png_color color[256];
    int count = 1 << depth;
    for (int i = 0; i < count; i++)
        color[i] = (png_color){(png_byte)png_palette_value((unsigned)i, 0), (png_byte)png_palette_value((unsigned)i, 1),
                               (png_byte)png_palette_value((unsigned)i, 2)};
    png_set_PLTE(png, info, color, count);
}

/* Samples of a row, packed into bytes. */
static void fill_row(png_bytep row, size_t i, size_t width, size_t channels, int depth)
{
    size_t bits = (size_t)depth;
    for (size_t k = 0; k < width * channels; k++) {
        unsigned value = png_sample_value(i, k / channels, k % channels, depth);
        if (depth == 16) {
            row[2 * k] = (png_byte)(value >> 8);
            row[2 * k + 1] = (png_byte)value;
        } else {
            row[k * bits / 8] |= (png_byte)(value << (8 - bits - k * bits % 8));
        }
    }
}

void make_png(bytes *b, int color_type, int depth, bool interlaced, size_t width, size_t height)
{
    static png_byte pixel[32][32 * 8];
    png_bytep rows[32];
    assert_true(width <= 32 && height <= 32);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    assert_non_null(info);
    b->n = 0;
    memset(pixel, 0, sizeof pixel);
    png_set_write_fn(png, b, collect, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, depth, color_type,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (color_type == PNG_COLOR_TYPE_PALETTE) set_palette(png, info, depth);
    for (size_t i = 0; i < height; i++) {
        fill_row(pixel[i], i, width, channels_of(color_type), depth);
        rows[i] = pixel[i];
    }
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
}

void repair_png(bytes *b)
{
    size_t at = 8;
    while (at + 12 <= b->n) {
        unsigned char *chunk = b->data + at;
        size_t length = (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 | (size_t)chunk[2] << 8 | chunk[3];
        if (length > b->n - at - 12) return;
        uint64_t sum = crc32(0, chunk + 4, (unsigned)length + 4);
        for (size_t i = 0; i < 4; i++) chunk[8 + length + i] = (unsigned char)(sum >> (24 - 8 * i));
        at += 12 + length;
    }
}
