/* Networks as lists of layers: from texts to layers, and their initial weights. */
#include <specbias/model.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/numbers.h"
#include "core/text.h"
#include "net/inside.h"
#include "net/stack.h"

#define MOST_LAYERS 200 /* each has a stream of random numbers, SB_STREAM_.. are 256 apart */

enum { QUIET = 4 }; /* neurons at a place of a quiet start */

/* ---- from texts to layers ---- */

/* "he", "two_point(2)" */
static bool is_law(const char *text)
{
    sb_call call;
    return !strchr("0123456789.+-", *text) && sb_call_parse(text, &call) == SB_OK && sb_init_known(call.name);
}

/* The words that a layer with weights takes beside its own. */
static sb_status take_options(const sb_call *call, const sb_model_spec *spec, sb_layer *layer, sb_init_law *weights)
{
    const char *scale = sb_call_value(call, "scale"), *init = sb_call_value(call, "init");
    bool standard = strcmp(spec->parametrisation, "standard") == 0;
    const char *usual = *spec->weights ? spec->weights : standard ? "lecun" : "gaussian(1)";
    layer->frozen = sb_call_flag(call, "frozen");
    if (sb_call_flag(call, "nobias")) layer->biased = false;
    if (layer->frequencies) return SB_OK;
    layer->weight_scale = standard ? 1 : 1 / sqrt((double)layer->fan_in);
    layer->scaled = scale != NULL;
    if (scale) {
        char *end;
        layer->weight_scale = sb_text_real(scale, &end);
        if (*end || !(layer->weight_scale > 0 && layer->weight_scale < INFINITY))
            return sb_fail(SB_ERR_INPUT, "scale must be a positive number, not '%s'", scale);
    }
    for (size_t i = 0; i < call->n && !init; i++) {
        const char *word = call->argument[i].value; /* of a convolution zero is a padding, whose law is init=zero */
        if (!*call->argument[i].key && is_law(word) && strcmp(word, "zero") != 0) init = word;
    }
    return sb_init_parse(init ? init : usual, weights);
}

static sb_status check_words(const sb_call *call)
{
    static const char *const flags[] = {"nobias", "frozen", "zero", "circular"}, *const keys[] = {"scale", "init"};
    for (size_t i = 0; i < call->n; i++) {
        const char *key = call->argument[i].key, *value = call->argument[i].value;
        bool known = !*key && (strchr("0123456789.+-", *value) || is_law(value));
        for (size_t j = 0; j < 4 && !*key; j++) known = known || strcmp(value, flags[j]) == 0;
        for (size_t j = 0; j < 2 && *key; j++) known = known || strcmp(key, keys[j]) == 0;
        if (!known)
            return sb_fail(SB_ERR_INPUT,
                           "'%s' is not understood; there are nobias, frozen, zero, circular, a law of initial "
                           "weights (specbias list init), scale=NUMBER",
                           *key ? key : value);
    }
    return SB_OK;
}

/* Whether a word that is known has a meaning for this layer. */
static bool takes_word(const sb_layer *layer, const char *word)
{
    if (layer->units == 0 || (layer->shifts && strcmp(word, "nobias") == 0)) return false;
    if (strcmp(word, "zero") == 0 || strcmp(word, "circular") == 0) return layer->kernel > 0;
    return strcmp(word, "frozen") == 0 || !layer->frequencies;
}

/* Nothing that was written is without effect. */
static sb_status check_use(const sb_call *call, const sb_layer *layer)
{
    size_t numbers = 0, most = layer->kind->numbers;
    for (size_t i = 0; i < call->n; i++) {
        const char *key = call->argument[i].key, *word = *key ? key : call->argument[i].value;
        bool number = !*key && strchr("0123456789.+-", *word);
        if (number && ++numbers > most)
            return sb_fail(SB_ERR_INPUT, "%s takes %zu number%s", call->name, most, most == 1 ? "" : "s");
        if (!number && !takes_word(layer, word))
            return sb_fail(SB_ERR_INPUT, "'%s' has no meaning for %s", word, call->name);
    }
    if (sb_call_flag(call, "zero") && sb_call_flag(call, "circular"))
        return sb_fail(SB_ERR_INPUT, "padding is either zero or circular");
    return SB_OK;
}

