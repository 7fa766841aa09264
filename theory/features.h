/* The part of the kernel of the linear F-Principle that is a finite sum of features f(x) f(x') of the data rather than
 * of grid frequencies. */
#ifndef SPECBIAS_THEORY_FEATURES_H
#define SPECBIAS_THEORY_FEATURES_H

#include "theory/activation/activation.h"

typedef struct lfp_features {
    size_t count, n;
    double *value; /* [count][n] on the data */
} lfp_features;

/* |x| <= extent: neurons with |in| from here on are wide, their kernel is that of the limit up to LFP_EDGE. */
#define LFP_EDGE 1e-8
double lfp_wide_from(const lfp_activation *activation, double range, double extent);

/* A line spectrum: all neurons, sine and cosine of their frequency. */
sb_status lfp_line_features(const lfp_activation *activation, const sb_theory_params *params, const sb_problem *problem,
                            lfp_features *features);

/* Neurons with |in| < wide_from, to which the data look smooth: their kernel (over all of [-L, L]) is interpolated at
 * Chebyshev points. */
sb_status lfp_narrow_features(const lfp_activation *activation, const sb_theory_params *params,
                              const sb_problem *problem, double wide_from, lfp_features *features);
/* How many points that takes for |in| < wide_from, |x| <= extent; at most LFP_NARROW_MOST are affordable. */
#define LFP_NARROW_MOST 80
size_t lfp_narrow_points(const lfp_activation *activation, double wide_from, double extent);

void lfp_features_clear(lfp_features *features);

#endif
