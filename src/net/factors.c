/* The gradients of a network of layers as factors, for kernels (tangent.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/numbers.h"
#include "net/inside.h"

typedef struct gradients {
    const sb_model *model;
    size_t copies; /* 1 when two copies are equal, which then count twice */
    double scale;  /* of the outputs of each */
    void *theta;   /* [copies][parameters] of the model's numbers */
    size_t *part;  /* [count] of a copy's layer */
    size_t parts;  /* of a copy */
} gradients;

/* One way back, from one of `outputs` that are asked for, of n examples. */
typedef struct way {
    const gradients *c;
    size_t n, output, outputs, copy; /* output: counted from the first that is asked for */
    bool sum;                        /* sums over outputs are asked for */
    const void *last;                /* weights of the last layer, [outputs][fan_in] .. */
    void *inverse;                   /* .. and 1 / |w|, [fan_in] */
    void *const *in, *const *back;
} way;

static void copy_rows(size_t n, size_t bytes, const void *from, size_t step, void *to)
{
    for (size_t i = 0; i < n; i++) memcpy((char *)to + i * step, (const char *)from + i * bytes, bytes);
}

/* The last layer, and one from which an activation alone leads to it. */
static bool is_alike(const sb_model *model, size_t index)
{
    const sb_layer *layer = &model->layer[index], *last = &model->layer[model->count - 1];
    const char *dense = "dense";
    bool ends = strcmp(last->kind->name, dense) == 0, near = index + 3 == model->count && layer[1].activation;
    return ends && (layer == last || (near && strcmp(layer->kind->name, dense) == 0));
}

/* to[n][units] (+)= w_o / |w| g, so that the sum over outputs, of which g = s w_o, is |w| s; inverse: 1 / |w|. Of the
 * last layer w, NULL, are the unit vectors. */
#define ALIKE(real)                                                                                                    \
    static void find_inverse_##real(size_t outputs, size_t units, const real *w, real *inverse)                        \
    {                                                                                                                  \
        for (size_t k = 0; k < units; k++) {                                                                           \
            double square = 0;                                                                                         \
            for (size_t o = 0; o < outputs; o++) square += (double)w[o * units + k] * w[o * units + k];                \
            inverse[k] = square > 0 ? 1 / (real)sqrt(square) : 0;                                                      \
        }                                                                                                              \
    }                                                                                                                  \
    static void add_alike_##real(size_t n, size_t units, bool add, const real *w, const real *inverse, const real *g,  \
                                 real *to)                                                                             \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++, g += units, to += units)                                                        \
            for (size_t k = 0; k < units; k++) to[k] = (w ? w[k] * inverse[k] : 1) * g[k] + (add ? to[k] : 0);         \
    }
ALIKE(double)
ALIKE(float)

static void add_alike(const way *w, size_t index, const void *g, void *to)
{
    const sb_model *model = w->c->model;
    size_t units = model->layer[index].units;
    const void *last = index + 1 < model->count ? number_at(model->single, w->last, w->output * units) : NULL;
    if (model->single)
        add_alike_float(w->n, units, w->output > 0, last, w->inverse, g, to);
    else
        add_alike_double(w->n, units, w->output > 0, last, w->inverse, g, to);
}

static void take_layer(void *context, size_t index, const void *x, void *room, const void *g)
{
    const way *w = context;
    const sb_layer *layer = &w->c->model->layer[index];
    bool single = w->c->model->single;
    size_t part = w->copy * w->c->parts + w->c->part[index], size = number_size(single);
    if (layer->kind->each) {
        size_t each = sb_layer_parameters(layer);
        layer->kind->each(layer, w->n, x, room, g, w->outputs * each,
                          number_at(single, w->back[part], w->output * each));
        return;
    }
    size_t bytes = layer->units * size;
    if (w->output == 0) memcpy(w->in[part], x, w->n * layer->fan_in * size);
    if (w->sum && is_alike(w->c->model, index))
        add_alike(w, index, g, w->back[part]);
    else
        copy_rows(w->n, bytes, layer->kind->back ? layer->kind->back(layer, w->n, room) : g, w->outputs * bytes,
                  (char *)w->back[part] + w->output * bytes);
}

/* g[n][outputs] = scale in column `output`, 0 elsewhere */
static void one_output(bool single, size_t n, size_t outputs, size_t output, double scale, void *g)
{
    memset(g, 0, n * outputs * number_size(single));
    for (size_t i = 0; i < n; i++) numbers_from(single, 1, &scale, number_at(single, g, i * outputs + output));
}

