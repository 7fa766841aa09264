/* The stack of a case trained without a function (angles.h): the weights of one seed along the steps of its rule. */
#ifndef SPECBIAS_FORECAST_ANGLES_PATH_H
#define SPECBIAS_FORECAST_ANGLES_PATH_H

#include <specbias/experiment.h>

#include "forecast/angles/angles.h"

#define SB_MOST_CONV 64 /* layers */

/* What of a case a forecast is made of: its stack, and the spectrum of its functions. */
typedef struct sb_conv_stack {
    sb_conv_part part[SB_MOST_CONV];
    double *frequency, *power; /* [modes], to be freed by sb_conv_clear */
    sb_angles_spec spec;       /* of the right theory */
} sb_conv_stack;

/* SB_ERR_UNSUPPORTED says why there is none; `stack` is to be cleared in any case, and stays where it is. */
sb_status sb_conv_open(const sb_case *cas, sb_conv_stack *stack);
void sb_conv_clear(sb_conv_stack *stack);
/* How far the taps of a layer reach in waves of the functions, the largest of all layers: k s F_rms. */
double sb_conv_reach(const sb_conv_stack *stack);

/* theta[parameters]: in, the start; out, the end. look(context, record, theta) at each of the case's records; *stop
 * ends it. The error that diverges is SB_ERR_NUMERIC. */
typedef struct sb_conv_looker {
    sb_status (*look)(void *context, size_t record, const double *theta, bool *stop);
    void *context;
} sb_conv_looker;
sb_status sb_conv_train(const sb_case *cas, const sb_angles_spec *spec, const sb_monitor *monitor, double *theta,
                        const sb_conv_looker *looker);

#endif