static sb_status plan_layer(const sb_model_spec *spec, const char *text, sb_shape in, sb_layer *layer,
                            sb_init_law *weights)
{
    sb_status status = SB_OK;
    sb_call call;
    SB_TRY(sb_call_parse(text, &call));
    *layer = (sb_layer){.kind = sb_layer_find(call.name, spec->single), .in = in, .biased = true, .bias_scale = 1};
    if (!layer->kind || strcmp(call.name, "activation") == 0)
        return sb_fail(SB_ERR_INPUT, "no layer '%s' (specbias list layer, list activation)", call.name);
    sb_format(layer->text, sizeof layer->text, "%s", text);
    SB_TRY(check_words(&call));
    SB_TRY(layer->kind->plan(&call, layer));
    SB_TRY(check_use(&call, layer));
    if (layer->units > 0)
        SB_TRY(take_options(&call, spec, layer, weights));
    else
        layer->biased = false;
done:
    return status;
}

/* The last layer with weights of the mean-field parametrisation: 1 / fan-in, unless its scale was given. */
static void set_mean_field(const sb_model_spec *spec, sb_model *model)
{
    if (strcmp(spec->parametrisation, "mean_field") != 0) return;
    for (size_t i = model->count; i-- > 0;) {
        sb_layer *layer = &model->layer[i];
        if (layer->units == 0 || layer->frequencies) continue;
        if (!layer->scaled) layer->weight_scale = 1 / (double)layer->fan_in;
        return;
    }
}

/* A layer as it was written, with `factor` times its units, which its first argument counts. */
static void widen(const char *text, double factor, size_t multiple, char *wider, size_t size)
{
    const char *number = strchr(text, '(') + 1;
    char *end;
    double units = round(factor * sb_text_real(number, &end) / (double)multiple);
    sb_format(wider, size, "%.*s%.0f%s", (int)(number - text), text, fmax(units, 1) * (double)multiple, end);
}

/* factor: how many times as wide all layers with units but the last are to be; other than 1: of a model that was
 * planned as it is written. */
static sb_status plan_layers(const sb_model_spec *spec, double factor, sb_model *model)
{
    sb_shape shape = spec->input;
    char wider[sizeof model->layer->text + 32];
    size_t last = model->count;
    while (factor != 1 && last > 0 && model->layer[--last].units == 0) continue;
    model->parameters = 0;
    model->widest = sb_shape_size(spec->input);
    for (size_t i = 0; i < spec->layers; i++) {
        sb_layer *layer = &model->layer[i];
        bool more = factor != 1 && i < last && layer->units > 0;
        if (more) widen(spec->layer[i], factor, spec->quiet ? QUIET : 1, wider, sizeof wider);
        sb_status status = plan_layer(spec, more ? wider : spec->layer[i], shape, layer, &model->weights[i]);
        if (status != SB_OK) return sb_fail(status, "layer %zu, \"%s\": %s", i + 1, spec->layer[i], sb_error_text());
        if (layer->shifts && !(model->shift_range > 0))
            return sb_fail(SB_ERR_INPUT, "layer %zu, \"%s\" needs a range of its shifts", i + 1, spec->layer[i]);
        if (layer->frequencies && model->axes > 1 && model->axes != layer->fan_in)
            return sb_fail(SB_ERR_INPUT, "init.density: \"%s\" has %zu axes, the inputs of layer %zu, \"%s\", have %zu",
                           spec->density, model->axes, i + 1, spec->layer[i], layer->fan_in);
        if (layer->frequencies && model->axes == 0)
            return sb_fail(SB_ERR_INPUT, "init.density: layer %zu, \"%s\": a kind of density is wanted here", i + 1,
                           spec->layer[i]);
        layer->offset = model->parameters;
        model->parameters += sb_layer_parameters(layer);
        shape = layer->out;
        if (sb_shape_size(shape) > model->widest) model->widest = sb_shape_size(shape);
    }
    model->out = shape;
    set_mean_field(spec, model);
    return SB_OK;
}

