/* GSL without its error handler, which ends the process: what GSL would call it for comes back as NULL or a code. */
#ifndef SPECBIAS_CORE_GSL_H
#define SPECBIAS_CORE_GSL_H

#include <stddef.h>

#include <gsl/gsl_integration.h>

/* Between these, in any thread, nothing is handled; the host's handler comes back with the last end. */
void sb_gsl_begin(void);
void sb_gsl_end(void);

/* Gauss-Legendre nodes of order n; NULL: no memory. */
gsl_integration_glfixed_table *sb_gauss_table(size_t n);

#endif
