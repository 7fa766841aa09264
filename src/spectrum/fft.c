#include "spectrum/fft.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include <fftw3.h>

#include <specbias/spectrum.h>

struct sb_fft {
    size_t points, bins;
    fftw_plan forward, backward;
};

/* FFTW's planner is the one part of it that threads must not enter together. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

/* Planning without measuring leaves the arrays alone; executing may then use any others. */
#define HOW (FFTW_ESTIMATE | FFTW_UNALIGNED)

static void make_plans(size_t height, size_t width, sb_fft *fft, double *x, fftw_complex *amp)
{
    int rank = height > 1 ? 2 : 1, size[2] = {(int)height, (int)width};
    pthread_mutex_lock(&planner);
    fft->forward = fftw_plan_dft_r2c(rank, size + 2 - rank, x, amp, HOW | FFTW_PRESERVE_INPUT);
    fft->backward = fftw_plan_dft_c2r(rank, size + 2 - rank, amp, x, HOW | FFTW_DESTROY_INPUT);
    pthread_mutex_unlock(&planner);
}

sb_status sb_fft_create(size_t height, size_t width, sb_fft **fft)
{
    if (height == 0 || width == 0 || height > INT_MAX / width)
        return sb_fail(SB_ERR_INPUT, "no FFT of %zu x %zu points", height, width);
    sb_fft *new = calloc(1, sizeof *new);
    double *x = malloc(height * width * sizeof *x);
    fftw_complex *amp = malloc(height * (width / 2 + 1) * sizeof *amp);
    if (new &&x && amp) {
        new->points = height *width;
        new->bins = height *(width / 2 + 1);
        make_plans(height, width, new, x, amp);
    }
    free(x);
    free(amp);
    if (!new || !new->forward || !new->backward) {
        sb_fft_destroy(&new);
        return sb_fail(SB_ERR_NOMEM, "cannot plan an FFT of %zu points", height * width);
    }
    *fft = new;
    return SB_OK;
}

void sb_fft_destroy(sb_fft **fft)
{
    sb_fft *old = *fft;
    if (!old) return;
    pthread_mutex_lock(&planner);
    if (old->forward) fftw_destroy_plan(old->forward);
    if (old->backward) fftw_destroy_plan(old->backward);
    pthread_mutex_unlock(&planner);
    free(old);
    *fft = NULL;
}

size_t sb_fft_bins(const sb_fft *fft)
{
    return fft->bins;
}

void sb_fft_forward(const sb_fft *fft, size_t count, const double *x, double complex *amp)
{
    for (size_t i = 0; i < count; i++) /* FFTW takes no const, but preserves x */
        fftw_execute_dft_r2c(fft->forward, (double *)(x + i * fft->points), amp + i * fft->bins);
}

void sb_fft_backward(const sb_fft *fft, size_t count, double complex *amp, double *x)
{
    for (size_t i = 0; i < count; i++) fftw_execute_dft_c2r(fft->backward, amp + i * fft->bins, x + i * fft->points);
}

const char *sb_fftw_version(void)
{
    return fftw_version;
}
