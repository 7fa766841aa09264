/* What the finished points of a sweep say, and its tables. */
#ifndef SPECBIAS_STUDY_SWEEP_GATHER_H
#define SPECBIAS_STUDY_SWEEP_GATHER_H

#include "study/sweep/column.h"

typedef struct sb_gathered_point {
    bool there;
    size_t seeds;
    uint64_t first;  /* seed; the others follow */
    double *value;   /* [columns][seeds] as measured; of what has one value for the run, that */
    double *seconds; /* [seeds] of the wall clock */
    sb_cell *cell;   /* [columns] */
    sb_verdict verdict;
} sb_gathered_point;

/* A power law in a key, over the points that share the values of the other keys. */
typedef struct sb_power_law {
    size_t key, column, points;
    char at[300]; /* the other keys, "train.eta = 0.1"; "" */
    sb_exponent seen, forecast;
} sb_power_law;

typedef struct sb_gathered {
    const sb_sweep *sweep;
    size_t columns, laws, missing;
    sb_column *column;        /* [columns] */
    sb_gathered_point *point; /* [sweep->points] */
    sb_power_law *law;        /* [laws] */
    sb_verdict verdict;       /* the worst of all */
} sb_gathered;

/* Reads what is finished, in the order of the points. `gathered` must be zeroed, and is to be cleared in any case. */
sb_status sb_gather(const sb_sweep *sweep, const char *directory, sb_gathered *gathered);
void sb_gathered_clear(sb_gathered *gathered);

/* sweep.tsv, study.tsv, exponents.tsv, seconds.tsv */
sb_status sb_gathered_save(const sb_gathered *gathered, const sb_stage *stage);
void sb_gathered_say(const sb_gathered *gathered, FILE *say);

#endif
