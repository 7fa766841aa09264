/* Tiles of examples forward and backward, which the routes plain and linear share. */
#ifndef SPECBIAS_TRAIN_ROUTE_TILES_H
#define SPECBIAS_TRAIN_ROUTE_TILES_H

#include "train/session.h"

typedef struct sb_tile {
    size_t index, first, n; /* of all tiles of the batch; its examples */
    const void *x;          /* rows */
    void *tape;
    void *scratch; /* of the thread */
    double *h;     /* [1 + tangents][n][outputs] */
} sb_tile;

typedef struct sb_tiles {
    bool single, whole; /* whole: the loss needs all outputs before any gradient */
    bool kept;          /* each tile has a tape of its own */
    size_t tile, shards;
    size_t tape;    /* numbers of a tape */
    size_t scratch; /* numbers of a thread's scratch */
    void *x;        /* [set.n][inputs] of the model's numbers; NULL: those of the set */
    char **room;    /* [threads]: rows of a tile, gradients by its outputs, scratch, a tape */
    char **tapes;   /* [tiles] of kept */
    void *gradient; /* [shards][parameters] */
    void *sum;      /* [threads][RANGE] */
    double *losses; /* [shards] */
    size_t *all;    /* [set.n] 0, 1, ..: the index of a batch of all examples */
    /* What the routes tell apart: where gradients are; the outputs of a tile, whose tape is then fit for the way back
     */
    const void *theta;
    void (*forward)(sb_session *session, const sb_tile *tile);
    void *more; /* the route's own */
} sb_tiles;

/* Sizes, which depend on the problem alone. */
sb_tiles sb_tiles_plan(const sb_session *session);
size_t sb_tiles_count(const sb_tiles *tiles, size_t examples);
/* Bytes of what is planned. */
double sb_tiles_memory(const sb_session *session, const sb_tiles *tiles);
/* session->state: a plan made true. */
sb_status sb_tiles_create(sb_session *session, const sb_tiles *plan);
void sb_tiles_destroy(sb_session *session);
void sb_tiles_evaluate(sb_session *session, size_t me);
void sb_tiles_descend(sb_session *session, size_t me, const sb_update *how);

#endif
