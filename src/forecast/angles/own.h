/* Functions that a forecast draws for itself, of the law of the data and of a seed that no data have: what the network
 * makes of them at given weights. */
#ifndef SPECBIAS_FORECAST_ANGLES_OWN_H
#define SPECBIAS_FORECAST_ANGLES_OWN_H

#include <specbias/experiment.h>

typedef struct sb_own {
    sb_dataset data, test[SB_TEST_SETS]; /* one function, and those of each test set's band */
    size_t tests, watched;               /* which of them observe.response looks at */
    sb_loss *loss[SB_TEST_SETS];         /* the tests' */
    sb_response response;
} sb_own;

/* Of a case that has observe.response; cleared when it fails. `own` must be zeroed or cleared. */
sb_status sb_own_open(const sb_case *cas, sb_own *own);
void sb_own_clear(sb_own *own);
/* err[items] of observe.response; band[tests] unless NULL. */
sb_status sb_own_look(const sb_own *own, const sb_model *model, const double *theta, double *err, double *band);

#endif
