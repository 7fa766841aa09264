#include <string.h>

#include "data/load/load.h"
#include "data/set/set.h"

/* Pixel (row, column) lies at the middle of its cell of [-1, 1]^2, the first coordinate down, the second to the right;
 * as in every grid of the toolkit the last runs fastest. */
static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const sb_image *image = source->data;
    size_t channels = image->shape.channels;
    x[0] = -1 + (double)(2 * (i / image->shape.width) + 1) / (double)image->shape.height;
    x[1] = -1 + (double)(2 * (i % image->shape.width) + 1) / (double)image->shape.width;
    memcpy(y, image->value + i * channels, channels * sizeof *y);
}

/* Places are the inputs, each pixel stands for its share of the area 4. */
static void set_places(const sb_image *image, sb_dataset *set)
{
    memcpy(set->place, set->x, 2 * set->n * sizeof *set->place);
    for (size_t i = 0; i < set->n; i++) set->q[i] = 4 / (double)set->n;
    set->a = -1;
    set->b = 1;
    bool whole = set->n == image->shape.height * image->shape.width, square = image->shape.height == image->shape.width;
    if (whole && square) set->spacing = 2 / (double)image->shape.width;
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    sb_image image;
    sb_status status = sb_need_file(spec, "image");
    if (status == SB_OK) status = sb_load_image(spec->file, &image);
    if (status != SB_OK) return status;
    sb_source source = {.name = spec->file,
                        .n = image.shape.height * image.shape.width,
                        .input = {1, 1, 2},
                        .output = {1, 1, image.shape.channels},
                        .place_dim = 2,
                        .take = take,
                        .data = &image};
    status = sb_choose(spec, &source, train, tests, count);
    if (status == SB_OK) set_places(&image, train);
    if (status == SB_OK && *count > 0) set_places(&image, tests);
    sb_image_clear(&image);
    return status;
}

const sb_dataset_kind sb_dataset_kind_image = {
    .name = "image",
    .file = true,
    .title = "the grey or colour of a PGM or PNG image at its pixels in [-1, 1]^2",
    .make = make};
