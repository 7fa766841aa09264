/* Networks of layers that are sums over units (sb_two_layer). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/inside.h"

sb_two_layer sb_model_part_of_copy(const sb_model *model, size_t copy)
{
    const sb_layer *first = &model->layer[0], *last = &model->layer[model->count - 1];
    const sb_activation *activation = first->frequencies ? NULL : model->layer[1].activation;
    size_t m = first->units, dim = first->fan_in, start = copy * model->parameters, out = start + last->offset;
    double scale = copy == 0 ? model->output_scale : -model->output_scale;
    return (sb_two_layer){.activation = activation,
                          .units = m,
                          .dim = dim,
                          .in = start + first->offset,
                          .shift = first->biased ? start + first->offset + m * dim : SIZE_MAX,
                          .out = out,
                          .out_sine = first->frequencies ? out + m : SIZE_MAX,
                          .offset = last->biased ? out + last->fan_in : SIZE_MAX,
                          .in_scale = first->weight_scale,
                          .shift_scale = first->bias_scale,
                          .out_scale = scale * last->weight_scale,
                          .offset_scale = scale * last->bias_scale,
                          .shifted = first->shifts,
                          .in_trained = !first->frozen,
                          .out_trained = !last->frozen,
                          .sweep = !activation     ? first->kind->sweep
                                   : model->single ? activation->sweep_single
                                                   : activation->sweep};
}

static bool named(const sb_layer *layer, const char *name)
{
    return strcmp(layer->kind->name, name) == 0;
}

bool sb_model_sums_units(const sb_model *model)
{
    const sb_layer *layer = model->layer, *last = &layer[model->count - 1];
    if (!named(last, "dense") || last->units != 1) return false;
    if (model->count == 2) return named(&layer[0], "fourier");
    return model->count == 3 && (named(&layer[0], "dense") || named(&layer[0], "shifted")) && layer[1].activation;
}

size_t sb_model_two_layer(const sb_model *model, sb_two_layer parts[SB_MOST_COPIES])
{
    if (!sb_model_sums_units(model)) return 0;
    for (size_t copy = 0; copy < model->copies; copy++) parts[copy] = sb_model_part_of_copy(model, copy);
    return model->copies;
}

bool sb_model_starts_at_zero(const sb_model *model)
{
    const sb_layer *last = &model->layer[model->count - 1];
    bool zero = named(last, "dense") &&
                sb_init_size(&model->weights[model->count - 1], (double)last->fan_in, (double)last->fan_out) == 0 &&
                (!last->biased || sb_init_size(&model->biases, (double)last->fan_in, (double)last->fan_out) == 0);
    return model->copies > 1 || model->quiet || zero;
}

double sb_model_kink_distance(const sb_model *model, const double *theta, size_t n, const double *x)
{
    sb_two_layer parts[SB_MOST_COPIES];
    size_t copies = sb_model_two_layer(model, parts);
    double smallest = INFINITY;
    for (size_t copy = 0; copy < copies; copy++) {
        const sb_two_layer *p = &parts[copy];
        if (!p->activation || !p->activation->kinked || p->dim != 1) return INFINITY;
        for (size_t j = 0; j < p->units; j++) {
            double b = p->shift == SIZE_MAX ? 0 : theta[p->shift + j];
            double kink = p->shifted ? -b : -p->shift_scale * b / (p->in_scale * theta[p->in + j]);
            for (size_t i = 0; i < n; i++) smallest = fmin(smallest, fabs(x[i] - kink));
        }
    }
    return smallest;
}

/* ---- some of the units ---- */

/* `count` of them; all scales stay those of the whole. */
static void shrink(sb_model *part, size_t count, bool first)
{
    size_t per_unit = part->layer[0].frequencies ? 2 : 1;
    sb_layer *last = &part->layer[part->count - 1];
    part->layer[0].units = part->layer[0].fan_out = count;
    part->layer[0].out.channels = last->in.channels = last->fan_in = per_unit * count;
    if (part->count == 3) part->layer[1].in = part->layer[1].out = last->in;
    last->biased = last->biased && first; /* which is no unit's */
    part->parameters = part->widest = 0;
    for (size_t i = 0; i < part->count; i++) {
        part->layer[i].offset = part->parameters;
        part->parameters += sb_layer_parameters(&part->layer[i]);
        part->widest = (size_t)fmax((double)part->widest, (double)sb_shape_size(part->layer[i].out));
    }
    part->widest = (size_t)fmax((double)part->widest, (double)sb_shape_size(part->in));
}

static void copy_units(const sb_two_layer *from, const double *theta, size_t first, const sb_two_layer *to, double *own)
{
    size_t bytes = to->units * sizeof *own;
    memcpy(own + to->in, theta + from->in + first * from->dim, from->dim * bytes);
    memcpy(own + to->out, theta + from->out + first, bytes);
    if (to->shift != SIZE_MAX) memcpy(own + to->shift, theta + from->shift + first, bytes);
    if (to->out_sine != SIZE_MAX) memcpy(own + to->out_sine, theta + from->out_sine + first, bytes);
    if (to->offset != SIZE_MAX) own[to->offset] = theta[from->offset];
}

sb_status sb_model_part(const sb_model *model, const double *theta, size_t first, size_t count, sb_model **part,
                        double **own)
{
    if (!sb_model_sums_units(model)) return sb_fail(SB_ERR_UNSUPPORTED, "the network is no sum over units");
    if (count == 0 || first + count > model->layer[0].units)
        return sb_fail(SB_ERR_INPUT, "there are no units %zu to %zu", first, first + count);
    *own = NULL;
    sb_model *p = *part = malloc(sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
    *p = *model;
    p->axes = 0;
    p->density = NULL; /* the other's; only a start needs it */
    p->layer = malloc(p->count * sizeof *p->layer);
    p->weights = malloc(p->count * sizeof *p->weights);
    if (p->layer && p->weights) {
        memcpy(p->layer, model->layer, p->count * sizeof *p->layer);
        memcpy(p->weights, model->weights, p->count * sizeof *p->weights);
        shrink(p, count, first == 0);
        *own = malloc(sb_model_parameters(p) * sizeof **own);
    }
    if (!p->layer || !p->weights || !*own) {
        sb_model_destroy(part);
        return sb_fail(SB_ERR_NOMEM, "no memory for a network of %zu units", count);
    }
    for (size_t copy = 0; copy < p->copies; copy++) {
        sb_two_layer from = sb_model_part_of_copy(model, copy), to = sb_model_part_of_copy(p, copy);
        copy_units(&from, theta, first, &to, *own);
    }
    return SB_OK;
}
