/* Keys -> what is watched: frequencies of points, degrees of spheres, frequencies along the principal direction,
 * filters, and the error field. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/spectrum.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "case/case.h"

/* What items are called and where they are on the axis. */
typedef struct names {
    double *label, *xi;
    const char *unit;
} names;

static sb_status name_items(size_t count, names *all)
{
    all->label = malloc((count + 1) * sizeof *all->label);
    all->xi = malloc((count + 1) * sizeof *all->xi);
    return all->label && all->xi ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", count);
}

static const double *wanted(const sb_dataset *set)
{
    return set->reference ? set->reference : set->y;
}

/* In several dimensions the label is the norm. */
static double norm_of(size_t dim, const double *v)
{
    double square = 0;
    if (dim == 1) return *v;
    for (size_t d = 0; d < dim; d++) square += v[d] * v[d];
    return sqrt(square);
}

static sb_status check_energies(const sb_case *cas, const names *all)
{
    for (size_t k = 0; k < cas->watch.modes.count; k++)
        if (cas->watch.modes.wanted[k] == 0)
            return sb_fail(SB_ERR_INPUT, "the target has no energy at the observed frequency %g", all->label[k]);
    return sb_modes_check_aliases(&cas->watch.modes, cas->data.q, all->label);
}

/* On a sphere frequencies are degrees, those of the target or of observe.xi. */
static sb_status watch_degrees(const sb_config *config, sb_case *cas, names *all)
{
    sb_status status = SB_OK;
    const sb_dataset *set = &cas->data;
    const sb_reals *list = config->observe_xi.n ? &config->observe_xi : &config->target_xi;
    size_t *degree = malloc((list->n + 1) * sizeof *degree);
    all->unit = "degree";
    if (!degree) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu degrees", list->n));
    SB_TRY(name_items(list->n, all));
    for (size_t k = 0; k < list->n; k++) {
        if (!(list->v[k] >= 0 && list->v[k] <= 1000 && list->v[k] == floor(list->v[k])))
            SB_TRY(sb_fail(SB_ERR_INPUT, "observe.xi: the degree %g on a sphere is not a whole number of 0 .. 1000",
                           list->v[k]));
        degree[k] = (size_t)list->v[k];
        all->label[k] = all->xi[k] = list->v[k];
    }
    SB_TRY(sb_modes_create_degrees(set->n, cas->inputs, set->x, set->q, list->n, degree, cas->outputs, wanted(set),
                                   &cas->watch.modes));
    SB_TRY(check_energies(cas, all));
done:
    free(degree);
    return status;
}

