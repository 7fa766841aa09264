/* Whether a run can forecast from a kernel: how many rows it has, how far the outputs of a network evolve apart. */
#ifndef SPECBIAS_EXPERIMENT_COUPLING_H
#define SPECBIAS_EXPERIMENT_COUPLING_H

#include <specbias/experiment.h>

#define SB_KERNEL_ROWS 2048 /* of a network of layers in a run */
#define SB_COUPLED 0.1      /* beyond it a run does not forecast from the mean over outputs .. */
#define SB_COUPLED_MUCH 0.5 /* .. and beyond that it forecasts nothing */

/* SB_ERR_UNSUPPORTED: more rows than SB_KERNEL_ROWS */
sb_status sb_kernel_fits(const sb_case *cas, size_t rows);
/* Of a network of several outputs, forecast from the mean over outputs (per_row = 1), how far K is from that mean times
 * the identity, |K - mean x 1| / |K|, on the first `examples`. nan: all of K is taken, or too many outputs. */
sb_status sb_case_coupling(const sb_case *cas, uint64_t seed, size_t *examples, double *coupling);

#endif
