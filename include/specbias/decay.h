/* How the error at each frequency decays: the one table that theories, kernels and training runs all make. */
#ifndef SPECBIAS_DECAY_H
#define SPECBIAS_DECAY_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

typedef enum sb_form {
    SB_FORM_FLOW,     /* forecast for exact gradient flow */
    SB_FORM_GD,       /* forecast for the run's discrete steps */
    SB_FORM_OBSERVED, /* measured on a trained network */
} sb_form;

const char *sb_form_name(sb_form form); /* "flow", "gd", "observed" */

/* What must be equal before two tables may be laid on one axis. */
typedef struct sb_terms {
    double loss_factor;       /* n * mean c_i, i.e. 1 for (1/2n) sum u^2 */
    char parametrisation[16]; /* "ntk", "standard", "mean_field" */
    char time_unit[16]; /* "flow": t is flow time, the sum of the learning rates; "step": of a rule without, steps */
} sb_terms;

/* One thing that is watched: a frequency, a degree, a part of a filtered residual. */
typedef struct sb_item {
    char name[32];       /* "3", "low(0.5)", of no other item */
    double xi;           /* cycles per unit length, degree, ..: its place on the axis */
    double label;        /* the same in the unit that the user wrote */
    double wanted;       /* |f^|, to which err is relative; 0: nothing is wanted there, and err is nan */
    double floor;        /* error of err by rounding of the target */
    size_t first, parts; /* its components in amp; parts = 0: of its filtered residual only the norm is kept */
} sb_item;

#define SB_LEVELS 2

typedef struct sb_items {
    size_t n, parts;         /* components of all */
    double level[SB_LEVELS]; /* errors q whose times T_q are told, 1/2 first; 1/2 and 1/10 unless set */
    sb_item *item;           /* [n] */
    char unit[16]; /* of the labels: "cycles", "angular", "index", "degree", "half_waves", "variance", or "mixed" */
    bool axis;     /* the labels are places on one axis of frequency */
} sb_items;

typedef struct sb_decay {
    char source[64]; /* "lfp", "ntk.infinite", "ntk.empirical.seed1", "observed", .. */
    sb_form form;
    sb_terms terms;
    size_t nt, nxi;   /* times, items */
    double *t, *step; /* [nt] */
    sb_items items;
    double complex *amp; /* [nt][items.parts] components of the residual; nan where they are not kept */
    double *err;         /* [nt][nxi] |e^| / |f^|, norms over components */
    double *lo, *hi;     /* [nt][nxi] band of err; nan where there is none */
} sb_decay;

/* n items of one component each, all values nan, their names the numbers from 0. `items` must be zeroed or cleared. */
sb_status sb_items_init(sb_items *items, size_t n);
sb_status sb_items_copy(const sb_items *from, sb_items *to);
void sb_items_clear(sb_items *items);

/* An empty table of these items at t[nt], step[nt], all values nan. `decay` must be zeroed or cleared. */
sb_status sb_decay_init(sb_decay *decay, const sb_items *items, size_t nt, const double *t, const double *step,
                        const char *source, sb_form form, const sb_terms *terms);
/* As above with sizes only, one component each; t, step and items are nan. */
sb_status sb_decay_alloc(sb_decay *decay, size_t nt, size_t nxi);
void sb_decay_clear(sb_decay *decay);

/* Sets err from amp, of items whose components are kept. */
void sb_decay_set_err(sb_decay *decay);

/* T_q(xi_k): the last time at which err falls below q and stays below within the record, linear in log t between
 * records (linear in t on the first interval). nan: not reached, or below q from the start. */
double sb_decay_time(const sb_decay *decay, size_t k, double q);
/* The same of a line: item line / SB_LEVELS at the level line % SB_LEVELS; nan of an empty table. */
double sb_decay_line_time(const sb_decay *decay, size_t line);

/* SB_OK when the two may be compared: same loss factor, parametrisation, time unit, times and frequencies. */
sb_status sb_decay_comparable(const sb_decay *a, const sb_decay *b);

/* Mean of amp and err over `count` runs, lo and hi their minimum and maximum err. `mean` is initialised. */
void sb_decay_mean(const sb_decay *runs, size_t count, sb_decay *mean);

/* max over t of |e_a - e_b| / |f^| of item k, the norm of the difference of its components; where these are not known
 * of both, of |err_a - err_b|, which is the least that it can be. nan: nothing is wanted there. */
double sb_decay_distance(const sb_decay *a, const sb_decay *b, size_t k);

/* Tables on disk: tab-separated, first line `t step re(1) im(1) err(1) lo(1) hi(1) re(3) ..` with the items' names, 17
 * significant digits, nan for missing; re and im only of items of one component. Reading takes the items as given,
 * refuses a table whose first line names others, and sets the numbers only (the rest stands in the .cfg beside the
 * table). */
sb_status sb_decay_write_tsv(const sb_decay *decay, const char *path);
sb_status sb_decay_read_tsv(const char *path, const sb_items *items, sb_decay *decay);

#endif
