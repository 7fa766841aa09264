/* Layers of an infinitely wide network for many pairs at a time, compiled once per instruction set. */
#ifndef SPECBIAS_KERNEL_LOOPS_ROWS_H
#define SPECBIAS_KERNEL_LOOPS_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum { SB_ROW = 128 };

/* Where |S| / r is above it, 1 - |S| / r is worth computing without a difference. */
#define SB_DUAL_NEAR 0.99

/* Pairs of a point with some others: T = <dy/dtheta . dy'/dtheta>, and the rest as in sb_dual_pair. */
typedef struct sb_dual_row {
    double S[SB_ROW], minus[SB_ROW], plus[SB_ROW], gap[SB_ROW], T[SB_ROW];
} sb_dual_row;

/* A layer, with the roots of the variances of the point and of the others before and after it. */
typedef struct sb_dual_step {
    double from1, to1;
    const double *from2, *to2;
    bool last;                                           /* behind it no more than S and T is needed */
    double weight2, bias2, weight_trained, bias_trained; /* of dense layers, times the units of the layer before */
} sb_dual_step;

/* `out` behind the layer, from `in` before it. A pair that the loop does not cover has a `minus` of nan. */
typedef void sb_dual_loop(const sb_dual_step *s, size_t count, const sb_dual_row *in, sb_dual_row *out);

/* psi_(k+1) = scale (a psi_k - root psi_(k-1)) in the place of psi_(k-1), and sum = psi_k . s, psi_k . ds; n is a
 * multiple of 8. */
typedef void sb_hermite_loop(size_t n, const double *a, const double *psi, double *below, double root, double scale,
                             const double *s, const double *ds, double sum[2]);

/* In the code of sb_isa_name(). */
sb_dual_loop *sb_start_rows_best(void); /* no layer: from S = x . x' alone */
sb_dual_loop *sb_dense_rows_best(void);
sb_dual_loop *sb_relu_rows_best(void);
sb_dual_loop *sb_erf_rows_best(void);
sb_hermite_loop *sb_hermite_rows_best(void);

#endif
