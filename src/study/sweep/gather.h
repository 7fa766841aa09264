/* What the finished points of a sweep say, and its tables. */
#ifndef SPECBIAS_STUDY_SWEEP_GATHER_H
#define SPECBIAS_STUDY_SWEEP_GATHER_H

#include <specbias/claim.h>

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

/* A claim of the sweep as a whole: the worst of its power laws that the claim speaks of. */
typedef struct sb_law_claim {
    sb_claim claim;
    const sb_power_law *law; /* NULL: there is none */
    sb_verdict verdict;
} sb_law_claim;

typedef struct sb_gathered {
    const sb_sweep *sweep;
    size_t columns, laws, claims, missing;
    sb_column *column;        /* [columns] */
    sb_gathered_point *point; /* [sweep->points] */
    sb_power_law *law;        /* [laws] */
    sb_law_claim *claim;      /* [claims] */
    sb_verdict verdict;       /* the worst of all */
} sb_gathered;

/* Reads what is finished, in the order of the points. `gathered` must be zeroed, and is to be cleared in any case. */
sb_status sb_gather(const sb_sweep *sweep, const char *directory, sb_gathered *gathered);
void sb_gathered_clear(sb_gathered *gathered);

/* Claims of the configuration that are of the sweep as a whole; SB_ERR_INPUT for a measure or key that it has not.
 * *claim is to be freed in any case. */
sb_status sb_sweep_claims(const sb_sweep *sweep, size_t *count, sb_law_claim **claim);

/* sweep.tsv, study.tsv, exponents.tsv, seconds.tsv */
sb_status sb_gathered_save(const sb_gathered *gathered, const sb_stage *stage);
void sb_gathered_say(const sb_gathered *gathered, FILE *say);

#endif
