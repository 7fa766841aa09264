/* What `specbias kernel` looks at: a case as kernels see it: its matrices, and
 * the places of its data for functions of a frequency. */
#ifndef SPECBIAS_EXPERIMENT_KERNEL_VIEW_H
#define SPECBIAS_EXPERIMENT_KERNEL_VIEW_H

#include <specbias/linear.h>
#include <specbias/report.h>

#include "case/case.h"
#include "case/network.h"
#include "run/stage.h"

/* Where the data lie, for functions of a frequency. */
typedef enum sb_place {
    SB_PLACE_NONE,
    SB_PLACE_LINE,   /* of finite length: frequencies j / (2 length) */
    SB_PLACE_CIRCLE, /* frequencies j / length */
    SB_PLACE_SPHERE, /* of three or more dimensions: degrees */
    SB_PLACE_ALONG,  /* the first principal direction of the inputs, as a line */
} sb_place;

typedef struct sb_view {
    const sb_config *config;
    sb_case cas;

    size_t n, inputs, outputs; /* examples */
    const double *x, *y;       /* [n][inputs], [n][outputs] wanted */
    size_t per_row, rows;      /* rows of the kernel of an example: outputs, or 1; rows = n per_row */
    size_t columns;            /* residuals that evolve under one kernel: outputs / per_row */
    const sb_quadratic *loss;  /* of the rows */
    bool infinite;             /* there is a kernel of infinite width .. */
    char unlike[256];          /* .. or why not */
    bool forecast;             /* loss and rule have one .. */
    char silent[256];          /* .. or why not */

    sb_place kind;
    size_t dim;          /* of a sphere */
    double *place, *q;   /* [n] places and their quadrature weights; of a sphere only q */
    double left, length; /* of line or circle */
    size_t frequencies;  /* j = 0 .. frequencies - 1 */

    size_t tests;            /* other points; 0: none */
    double *test_x, *test_y; /* [tests][inputs], [tests][outputs] */
} sb_view;

/* `view` must be zeroed or cleared. SB_ERR_INPUT: the keys make no kernel, or one that is too large for memory. */
sb_status sb_view_create(const sb_config *config, const sb_monitor *monitor, sb_view *view);
void sb_view_clear(sb_view *view);
/* Whether the largest pairs alone are asked for, of kernels that are packed. */
bool sb_view_packed(const sb_view *view);
/* Bytes that looking at the view takes. */
double sb_view_memory(const sb_view *view);

typedef enum sb_view_kernel { SB_VIEW_EMPIRICAL, SB_VIEW_INFINITE } sb_view_kernel;
const char *sb_view_kernel_name(sb_view_kernel kernel); /* "empirical", "infinite" */

/* cross[tests per_row][rows] */
sb_status sb_view_cross(const sb_view *view, sb_view_kernel kernel, uint64_t seed, double *cross);
/* The kernel by rows, a block at a time (sb_kernel_rows, kernel.h); `network` is that of the empirical one. */
typedef struct sb_view_rows {
    const sb_view *view;
    sb_view_kernel kernel;
    sb_network network;
} sb_view_rows;
sb_status sb_view_write_rows(void *rows, size_t first, size_t count, double *panel);
/* gram[rows][rows] at the start of a seed's network of `factor` times the width; infinite: the kernel of infinite width
 * with its scales, which in standard parametrisation grow with the width. */
sb_status sb_view_gram_of_width(const sb_view *view, double factor, sb_view_kernel kernel, uint64_t seed,
                                const sb_monitor *monitor, double *gram);
/* Outputs at the start, h[n][outputs], and test_h[tests][outputs] unless NULL. */
sb_status sb_view_start(const sb_view *view, uint64_t seed, double *h, double *test_h);

/* Frequency j in the unit below. */
double sb_view_label(const sb_view *view, size_t j);
/* "cycles", "angular", "index", or of a sphere "degree", along the principal direction "half_waves" */
const char *sb_view_unit(const sb_view *view);
/* "none", "line", "circle", "sphere", "along", or of parity "sum" of the inputs, the same for several examples */
const char *sb_view_place_name(const sb_view *view);
/* Whether it is a word that one of these two gives. */
bool sb_view_is_word(const char *text);
/* energy[count][frequencies]: which share of each of the first modes, mode[count][rows], is at each frequency. */
sb_status sb_view_energies(const sb_view *view, size_t count, const double *mode, double *energy);

#endif