static sb_status watch_frequencies(const sb_config *config, sb_case *cas, names *all)
{
    sb_status status = SB_OK;
    const sb_dataset *set = &cas->data;
    const sb_reals *list =
        config->observe_xi.n || !sb_points_find(config->data_kind) ? &config->observe_xi : &config->target_xi;
    size_t dim = set->place_dim;
    double unit = strcmp(config->target_unit, "index") == 0 ? 1 / (set->b - set->a) : sb_cycles_per_unit(config);
    if (list->n == 0) return SB_OK;
    if (dim == 0)
        return sb_fail(SB_ERR_INPUT, "observe.xi: these examples have no places; observe.projection looks along their "
                                     "principal direction");
    if (list->n % dim != 0)
        return sb_fail(SB_ERR_INPUT, "observe.xi has %zu numbers, which make no frequencies of %zu dimensions", list->n,
                       dim);
    double *xi = malloc(list->n * sizeof *xi);
    if (!xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", list->n);
    all->unit = config->target_unit;
    SB_TRY(name_items(list->n / dim, all));
    for (size_t k = 0; k < list->n; k++) xi[k] = list->v[k] * unit;
    for (size_t k = 0; k < list->n / dim; k++) {
        all->label[k] = norm_of(dim, list->v + k * dim);
        all->xi[k] = norm_of(dim, xi + k * dim);
    }
    SB_TRY(sb_modes_create(set->n, dim, set->place, set->q, list->n / dim, xi, cas->outputs, wanted(set),
                           &cas->watch.modes));
    SB_TRY(check_energies(cas, all));
done:
    free(xi);
    return status;
}

/* Points of frequency equations: below the Nyquist frequency, and with the size of the target's terms in mind. */
static sb_status watch_problem(sb_case *cas, names *all)
{
    sb_status status = SB_OK;
    const sb_grid *grid = &cas->problem.grid;
    all->unit = grid->unit;
    SB_TRY(sb_problem_observe(&cas->problem));
    SB_TRY(name_items(grid->n, all));
    for (size_t k = 0; k < grid->n; k++) {
        all->label[k] = grid->label[k];
        all->xi[k] = sb_grid_size(grid, k);
    }
    SB_TRY(sb_modes_create(cas->n, grid->dim, cas->problem.x, cas->problem.q, grid->n, grid->xi, 1, cas->problem.y,
                           &cas->watch.modes));
done:
    return status;
}

/* k_j = j / (2 range) along the first principal direction (Xu et al. 2020) of the training inputs */
static sb_status watch_projection(const sb_config *config, const sb_dataset *training, sb_case *cas)
{
    sb_status status = SB_OK;
    const sb_dataset *set = &cas->data;
    const sb_reals *list = &config->observe_projection;
    double range;
    if (list->n == 0) return SB_OK;
    double *p = malloc(cas->inputs * sizeof *p), *place = malloc((set->n + training->n) * sizeof *place),
           *xi = malloc(list->n * sizeof *xi);
    if (!p || !place || !xi) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the projection"));
    SB_TRY(sb_principal_direction(training->n, cas->inputs, training->x, p, place, &range));
    sb_gemv(set->n, cas->inputs, 1, set->x, p, 0, place); /* p . x_i */
    for (size_t j = 0; j < list->n; j++) xi[j] = list->v[j] / (2 * range);
    SB_TRY(sb_modes_create(set->n, 1, place, NULL, list->n, xi, cas->outputs, wanted(set), &cas->watch.along));
done:
    free(p);
    free(place);
    free(xi);
    return status;
}

/* `training`: the filter of the training examples, whose variances those of others are; NULL: there is none yet. */
static sb_status watch_filters(const sb_config *config, const sb_filter *training, sb_case *cas)
{
    const sb_dataset *set = &cas->data;
    if (config->observe_filter.n == 0) return SB_OK;
    return sb_filter_create(set->n, cas->inputs, set->x, cas->outputs, wanted(set), config->observe_filter.n,
                            training ? training->delta : config->observe_filter.v, training != NULL, sb_cores(),
                            &cas->watch.filter);
}

/* The error field is drawn over one axis. */
static sb_status watch_field(const sb_config *config, sb_case *cas)
{
    const sb_dataset *set = &cas->data;
    double xi[SB_FIELD_CELLS], label[SB_FIELD_CELLS], top = config->observe_field * sb_cycles_per_unit(config);
    if (top == 0) return SB_OK;
    if (set->place_dim != 1) return sb_fail(SB_ERR_INPUT, "observe.field needs data of one dimension");
    if (cas->problem.n > 0 && set->spacing > 0 && top > 0.5 / set->spacing * (1 + 1e-12))
        return sb_fail(SB_ERR_INPUT, "observe.field = %g is above the Nyquist frequency of the grid",
                       config->observe_field);
    for (size_t k = 0; k < SB_FIELD_CELLS; k++) xi[k] = top * ((double)k + 0.5) / SB_FIELD_CELLS;
    cas->field.n = cas->n;
    cas->field.outputs = cas->outputs;
    sb_status status = sb_modes_create(set->n, 1, set->place, set->q, SB_FIELD_CELLS, xi, cas->outputs, wanted(set),
                                       &cas->field.modes);
    for (size_t k = 0; k < SB_FIELD_CELLS; k++) label[k] = config->observe_field * ((double)k + 0.5) / SB_FIELD_CELLS;
    if (status != SB_OK) return status;
    return sb_watch_finish(&cas->field, label, xi, config->target_unit, NULL, NULL, false);
}

/* The test set of the training functions' own band. */
static sb_status find_response_set(const sb_config *config, sb_case *cas)
{
    const double *band = config->data_bands.v;
    for (size_t t = 0; t < cas->tests; t++) {
        cas->watched = t;
        if (band[2 * t + 2] == band[0] && band[2 * t + 3] == band[1]) return SB_OK;
    }
    return sb_fail(
        SB_ERR_INPUT,
        "observe.response looks at test functions of the band of training, %g to %g: data.bands has none, or "
        "data.test is 0",
        band[0], band[1]);
}

/* Nothing else is watched with it: it is of other functions than the examples. */
static sb_status watch_response(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    const sb_reals *list = &config->observe_response;
    bool other = config->observe_xi.n > 0 || config->observe_projection.n > 0 || config->observe_filter.n > 0;
    if (other || config->observe_field > 0)
        return sb_fail(SB_ERR_INPUT, "observe.response stands alone, without observe.xi, projection, filter and field");
    if (list->n < 2) return sb_fail(SB_ERR_INPUT, "observe.response needs two frequencies at least");
    SB_TRY(find_response_set(config, cas));
    for (size_t k = 0; k < list->n; k++) {
        double f = list->v[k];
        if (!(f == floor(f) && f >= config->data_bands.v[0] && f <= config->data_bands.v[1]))
            SB_TRY(sb_fail(SB_ERR_INPUT, "observe.response: %g is no frequency of the band %g to %g", f,
                           config->data_bands.v[0], config->data_bands.v[1]));
        for (size_t j = 0; j < k; j++)
            if (list->v[j] == f) SB_TRY(sb_fail(SB_ERR_INPUT, "observe.response names %g twice", f));
    }
    const sb_dataset *set = &cas->test[cas->watched];
    cas->watch.n = set->n;
    SB_TRY(sb_response_create(set->n, cas->outputs, list->n, list->v, set->y, &cas->watch.response));
    SB_TRY(sb_watch_finish_response(&cas->watch, list->v, config->observe_until, sb_model_single(cas->model)));
done:
    return status;
}

/* The components of the wanted function. */
static sb_status find_target(sb_case *cas)
{
    double *sums = malloc((cas->watch.functions * cas->outputs + 1) * sizeof *sums);
    cas->target = malloc((cas->watch.items.parts + 1) * sizeof *cas->target);
    if (sums && cas->target) {
        sb_watch_sums(&cas->watch, cas->outputs, wanted(&cas->data), sums);
        sb_watch_components(&cas->watch, sums, cas->target);
    }
    free(sums);
    return sums && cas->target ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu watched items", cas->watch.items.n);
}

/* A function of its points, of which frequency equations could speak. */
static bool is_function(const sb_config *config, const sb_case *cas)
{
    return cas->problem.n > 0 && strcmp(config->data_map, "none") == 0 && !cas->data.reference;
}

/* The same items of a test set. */
static sb_status watch_test(const sb_config *config, sb_case *cas, size_t t)
{
    sb_status status = SB_OK;
    names all = {.unit = config->target_unit};
    sb_case other = {.data = cas->test[t], .n = cas->test[t].n, .inputs = cas->inputs, .outputs = cas->outputs};
    bool sphere = strcmp(config->data_kind, "sphere") == 0 && cas->inputs <= 3;
    other.watch.n = other.n;
    other.watch.outputs = cas->outputs;
    SB_TRY(sphere ? watch_degrees(config, &other, &all) : watch_frequencies(config, &other, &all));
    SB_TRY(watch_projection(config, &cas->data, &other));
    SB_TRY(watch_filters(config, &cas->watch.filter, &other));
    SB_TRY(sb_watch_finish(&other.watch, all.label, all.xi, all.unit, config->observe_projection.v,
                           config->observe_filter.v, sb_model_single(cas->model)));
done:
    cas->watch_test[t] = other.watch;
    free(all.label);
    free(all.xi);
    return status == SB_OK ? SB_OK : sb_fail(status, "observe.tests, %s: %s", cas->test[t].name, sb_error_text());
}

sb_status sb_case_watch(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    names all = {.unit = config->target_unit};
    bool sphere = strcmp(config->data_kind, "sphere") == 0 && cas->inputs <= 3;
    cas->watch.n = cas->n;
    cas->watch.outputs = cas->outputs;
    if (config->observe_response.n > 0) {
        SB_TRY(watch_response(config, cas));
        SB_TRY(find_target(cas));
        goto done;
    }
    SB_TRY(sphere                     ? watch_degrees(config, cas, &all)
           : is_function(config, cas) ? watch_problem(cas, &all)
                                      : watch_frequencies(config, cas, &all));
    SB_TRY(watch_projection(config, &cas->data, cas));
    SB_TRY(watch_filters(config, NULL, cas));
    SB_TRY(watch_field(config, cas));
    SB_TRY(sb_watch_finish(&cas->watch, all.label, all.xi, all.unit, config->observe_projection.v,
                           config->observe_filter.v, sb_model_single(cas->model)));
    SB_TRY(find_target(cas));
    for (size_t t = 0; config->observe_tests && t < cas->tests; t++) SB_TRY(watch_test(config, cas, t));
done:
    free(all.label);
    free(all.xi);
    return status;
}
