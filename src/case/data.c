/* Keys -> points, target, examples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/poisson.h>
#include <specbias/spectrum.h>

#include "core/text.h"
#include "case/case.h"

double sb_cycles_per_unit(const sb_config *config)
{
    if (strcmp(config->target_unit, "angular") == 0) return 0.5 / M_PI;
    if (strcmp(config->target_unit, "index") == 0) return 1 / (config->data_b - config->data_a);
    return 1;
}

const char *sb_data_weights(const sb_config *config)
{
    bool sphere = strcmp(config->data_kind, "sphere") == 0, wanted = strcmp(config->loss_weights, "quadrature") == 0;
    bool grid = strcmp(sphere ? config->data_sphere : config->data_kind, sphere ? "grid" : "uniform") == 0;
    bool cells = sphere ? config->data_dimension <= 3 : config->data_dimension == 1;
    if (strcmp(config->data_weights, "auto") != 0) return config->data_weights;
    if (!wanted || grid || !cells) return "equal";
    return !sphere && strcmp(config->data_map, "circle") == 0 ? "periodic" : "voronoi";
}

/* ---- a function on points ---- */

static sb_status make_points(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    sb_problem *problem = &cas->problem;
    bool list = strcmp(config->data_kind, "list") == 0;
    size_t dim = (size_t)config->data_dimension;
    sb_points_spec spec = {.n = list ? config->data_x.n / dim : (size_t)config->data_n,
                           .dim = dim,
                           .a = config->data_a,
                           .b = config->data_b,
                           .layout = config->data_points,
                           .seed = (uint64_t)config->data_seed,
                           .rho = config->data_rho,
                           .weights = strcmp(sb_data_weights(config), "equal") == 0 ? NULL : sb_data_weights(config),
                           .degree = (size_t)config->data_degree,
                           .x = config->data_x.v};
    if (list && spec.n == 0) return sb_fail(SB_ERR_INPUT, "data.kind = \"list\" needs points in data.x");
    if (list && config->data_x.n % dim != 0)
        return sb_fail(SB_ERR_INPUT, "data.x has %zu numbers, which make no points of %zu dimensions", config->data_x.n,
                       dim);
    if (!(spec.a < spec.b)) return sb_fail(SB_ERR_INPUT, "data.a = %g must be below data.b = %g", spec.a, spec.b);
    if (strcmp(config->data_kind, "density") == 0) {
        sb_status parsed = sb_density_parse(config->data_density, NULL, &cas->points);
        if (parsed != SB_OK) return sb_fail(parsed, "data.density: %s", sb_error_text());
        spec.density = cas->theory.points = &cas->points;
    }
    sb_status status = sb_points_make(sb_points_find(config->data_kind), &spec, problem);
    if (status == SB_OK && problem->coincident > 0)
        sb_monitor_warn(monitor,
                        "%zu data points coincide with another: the kernel is singular, and where their values differ "
                        "the difference is never learned",
                        problem->coincident);
    return status;
}

static sb_status matching(const sb_reals *values, size_t n, const char *key, const char *what)
{
    if (values->n == 0 || values->n == n) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s has %zu values for %zu %s of target.xi", key, values->n, n, what);
}

/* How many frequencies of `dim` numbers the list holds. */
static sb_status count_tones(const sb_reals *xi, size_t dim, const char *key, size_t *count)
{
    *count = xi->n / dim;
    if (xi->n % dim == 0) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s has %zu numbers, which make no frequencies of %zu dimensions", key, xi->n, dim);
}

static double *in_cycles(const sb_config *config, const sb_reals *list)
{
    double *xi = malloc((list->n + 1) * sizeof *xi);
    if (!xi) sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", list->n);
    for (size_t k = 0; xi && k < list->n; k++) xi[k] = list->v[k] * sb_cycles_per_unit(config);
    return xi;
}

static sb_status make_target(const sb_config *config, sb_problem *problem)
{
    sb_status status = SB_OK;
    size_t terms;
    double *xi = in_cycles(config, &config->target_xi);
    if (!xi) return SB_ERR_NOMEM;
    SB_TRY(count_tones(&config->target_xi, problem->dim, "target.xi", &terms));
    SB_TRY(matching(&config->target_weights, terms, "target.weights", "frequencies"));
    SB_TRY(matching(&config->target_phases, terms, "target.phases", "frequencies"));
    SB_TRY(matching(&config->target_centers, config->target_xi.n, "target.centers", "numbers"));
    sb_target_spec spec = {.terms = terms,
                           .xi = xi,
                           .weight = config->target_weights.n ? config->target_weights.v : NULL,
                           .phase = config->target_phases.n ? config->target_phases.v : NULL,
                           .center = config->target_centers.n ? config->target_centers.v : NULL,
                           .tau = config->target_tau,
                           .amplitude = config->target_amplitude,
                           .values = config->target_y.n,
                           .given_x = strcmp(config->data_kind, "list") == 0 ? config->data_x.v : NULL,
                           .y = config->target_y.v};
    status = sb_target_find(config->target_kind)->fill(&spec, problem);
done:
    free(xi);
    return status;
}

