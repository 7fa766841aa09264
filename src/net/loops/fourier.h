/* The hot loops of Fourier features, compiled once per instruction set. */
#ifndef SPECBIAS_NET_LOOPS_FOURIER_H
#define SPECBIAS_NET_LOOPS_FOURIER_H

#include <stdbool.h>
#include <stddef.h>

/* Units h = sum_j a_j cos(w_j . x) + b_j sin(w_j . x): theta[2 + dim][stride] holds a, b and w. */
typedef struct sb_fourier_units {
    size_t count; /* a multiple of SB_UNITS */
    size_t stride, dim;
    bool frozen; /* w is not trained */
    double *theta;
} sb_fourier_units;

typedef struct sb_fourier_loops {
    /* c = cos z, s = sin z, any n; c may be z */
    void (*evaluate)(size_t n, const double *z, double *c, double *s);
    /* h[n] at x[n][dim]; scratch[8 n] */
    void (*forward)(const sb_fourier_units *units, size_t n, const double *x, double *scratch, double *h);
    /* of sum_i g_i h_i: gradient[2 + dim][stride], the part of w only when it is trained */
    void (*gradient)(const sb_fourier_units *units, size_t n, const double *x, const double *g, double *gradient);
    /* theta -= rate * gradient */
    void (*step)(const sb_fourier_units *units, size_t n, const double *x, const double *g, double rate);
} sb_fourier_loops;

/* In the code of sb_isa_name(). */
const sb_fourier_loops *sb_fourier_loops_best(void);

#endif
