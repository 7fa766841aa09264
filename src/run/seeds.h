/* Seeds of an experiment, some at the same time. */
#ifndef SPECBIAS_EXPERIMENT_SEEDS_H
#define SPECBIAS_EXPERIMENT_SEEDS_H

#include <specbias/experiment.h>

/* How many run at the same time, and the threads that leaves each, unless `wish` says otherwise. */
size_t sb_seed_jobs(const sb_stage *stage, size_t seeds, size_t wish, size_t *threads);

/* One seed's progress, told as that of all. */
typedef struct sb_seed_progress {
    const sb_monitor *monitor; /* of the stage */
    const char *stage;         /* what it is called; NULL: as training calls itself */
    _Atomic(double) *part;     /* [seeds] done, of 1 */
    size_t seeds, index;
} sb_seed_progress;

/* What one seed talks to, as long as `mine` lives. */
sb_monitor sb_seed_monitor(sb_seed_progress *mine);

#endif
