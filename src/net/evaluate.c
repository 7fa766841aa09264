/* The way through the layers of a network and back: of a batch, and of whole data sets. */
#include <specbias/model.h>

#include <stdlib.h>

#include "core/numbers.h"
#include "net/inside.h"

#define TAPE_NUMBERS (1 << 20) /* of a tile, so that it stays in the caches */
#define MOST_EXAMPLES 512      /* of a tile */

/* ---- forward and backward ----
 *
 * A tape holds for each copy, for each layer: its outputs, its room. Behind all copies: the network's outputs, and two
 * gradients that take turns on the way back. */

static void *at(const sb_model *model, const void *numbers, size_t index)
{
    return number_at(model->single, numbers, index);
}

size_t sb_layer_tape(const sb_layer *layer, size_t n, size_t tangents)
{
    return ALIGNED((1 + tangents) * n * sb_shape_size(layer->out)) + ALIGNED(layer->kind->room(layer, n, tangents));
}

size_t sb_model_copy_tape(const sb_model *model, size_t n, size_t tangents)
{
    size_t sum = 0;
    for (size_t i = 0; i < model->count; i++) sum += sb_layer_tape(&model->layer[i], n, tangents);
    return sum;
}

static size_t outputs_of(const sb_model *model, size_t n, size_t tangents)
{
    return (1 + tangents) * n * sb_model_outputs(model);
}

size_t sb_model_tape(const sb_model *model, size_t n, size_t tangents)
{
    return model->copies * sb_model_copy_tape(model, n, tangents) + ALIGNED(outputs_of(model, n, tangents)) +
           2 * ALIGNED((1 + tangents) * n * model->widest);
}

size_t sb_model_tile(const sb_model *model)
{
    size_t each = sb_model_tape(model, 16, 0) / 16, tile = TAPE_NUMBERS / (each + 1);
    return tile < 1 ? 1 : tile > MOST_EXAMPLES ? MOST_EXAMPLES : tile;
}

void *sb_model_copy_forward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x,
                            void *tape)
{
    void *y = NULL;
    for (size_t i = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        y = tape;
        void *room = at(model, y, ALIGNED((1 + tangents) * n * sb_shape_size(layer->out)));
        layer->kind->forward(layer, at(model, theta, layer->offset), n, tangents, x, y, room);
        tape = at(model, tape, sb_layer_tape(layer, n, tangents));
        x = y;
    }
    return y;
}

/* to = scale (a - b), b NULL: 0 */
static void scale_difference(bool single, size_t n, double scale, const void *a, const void *b, void *to)
{
    if (single)
        for (size_t i = 0; i < n; i++)
            ((float *)to)[i] = (float)scale * (((const float *)a)[i] - (b ? ((const float *)b)[i] : 0));
    else
        for (size_t i = 0; i < n; i++)
            ((double *)to)[i] = scale * (((const double *)a)[i] - (b ? ((const double *)b)[i] : 0));
}

void *sb_model_forward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x, void *tape)
{
    size_t each = sb_model_copy_tape(model, n, tangents);
    void *h = sb_model_copy_forward(model, theta, n, tangents, x, tape), *other = NULL;
    if (model->copies > 1)
        other =
            sb_model_copy_forward(model, at(model, theta, model->parameters), n, tangents, x, at(model, tape, each));
    else if (model->output_scale == 1)
        return h;
    void *to = at(model, tape, model->copies * each);
    scale_difference(model->single, outputs_of(model, n, tangents), model->output_scale, h, other, to);
    return to;
}

/* The first layer with weights to train: before it, nothing needs a gradient. */
static size_t first_trained(const sb_model *model)
{
    size_t i = 0;
    while (i < model->count && !sb_layer_trained(&model->layer[i])) i++;
    return i;
}

/* `end` is behind the layer's part of the tape. */
void sb_model_copy_backward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x,
                            void *tape, void *turn[2], void *gradient, const sb_visit *visit)
{
    size_t end = sb_model_copy_tape(model, n, tangents), last = first_trained(model);
    for (size_t i = model->count; i-- > last;) {
        const sb_layer *layer = &model->layer[i];
        size_t room = ALIGNED((1 + tangents) * n * sb_shape_size(layer->out)),
               start = end - sb_layer_tape(layer, n, tangents);
        size_t below = i > 0 ? start - sb_layer_tape(&model->layer[i - 1], n, tangents) : 0;
        const void *in = i > 0 ? at(model, tape, below) : x;
        void *space = at(model, tape, start + room), *held = turn[0];
        layer->kind->backward(layer, at(model, theta, layer->offset), n, tangents, in, at(model, tape, start), space,
                              turn[0], i > last ? turn[1] : NULL,
                              gradient && sb_layer_trained(layer) ? at(model, gradient, layer->offset) : NULL);
        if (visit && sb_layer_trained(layer)) visit->layer(visit->context, i, in, space, turn[0]);
        turn[0] = turn[1];
        turn[1] = held;
        end = start;
    }
}

