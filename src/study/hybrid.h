/* A network's snapshots as starts of Jacobi's iteration: the hybrid of Xu et al. 2020, fig. 4. */
#ifndef SPECBIAS_STUDY_HYBRID_H
#define SPECBIAS_STUDY_HYBRID_H

#include <specbias/poisson.h>

#include "study/study.h"

/* States of the first seed of a run: of each its step, and u[n + 1] with zeros at both ends. */
typedef struct sb_hybrid {
    size_t states, n;
    double *step, *u; /* [states], [states][n + 1] */
    double seconds;   /* of its training, to the last state */
} sb_hybrid;

/* The run that jacobi.start names, of a network on the n + 1 points of [-1, 1]; nothing when it names none. A name
 * without a slash at its start is that of a run beside the directory of the stage. */
sb_status sb_hybrid_read(const sb_config *config, const sb_stage *stage, sb_hybrid *network);
void sb_hybrid_clear(sb_hybrid *network);
/* Sweeps from each of jacobi.switches: hybrid.tsv, and seconds.tsv apart, beside those of Jacobi alone and of the
 * network alone. *gap: the largest |observed - predicted| of a sine mode over the largest of the start. */
sb_status sb_hybrid_run(const sb_config *config, const sb_stage *stage, const sb_hybrid *network,
                        const sb_jacobi_spec *spec, const sb_jacobi *alone, FILE *say, double *gap);

#endif
