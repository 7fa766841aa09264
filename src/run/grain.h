/* What finite width leaves of a start without randomness, which no draws can tell: half the width for comparison. */
#ifndef SPECBIAS_EXPERIMENT_GRAIN_H
#define SPECBIAS_EXPERIMENT_GRAIN_H

#include <specbias/experiment.h>

/* grain[nxi][SB_LEVELS] = |ln T of half the width - ln T of the width|, of the kernels at the start; infinite where one
 * of them is not reached. */
sb_status sb_grain_measure(const sb_case *cas, double *grain);

#endif
