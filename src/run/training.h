/* What was trained, here or outside, before it is written. */
#ifndef SPECBIAS_RUN_TRAINING_H
#define SPECBIAS_RUN_TRAINING_H

#include <specbias/compare.h>

#include "run/effect.h"
#include "run/run.h"

typedef struct sb_training {
    const sb_case *cas;
    const sb_stage *stage;
    size_t seeds, threads;
    sb_layout layout;
    sb_run *run;           /* [seeds] */
    sb_decay *observed;    /* [seeds] */
    sb_decay *exact;       /* [seeds] under exact gradient flow; NULL: not asked for */
    const char *seal;      /* of the forecast, which a checkpoint belongs to */
    _Atomic(double) *part; /* [seeds] done, of 1 */
    sb_effect *effect;     /* [seeds][nxi][SB_LEVELS]; NULL: it is not measured */
} sb_training;

/* Room for the seeds of w->cas; to be closed in any case. */
sb_status sb_training_open(sb_training *w);
void sb_training_close(sb_training *w);
/* decay/SOURCE.seedN.tsv */
sb_status sb_training_save_table(const sb_training *w, const char *source, uint64_t seed, const sb_decay *decay);
/* Everything beside the tables of each seed, train.tsv last; what a person wants to read to `say` unless NULL. */
sb_status sb_training_save(sb_training *w, FILE *say);

#endif
