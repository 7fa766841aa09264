/* The moving law of a network (mean field): sums over units are their number times the mean over a law, each point of
 * which moves as a unit of the network would. It sees no weight of a network that is judged.
 *
 * Of sums over units (Mei, Montanari, Nguyen 2018) by nodes (nodes.h), twice as many until what is watched stands. Of
 * lists of dense layers (Bordelon, Pehlevan 2022) by wide copies (copies.h) at the richness of the network, widths
 * doubled, extrapolated in 1 / width. */
#ifndef SPECBIAS_FORECAST_LAW_LAW_H
#define SPECBIAS_FORECAST_LAW_LAW_H

#include <specbias/experiment.h>

/* What moves: an ordinary network whose parameters have scales of their own (fit.h). */
typedef struct sb_moving {
    sb_model *model;
    double *theta, *gradient_scale, *step_scale; /* [parameters]; theta: the start */
} sb_moving;

/* Zeroed arrays for the model, which it owns from then on; failed: cleared. */
sb_status sb_moving_open(sb_model *model, sb_moving *moving);
void sb_moving_clear(sb_moving *moving);
/* As the case trains its own networks, without mini-batches: a table of the watch's items at its own steps. frozen:
 * linearised at the start. */
sb_status sb_moving_train(const sb_case *cas, const sb_moving *moving, const sb_watch *watch, bool frozen,
                          const sb_monitor *monitor, sb_decay *decay);

/* How a table of the law was made. */
typedef struct sb_made {
    size_t nodes; /* units of all copies; of wide copies their largest width */
    double cost;  /* in trainings of the network itself: nodes over its units, of wide copies those of the products */
    double noise; /* largest standard error of err of wide copies, else 0 */
} sb_made;

/* SB_ERR_UNSUPPORTED says why the law of the case cannot be moved. */
sb_status sb_mean_field_check(const sb_case *cas);
/* At one level, each of about twice as many nodes or twice the width; wanted values are `amplitude` times those of the
 * case, whose loss is quadratic unless that is 1. frozen: the law of the linearised network. SB_ERR_UNSUPPORTED: there
 * is no such level. */
sb_status sb_mean_field_at(const sb_case *cas, const sb_watch *watch, size_t level, double amplitude, bool frozen,
                           const sb_monitor *monitor, sb_decay *decay, sb_made *made);

typedef struct sb_mean_field_report {
    sb_made made;  /* the last level, but the cost of all */
    double change; /* largest change of a watched err by the last doubling; 0 where the start has no randomness */
    bool stands;   /* the change is below forecast.tolerance, or what noise would make */
} sb_mean_field_report;

/* Until what is watched stands; before, unless NULL: another such table, with what the level before the last gave. */
sb_status sb_mean_field_forecast(const sb_case *cas, const sb_watch *watch, bool frozen, const sb_monitor *monitor,
                                 sb_decay *decay, sb_decay *before, sb_mean_field_report *report);

/* Whether the frozen law is trained, as the case's steps or its loss have no modes. */
bool sb_mean_field_frozen_trains(const sb_case *cas);
/* The least that it may cost, in trainings of the network: two levels, and the wrong laws that are trained at the
 * first.
 */
sb_status sb_mean_field_cost(const sb_case *cas, double *least);

#endif