/* tape: inputs, a copy's tape, two gradients that take turns, 1 / |w| */
static void write(const void *from, size_t n, const double *x, size_t first, size_t count, bool sum, void *tape,
                  void *const *in, void *const *back)
{
    const gradients *c = from;
    const sb_model *model = c->model;
    bool single = model->single;
    size_t inputs = sb_model_inputs(model), outputs = sb_model_outputs(model);
    void *own = number_at(single, tape, ALIGNED(n * inputs));
    void *behind = number_at(single, own, sb_model_copy_tape(model, n, 0));
    void *other = number_at(single, behind, ALIGNED(n * model->widest));
    const sb_layer *last = &model->layer[model->count - 1];
    way w = {.c = c,
             .n = n,
             .outputs = count,
             .sum = sum && is_alike(model, model->count - 1),
             .inverse = number_at(single, other, ALIGNED(n * model->widest)),
             .in = in,
             .back = back};
    sb_visit visit = {take_layer, &w};
    numbers_from(single, n * inputs, x, tape);
    for (w.copy = 0; w.copy < c->copies; w.copy++) {
        const void *theta = number_at(single, c->theta, w.copy * model->parameters);
        w.last = number_at(single, theta, last->offset + first * last->fan_in);
        if (w.sum && single)
            find_inverse_float(count, last->fan_in, w.last, w.inverse);
        else if (w.sum)
            find_inverse_double(count, last->fan_in, w.last, w.inverse);
        sb_model_copy_forward(model, theta, n, 0, tape, own);
        for (w.output = 0; w.output < count; w.output++) {
            void *turn[2] = {behind, other};
            one_output(single, n, outputs, first + w.output, c->scale, turn[0]);
            sb_model_copy_backward(model, theta, n, 0, tape, own, turn, NULL, &visit);
        }
    }
}

static void destroy(void *old)
{
    gradients *c = old;
    if (!c) return;
    free(c->theta);
    free(c->part);
    free(c);
}

void sb_factors_clear(sb_factors *factors)
{
    if (factors->destroy) factors->destroy(factors->context);
    free(factors->part);
    *factors = (sb_factors){0};
}

static sb_part part_of(const sb_layer *layer)
{
    if (layer->kind->each) return (sb_part){.back = sb_layer_parameters(layer)};
    return (sb_part){.in = layer->fan_in,
                     .back = layer->units,
                     .weight2 = layer->weight_scale * layer->weight_scale,
                     .bias2 = layer->biased ? layer->bias_scale * layer->bias_scale : 0};
}

/* Of the products of one example: forward, for each output backward, and what `each` does. */
static double count_flops(const sb_model *model)
{
    double sum = 0, outputs = (double)sb_model_outputs(model);
    bool below = false; /* a layer with weights to train is below */
    for (size_t i = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        if (layer->units == 0) continue;
        double positions = (double)sb_shape_size(layer->out) / (double)layer->out.channels;
        double product = 2 * positions * (double)layer->units * (double)layer->fan_in;
        bool each = layer->kind->each && sb_layer_trained(layer);
        sum += product * (1 + outputs * ((below ? 1 : 0) + (each ? 1 : 0)));
        below = below || sb_layer_trained(layer);
    }
    return sum;
}

static sb_status fill(const sb_model *model, const double *theta, sb_factors *factors)
{
    size_t parameters = model->parameters, size = number_size(model->single);
    gradients *c = factors->context = calloc(1, sizeof *c);
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel");
    bool equal = model->copies > 1 && memcmp(theta, theta + parameters, parameters * sizeof *theta) == 0;
    *c = (gradients){.model = model, .copies = equal ? 1 : model->copies, .scale = model->output_scale};
    if (equal) c->scale *= sqrt(2);
    c->theta = malloc(c->copies * parameters * size + 1);
    c->part = calloc(model->count, sizeof *c->part);
    factors->part = calloc(model->copies * model->count, sizeof *factors->part);
    if (!c->theta || !c->part || !factors->part)
        return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu parameters", parameters);
    numbers_from(model->single, c->copies * parameters, theta, c->theta);
    for (size_t i = 0; i < model->count; i++) {
        if (!sb_layer_trained(&model->layer[i])) continue;
        c->part[i] = c->parts;
        factors->part[c->parts] = part_of(&model->layer[i]);
        factors->part[c->parts++].alike = is_alike(model, i);
    }
    factors->parts = c->copies * c->parts;
    if (c->copies > 1) memcpy(factors->part + c->parts, factors->part, c->parts * sizeof *factors->part);
    factors->flops = (double)c->copies * count_flops(model);
    return SB_OK;
}

sb_status sb_model_factors(const sb_model *model, const double *theta, sb_factors *factors)
{
    size_t tile = sb_model_tile(model);
    *factors = (sb_factors){.inputs = sb_model_inputs(model),
                            .outputs = sb_model_outputs(model),
                            .single = model->single,
                            .smooth = sb_model_inputs(model) == 1 && !sb_model_kinked(model),
                            .tile = tile,
                            .tape = ALIGNED(tile * sb_model_inputs(model)) + sb_model_copy_tape(model, tile, 0) +
                                    2 * ALIGNED(tile * model->widest) + ALIGNED(model->widest),
                            .write = write,
                            .destroy = destroy};
    sb_status status = fill(model, theta, factors);
    if (status != SB_OK) sb_factors_clear(factors);
    return status;
}
