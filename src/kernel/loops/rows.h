/* Averages of activations for many pairs at a time, compiled once per instruction set. */
#ifndef SPECBIAS_KERNEL_LOOPS_ROWS_H
#define SPECBIAS_KERNEL_LOOPS_ROWS_H

#include <stddef.h>

/* Of pairs of covariance S, with q = q1 + q2, r = sqrt(q1 q2), minus = 1 - S / r and plus = 1 + S / r: value = <s s'>,
 * slope = <ds ds'>, and near, 1 - value / sqrt(<s s> <s' s'>), or nan where the loop does not tell it, as in
 * kernel/dual.c. q at most SB_ROWS_MOST. */
typedef void sb_dual_loop(size_t count, const double *q, const double *S, const double *r, const double *minus,
                          const double *plus, double *value, double *slope, double *near);
#define SB_ROWS_MOST 1e150

/* In the code of sb_isa_name(). */
sb_dual_loop *sb_relu_rows_best(void);
sb_dual_loop *sb_erf_rows_best(void);

#endif