/* In several dimensions the label is the norm. */
static double label_of(const double *xi, size_t dim)
{
    double square = 0;
    if (dim == 1) return *xi;
    for (size_t d = 0; d < dim; d++) square += xi[d] * xi[d];
    return sqrt(square);
}

static sb_status make_grid(const sb_config *config, sb_problem *problem)
{
    sb_status status = SB_OK;
    const sb_reals *list = config->observe_xi.n ? &config->observe_xi : &config->target_xi;
    size_t dim = problem->dim, count;
    double *xi = in_cycles(config, list), *label = malloc((list->n + 1) * sizeof *label);
    if (!xi || !label) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", list->n);
        goto done;
    }
    SB_TRY(count_tones(list, dim, config->observe_xi.n ? "observe.xi" : "target.xi", &count));
    if (count == 0) status = sb_fail(SB_ERR_INPUT, "no frequencies to watch: set observe.xi");
    SB_TRY(status);
    for (size_t k = 0; k < count; k++) label[k] = label_of(list->v + k * dim, dim);
    SB_TRY(sb_problem_set_grid(problem, count, xi, label, config->target_unit));
done:
    free(xi);
    free(label);
    return status;
}

sb_status sb_case_points(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    sb_status status = SB_OK;
    if (!sb_points_find(config->data_kind))
        return sb_fail(SB_ERR_INPUT, "data.kind = \"%s\" is a data set: net.kind = \"layers\" takes it",
                       config->data_kind);
    if (config->data_n == 0 && strcmp(config->data_kind, "list") != 0)
        return sb_fail(SB_ERR_INPUT, "data.n = 0: there are no points");
    SB_TRY(make_points(config, monitor, cas));
    SB_TRY(make_target(config, &cas->problem));
    SB_TRY(make_grid(config, &cas->problem));
done:
    return status;
}

/* ---- examples ---- */

/* With the loss of Deep Ritz y is the source g of Poisson's equation and the error is that against its solution. */
static sb_status set_poisson(const sb_problem *problem, sb_dataset *set)
{
    if (!problem->uniform || problem->dim != 1 || problem->n < 3 || problem->x[0] != -1 ||
        problem->x[problem->n - 1] != 1)
        return sb_fail(SB_ERR_INPUT, "loss.kind = \"ritz\" solves Poisson's equation on a uniform grid of [-1, 1] with "
                                     "both ends (data.points = \"endpoints\")");
    sb_poisson poisson = sb_poisson_default(problem->n - 1);
    sb_status status = sb_poisson_check(&poisson);
    if (status != SB_OK) return status;
    set->reference = malloc(set->n * sizeof *set->reference);
    if (!set->reference) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", set->n);
    for (size_t i = 0; i < set->n; i++) {
        set->y[i] = sb_poisson_source(&poisson, problem->x[i]);
        set->reference[i] = sb_poisson_solution(&poisson, problem->x[i]);
    }
    return SB_OK;
}

/* Values that are rounding errors of the target's terms are no target. */
static sb_status check_size(const sb_problem *problem)
{
    double size = 0;
    for (size_t i = 0; i < problem->n; i++) size += fabs(problem->q[i] * problem->y[i]);
    if (problem->most == 0 || size > 1e-10 * problem->most) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "the target has no energy at the observed frequency %g, nor at any: it is rounding",
                   problem->grid.label[0]);
}

/* Networks that take inputs of any number and data of any set. */
static bool takes_any(const sb_config *config)
{
    return strcmp(config->net_kind, "layers") == 0 || strcmp(config->net_kind, "external") == 0;
}

static sb_status data_of_points(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    sb_status status = SB_OK;
    bool circle = strcmp(config->data_map, "circle") == 0;
    SB_TRY(sb_case_points(config, monitor, cas));
    if (takes_any(config)) SB_TRY(check_size(&cas->problem));
    SB_TRY(sb_dataset_of_problem(&cas->problem, circle, &cas->data));
    if (strcmp(config->loss_kind, "ritz") == 0) SB_TRY(set_poisson(&cas->problem, &cas->data));
done:
    return status;
}

