/* Rehearsals: networks of the case's own width, from a stream of their own, trained as the judged ones will be before
 * one of those starts. They tell how much ln T scatters where training moves the kernel and, with networks of half the
 * width at the same richness, what finite width does to it: the spread of a forecast of moving networks, never its
 * centre, or every wrong one would agree (compare.h). */
#ifndef SPECBIAS_FORECAST_REHEARSE_H
#define SPECBIAS_FORECAST_REHEARSE_H

#include <specbias/experiment.h>

/* Numbers of rehearsals, which name their order of mini-batches, too: beyond every seeds.first + seeds.count. */
#define SB_FIRST_REHEARSAL ((uint64_t)1 << 32)

typedef struct sb_rehearsal_work {
    const sb_case *cas;
    sb_draws draws; /* shift: ln T of half the width less that of the width, b / M to leading order */
    double *err;    /* [count][nt][nxi] of the width */
    double *ln_t;   /* [2][count][nxi][SB_LEVELS] of the width, of half of it */
} sb_rehearsal_work;

/* As many as the case needs, none trained yet. `work` must be zeroed. */
sb_status sb_rehearsal_open(const sb_case *cas, sb_rehearsal_work *work);
void sb_rehearsal_close(sb_rehearsal_work *work);
/* Training `index` of 2 draws.count, those of half the width last. Any number at the same time. */
sb_status sb_rehearsal_train(sb_rehearsal_work *work, size_t index, size_t threads, const sb_monitor *monitor);
/* work->draws from all of them. */
void sb_rehearsal_finish(sb_rehearsal_work *work);

#endif
