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

/* ---- what its units start with ---- */

static sb_start_law start_law(const sb_init_law *law, const sb_layer *layer)
{
    const sb_law *unit = law->init ? law->init->law : sb_law_at(0);
    return (sb_start_law){unit, sb_init_size(law, (double)layer->fan_in, (double)layer->fan_out), NULL};
}

sb_start_law sb_model_start_in(const sb_model *model, size_t d)
{
    if (!model->layer[0].frequencies) return start_law(&model->weights[0], &model->layer[0]);
    return (sb_start_law){NULL, 1, &model->density[model->axes > 1 ? d : 0]};
}

sb_start_law sb_model_start_shift(const sb_model *model)
{
    const sb_layer *first = &model->layer[0];
    if (first->shifts) return (sb_start_law){sb_law_find("uniform"), model->shift_range, NULL};
    sb_start_law law = start_law(&model->biases, first);
    return first->biased ? law : (sb_start_law){law.law, 0, NULL};
}

sb_start_law sb_model_start_out(const sb_model *model)
{
    return start_law(&model->weights[model->count - 1], &model->layer[model->count - 1]);
}

/* ---- lists of dense layers ---- */

size_t sb_model_dense_parts(const sb_model *model, size_t most, sb_dense_part *part)
{
    size_t count = 0;
    if (model->layer[model->count - 1].activation) return 0;
    for (size_t i = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        double in = (double)layer->fan_in, out = (double)layer->fan_out;
        if (layer->activation) continue;
        if (!named(layer, "dense") || count == most) return 0;
        size_t weights = layer->units * layer->fan_in;
        part[count] = (sb_dense_part){.units = layer->units,
                                      .weights = weights,
                                      .weight = layer->offset,
                                      .biases = layer->biased ? layer->units : 0,
                                      .bias = layer->offset + weights,
                                      .weight_size = sb_init_size(&model->weights[i], in, out),
                                      .bias_size = sb_init_size(&model->biases, in, out),
                                      .first = count == 0,
                                      .scaled = layer->scaled};
        count++;
    }
    part[count - 1].last = true;
    return count;
}

size_t sb_model_copies(const sb_model *model, size_t *parameters)
{
    *parameters = model->parameters;
    return model->copies;
}

/* ---- other numbers of units ---- */

/* All scales stay those of the whole. */
static void set_units(sb_model *part, size_t count)
{
    size_t per_unit = part->layer[0].frequencies ? 2 : 1;
    sb_layer *last = &part->layer[part->count - 1];
    part->layer[0].units = part->layer[0].fan_out = count;
    part->layer[0].out.channels = last->in.channels = last->fan_in = per_unit * count;
    if (part->count == 3) part->layer[1].in = part->layer[1].out = last->in;
    part->parameters = part->widest = 0;
    for (size_t i = 0; i < part->count; i++) {
        part->layer[i].offset = part->parameters;
        part->parameters += sb_layer_parameters(&part->layer[i]);
        part->widest = (size_t)fmax((double)part->widest, (double)sb_shape_size(part->layer[i].out));
    }
    part->widest = (size_t)fmax((double)part->widest, (double)sb_shape_size(part->in));
}

/* A copy with so many units, with or without an output bias; *made must be NULL. */
static sb_status copy_model(const sb_model *model, size_t units, bool biased, sb_model **made)
{
    if (!sb_model_sums_units(model)) return sb_fail(SB_ERR_UNSUPPORTED, "the network is no sum over units");
    sb_model *p = *made = malloc(sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
    *p = *model;
    p->axes = 0;
    p->density = NULL; /* the other's; only a start needs it */
    p->layer = malloc(p->count * sizeof *p->layer);
    p->weights = malloc(p->count * sizeof *p->weights);
    if (!p->layer || !p->weights) {
        sb_model_destroy(made);
        return sb_fail(SB_ERR_NOMEM, "no memory for a network of %zu units", units);
    }
    memcpy(p->layer, model->layer, p->count * sizeof *p->layer);
    memcpy(p->weights, model->weights, p->count * sizeof *p->weights);
    p->layer[p->count - 1].biased = biased;
    set_units(p, units);
    return SB_OK;
}

sb_status sb_model_resize(const sb_model *model, size_t units, sb_model **other)
{
    sb_status status = copy_model(model, units, model->layer[model->count - 1].biased, other);
    if (status != SB_OK) return status;
    sb_model *made = *other;
    made->single = false;
    for (size_t i = 0; i < made->count; i++) made->layer[i].kind = sb_layer_find(made->layer[i].kind->name, false);
    return SB_OK;
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
    *own = NULL;
    if (!sb_model_sums_units(model)) return sb_fail(SB_ERR_UNSUPPORTED, "the network is no sum over units");
    if (count == 0 || first + count > model->layer[0].units)
        return sb_fail(SB_ERR_INPUT, "there are no units %zu to %zu", first, first + count);
    bool biased = model->layer[model->count - 1].biased && first == 0; /* which is no unit's */
    sb_status status = copy_model(model, count, biased, part);
    if (status != SB_OK) return status;
    sb_model *p = *part;
    *own = malloc(sb_model_parameters(p) * sizeof **own);
    if (!*own) {
        sb_model_destroy(part);
        return sb_fail(SB_ERR_NOMEM, "no memory for a network of %zu units", count);
    }
    for (size_t copy = 0; copy < p->copies; copy++) {
        sb_two_layer from = sb_model_part_of_copy(model, copy), to = sb_model_part_of_copy(p, copy);
        copy_units(&from, theta, first, &to, *own);
    }
    return SB_OK;
}
