/* Cross-correlation of images, stride 1, as many outputs as inputs:
 *
 *   y[i][j][o] = sum over s, t, c of W[o][s][t][c] x[i + s - k/2][j + t - k/2][c]
 *
 * Some lines of an image at a time become a matrix [pixels][k k C] of windows, so that a product does the rest. */
#include <string.h>

#include "net/layer/layer.h"

#define WINDOWS 65536 /* numbers of such a matrix, about */

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = SB_OK;
    SB_TRY(sb_call_whole(call, 0, "its number of channels", 1, 1000000, &layer->units));
    SB_TRY(sb_call_whole(call, 1, "its number of taps on each axis", 1, 1000, &layer->kernel));
    if (layer->kernel / 2 > layer->in.width || layer->kernel / 2 > layer->in.height)
        status = sb_fail(SB_ERR_INPUT, "%zu taps are more than the %zu x %zu pixels", layer->kernel, layer->in.height,
                         layer->in.width);
    layer->circular = sb_call_flag(call, "circular");
    layer->fan_in = layer->kernel * layer->kernel * layer->in.channels;
    layer->fan_out = layer->kernel * layer->kernel * layer->units;
    layer->out = (sb_shape){layer->in.height, layer->in.width, layer->units};
done:
    return status;
}

static size_t lines_at_a_time(const sb_layer *layer)
{
    size_t lines = WINDOWS / (layer->in.width * layer->fan_in);
    return lines < 1 ? 1 : lines < layer->in.height ? lines : layer->in.height;
}

static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    (void)n, (void)tangents;
    return lines_at_a_time(layer) * layer->in.width * layer->fan_in;
}

/* Where position `at + tap - k/2` of an axis is; SIZE_MAX: on the zero padding. */
static size_t source(const sb_layer *layer, size_t at, size_t tap, size_t size)
{
    size_t shifted = at + tap + size - layer->kernel / 2; /* size too large */
    if (layer->circular) return shifted % size;
    return shifted >= size && shifted < 2 * size ? shifted - size : SIZE_MAX;
}

/* Windows of the pixels of lines first .. first + lines - 1, or with `add` the way back into gx. */
static void windows(const sb_layer *layer, size_t first, size_t lines, real *image, real *matrix, bool add)
{
    size_t k = layer->kernel, c = layer->in.channels, width = layer->in.width;
    for (size_t i = first; i < first + lines; i++)
        for (size_t j = 0; j < width; j++)
            for (size_t s = 0; s < k; s++)
                for (size_t t = 0; t < k; t++, matrix += c) {
                    size_t line = source(layer, i, s, layer->in.height), column = source(layer, j, t, width);
                    bool inside = line != SIZE_MAX && column != SIZE_MAX;
                    real *pixel = inside ? image + (line * width + column) * c : NULL;
                    for (size_t m = 0; add && inside && m < c; m++) pixel[m] += matrix[m];
                    if (!add && inside) memcpy(matrix, pixel, c * sizeof *matrix);
                    if (!add && !inside) memset(matrix, 0, c * sizeof *matrix);
                }
}

static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t width = layer->in.width, height = layer->in.height, units = layer->units, fan_in = layer->fan_in;
    size_t most = lines_at_a_time(layer), image = sb_shape_size(layer->in);
    const real *w = theta;
    real *from = (real *)(size_t)x, *to = y;
    for (size_t i = 0; i < (1 + tangents) * n; i++, from += image)
        for (size_t first = 0; first < height; first += most) {
            size_t lines = height - first < most ? height - first : most, pixels = lines * width;
            bool biased = layer->biased && i < n;
            windows(layer, first, lines, from, space, false);
            if (biased) fill_biases(pixels, units, layer->bias_scale, w + units * fan_in, to);
            gemm(false, true, pixels, units, fan_in, (real)layer->weight_scale, space, fan_in, w, fan_in, biased, to,
                 units);
            to += pixels * units;
        }
}

static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t width = layer->in.width, height = layer->in.height, units = layer->units, fan_in = layer->fan_in;
    size_t most = lines_at_a_time(layer), image = sb_shape_size(layer->in), rows = (1 + tangents) * n;
    real scale = (real)layer->weight_scale, *from = (real *)(size_t)x, *back = gx, *to = gradient;
    const real *slope = g;
    (void)y;
    if (to && layer->biased) add_biases(n * width * height, units, layer->bias_scale, g, to + units * fan_in);
    if (back) memset(back, 0, rows * image * sizeof *back);
    for (size_t i = 0; i < rows; i++, from += image)
        for (size_t first = 0; first < height; first += most) {
            size_t lines = height - first < most ? height - first : most, pixels = lines * width;
            if (to) {
                windows(layer, first, lines, from, space, false);
                gemm(true, false, units, fan_in, pixels, scale, slope, units, space, fan_in, 1, to, fan_in);
            }
            if (back) {
                gemm(false, false, pixels, fan_in, units, scale, slope, units, theta, fan_in, 0, space, fan_in);
                windows(layer, first, lines, back + i * image, space, true);
            }
            slope += pixels * units;
        }
}

static void each(const sb_layer *layer, size_t n, const void *x, void *space, const void *g, size_t step, void *column)
{
    size_t in = sb_shape_size(layer->in), out = sb_shape_size(layer->out);
    for (size_t i = 0; i < n; i++) {
        real *to = (real *)column + i * step;
        memset(to, 0, sb_layer_parameters(layer) * sizeof *to);
        backward(layer, NULL, 1, 0, (const real *)x + i * in, NULL, space, (const real *)g + i * out, NULL, to);
    }
}

SB_LAYER(conv2d, 2, NULL, NULL, each, NULL,
         "conv2d(channels, taps): cross-correlation of images, taps x taps; zero (padding) or circular");
