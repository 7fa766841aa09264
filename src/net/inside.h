/* What a model is to the files of src/net. */
#ifndef SPECBIAS_NET_INSIDE_H
#define SPECBIAS_NET_INSIDE_H

#include "net/init.h"
#include "net/layer/layer.h"

#define ALIGNED(count) (((count) + 15) / 16 * 16) /* numbers; parts of a tape begin on cache lines */

struct sb_model {
    size_t count;
    sb_layer *layer;      /* [count] */
    sb_init_law *weights; /* [count] */
    sb_init_law biases;
    sb_shape in, out;
    size_t copies, parameters; /* of one copy */
    double output_scale;       /* gain, and 2^-1/2 of antisymmetric copies */
    bool single;
    size_t widest;      /* numbers of an example, between two layers */
    double shift_range; /* of shifts */
    bool quiet;
    size_t axes;         /* densities: one for each axis, or one for all; 0: none */
    sb_density *density; /* [axes] of the frequencies */
};

/* Whether it is of a shape of sb_two_layer. */
bool sb_model_sums_units(const sb_model *model);
/* One copy of such a model. */
sb_two_layer sb_model_part_of_copy(const sb_model *model, size_t copy);
/* Numbers of a layer's part of a tape: its outputs, then its room; and of one copy's tape. */
size_t sb_layer_tape(const sb_layer *layer, size_t n, size_t tangents);
size_t sb_model_copy_tape(const sb_model *model, size_t n, size_t tangents);
/* One copy's outputs, before output_scale, which stand on its tape. */
void *sb_model_copy_forward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x,
                            void *tape);
/* The way back from its outputs to its first layer with weights to train. `turn` has two buffers of (1 + tangents) n
 * widest numbers, the first of which holds the gradient by the outputs. gradient[parameters] += unless NULL. */
typedef struct sb_visit {
    /* After a layer with weights to train: its inputs, its room, the gradient by its outputs. NULL: not called. */
    void (*layer)(void *context, size_t index, const void *x, void *room, const void *g);
    void *context;
} sb_visit;
void sb_model_copy_backward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x,
                            void *tape, void *turn[2], void *gradient, const sb_visit *visit);
static inline bool sb_layer_trained(const sb_layer *layer)
{
    return layer->units > 0 && !layer->frozen;
}

#endif
