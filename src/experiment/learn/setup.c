/* Keys -> data set, network, loss, what is observed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/poisson.h>

#include "core/parallel.h"
#include "experiment/field.h"
#include "experiment/learn/learn.h"
#include "experiment/stage.h"

/* ---- data ---- */

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

static sb_status data_of_points(const sb_config *config, const sb_monitor *monitor, sb_learn *learn)
{
    sb_setup setup;
    memset(&setup, 0, sizeof setup);
    sb_status status = sb_setup_data(config, monitor, &setup);
    if (status == SB_OK) status = check_size(&setup.problem);
    if (status == SB_OK)
        status = sb_dataset_of_problem(&setup.problem, strcmp(config->data_map, "circle") == 0, &learn->train);
    if (status == SB_OK && strcmp(config->loss_kind, "ritz") == 0) status = set_poisson(&setup.problem, &learn->train);
    sb_setup_clear(&setup);
    return status;
}

static sb_status data_of_set(const sb_config *config, sb_learn *learn)
{
    if (config->data_noise_band.n != 2)
        return sb_fail(SB_ERR_INPUT, "data.noise_band needs two numbers, the lowest and the highest |k|");
    if (config->data_bands.n % 2 != 0)
        return sb_fail(SB_ERR_INPUT, "data.bands needs pairs of numbers, the lowest and the highest frequency");
    sb_dataset_spec spec = {.n = (size_t)config->data_n,
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
    return sb_dataset_make(sb_dataset_kind_find(config->data_kind), &spec, &learn->train, learn->test, &learn->tests);
}

static sb_status make_data(const sb_config *config, const sb_monitor *monitor, sb_learn *learn)
{
    if (sb_points_find(config->data_kind)) return data_of_points(config, monitor, learn);
    return data_of_set(config, learn);
}

/* ---- network and loss ---- */

sb_status sb_learn_model(const sb_config *config, sb_shape input, sb_model **model)
{
    if (strcmp(config->net_kind, "layers") != 0)
        return sb_fail(SB_ERR_INPUT,
                       "kind = \"learn\" trains networks of layers: net.kind = \"layers\" and net.layers");
    sb_model_spec spec = {.input = input,
                          .layers = config->net_layers.n,
                          .layer = (const char *const *)config->net_layers.v,
                          .parametrisation = config->net_parametrisation,
                          .gain = config->net_gain,
                          .weights = config->init_weights,
                          .biases = config->init_biases,
                          .shift_range = config->init_shift_range,
                          .density = config->init_density,
                          .antisymmetric = config->init_antisymmetric,
                          .single = strcmp(config->net_precision, "single") == 0};
    sb_status status = sb_model_create(&spec, model);
    return status == SB_OK ? SB_OK : sb_fail(status, "net.layers: %s", sb_error_text());
}

static sb_status make_model(const sb_config *config, sb_learn *learn)
{
    sb_status status = sb_learn_model(config, learn->train.input, &learn->model);
    if (status != SB_OK) return status;
    size_t gives = sb_model_outputs(learn->model), wanted = sb_shape_size(learn->train.output);
    if (gives == wanted) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "net.layers: the network gives %zu numbers, %zu are wanted", gives, wanted);
}

static sb_status make_losses(const sb_config *config, sb_learn *learn)
{
    sb_loss_spec spec = {.kind = config->loss_kind,
                         .factor = config->loss_factor,
                         .weights = config->loss_weights,
                         .domain = config->loss_domain,
                         .s = config->loss_s,
                         .degree = (size_t)config->loss_degree,
                         .convention = config->loss_convention,
                         .normalise = config->loss_normalise,
                         .beta = config->loss_beta};
    sb_status status = sb_loss_create(&spec, &learn->train, &learn->loss);
    if (strcmp(config->loss_test, "same") != 0) spec.kind = config->loss_test;
    for (size_t i = 0; status == SB_OK && i < learn->tests; i++) {
        status = sb_loss_create(&spec, &learn->test[i], &learn->test_loss[i]);
        if (status == SB_OK && sb_loss_tangents(learn->test_loss[i]) > 0)
            status = sb_fail(SB_ERR_INPUT, "%s cannot be measured on test examples: set loss.test", spec.kind);
    }
    return status;
}

/* ---- observation ---- */

