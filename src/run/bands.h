/* Of the source law.conv: the loss on each band of test functions at the end, forecast and observed, beside closed
 * forms. */
#ifndef SPECBIAS_EXPERIMENT_BANDS_H
#define SPECBIAS_EXPERIMENT_BANDS_H

#include <specbias/experiment.h>

#include "core/json.h"

/* Whether law.conv is among the sources. */
bool sb_bands_told(const sb_case *cas);
/* Two lines on the closed forms of such a case. */
void sb_closed_say(const sb_closed *closed, FILE *say);

/* summary->bands: means over seeds of the sealed tables and of summary->run; nothing without that source. */
sb_status sb_bands_load(const sb_case *cas, const char *directory, sb_summary *summary);
/* As a table; as the member `bands` of the summary. Nothing without that source. */
void sb_bands_say(const sb_case *cas, const sb_summary *summary, FILE *say);
void sb_bands_json(const sb_case *cas, const sb_summary *summary, sb_json top);

#endif
