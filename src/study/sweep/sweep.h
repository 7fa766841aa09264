/* A sweep: one experiment at many points, each of which is an ordinary run in a directory of its own, with a forecast
 * that is sealed before it trains. Whoever does a point holds its lock, so that any number of processes, on any
 * machines that share the folder, do each point once; what was finished is never done again. */
#ifndef SPECBIAS_STUDY_SWEEP_H
#define SPECBIAS_STUDY_SWEEP_H

#include <specbias/experiment.h>
#include <specbias/report.h>

/* Part of the address of a point: to be raised when a run of the same keys would give other numbers. */
#define SB_SWEEP_FORMAT 2

typedef struct sb_varied {
    char *key; /* as of --set */
    sb_texts value;
} sb_varied;

typedef struct sb_sweep {
    const sb_config *config; /* the sweep's own */
    size_t keys, points;
    sb_varied *varied; /* [keys] */
    char (*name)[20];  /* [points] "p" and 16 hexadecimal digits of the sha256 of its keys, seeds and the format */
} sb_sweep;

/* Points of sweep.vary. SB_ERR_INPUT for keys that are none, values out of range, points that are the same, keys and
 * variables that have an effect at no point. `sweep` must be zeroed. */
sb_status sb_sweep_open(const sb_config *config, sb_sweep *sweep);
void sb_sweep_close(sb_sweep *sweep);
/* The text of a key's value at a point. */
const char *sb_sweep_value(const sb_sweep *sweep, size_t point, size_t key);
/* "net.width = 64, train.eta = 0.1" */
void sb_sweep_describe(const sb_sweep *sweep, size_t point, char *text, size_t size);
/* The point as an experiment of kind train, without variables, called by its name. */
sb_status sb_sweep_config(const sb_sweep *sweep, size_t point, sb_config *one);
/* Whether every point makes a case, and what is to be measured is watched; jobs at the same time. */
sb_status sb_sweep_check(const sb_sweep *sweep, size_t jobs);

/* ---- the directory ---- */

typedef enum sb_point_state {
    SB_POINT_OPEN,     /* nothing of it is there */
    SB_POINT_STARTED,  /* something is, and nobody is at it: interrupted */
    SB_POINT_RUNNING,  /* somebody holds its lock */
    SB_POINT_FINISHED, /* trained and compared */
    SB_POINT_STATES
} sb_point_state;

/* The directory of a point, and whether it is finished. */
sb_status sb_sweep_folder(const sb_sweep *sweep, const char *directory, size_t point, char path[SB_PATH],
                          bool *finished);
sb_status sb_sweep_state(const sb_sweep *sweep, const char *directory, size_t point, sb_point_state *state);

/* Writes and seals the keys and the points, unless that was done: then they must be the same. With stage->force keys
 * may differ, and are sealed anew; finished points of the same address stay. */
sb_status sb_sweep_begin(const sb_sweep *sweep, const sb_stage *stage, FILE *say);

/* Who hands out points. */
typedef struct sb_handout {
    size_t (*next)(void *context); /* from any thread; sweep->points or more: there are no more */
    void *context;
    bool once; /* one point, on all cores that there are */
} sb_handout;

/* Does the points that are handed out (NULL: all in their order), stage->jobs at the same time. A point that fails for
 * a reason of its own does not stop the others: `failed` of them, the first with its reason in sb_error_text(). */
sb_status sb_sweep_run(const sb_sweep *sweep, const sb_stage *stage, const sb_handout *handout, size_t *failed);

/* The tables of what is finished; when that is all, the summary and its seal, too. *missing points are not. */
sb_status sb_sweep_gather(const sb_sweep *sweep, const sb_stage *stage, FILE *say, size_t *missing,
                          sb_verdict *verdict);

#endif