static const double *wanted(const sb_dataset *set)
{
    return set->reference ? set->reference : set->y;
}

/* On a sphere frequencies are degrees, those of the target or of observe.xi. */
static sb_status make_degrees(const sb_config *config, sb_learn *learn)
{
    sb_status status = SB_OK;
    const sb_dataset *set = &learn->train;
    const sb_reals *list = config->observe_xi.n ? &config->observe_xi : &config->target_xi;
    size_t *degree = malloc((list->n + 1) * sizeof *degree), outputs = sb_shape_size(set->output);
    learn->label = malloc((list->n + 1) * sizeof *learn->label);
    if (!degree || !learn->label) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu degrees", list->n));
    for (size_t k = 0; k < list->n; k++) {
        if (!(list->v[k] >= 0 && list->v[k] <= 1000 && list->v[k] == floor(list->v[k])))
            SB_TRY(sb_fail(SB_ERR_INPUT, "observe.xi: the degree %g on a sphere is not a whole number of 0 .. 1000",
                           list->v[k]));
        degree[k] = (size_t)list->v[k];
        learn->label[k] = list->v[k];
    }
    SB_TRY(sb_modes_create_degrees(set->n, sb_shape_size(set->input), set->x, set->q, list->n, degree, outputs,
                                   wanted(set), &learn->modes));
    status = sb_modes_check_aliases(&learn->modes, set->q, learn->label);
done:
    free(degree);
    return status;
}

static bool on_sphere(const sb_config *config, const sb_dataset *set)
{
    return strcmp(config->data_kind, "sphere") == 0 && sb_shape_size(set->input) <= 3;
}

static sb_status make_frequencies(const sb_config *config, sb_learn *learn)
{
    if (on_sphere(config, &learn->train)) return make_degrees(config, learn);
    const sb_dataset *set = &learn->train;
    const sb_reals *list =
        config->observe_xi.n || !sb_points_find(config->data_kind) ? &config->observe_xi : &config->target_xi;
    size_t dim = set->place_dim, outputs = sb_shape_size(set->output);
    double unit = strcmp(config->target_unit, "index") == 0 ? 1 / (set->b - set->a) : sb_cycles_per_unit(config);
    if (list->n == 0) return SB_OK;
    if (dim == 0)
        return sb_fail(SB_ERR_INPUT, "observe.xi: these examples have no places; observe.projection looks along their "
                                     "principal direction");
    if (list->n % dim != 0)
        return sb_fail(SB_ERR_INPUT, "observe.xi has %zu numbers, which make no frequencies of %zu dimensions", list->n,
                       dim);
    double *xi = malloc(list->n * sizeof *xi);
    learn->label = malloc(list->n * sizeof *learn->label);
    if (!xi || !learn->label) {
        free(xi);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", list->n);
    }
    for (size_t k = 0; k < list->n; k++) xi[k] = list->v[k] * unit;
    for (size_t k = 0; k < list->n / dim; k++) {
        double square = 0;
        for (size_t d = 0; d < dim; d++) square += list->v[k * dim + d] * list->v[k * dim + d];
        learn->label[k] = sqrt(square);
    }
    sb_status status =
        sb_modes_create(set->n, dim, set->place, set->q, list->n / dim, xi, outputs, wanted(set), &learn->modes);
    for (size_t k = 0; status == SB_OK && k < list->n / dim; k++)
        if (learn->modes.wanted[k] == 0)
            status = sb_fail(SB_ERR_INPUT, "the target has no energy at the observed frequency %g", learn->label[k]);
    if (status == SB_OK) status = sb_modes_check_aliases(&learn->modes, set->q, learn->label);
    free(xi);
    return status;
}

/* k_j = j / (2 range) along the first principal direction (Xu et al. 2020) */
static sb_status make_projection(const sb_config *config, sb_learn *learn)
{
    const sb_dataset *set = &learn->train;
    const sb_reals *list = &config->observe_projection;
    size_t dim = sb_shape_size(set->input);
    double range;
    if (list->n == 0) return SB_OK;
    double *p = malloc(dim * sizeof *p), *place = malloc(set->n * sizeof *place), *xi = malloc(list->n * sizeof *xi);
    sb_status status = p && place && xi ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the projection");
    if (status == SB_OK) status = sb_principal_direction(set->n, dim, set->x, p, place, &range);
    for (size_t j = 0; status == SB_OK && j < list->n; j++) xi[j] = list->v[j] / (2 * range);
    if (status == SB_OK)
        status = sb_modes_create(set->n, 1, place, NULL, list->n, xi, sb_shape_size(set->output), wanted(set),
                                 &learn->along);
    free(p);
    free(place);
    free(xi);
    return status;
}

