/* Data sets for training: examples with inputs and wanted outputs, made up or read from files: src/data/set/NAME.c and
 * one line in list.def. */
#ifndef SPECBIAS_DATASET_H
#define SPECBIAS_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include <specbias/problem.h>
#include <specbias/shape.h>
#include <specbias/status.h>

typedef struct sb_dataset {
    char name[32]; /* "train", "test", "low", .. */
    size_t n;
    sb_shape input, output; /* of one example */
    double *x;              /* [n][input] */
    double *y;              /* [n][output]; classes as 0 and 1 */
    size_t classes;         /* 0: not a classification */
    int *label;             /* [n] of classes, else NULL */
    /* Where the examples lie, for frequencies; place_dim = 0: nowhere (the principal direction of x serves). */
    size_t place_dim;
    double *place;     /* [n][place_dim] */
    double *q;         /* [n] quadrature weights of the places */
    double a, b;       /* domain of a place, on each axis */
    double spacing;    /* of a uniform grid of places, else 0 */
    double *reference; /* [n][output] the function whose error is observed, where it is not y (Poisson); else NULL */
} sb_dataset;

/* Zeroed arrays; label, place, q when asked for by classes and place_dim. `set` must be zeroed or cleared. */
sb_status sb_dataset_init(sb_dataset *set, const char *name, size_t n, sb_shape input, sb_shape output, size_t classes,
                          size_t place_dim);
void sb_dataset_clear(sb_dataset *set);

#define SB_TEST_SETS 4

/* What the keys say; each kind uses what it needs. */
typedef struct sb_dataset_spec {
    size_t n;      /* training examples; 0: all there are */
    size_t test;   /* test examples; 0: all of the test file, or those left, or none */
    uint64_t seed; /* of the choice among more examples, and of what is made up */
    const char *file, *labels, *test_file,
        *test_labels; /* "": none. A test file missing: the rest of the first serves */
    const char
        *standardise; /* "none"; "unit": bytes / 255; "global": mean 0, variance 1 over all; "features": of each */
    size_t columns;
    const char *const *column; /* [columns] table: names or numbers (from 1) of the wanted outputs; none: the last */
    size_t dim;                /* parity: bits; sphere: of the space */
    size_t length;             /* derivative: points of [0, 2 pi) */
    size_t bands;
    const double
        *band;        /* [bands][2] derivative: lowest and highest frequency; the first for training, each for a test */
    double exponent;  /* spectrum: power law of the amplitudes */
    double amplitude; /* factor of the wanted outputs */
    bool autoencoder; /* the wanted output is the input */
    double noise;     /* its rms amplitude in the inputs of an autoencoder */
    double noise_low, noise_high; /* of |k|, the 2-D index of frequency: noise_low <= |k| <= noise_high */
    bool noisy_targets;           /* the wanted output is the noisy input (in tests it is always the clean one) */
} sb_dataset_spec;

typedef struct sb_dataset_kind {
    const char *name, *title;
    /* Fills `train` and tests[*count], count <= SB_TEST_SETS. Errors name file and offset or line. */
    sb_status (*make)(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count);
} sb_dataset_kind;

const sb_dataset_kind *sb_dataset_kind_at(size_t index); /* NULL past the last */
const sb_dataset_kind *sb_dataset_kind_find(const char *name);

/* A function on points as a data set: inputs are the points, or with `circle` (cos, sin) of 2 pi (x - a) / (b - a). */
sb_status sb_dataset_of_problem(const sb_problem *problem, bool circle, sb_dataset *set);

#endif
