/* A network of a case, trained: what is seen of it at the records. */
#ifndef SPECBIAS_FORECAST_TRAINED_H
#define SPECBIAS_FORECAST_TRAINED_H

#include <specbias/experiment.h>

/* u[n][outputs], to be freed: what of outputs h is compared with what is wanted, less that; NULL: no memory. */
double *sb_trained_residual(const sb_case *cas, const double *h);
/* The same of what is watched: of the test functions that observe.response looks at, at weights theta; else of h. */
double *sb_watched_residual(const sb_case *cas, const double *theta, const double *h);
/* The spec of exact gradient flow, at the flow times of the case's records. */
sb_fit_spec sb_trained_flow(const sb_case *cas);
/* Trains theta as a spec of the case says (sb_case_fit_spec, changed in what is to be another), whose recorder it is;
 * what is watched goes to a table of the case's. Where training stops early, the rest of it is the last state. */
sb_status sb_trained_table(const sb_case *cas, sb_fit_spec spec, const sb_monitor *monitor, double *theta,
                           sb_decay *decay);

/* The same of what another watch of the case sees, to a table of its items at the spec's records. */
sb_status sb_trained_watch(const sb_case *cas, const sb_watch *watch, sb_fit_spec spec, const sb_monitor *monitor,
                           double *theta, sb_decay *decay, sb_fit_result *result);

/* Seconds that one training of the case takes on one thread, from the first moments of it. */
sb_status sb_trained_seconds(const sb_case *cas, double *seconds);

#endif
