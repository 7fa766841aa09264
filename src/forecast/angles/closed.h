/* Closed forms beside the moving stack: of no seed, and of no time between early and late. */
#ifndef SPECBIAS_FORECAST_ANGLES_CLOSED_H
#define SPECBIAS_FORECAST_ANGLES_CLOSED_H

#include <specbias/experiment.h>

/* Of a case that law.conv covers. */
sb_status sb_closed_forms(const sb_case *cas, sb_closed *closed);

#endif
