/* Neurons of one input whose biases are places: y_j = weight_scale w_j (x + l_j); theta: w[units], l[units]. */
#include <string.h>

#include "net/layer/layer.h"

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "its number of neurons", 1, 100000000, &layer->units);
    layer->fan_in = 1;
    layer->fan_out = layer->units;
    layer->shifts = true;
    layer->out = (sb_shape){1, 1, layer->units};
    if (status == SB_OK && sb_shape_size(layer->in) != 1)
        status = sb_fail(SB_ERR_INPUT, "shifted neurons see one input, not %zu", sb_shape_size(layer->in));
    return status;
}

/* theta, which `each` needs */
static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    (void)n, (void)tangents;
    return 2 * layer->units;
}

/* tangents: dy = weight_scale w dx */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t units = layer->units, rows = (1 + tangents) * n;
    const real *w = theta, *l = w + units, *from = x, scale = (real)layer->weight_scale;
    real *to = y;
    memcpy(space, theta, 2 * units * sizeof *w);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < units; j++) to[i * units + j] = scale * w[j] * (from[i] + l[j]);
    for (size_t i = n; i < rows; i++)
        for (size_t j = 0; j < units; j++) to[i * units + j] = scale * w[j] * from[i];
}

/* dw_j = weight_scale sum g (x + l_j), dl_j = weight_scale w_j sum g, dx = weight_scale sum_j g_j w_j */
static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t units = layer->units, rows = (1 + tangents) * n;
    const real *w = theta, *l = w + units, *from = x, *slope = g, scale = (real)layer->weight_scale;
    real *dw = gradient, *dl = dw ? dw + units : NULL, *below = gx;
    (void)y, (void)space;
    for (size_t i = 0; dw && i < rows; i++)
        for (size_t j = 0; j < units; j++) {
            real gj = scale * slope[i * units + j];
            dw[j] += gj * (from[i] + (i < n ? l[j] : 0));
            if (i < n) dl[j] += gj * w[j];
        }
    if (below) gemm(false, false, rows, 1, units, scale, g, units, theta, 1, 0, below, 1);
}

static void each(const sb_layer *layer, size_t n, const void *x, void *space, const void *g, size_t step, void *column)
{
    size_t units = layer->units;
    const real *w = space, *l = w + units, *from = x, *slope = g, scale = (real)layer->weight_scale;
    real *to = column;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < units; j++) {
            real gj = scale * slope[i * units + j];
            to[i * step + j] = gj * (from[i] + l[j]);
            to[i * step + units + j] = gj * w[j];
        }
}

/* dy_j = weight_scale (dw_j (x + l_j) + w_j (dl_j + dx)) */
static void change(const sb_layer *layer, const void *theta, const void *dtheta, size_t n, const void *x, const void *y,
                   const void *space, const void *dx, void *dy)
{
    size_t units = layer->units;
    const real *w = theta, *l = w + units, *dw = dtheta, *dl = dw ? dw + units : NULL, *from = x, *by = dx;
    real *to = dy, scale = (real)layer->weight_scale;
    (void)y, (void)space;
    for (size_t i = 0; i < n; i++, to += units) {
        real moved = by ? by[i] : 0;
        for (size_t j = 0; j < units; j++) to[j] = scale * w[j] * moved;
        for (size_t j = 0; dw && j < units; j++) to[j] += scale * (dw[j] * (from[i] + l[j]) + w[j] * dl[j]);
    }
}

SB_LAYER(shifted, 1, change, NULL, each, NULL,
         "shifted(neurons): w (x + l) of one input, l uniform on +-init.shift_range; frozen, init=LAW, scale=NUMBER");
