#include "watch/fft.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <fftw3.h>

#include <specbias/spectrum.h>

enum { ALIGNED, UNALIGNED, WAYS };

struct sb_fft {
    size_t bins;
    fftw_plan forward[WAYS], backward[WAYS];
};

/* FFTW's planner is the one part of it that threads must not enter together. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

/* Planning without measuring leaves the arrays alone; executing may then use any others of the same alignment. */
static void make_plans(size_t height, size_t width, sb_fft *fft, double *x, fftw_complex *amp)
{
    int rank = height > 1 ? 2 : 1, size[2] = {(int)height, (int)width};
    pthread_mutex_lock(&planner);
    for (size_t way = 0; way < WAYS; way++) {
        unsigned how = FFTW_ESTIMATE | (way == UNALIGNED ? FFTW_UNALIGNED : 0);
        fft->forward[way] = fftw_plan_dft_r2c(rank, size + 2 - rank, x, amp, how | FFTW_PRESERVE_INPUT);
        fft->backward[way] = fftw_plan_dft_c2r(rank, size + 2 - rank, amp, x, how | FFTW_DESTROY_INPUT);
    }
    pthread_mutex_unlock(&planner);
}

static bool planned(const sb_fft *fft)
{
    for (size_t way = 0; way < WAYS; way++)
        if (!fft->forward[way] || !fft->backward[way]) return false;
    return true;
}

sb_status sb_fft_create(size_t height, size_t width, sb_fft **fft)
{
    if (height == 0 || width == 0 || height > INT_MAX / width)
        return sb_fail(SB_ERR_INPUT, "no FFT of %zu x %zu points", height, width);
    sb_fft *made = calloc(1, sizeof *made);
    double *x = fftw_alloc_real(height * width);
    fftw_complex *amp = fftw_alloc_complex(height * (width / 2 + 1));
    if (made && x && amp) {
        made->bins = height * (width / 2 + 1);
        make_plans(height, width, made, x, amp);
    }
    fftw_free(x);
    fftw_free(amp);
    if (!made || !planned(made)) {
        sb_fft_destroy(&made);
        return sb_fail(SB_ERR_NOMEM, "cannot plan an FFT of %zu points", height * width);
    }
    *fft = made;
    return SB_OK;
}

void sb_fft_destroy(sb_fft **fft)
{
    sb_fft *old = *fft;
    if (!old) return;
    pthread_mutex_lock(&planner);
    for (size_t way = 0; way < WAYS; way++) {
        if (old->forward[way]) fftw_destroy_plan(old->forward[way]);
        if (old->backward[way]) fftw_destroy_plan(old->backward[way]);
    }
    pthread_mutex_unlock(&planner);
    free(old);
    *fft = NULL;
}

size_t sb_fft_bins(const sb_fft *fft)
{
    return fft->bins;
}

static size_t way_of(const double *x, const double complex *amp)
{
    return fftw_alignment_of((double *)x) || fftw_alignment_of((double *)amp) ? UNALIGNED : ALIGNED;
}

void sb_fft_forward(const sb_fft *fft, const double *x, double complex *amp)
{
    /* FFTW takes no const, but preserves x */
    fftw_execute_dft_r2c(fft->forward[way_of(x, amp)], (double *)x, amp);
}

void sb_fft_backward(const sb_fft *fft, double complex *amp, double *x)
{
    fftw_execute_dft_c2r(fft->backward[way_of(x, amp)], amp, x);
}

const char *sb_fftw_version(void)
{
    return fftw_version;
}
