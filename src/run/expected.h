/* What a run can decide, before it is made: the verdict that a forecast would have if it were exactly right. */
#ifndef SPECBIAS_RUN_EXPECTED_H
#define SPECBIAS_RUN_EXPECTED_H

#include <specbias/experiment.h>

/* One line of the verdict, judged by the draws (or the quadrature) that stand behind the forecast, with every seed
 * observed where the forecast is. */
typedef struct sb_expected_line {
    double time;  /* T of the forecast, looked for up to ten times the record; nan: later still */
    double s;     /* of the mean ln T over the seeds; infinite: not known */
    double limit; /* of z */
    sb_verdict verdict;
    double width, end; /* times the case's width at which, and the time to be trained until which, a rate off by
                          SB_RATE_ERROR is noticed by this line in 95 % of experiments; nan: not known */
} sb_expected_line;

typedef struct sb_expected {
    double effect;           /* of the moving kernel, the largest of times within the record; nan: not foretold */
    const sb_source *source; /* whose T that is; NULL: no forecast of the case has a band before training */
    bool quadrature;         /* s is that of quadrature over the law of a unit, else of draws: */
    size_t draws;            /* so many were made here */
    double seconds;          /* that one of them takes; nan with quadrature */
    sb_expected_line *line;  /* [items][SB_LEVELS]; NULL: draws take too long to be made here */
} sb_expected;

/* `expected` must be zeroed or cleared; draws are made as long
 * as they take no more than about `patience` seconds on `threads` threads (0: all cores). */
sb_status sb_expect(const sb_case *cas, double patience, size_t threads, sb_expected *expected);
void sb_expected_clear(sb_expected *expected);

#endif
