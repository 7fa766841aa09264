/* Fast Fourier transforms of real arrays in one and two dimensions: the only place that knows FFTW.
 *
 * Bins stand as FFTW has them: amp[height][width / 2 + 1], the other half is their conjugate. Nothing is normalised. */
#ifndef SPECBIAS_SPECTRUM_FFT_H
#define SPECBIAS_SPECTRUM_FFT_H

#include <complex.h>
#include <stddef.h>

#include <specbias/status.h>

typedef struct sb_fft sb_fft;

/* Of arrays [height][width]; height 1: one dimension. Plans without measuring, so that the bits are always the same. */
sb_status sb_fft_create(size_t height, size_t width, sb_fft **fft);
void sb_fft_destroy(sb_fft **fft);

size_t sb_fft_bins(const sb_fft *fft); /* height (width / 2 + 1) */

/* Both are safe from several threads. Arrays that begin where malloc would let them are faster, and the last bits may
 * depend on that. */

/* amp_k = sum_j x_j exp(-2 pi i (k . j)), x[height][width] */
void sb_fft_forward(const sb_fft *fft, const double *x, double complex *amp);
/* x_j = sum over all k of amp_k exp(2 pi i (k . j)); uses up amp. */
void sb_fft_backward(const sb_fft *fft, double complex *amp, double *x);

#endif
