/* Cross-correlation along a sequence, stride 1, as many outputs as inputs: k taps see the k/2 positions before.
 *
 *   y[l][o] = sum over t, c of W[o][t][c] x[l + t - k/2][c]
 *
 * All sequences, padded with k - 1 positions, stand behind each other as one of R positions, xp[R][C], and are
 * correlated in one go (bilinear.h). The windows that reach from one sequence into the next give numbers that nobody
 * reads. */
#include <string.h>

#include "net/layer/bilinear.h"

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = SB_OK;
    SB_TRY(sb_call_whole(call, 0, "its number of channels", 1, 1000000, &layer->units));
    SB_TRY(sb_call_whole(call, 1, "its number of taps", 1, 100000, &layer->kernel));
    if (layer->in.height != 1)
        status = sb_fail(SB_ERR_INPUT, "a convolution of sequences needs inputs of height 1, not %zu x %zu",
                         layer->in.height, layer->in.width);
    else if (layer->kernel > layer->in.width)
        status = sb_fail(SB_ERR_INPUT, "%zu taps are more than the %zu positions", layer->kernel, layer->in.width);
    layer->circular = sb_call_flag(call, "circular");
    layer->fan_in = layer->kernel * layer->in.channels;
    layer->fan_out = layer->kernel * layer->units;
    layer->out = (sb_shape){1, layer->in.width, layer->units};
done:
    return status;
}

/* Positions of all padded sequences of a batch. */
static size_t positions(const sb_layer *layer, size_t rows)
{
    return rows * (layer->in.width + layer->kernel - 1);
}

/* xp[R][C]; then scratch: outputs or their gradients [R + k - 1][O], gradients [R][C], flipped weights [C][k][O] .. */
static size_t own_room(const sb_layer *layer, size_t rows)
{
    size_t all = positions(layer, rows), in = layer->in.channels, out = layer->units;
    return 2 * all * in + (all + layer->kernel - 1) * out + layer->kernel * in * out;
}

static bilinear forth(const sb_layer *layer)
{
    return find_bilinear(layer->kernel, layer->in.channels, layer->units, layer->in.width);
}

static bilinear back(const sb_layer *layer)
{
    return find_bilinear(layer->kernel, layer->units, layer->in.channels, layer->in.width);
}

/* .. and that of fewer products */
static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    size_t there = forth(layer).step, again = back(layer).step;
    return own_room(layer, (1 + tangents) * n) + (there > again ? there : again);
}

static void pad(const sb_layer *layer, size_t rows, const real *x, real *xp)
{
    size_t length = layer->in.width, c = layer->in.channels, before = layer->kernel / 2;
    size_t after = layer->kernel - 1 - before, bytes = sizeof(real) * c;
    for (size_t i = 0; i < rows; i++, x += length * c, xp += (length + before + after) * c) {
        memcpy(xp + before * c, x, length * bytes);
        if (layer->circular) {
            memcpy(xp, x + (length - before) * c, before * bytes);
            memcpy(xp + (before + length) * c, x, after * bytes);
        } else {
            memset(xp, 0, before * bytes);
            memset(xp + (before + length) * c, 0, after * bytes);
        }
    }
}

/* The way back from pad: what fell on the padding goes where it was taken from. */
static void unpad(const sb_layer *layer, size_t rows, const real *gxp, real *gx)
{
    size_t length = layer->in.width, c = layer->in.channels, before = layer->kernel / 2;
    size_t after = layer->kernel - 1 - before;
    for (size_t i = 0; i < rows; i++, gx += length * c, gxp += (length + before + after) * c) {
        memcpy(gx, gxp + before * c, length * c * sizeof *gx);
        if (!layer->circular) continue;
        for (size_t j = 0; j < before * c; j++) gx[(length - before) * c + j] += gxp[j];
        for (size_t j = 0; j < after * c; j++) gx[j] += gxp[(before + length) * c + j];
    }
}

static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t rows = (1 + tangents) * n, all = positions(layer, rows), k = layer->kernel, units = layer->units;
    size_t c = layer->in.channels, length = layer->in.width, step = (length + k - 1) * units;
    const real *w = theta, *b = w + units * layer->fan_in;
    real *xp = space, *yp = xp + all * c, *to = y;
    pad(layer, rows, x, xp);
    bilinear fewer = forth(layer);
    correlate_bilinear(&fewer, all - k + 1, layer->weight_scale, xp, w, yp, xp + own_room(layer, rows));
    for (size_t i = 0; i < rows; i++)
        for (size_t l = 0; l < length; l++)
            for (size_t o = 0; o < units; o++) {
                real bias = layer->biased && i < n ? (real)layer->bias_scale * b[o] : 0;
                to[(i * length + l) * units + o] = yp[i * step + l * units + o] + bias;
            }
}

static void flip(const sb_layer *layer, const real *w, real *flipped)
{
    size_t k = layer->kernel, c = layer->in.channels, units = layer->units;
    for (size_t i = 0; i < c; i++)
        for (size_t t = 0; t < k; t++)
            for (size_t o = 0; o < units; o++) flipped[(i * k + t) * units + o] = w[(o * k + k - 1 - t) * c + i];
}

/* The gradient by the input is the correlation of g, with k - 1 zeros before, with the flipped weights. */
static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t rows = (1 + tangents) * n, all = positions(layer, rows), k = layer->kernel, units = layer->units;
    size_t c = layer->in.channels, length = layer->in.width;
    const real *from = g;
    real *xp = space, *before = xp + all * c, *gp = before + (k - 1) * units;
    real *gxp = gp + all * units, *flipped = gxp + all * c, *to = gradient;
    (void)x, (void)y;
    memset(before, 0, (k - 1) * units * sizeof *before);
    for (size_t i = 0; i < rows; i++) {
        real *sequence = gp + i * (length + k - 1) * units;
        memcpy(sequence, from + i * length * units, length * units * sizeof *gp);
        memset(sequence + length * units, 0, (k - 1) * units * sizeof *gp);
    }
    bilinear fewer = forth(layer), again = back(layer);
    real *more = xp + own_room(layer, rows);
    if (to) gradient_bilinear(&fewer, all - k + 1, layer->weight_scale, xp, gp, to, more);
    if (to && layer->biased) add_biases(n * length, units, layer->bias_scale, g, to + units * layer->fan_in);
    if (!gx) return;
    flip(layer, theta, flipped);
    correlate_bilinear(&again, all, layer->weight_scale, before, flipped, gxp, more);
    unpad(layer, rows, gxp, gx);
}

/* Windows of one sequence stay in it. */
static void each(const sb_layer *layer, size_t n, const void *x, void *space, const void *g, size_t step, void *column)
{
    size_t length = layer->in.width, k = layer->kernel, c = layer->in.channels, units = layer->units;
    (void)x;
    for (size_t i = 0; i < n; i++) {
        const real *slope = (const real *)g + i * length * units;
        real *to = (real *)column + i * step;
        memset(to, 0, sb_layer_parameters(layer) * sizeof *to);
        correlate_gradient(length, k, c, units, layer->weight_scale, (const real *)space + i * (length + k - 1) * c,
                           slope, to);
        if (layer->biased) add_biases(length, units, layer->bias_scale, slope, to + units * layer->fan_in);
    }
}

SB_LAYER(conv1d, 2, NULL, NULL, each, NULL,
         "conv1d(channels, taps): cross-correlation of sequences; zero (padding) or circular");
