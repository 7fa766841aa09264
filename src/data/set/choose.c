#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "data/set/set.h"

void sb_shuffle(uint64_t seed, uint64_t stream, size_t n, size_t *order)
{
    sb_rng rng = sb_rng_at(seed, stream, 0);
    for (size_t i = 0; i < n; i++) order[i] = i;
    if (seed == 0) return;
    for (size_t i = 0; i + 1 < n; i++) { /* one number for each place, so the first do not depend on how many follow */
        size_t j = i + (size_t)(sb_rng_uniform(&rng) * (double)(n - i));
        size_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

/* The numbers of the examples source[index[n]], and what of the source are none. */
static sb_status number_rows(const sb_source *source, const size_t *index, sb_dataset *set)
{
    set->row = malloc(set->n * sizeof *set->row);
    if (!set->row) return sb_fail(SB_ERR_NOMEM, "no memory for the numbers of %zu examples", set->n);
    for (size_t i = 0; i < set->n; i++) set->row[i] = source->row ? source->row[index[i]] : index[i] + 1;
    set->of = source->n;
    set->dropped = source->dropped;
    sb_format(set->about, sizeof set->about, "%s", source->about ? source->about : "");
    return SB_OK;
}

/* The examples source[index[n]]. */
static sb_status gather(const sb_source *source, bool copy, const char *name, size_t n, const size_t *index,
                        sb_dataset *set)
{
    sb_shape output = copy ? source->input : source->output;
    size_t classes = copy ? 0 : source->classes, inputs = sb_shape_size(source->input), outputs = sb_shape_size(output);
    sb_status status = sb_dataset_init(set, name, n, source->input, output, classes, source->place_dim);
    if (status == SB_OK) status = number_rows(source, index, set);
    for (size_t i = 0; status == SB_OK && i < n; i++) {
        double *y = set->y + i * outputs;
        source->take(source, index[i], set->x + i * inputs, copy || classes ? NULL : y);
        if (classes == 0) continue;
        set->label[i] = source->label[index[i]];
        y[set->label[i]] = 1;
    }
    return status;
}

/* `wanted` of the examples for training and for tests, 0 standing for the rest. */
static sb_status divide(const sb_dataset_spec *spec, const sb_source *first, const sb_source *second, size_t *n,
                        size_t *test)
{
    size_t all = first->n, reserved = second ? 0 : spec->test;
    if (reserved >= all || spec->n > all - reserved)
        return sb_fail(SB_ERR_INPUT,
                       "%s: %zu training and %zu test examples asked for, there are %zu (data.n = 0: all)", first->name,
                       spec->n, reserved, all);
    if (second && spec->test > second->n)
        return sb_fail(SB_ERR_INPUT, "%s: %zu test examples asked for, there are %zu", second->name, spec->test,
                       second->n);
    *n = spec->n ? spec->n : all - reserved;
    *test = spec->test ? spec->test : second ? second->n : all - *n;
    return SB_OK;
}

static bool same_shape(sb_shape a, sb_shape b)
{
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

static sb_status order_of(const sb_source *source, uint64_t seed, uint64_t stream, bool all, size_t **order)
{
    *order = malloc(source->n * sizeof **order);
    if (!*order) return sb_fail(SB_ERR_NOMEM, "no memory for the order of %zu examples", source->n);
    sb_shuffle(all ? 0 : seed, stream, source->n, *order);
    return SB_OK;
}

static sb_status choose(const sb_dataset_spec *spec, bool copy, const sb_source *first, const sb_source *second,
                        sb_dataset *train, sb_dataset *tests, size_t *count)
{
    sb_status status = SB_OK;
    size_t n = 0, test = 0, *order = NULL, *others = NULL;
    if (second && !(same_shape(first->input, second->input) && same_shape(first->output, second->output)))
        return sb_fail(SB_ERR_INPUT, "the examples of %s are of another shape than those of %s", second->name,
                       first->name);
    SB_TRY(divide(spec, first, second, &n, &test));
    SB_TRY(order_of(first, spec->seed, SB_DATA_CHOICE, n == first->n, &order));
    if (second) SB_TRY(order_of(second, spec->seed, SB_DATA_CHOICE + 1, test == second->n, &others));
    SB_TRY(gather(first, copy, "train", n, order, train));
    *count = test > 0;
    if (test > 0 && second) SB_TRY(gather(second, copy, "test", test, others, tests));
    if (test > 0 && !second) SB_TRY(gather(first, copy, "test", test, order + first->n - test, tests));
    if (!second) tests->dropped = 0; /* told with the training examples */
done:
    free(order);
    free(others);
    return status;
}

sb_status sb_choose(const sb_dataset_spec *spec, const sb_source *source, sb_dataset *train, sb_dataset *tests,
                    size_t *count)
{
    return choose(spec, false, source, NULL, train, tests, count);
}

/* mean[features] and variance[features] of the rows x[n][features]; what rounding left in the mean is found on the
 * second way and taken out of both. left[features] */
static void moments(size_t n, size_t features, const double *x, double *mean, double *variance, double *left)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < features; j++) mean[j] += x[i * features + j] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < features; j++) {
            double from = x[i * features + j] - mean[j];
            left[j] += from / (double)n;
            variance[j] += from * from / (double)n;
        }
    for (size_t j = 0; j < features; j++) {
        mean[j] += left[j];
        variance[j] -= left[j] * left[j];
    }
}

