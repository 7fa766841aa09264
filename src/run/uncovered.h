/* Forecasts that did not come about: what they train diverges, so that they do not cover the case, while the others go
 * on. decay/uncovered.tsv, which is sealed with the forecasts, names them, each with the reason. */
#ifndef SPECBIAS_RUN_UNCOVERED_H
#define SPECBIAS_RUN_UNCOVERED_H

#include <specbias/experiment.h>

/* `left` is the case without the sources s of reason[s], NULL: it stays. All but two arrays are
 * borrowed from the case, and sb_left_clear, not sb_case_clear, ends it, also where this failed. */
sb_status sb_left_of(const sb_case *cas, char *const *reason, sb_case *left);
void sb_left_clear(sb_case *left);

/* decay/uncovered.tsv; nothing where no reason is. */
sb_status sb_uncovered_save(const sb_case *cas, const char *directory, char *const *reason);
/* What the directory's file leaves of the case: all of it without one. text[1024], unless NULL: the sources that are
 * not there with their reasons, "law: not covered: .."; "": all are. */
sb_status sb_uncovered_load(const sb_case *cas, const char *directory, sb_case *left, char *text);

#endif
