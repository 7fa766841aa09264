#include "data/set/set.h"

#define MOST_BITS 20

/* Example i: x_j = 2 (bit j of i) - 1, y = (-1)^(bits set) */
static void take(const sb_source *source, size_t i, double *x, double *y)
{
    *y = 1;
    for (size_t j = 0; j < source->input.channels; j++) {
        bool bit = i >> j & 1;
        x[j] = bit ? 1 : -1;
        if (bit) *y = -*y;
    }
}

/* Frequencies are k (1, .., 1): the place is the sum of the inputs, and an amplitude the mean over the examples, so
 * that of all 2^d it is (-i sin 2 pi k)^d. */
static void set_places(sb_dataset *set)
{
    size_t dim = set->input.channels;
    for (size_t i = 0; i < set->n; i++) {
        for (size_t j = 0; j < dim; j++) set->place[i] += set->x[i * dim + j];
        set->q[i] = 1 / (double)set->n;
    }
    set->a = -(double)dim;
    set->b = (double)dim;
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    if (spec->dim < 1 || spec->dim > MOST_BITS)
        return sb_fail(SB_ERR_INPUT, "parity of %zu bits: 1 to %d are possible", spec->dim, MOST_BITS);
    sb_source source = {.name = "parity",
                        .n = (size_t)1 << spec->dim,
                        .input = {1, 1, spec->dim},
                        .output = {1, 1, 1},
                        .place_dim = 1,
                        .take = take};
    sb_status status = sb_choose(spec, &source, train, tests, count);
    if (status == SB_OK) set_places(train);
    if (status == SB_OK && *count > 0) set_places(tests);
    return status;
}

const sb_dataset_kind sb_dataset_kind_parity = {
    .name = "parity", .title = "the parity of data.dimension bits, written as -1 and 1", .make = make};
