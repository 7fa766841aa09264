#ifndef SPECBIAS_DATA_POINTS_H
#define SPECBIAS_DATA_POINTS_H

#include <specbias/data.h>

/* Ascending order and equal weights (b - a) / n: what scattered points have in common. */
void sb_points_scattered(sb_problem *problem);

#endif
