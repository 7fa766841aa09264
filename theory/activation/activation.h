/* Activations s as the linear F-Principle of h = scale sum out s(in (x + shift)) sees them: theory/activation/NAME.c
 * and one line in list.def. With r = |in|, w^2 = <out^2>, q(z) = z s'(z), shifts uniform on [-L, L], in the wide limit
 *
 *   K^(xi) = 1/(2 L) E_r[ |s^(xi/r)|^2 (1 + 4 pi^2 w^2 xi^2) / r^2 + w^2 |q^(xi/r)|^2 / r^4 ].
 *
 * A smooth s that jumps by J between its ends has |s^(y)|^2 / r^2 = J^2 / (4 pi^2 xi^2) + something smooth, whatever r:
 * the kernel is then level - J^2 D / (4 L) + something that vanishes for r D >> 1. */
#ifndef SPECBIAS_THEORY_ACTIVATION_H
#define SPECBIAS_THEORY_ACTIVATION_H

#include <specbias/theory.h>

/* What the frequencies of a half-shifted grid of period P do not carry: K = sum + a0 + a1 x x' + a2 (x^2 + x'^2). */
typedef struct lfp_rest {
    double a0, a1, a2;
    double all; /* the sum at x = x' */
} lfp_rest;

typedef struct lfp_activation {
    const char *name;

    /* Activations with a spectrum of their own kind (relu, sine); NULL: from the shape below. */
    double (*rate)(const sb_theory_params *params, double xi); /* K^(xi) */
    void (*rest)(const sb_theory_params *params, double period, lfp_rest *rest);
    /* A line spectrum: K of neurons with |in| = r is the sum of LFP_LINES features f(x) f(x'); no grid is used. */
    void (*lines)(double r, double w2, double range, double x, double *feature);

    /* The shape of a smooth activation. */
    double (*s2)(double y), (*q2)(double y); /* |s^(y)|^2, |q^(y)|^2, y != 0 */
    double jump;                             /* J = s(inf) - s(-inf) */
    double level;                            /* (s(inf)^2 + s(-inf)^2) / 2 */
    double (*value)(double z, double *ds);   /* s(z), s'(z) */
    double strip;                            /* s is analytic and of moderate size in |Im z| < strip */
    /* What K misses of neurons whose z at the data ends at this: exp(-(rate (z - from))^power), at most 1. */
    double miss_rate, miss_power, miss_from;
    double far; /* times the z that misses an error: r D beyond which K is level - J^2 D / (4 L), to that error */

    /* K of neurons with |in| = r in the wide limit (sine: exact), gain 1 */
    double (*kernel)(double r, double w2, double range, double x1, double x2);
} lfp_activation;

#define LFP_LINES 4

const lfp_activation *lfp_activation_at(size_t index);
/* NULL when there is none of this name. */
const lfp_activation *lfp_activation_find(const char *name);

/* The z that misses this much. */
double lfp_reach(const lfp_activation *activation, double error);

/* 1/(2 L) [ .. ] of neurons with |in| = r: the mean of this over r is K^ (gain 1). */
double lfp_spectrum(const lfp_activation *activation, double r, double w2, double range, double xi);

#endif
