/* Tables and kernels of the user's as forecasts. */
#ifndef SPECBIAS_FORECAST_GIVEN_FILE_H
#define SPECBIAS_FORECAST_GIVEN_FILE_H

#include <specbias/experiment.h>

/* way[flow, steps]; SB_ERR_UNSUPPORTED where nothing would tell how much T of such networks scatters. */
sb_status sb_given_cover(const sb_case *cas, const sb_source *source, sb_way way[2]);

#endif
