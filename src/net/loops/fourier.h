/* The hot loop of Fourier features in layers, compiled once per instruction set. */
#ifndef SPECBIAS_NET_LOOPS_FOURIER_H
#define SPECBIAS_NET_LOOPS_FOURIER_H

#include <stddef.h>

typedef struct sb_fourier_loops {
    /* c = cos z, s = sin z, any n; c may be z */
    void (*evaluate)(size_t n, const double *z, double *c, double *s);
} sb_fourier_loops;

/* In the code of sb_isa_name(). */
const sb_fourier_loops *sb_fourier_loops_best(void);

#endif
