/* The hot loop of Lanczos iterations, compiled once per instruction set. */
#ifndef SPECBIAS_KERNEL_LOOPS_STRIP_H
#define SPECBIAS_KERNEL_LOOPS_STRIP_H

#include <stddef.h>

/* y[rows] += A x, z[columns] += A^T w: a strip A [rows][columns] of a symmetric matrix, rows lda apart, and its mirror
 * image, with each number read once. */
typedef void sb_strip_loop(size_t rows, size_t columns, const double *a, size_t lda, const double *x, double *y,
                           const double *w, double *z);

/* In the code of sb_isa_name(). */
sb_strip_loop *sb_strip_best(void);

#endif