sb_dataset_spec sb_case_set_spec(const sb_config *config)
{
    return (sb_dataset_spec){.n = (size_t)config->data_n,
                             .test = (size_t)config->data_test,
                             .seed = (uint64_t)config->data_seed,
                             .file = config->data_file,
                             .labels = config->data_labels,
                             .test_file = config->data_test_file,
                             .test_labels = config->data_test_labels,
                             .standardise = config->data_standardise,
                             .columns = config->data_columns.n,
                             .column = (const char *const *)config->data_columns.v,
                             .inputs = config->data_inputs.n,
                             .input = (const char *const *)config->data_inputs.v,
                             .header = config->data_header,
                             .missing = config->data_missing,
                             .dim = (size_t)config->data_dimension,
                             .length = (size_t)config->data_length,
                             .bands = config->data_bands.n / 2,
                             .band = config->data_bands.v,
                             .uniform = strcmp(config->data_amplitudes, "uniform") == 0,
                             .label_noise = config->data_label_noise,
                             .output_noise = config->data_output_noise,
                             .shuffled = config->data_shuffled,
                             .standardise_outputs = config->data_standardise_outputs,
                             .exponent = config->data_exponent,
                             .amplitude = config->target_amplitude,
                             .a = config->data_a,
                             .b = config->data_b,
                             .circle = strcmp(config->data_map, "circle") == 0,
                             .terms = config->target_xi.n,
                             .degree = config->target_xi.v,
                             .weight = config->target_weights.n ? config->target_weights.v : NULL,
                             .layout = config->data_sphere,
                             .rho = config->data_rho,
                             .weights = sb_data_weights(config),
                             .exact = (size_t)config->data_degree,
                             .autoencoder = config->data_autoencoder,
                             .noise = config->data_noise,
                             .noise_low = config->data_noise_band.v[0],
                             .noise_high = config->data_noise_band.v[1],
                             .noisy_targets = config->data_noisy_targets};
}

static sb_status data_of_set(const sb_config *config, sb_case *cas)
{
    if (config->data_noise_band.n != 2)
        return sb_fail(SB_ERR_INPUT, "data.noise_band needs two numbers, the lowest and the highest |k|");
    if (config->data_bands.n % 2 != 0)
        return sb_fail(SB_ERR_INPUT, "data.bands needs pairs of numbers, the lowest and the highest frequency");
    sb_dataset_spec spec = sb_case_set_spec(config);
    return sb_dataset_make(sb_dataset_kind_find(config->data_kind), &spec, &cas->data, cas->test, &cas->tests);
}

sb_status sb_case_data(const sb_config *config, const sb_monitor *monitor, sb_case *cas)
{
    bool layers = takes_any(config), points = sb_points_find(config->data_kind) != NULL;
    sb_status status = points || !layers ? data_of_points(config, monitor, cas) : data_of_set(config, cas);
    cas->n = cas->data.n;
    cas->inputs = sb_shape_size(cas->data.input);
    cas->outputs = sb_shape_size(cas->data.output);
    return status;
}

/* ---- places between them ---- */

/* The same function on a uniform grid, of values without one of nothing. */
static sb_status between_points(const sb_config *config, sb_config *other, sb_case *cas)
{
    static char uniform[] = "uniform", endpoints[] = "endpoints", equal[] = "equal", sines[] = "sines";
    bool values = strcmp(config->target_kind, "values") == 0 && strcmp(config->loss_kind, "ritz") != 0;
    if (config->data_dimension > 2)
        return sb_fail(SB_ERR_INPUT, "observe.grid shows lines and planes, not %lld dimensions",
                       (long long)config->data_dimension);
    if (config->observe_grid < 2) return sb_fail(SB_ERR_INPUT, "observe.grid: 1 place on an axis makes no grid");
    other->data_kind = uniform;
    other->data_points = endpoints;
    other->data_weights = equal;
    if (values) { /* any function, which nobody sees */
        other->target_kind = sines;
        other->target_xi.n = (size_t)config->data_dimension;
    }
    sb_status status = data_of_points(other, NULL, cas);
    size_t count = cas->data.n * sb_shape_size(cas->data.output);
    for (size_t i = 0; status == SB_OK && values && i < count; i++) cas->data.y[i] = NAN;
    return status;
}

