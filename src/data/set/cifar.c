#include <stdlib.h>

#include "core/file.h"
#include "data/set/set.h"

/* A record of the binary CIFAR batches: the class (of CIFAR-100: the coarse one, the fine one), then 32 x 32 bytes of
 * red, of green, of blue. */
enum { SIDE = 32, PIXELS = SIDE * SIDE, CHANNELS = 3, BYTES = PIXELS * CHANNELS };

typedef struct batch {
    unsigned char *bytes; /* [n][labels + BYTES] */
    size_t labels;        /* of a record: 1, or 2 of CIFAR-100 */
    int *label;
    double scale;
    sb_source source;
} batch;

static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const batch *b = source->data;
    const unsigned char *pixel = b->bytes + i * (b->labels + BYTES) + b->labels;
    (void)y;
    for (size_t j = 0; j < PIXELS; j++)
        for (size_t c = 0; c < CHANNELS; c++) x[j * CHANNELS + c] = b->scale * pixel[c * PIXELS + j];
}

/* label[n], and how many classes there are */
static sb_status find_labels(const sb_dataset_spec *spec, const char *path, size_t n, batch *b, size_t *classes)
{
    bool hundred = b->labels == 2, coarse = sb_given(spec->labels) && strcmp(spec->labels, "coarse") == 0;
    size_t which = hundred && !coarse;
    *classes = !hundred ? 10 : coarse ? 20 : 100;
    if (sb_given(spec->labels) && !(hundred && (coarse || strcmp(spec->labels, "fine") == 0)))
        return sb_fail(SB_ERR_INPUT, "data.labels: %s has its own labels, %s", path,
                       hundred ? "\"fine\" or \"coarse\"" : "of one kind");
    b->label = malloc(n * sizeof *b->label);
    if (!b->label) return sb_fail(SB_ERR_NOMEM, "no memory for %zu labels", n);
    for (size_t i = 0; i < n; i++) {
        size_t at = i * (b->labels + BYTES) + which;
        b->label[i] = b->bytes[at];
        if (b->bytes[at] >= *classes)
            return sb_fail(SB_ERR_INPUT, "%s: offset %zu: class %d is not in 0 .. %zu", path, at, b->label[i],
                           *classes - 1);
    }
    return SB_OK;
}

static sb_status load(const sb_dataset_spec *spec, const char *path, batch *b)
{
    char *text = NULL;
    size_t length, classes;
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    b->bytes = (unsigned char *)text;
    b->labels = length % (1 + BYTES) != 0 && length % (2 + BYTES) == 0 ? 2 : 1;
    size_t record = b->labels + BYTES, n = length / record;
    if (length % record != 0 || n == 0)
        return sb_fail(SB_ERR_INPUT, "%s: offset %zu: ends within a record of %zu bytes (of CIFAR-100: %d)", path,
                       length, record, 2 + BYTES);
    status = find_labels(spec, path, n, b, &classes);
    b->scale = sb_unit(spec) ? 1.0 / 255 : 1;
    b->source = (sb_source){.name = path,
                            .n = n,
                            .input = {SIDE, SIDE, CHANNELS},
                            .output = {1, 1, classes},
                            .classes = classes,
                            .label = b->label,
                            .take = take,
                            .data = b};
    return status;
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

const sb_dataset_kind sb_dataset_kind_cifar = {
    .name = "cifar",
    .file = true,
    .title = "images of binary CIFAR-10 or CIFAR-100 batches, or several one behind the other",
    .make = make};
