/* What became of runs beyond the largest stable step (train.unstable): lambda_max of each run's own kernel with the
 * loss, beside the largest rate that its steps bear, 2/eta or what momentum makes of it. */
#ifndef SPECBIAS_RUN_STABILITY_H
#define SPECBIAS_RUN_STABILITY_H

#include "core/json.h"
#include "run/run.h"

/* A record at which the kernel was looked at. */
typedef struct sb_course_row {
    double step, time, loss;
    double peak; /* the largest loss until then, of all records */
    double rate; /* lambda_max; nan: the kernel is not finite */
} sb_course_row;

/* One run: its first record, its last one and some between. */
typedef struct sb_course {
    size_t rows;
    const sb_course_row *row;
    double limit; /* the largest rate with which no mode grows */
    bool diverged;
} sb_course;

/* diverged: the loss did. catapult: lambda_max begins above the limit, the loss rises, and then lambda_max falls below
 * the limit. edge: it rises from below the limit to above, and in the second half of the steps
 * stays within a quarter of it. stable: it is never above. open: none of these. */
const char *sb_course_class(const sb_course *course);

#define SB_STABILITY_RECORDS 49 /* of a run, log-spaced */

/* The largest rate of a kernel gram[rows][rows] of the case; nan unless that is finite. */
sb_status sb_stability_rate(const sb_case *cas, const double *gram, double *rate);
/* stability.tsv, and a line to `say` unless NULL; nothing without train.unstable. */
sb_status sb_stability_save(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                            const sb_run *run, FILE *say);
/* The table as the member `stability` of a summary. */
sb_status sb_stability_json(const sb_case *cas, const char *directory, sb_json json);

#endif
