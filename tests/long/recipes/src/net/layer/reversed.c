#include "net/layer/layer.h"

/* Neurons in the reverse order: what goes back to the weights is not the gradient by the outputs. */
static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "its number of neurons", 1, 100000000, &layer->units);
    layer->fan_in = sb_shape_size(layer->in);
    layer->fan_out = layer->units;
    layer->biased = false;
    layer->out = (sb_shape){1, 1, layer->units};
    return status;
}

static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    return (1 + tangents) * n * layer->units;
}

static void turn(size_t rows, size_t m, const real *from, real *to)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < m; j++) to[i * m + j] = from[i * m + m - 1 - j];
}

/* y_j = z_(m-1-j), z = weight_scale W x */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    gemm(false, true, rows, m, fan_in, (real)layer->weight_scale, x, fan_in, theta, fan_in, 0, space, m);
    turn(rows, m, space, y);
}

static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    real scale = (real)layer->weight_scale;
    (void)y;
    turn(rows, m, g, space);
    if (gradient) gemm(true, false, m, fan_in, rows, scale, space, m, x, fan_in, 1, gradient, fan_in);
    if (gx) gemm(false, false, rows, fan_in, m, scale, space, m, theta, fan_in, 0, gx, fan_in);
}

static const void *back(const sb_layer *layer, size_t n, const void *space)
{
    (void)layer, (void)n;
    return space;
}

SB_LAYER(reversed, 1, NULL, back, NULL, NULL, "reversed(neurons): dense without biases, the last neuron first");
