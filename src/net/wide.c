/* The law of an infinitely wide network of layers, for kernels (tangent.h). */
#include <stdlib.h>
#include <string.h>

#include "net/inside.h"

void sb_wide_law_clear(sb_wide_law *law)
{
    free(law->layer);
    *law = (sb_wide_law){0};
}

static double square(double x)
{
    return x * x;
}

/* The identity changes nothing. */
static bool passes(const sb_layer *layer)
{
    return layer->activation && strcmp(layer->activation->name, "identity") == 0;
}

static bool is_dense(const sb_layer *layer)
{
    return strcmp(layer->kind->name, "dense") == 0;
}

static double variance(const sb_init_law *law, const sb_layer *layer)
{
    return sb_init_variance(law, (double)layer->fan_in, (double)layer->fan_out);
}

static sb_wide_layer dense(const sb_model *model, size_t index)
{
    const sb_layer *layer = &model->layer[index];
    double weight = square(layer->weight_scale), bias = layer->biased ? square(layer->bias_scale) : 0;
    return (sb_wide_layer){.kind = SB_WIDE_DENSE,
                           .units = (double)layer->units,
                           .weight2 = weight * variance(&model->weights[index], layer),
                           .bias2 = bias * variance(&model->biases, layer),
                           .weight_trained = layer->frozen ? 0 : weight,
                           .bias_trained = layer->frozen ? 0 : bias};
}

static sb_wide_layer activation(const sb_layer *layer)
{
    return (sb_wide_layer){.kind = SB_WIDE_ACTIVATION,
                           .units = (double)sb_shape_size(layer->out),
                           .activation = layer->activation->name,
                           .kinked = layer->activation->kinked,
                           .evaluate = layer->activation->evaluate};
}

static sb_wide_layer fourier(const sb_model *model, const sb_layer *layer)
{
    return (sb_wide_layer){.kind = SB_WIDE_FOURIER,
                           .units = (double)sb_shape_size(layer->out),
                           .weight_trained = layer->frozen ? 0 : 1,
                           .axes = model->axes,
                           .density = model->density};
}

/* Without an activation behind it, or with the identity, it is one of the identity. */
static sb_wide_layer shifted(const sb_model *model, const sb_layer *layer)
{
    const sb_activation *none = sb_activation_find("identity");
    const sb_init_law *weights = &model->weights[layer - model->layer];
    double scale = layer->weight_scale;
    return (sb_wide_layer){.kind = SB_WIDE_SHIFTED,
                           .units = (double)layer->units,
                           .weight_trained = layer->frozen ? 0 : square(scale),
                           .activation = none->name,
                           .evaluate = none->evaluate,
                           .in = weights->init->law,
                           .in_scale = scale * sb_init_size(weights, 1, (double)layer->units),
                           .range = model->shift_range};
}

static void activate(sb_wide_layer *neurons, const sb_activation *activation)
{
    neurons->activation = activation->name;
    neurons->kinked = activation->kinked;
    neurons->evaluate = activation->evaluate;
}

/* ---- what has no limit ---- */

/* Whether what an activation takes is Gaussian: `from` is the layer before it, NULL at the inputs, and `first` whether
 * that layer has the first weights. */
static sb_status check_gaussian(const sb_model *model, const sb_layer *from, bool first)
{
    if (!from || !is_dense(from))
        return sb_fail(SB_ERR_UNSUPPORTED, "an activation has a wide limit behind a dense layer only");
    const sb_init_law *weights = &model->weights[from - model->layer], *biases = &model->biases;
    if (first && !sb_init_normal(weights))
        return sb_fail(SB_ERR_UNSUPPORTED,
                       "the first weights are of the law %s, and sums over the inputs are Gaussian only of normal ones",
                       weights->init->name);
    if (from->biased && !sb_init_normal(biases))
        return sb_fail(SB_ERR_UNSUPPORTED, "biases of the law %s are not Gaussian in front of an activation",
                       biases->init->name);
    return SB_OK;
}

/* `from` and `weighted`: the layer before this one and how many layers of weights there are up to it */
static sb_status add_layer(const sb_model *model, const sb_layer *layer, const sb_layer *from, size_t weighted,
                           sb_wide_law *law)
{
    sb_status status = SB_OK;
    if (layer->activation && from && from->shifts) {
        activate(&law->layer[law->layers - 1], layer->activation);
        return SB_OK;
    }
    sb_wide_layer *to = &law->layer[law->layers++];
    if (layer->activation) {
        SB_TRY(check_gaussian(model, from, weighted == 1));
        *to = activation(layer);
    } else if (layer->frequencies) {
        if (from) return sb_fail(SB_ERR_UNSUPPORTED, "Fourier features have a wide limit as the first layer only");
        *to = fourier(model, layer);
    } else if (layer->shifts) {
        if (from) return sb_fail(SB_ERR_UNSUPPORTED, "shifted neurons have a wide limit as the first layer only");
        *to = shifted(model, layer);
    } else if (is_dense(layer)) {
        *to = dense(model, (size_t)(layer - model->layer));
    } else {
        return sb_fail(SB_ERR_UNSUPPORTED, "the wide limit of %s is not known here", layer->kind->name);
    }
done:
    return status;
}

sb_status sb_model_wide_law(const sb_model *model, sb_wide_law *law)
{
    sb_status status = SB_OK;
    const sb_layer *from = NULL;
    *law = (sb_wide_law){.inputs = sb_model_inputs(model),
                         /* two equal copies have twice the kernel of one */
                         .gain2 = (double)model->copies * square(model->output_scale),
                         .layer = calloc(model->count, sizeof *law->layer)};
    if (!law->layer) return sb_fail(SB_ERR_NOMEM, "no memory for %zu layers", model->count);
    for (size_t i = 0, weighted = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        if (passes(layer)) continue;
        status = add_layer(model, layer, from, weighted, law);
        if (status != SB_OK) {
            status = sb_fail(status, "layer %zu, \"%s\": %s", i + 1, layer->text, sb_error_text());
            goto done;
        }
        weighted += layer->units > 0;
        from = layer;
    }
    if (!from || !is_dense(from))
        status = sb_fail(SB_ERR_UNSUPPORTED, "the wide limit of a network is known when its last layer is dense");
done:
    if (status != SB_OK) sb_wide_law_clear(law);
    return status;
}
