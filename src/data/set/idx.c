#include <stdlib.h>

#include "data/load/load.h"
#include "data/set/set.h"

/* One file of examples with its labels, if there are any. */
typedef struct part {
    sb_idx idx;
    int *label;
    double scale;
    sb_source source;
} part;

static void take(const sb_source *source, size_t i, double *x, double *y)
{
    const part *p = source->data;
    size_t size = sb_shape_size(source->input);
    (void)y;
    for (size_t j = 0; j < size; j++) x[j] = p->scale * sb_idx_number(&p->idx, i * size + j);
}

static size_t classes_of(const part *p)
{
    int largest = 0;
    for (size_t i = 0; i < p->idx.n; i++)
        if (p->label[i] > largest) largest = p->label[i];
    return (size_t)largest + 1;
}

static sb_status load_labels(const char *file, const char *labels, part *p)
{
    size_t n;
    sb_status status = sb_load_labels(labels, &n, &p->label);
    if (status != SB_OK) return status;
    if (n != p->idx.n)
        return sb_fail(SB_ERR_INPUT, "%s: %zu labels for the %zu examples of %s", labels, n, p->idx.n, file);
    p->source.classes = classes_of(p);
    p->source.label = p->label;
    return SB_OK;
}

static sb_status load(const sb_dataset_spec *spec, const char *file, const char *labels, part *p)
{
    sb_status status = sb_load_idx(file, &p->idx);
    if (status != SB_OK) return status;
    if (!sb_given(labels) && !spec->autoencoder)
        return sb_fail(SB_ERR_INPUT, "%s: nothing to learn: it needs a file of labels, or data.autoencoder", file);
    p->scale = p->idx.type == 0x08 && sb_unit(spec) ? 1.0 / 255 : 1;
    p->source = (sb_source){.name = file, .n = p->idx.n, .input = p->idx.shape, .take = take, .data = p};
    return spec->autoencoder ? SB_OK : load_labels(file, labels, p);
}

/* Both files have the classes of either. */
static void share_classes(part *p)
{
    size_t classes = p[0].source.classes > p[1].source.classes ? p[0].source.classes : p[1].source.classes;
    for (size_t i = 0; i < 2; i++) {
        p[i].source.classes = classes;
        p[i].source.output = (sb_shape){1, 1, classes};
    }
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    part p[2] = {0};
    bool second = sb_given(spec->test_file);
    sb_status status = sb_need_file(spec, "idx");
    if (status == SB_OK) status = load(spec, spec->file, spec->labels, &p[0]);
    if (status == SB_OK && second) status = load(spec, spec->test_file, spec->test_labels, &p[1]);
    if (status == SB_OK) {
        share_classes(p);
        status = sb_choose_from_files(spec, &p[0].source, second ? &p[1].source : NULL, train, tests, count);
    }
    for (size_t i = 0; i < 2; i++) {
        sb_idx_clear(&p[i].idx);
        free(p[i].label);
    }
    return status;
}

const sb_dataset_kind sb_dataset_kind_idx = {.name = "idx",
                                             .file = true,
                                             .title =
                                                 "examples of an IDX file such as MNIST's, plain or .gz, with labels",
                                             .make = make};
