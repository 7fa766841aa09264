/* MODULE 3: what networks (model.h) are made of: activations, and the laws of their initial weights. */
#ifndef SPECBIAS_NET_H
#define SPECBIAS_NET_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/isa.h>
#include <specbias/law.h>

/* ---- activations: src/net/activation/NAME.c and one line in list.def ---- */

struct sb_sweep;

/* An activation s and the loops over units that use it, compiled once per instruction set. */
typedef struct sb_activation {
    const char *name, *title;
    bool kinked; /* s' jumps at 0 (ReLU): its kernel moves when kinks cross data */
    /* s[i] = s(z[i]), ds[i] = s'(z[i]), any n */
    void (*evaluate)(size_t n, const double *z, double *s, double *ds);
    void (*evaluate_single)(size_t n, const float *z, float *s, float *ds);
    /* dds[i] = s''(z[i]), 0 at a kink */
    void (*second)(size_t n, const double *z, double *dds);
    /* The fused step of `count` units of a model from `first` on, for any optimiser (src/net/sweep.h): double, float */
    void (*sweep)(const struct sb_sweep *sweep, size_t first, size_t count);
    void (*sweep_single)(const struct sb_sweep *sweep, size_t first, size_t count);
} sb_activation;

#define SB_MOST_DIMENSIONS 16 /* of the inputs of features, and of points */

const sb_activation *sb_activation_at(size_t index); /* NULL past the last */
const sb_activation *sb_activation_find(const char *name);
/* One value and derivative; for tests and quadrature. */
void sb_activation_value(const sb_activation *activation, double z, double *s, double *ds);

/* ---- laws of the initial weights (law.h): src/net/law/NAME.c and one line in list.def ---- */

const sb_law *sb_law_at(size_t index); /* NULL past the last */
const sb_law *sb_law_find(const char *name);

#endif
