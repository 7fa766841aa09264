/* Measures of a table of decay, observed or forecast, and of what has a value at each record. */
#ifndef SPECBIAS_RUN_MEASURED_H
#define SPECBIAS_RUN_MEASURED_H

#include "run/results.h"

/* Whether it is of the quantity of that name. */
bool sb_measure_is(const sb_measure *measure, const char *quantity);

/* v[n] at step[n], t[n]; the run was to go on to step `end`, and stands still from its last record on. */
typedef struct sb_curve {
    size_t n;
    const double *step, *t, *v;
    double end, end_t, pass; /* steps of a pass through the data; nan: not known */
    const char *what;        /* names it in errors */
} sb_curve;

/* The value at the measure's place. */
sb_status sb_measured_at(const sb_measure *measure, const sb_curve *curve, double *value);

/* Whether the measure can be taken of a table of decay. */
bool sb_measured_of_decay(const sb_measure *measure);
/* T, err, settled, tau of these, ahead, fbi, spread. SB_ERR_INPUT names what is watched where its item is not. */
sb_status sb_measured_take(const sb_results *results, const sb_measure *measure, const sb_decay *decay, double *value);

#endif
