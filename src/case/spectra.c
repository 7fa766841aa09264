#include "case/spectra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"

enum { BINS = 101 }; /* along a direction */

/* ---- along a direction ---- */

/* p[inputs], and the range of the training inputs along it */
static sb_status choose_direction(const sb_config *config, const sb_case *cas, double *p, double *range)
{
    const sb_dataset *set = &cas->data;
    const sb_reals *given = &config->observe_direction;
    size_t dim = cas->inputs;
    double low = INFINITY, high = -INFINITY;
    if (strcmp(config->observe_spectrum, "principal") == 0) {
        double *place = malloc(set->n * sizeof *place);
        if (!place) return sb_fail(SB_ERR_NOMEM, "no memory for the places of %zu examples", set->n);
        sb_status status = sb_principal_direction(set->n, dim, set->x, p, place, range);
        free(place);
        return status;
    }
    bool ones = strcmp(config->observe_spectrum, "ones") == 0;
    if (!ones && given->n != dim)
        return sb_fail(SB_ERR_INPUT, "observe.direction has %zu numbers, the inputs have %zu", given->n, dim);
    for (size_t d = 0; d < dim; d++) p[d] = ones ? 1 : given->v[d];
    for (size_t i = 0; i < set->n; i++) {
        double place = 0;
        for (size_t d = 0; d < dim; d++) place += p[d] * set->x[i * dim + d];
        low = fmin(low, place);
        high = fmax(high, place);
    }
    *range = high - low;
    if (*range > 0) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "observe.direction: all inputs lie at the same place along it");
}

static const double *wanted_of(const sb_dataset *set)
{
    return set->reference ? set->reference : set->y;
}

static sb_status look_along(const double *p, sb_spectra *spectra, size_t s)
{
    sb_status status = SB_OK;
    const sb_dataset *set = spectra->set[s];
    size_t dim = sb_shape_size(set->input);
    double *place = calloc(set->n, sizeof *place);
    spectra->wanted[s] = malloc(2 * spectra->bins * spectra->columns * sizeof(double));
    if (!place || !spectra->wanted[s]) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for spectra of %zu examples", set->n));
    for (size_t i = 0; i < set->n; i++)
        for (size_t d = 0; d < dim; d++) place[i] += p[d] * set->x[i * dim + d];
    SB_TRY(sb_modes_create(set->n, 1, place, NULL, spectra->bins, spectra->k, spectra->columns, wanted_of(set),
                           &spectra->modes[s]));
    sb_modes_sums(&spectra->modes[s], spectra->columns, wanted_of(set), spectra->wanted[s]);
done:
    free(place);
    return status;
}

