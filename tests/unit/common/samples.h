/* Small files of examples, made byte by byte. Every function fails the test when it cannot. */
#ifndef SPECBIAS_TEST_SAMPLES_H
#define SPECBIAS_TEST_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_BYTES 16384

typedef struct bytes {
    size_t n;
    unsigned char data[MOST_BYTES];
} bytes;

void put_byte(bytes *b, unsigned value);
/* `width` bytes, the highest first */
void put_whole(bytes *b, size_t width, uint64_t value);
void put_text(bytes *b, const char *text);
void write_bytes(const char *path, const bytes *b);
void read_bytes(const char *path, bytes *b);
/* What gzip makes of it. */
void pack(const bytes *plain, bytes *packed);

/* An empty buffer with the header of an IDX file. */
void start_idx(bytes *b, unsigned type, size_t dimensions, const size_t *size);
/* n images of rows x columns bytes, pixel p of image i = sample_pixel(i, p); and their labels i % 3. */
void idx_images(bytes *b, size_t n, size_t rows, size_t columns);
void idx_labels(bytes *b, size_t n);
unsigned sample_pixel(size_t image, size_t pixel);

/* Records of CIFAR-10: class i % 10, byte j of colour c = sample_pixel(i, 3 j + c). */
void cifar_records(bytes *b, size_t n);

/* A PNG of one of libpng's colour types. Sample c of pixel (i, j) is png_sample_value, reduced to the bit depth; of a
 * palette it is an index, whose colours are png_palette_value. */
void make_png(bytes *b, int color_type, int depth, bool interlaced, size_t width, size_t height);
unsigned png_sample_value(size_t i, size_t j, size_t c, int depth);
unsigned png_palette_value(unsigned index, size_t c);
/* Makes the check sums of a PNG's chunks right again, as far as chunks can be made out. */
void repair_png(bytes *b);

#endif
