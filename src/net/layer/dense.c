#include "net/layer/layer.h"

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "its number of neurons", 1, 100000000, &layer->units);
    layer->fan_in = sb_shape_size(layer->in);
    layer->fan_out = layer->units;
    layer->out = (sb_shape){1, 1, layer->units};
    return status;
}

static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    (void)layer, (void)n, (void)tangents;
    return 0;
}

/* Y = weight_scale X W^T + bias_scale b */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t units = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    const real *w = theta;
    real *to = y;
    (void)space;
    if (layer->biased) {
        fill_biases(n, units, layer->bias_scale, w + units * fan_in, to);
        for (size_t i = n * units; i < rows * units; i++) to[i] = 0;
    }
    gemm(false, true, rows, units, fan_in, (real)layer->weight_scale, x, fan_in, w, fan_in, layer->biased, to, units);
}

/* dW = weight_scale G^T X, db = bias_scale sum g, dX = weight_scale G W */
static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t units = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    real scale = (real)layer->weight_scale, *to = gradient;
    (void)y, (void)space;
    if (to) gemm(true, false, units, fan_in, rows, scale, g, units, x, fan_in, 1, to, fan_in);
    if (to && layer->biased) add_biases(n, units, layer->bias_scale, g, to + units * fan_in);
    if (gx) gemm(false, false, rows, fan_in, units, scale, g, units, theta, fan_in, 0, gx, fan_in);
}

SB_LAYER(dense, 1, NULL, NULL, NULL, NULL,
         "dense(neurons): every input to every neuron; nobias, frozen, init=LAW, scale=NUMBER as with all weights");
