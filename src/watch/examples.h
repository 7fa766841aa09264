/* What the observers share: examples are looked at before anything is computed from them, and centred. */
#ifndef SPECBIAS_SPECTRUM_EXAMPLES_H
#define SPECBIAS_SPECTRUM_EXAMPLES_H

#include <stddef.h>

#include <specbias/status.h>

/* SB_OK, or `code` with the first number of v[n][columns] that is not finite. */
sb_status sb_check_finite(sb_status code, const char *what, size_t n, size_t columns, const double *v);
/* x[n][dim] minus its mean over examples, to be freed; NULL: no memory. */
double *sb_centred(size_t n, size_t dim, const double *x);

#endif
