/* Features cos(w . x), sin(w . x) of m frequencies w, which follow the density: y [2 m], the cosines first. */
#include "net/layer/layer.h"
#include "net/layer/waves.h"
#include "net/loops/fourier.h"

#define CHUNK 256

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "its number of frequencies", 1, 100000000, &layer->units);
    layer->fan_in = sb_shape_size(layer->in);
    layer->fan_out = 2 * layer->units;
    layer->biased = false;
    layer->frequencies = true;
    layer->weight_scale = 1;
    layer->out = (sb_shape){1, 1, 2 * layer->units};
    return status;
}

/* phases z, then their gradients, [rows][m] */
static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    return 2 * (1 + tangents) * n * layer->units;
}

static void cosine_and_sine(size_t n, const real *z, real *c, real *s)
{
    double phase[CHUNK], sine[CHUNK];
    for (size_t first = 0; first < n; first += CHUNK) {
        size_t count = n - first < CHUNK ? n - first : CHUNK;
        for (size_t i = 0; i < count; i++) phase[i] = (double)z[first + i];
        sb_fourier_loops_best()->evaluate(count, phase, phase, sine);
        for (size_t i = 0; i < count; i++) {
            c[first + i] = (real)phase[i];
            s[first + i] = (real)sine[i];
        }
    }
}

/* tangents: d cos = -sin dz, d sin = cos dz */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    real *z = space, *to = y;
    gemm(false, true, rows, m, fan_in, 1, x, fan_in, theta, fan_in, 0, z, m);
    for (size_t i = 0; i < n; i++) cosine_and_sine(m, z + i * m, to + 2 * i * m, to + (2 * i + 1) * m);
    for (size_t row = n; row < rows; row++) {
        const real *c = to + 2 * (row % n) * m, *s = c + m, *dz = z + row * m;
        for (size_t j = 0; j < m; j++) {
            to[2 * row * m + j] = -s[j] * dz[j];
            to[(2 * row + 1) * m + j] = c[j] * dz[j];
        }
    }
}

/* gz = c gs - s gc - sum over tangents of dz (c gdc + s gds), gdz = c gds - s gdc */
static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    const real *wave = y, *slope = g, *z = space;
    real *gz = (real *)space + rows * m;
    for (size_t row = 0; row < rows; row++) {
        size_t i = row % n;
        const real *c = wave + 2 * i * m, *s = c + m, *gc = slope + 2 * row * m, *gs = gc + m;
        for (size_t j = 0; j < m; j++) gz[row * m + j] = c[j] * gs[j] - s[j] * gc[j];
        for (size_t j = 0; row >= n && j < m; j++) gz[i * m + j] -= z[row * m + j] * (c[j] * gc[j] + s[j] * gs[j]);
    }
    if (gradient) gemm(true, false, m, fan_in, rows, 1, gz, m, x, fan_in, 1, gradient, fan_in);
    if (gx) gemm(false, false, rows, fan_in, m, 1, gz, m, theta, fan_in, 0, gx, fan_in);
}

/* gz, which backward left */
static const void *back(const sb_layer *layer, size_t n, const void *space)
{
    return (const real *)space + n * layer->units;
}

/* d cos = -sin dz, d sin = cos dz, dz = dw . x + w . dx, which stands in the place of d cos first */
static void change(const sb_layer *layer, const void *theta, const void *dtheta, size_t n, const void *x, const void *y,
                   const void *space, const void *dx, void *dy)
{
    size_t m = layer->units, fan_in = layer->fan_in;
    const real *wave = y;
    real *to = dy;
    (void)space;
    if (dtheta) gemm(false, true, n, m, fan_in, 1, x, fan_in, dtheta, fan_in, 0, to, 2 * m);
    if (dx) gemm(false, true, n, m, fan_in, 1, dx, fan_in, theta, fan_in, dtheta != NULL, to, 2 * m);
    for (size_t i = 0; i < n; i++, wave += 2 * m, to += 2 * m)
        for (size_t j = 0; j < m; j++) {
            to[m + j] = wave[j] * to[j];
            to[j] *= -wave[m + j];
        }
}

SB_LAYER(fourier, 1, change, back, NULL, sweep,
         "fourier(frequencies): cos(w.x) and sin(w.x), w from init.density; frozen: not trained");
