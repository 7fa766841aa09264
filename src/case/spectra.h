/* Spectra of data and outputs by observe.spectrum: along a direction of the inputs, of each set as a function of its
 * inputs, f^(k) = 1/n sum_i f(x_i) exp(-2 pi i k p . x_i); or along the line that each output is, root mean square over
 * examples. */
#ifndef SPECBIAS_CASE_SPECTRA_H
#define SPECBIAS_CASE_SPECTRA_H

#include <specbias/experiment.h>

#define SB_SPECTRA (SB_TEST_SETS + 1) /* sets: training, tests */

typedef struct sb_spectra {
    bool line;
    bool whole;                 /* training set and tests are parts of one whole, which has a spectrum, too */
    size_t sets, bins, columns; /* columns: outputs; channels of a line */
    double *k;                  /* [bins] cycles along the direction, or per line */
    const sb_dataset *set[SB_SPECTRA];
    sb_modes modes[SB_SPECTRA]; /* along a direction */
    double *wanted[SB_SPECTRA]; /* [2 bins][columns] sums of the wanted function; of lines [bins][columns] sizes */
} sb_spectra;

/* cas->spectra, unless observe.spectrum is "none". */
sb_status sb_case_spectra(const sb_config *config, sb_case *cas);
void sb_spectra_destroy(sb_spectra **spectra);

/* Numbers of one state: of each set [2 bins][columns], sums of h as of the wanted function; of lines the sizes of h,
 * then those of h less wanted. */
size_t sb_spectra_size(const sb_case *cas);
/* Those of set s from its h[n][outputs]. */
sb_status sb_spectrum_look(const sb_spectra *spectra, size_t s, const double *h, double *note);

#endif
