#include "forecast/law/copies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/network.h"

#define COPIES 4
#define FIRST_WIDTH 128 /* of the widest layer */
#define LAST_WIDTH 2048
#define MOST_LAYERS 200

static bool is_adam(const sb_case *cas)
{
    return strcmp(cas->rule.kind->name, "adam") == 0;
}

static bool is_standard(const sb_case *cas)
{
    return strcmp(cas->config->net_parametrisation, "standard") == 0;
}

sb_status sb_copies_check(const sb_case *cas)
{
    sb_dense_part part[MOST_LAYERS];
    size_t count = sb_model_dense_parts(cas->model, MOST_LAYERS, part);
    const sb_rule_kind *rule = sb_case_fit_spec(cas).rule;
    bool scaled = false, ntk = strcmp(cas->config->net_parametrisation, "ntk") == 0;
    for (size_t i = 0; i < count; i++) scaled = scaled || part[i].scaled;
    if (count < 2) return sb_fail(SB_ERR_UNSUPPORTED, "the law is not known of layers other than dense ones");
    if (scaled) return sb_fail(SB_ERR_UNSUPPORTED, "the law is not known of layers with a scale of their own");
    if (is_adam(cas) && cas->rule.decay > 0 && !cas->rule.decoupled)
        return sb_fail(SB_ERR_UNSUPPORTED, "the rates of the law of layers are not known for adam whose gradients hold "
                                           "the decay of weights: train.decoupled = true");
    if (sb_model_single(cas->model))
        return sb_fail(SB_ERR_UNSUPPORTED, "the law of layers takes numbers that are double (net.precision)");
    if (rule->shrink ? ntk || is_standard(cas) : ntk && strcmp(rule->name, "adam") == 0) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "the rates of the law are not known for %s in %s parametrisation", rule->name,
                   cas->config->net_parametrisation);
}

/* What a parameter of a copy does: its rate and Adam's epsilon, both over those of the network. */
typedef struct pace {
    double rate, epsilon;
} pace;

/* Under rules that are linear in gradients a layer's part of the kernel is r^-1 of the output factor, times its rate,
 * times what the copy itself makes of it: a constant, or r for weights of standard parametrisation whose fan-in is a
 * width. Of Adam, whose steps have the size of the rate, the same for what a step changes of the output. */
static pace pace_of(const sb_case *cas, const sb_dense_part *part, bool bias, double r)
{
    if (!is_adam(cas)) return (pace){!bias && !part->first && is_standard(cas) ? 1 : r, 1};
    if (bias) return part->last ? (pace){sqrt(r), 1 / sqrt(r)} : (pace){1, 1 / r};
    return part->first || part->last ? (pace){1, 1 / r} : (pace){1 / sqrt(r), pow(r, -1.5)};
}

/* Numbers first .. first + count - 1: `start` times what they are; the last layer has the output factor, and residuals
 * are 1 / amplitude of theirs (nodes.h). */
static void set_numbers(sb_moving *moving, size_t first, size_t count, double start, double output, double amplitude,
                        pace its)
{
    for (size_t i = first; i < first + count; i++) {
        moving->theta[i] *= start * output / amplitude;
        moving->gradient_scale[i] = output * amplitude / its.epsilon;
        moving->step_scale[i] = its.rate * output / amplitude;
    }
}

static double ratio(double wanted, double own)
{
    return own == 0 ? 1 : wanted / own;
}

static void set_layer(const sb_case *cas, const sb_dense_part *own, const sb_dense_part *wide, size_t offset, double r,
                      double amplitude, sb_moving *moving)
{
    double output = own->last ? 1 / sqrt(r) : 1, fan_in = !own->first && is_standard(cas) ? 1 / sqrt(r) : 1;
    double weight = fan_in * ratio(own->weight_size, wide->weight_size), bias = ratio(own->bias_size, wide->bias_size);
    double back = own->last ? amplitude : 1; /* a layer below the last one keeps its numbers, its gradients are .. */
    set_numbers(moving, offset + wide->weight, wide->weights, weight, output, back, pace_of(cas, own, false, r));
    set_numbers(moving, offset + wide->bias, wide->biases, bias, output, back, pace_of(cas, own, true, r));
    size_t first = offset + wide->weight, end = offset + wide->bias + wide->biases;
    for (size_t i = first; !own->last && i < end; i++) moving->gradient_scale[i] *= amplitude * amplitude; /* .. so */
}