static sb_status check_spec(const sb_model_spec *spec)
{
    static const char *const known[] = {"standard", "ntk", "mean_field"};
    bool fits = false;
    for (int i = 0; i < 3; i++) fits = fits || strcmp(spec->parametrisation, known[i]) == 0;
    if (!fits) return sb_fail(SB_ERR_INPUT, "no parametrisation '%s'", spec->parametrisation);
    if (!(spec->gain > 0)) return sb_fail(SB_ERR_INPUT, "the gain of a network must be positive");
    if (spec->layers == 0) return sb_fail(SB_ERR_INPUT, "a network needs layers (net.layers)");
    if (spec->layers > MOST_LAYERS) return sb_fail(SB_ERR_INPUT, "more than %d layers", MOST_LAYERS);
    if (sb_shape_size(spec->input) == 0) return sb_fail(SB_ERR_INPUT, "the examples are empty");
    return SB_OK;
}

/* "gaussian(4.5) x gaussian(6)": a density for each axis; a single one stands for all. */
static sb_status take_densities(const sb_model_spec *spec, sb_model *model)
{
    sb_status status = SB_OK;
    size_t most = 1;
    for (const char *at = spec->density; (at = strstr(at, " x ")); at += 3) most++;
    char *text = strdup(spec->density);
    model->density = calloc(most, sizeof *model->density);
    if (!text || !model->density) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a density"));
    for (char *part = text, *next; part; part = next) {
        if ((next = strstr(part, " x "))) {
            *next = '\0';
            next += 3;
        }
        SB_TRY(sb_density_parse(part, spec->table, &model->density[model->axes]));
        model->axes++;
    }
done:
    free(text);
    return status == SB_OK ? SB_OK : sb_fail(status, "init.density: %s", sb_error_text());
}

/* All four pairs of signs at each place: weights of fixed size on both sides of the units. */
static sb_status check_quiet(const sb_model *model)
{
    const sb_layer *first = &model->layer[0], *last = &model->layer[model->count - 1];
    if (!sb_model_sums_units(model) || !first->shifts || last->biased)
        return sb_fail(SB_ERR_INPUT, "a quiet start is one of shifted(..), an activation, dense(1, nobias)");
    const sb_init *in = model->weights[0].init, *out = model->weights[model->count - 1].init;
    if (in->law->fixed_abs == 0 || out->law->fixed_abs == 0)
        return sb_fail(SB_ERR_INPUT, "a quiet start needs weights of fixed size: the law two_point for in and out");
    if (first->units % QUIET != 0)
        return sb_fail(SB_ERR_INPUT, "%s: %zu neurons are not a multiple of %d (four sign pairs)", first->text,
                       first->units, QUIET);
    return SB_OK;
}