/* Those of all features together: variance = mean of the variances + variance of the means. */
static void pool(size_t features, double *mean, double *variance)
{
    double centre = 0, spread = 0;
    for (size_t j = 0; j < features; j++) centre += mean[j] / (double)features;
    for (size_t j = 0; j < features; j++)
        spread += (variance[j] + (mean[j] - centre) * (mean[j] - centre)) / (double)features;
    for (size_t j = 0; j < features; j++) {
        mean[j] = centre;
        variance[j] = spread;
    }
}

/* A feature that never varies only loses its mean: the rest would be rounding errors. */
static void shift_and_scale(size_t features, const double *mean, const double *variance, sb_dataset *set)
{
    for (size_t i = 0; i < set->n; i++)
        for (size_t j = 0; j < features; j++) {
            double *x = &set->x[i * features + j], tiny = 1e-14 * fabs(mean[j]);
            *x = (*x - mean[j]) / (variance[j] > tiny * tiny ? sqrt(variance[j]) : 1);
        }
}

/* Features whose squares overflow or vanish in other units, by powers of two; all in the same if they are pooled. */
static void change_units(size_t features, bool together, double *unit, sb_dataset *train, sb_dataset *tests,
                         size_t count)
{
    memset(unit, 0, features * sizeof *unit);
    for (size_t i = 0; i < train->n * features; i++) {
        double *most = &unit[together ? 0 : i % features];
        *most = fmax(*most, fabs(train->x[i]));
    }
    for (size_t j = features; j-- > 0;) {
        double most = unit[together ? 0 : j];
        unit[j] = most > 1e100 || (most > 0 && most < 1e-100) ? ldexp(1, -ilogb(most)) : 1;
    }
    for (size_t k = 0; k <= count; k++) {
        sb_dataset *set = k < count ? &tests[k] : train;
        for (size_t i = 0; i < set->n * features; i++) set->x[i] *= unit[i % features];
    }
}

static sb_status standardise(const char *how, sb_dataset *train, sb_dataset *tests, size_t count)
{
    size_t features = sb_shape_size(train->input);
    if (!sb_given(how) || strcmp(how, "none") == 0 || strcmp(how, "unit") == 0) return SB_OK;
    if (strcmp(how, "global") != 0 && strcmp(how, "features") != 0)
        return sb_fail(SB_ERR_INPUT, "inputs cannot be standardised by \"%s\"", how);
    double *mean = calloc(3 * features, sizeof *mean);
    if (!mean) return sb_fail(SB_ERR_NOMEM, "no memory for the moments of %zu features", features);
    double *variance = mean + features;
    change_units(features, strcmp(how, "global") == 0, mean, train, tests, count);
    memset(mean, 0, features * sizeof *mean);
    moments(train->n, features, train->x, mean, variance, variance + features);
    if (strcmp(how, "global") == 0) pool(features, mean, variance);
    shift_and_scale(features, mean, variance, train);
    for (size_t i = 0; i < count; i++) shift_and_scale(features, mean, variance, &tests[i]);
    free(mean);
    return SB_OK;
}

/* y = x, with the noise of x or without it */
static sb_status mirror(const sb_dataset_spec *spec, size_t index, bool noisy, sb_dataset *set)
{
    size_t bytes = set->n * sb_shape_size(set->input) * sizeof *set->x;
    memcpy(set->y, set->x, bytes);
    if (!(spec->noise > 0)) return SB_OK;
    sb_status status = sb_add_noise(spec, index, set);
    if (status == SB_OK && noisy) memcpy(set->y, set->x, bytes);
    return status;
}

sb_status sb_choose_from_files(const sb_dataset_spec *spec, const sb_source *first, const sb_source *second,
                               sb_dataset *train, sb_dataset *tests, size_t *count)
{
    sb_status status = choose(spec, spec->autoencoder, first, second, train, tests, count);
    if (status == SB_OK) status = standardise(spec->standardise, train, tests, *count);
    if (!spec->autoencoder) return status;
    if (status == SB_OK) status = mirror(spec, 0, spec->noisy_targets, train);
    for (size_t i = 0; status == SB_OK && i < *count; i++) status = mirror(spec, i + 1, false, &tests[i]);
    return status;
}
