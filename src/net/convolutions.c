/* Networks of layers that are stacks of circular convolutions and ReLU (sb_conv_part). */
#include <string.h>

#include "net/inside.h"

static sb_status refuse(const sb_layer *layer, const char *why)
{
    return sb_fail(SB_ERR_UNSUPPORTED, "the layer %s %s", layer->text, why);
}

static sb_status check_layer(const sb_layer *layer, size_t index)
{
    bool even = index % 2 == 0;
    if (layer->activation && strcmp(layer->activation->name, "relu") != 0) return refuse(layer, "is not relu");
    if (!layer->activation && strcmp(layer->kind->name, "conv1d") != 0) return refuse(layer, "is no conv1d");
    if (even == (layer->activation != NULL))
        return refuse(layer, even ? "stands where a convolution is expected" : "follows a convolution without relu");
    if (!layer->activation && !layer->circular)
        return refuse(layer, "pads with zeros, whose ends are not forecast: circular is");
    if (!layer->activation && layer->frozen) return refuse(layer, "is not trained");
    return SB_OK;
}

static sb_conv_part part_of(const sb_layer *layer)
{
    size_t weights = layer->units * layer->fan_in;
    return (sb_conv_part){.channels = layer->in.channels,
                          .units = layer->units,
                          .taps = layer->kernel,
                          .weight = layer->offset,
                          .bias = layer->biased ? layer->offset + weights : SIZE_MAX,
                          .weight_scale = layer->weight_scale,
                          .bias_scale = layer->bias_scale};
}

sb_status sb_model_conv_parts(const sb_model *model, size_t most, sb_conv_part *part, size_t *count, double *scale)
{
    const sb_layer *last = &model->layer[model->count - 1];
    *count = 0;
    *scale = model->output_scale;
    for (size_t i = 0; i < model->count; i++) {
        sb_status status = check_layer(&model->layer[i], i);
        if (status != SB_OK) return status;
        if (model->layer[i].activation) continue;
        if (*count == most) return sb_fail(SB_ERR_UNSUPPORTED, "there are more than %zu convolutions", most);
        part[(*count)++] = part_of(&model->layer[i]);
    }
    if (last->activation) return refuse(last, "is the last one, and no convolution");
    if (model->in.channels != 1 || last->units != 1)
        return sb_fail(SB_ERR_UNSUPPORTED, "%zu channels become %zu, not one and one", model->in.channels, last->units);
    if (model->copies > 1) return sb_fail(SB_ERR_UNSUPPORTED, "there are antisymmetric copies");
    if (model->single) return sb_fail(SB_ERR_UNSUPPORTED, "numbers are float (net.precision)");
    return SB_OK;
}
