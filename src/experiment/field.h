/* Tables behind two figures: the error field |e^(xi, t)| over all frequencies, and the density of Fourier features. */
#ifndef SPECBIAS_EXPERIMENT_FIELD_H
#define SPECBIAS_EXPERIMENT_FIELD_H

#include <specbias/experiment.h>

#define SB_FIELD_CELLS 120 /* frequencies */

/* The experiment's problem, watched at SB_FIELD_CELLS frequencies from 0 to observe.field, at some of its times. */
typedef struct sb_field {
    sb_problem problem;
    sb_spectrum *spectrum;
    size_t *record;               /* [problem.nt] which records of the experiment */
    double start[SB_FIELD_CELLS]; /* |e^(xi, 0)| */
} sb_field;

/* `field` must be zeroed or cleared. */
sb_status sb_field_create(const sb_setup *setup, sb_field *field);
void sb_field_clear(sb_field *field);
sb_status sb_field_set_start(sb_field *field, const double *u0);
/* size[problem.nt][SB_FIELD_CELLS] from residuals u[nt][n] at the experiment's times. */
sb_status sb_field_observe(const sb_field *field, const double *u, double *size);
/* The table of a heat map: for each time t[nt] and frequency label[SB_FIELD_CELLS] the cell's centre and edges, and
 * size[nt][SB_FIELD_CELLS] / largest. */
sb_status sb_field_write(const char *path, size_t nt, const double *t, const double *label, double largest,
                         const double *size);
/* decay/BASE.field.tsv: for each time and frequency the cell's centre and edges, and |e^(xi, t)| / max |e^(., 0)|. */
sb_status sb_field_save(const sb_field *field, const char *directory, const char *base, const double *size);

/* The field of a source's gd forecast (of the first seed, when it is of one seed), to decay/. */
sb_status sb_field_forecast(const sb_setup *setup, const sb_source *source, const sb_monitor *monitor,
                            const char *directory);

/* decay/density.tsv: label, w, rho, rate. */
sb_status sb_density_save(const sb_setup *setup, const char *directory);

#endif
