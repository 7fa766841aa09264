/* Ranks of an MPI program (make MPI=1) that share the whole kernels of `specbias kernel`: Gram matrices and all their
 * eigenpairs (core/linalg.h: sb_ranks). Rank 0 runs the stage as ever; the others do what it asks for. */
#ifndef SPECBIAS_CLI_GRID_H
#define SPECBIAS_CLI_GRID_H

#include <specbias/experiment.h>

/* Of all ranks, with how each fared so far: the same status on all. Rank 0 has a grid from then on, until grid_close;
 * *served: this is another one, and has done all that rank 0 asked for. Without MPI: `status`. */
sb_status grid_open(const sb_config *config, sb_status status, bool *served);
void grid_close(void);

#endif
