/* Which items and forecasts of a case its figures show, and what they are called there. */
#ifndef SPECBIAS_RUN_SHOWN_H
#define SPECBIAS_RUN_SHOWN_H

#include <specbias/report.h>

#include "forecast/forecast.h"

typedef struct sb_shown {
    size_t n, *item; /* [n] of the watch's items */
    size_t sources;
    const sb_source **source; /* [sources], the first is the solid line */
} sb_shown;

/* All, or those of the look (which may be NULL). SB_ERR_INPUT for a label or a name that is not there, with those that
 * are. */
sb_status sb_shown_choose(const sb_case *cas, const sb_look *look, sb_shown *shown);
void sb_shown_clear(sb_shown *shown);

/* The variables nxi, axis, labels, item_names (as tables have them), sources, band_text. */
void sb_shown_write(const sb_case *cas, const sb_shown *shown, FILE *stream);
/* The band of a forecast. */
const char *sb_shown_band(const sb_case *cas, const sb_source *source);
/* Words: labels; names, K of the columns err(K); floors. */
void sb_shown_labels(const sb_case *cas, const sb_shown *shown, FILE *stream);
void sb_shown_items(const sb_case *cas, const sb_shown *shown, FILE *stream);
void sb_shown_floors(const sb_case *cas, const sb_shown *shown, FILE *stream);

/* What an item is called. */
void sb_shown_label(const sb_case *cas, size_t item, char label[32]);
/* The unit of what items are called: of frequencies of the DFT over the points of a Ritz problem k. */
const char *sb_shown_unit(const sb_case *cas);
/* Whether frequencies of a circle are called by the degree l of a harmonic. */
bool sb_shown_degrees(const sb_config *config);

#endif
