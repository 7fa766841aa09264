/* The law of a list of dense layers by wide copies of the network at its richness: for r times the width (all widths)
 * the output factor is that of the network, r^-1/2 times that of the copy, and rates are such that the contribution of
 * every layer to the kernel stays what it is. */
#ifndef SPECBIAS_FORECAST_LAW_COPIES_H
#define SPECBIAS_FORECAST_LAW_COPIES_H

#include "forecast/law/law.h"

/* Whether its rates are known: ntk parametrisation under gd, heavy_ball, nesterov and adam, standard without adam. */
sb_status sb_copies_check(const sb_case *cas);
/* A copy of r times the width, from (seed, stream); `moving` is zeroed. */
sb_status sb_copy_create(const sb_case *cas, double r, uint64_t seed, sb_stream stream, double amplitude,
                         sb_moving *moving);
double sb_copies_cost(const sb_case *cas, size_t level); /* in trainings of the network; 0: there is no such level */
/* sb_mean_field_at: the mean over copies. */
sb_status sb_copies_at(const sb_case *cas, const sb_watch *watch, size_t level, double amplitude, bool frozen,
                       const sb_monitor *monitor, sb_decay *decay, sb_made *made);

#endif
