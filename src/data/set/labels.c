/* What is done to wanted outputs once the examples are chosen: other labels, another order, noise, another scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/set/set.h"

/* One output of -1 or 1. */
static bool has_signs(const sb_dataset *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (fabs(set->y[i]) != 1) return false;
    return sb_shape_size(set->output) == 1;
}

/* Each training example gets with this probability a class drawn anew, which may be its own (Zhang, Bengio, Hardt,
 * Recht, Vinyals 2017). */
static sb_status redraw_labels(const sb_dataset_spec *spec, sb_dataset *set)
{
    if (!set->label && !has_signs(set))
        return sb_fail(SB_ERR_INPUT,
                       "data.label_noise: these examples have no classes; data.output_noise is for numbers");
    for (size_t i = 0; i < set->n; i++) {
        sb_rng rng = sb_rng_at(spec->seed, SB_DATA_LABELS, i);
        bool anew = sb_rng_uniform(&rng) < spec->label_noise;
        double drawn = sb_rng_uniform(&rng);
        if (!anew) continue;
        if (!set->label) {
            set->y[i] = drawn < 0.5 ? -1 : 1;
            continue;
        }
        double *y = set->y + i * set->classes;
        y[set->label[i]] = 0;
        set->label[i] = (int)(drawn * (double)set->classes);
        y[set->label[i]] = 1;
    }
    return SB_OK;
}

/* The wanted outputs of the training examples in a random order, also where seed 0 keeps the order of the examples. */
static sb_status shuffle_outputs(const sb_dataset_spec *spec, sb_dataset *set)
{
    size_t n = set->n, outputs = sb_shape_size(set->output);
    size_t *order = malloc(n * sizeof *order);
    double *y = malloc(n * outputs * sizeof *y);
    int *label = malloc(n * sizeof *label);
    bool all = order && y && label;
    if (all) {
        sb_shuffle(spec->seed + 1, SB_DATA_SHUFFLE, n, order);
        memcpy(y, set->y, n * outputs * sizeof *y);
        if (set->label) memcpy(label, set->label, n * sizeof *label);
        for (size_t i = 0; i < n; i++) {
            memcpy(set->y + i * outputs, y + order[i] * outputs, outputs * sizeof *y);
            if (set->label) set->label[i] = label[order[i]];
        }
    }
    free(order);
    free(y);
    free(label);
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the outputs of %zu examples", n);
}

static sb_status add_noise(const sb_dataset_spec *spec, sb_dataset *set)
{
    size_t outputs = sb_shape_size(set->output);
    if (set->label)
        return sb_fail(SB_ERR_INPUT, "data.output_noise: these examples have classes; there is data.label_noise");
    for (size_t i = 0; i < set->n; i++) {
        sb_rng rng = sb_rng_at(spec->seed, SB_DATA_OUTPUTS, i);
        for (size_t o = 0; o < outputs; o++) set->y[i * outputs + o] += spec->output_noise * sb_rng_normal(&rng);
    }
    return SB_OK;
}

/* Mean 0 and variance 1 of each output over the training examples; tests by the same numbers. */
static sb_status standardise(sb_dataset *train, sb_dataset *tests, size_t count)
{
    size_t outputs = sb_shape_size(train->output);
    for (size_t o = 0; o < outputs; o++) {
        double mean = 0, variance = 0, most = 0;
        for (size_t i = 0; i < train->n; i++) mean += train->y[i * outputs + o] / (double)train->n;
        for (size_t i = 0; i < train->n; i++) {
            double from = train->y[i * outputs + o] - mean;
            variance += from * from / (double)train->n;
            most = fmax(most, fabs(train->y[i * outputs + o]));
        }
        double scale = sqrt(variance);
        if (!(scale > 1e-14 * most))
            return sb_fail(SB_ERR_INPUT, "data.standardise_outputs: output %zu never varies", o + 1);
        for (size_t s = 0; s <= count; s++) {
            sb_dataset *set = s < count ? &tests[s] : train;
            for (size_t i = 0; i < set->n; i++) set->y[i * outputs + o] = (set->y[i * outputs + o] - mean) / scale;
        }
    }
    return SB_OK;
}

sb_status sb_change_outputs(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t count)
{
    sb_status status = SB_OK;
    if (spec->standardise_outputs) SB_TRY(standardise(train, tests, count));
    if (spec->output_noise > 0) SB_TRY(add_noise(spec, train));
    if (spec->label_noise > 0) SB_TRY(redraw_labels(spec, train));
    if (spec->shuffled) SB_TRY(shuffle_outputs(spec, train));
done:
    return status;
}
