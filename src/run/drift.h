/* observe.drift: the neural tangent kernel at some records of a training, and what is written of it. */
#ifndef SPECBIAS_EXPERIMENT_DRIFT_H
#define SPECBIAS_EXPERIMENT_DRIFT_H

#include <stdint.h>
#include <stdio.h>

#include <specbias/drift.h>

#include "core/json.h"

#define SB_DRIFT_PAIRS 10 /* leading eigenpairs that are compared */

/* due[nt]: of the records at step[nt], the one nearest to each of `count` log-spaced steps, the first and the last. */
sb_status sb_drift_choose(size_t nt, const double *step, size_t count, bool *due);

/* What is known at such a record, as numbers of a run's notes. */
enum {
    SB_DRIFT_CHANGE,
    SB_DRIFT_TURN,
    SB_DRIFT_VALUES,
    SB_DRIFT_VECTORS,
    SB_DRIFT_WEIGHTS, /* |theta - theta_0| / |theta_0| over all parameters */
    SB_DRIFT_NOTES
};
sb_status sb_drift_note(const sb_drift_start *start, const double *gram, double weights, size_t threads,
                        double note[SB_DRIFT_NOTES]);

typedef struct sb_drift_row {
    double step, time;
    double note[SB_DRIFT_NOTES];
} sb_drift_row;

/* One seed's. */
typedef struct sb_drift_run {
    uint64_t seed;
    size_t count;
    sb_drift_row *row; /* [count] ascending steps */
} sb_drift_run;

/* count runs with room for `rows` each, and their end. */
sb_status sb_drift_runs_create(size_t count, size_t rows, sb_drift_run **run);
void sb_drift_runs_destroy(size_t count, sb_drift_run **run);

/* drift.seedN.tsv of each run; drift.tsv: mean and range over the runs that have a row at the steps which are due. */
sb_status sb_drift_save(const char *directory, size_t nt, const double *step, const bool *due, size_t count,
                        const sb_drift_run *run);
/* "kernel    moved by 2.1 % (eigenvalues 3.5 %, eigenvectors sine 0.02), weights by 0.3 %" at the end, mean over runs;
 * say may be NULL. */
void sb_drift_report(size_t count, const sb_drift_run *run, FILE *say);
/* The last line of drift.tsv, if there is one, as a member of summary.json. */
sb_status sb_drift_json(const char *directory, sb_json json);

#endif
