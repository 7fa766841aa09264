/* The largest of each window of k positions, or k x k pixels of an image; windows do not overlap. */
#include <string.h>

#include "net/layer/layer.h"

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "the size of its windows", 1, 1000, &layer->kernel);
    if (status != SB_OK) return status;
    size_t k = layer->kernel, tall = layer->in.height > 1 ? k : 1;
    if (layer->in.width % k != 0 || layer->in.height % tall != 0)
        return sb_fail(SB_ERR_INPUT, "windows of %zu do not fill %zu x %zu positions", k, layer->in.height,
                       layer->in.width);
    layer->out = (sb_shape){layer->in.height / tall, layer->in.width / k, layer->in.channels};
    return SB_OK;
}

/* which position of its window each output is */
static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    (void)tangents;
    return n * sb_shape_size(layer->out);
}

/* Position `which` of the window of output (i, j), channel c. */
static size_t place(const sb_layer *layer, size_t i, size_t j, size_t c, size_t which)
{
    size_t k = layer->kernel, tall = layer->in.height > 1 ? k : 1;
    return ((i * tall + which / k) * layer->in.width + j * k + which % k) * layer->in.channels + c;
}

/* y[c] = max(y[c], x[c]) for all channels of a pixel, and which position it was; the first of equal ones */
static inline void take_larger(size_t channels, const real *restrict x, real position, real *restrict y,
                               real *restrict which)
{
    for (size_t c = 0; c < channels; c++) {
        bool larger = x[c] > y[c];
        y[c] = larger ? x[c] : y[c];
        which[c] = larger ? position : which[c];
    }
}

static void find_largest(const sb_layer *layer, const real *x, real *y, real *which)
{
    size_t k = layer->kernel, channels = layer->out.channels, positions = layer->in.height > 1 ? k * k : k;
    for (size_t i = 0; i < layer->out.height; i++)
        for (size_t j = 0; j < layer->out.width; j++, y += channels, which += channels) {
            memcpy(y, x + place(layer, i, j, 0, 0), channels * sizeof *y);
            memset(which, 0, channels * sizeof *which);
            for (size_t p = 1; p < positions; p++)
                take_larger(channels, x + place(layer, i, j, 0, p), (real)p, y, which);
        }
}

/* y from x at the chosen positions, or back: gx there += y */
static void choose(const sb_layer *layer, const real *which, real *x, real *y, bool back)
{
    for (size_t i = 0; i < layer->out.height; i++)
        for (size_t j = 0; j < layer->out.width; j++)
            for (size_t c = 0; c < layer->out.channels; c++, which++, y++) {
                real *from = x + place(layer, i, j, c, (size_t)*which);
                if (back)
                    *from += *y;
                else
                    *y = *from;
            }
}

static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t in = sb_shape_size(layer->in), out = sb_shape_size(layer->out);
    real *from = (real *)(size_t)x, *to = y, *which = space;
    (void)theta;
    for (size_t i = 0; i < n; i++) find_largest(layer, from + i * in, to + i * out, which + i * out);
    for (size_t i = n; i < (1 + tangents) * n; i++)
        choose(layer, which + i % n * out, from + i * in, to + i * out, false);
}

static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t in = sb_shape_size(layer->in), out = sb_shape_size(layer->out), rows = (1 + tangents) * n;
    real *slope = (real *)(size_t)g, *to = gx, *which = space;
    (void)theta, (void)x, (void)y, (void)gradient;
    if (!to) return;
    for (size_t i = 0; i < rows * in; i++) to[i] = 0;
    for (size_t i = 0; i < rows; i++) choose(layer, which + i % n * out, to + i * in, slope + i * out, true);
}

static void change(const sb_layer *layer, const void *theta, const void *dtheta, size_t n, const void *x, const void *y,
                   const void *space, const void *dx, void *dy)
{
    size_t in = sb_shape_size(layer->in), out = sb_shape_size(layer->out);
    const real *which = space;
    real *from = (real *)(size_t)dx, *to = dy; /* only read */
    (void)theta, (void)dtheta, (void)x, (void)y;
    for (size_t i = 0; i < n; i++) choose(layer, which + i * out, from + i * in, to + i * out, false);
}

SB_LAYER(maxpool, 1, change, NULL, NULL, NULL, "maxpool(size): the largest of each window, without overlap");