static sb_status make_heat(const sb_config *config, sb_learn *learn)
{
    const sb_dataset *set = &learn->train;
    double xi[SB_FIELD_CELLS], top = config->observe_field * sb_cycles_per_unit(config);
    if (top == 0) return SB_OK;
    if (set->place_dim != 1) return sb_fail(SB_ERR_INPUT, "observe.field needs data of one dimension");
    for (size_t k = 0; k < SB_FIELD_CELLS; k++) xi[k] = top * ((double)k + 0.5) / SB_FIELD_CELLS;
    return sb_modes_create(set->n, 1, set->place, set->q, SB_FIELD_CELLS, xi, sb_shape_size(set->output), wanted(set),
                           &learn->heat);
}

static sb_status make_filter(const sb_config *config, sb_learn *learn)
{
    const sb_dataset *set = &learn->train;
    if (config->observe_filter.n == 0) return SB_OK;
    return sb_filter_create(set->n, sb_shape_size(set->input), set->x, sb_shape_size(set->output), wanted(set),
                            config->observe_filter.n, config->observe_filter.v, 0, sb_cores(), &learn->filter);
}

/* ---- steps and records ---- */

static sb_status make_steps(const sb_config *config, sb_learn *learn)
{
    size_t n = learn->train.n, batch = (size_t)config->train_batch, records = (size_t)config->train_records;
    double pass = batch == 0 || batch > n ? 1 : ceil((double)n / (double)batch), steps = (double)config->train_steps;
    if (config->train_epochs > 0) steps = pass * (double)config->train_epochs;
    if (steps == 0) steps = round(config->train_time / config->train_eta);
    if (steps < 1 || steps > 1e12)
        return sb_fail(SB_ERR_INPUT, "%g steps: set train.steps, train.epochs, or train.time and train.eta", steps);
    learn->steps = (size_t)steps;
    learn->step = malloc((records + 2) * sizeof *learn->step);
    if (!learn->step) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", records);
    if (strcmp(config->train_spacing, "log") == 0) {
        learn->nt = sb_log_steps(learn->steps, records, learn->step);
        return SB_OK;
    }
    learn->step[learn->nt++] = 0;
    for (size_t i = 1; i <= records; i++) {
        double step = round(steps * (double)i / (double)records);
        if (step > learn->step[learn->nt - 1]) learn->step[learn->nt++] = step;
    }
    return SB_OK;
}

size_t sb_note_modes(const sb_learn *learn)
{
    return SB_NOTE_TESTS + 2 * learn->tests;
}

size_t sb_note_along(const sb_learn *learn)
{
    return sb_note_modes(learn) + learn->modes.count;
}

size_t sb_note_low(const sb_learn *learn)
{
    return sb_note_along(learn) + learn->along.count;
}

size_t sb_note_high(const sb_learn *learn)
{
    return sb_note_low(learn) + learn->filter.count;
}

size_t sb_note_heat(const sb_learn *learn)
{
    return sb_note_high(learn) + learn->filter.count;
}

size_t sb_note_drift(const sb_learn *learn)
{
    return sb_note_heat(learn) + learn->heat.count;
}

/* An order is one of two frequencies at least, or of the parts of a filter. */
static sb_status check_claim(const sb_config *config, const sb_learn *learn)
{
    if (strcmp(config->observe_claim, "none") == 0 || learn->modes.count > 1 || learn->filter.count > 0) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "observe.claim = \"%s\" says nothing %s: set observe.xi or observe.filter",
                   config->observe_claim, learn->modes.count ? "of one frequency" : "without frequencies");
}

static sb_status make_drift(const sb_config *config, sb_learn *learn)
{
    if (config->observe_drift == 0) return SB_OK;
    learn->due = malloc(learn->nt * sizeof *learn->due);
    if (!learn->due) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", learn->nt);
    return sb_drift_choose(learn->nt, learn->step, (size_t)config->observe_drift, learn->due);
}

