#ifndef SPECBIAS_DATA_SET_H
#define SPECBIAS_DATA_SET_H

#include <string.h>

#include <specbias/dataset.h>
#include <specbias/rng.h>

/* What random numbers are for, beside the points of SB_STREAM_DATA itself; the second of a kind is for tests. */
enum {
    SB_DATA_CHOICE = SB_STREAM_DATA + 1,
    SB_DATA_SPHERE = SB_STREAM_DATA + 4,
    SB_DATA_POLE = SB_STREAM_DATA + 6,
    SB_DATA_PHASE = SB_STREAM_DATA + 7,
    SB_DATA_LABELS = SB_STREAM_DATA + 8,
    SB_DATA_SHUFFLE = SB_STREAM_DATA + 9,
    SB_DATA_OUTPUTS = SB_STREAM_DATA + 10,
    SB_DATA_NOISE = SB_STREAM_DATA + 16,
    SB_DATA_TONES = SB_STREAM_DATA + 32,
};

/* Examples of which some are chosen. */
typedef struct sb_source sb_source;
struct sb_source {
    const char *name; /* for messages: the file */
    size_t n;
    sb_shape input, output;
    size_t classes;
    size_t place_dim;
    const int *label;  /* [n] of classes, which then stand for y */
    const size_t *row; /* [n] numbers of the examples, from 1; NULL: 1 .. n */
    size_t dropped;    /* rows of the file that are no examples */
    const char *about; /* the columns that are taken, and left out, or NULL */
    /* x[input] and, unless NULL, y[output] of example i */
    void (*take)(const sb_source *source, size_t i, double *x, double *y);
    const void *data;
};

/* Training and test examples of one source by spec->n, test and seed. */
sb_status sb_choose(const sb_dataset_spec *spec, const sb_source *source, sb_dataset *train, sb_dataset *tests,
                    size_t *count);
/* The same for files; `second`, unless NULL, is the source of tests. Inputs are standardised, the wanted outputs and
 * the noise of an autoencoder made of them. */
sb_status sb_choose_from_files(const sb_dataset_spec *spec, const sb_source *first, const sb_source *second,
                               sb_dataset *train, sb_dataset *tests, size_t *count);

/* What the spec says of the outputs of sets that are made. */
sb_status sb_change_outputs(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t count);

/* The choice's own random numbers: order[n], for seed 0 ascending. */
void sb_shuffle(uint64_t seed, uint64_t stream, size_t n, size_t *order);

/* Adds noise to the inputs of set number `index`, for each example anew: Gaussian, made of the waves
 * exp(2 pi i (k1 i/height + k2 j/width)) with noise_low <= |k| <= noise_high, of rms spec->noise in each example. */
sb_status sb_add_noise(const sb_dataset_spec *spec, size_t index, sb_dataset *set);

/* Whether a text of the spec says something. */
static inline bool sb_given(const char *text)
{
    return text && *text;
}

/* Whether bytes are to be divided by 255. */
static inline bool sb_unit(const sb_dataset_spec *spec)
{
    return sb_given(spec->standardise) && strcmp(spec->standardise, "unit") == 0;
}

static inline sb_status sb_need_file(const sb_dataset_spec *spec, const char *kind)
{
    return sb_given(spec->file) ? SB_OK : sb_fail(SB_ERR_INPUT, "data.file: data of kind \"%s\" need a file", kind);
}

#endif
