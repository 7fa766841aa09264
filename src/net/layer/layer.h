/* What a kind of layer is to src/net/model.c. The files of this folder are compiled for `real` = double and float and
 * for each instruction set; registry.c picks.
 *
 * Rows of a batch are [1 + tangents][n]: examples, then their tangents. A linear layer does the same to both but for
 * the biases. What a layer keeps for the way back stands in its `room` on the tape, behind its outputs. */
#ifndef SPECBIAS_NET_LAYER_H
#define SPECBIAS_NET_LAYER_H

#include <specbias/model.h>

#include "core/call.h"

typedef struct sb_layer {
    const sb_layer_kind *kind;
    const sb_activation *activation; /* of an activation */
    char text[96];                   /* as it was written */
    sb_shape in, out;
    size_t units, fan_in, fan_out; /* weights [units][fan_in], then biases [units] or none */
    bool biased, frozen;
    bool scaled;      /* weight_scale was given */
    bool frequencies; /* the weights are frequencies that follow the density */
    bool shifts;      /* the biases are places on the axis of the input */
    size_t offset;    /* of the weights in theta */
    double weight_scale, bias_scale;
    size_t kernel; /* convolution: taps on an axis; pool: its window */
    bool circular; /* convolution: padding */
} sb_layer;

struct sb_layer_kind {
    const char *name, *title;
    size_t numbers; /* among its arguments */
    /* From the arguments and layer->in: out, units, fan_in, fan_out, kernel. */
    sb_status (*plan)(const sb_call *call, sb_layer *layer);
    /* Numbers that forward leaves for backward beside x and y, and scratch of both. */
    size_t (*room)(const sb_layer *layer, size_t n, size_t tangents);
    /* y[rows][out] from x[rows][in]; theta: this layer's weights and biases. */
    void (*forward)(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *room);
    /* gx[rows][in] unless NULL; gradient[weights and biases] += unless NULL. */
    void (*backward)(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *room, const void *g, void *gx, void *gradient);
    /* dy[n][out] as weights move by dtheta and inputs by dx, NULL: not at all (one of them may be), after a forward
     * without tangents. NULL: y is linear in the weights and in x, so that forward tells. */
    void (*change)(const sb_layer *layer, const void *theta, const void *dtheta, size_t n, const void *x, const void *y,
                   const void *room, const void *dx, void *dy);
    /* For kernels, of a layer with weights, after backward without tangents. The gradient of example i by the weights
     * is weight_scale back_i (x) x_i, back[n][units]: NULL stands for back = g. */
    const void *(*back)(const sb_layer *layer, size_t n, const void *room);
    /* Of a layer whose gradient is no such product: that of each example by weights and biases, example i's at column
     * + i * step; NULL: it is one. */
    void (*each)(const sb_layer *layer, size_t n, const void *x, void *room, const void *g, size_t step, void *column);
    /* Of a layer that is all of a two-layer network but its output weights: the fused step (net/sweep.h); or NULL. */
    void (*sweep)(const struct sb_sweep *sweep, size_t first, size_t count);
};

/* In the code of sb_isa_name(), for the kind of number; NULL: there is none of that name. An activation's name finds
 * the kind `activation`. */
const sb_layer_kind *sb_layer_find(const char *name, bool single);

static inline size_t sb_layer_parameters(const sb_layer *layer)
{
    return layer->units * (layer->fan_in + layer->biased);
}

#ifdef SB_REAL

#include "core/linalg.h"

typedef SB_REAL real;

#define SB_JOIN_(a, b) a##_##b
#define SB_JOIN(a, b) SB_JOIN_(a, b)
#define gemm SB_JOIN(sb_gemm, SB_REAL)
#define SB_LAYER_NAME(name) SB_JOIN(SB_JOIN(sb_layer_##name, SB_REAL), SB_ISA)

/* Defines the kind of layer of this file from its functions plan, room, forward, backward; CHANGE, BACK, EACH, SWEEP:
 * NULL or change, back, each, sweep. */
#define SB_LAYER(NAME, NUMBERS, CHANGE, BACK, EACH, SWEEP, TITLE)                                                      \
    extern const sb_layer_kind SB_LAYER_NAME(NAME);                                                                    \
    const sb_layer_kind SB_LAYER_NAME(NAME) = {#NAME,    TITLE,  NUMBERS, plan, room, forward,                         \
                                               backward, CHANGE, BACK,    EACH, SWEEP}

/* y[n][units] = scale b */
static inline void fill_biases(size_t n, size_t units, double scale, const real *b, real *y)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < units; j++) y[i * units + j] = (real)scale * b[j];
}

/* gradient[units] += scale sum_i g[i][units] */
static inline void add_biases(size_t n, size_t units, double scale, const real *g, real *gradient)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < units; j++) gradient[j] += (real)scale * g[i * units + j];
}

#endif
#endif
