#include <string.h>

#include "net/layer/layer.h"

#define CHUNK 256

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    layer->activation = sb_activation_find(call->name);
    layer->out = layer->in;
    if (!layer->activation) return sb_fail(SB_ERR_INPUT, "no activation '%s'", call->name);
    return call->n == 0 ? SB_OK : sb_fail(SB_ERR_INPUT, "an activation takes no arguments");
}

/* s'(z), and with tangents s''(z), of the examples */
static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    return n * sb_shape_size(layer->in) * (tangents > 0 ? 2 : 1);
}

static void evaluate(const sb_activation *activation, size_t n, const real *z, real *s, real *ds)
{
    if (sizeof(real) == sizeof(double))
        activation->evaluate(n, (const void *)z, (void *)s, (void *)ds);
    else
        activation->evaluate_single(n, (const void *)z, (void *)s, (void *)ds);
}

static void second(const sb_activation *activation, size_t n, const real *z, real *dds)
{
    double wide[CHUNK];
    for (size_t first = 0; first < n; first += CHUNK) {
        size_t count = n - first < CHUNK ? n - first : CHUNK;
        for (size_t i = 0; i < count; i++) wide[i] = (double)z[first + i];
        activation->second(count, wide, wide);
        for (size_t i = 0; i < count; i++) dds[first + i] = (real)wide[i];
    }
}

/* y = s(z), dy = s'(z) dz */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t size = n * sb_shape_size(layer->in);
    const real *z = x;
    real *s = y, *ds = space;
    (void)theta;
    evaluate(layer->activation, size, z, s, ds);
    if (tangents > 0) second(layer->activation, size, z, ds + size);
    for (size_t d = 1; d <= tangents; d++)
        for (size_t i = 0; i < size; i++) s[d * size + i] = ds[i] * z[d * size + i];
}

/* gz = s' gy + s'' sum_d dz gdy, gdz = s' gdy */
static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t size = n * sb_shape_size(layer->in);
    const real *z = x, *ds = space, *dds = ds + size, *gy = g;
    real *gz = gx;
    (void)theta, (void)y, (void)gradient;
    if (!gz) return;
    for (size_t i = 0; i < size; i++) gz[i] = ds[i] * gy[i];
    for (size_t d = 1; d <= tangents; d++)
        for (size_t i = 0; i < size; i++) {
            gz[i] += dds[i] * z[d * size + i] * gy[d * size + i];
            gz[d * size + i] = ds[i] * gy[d * size + i];
        }
}

/* dy = s' dz */
static void change(const sb_layer *layer, const void *theta, const void *dtheta, size_t n, const void *x, const void *y,
                   const void *space, const void *dx, void *dy)
{
    size_t size = n * sb_shape_size(layer->in);
    const real *ds = space, *dz = dx;
    real *to = dy;
    (void)theta, (void)dtheta, (void)x, (void)y;
    for (size_t i = 0; i < size; i++) to[i] = ds[i] * dz[i];
}

SB_LAYER(activation, 0, change, NULL, NULL, NULL,
         "an activation by its name alone, such as tanh (specbias list activation)");
