/* How far a neural tangent kernel moved since the start of training. K_0 and K_t are symmetric [n][n]. */
#ifndef SPECBIAS_DRIFT_H
#define SPECBIAS_DRIFT_H

#include <specbias/kernel.h>

typedef struct sb_drift {
    double change; /* |K_t - K_0| / |K_0|, Frobenius */
    /* 1 - <K_t, K_0> / (|K_t| |K_0|): what is left when the size is taken out, 1 - "kernel alignment" (Cortes, Mohri,
     * Rostamizadeh 2012). nan when K_t = 0. */
    double turn;
    /* max_k |lambda_k(t) / lambda_k(0) - 1| over the leading eigenvalues, those of K_0 below rounding or 1e-4 of the
     * largest left out */
    double values;
    /* Sine of the largest principal angle between the leading eigenspaces, of dimension sb_drift_start.space. Single
     * eigenvectors are not compared: those of nearly equal eigenvalues may turn freely. nan when K_t = 0. */
    double vectors;
} sb_drift;

/* The kernel at the start with its leading eigenpairs, so that these are computed once. */
typedef struct sb_drift_start {
    size_t n, count;    /* rows; leading eigenvalues to compare */
    size_t space;       /* <= count: lambda_space / lambda_space+1 is the largest such ratio (the last one of equals);
                           eigenvalues below rounding count as equal to it. n for count = n = 1 */
    const double *gram; /* [n][n] borrowed */
    bool single;        /* kernels were computed in float */
    double norm;        /* Frobenius */
    sb_eigen eigen;     /* count + 1 pairs, or n */
} sb_drift_start;

/* count: of eigenpairs, n when there are not as many. SB_ERR_NUMERIC: K_0 is zero, not finite or not symmetric. `start`
 * must be zeroed or cleared. */
sb_status sb_drift_begin(const double *gram, size_t n, bool single, size_t count, size_t threads,
                         sb_drift_start *start);
void sb_drift_end(sb_drift_start *start);

/* Of K_t = K_0 exactly zero. Small drifts keep the digits that the rounding of K leaves: `turn` and `vectors` come from
 * what lies outside, not from cosines near 1. The same bits for any number of threads. */
sb_status sb_drift_measure(const sb_drift_start *start, const double *gram, size_t threads, sb_drift *drift);

#endif