static sb_status create(const sb_model_spec *spec, sb_model **made)
{
    sb_status status = check_spec(spec);
    if (status != SB_OK) return status;
    sb_model *model = calloc(1, sizeof *model);
    if (!model) return sb_fail(SB_ERR_NOMEM, "no memory for a network");
    model->count = spec->layers;
    model->in = spec->input;
    model->widest = sb_shape_size(spec->input);
    model->single = spec->single;
    model->shift_range = spec->shift_range;
    model->quiet = spec->quiet;
    model->copies = spec->antisymmetric ? 2 : 1;
    model->output_scale = spec->gain * (spec->antisymmetric ? sqrt(0.5) : 1);
    model->layer = calloc(model->count, sizeof *model->layer);
    model->weights = calloc(model->count, sizeof *model->weights);
    if (!model->layer || !model->weights) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu layers", model->count);
        goto done;
    }
    if (spec->density && *spec->density) SB_TRY(take_densities(spec, model));
    if (*spec->biases) SB_TRY(sb_init_parse(spec->biases, &model->biases));
    SB_TRY(plan_layers(spec, 1, model));
    if (spec->widen > 0 && spec->widen != 1) SB_TRY(plan_layers(spec, spec->widen, model));
    if (spec->quiet) SB_TRY(check_quiet(model));
done:
    if (status != SB_OK)
        sb_model_destroy(&model);
    else
        *made = model;
    return status;
}

sb_status sb_model_create(const sb_model_spec *spec, sb_model **model)
{
    sb_stack stack = {0};
    sb_model_spec whole = *spec;
    sb_status status = sb_stack_expand(spec->layers, spec->layer, &stack);
    const char **layer = malloc((stack.n + 1) * sizeof *layer);
    if (status == SB_OK && !layer) status = sb_fail(SB_ERR_NOMEM, "no memory for %zu layers", stack.n);
    for (size_t i = 0; layer && i < stack.n; i++) layer[i] = stack.layer[i];
    whole.layers = stack.n;
    whole.layer = layer;
    if (status == SB_OK) status = create(&whole, model);
    free(layer);
    sb_stack_clear(&stack);
    return status;
}

void sb_model_destroy(sb_model **model)
{
    sb_model *old = *model;
    if (!old) return;
    for (size_t i = 0; i < old->axes; i++) sb_density_clear(&old->density[i]);
    free(old->density);
    free(old->layer);
    free(old->weights);
    free(old);
    *model = NULL;
}

/* ---- what it is ---- */

size_t sb_model_inputs(const sb_model *model)
{
    return sb_shape_size(model->in);
}

size_t sb_model_outputs(const sb_model *model)
{
    return sb_shape_size(model->out);
}

size_t sb_model_parameters(const sb_model *model)
{
    return model->copies * model->parameters;
}

void sb_model_trained(const sb_model *model, bool *trained)
{
    for (size_t copy = 0; copy < model->copies; copy++)
        for (size_t i = 0; i < model->count; i++) {
            const sb_layer *layer = &model->layer[i];
            size_t first = copy * model->parameters + layer->offset, count = sb_layer_parameters(layer);
            for (size_t p = first; p < first + count; p++) trained[p] = !layer->frozen;
        }
}

bool sb_model_single(const sb_model *model)
{
    return model->single;
}

size_t sb_model_number(const sb_model *model)
{
    return number_size(model->single);
}

bool sb_model_kinked(const sb_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const sb_layer *layer = &model->layer[i];
        if (strcmp(layer->kind->name, "maxpool") == 0 || (layer->activation && layer->activation->kinked)) return true;
    }
    return false;
}

void sb_model_describe(const sb_model *model, char *text, size_t size)
{
    size_t used = (size_t)sb_format(text, size, "%zu ->", sb_model_inputs(model));
    for (size_t i = 0; i < model->count && used < size; i++)
        used += (size_t)sb_format(text + used, size - used, " %s", model->layer[i].text);
    if (used < size)
        sb_format(text + used, size - used, "%s, %zu parameters", model->copies > 1 ? ", ASI" : "",
                  sb_model_parameters(model));
}

/* ---- initial weights ---- */

static double first_range(const sb_model *model, sb_rng *rng)
{
    return model->shift_range * (2 * sb_rng_uniform(rng) - 1);
}

static double frequency(const sb_model *model, size_t axis, sb_rng *rng)
{
    return sb_density_sample(&model->density[model->axes > 1 ? axis : 0], rng);
}

