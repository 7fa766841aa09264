/* Averages over the laws of `in` and shift of two-layer networks, by ways that are neither the kernels' nor those of
 * the frequency equation: for each shift first the mean over `in`, with libm's functions. */
#ifndef SPECBIAS_TEST_AVERAGES_H
#define SPECBIAS_TEST_AVERAGES_H

#include <specbias/kernel.h>
#include <specbias/net.h>
#include <specbias/theory.h>

typedef struct average_case {
    const char *activation;
    const sb_law *law;
    double scale, out2, range, extent; /* of the data: |x| <= extent */
} average_case;

/* gram[3][3] on x[3] = extent (-1, 0.1, 0.9), Gauss-Legendre panels of `order` points */
enum { AVERAGE_POINTS = 3 };
void reference_gram(const average_case *c, size_t order, double *gram);

sb_wide_layer kernel_case(const average_case *c);
sb_theory_params theory_case(const average_case *c);
void problem_case(const average_case *c, sb_problem *problem);

/* What became of a theory or kernel. */
typedef struct average_tally {
    size_t right, refused;
    double worst; /* error over the largest |K| */
} average_tally;

/* The infinite-width kernel and the frequency equation against the reference: within 1e-8 of the largest |K|, or
 * refused with a reason. */
void check_averages(const average_case *c, size_t order, average_tally *kernel, average_tally *lfp);

/* All activations, laws, scales 1 .. 300 and three extents, or of each activation and law every `stride`-th. */
void sweep_averages(size_t stride, size_t order);

#endif
