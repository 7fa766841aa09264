/* What snapshots of a network show: its outputs on examples, and between them, at some steps of training and at its
 * end. */
#ifndef SPECBIAS_CASE_SNAPSHOTS_H
#define SPECBIAS_CASE_SNAPSHOTS_H

#include <specbias/experiment.h>

#define SB_SHOWN (SB_TEST_SETS + 2) /* sets: training, tests, places between */

typedef struct sb_snapshots {
    size_t count;             /* steps before the end .. */
    double *step;             /* [count] .. ascending; the end of a run is a state of its own, the last */
    size_t sets;              /* 0: outputs are not kept */
    sb_dataset set[SB_SHOWN]; /* the examples that are shown; y: what is wanted, nan where nobody knows */
    size_t numbers;           /* outputs of all of them in one state .. */
    size_t spectra;           /* .. and the numbers of its spectra (spectra.h), behind them */
} sb_snapshots;

/* The states of a run. */
static inline size_t sb_snapshot_states(const sb_snapshots *shown)
{
    return shown->count + 1;
}

/* Of each state step and time, then h[n][outputs] of each set, what is compared with the wanted outputs; nan where the
 * run did not get there. */
enum { SB_STATE_STEP, SB_STATE_TIME, SB_STATE_OUTPUTS };

static inline size_t sb_state_size(const sb_snapshots *shown)
{
    return SB_STATE_OUTPUTS + shown->numbers + shown->spectra;
}

/* Numbers of all states of a run; 0: none are kept. */
size_t sb_snapshots_size(const sb_case *cas);

/* One of observe.unit in steps. */
double sb_case_unit(const sb_case *cas);
/* Steps of observe.snapshots before the end, each of which becomes a recorded one: cas->snapshots, when anything of
 * snapshots is asked for. */
sb_status sb_case_snapshot_steps(const sb_config *config, sb_case *cas);
/* The examples to show, and spectra. */
sb_status sb_case_snapshots(const sb_config *config, sb_case *cas);
void sb_snapshots_destroy(sb_snapshots **shown);

#endif