static void start_layer(const sb_model *model, size_t index, uint64_t seed, sb_stream stream, double *theta)
{
    const sb_layer *layer = &model->layer[index];
    double *w = theta + layer->offset, *b = w + layer->units * layer->fan_in;
    double in = (double)layer->fan_in, out = (double)layer->fan_out;
    for (size_t i = 0; i < layer->units; i++) {
        sb_rng rng = sb_rng_at(seed, (uint64_t)stream + 1 + index, i);
        /* the bias first, so that a wider layer below changes no other number */
        double bias = layer->shifts ? first_range(model, &rng) : sb_init_sample(&model->biases, &rng, in, out);
        if (layer->biased) b[i] = bias;
        for (size_t j = 0; j < layer->fan_in; j++)
            w[i * layer->fan_in + j] =
                layer->frequencies ? frequency(model, j, &rng) : sb_init_sample(&model->weights[index], &rng, in, out);
    }
}

/* Of a sum over shifted neurons or features: unit i is unit i of any width. */
static void start_units(const sb_model *model, uint64_t seed, sb_stream stream, double *theta)
{
    sb_two_layer parts = sb_model_part_of_copy(model, 0);
    const sb_init_law *in = &model->weights[0], *out = &model->weights[model->count - 1];
    const sb_layer *first = &model->layer[0], *last = &model->layer[model->count - 1];
    double fan[] = {(double)first->fan_in, (double)first->fan_out, (double)last->fan_in, (double)last->fan_out};
    for (size_t i = 0; i < parts.units; i++) {
        sb_rng rng = sb_rng_at(seed, stream, i);
        if (parts.shift != SIZE_MAX) theta[parts.shift + i] = first_range(model, &rng);
        for (size_t d = 0; d < parts.dim; d++)
            theta[parts.in + i * parts.dim + d] =
                parts.activation ? sb_init_sample(in, &rng, fan[0], fan[1]) : frequency(model, d, &rng);
        theta[parts.out + i] = sb_init_sample(out, &rng, fan[2], fan[3]);
        if (!parts.activation) theta[parts.out_sine + i] = sb_init_sample(out, &rng, fan[2], fan[3]);
    }
    sb_rng rng = sb_rng_at(seed, (uint64_t)stream + 1, 0);
    if (parts.offset != SIZE_MAX) theta[parts.offset] = sb_init_sample(&model->biases, &rng, fan[2], fan[3]);
}

/* Shifts on the midpoints of [-range, range], each with all four sign pairs. */
static void start_quietly(const sb_model *model, double *theta)
{
    sb_two_layer parts = sb_model_part_of_copy(model, 0);
    const sb_layer *first = &model->layer[0], *last = &model->layer[model->count - 1];
    double in = sb_init_size(&model->weights[0], (double)first->fan_in, (double)first->fan_out);
    double out = sb_init_size(&model->weights[model->count - 1], (double)last->fan_in, (double)last->fan_out);
    size_t places = parts.units / QUIET;
    for (size_t i = 0; i < parts.units; i++) {
        size_t pair = i / places, place = i % places;
        theta[parts.out + i] = out * (pair < 2 ? 1 : -1);
        theta[parts.in + i] = in * (pair % 2 == 0 ? 1 : -1);
        theta[parts.shift + i] = model->shift_range * (2 * ((double)place + 0.5) / (double)places - 1);
    }
}

void sb_model_start(const sb_model *model, uint64_t seed, sb_stream stream, double *theta)
{
    const sb_layer *first = &model->layer[0];
    if (model->quiet)
        start_quietly(model, theta);
    else if (sb_model_sums_units(model) && (first->shifts || first->frequencies))
        start_units(model, seed, stream, theta);
    else
        for (size_t i = 0; i < model->count; i++) start_layer(model, i, seed, stream, theta);
    if (model->copies > 1) memcpy(theta + model->parameters, theta, model->parameters * sizeof *theta);
}
