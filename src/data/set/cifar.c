#include <stdlib.h>

#include "core/file.h"
#include "data/set/set.h"

/* A record of the binary CIFAR-10 batches: the class, then 32 x 32 bytes of red, of green, of blue. */
enum { SIDE = 32, PIXELS = SIDE * SIDE, CHANNELS = 3, RECORD = 1 + PIXELS * CHANNELS, CLASSES = 10 };

typedef struct batch {
    unsigned char *bytes; /* [n][RECORD] */
    int *label;
    double scale;
    sb_source source;
} batch;

static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const batch *b = source->data;
    const unsigned char *pixel = b->bytes + i * RECORD + 1;
    (void)y;
    for (size_t j = 0; j < PIXELS; j++)
        for (size_t c = 0; c < CHANNELS; c++) x[j * CHANNELS + c] = b->scale * pixel[c * PIXELS + j];
}

static sb_status load(const sb_dataset_spec *spec, const char *path, batch *b)
{
    char *text = NULL;
    size_t length;
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    b->bytes = (unsigned char *)text;
    size_t n = length / RECORD;
    if (length % RECORD != 0 || n == 0)
        return sb_fail(SB_ERR_INPUT, "%s: offset %zu: ends within a record of %d bytes", path, length, RECORD);
    b->label = malloc(n * sizeof *b->label);
    if (!b->label) return sb_fail(SB_ERR_NOMEM, "no memory for %zu labels", n);
    for (size_t i = 0; i < n; i++) {
        b->label[i] = b->bytes[i * RECORD];
        if (b->label[i] >= CLASSES)
            return sb_fail(SB_ERR_INPUT, "%s: offset %zu: class %d is not in 0 .. %d", path, i * RECORD, b->label[i],
                           CLASSES - 1);
    }
    b->scale = sb_unit(spec) ? 1.0 / 255 : 1;
    b->source = (sb_source){.name = path,
                            .n = n,
                            .input = {SIDE, SIDE, CHANNELS},
                            .output = {1, 1, CLASSES},
                            .classes = CLASSES,
                            .label = b->label,
                            .take = take,
                            .data = b};
    return SB_OK;
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    batch b[2] = {0};
    bool second = sb_given(spec->test_file);
    sb_status status = sb_need_file(spec, "cifar");
    if (status == SB_OK) status = load(spec, spec->file, &b[0]);
    if (status == SB_OK && second) status = load(spec, spec->test_file, &b[1]);
    if (status == SB_OK)
        status = sb_choose_from_files(spec, &b[0].source, second ? &b[1].source : NULL, train, tests, count);
    for (size_t i = 0; i < 2; i++) {
        free(b[i].bytes);
        free(b[i].label);
    }
    return status;
}

const sb_dataset_kind sb_dataset_cifar = {
    .name = "cifar", .title = "images of a binary CIFAR-10 batch, or of several one behind the other", .make = make};
