/* Finite width of a case without sampling (finite_width.h): which cases it covers, and what it says of ln T. */
#ifndef SPECBIAS_FORECAST_WIDTH_H
#define SPECBIAS_FORECAST_WIDTH_H

#include <specbias/experiment.h>
#include <specbias/finite_width.h>

/* SB_OK, or SB_ERR_UNSUPPORTED with the reason: it covers sums over units that start at zero by two antisymmetric
 * copies, trained by gradient descent on mean squares with weights, on at most SB_WIDTH_MOST points. */
sb_status sb_width_check(const sb_case *cas);
#define SB_WIDTH_MOST 256 /* memory n^3 */

/* Whether forecast.width asks for it and it covers the case: what compare is to find in a directory. */
bool sb_width_wanted(const sb_case *cas);

/* Bytes that takes; 0 where it is not wanted. */
double sb_width_memory(const sb_case *cas);

/* Units of both copies. */
double sb_width_neurons(const sb_case *cas);
/* Nodes of the law of a unit of the case, as many as make its kernel of infinite width to 1e-6 (else
 * SB_ERR_UNSUPPORTED). `nodes` must be zeroed or cleared. */
sb_status sb_width_nodes(const sb_case *cas, sb_unit_nodes *nodes);
/* effect[items][SB_LEVELS], of ln T times the number of units of both copies. Errors of both. */
sb_status sb_width_measure(const sb_case *cas, sb_width_effect *effect);
/* The same at the case's width, to line[items][SB_LEVELS]; *tells = false: the draws are to tell, as forecast.width
 * says (auto: where shift is not below SB_WIDTH_FIRST at a line within ten times the record, or work is long). */
sb_status sb_width_lines(const sb_case *cas, const sb_monitor *monitor, sb_width_line *line, bool *tells);

#endif
