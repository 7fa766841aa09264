/* Nodes of the law of a sum over units: units with weights, over which a sum is M times the mean over the law.
 *
 * Numbers of fixed size are taken exactly, others by Gauss nodes, all combined; where that would be too many, by Sobol
 * points. The output of a kinked unit has a kink where z = 0 at a datum: the nodes of its bias or shift then lie in
 * each cell between neighbouring such places, for which they are exact for the kernel from 3 a cell on; for what moves
 * they must be denser than kinks move (12, and more at higher levels). The output weight of antisymmetric copies needs
 * one sign alone, as the copies give the other. */
#ifndef SPECBIAS_FORECAST_LAW_NODES_H
#define SPECBIAS_FORECAST_LAW_NODES_H

#include <specbias/model.h>

typedef struct sb_nodes {
    sb_model *model; /* of `units` in each copy, with the scales of the network whose law it is */
    size_t units;
    double *weight; /* [units]; they add to the units of a copy of the network */
    double *theta;  /* [parameters] where the units start */
} sb_nodes;

#define SB_MOST_NODES 131072 /* of a copy */

/* For data x[n][inputs]. Each level has about twice as many nodes. quiet: the start has no randomness, its own units
 * are the nodes, whatever the level. SB_ERR_UNSUPPORTED: no sum over units, or one whose law has no nodes here; or more
 * than SB_MOST_NODES. `nodes` must be zeroed or cleared. */
sb_status sb_nodes_create(const sb_model *model, bool quiet, size_t n, const double *x, size_t level, sb_nodes *nodes);
void sb_nodes_clear(sb_nodes *nodes);

/* How nodes train as an ordinary network (fit.h), `model` being theirs: theta, and the scales of gradients and steps,
 * [parameters] each. Output weights are stored `weight` times as large, so that the sum is one of equal units; a
 * gradient by the other numbers of a unit is then `weight` times its own. Wanted values `amplitude` times as large, of
 * a loss that is quadratic, are told by outputs divided by it. */
void sb_nodes_start(const sb_nodes *nodes, const sb_model *model, double amplitude, double *theta,
                    double *gradient_scale, double *step_scale);

#endif
