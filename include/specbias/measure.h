/* Measures: the numbers of a finished run, by name, such as "low.loss@last50", "T(3, 1/2)", "tau(T)", "fbi", "z".
 *
 * A measure is [OF.]QUANTITY[(ITEM[, q])][@PLACE]. Most have one value for each seed; z, verdict, summary(..) and their
 * like have one for the run. sb_quantity_at lists the quantities, `specbias list measure` prints them.
 *
 *   OF       a test set ("low", "test"), else the training set; of z and its like a forecaster, else the worst of all
 *   ITEM     what is watched, as tables name it: 3, low(0.5), along(2), 5_2 (the second frequency of that length), or
 *            `only`, the one item where there is no other, whatever its name in each point of a sweep; * stands for
 *            anything: * alone is every frequency, along(*) every one along the principal direction; of
 *            cell(TABLE; NAME=VALUE; ..; COLUMN) the number in that column of the one line of a table, of a run or a
 *            study, that has these values
 *   q        a level of err, 1/2 where none is given: 1/10, 0.1
 *   PLACE    of what has a value at each record: last (also where none is given), lastN: the mean over the last N
 *            records, first, min, max, step=S, t=T, epoch=E: linear between records; beyond the end of a run that
 *            stopped early its last value
 *
 * tau(X) is Kendall's rank correlation (tau-b) of |xi| of items and what X measures of each, X = T, settled, err@last,
 * ..: 1 where low frequencies have the smaller values, -1 where high ones have them. A time that is never reached comes
 * after all others; several of them are equal. order(X) is 1 where X increases with |xi|, equal values being in either
 * order, -1 where it decreases, 0 where it does neither, and not known where two are never reached. */
#ifndef SPECBIAS_MEASURE_H
#define SPECBIAS_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/status.h>

#define SB_MEASURE 128 /* bytes of its text */

/* What a quantity takes, and whether it has a value for each seed. */
enum {
    SB_MEASURE_SET = 1,       /* OF is a test set */
    SB_MEASURE_SOURCE = 2,    /* OF is a forecaster */
    SB_MEASURE_ITEM = 4,      /* of an item */
    SB_MEASURE_LEVEL = 8,     /* and of a level q */
    SB_MEASURE_WORD = 16,     /* ITEM is another word: a column, a path */
    SB_MEASURE_RECORDS = 32,  /* at each record: takes a place */
    SB_MEASURE_RUN = 64,      /* one value for the run */
    SB_MEASURE_VERDICT = 128, /* known when the run was judged: no claim of its own speaks of it */
    SB_MEASURE_CELL = 256     /* WORD is "TABLE; NAME=VALUE; ..; COLUMN" */
};

typedef struct sb_quantity {
    const char *name, *form, *help; /* "T", "T(ITEM, q)", .. */
    unsigned takes;
} sb_quantity;
const sb_quantity *sb_quantity_at(size_t index); /* NULL past the last */

typedef enum sb_moment {
    SB_AT_LAST,
    SB_AT_FIRST,
    SB_AT_MIN,
    SB_AT_MAX,
    SB_AT_STEP,
    SB_AT_TIME,
    SB_AT_EPOCH,
} sb_moment;

/* Of what is measured of each item: Kendall's tau with |xi|, or sb_in_order (observe.h). */
typedef enum sb_rank { SB_RANK_NONE, SB_RANK_TAU, SB_RANK_ORDER } sb_rank;

typedef struct sb_measure {
    char text[SB_MEASURE]; /* as written, without blanks around it */
    const sb_quantity *quantity;
    sb_rank rank;                  /* of what follows */
    char of[64], item[SB_MEASURE]; /* "": none */
    double q;                      /* level */
    sb_moment moment;
    double at;    /* step, time or epoch */
    size_t count; /* of last records */
} sb_measure;

/* SB_ERR_INPUT says which word is wrong, what there is, and what is nearest. One measure of each item ("T", "err") is
 * no number: SB_ERR_INPUT, too. */
sb_status sb_measure_parse(const char *text, sb_measure *measure);
/* Whether an item of that name is meant by ITEM. */
bool sb_measure_fits(const char *item, const char *name);
/* Whether it has a value for each seed. */
bool sb_measure_per_seed(const sb_measure *measure);

/* ---- over seeds ---- */

/* Of n values that are all known: mean, standard deviation (n - 1), and the interval of Student's t that holds the mean
 * with 95 % confidence; deviation and interval are nan of one value, all of them when a value is nan. */
typedef struct sb_estimate {
    size_t n, known;
    double mean, deviation, lo, hi;
} sb_estimate;
sb_estimate sb_estimate_mean(size_t n, const double *values);

/* ---- of a run directory (src/run/measure.c) ---- */

/* The tables of a directory, read as they are asked for. */
typedef struct sb_results sb_results;

/* A trained directory, or that of a study, which has no seeds and only cell, summary and verdict; checks both seals.
 * Only sb_results_close ends *results. */
sb_status sb_results_open(const char *directory, sb_results **results);
void sb_results_close(sb_results **results);
size_t sb_results_seeds(const sb_results *results);
uint64_t sb_results_seed(const sb_results *results, size_t run);

/* values[seeds] of the runs, or values[1] where sb_measure_per_seed is false; nan: not known, as the time of a level
 * that is not reached. SB_ERR_INPUT where there is no such set, item, column, place, with those that there are. */
sb_status sb_measure_values(sb_results *results, const sb_measure *measure, double *values);

/* What a sealed forecast says of the same: T, err, tau of both, fbi and spread. */
typedef struct sb_foretold {
    char source[64];
    double value, lo, hi; /* and its band; nan: none, or not known */
} sb_foretold;

/* *foretold[*count] is to be freed; none where no forecast has it. */
sb_status sb_measure_foretold(sb_results *results, const sb_measure *measure, size_t *count, sb_foretold **foretold);

#endif
