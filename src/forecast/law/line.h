/* Nodes of one number of a unit, whose law is on a line. */
#ifndef SPECBIAS_FORECAST_LAW_LINE_H
#define SPECBIAS_FORECAST_LAW_LINE_H

#include <specbias/model.h>

typedef struct sb_line {
    size_t n;
    double *x, *weight; /* [n]; weights add to 1 */
} sb_line;

/* Whether it is more than one or two points. */
bool sb_line_smooth(const sb_start_law *law);
/* Where the law ends, or nothing of it is left; SB_ERR_UNSUPPORTED: it has no end, frequencies with heavy tails. */
sb_status sb_line_end(const sb_start_law *law, double *end);
/* The points of a law that is no smooth one, each once; else `each` Gauss nodes, of the law as weight, between
 * neighbours of cut[cuts] (sorted here), the ends, and where the law itself jumps. half: of the positive side
 * alone, which stands for both. `line` must be zeroed or cleared. */
sb_status sb_line_create(const sb_start_law *law, bool half, size_t cuts, double *cut, size_t each, sb_line *line);
void sb_line_clear(sb_line *line);
/* The number below which it is with probability 0 < p < 1, of a law that is no density. */
double sb_line_quantile(const sb_start_law *law, double p);

#endif
