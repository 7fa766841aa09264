/* In which order frequencies were learned, of what was observed alone, in words and numbers; claims (claims.h) judge.
 */
#ifndef SPECBIAS_RUN_SEEN_H
#define SPECBIAS_RUN_SEEN_H

#include <specbias/experiment.h>

#include "core/json.h"

/* err[nt] of an item, to be freed; NULL: no memory. */
double *sb_seen_errors(const sb_decay *decay, size_t item);
/* The step from which on its running median stays below observe.level; nan: never. */
sb_status sb_seen_settled(const sb_config *config, const sb_decay *decay, size_t item, double *step);
/* The share of records after the first pass, of `pass` steps, in which the low part of the error is the smaller one. */
double sb_seen_ahead(const sb_decay *decay, double pass, size_t low, size_t high);

/* `seen` must be zeroed or cleared. */
sb_status sb_seen_find(const sb_case *cas, size_t runs, const sb_decay *observed, sb_seen *seen);
void sb_seen_clear(sb_seen *seen);
/* In words to `say`: losses at the end, when items stayed below observe.level. */
void sb_seen_say(const sb_case *cas, const sb_summary *summary, FILE *say);
/* Members of summary.json. */
void sb_seen_json(const sb_case *cas, const sb_summary *summary, sb_json json);

#endif
