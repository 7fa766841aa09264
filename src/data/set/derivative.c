#include <math.h>
#include <stdio.h>

#include "core/text.h"
#include "data/set/set.h"

sb_tones sb_tones_draw(uint64_t seed, size_t set, size_t index, double low, double high, bool uniform)
{
    sb_rng rng = sb_rng_at(seed, SB_DATA_TONES + set, index);
    sb_tones t;
    double sum = 0;
    while (sum == 0) {
        for (size_t i = 0; i < SB_TONES; i++) {
            double a = sb_rng_uniform(&rng), b = sb_rng_uniform(&rng);
            t.a[i] = uniform ? a : a < 0.5 ? 0 : 1;
            t.b[i] = uniform ? b : b < 0.5 ? 0 : 1;
            t.f[i] = low + floor((high - low + 1) * sb_rng_uniform(&rng));
            t.phi[i] = 2 * M_PI * sb_rng_uniform(&rng);
            t.psi[i] = 2 * M_PI * sb_rng_uniform(&rng);
            sum += t.a[i] + t.b[i];
        }
    }
    return t;
}

double sb_tones_value(const sb_tones *t, double x)
{
    double u = 0;
    for (size_t i = 0; i < SB_TONES; i++)
        u += t->a[i] * sin(t->f[i] * x + t->phi[i]) + t->b[i] * cos(t->f[i] * x + t->psi[i]);
    return u;
}

double sb_tones_slope(const sb_tones *t, double x)
{
    double du = 0;
    for (size_t i = 0; i < SB_TONES; i++)
        du += t->f[i] * (t->a[i] * cos(t->f[i] * x + t->phi[i]) - t->b[i] * sin(t->f[i] * x + t->psi[i]));
    return du;
}

double sb_tones_difference(const sb_tones *t, size_t length, double dx)
{
    double error = 0, square = 0;
    for (size_t j = 0; j < length; j++) {
        double x = 2 * M_PI * (double)j / (double)length, wanted = sb_tones_slope(t, x);
        error += pow((sb_tones_value(t, x + dx) - sb_tones_value(t, x)) / dx - wanted, 2);
        square += wanted * wanted;
    }
    return error / square;
}

/* x_j = 2 pi j / length: the input is u, the wanted output du/dx */
static sb_status fill(const sb_dataset_spec *spec, size_t index, const char *name, size_t n, sb_dataset *set)
{
    sb_shape line = {1, spec->length, 1};
    const double *band = spec->band + 2 * index;
    sb_status status = sb_dataset_init(set, name, n, line, line, 0, 0);
    for (size_t i = 0; status == SB_OK && i < n; i++) {
        sb_tones tones = sb_tones_draw(spec->seed, index, i, band[0], band[1], spec->uniform);
        for (size_t j = 0; j < spec->length; j++) {
            double x = 2 * M_PI * (double)j / (double)spec->length;
            set->x[i * spec->length + j] = sb_tones_value(&tones, x);
            set->y[i * spec->length + j] = sb_tones_slope(&tones, x);
        }
    }
    return status;
}

/* Beside the training functions: lower ones, as they are, higher ones; or simply the band. */
static void name_test(const double *all, const double *band, char *name, size_t size)
{
    bool low = band[0] == all[0], high = band[1] == all[1];
    if (low && high)
        sb_format(name, size, "general");
    else if (low || high)
        sb_format(name, size, low ? "low" : "high");
    else
        sb_format(name, size, "%g-%g", band[0], band[1]);
}

static sb_status check(const sb_dataset_spec *spec)
{
    if (spec->n == 0) return sb_fail(SB_ERR_INPUT, "data.n: how many training functions?");
    if (spec->bands < 1 || spec->bands > 1 + SB_TEST_SETS)
        return sb_fail(SB_ERR_INPUT, "data.bands: one band for training and at most %d for tests, not %zu in all",
                       SB_TEST_SETS, spec->bands);
    for (size_t i = 0; i < spec->bands; i++) {
        double low = spec->band[2 * i], high = spec->band[2 * i + 1];
        if (!(low >= 1 && low <= high && low == floor(low) && high == floor(high)))
            return sb_fail(SB_ERR_INPUT, "data.bands: %g to %g are not whole frequencies from 1 on", low, high);
        if (2 * high >= (double)spec->length)
            return sb_fail(SB_ERR_INPUT, "data.bands: frequency %g needs more than %zu points", high, spec->length);
    }
    return SB_OK;
}

static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    sb_status status = check(spec);
    if (status == SB_OK) status = fill(spec, 0, "train", spec->n, train);
    for (size_t i = 1; status == SB_OK && spec->test > 0 && i < spec->bands; i++) {
        char name[32];
        name_test(spec->band, spec->band + 2 * i, name, sizeof name);
        status = fill(spec, i, name, spec->test, &tests[i - 1]);
        *count = i;
    }
    return status;
}

const sb_dataset_kind sb_dataset_kind_derivative = {
    .name = "derivative", .title = "random sums of sines on [0, 2 pi) and their derivatives", .make = make};
