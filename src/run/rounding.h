/* What the rounding of weights does to the watched errors. */
#ifndef SPECBIAS_EXPERIMENT_ROUNDING_H
#define SPECBIAS_EXPERIMENT_ROUNDING_H

#include <specbias/experiment.h>

/* noise[nxi]: rms error of err by the rounding of all weights in one step, eps |theta| |d err / d theta|; steps add
 * up like a random walk. lost[nxi][SB_LEVELS]: what rounding does to the rate itself when err is at the level, as
 * |ln| of a factor: weights whose steps are below half the spacing of their numbers stay. Infinite: all of them do. */
sb_status sb_rounding_measure(const sb_case *cas, double *noise, double *lost);

#endif
