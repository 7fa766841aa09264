/* What a sweep measures, and power laws in its keys. */
#ifndef SPECBIAS_STUDY_SWEEP_COLUMN_H
#define SPECBIAS_STUDY_SWEEP_COLUMN_H

#include <specbias/measure.h>

#include "study/sweep/sweep.h"

/* "[sd] [ln] MEASURE": the mean over seeds, or with sd their standard deviation, of a measure or of its logarithm. */
typedef struct sb_column {
    const char *text;
    sb_measure measure;
    bool deviation, logarithm;
} sb_column;

/* SB_ERR_INPUT for a measure that is none, and for seconds, which stand in a table of their own. */
sb_status sb_column_parse(const char *text, sb_column *column);

/* sweep.measures; *column is to be freed in any case. */
sb_status sb_sweep_columns(const sb_config *config, size_t *count, sb_column **column);

/* Of one point: a number with its 95 % interval, of the mean by Student's t, of a deviation by chi-square; the
 * deviation of the seeds; and what the first forecast that has it says, with its band. nan: not known. */
typedef struct sb_cell {
    double value, deviation, lo, hi, forecast, forecast_lo, forecast_hi;
} sb_cell;

/* values[seeds], of which logarithms are taken here; n = 1 of what has one value for the run. */
sb_cell sb_column_cell(const sb_column *column, size_t n, double *values, const sb_foretold *foretold);

/* y = c x^exponent, or for `logarithm` y = c + exponent ln x: least squares over n points, and the 95 % interval of
 * Student's t with n - 2 degrees of freedom; nan where a number is not positive or not known; n < 3: no interval. */
typedef struct sb_exponent {
    double exponent, lo, hi;
} sb_exponent;
sb_exponent sb_exponent_fit(size_t n, const double *x, const double *y, bool logarithm);

#endif
