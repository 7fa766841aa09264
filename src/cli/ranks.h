/* Ranks of an MPI program (make MPI=1), to which the first one hands out the points of a sweep; without MPI there is
 * one rank. */
#ifndef SPECBIAS_CLI_RANKS_H
#define SPECBIAS_CLI_RANKS_H

#include "study/sweep/sweep.h"

/* *rank: which of all this process is, from 0. */
sb_status ranks_open(size_t *rank);
void ranks_close(void);
/* Whether all ranks are well; each waits for the others. */
bool ranks_agree(bool well);
/* Every point once, on whichever rank asks for the next; *failed: on this rank, of rank 0 on all. */
sb_status ranks_sweep(const sb_sweep *sweep, const sb_stage *stage, size_t *failed);

#endif
