/* The measured path: how a residual would have gone had nothing moved but the kernel, as it did in one run.
 *
 * K(t) is known at some steps of the run, its nodes; between them it is linear in log t (up to the first node after the
 * start linear in t), beyond the last it stays. Under a rule of training that sees g = P u,
 *
 *     u_{s+1} = u_s - eta K_{s+1/2} d_s,   m_s = beta m_{s-1} + g_s,
 *     d = g (gd), m (heavy ball) or g + beta m (Nesterov),
 *
 * the steps are the run's own, in which the kernel moves, too. K is held over pieces of 1/64 of the way between two
 * nodes at its mean over the piece, which costs less than 1e-4 of ln T where K doubles from node to node. ln T along
 * the path less ln T under K(0) is the effect of the movement: what laziness means for each watched item. Norms of K -
 * K(0) tell little of it, slow modes feel far more than fast. */
#ifndef SPECBIAS_PATH_H
#define SPECBIAS_PATH_H

#include <specbias/linear.h>

typedef struct sb_path {
    size_t rows, nodes;
    const double *step;       /* [nodes] whole, ascending from 0 */
    const double *gram;       /* [nodes][rows][rows] symmetric */
    size_t columns;           /* residuals that evolve under it: outputs of which each is a residual of its own */
    const sb_quadratic *loss; /* of the rows */
    sb_rule rule;             /* of steps, not the flow */
    sb_batches *batches;      /* whose gradients the steps see (batches.h); NULL: all examples */
    bool sum;                 /* the loss of a batch is no mean */
} sb_path;

#define SB_PATH_NODES 16
/* Which of the records are to be nodes, at most `count` >= 2: the first, the last, and those nearest to log-spaced
 * steps between: under a large target a kernel moves within the first ones. Returns how many. */
size_t sb_path_choose(size_t nt, const double *step, size_t count, size_t *node);

/* Numbers that are watched: err[items] of a residual. */
typedef struct sb_watched {
    size_t items;
    sb_status (*err)(const void *context, const double *u, double *err);
    const void *context;
} sb_watched;

/* err[nt][items] at whole ascending steps from u0[rows][columns]; infinite once the residual is not finite. */
sb_status sb_path_follow(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                         const double *u0, double *err);

/* Of one item and level. T: the last time at which err falls below the level for good (sb_decay_time), in the flow time
 * of the rule; infinite: not within four times the record; nan: err was never above the level. */
typedef struct sb_effect {
    double frozen, path; /* T under K(0), and along the path */
    double effect;       /* |ln path - ln frozen|, where one is not reached the least that it can be; nan: neither */
} sb_effect;

/* effect[items][levels] of a run recorded at step[nt]. */
sb_status sb_path_effect(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                         const double *u0, size_t levels, const double *level, sb_effect *effect);

#endif
