/* One seed's run: what is noted of it at each record, and which kernels are kept. */
#ifndef SPECBIAS_EXPERIMENT_RUN_H
#define SPECBIAS_EXPERIMENT_RUN_H

#include <specbias/experiment.h>
#include <specbias/path.h>

#include "run/drift.h"

/* A record is a row of numbers: step, time, rate, loss, accuracy, loss and accuracy of each test set, components and
 * err of the watched items, those of each test set (observe.tests), cells of the error field, drift of the kernel and
 * its largest rate (nan where it is not looked at). Rows are followed by the kernels that the effect of their movement
 * is measured with, and by snapshots. */
enum { SB_NOTE_STEP, SB_NOTE_TIME, SB_NOTE_RATE, SB_NOTE_LOSS, SB_NOTE_ACCURACY, SB_NOTE_TESTS };

typedef struct sb_layout {
    size_t amp, err, tests, field, drift, rate, columns; /* first of each, and all */
    size_t nodes;                                        /* kernels that are kept .. */
    size_t node[SB_PATH_NODES];                          /* .. at which records */
    bool *due;                                           /* [nt] records at which the drift is noted; NULL: none */
    bool *sharp; /* [nt] and the kernel's largest rate (train.unstable); NULL: none */
    bool *look;  /* [nt] one or the other; NULL: at none */
} sb_layout;

typedef struct sb_run {
    uint64_t seed;
    double *notes;  /* [nt + 1][columns], then [nodes][rows][rows], then snapshots (snapshots.h), residuals */
    size_t records; /* made; the last one may be of a step that is none of the case's */
    double seconds;
    const char *route, *first; /* as in sb_fit_result */
    double kernel_change;      /* |K_end - K_start| / |K_start|; nan: it was not looked at, or is not finite */
    bool diverged;             /* with train.unstable */
} sb_run;

/* `layout` must be zeroed or cleared. */
sb_status sb_layout_make(const sb_case *cas, sb_layout *layout);
void sb_layout_clear(sb_layout *layout);
size_t sb_layout_size(const sb_case *cas, const sb_layout *layout); /* numbers of the notes */
const double *sb_run_note(const sb_layout *layout, const sb_run *run, size_t record);
double *sb_run_kernel(const sb_case *cas, const sb_layout *layout, const sb_run *run, size_t node);
double *sb_run_snapshots(const sb_case *cas, const sb_layout *layout, const sb_run *run);
/* With output.residuals: u[records][n][outputs]. */
double *sb_run_residuals(const sb_case *cas, const sb_layout *layout, const sb_run *run);

/* Trains one seed. `path`, `identity`: its checkpoint; theta[parameters]: in, the start; out, the end. */
typedef struct sb_run_spec {
    const sb_case *cas;
    const sb_layout *layout;
    size_t threads;
    const char *path, *identity;
    const sb_monitor *monitor;
} sb_run_spec;
struct sb_network;
sb_status sb_run_train(const sb_run_spec *spec, struct sb_network *network, sb_run *run);

/* A run that was trained elsewhere: residuals u[nt][n][outputs] at the case's records. Of a loss that is of outputs
 * themselves; what only a network tells is nan. */
sb_status sb_run_see(const sb_case *cas, const sb_layout *layout, const double *u, sb_run *run);

/* The same network under exact gradient flow, to a table of the case's. Leaves the network at the end. */
sb_status sb_run_flow(const sb_case *cas, size_t threads, const sb_monitor *monitor, struct sb_network *network,
                      sb_decay *decay);

/* The run as a table of what is watched; where training stopped early, the rest of the record is its last state. */
sb_status sb_run_decay(const sb_case *cas, const sb_layout *layout, const sb_run *run, sb_decay *decay);

/* difference.tsv, of data of kind derivative. */
sb_status sb_difference_save(const sb_case *cas, const char *directory);

/* history.tsv, frequencies.tsv, projection.tsv, filter.tsv, drift.tsv, stability.tsv, and of each seed drift.seedN.tsv
 * and history.seedN.tsv; how far kernels moved, with observe.drift, to `say` unless NULL. */
sb_status sb_runs_save_tables(const sb_case *cas, const sb_layout *layout, const char *directory, size_t count,
                              const sb_run *run, FILE *say);

#endif
