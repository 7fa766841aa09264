#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <specbias/data.h>

#include "core/text.h"
#include "data/set/set.h"

/* Tone k of first .. first + count - 1: xi_k = k / (b - a), weight k^-exponent, phase of sin by seed */
typedef struct tones {
    size_t first, count;
    double *xi, *weight, *phase;
} tones;

static sb_status choose_tones(const sb_dataset_spec *spec, tones *t)
{
    double low = spec->bands ? spec->band[0] : 1, high = spec->bands ? spec->band[1] : (double)((spec->n - 1) / 2);
    if (!(low >= 1 && low <= high && low == floor(low) && high == floor(high)))
        return sb_fail(SB_ERR_INPUT, "the spectrum from %g to %g does not begin and end at whole indices from 1 on",
                       low, high);
    if (2 * high >= (double)spec->n)
        return sb_fail(SB_ERR_INPUT, "the spectrum goes to index %g, which needs more than %zu points", high, spec->n);
    t->first = (size_t)low;
    t->count = (size_t)(high - low) + 1;
    t->xi = malloc(3 * t->count * sizeof *t->xi);
    if (!t->xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", t->count);
    t->weight = t->xi + t->count;
    t->phase = t->weight + t->count;
    for (size_t i = 0; i < t->count; i++) {
        double k = (double)(t->first + i);
        sb_rng rng = sb_rng_at(spec->seed, SB_DATA_PHASE, t->first + i);
        t->xi[i] = k / (spec->b - spec->a);
        t->weight[i] = pow(k, -spec->exponent);
        /* sin(2 pi xi x + phase) with x from the left end of the domain on */
        t->phase[i] = 2 * M_PI * (sb_rng_uniform(&rng) - t->xi[i] * spec->a);
    }
    return SB_OK;
}

/* The same function on a grid of n points. */
static sb_status fill(const sb_dataset_spec *spec, const tones *t, const char *name, size_t n, const char *layout,
                      sb_dataset *set)
{
    sb_problem problem = {0};
    sb_points_spec points = {.n = n, .dim = 1, .a = spec->a, .b = spec->b, .layout = layout};
    sb_target_spec target = {
        .terms = t->count, .xi = t->xi, .weight = t->weight, .phase = t->phase, .amplitude = spec->amplitude};
    sb_status status = sb_points_make(sb_points_find("uniform"), &points, &problem);
    if (status == SB_OK) status = sb_target_find("sines")->fill(&target, &problem);
    if (status == SB_OK) status = sb_dataset_of_problem(&problem, spec->circle, set);
    if (status == SB_OK) sb_format(set->name, sizeof set->name, "%s", name);
    sb_problem_clear(&problem);
    return status;
}

/* Training points are left ends of cells, test points middles. */
static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    tones t = {0};
    if (spec->n == 0) return sb_fail(SB_ERR_INPUT, "data.n: on how many points?");
    if (!(spec->a < spec->b)) return sb_fail(SB_ERR_INPUT, "the domain [%g, %g] is empty", spec->a, spec->b);
    sb_status status = choose_tones(spec, &t);
    if (status == SB_OK) status = fill(spec, &t, "train", spec->n, "left", train);
    if (status == SB_OK && spec->test > 0) status = fill(spec, &t, "test", spec->test, "midpoint", tests);
    *count = spec->test > 0;
    free(t.xi);
    return status;
}

const sb_dataset_kind sb_dataset_kind_spectrum = {
    .name = "spectrum",
    .title = "a periodic function of one variable with amplitudes k^-exponent and random phases",
    .make = make,
};