void sb_model_backward(const sb_model *model, const void *theta, size_t n, size_t tangents, const void *x, void *tape,
                       const void *g, void *gradient)
{
    size_t each = sb_model_copy_tape(model, n, tangents), outputs = outputs_of(model, n, tangents);
    char *first = at(model, tape, model->copies * each + ALIGNED(outputs));
    for (size_t copy = 0; copy < model->copies; copy++) {
        size_t from = copy * model->parameters;
        void *turn[2] = {first, at(model, first, ALIGNED((1 + tangents) * n * model->widest))};
        scale_difference(model->single, outputs, copy == 0 ? model->output_scale : -model->output_scale, g, NULL,
                         turn[0]);
        sb_model_copy_backward(model, at(model, theta, from), n, tangents, x, at(model, tape, copy * each), turn,
                               at(model, gradient, from), NULL);
    }
}

/* ---- whole data sets in double ---- */

typedef struct tiles {
    const sb_model *model;
    size_t tile;
    void *theta, *x, *tape; /* of the model's numbers */
    void *g, *gradient;     /* NULL unless gradients are asked for */
    void *v, *scratch;      /* NULL unless changes are, which stand in g */
} tiles;

static void close_tiles(tiles *t)
{
    free(t->theta);
    free(t->x);
    free(t->g);
    free(t->gradient);
    free(t->v);
    free(t->scratch);
    free(t->tape);
}

/* v[parameters] or NULL: changes along it are asked for */
static sb_status open_tiles(const sb_model *model, const double *theta, size_t n, bool gradients, const double *v,
                            tiles *t)
{
    size_t size = sb_model_number(model), tile = sb_model_tile(model), parameters = sb_model_parameters(model);
    *t = (tiles){.model = model, .tile = tile < n ? tile : n};
    t->theta = malloc(parameters * size + 1);
    t->x = malloc(t->tile * sb_model_inputs(model) * size + 1);
    t->tape = malloc(sb_model_tape(model, t->tile, 0) * size + 1);
    if (gradients || v) t->g = malloc(t->tile * sb_model_outputs(model) * size + 1);
    if (gradients) t->gradient = calloc(parameters + 1, size);
    if (v) t->v = malloc(parameters * size + 1);
    if (v) t->scratch = malloc(sb_model_scratch(model, t->tile) * size + 1);
    bool all = t->theta && t->x && t->tape && (t->g || !(gradients || v));
    all = all && (t->gradient || !gradients) && ((t->v && t->scratch) || !v);
    if (all) {
        numbers_from(model->single, parameters, theta, t->theta);
        if (v) numbers_from(model->single, parameters, v, t->v);
        return SB_OK;
    }
    close_tiles(t);
    return sb_fail(SB_ERR_NOMEM, "no memory to evaluate a network of %zu parameters", parameters);
}

static const void *forward_rows(tiles *t, size_t n, const double *x)
{
    numbers_from(t->model->single, n * sb_model_inputs(t->model), x, t->x);
    return sb_model_forward(t->model, t->theta, n, 0, t->x, t->tape);
}

sb_status sb_model_evaluate(const sb_model *model, const double *theta, size_t n, const double *x, double *h)
{
    tiles t;
    size_t outputs = sb_model_outputs(model);
    sb_status status = open_tiles(model, theta, n, false, NULL, &t);
    if (status != SB_OK) return status;
    for (size_t first = 0; first < n; first += t.tile) {
        size_t count = n - first < t.tile ? n - first : t.tile;
        const void *y = forward_rows(&t, count, x + first * sb_model_inputs(model));
        numbers_to(model->single, count * outputs, y, h + first * outputs);
    }
    close_tiles(&t);
    return SB_OK;
}

sb_status sb_model_gradient(const sb_model *model, const double *theta, size_t n, const double *x, const double *g,
                            double *gradient)
{
    tiles t;
    size_t outputs = sb_model_outputs(model);
    sb_status status = open_tiles(model, theta, n, true, NULL, &t);
    if (status != SB_OK) return status;
    for (size_t first = 0; first < n; first += t.tile) {
        size_t count = n - first < t.tile ? n - first : t.tile;
        forward_rows(&t, count, x + first * sb_model_inputs(model));
        numbers_from(model->single, count * outputs, g + first * outputs, t.g);
        sb_model_backward(model, t.theta, count, 0, t.x, t.tape, t.g, t.gradient);
    }
    numbers_to(model->single, sb_model_parameters(model), t.gradient, gradient);
    close_tiles(&t);
    return SB_OK;
}

sb_status sb_model_derivative(const sb_model *model, const double *theta, const double *v, size_t n, const double *x,
                              double *change)
{
    tiles t;
    size_t outputs = sb_model_outputs(model);
    sb_status status = open_tiles(model, theta, n, false, v, &t);
    if (status != SB_OK) return status;
    for (size_t first = 0; first < n; first += t.tile) {
        size_t count = n - first < t.tile ? n - first : t.tile;
        forward_rows(&t, count, x + first * sb_model_inputs(model));
        sb_model_change(model, t.theta, t.v, count, t.x, t.tape, t.scratch, t.g);
        numbers_to(model->single, count * outputs, t.g, change + first * outputs);
    }
    close_tiles(&t);
    return SB_OK;
}
