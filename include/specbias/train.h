/* The training loop: full-batch gradient descent of a network on a problem. */
#ifndef SPECBIAS_TRAIN_H
#define SPECBIAS_TRAIN_H

#include <specbias/flow.h>
#include <specbias/monitor.h>
#include <specbias/net.h>
#include <specbias/problem.h>

typedef struct sb_training {
    double *u;   /* [nt][n] residual h - y at the problem's times */
    double loss; /* final, (1/2) sum c u^2 */
    double seconds;
} sb_training;

/* Trains from the net's present weights; the same bits for any number of threads (0: all cores).
 * SB_ERR_NUMERIC when the loss diverges (the step is named), SB_ERR_INTERRUPTED when the monitor asks for a stop.
 * `training` must be zeroed or cleared. */
sb_status sb_train(sb_net *net, const sb_problem *problem, size_t threads, const sb_monitor *monitor,
                   sb_training *training);
/* The same network under exact gradient flow (flow.h) instead of steps, at the problem's times: what gradient descent
 * tends to as eta -> 0. Leaves the net at the last time. */
sb_status sb_train_flow(sb_net *net, const sb_problem *problem, const char *method, double tolerance, size_t threads,
                        const sb_monitor *monitor, sb_training *training, sb_flow_counts *counts);
/* Where a run is remembered while it goes, so that it can be gone on from bit for bit. */
typedef struct sb_train_memory {
    const char *path, *identity; /* checkpoint file, and what differs for another run */
    double seconds;              /* between two checkpoints */
} sb_train_memory;

/* Who looks at the network on its way. What `look` writes to the notes belongs to the run: it is saved with a
 * checkpoint and read back. A failure ends the run. */
typedef struct sb_train_watch {
    const bool *record; /* [nt] at which records; no thread moves the network meanwhile */
    sb_status (*look)(void *context, size_t record, const sb_net *net);
    void *context;
    double *notes; /* [notes_size] */
    size_t notes_size;
} sb_train_watch;

/* sb_train that goes on from the checkpoint, if there is one, and leaves one when interrupted and at the end. memory,
 * watch: NULL: none. */
sb_status sb_train_on(sb_net *net, const sb_problem *problem, size_t threads, const sb_train_memory *memory,
                      const sb_train_watch *watch, const sb_monitor *monitor, sb_training *training);
void sb_training_clear(sb_training *training);

#endif