/* Up to observe.band, or 20 half waves over the range of the inputs. */
static sb_status along_direction(const sb_config *config, sb_case *cas, sb_spectra *spectra)
{
    sb_status status = SB_OK;
    double range, *p = malloc(cas->inputs * sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for a direction of %zu inputs", cas->inputs);
    SB_TRY(choose_direction(config, cas, p, &range));
    double top = config->observe_band > 0 ? config->observe_band : 10 / range;
    for (size_t j = 0; j < BINS; j++) spectra->k[j] = top * (double)j / (BINS - 1);
    for (size_t s = 0; s < spectra->sets; s++) SB_TRY(look_along(p, spectra, s));
    spectra->whole = cas->tests == 1;
done:
    free(p);
    return status;
}

/* ---- along the line that an output is ---- */

/* (mean over examples of |F_k|^2)^1/2, size[bins][columns] */
static sb_status mean_size(const sb_spectra *spectra, size_t n, const double *v, double *size)
{
    size_t cells = spectra->bins * spectra->columns, length = sb_shape_size(spectra->set[0]->output) / spectra->columns;
    double *each = malloc((n * cells + 1) * sizeof *each);
    if (!each) return sb_fail(SB_ERR_NOMEM, "no memory for spectra of %zu examples", n);
    sb_status status = sb_line_spectra(n, length, spectra->columns, v, spectra->bins, each);
    for (size_t c = 0; c < cells; c++) {
        size[c] = 0;
        for (size_t i = 0; status == SB_OK && i < n; i++) size[c] += each[i * cells + c] * each[i * cells + c];
        size[c] = sqrt(size[c] / (double)n);
    }
    free(each);
    return status;
}

static sb_status along_line(sb_spectra *spectra)
{
    sb_status status = SB_OK;
    for (size_t k = 0; k < spectra->bins; k++) spectra->k[k] = (double)k;
    for (size_t s = 0; s < spectra->sets; s++) {
        spectra->wanted[s] = malloc(spectra->bins * spectra->columns * sizeof(double));
        if (!spectra->wanted[s]) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", spectra->bins);
        SB_TRY(mean_size(spectra, spectra->set[s]->n, wanted_of(spectra->set[s]), spectra->wanted[s]));
    }
done:
    return status;
}

/* ---- both ---- */

static sb_status choose_bins(const sb_config *config, const sb_case *cas, sb_spectra *spectra)
{
    sb_shape shape = cas->data.output;
    spectra->line = strcmp(config->observe_spectrum, "line") == 0;
    spectra->columns = spectra->line ? shape.channels : cas->outputs;
    spectra->bins = BINS;
    if (!spectra->line) return SB_OK;
    if (shape.height != 1 || shape.width < 2)
        return sb_fail(SB_ERR_INPUT,
                       "observe.spectrum = \"line\": an output of %zu x %zu x %zu numbers is no line; "
                       "\"principal\" and \"ones\" look along the inputs",
                       shape.height, shape.width, shape.channels);
    spectra->bins = shape.width / 2 + 1;
    if (config->observe_band > 0 && config->observe_band < (double)spectra->bins)
        spectra->bins = (size_t)config->observe_band + 1;
    return SB_OK;
}

sb_status sb_case_spectra(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    if (strcmp(config->observe_spectrum, "none") == 0) return SB_OK;
    sb_spectra *spectra = cas->spectra = calloc(1, sizeof *spectra);
    if (!spectra) return sb_fail(SB_ERR_NOMEM, "no memory for spectra");
    SB_TRY(choose_bins(config, cas, spectra));
    spectra->set[spectra->sets++] = &cas->data;
    for (size_t i = 0; i < cas->tests; i++) spectra->set[spectra->sets++] = &cas->test[i];
    spectra->k = malloc(spectra->bins * sizeof *spectra->k);
    if (!spectra->k) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", spectra->bins);
    status = spectra->line ? along_line(spectra) : along_direction(config, cas, spectra);
done:
    return status;
}

void sb_spectra_destroy(sb_spectra **spectra)
{
    sb_spectra *old = *spectra;
    if (!old) return;
    for (size_t s = 0; s < SB_SPECTRA; s++) {
        sb_modes_clear(&old->modes[s]);
        free(old->wanted[s]);
    }
    free(old->k);
    free(old);
    *spectra = NULL;
}

size_t sb_spectra_size(const sb_case *cas)
{
    const sb_spectra *spectra = cas->spectra;
    return spectra ? spectra->sets * 2 * spectra->bins * spectra->columns : 0;
}

sb_status sb_spectrum_look(const sb_spectra *spectra, size_t s, const double *h, double *note)
{
    const sb_dataset *set = spectra->set[s];
    size_t count = set->n * sb_shape_size(set->output);
    if (!spectra->line) {
        sb_modes_sums(&spectra->modes[s], spectra->columns, h, note);
        return SB_OK;
    }
    double *u = malloc((count + 1) * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu outputs", count);
    for (size_t i = 0; i < count; i++) u[i] = h[i] - wanted_of(set)[i];
    sb_status status = mean_size(spectra, set->n, h, note);
    if (status == SB_OK) status = mean_size(spectra, set->n, u, note + spectra->bins * spectra->columns);
    free(u);
    return status;
}
