/* Training by mini-batches under a kernel that stays what it is (linear.h). A step sees the examples of a batch B and
 * takes their gradients for those of all,
 *
 *     g_i = c_i (n / |B|) u_i for i in B, else 0,    u <- u - eta K g,
 *
 * with weights c of the loss of all examples, 1/n of a mean; where the loss is a sum, the size of a whole batch stands
 * for |B|, also at the end of a pass. Under momentum a sum over past K g stands for K g: rules are linear. So a
 * residual is followed through batches without a network, in n |B| operations a step. */
#ifndef SPECBIAS_BATCHES_H
#define SPECBIAS_BATCHES_H

#include <specbias/linear.h>

typedef struct sb_frozen {
    size_t n;                /* examples */
    size_t per_row, columns; /* outputs of a row of the kernel; residuals that evolve under it apart */
    const double *gram;      /* [rows][rows] symmetric, rows = n per_row */
    const double *c;         /* [n] */
    bool sum;                /* the loss is no mean */
    sb_rule rule;            /* of steps that are linear in gradients */
} sb_frozen;

/* Calls `look` with u[n][outputs] at whole ascending steps, from u0 through those batches; ends with its first error.
 */
sb_status sb_frozen_follow(const sb_frozen *frozen, sb_batches *batches, const double *u0, size_t nt,
                           const double *step, sb_status (*look)(void *context, size_t record, const double *u),
                           void *context);

#define SB_BATCH_ROWS 512 /* above, the next is not computed */
/* The learning rate up to which the mean square of u does not grow, for gradient descent in independent batches of so
 * many examples, at most 2 / lambda_max. gram[n][n]; a loss of weights. It is where a covariance S exists with S' = S
 * in
 *
 *     S' = S - eta A S - eta S A + eta^2 (n/b)^2 A [p2 S + (p1 - p2) diag S] A,   A = F^T K F,
 *     p1 = b/n, p2 = b (b - 1) / (n (n - 1)).
 *
 * Weights that decay (fit.h) leave 1 - eta decay of u before each step: with it, times the first three of these, and
 * squared times S. */
sb_status sb_batches_largest_step(const double *gram, const sb_quadratic *loss, size_t batch, double decay,
                                  double *eta);

#endif
