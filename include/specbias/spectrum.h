/* What may be observed of a problem. */
#ifndef SPECBIAS_SPECTRUM_H
#define SPECBIAS_SPECTRUM_H

#include <specbias/problem.h>

/* Fills problem->target and problem->floor from y. SB_ERR_INPUT when a frequency is above the Nyquist frequency of a
 * uniform grid, when two are aliases on the points, or when the target has |f^(xi)| < 1e-10 times the larger of sum
 * q|y| (no |f^| is larger than that sum) and problem->most there. */
sb_status sb_problem_observe(sb_problem *problem);

/* The version of FFTW in use. */
const char *sb_fftw_version(void);

#endif
