/* The shifted systems of the rational approximation of exp (method/cram14.c), compiled once per instruction set. */
#ifndef SPECBIAS_THEORY_HEAT_LOOPS_POLES_H
#define SPECBIAS_THEORY_HEAT_LOOPS_POLES_H

#include "theory/heat/method/method.h"

#define POLES 8 /* 7 of 14, the others are conjugate; one stands for nothing, since vectors have lengths 2, 4, 8 */

/* Complex numbers of all poles. */
typedef struct heat_lanes {
    double re[POLES], im[POLES];
} heat_lanes;

/* x[n] = (t S + z_k M)^-1 load of all poles z_k; ratio[n] is work space: T_(i, i + 1) / pivot_i. */
typedef void sb_heat_poles_loop(const heat_system *system, double t, const double *load, heat_lanes *ratio,
                                heat_lanes *x);

/* In the code of sb_isa_name(). */
sb_heat_poles_loop *sb_heat_poles_best(void);

#endif
