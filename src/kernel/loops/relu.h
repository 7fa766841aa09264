/* Averages of ReLU for many pairs at a time, compiled once per instruction set. */
#ifndef SPECBIAS_KERNEL_LOOPS_RELU_H
#define SPECBIAS_KERNEL_LOOPS_RELU_H

#include <stddef.h>

/* Of pairs with r = sqrt(q1 q2), minus = 1 - S / r and plus = 1 + S / r: value = <s s'>, slope = <ds ds'>, and near,
 * 1 - value / sqrt(<s s> <s' s'>), as in kernel/dual.c. */
typedef void sb_relu_loop(size_t count, const double *r, const double *minus, const double *plus, double *value,
                          double *slope, double *near);

/* In the code of sb_isa_name(). */
sb_relu_loop *sb_relu_rows_best(void);

#endif
