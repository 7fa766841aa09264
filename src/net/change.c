/* Forward mode in the parameters: how outputs change as weights move, layer by layer. */
#include <specbias/model.h>

#include <string.h>

#include "core/numbers.h"
#include "net/inside.h"

/* Scratch: one layer's outputs, then its room. */
size_t sb_model_scratch(const sb_model *model, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < model->count; i++) {
        size_t room = model->layer[i].kind->room(&model->layer[i], n, 0);
        most = room > most ? room : most;
    }
    return ALIGNED(n * model->widest) + ALIGNED(most);
}

typedef struct batch {
    const sb_model *model;
    size_t n;
    char *scratch;
} batch;

/* y = W x + b: dy = dW x + db + W dx */
static void change_linear(const batch *b, const sb_layer *layer, const void *theta, const void *dtheta, const void *x,
                          const void *dx, void *dy)
{
    sb_layer unbiased = *layer;
    void *room = number_at(b->model->single, b->scratch, ALIGNED(b->n * b->model->widest));
    unbiased.biased = false;
    if (dtheta) layer->kind->forward(layer, dtheta, b->n, 0, x, dy, room);
    if (!dx) return;
    layer->kind->forward(&unbiased, theta, b->n, 0, dx, dtheta ? b->scratch : dy, room);
    if (dtheta) numbers_add(b->model->single, b->n * sb_shape_size(layer->out), b->scratch, dy);
}

/* Of one copy, before output_scale, in one of the two buffers; NULL: nothing moves. */
static void *change_copy(const batch *b, const void *theta, const void *v, const void *x, const void *tape,
                         void *turn[2])
{
    const sb_model *model = b->model;
    void *dx = NULL;
    for (size_t i = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        const void *weights = number_at(model->single, theta, layer->offset), *y = tape;
        const void *moved = sb_layer_trained(layer) ? number_at(model->single, v, layer->offset) : NULL;
        const void *room = number_at(model->single, y, ALIGNED(b->n * sb_shape_size(layer->out)));
        void *dy = dx == turn[0] ? turn[1] : turn[0];
        if ((dx || moved) && layer->kind->change)
            layer->kind->change(layer, weights, moved, b->n, x, y, room, dx, dy);
        else if (dx || moved)
            change_linear(b, layer, weights, moved, x, dx, dy);
        if (dx || moved) dx = dy;
        tape = number_at(model->single, tape, sb_layer_tape(layer, b->n, 0));
        x = y;
    }
    return dx;
}

static void add_scaled(bool single, size_t n, double scale, const void *from, void *to)
{
    if (single)
        for (size_t i = 0; i < n; i++) ((float *)to)[i] += (float)scale * ((const float *)from)[i];
    else
        for (size_t i = 0; i < n; i++) ((double *)to)[i] += scale * ((const double *)from)[i];
}

void sb_model_change(const sb_model *model, const void *theta, const void *v, size_t n, const void *x, void *tape,
                     void *scratch, void *change)
{
    bool single = model->single;
    size_t each = sb_model_copy_tape(model, n, 0), outputs = n * sb_model_outputs(model);
    batch b = {model, n, scratch};
    void *first = number_at(single, tape, model->copies * each + ALIGNED(outputs));
    void *turn[2] = {first, number_at(single, first, ALIGNED(n * model->widest))};
    memset(change, 0, outputs * number_size(single));
    for (size_t copy = 0; copy < model->copies; copy++) {
        size_t from = copy * model->parameters;
        void *dy = change_copy(&b, number_at(single, theta, from), number_at(single, v, from), x,
                               number_at(single, tape, copy * each), turn);
        if (dy) add_scaled(single, outputs, copy == 0 ? model->output_scale : -model->output_scale, dy, change);
    }
}
