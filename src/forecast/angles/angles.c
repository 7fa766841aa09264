/* The way through the layers and back. */
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "forecast/angles/inside.h"

/* y[position][out] = scale sum over taps, channels of W[out][tap][channel] x[position + tap][channel], of all rows */
static void convolve(const sb_angles *a, size_t l, const double *theta)
{
    const sb_conv_part *p = &a->part[l];
    size_t from = a->width[l] * p->channels, to = a->width[l + 1] * p->units, k = p->taps * p->channels;
    for (size_t i = 0; i < a->width[l + 1]; i++)
        sb_gemm_double(false, true, a->states * a->rows, p->units, k, p->weight_scale, a->value[l] + i * p->channels,
                       from, theta + p->weight, k, 0, a->value[l + 1] + i * p->units, to);
}

/* Of the wave and the mean. */
static void add_biases(const sb_angles *a, size_t l, const double *theta)
{
    const sb_conv_part *p = &a->part[l];
    size_t size = a->width[l + 1] * p->units;
    for (size_t s = 0; s < a->states && p->bias != SIZE_MAX; s++) {
        double *y = a->value[l + 1] + s * a->rows * size;
        for (size_t i = 0; i < SB_FACTORS * size; i++) y[i] += p->bias_scale * theta[p->bias + i % p->units];
    }
}

/* Rows of `values` are kept where the wave behind layer l is above 0. */
static void mask(const sb_angles *a, size_t l, double *values)
{
    size_t size = a->width[l + 1] * a->part[l].units;
    for (size_t s = 0; s < a->states; s++) {
        const double *wave = a->value[l + 1] + s * a->rows * size;
        for (size_t r = a->rows; r-- > 0;) { /* the wave last: it may be masked itself */
            double *row = values + (s * a->rows + r) * size;
            for (size_t i = 0; i < size; i++) row[i] = wave[i] > 0 ? row[i] : 0;
        }
    }
}

static void forward(const sb_angles *a, const double *theta)
{
    for (size_t l = 0; l < a->layers; l++) {
        convolve(a, l, theta);
        add_biases(a, l, theta);
        if (l + 1 < a->layers) mask(a, l, a->value[l + 1]);
    }
}

/* sum over states of weight sum over rows (h - y)^2, and its gradient by the outputs of the last layer */
static double squares(const sb_angles *a, double *g)
{
    double sum = 0;
    const double *h = a->value[a->layers];
    for (size_t s = 0; s < a->states; s++)
        for (size_t r = 0; r < a->rows; r++) {
            size_t i = s * a->rows + r;
            double u = r == SB_WAVE ? 0 : a->output_scale * h[i] - (r == SB_MEAN ? a->wanted[s] : 0);
            sum += a->weight[s] * u * u;
            g[i] = 2 * a->weight[s] * a->output_scale * u;
        }
    return sum;
}

static void add_bias_gradient(const sb_angles *a, size_t l, const double *g, double *gradient)
{
    const sb_conv_part *p = &a->part[l];
    size_t size = a->width[l + 1] * p->units;
    for (size_t s = 0; s < a->states && p->bias != SIZE_MAX; s++) {
        const double *mean = g + (s * a->rows + SB_MEAN) * size;
        for (size_t i = 0; i < size; i++) gradient[p->bias + i % p->units] += p->bias_scale * mean[i];
    }
}

/* dW += g^T x and gx = g W, position by position; gx NULL: not asked for */
static void backward(const sb_angles *a, size_t l, const double *theta, const double *g, double *gx, double *gradient)
{
    const sb_conv_part *p = &a->part[l];
    size_t from = a->width[l] * p->channels, to = a->width[l + 1] * p->units, k = p->taps * p->channels;
    size_t rows = a->states * a->rows;
    if (gx) memset(gx, 0, rows * from * sizeof *gx);
    for (size_t i = 0; i < a->width[l + 1]; i++) {
        sb_gemm_double(true, false, p->units, k, rows, p->weight_scale, g + i * p->units, to,
                       a->value[l] + i * p->channels, from, 1, gradient + p->weight, k);
        if (gx)
            sb_gemm_double(false, false, rows, k, p->units, p->weight_scale, g + i * p->units, to, theta + p->weight, k,
                           1, gx + i * p->channels, from);
    }
    add_bias_gradient(a, l, g, gradient);
}

double sb_angles_loss(sb_angles *a, const double *theta, double *gradient)
{
    double *g = a->slope[0], *gx = a->slope[1];
    forward(a, theta);
    double loss = squares(a, g);
    for (size_t l = a->layers; gradient && l-- > 0;) {
        backward(a, l, theta, g, l > 0 ? gx : NULL, gradient);
        if (l > 0) mask(a, l - 1, gx);
        double *turn = g;
        g = gx, gx = turn;
    }
    return loss;
}

/* ---- memory ---- */

static sb_status allocate_values(sb_angles *a)
{
    size_t rows = a->states * a->rows, most = 0;
    bool all = true;
    for (size_t l = 0; l < a->layers; l++) {
        size_t size = rows * a->width[l + 1] * a->part[l].units, before = rows * a->width[l] * a->part[l].channels;
        a->value[l + 1] = malloc(size * sizeof(double));
        all = all && a->value[l + 1];
        most = size > most ? size : most;
        most = before > most ? before : most;
    }
    a->slope[0] = malloc(most * sizeof(double));
    a->slope[1] = malloc(most * sizeof(double));
    return all && a->slope[0] && a->slope[1] ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu rows", rows);
}

static sb_status open_stack(const sb_angles_spec *spec, sb_angles *a)
{
    size_t layers = spec->layers;
    *a = (sb_angles){.layers = layers, .output_scale = spec->output_scale};
    a->part = malloc(layers * sizeof *a->part);
    a->width = malloc((layers + 1) * sizeof *a->width);
    a->value = calloc(layers + 1, sizeof *a->value);
    if (!a->part || !a->width || !a->value) return sb_fail(SB_ERR_NOMEM, "no memory for %zu layers", layers);
    memcpy(a->part, spec->part, layers * sizeof *a->part);
    a->width[layers] = 1;
    for (size_t l = layers; l-- > 0;) a->width[l] = a->width[l + 1] + a->part[l].taps - 1;
    return SB_OK;
}

sb_status sb_angles_create(const sb_angles_spec *spec, sb_angles **angles)
{
    sb_angles *a = *angles = malloc(sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for a stack of convolutions");
    sb_status status = open_stack(spec, a);
    if (status == SB_OK) status = sb_angles_fill(spec, a);
    if (status == SB_OK) status = allocate_values(a);
    if (status != SB_OK) sb_angles_destroy(angles);
    return status;
}

void sb_angles_destroy(sb_angles **angles)
{
    sb_angles *a = *angles;
    if (!a) return;
    for (size_t l = 0; a->value && l <= a->layers; l++) free(a->value[l]);
    free(a->part);
    free(a->width);
    free(a->value);
    free(a->weight);
    free(a->wanted);
    free(a->slope[0]);
    free(a->slope[1]);
    free(a);
    *angles = NULL;
}
