/* What a kernel is told of a network of layers (model.h fills it, kernel.h uses it): the gradients of a finite one as
 * factors, and the law of an infinitely wide one. */
#ifndef SPECBIAS_TANGENT_H
#define SPECBIAS_TANGENT_H

#include <stdbool.h>
#include <stddef.h>

#include <specbias/density.h>
#include <specbias/law.h>
#include <specbias/status.h>

/* ---- a finite network ----
 *
 * The neural tangent kernel is a sum over parts, most of them the weights of a layer. With in[i] of example i and
 * back[i, o] of its output o,
 *
 *   K[(i, o), (j, p)] = sum over parts (weight2 in[i] . in[j] + bias2) (back[i, o] . back[j, p])
 *
 * as the gradient by the weights of a dense layer is back (x) in. A part without `in` is one whose gradient is no such
 * product, weights that are shared: `back` is then the gradient itself. In the last dense layers outputs differ by
 * factors w_o alone, back[i, o] = s[i] w_o number by number, and the sum over outputs takes a single product:
 *
 *   sum over o (back[i, o] . back[j, o]) = |w| s[i] . |w| s[j],   |w|^2 = sum over o w_o^2 */
typedef struct sb_part {
    size_t in, back; /* numbers of each; in = 0: K += back . back */
    double weight2, bias2;
    bool alike; /* in all outputs but for factors */
} sb_part;

typedef struct sb_factors {
    size_t inputs, outputs;
    bool single; /* the factors are float, else double */
    bool smooth; /* one input, on which all gradients depend smoothly */
    size_t parts;
    sb_part *part; /* [parts] */
    size_t tile;   /* examples at a time with which `write` is fastest */
    size_t tape;   /* numbers of its scratch for as many */
    double flops;  /* of `write` of all outputs, per example: what its matrix products count, for benchmarks */
    /* in[part][n][in] and back[part][n][count][back] of the outputs first .. first + count - 1 at x[n][inputs],
     * n <= tile; sum: of parts that are alike back[part][n][back] = |w| s, over those outputs. Safe from several
     * threads. */
    void (*write)(const void *context, size_t n, const double *x, size_t first, size_t count, bool sum, void *tape,
                  void *const *in, void *const *back);
    void *context;
    void (*destroy)(void *context);
} sb_factors;

void sb_factors_clear(sb_factors *factors);

/* ---- an infinitely wide network ----
 *
 * Layers of independent weights of mean 0, from the inputs on. Between layers stand, for each pair of examples, the sum
 * over units of the values C = sum y y' and of their gradients T = sum dy/dtheta . dy'/dtheta; at the inputs C = x .
 * x', T = 0. Both grow with the actual widths, so that any parametrisation is covered; where widths are finite, the
 * limit is that of all of them growing in proportion. The last layer is dense: its outputs are independent and alike,
 * and the kernel of each is gain2 T / units. */
typedef struct sb_wide_layer {
    enum { SB_WIDE_DENSE, SB_WIDE_ACTIVATION, SB_WIDE_FOURIER, SB_WIDE_SHIFTED } kind;
    double units; /* of its output */
    /* dense: C = units (weight2 C + bias2), T = units (weight_trained C + bias_trained + weight2 T) with weight2 =
     * scale^2 <w^2>, and the trained ones scale^2, or 0 for weights that are not trained */
    double weight2, bias2, weight_trained, bias_trained;
    /* activation: C = units <s(u) s(u')>, T = units <s'(u) s'(u')> T / units before, u Gaussian of covariance C / units
     */
    const char *activation;
    bool kinked;
    void (*evaluate)(size_t n, const double *z, double *s, double *ds);
    /* fourier, only first: C = units / 2 phi(x - x'), T = weight_trained C x . x', weight_trained 1 or 0; phi is the
     * product over the inputs of the characteristic function */
    size_t axes;               /* densities: one of each input; 0, 1: one of all */
    const sb_density *density; /* [axes] borrowed */
    /* shifted neurons of one input and their activation, only first: z = in (x + l) with `in` of the law `in` of scale
     * in_scale and l uniform on [-range, range]; C = units <s(z) s(z')>, T = units <s'(z) s'(z') (weight_trained
     * (x + l)(x' + l) + in^2)>, or 0 where weight_trained is */
    const sb_law *in;
    double in_scale, range;
} sb_wide_layer;

typedef struct sb_wide_law {
    size_t inputs;
    double gain2; /* factor of the kernel: the square of that of the output */
    size_t layers;
    sb_wide_layer *layer; /* [layers] */
} sb_wide_law;

void sb_wide_law_clear(sb_wide_law *law);

#endif
