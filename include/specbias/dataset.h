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
    double *q;         /* [n] quadrature weights of the places; on a sphere (inputs of norm 1) without them */
    double a, b;       /* domain of a place, on each axis */
    double spacing;    /* of a uniform grid of places, else 0 */
    double *reference; /* [n][output] the function whose error is observed, where it is not y (Poisson); else NULL */
    size_t *row;     /* [n] number of each example among all there are, such as the rows of a file, from 1; else NULL */
    size_t of;       /* examples there are, of which these were chosen; 0: all were made */
    size_t dropped;  /* rows of the file left out as a number is missing */
    char about[256]; /* columns of the file that were taken, and left out, in words, or "" */
} sb_dataset;

/* Zeroed arrays; label, place, q when asked for by classes and place_dim. `set` must be zeroed or cleared. */
sb_status sb_dataset_init(sb_dataset *set, const char *name, size_t n, sb_shape input, sb_shape output, size_t classes,
                          size_t place_dim);
void sb_dataset_clear(sb_dataset *set);

#define SB_TEST_SETS 4

/* What the keys say; each kind uses what it needs.
 *
 * The choice by seed: a random order of all examples, whose first n are for training and whose last are for tests, so
 * more examples begin with those of fewer, and tests do not depend on n. Seed 0, and all examples at once, keep the
 * order they have in the file. */
typedef struct sb_dataset_spec {
    size_t n;      /* training examples; 0: all there are */
    size_t test;   /* test examples; 0: all of the test file, or those left, or none */
    uint64_t seed; /* of the choice among more examples, and of what is made up */
    const char *file, *labels, *test_file, *test_labels; /* "" or NULL: none. A test file missing: the rest of the first
                                                            serves. CIFAR-100: "fine" or "coarse" */
    const char *standardise; /* inputs: "none"; "unit": bytes / 255 (other numbers as they are); "global": mean 0,
                                variance 1 over all; "features": of each; by the moments of the training inputs */
    /* Of a table: names or numbers (from 1) of the wanted outputs, none: the last; and of the inputs, none: all others
     * but an index (load.h). */
    size_t columns, inputs;
    const char *const *column; /* [columns] */
    const char *const *input;  /* [inputs] */
    const char *header;        /* table: whether the first line names the columns: "yes", "no"; "auto" or NULL */
    const char *missing;       /* table: "drop": rows with missing numbers are left out; "error" or NULL */
    size_t dim;                /* parity: bits; sphere: of the space */
    size_t length;             /* derivative: points of [0, 2 pi) */
    size_t bands;
    const double *band; /* [bands][2] derivative: lowest and highest frequency; the first for training, each of the
                           others for a test. spectrum: the first says which k of xi = k / (b - a); none: all */
    bool uniform;       /* derivative: amplitudes are any numbers of [0, 1], else 0 or 1 */
    double exponent;    /* spectrum: power law of the amplitudes */
    double amplitude;   /* sphere, spectrum: factor of the wanted outputs */
    double a, b;        /* spectrum: domain */
    bool circle;        /* spectrum: inputs are (cos, sin) of 2 pi (x - a) / (b - a) */
    size_t terms;
    const double *degree; /* [terms] sphere: degrees of the harmonics, whole numbers */
    const double *weight; /* [terms] sphere: their weights; NULL: 1 */
    const char *layout;   /* sphere: "grid": Gauss-Legendre points x uniform angles; "random" */
    double rho;           /* sphere: density 1 + rho z of random points, z their last coordinate */
    /* sphere: q of random points, "equal", or for dim = 2 and 3 "voronoi": areas of their cells, "exact": to a degree
     * (data.h; tests have cells) */
    const char *weights;
    size_t exact;       /* sphere: that degree; 0: the highest */
    double label_noise; /* probability that a training example gets a class, or sign, drawn anew */
    double
        output_noise; /* standard deviation of the noise in the wanted outputs of training examples without classes */
    bool shuffled;    /* wanted outputs of the training examples are in a random order */
    bool standardise_outputs;     /* each has mean 0 and variance 1 over the training examples */
    bool autoencoder;             /* the wanted output is the input */
    double noise;                 /* its rms amplitude in the inputs of an autoencoder */
    double noise_low, noise_high; /* of |k|, the 2-D index of frequency: noise_low <= |k| <= noise_high */
    bool noisy_targets;           /* the wanted output is the noisy input (in tests it is always the clean one) */
} sb_dataset_spec;

typedef struct sb_dataset_kind {
    const char *name, *title;
    bool file; /* examples are read from a file, of which all are taken unless n says how many */
    /* Fills `train` and tests[*count], count <= SB_TEST_SETS. Errors name file and offset or line. */
    sb_status (*make)(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count);
} sb_dataset_kind;

const sb_dataset_kind *sb_dataset_kind_at(size_t index); /* NULL past the last */
const sb_dataset_kind *sb_dataset_kind_find(const char *name);

/* kind->make for sets that are zeroed or cleared, cleared again where it fails. */
sb_status sb_dataset_make(const sb_dataset_kind *kind, const sb_dataset_spec *spec, sb_dataset *train,
                          sb_dataset *tests, size_t *count);

/* A function on points as a data set: inputs are the points, or with `circle` (cos, sin) of 2 pi (x - a) / (b - a). */
sb_status sb_dataset_of_problem(const sb_problem *problem, bool circle, sb_dataset *set);

/* ---- functions of the derivative operator (Wang, Wang, Lai, eq. 1) ---- */

#define SB_TONES 10

/* u(x) = sum_i a_i sin(f_i x + phi_i) + b_i cos(f_i x + psi_i) */
typedef struct sb_tones {
    double f[SB_TONES], a[SB_TONES], b[SB_TONES], phi[SB_TONES], psi[SB_TONES];
} sb_tones;

/* a, b 0 or 1, not all 0, or uniform on [0, 1]; f whole numbers of [low, high]; all with equal chances, phases too.
 * Sets of different number and functions of different index are independent. */
sb_tones sb_tones_draw(uint64_t seed, size_t set, size_t index, double low, double high, bool uniform);
double sb_tones_value(const sb_tones *tones, double x);
double sb_tones_slope(const sb_tones *tones, double x);
/* sum_j (p_j - u'(x_j))^2 / sum_j u'(x_j)^2 of the forward difference p_j = (u(x_j + dx) - u(x_j)) / dx, x_j = 2 pi j /
 * length */
double sb_tones_difference(const sb_tones *tones, size_t length, double dx);

/* ---- spheres ---- */

/* Legendre polynomial of degree l in dimension d >= 2, P(1) = 1; d = 2: cos(l arccos t), d = 3: Legendre's own. */
double sb_zonal(size_t dim, size_t degree, double t);
/* How many independent harmonics of that degree there are: 1 over the mean square of the zonal one. */
double sb_harmonics(size_t dim, size_t degree);
/* Surface of the unit sphere of dimension dim - 1: 2 pi, 4 pi, .. */
double sb_sphere_surface(size_t dim);
/* area[n] of the Voronoi cells of points x[n][3] of the unit sphere, no two alike; sum = 4 pi. */
sb_status sb_sphere_voronoi(size_t n, const double *x, double *area);

#endif
