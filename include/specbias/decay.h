/* How the error at each frequency decays: the one table that theories, kernels and training runs all make. */
#ifndef SPECBIAS_DECAY_H
#define SPECBIAS_DECAY_H

#include <specbias/problem.h>

typedef enum sb_form {
    SB_FORM_FLOW,     /* forecast for exact gradient flow */
    SB_FORM_GD,       /* forecast for the run's discrete steps */
    SB_FORM_OBSERVED, /* measured on a trained network */
} sb_form;

const char *sb_form_name(sb_form form); /* "flow", "gd", "observed" */

/* What must be equal before two tables may be laid on one axis. */
typedef struct sb_terms {
    double loss_factor;       /* n * mean c_i, i.e. 1 for (1/2n) sum u^2 */
    char parametrisation[16]; /* "ntk", "standard" */
    char time_unit[16];       /* "flow": t is the sum of the learning rates */
} sb_terms;

typedef struct sb_decay {
    char source[64]; /* "lfp", "ntk.infinite", "ntk.empirical.seed1", "observed", .. */
    sb_form form;
    sb_terms terms;
    size_t nt, nxi;
    double *t, *step;   /* [nt] */
    double *xi, *label; /* [nxi] */
    char unit[16];
    double complex *amp; /* [nt][nxi] residual amplitude e^(xi, t) */
    double *err;         /* [nt][nxi] |e^(xi, t)| / |f^(xi)| */
    double *lo, *hi;     /* [nt][nxi] band of err; nan where there is none */
} sb_decay;

/* An empty table for the problem's times and frequencies, all values nan. `decay` must be zeroed or cleared. */
sb_status sb_decay_init(sb_decay *decay, const sb_problem *problem, const char *source, sb_form form,
                        const sb_terms *terms);
/* As above with sizes only; t, step, xi and label are nan. */
sb_status sb_decay_alloc(sb_decay *decay, size_t nt, size_t nxi);
void sb_decay_clear(sb_decay *decay);

/* Sets err from amp. */
void sb_decay_set_err(sb_decay *decay, const sb_problem *problem);

/* T_q(xi_k): the last time at which err falls below q and stays below within the record, linear in log t between
 * records (linear in t on the first interval). nan: not reached, or below q from the start. */
double sb_decay_time(const sb_decay *decay, size_t k, double q);

/* SB_OK when the two may be compared: same loss factor, parametrisation, time unit, times and frequencies. */
sb_status sb_decay_comparable(const sb_decay *a, const sb_decay *b);

/* Mean of amp and err over `count` runs, lo and hi their minimum and maximum err. `mean` is initialised. */
void sb_decay_mean(const sb_decay *runs, size_t count, sb_decay *mean);

/* max over t of |e_a - e_b| / |f^| at frequency k, complex difference. */
double sb_decay_distance(const sb_decay *a, const sb_decay *b, const sb_problem *problem, size_t k);

/* Tables on disk: tab-separated, first line `t step re_0 im_0 err_0 lo_0 hi_0 re_1 ..`, 17 significant digits, nan for
 * missing. Reading sets the numbers only (the rest stands in the .cfg beside the table). */
sb_status sb_decay_write_tsv(const sb_decay *decay, const char *path);
sb_status sb_decay_read_tsv(const char *path, size_t nxi, sb_decay *decay);

#endif
