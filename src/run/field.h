/* Tables behind two figures: the error field |e^(xi, t)| over all frequencies, and the density of Fourier features. */
#ifndef SPECBIAS_EXPERIMENT_FIELD_H
#define SPECBIAS_EXPERIMENT_FIELD_H

#include <specbias/experiment.h>

#include "case/case.h"

#define SB_FIELD_TIMES 60 /* at most */

/* Which of the records after the start are drawn; returns how many. */
size_t sb_field_records(const sb_case *cas, size_t record[SB_FIELD_TIMES]);
/* size[SB_FIELD_CELLS] = |e^| of a residual u[n][outputs] */
sb_status sb_field_sizes(const sb_case *cas, const double *u, double *size);
/* decay/BASE.field.tsv: for each time drawn and frequency the cell's centre and edges, and size[times][SB_FIELD_CELLS]
 * in units of the largest of start[SB_FIELD_CELLS]. */
sb_status sb_field_save(const sb_case *cas, const char *directory, const char *base, const double *start,
                        const double *size);

/* The field of a source's gd forecast (of the first seed, when it is of one seed), to decay/. */
sb_status sb_field_forecast(const sb_case *cas, const sb_source *source, const sb_monitor *monitor,
                            const char *directory);

/* decay/density.tsv: label, w, rho, rate. */
sb_status sb_density_save(const sb_case *cas, const char *directory);

#endif