/* All examples there are, in their order. */
static sb_status between_examples(const sb_config *config, sb_config *other, sb_case *cas)
{
    bool parity = strcmp(config->data_kind, "parity") == 0;
    if (config->observe_grid != 1 + parity)
        return sb_fail(SB_ERR_INPUT, "observe.grid of data of kind \"%s\" is %d: %s", config->data_kind, 1 + parity,
                       parity ? "all points of the cube" : "all its pixels");
    other->data_n = other->data_test = other->data_seed = 0;
    return data_of_set(other, cas);
}

sb_status sb_case_between(const sb_config *config, sb_dataset *set)
{
    sb_config other = *config; /* its lists and texts are borrowed */
    sb_case cas = {.config = &other};
    sb_status status;
    bool line = strcmp(config->data_kind, "spectrum") == 0;
    other.data_n = config->observe_grid;
    if (line) other.data_test = 0;
    other.data_label_noise = other.data_output_noise = 0; /* which are of the training examples */
    other.data_shuffled = false;
    if (sb_points_find(config->data_kind))
        status = between_points(config, &other, &cas);
    else
        status = line ? data_of_set(&other, &cas) : between_examples(config, &other, &cas);
    *set = cas.data;
    cas.data = (sb_dataset){0};
    sb_case_clear(&cas);
    return status;
}

/* ---- in words ---- */

/* Two classes, written as one output of -1 or 1. */
static bool has_signs(const sb_dataset *set)
{
    if (sb_shape_size(set->output) != 1) return false;
    for (size_t i = 0; i < set->n; i++)
        if (fabs(set->y[i]) != 1) return false;
    return true;
}

bool sb_has_classes(const sb_dataset *set)
{
    return set->label || has_signs(set);
}

static void say_left_out(const sb_dataset *set, FILE *say)
{
    if (set->dropped > 0)
        sb_print(say, "; %zu row%s of the %s left out, a number is missing", set->dropped, set->dropped == 1 ? "" : "s",
                 strcmp(set->name, "test") == 0 ? "test file" : "file");
}

void sb_case_say_data(const sb_case *cas, FILE *say)
{
    const char *file = cas->config->data_file, *slash = strrchr(file, '/');
    if (!cas->data.row) return;
    sb_print(say, "%zu training examples", cas->data.n);
    if (cas->data.of > cas->data.n) sb_print(say, " of %zu", cas->data.of);
    if (*file) sb_print(say, " in %s", slash ? slash + 1 : file);
    for (size_t i = 0; i < cas->tests; i++) sb_print(say, ", %zu %s", cas->test[i].n, cas->test[i].name);
    say_left_out(&cas->data, say);
    for (size_t i = 0; i < cas->tests; i++) say_left_out(&cas->test[i], say);
    sb_print(say, "%s%s", *cas->data.about ? "; " : "", cas->data.about);
}

void sb_case_data_line(const sb_case *cas, FILE *say)
{
    if (!cas->data.row) return;
    sb_print(say, "data      ");
    sb_case_say_data(cas, say);
    sb_print(say, "\n");
}

void sb_case_json_data(const sb_case *cas, sb_json json)
{
    char name[64];
    for (size_t i = 0; cas->data.row && i <= cas->tests; i++) {
        const sb_dataset *set = i == 0 ? &cas->data : &cas->test[i - 1];
        sb_format(name, sizeof name, "%s_examples", set->name);
        sb_json_whole(json, name, set->n);
        sb_format(name, sizeof name, "%s_rows_missing", set->name);
        sb_json_whole(json, name, set->dropped);
    }
}

static sb_status save_rows(const sb_dataset *set, const char *directory)
{
    char base[64];
    double *row = malloc(set->n * sizeof *row);
    if (!row) return sb_fail(SB_ERR_NOMEM, "no memory for %zu row numbers", set->n);
    for (size_t i = 0; i < set->n; i++) row[i] = (double)set->row[i];
    sb_format(base, sizeof base, "rows.%s", set->name);
    sb_status status = sb_save_array(directory, base, row, set->n, 0);
    free(row);
    return status;
}

sb_status sb_case_save_rows(const sb_case *cas, const char *directory)
{
    sb_status status = cas->data.row ? save_rows(&cas->data, directory) : SB_OK;
    for (size_t i = 0; status == SB_OK && i < cas->tests; i++)
        if (cas->test[i].row) status = save_rows(&cas->test[i], directory);
    return status;
}
