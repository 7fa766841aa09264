/* A network of a case, linearised and trained by the run's own rule (fit.h): what is forecast where modes do not go
 * their ways apart. */
#ifndef SPECBIAS_FORECAST_LINEARISED_H
#define SPECBIAS_FORECAST_LINEARISED_H

#include <specbias/experiment.h>

/* SB_ERR_UNSUPPORTED: the loss asks for more than outputs. */
sb_status sb_linearised_check(const sb_case *cas);
/* A seed's network from its own start, whose gradients stay those at `at`[parameters], NULL: at the start. Mini-batches
 * come in the order of the seed; nothing stops it early. The form is that of the table, whose items are those of the
 * watch: exact gradient flow, or the run's steps. */
sb_status sb_linearised_train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const double *at,
                              const sb_monitor *monitor, sb_decay *decay);

#endif
