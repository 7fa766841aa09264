/* Claims: what an experiment is to show, as expressions of measures, judged over its seeds.
 *
 *   low.loss@last50 > high.loss@last50      of measures (also 2 * high.loss), or a measure and a number: <, <=, >, >=
 *   test.accuracy@last in [0.40, 0.57]      between numbers
 *   order(T) = increasing                   of what is measured of each frequency: increasing, decreasing
 *   order(T) = strictly increasing          in every seed
 *   exponent(T(3, 1/2)) in [-0.6, -0.4]     of a sweep: the power law of a measure of its, as it is written there, in
 *   exponent(T(3, 1/2); net.width) < 0      a key that varies, or in every one that is a number
 *
 * A comparison is judged by the difference of its sides in each seed (paired), or of `in` by the value: it holds where
 * the 95 % interval of the mean over seeds lies inside of what is claimed, fails where it lies outside, and is
 * undecided else. Of one seed, or one value for the run, there is no interval, and the value itself is judged. The
 * interval is Student's t; where tau or order is measured, which are bounded, it is the bootstrap's over seeds (2.5
 * and 97.5 % of the means of seeds drawn with replacement: all such draws up to 6 seeds, else 20 000 of a stream of
 * their own).
 *
 * order(X) = increasing claims that the mean over seeds of Kendall's tau (measure.h) is above 0: what X measures
 * increases with the frequency. With `strictly` no two frequencies are in another order in any seed; equal values are
 * in either order. Of a power law the interval is that of its fit over the points of the sweep. What is not known of a
 * seed, as a time that is not reached, leaves a claim undecided. */
#ifndef SPECBIAS_CLAIM_H
#define SPECBIAS_CLAIM_H

#include <specbias/compare.h>
#include <specbias/measure.h>

#define SB_CLAIM 320 /* bytes of its text */

typedef struct sb_claim {
    char text[SB_CLAIM]; /* as written, without blanks around it */
    sb_measure left, right;
    double factor[2];           /* of left and right; factor[1] = 0: there is no right side */
    double lo, hi;              /* the difference is to be in between, infinite where it is open .. */
    bool ends[2];               /* .. and may be lo, hi */
    bool strictly;              /* in every seed */
    char of[SB_CLAIM], key[64]; /* of a power law: measure and key, ""; of = "" of all other claims */
} sb_claim;

/* SB_ERR_INPUT says which part is wrong. A claim speaks of what training showed: not of verdict, cell(..) and
 * summary(..). */
sb_status sb_claim_parse(const char *text, sb_claim *claim);
/* Of a run that was judged: of these, too. */
sb_status sb_claim_parse_judged(const char *text, sb_claim *claim);

typedef enum sb_interval_kind {
    SB_INTERVAL_NONE,
    SB_INTERVAL_T,
    SB_INTERVAL_BOOTSTRAP,
    SB_INTERVAL_COUNT
} sb_interval_kind;

typedef struct sb_finding {
    sb_claim claim;
    sb_verdict verdict;   /* SB_AGREES: holds; SB_DIFFERS: fails; SB_UNDECIDED */
    size_t n, known;      /* seeds (1: one value for the run), and those of which the values are known */
    size_t in_order;      /* of `strictly`: seeds in that order */
    double value, lo, hi; /* mean difference, or value, and the interval; nan: not known, none */
    double sides[2];      /* means of left and right side, nan: not known, none */
    sb_interval_kind kind;
} sb_finding;

/* Of n seeds, n = 1 also for what is one value of the run; right: NULL without a right side. */
sb_status sb_claim_judge(const sb_claim *claim, size_t n, const double *left, const double *right, sb_finding *finding);
/* Of a number with this interval, nan: not known. */
sb_verdict sb_claim_verdict(const sb_claim *claim, double lo, double hi);
const char *sb_finding_word(const sb_finding *finding); /* "holds", "fails", "undecided" */

/* The bootstrap's 95 % interval of the mean of n values. */
sb_status sb_bootstrap_mean(size_t n, const double *values, double *lo, double *hi);

#endif
