/* A two-layer network at some points, from one step of training to the next: what the routes fused, rotation and nodes
 * share. Units go in fixed blocks, whose shares of the output are added in order. */
#ifndef SPECBIAS_TRAIN_UNITS_H
#define SPECBIAS_TRAIN_UNITS_H

#include "train/session.h"

typedef struct sb_units {
    size_t copies;
    sb_two_layer parts[SB_MOST_COPIES];
    bool single;
    size_t n, block, each, blocks; /* each: blocks of a copy */
    void *x;                       /* [n][dim] numbers of the model */
    double spacing;                /* of a uniform grid on which the activation is to turn; else 0 */
    double *share;                 /* [blocks][n] */
    double *pace; /* [parameters] rates of descent where parameters have scales; NULL: they have none */
    double *h;    /* [n] outputs at theta */
    char **room;  /* [threads] of each: gradient by h in numbers of the model, scratch */
    size_t threads;
} sb_units;

/* One output, all examples in a batch, few inputs, no derivatives. */
bool sb_units_cover(const sb_session *session, sb_two_layer parts[SB_MOST_COPIES]);
/* Bytes for n points. */
double sb_units_memory(const sb_session *session, size_t n);
/* For up to `most` points; `units` is zeroed. */
sb_status sb_units_create(const sb_session *session, size_t most, sb_units *units);
void sb_units_clear(sb_units *units);
/* x[n][dim] */
void sb_units_place(sb_units *units, size_t n, const double *x);
/* By all members together: h at theta. */
void sb_units_evaluate(sb_session *session, sb_units *units, size_t me);
/* By all members together: one step of the optimiser, g[n] the gradient of the loss by h; then h at the new theta. */
void sb_units_descend(sb_session *session, sb_units *units, size_t me, const sb_update *how, const double *g);

#endif
