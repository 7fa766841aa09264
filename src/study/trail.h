/* The kernel of one network on data and other places on its way through training, and where residuals go under it. */
#ifndef SPECBIAS_STUDY_TRAIL_H
#define SPECBIAS_STUDY_TRAIL_H

#include <specbias/experiment.h>
#include <specbias/path.h>

typedef struct sb_trail {
    const sb_case *cas; /* of one output and weighted squares; its steps have modes */
    size_t rows;        /* the n data, then places that the loss does not see */
    const double *x;    /* [rows][inputs], the caller's */
    size_t nodes, node[SB_PATH_NODES];
    bool *record; /* [nt] which records are nodes */
    double *gram; /* [nodes][rows][rows] */
} sb_trail;

/* At most `nodes` of the records are kept. `trail` must be zeroed, and is to be closed in any case. */
sb_status sb_trail_open(const sb_case *cas, size_t rows, const double *x, size_t nodes, sb_trail *trail);
void sb_trail_close(sb_trail *trail);
/* A recorder of sb_fit, whose context is a sb_trail. */
sb_status sb_trail_look(void *trail, const sb_fit_state *state);
/* The kernel of weights theta at the start, as the only node that is kept. */
sb_status sb_trail_start(sb_trail *trail, const double *theta);
/* u[rows] at the last record, from u0[rows] under the run's own steps, along the kernel's way or under that at the
 * start. */
sb_status sb_trail_end(const sb_trail *trail, bool frozen, const double *u0, double *u);
/* moved[rows - n]: at the places, that along the kernel's way less that under the kernel at the start. */
sb_status sb_trail_moved(const sb_trail *trail, const double *u0, double *moved);

#endif
