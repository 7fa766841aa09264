/* The hot loop of filtering, compiled once per instruction set. */
#ifndef SPECBIAS_SPECTRUM_LOOPS_GAUSSIAN_H
#define SPECBIAS_SPECTRUM_LOOPS_GAUSSIAN_H

#include <stddef.h>

/* weight[i] = exp(-factor square[i]), relative error 1e-15; where that is below 1e-307, about 1e-307. */
typedef void sb_gaussian_loop(size_t n, double factor, const double *restrict square, double *restrict weight);

/* In the code of sb_isa_name(). */
sb_gaussian_loop *sb_gaussian_best(void);

#endif