sb_fit_spec sb_learn_fit_spec(const sb_learn *learn)
{
    const sb_config *config = learn->config;
    size_t n = learn->train.n, kernels = sb_learn_kernels(learn), kept = kernels > 0 ? kernels * n * n + n : 0;
    return (sb_fit_spec){.model = learn->model,
                         .set = &learn->train,
                         .loss = learn->loss,
                         .rule = sb_rule_find(config->train_optimizer),
                         .schedule = sb_schedule_find(config->train_schedule),
                         .eta = config->train_eta,
                         .momentum = config->train_momentum,
                         .beta2 = config->train_beta2,
                         .epsilon = config->train_epsilon,
                         .decay = config->train_decay,
                         .period = (size_t)config->train_period,
                         .steps = learn->steps,
                         .batch = (size_t)config->train_batch,
                         .stop = config->train_stop,
                         .nt = learn->nt,
                         .record_step = learn->step,
                         .threads = (size_t)config->train_threads,
                         .route = config->train_route,
                         .notes_size = (learn->nt + 1) * learn->columns + kept,
                         .checkpoint_seconds = config->train_checkpoint};
}

static sb_status check_memory(double need, const char *advice)
{
    double have = sb_memory();
    if (need <= have) return SB_OK;
    return sb_fail(
        SB_ERR_INPUT,
        "this needs about %.1f GB of memory, the machine has %.1f GB: reduce %s, or run fewer seeds at a time "
        "(-j)",
        1e-9 * need, 1e-9 * have, advice);
}

/* Whether it can be trained, and in this machine's memory. */
static sb_status check_training(const sb_learn *learn)
{
    sb_fit_spec spec = sb_learn_fit_spec(learn);
    double kernels;
    sb_status status = sb_fit_check(&spec);
    if (status != SB_OK) return status;
    size_t cores = sb_cores(), seeds = (size_t)learn->config->seeds_count;
    double data = 8 * (double)learn->train.n * (double)(sb_model_inputs(learn->model) + sb_model_outputs(learn->model));
    double jobs = (double)(seeds < cores ? seeds : cores), need = data + sb_fit_memory(&spec) * jobs;
    SB_TRY(check_memory(need, "the network, data.n or train.batch"));
    if (!learn->due) return SB_OK;
    SB_TRY(sb_learn_drift_memory(learn, &kernels));
    SB_TRY(check_memory(need + kernels * jobs, "data.n (observe.drift keeps kernels of all examples)"));
done:
    return status;
}

sb_status sb_learn_open(const sb_config *config, const sb_monitor *monitor, sb_learn *learn)
{
    sb_status status = SB_OK;
    memset(learn, 0, sizeof *learn);
    learn->config = config;
    SB_TRY(make_data(config, monitor, learn));
    SB_TRY(make_model(config, learn));
    SB_TRY(make_losses(config, learn));
    SB_TRY(make_steps(config, learn));
    SB_TRY(make_frequencies(config, learn));
    SB_TRY(make_projection(config, learn));
    SB_TRY(make_heat(config, learn));
    SB_TRY(make_filter(config, learn));
    SB_TRY(make_drift(config, learn));
    learn->columns = sb_note_drift(learn) + (learn->due ? SB_DRIFT_NOTES : 0);
done:
    if (status != SB_OK) sb_learn_clear(learn);
    return status;
}

sb_status sb_learn_create(const sb_config *config, const sb_monitor *monitor, sb_learn *learn)
{
    sb_status status = sb_learn_open(config, monitor, learn);
    if (status == SB_OK) status = check_claim(config, learn);
    if (status == SB_OK) status = check_training(learn);
    if (status != SB_OK) sb_learn_clear(learn);
    return status;
}

void sb_learn_clear(sb_learn *learn)
{
    sb_dataset_clear(&learn->train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) {
        sb_dataset_clear(&learn->test[i]);
        sb_loss_destroy(&learn->test_loss[i]);
    }
    sb_loss_destroy(&learn->loss);
    sb_model_destroy(&learn->model);
    sb_modes_clear(&learn->modes);
    sb_modes_clear(&learn->along);
    sb_modes_clear(&learn->heat);
    sb_filter_clear(&learn->filter);
    free(learn->label);
    free(learn->step);
    free(learn->due);
    *learn = (sb_learn){0};
}
