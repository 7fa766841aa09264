/* Laws of initial weights, symmetric around 0: src/net/law/NAME.c and one line in list.def; the functions that find
 * them are in net.h. Theories and infinite-width kernels average over a law, each by a way of its own. */
#ifndef SPECBIAS_LAW_H
#define SPECBIAS_LAW_H

#include <specbias/rng.h>

/* Averages over a weight r, as functions of t: what waves of frequency r leave. */
typedef struct sb_wave {
    double mean, first, second; /* <cos r t>, <r sin r t>, <r^2 cos r t> */
    double area, moment;        /* integrals over v from 0 to t of <cos r v> and of v^2 <cos r v> */
} sb_wave;

typedef struct sb_law {
    const char *name, *title;
    double (*sample)(sb_rng *rng);         /* unit scale */
    double second_moment;                  /* of the unit-scale law */
    double fixed_abs;                      /* |sample| when it is a constant, else 0 */
    double (*density_abs)(double r);       /* of |sample|, smooth on (0, max_abs); NULL when fixed */
    double max_abs;                        /* beyond it the density is zero or underflows */
    double (*quantile_abs)(double p);      /* of |sample|, 0 < p < 1; NULL when fixed */
    void (*wave)(double t, sb_wave *wave); /* of the unit-scale law, closed form; NULL: not known */
} sb_law;

#endif