sb_status sb_copy_create(const sb_case *cas, double r, uint64_t seed, sb_stream stream, double amplitude,
                         sb_moving *moving)
{
    sb_dense_part own[MOST_LAYERS], wide[MOST_LAYERS];
    sb_model *model = NULL;
    size_t layers = sb_model_dense_parts(cas->model, MOST_LAYERS, own), parameters;
    sb_status status = sb_case_model(cas, r, &model);
    if (status == SB_OK) status = sb_moving_open(model, moving);
    if (status != SB_OK) return status;
    sb_model_start(model, seed, stream, moving->theta);
    sb_model_dense_parts(model, MOST_LAYERS, wide);
    size_t copies = sb_model_copies(model, &parameters);
    for (size_t c = 0; c < copies; c++)
        for (size_t i = 0; i < layers; i++) set_layer(cas, &own[i], &wide[i], c * parameters, r, amplitude, moving);
    return SB_OK;
}

/* ---- the mean over copies ---- */

static double widest(const sb_case *cas)
{
    sb_dense_part part[MOST_LAYERS];
    size_t count = sb_model_dense_parts(cas->model, MOST_LAYERS, part);
    double most = 1;
    for (size_t i = 0; i + 1 < count; i++) most = fmax(most, (double)part[i].units);
    return most;
}

/* The largest standard error of the mean of err, from all tables. */
static double noise_of(const sb_decay *table, const sb_decay *mean)
{
    double largest = 0;
    for (size_t i = 0; i < mean->nt * mean->nxi; i++) {
        double sum = 0, square = 0;
        for (size_t c = 0; c < COPIES; c++) sum += table[c].err[i], square += table[c].err[i] * table[c].err[i];
        double variance = (square - sum * sum / COPIES) / (COPIES - 1);
        largest = fmax(largest, sqrt(fmax(variance, 0) / COPIES));
    }
    return largest;
}

static void average(const sb_decay *table, sb_decay *mean)
{
    for (size_t i = 0; i < mean->nt * mean->items.parts; i++) {
        mean->amp[i] = 0;
        for (size_t c = 0; c < COPIES; c++) mean->amp[i] += table[c].amp[i] / COPIES;
    }
    sb_decay_set_err(mean);
}

/* At a level; 0: there is none. */
static double factor_at(const sb_case *cas, size_t level)
{
    double width = widest(cas), top = floor(log2(LAST_WIDTH / width)), first = ceil(log2(FIRST_WIDTH / width));
    double r = exp2(fmin(first, top - 1) + (double)level);
    return r > exp2(top) ? 0 : r;
}

double sb_copies_cost(const sb_case *cas, size_t level)
{
    return COPIES * pow(factor_at(cas, level), 2);
}

sb_status sb_copies_at(const sb_case *cas, const sb_watch *watch, size_t level, double amplitude, bool frozen,
                       const sb_monitor *monitor, sb_decay *decay, sb_made *made)
{
    sb_status status = SB_OK;
    sb_decay table[COPIES] = {{.nt = 0}};
    double width = widest(cas), r = factor_at(cas, level);
    if (r == 0) return sb_fail(SB_ERR_UNSUPPORTED, "copies of width %d are the widest", LAST_WIDTH);
    for (size_t c = 0; c < COPIES; c++) {
        sb_moving moving = {0};
        SB_TRY(sb_decay_init(&table[c], &decay->items, decay->nt, decay->t, decay->step, "", decay->form, &cas->terms));
        status = sb_copy_create(cas, r, c + 1, SB_STREAM_COPY, amplitude, &moving);
        if (status == SB_OK) status = sb_moving_train(cas, &moving, watch, frozen, monitor, &table[c]);
        sb_moving_clear(&moving);
        SB_TRY(status);
    }
    average(table, decay);
    *made = (sb_made){(size_t)(r * width), sb_copies_cost(cas, level), noise_of(table, decay)};
done:
    for (size_t c = 0; c < COPIES; c++) sb_decay_clear(&table[c]);
    return status;
}
