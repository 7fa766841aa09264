/* Keys -> problem, network, law, theory: the one place that knows all three modules. */
#include <specbias/experiment.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "core/text.h"
#include "experiment/effect.h"
#include "experiment/stage.h"

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

static sb_status make_points(const sb_config *config, const sb_monitor *monitor, sb_setup *setup)
{
    sb_problem *problem = &setup->problem;
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
        sb_status parsed = sb_density_parse(config->data_density, NULL, &setup->points);
        if (parsed != SB_OK) return sb_fail(parsed, "data.density: %s", sb_error_text());
        spec.density = setup->theory.points = &setup->points;
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

/* The error field is drawn over one axis. */
static sb_status check_field(const sb_config *config, const sb_problem *problem)
{
    double top = config->observe_field * sb_cycles_per_unit(config);
    if (top == 0) return SB_OK;
    if (problem->dim > 1) return sb_fail(SB_ERR_INPUT, "observe.field needs data of one dimension");
    if (problem->uniform && top > 0.5 / problem->spacing * (1 + 1e-12))
        return sb_fail(SB_ERR_INPUT, "observe.field = %g is above the Nyquist frequency of the grid",
                       config->observe_field);
    return SB_OK;
}

static sb_status make_times(const sb_config *config, sb_problem *problem)
{
    double steps = round(config->train_time / config->train_eta);
    if (steps < 1)
        return sb_fail(SB_ERR_INPUT, "train.time = %g is less than one step of train.eta = %g", config->train_time,
                       config->train_eta);
    if (steps > 1e12)
        return sb_fail(SB_ERR_INPUT, "train.time / train.eta makes %g steps, at most 1e12 are possible", steps);
    return sb_problem_set_times(problem, config->train_eta, (size_t)steps, (size_t)config->train_records);
}

/* "gaussian(4.5) x gaussian(6)": a density for each axis; a single one stands for all. */
static sb_status make_density(const sb_config *config, sb_setup *setup)
{
    sb_status status = SB_OK;
    size_t dim = setup->problem.dim, parts = 0;
    sb_density_table table = {config->init_table_w.n, config->init_table_w.v, config->init_table_rho.v};
    char *text = strdup(config->init_density);
    if (!text) return sb_fail(SB_ERR_NOMEM, "no memory for a density");
    if (config->init_table_w.n != config->init_table_rho.n)
        status = sb_fail(SB_ERR_INPUT, "init.table_w has %zu values, init.table_rho %zu", config->init_table_w.n,
                         config->init_table_rho.n);
    SB_TRY(status);
    for (char *part = text, *next; part; part = next) {
        if ((next = strstr(part, " x "))) {
            *next = '\0';
            next += 3;
        }
        if (parts < dim) SB_TRY(sb_density_parse(part, &table, &setup->density[parts]));
        parts++;
    }
    if (parts != 1 && parts != dim)
        status = sb_fail(SB_ERR_INPUT, "\"%s\" has %zu axes, the data have %zu", config->init_density, parts, dim);
    SB_TRY(status);
    for (; parts < dim; parts++) SB_TRY(sb_density_parse(config->init_density, &table, &setup->density[parts]));
done:
    free(text);
    return status == SB_OK ? SB_OK : sb_fail(status, "init.density: %s", sb_error_text());
}

static sb_status make_net(const sb_config *config, sb_setup *setup)
{
    sb_status status = SB_OK;
    setup->net = (sb_net_spec){.kind = sb_net_kind_find(config->net_kind),
                               .dim = setup->problem.dim,
                               .width = (size_t)config->net_width,
                               .standard = strcmp(config->net_parametrisation, "standard") == 0,
                               .gain = config->net_gain,
                               .out = sb_law_find(config->init_out),
                               .out_scale = config->init_out_scale,
                               .antisymmetric = config->init_antisymmetric};
    if (sb_net_kind_features(setup->net.kind)) {
        SB_TRY(make_density(config, setup));
        setup->net.density = setup->density;
        setup->net.frozen = config->net_frozen;
    } else {
        setup->net.activation = sb_activation_find(config->net_activation);
        setup->net.in = sb_law_find(config->init_in);
        setup->net.in_scale = config->init_in_scale;
        setup->net.shift_range = config->init_shift_range;
    }
    setup->net.quiet = config->init_quiet;
    setup->deterministic = config->init_quiet;
    setup->random_output = !sb_net_starts_at_zero(&setup->net);
    status = sb_net_check(&setup->net);
    if (status == SB_ERR_UNSUPPORTED) status = sb_fail(SB_ERR_INPUT, "%s", sb_error_text());
    SB_TRY(status);
    if (config->forecast_draw_width == 0) return SB_OK;
    sb_net_spec draws = setup->net;
    draws.width = (size_t)config->forecast_draw_width;
    status = sb_net_check(&draws);
    if (status != SB_OK) status = sb_fail(status, "forecast.draw_width: %s", sb_error_text());
done:
    return status;
}

/* The law, for theories and infinite-width kernels: each averages over it by itself. */
static void make_law(const sb_config *config, sb_setup *setup)
{
    const sb_net_spec *net = &setup->net;
    double out2 = net->out_scale * net->out_scale * net->out->second_moment;
    bool exact = strcmp(config->forecast_method, "exact") == 0;
    double gain = net->gain * net->gain * (net->standard ? (double)net->width : 1);
    setup->law =
        (sb_net_law){.net = config->net_kind, .dim = net->dim, .out2 = out2, .gain = gain, .frozen = net->frozen};
    setup->theory = (sb_theory_params){.net = config->net_kind,
                                       .points = setup->theory.points,
                                       .gain = gain,
                                       .out2 = out2,
                                       .frozen = net->frozen,
                                       .cutoff = config->forecast_cutoff,
                                       .mesh = config->forecast_mesh,
                                       .alias = config->forecast_alias,
                                       .method = exact ? NULL : config->forecast_method,
                                       .max_steps = (size_t)config->forecast_max_steps,
                                       .box = config->forecast_box,
                                       .modes = (size_t)config->forecast_modes,
                                       .tail = config->forecast_tail};
    setup->law.density = setup->theory.density = net->density;
    if (net->activation) {
        double in2 = net->in_scale * net->in_scale * net->in->second_moment;
        setup->law.in2 = in2;
        setup->law.range = setup->theory.range = net->shift_range;
        setup->law.activation = setup->theory.activation = net->activation->name;
        setup->law.kinked = net->activation->kinked;
        setup->law.evaluate = net->activation->evaluate;
        setup->law.in = setup->theory.in = net->in;
        setup->law.in_scale = setup->theory.in_scale = net->in_scale;
        setup->theory.c4 = gain * (in2 + out2);
        setup->theory.c2 = gain * in2 * out2;
    }
    setup->terms.loss_factor = 1;
    sb_format(setup->terms.parametrisation, sizeof setup->terms.parametrisation, "%s", config->net_parametrisation);
    sb_format(setup->terms.time_unit, sizeof setup->terms.time_unit, "flow");
}

/* The frequency equation of Fourier features takes the domain for the whole line: the target must not reach its ends.
 */
static void warn_of_window(const sb_setup *setup, const sb_monitor *monitor)
{
    const sb_problem *problem = &setup->problem;
    const sb_texts *sources = &setup->config->forecast_sources;
    double largest = 0, edge = 0, room = 0.1 * (problem->b - problem->a) / 2;
    bool used = false;
    for (size_t s = 0; s < sources->n; s++) used = used || strcmp(sources->v[s], "heat") == 0;
    if (!used) return;
    for (size_t i = 0; i < problem->n; i++) {
        double y = fabs(problem->y[i]), near = INFINITY;
        for (size_t d = 0; d < problem->dim; d++) {
            double x = problem->x[i * problem->dim + d];
            near = fmin(near, fmin(x - problem->a, problem->b - x));
        }
        largest = fmax(largest, y);
        if (near <= room) edge = fmax(edge, y);
    }
    /* exp(-R^2 / 2 tau^2) at R = 4 tau, seen within a tenth of R from the end */
    if (edge > exp(-0.5 * 3.6 * 3.6) * largest)
        sb_monitor_warn(
            monitor,
            "the target is %.2g of its maximum near the ends of the domain: the window is too small for the "
            "equation 'heat' (R / tau < 4 for packets), whose error is then about %.1g",
            edge / largest, 0.3 * edge / largest);
}

static sb_status check_sources(const sb_setup *setup)
{
    const sb_texts *sources = &setup->config->forecast_sources;
    for (size_t i = 0; i < sources->n; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(sources->v[i], sources->v[j]) == 0)
                return sb_fail(SB_ERR_INPUT, "forecast.sources names '%s' twice", sources->v[i]);
        sb_status status = sb_source_find(sources->v[i])->check(setup);
        if (status != SB_OK) return sb_fail(SB_ERR_INPUT, "forecast.sources: %s", sb_error_text());
    }
    return SB_OK;
}

size_t sb_draw_count(const sb_setup *setup)
{
    const sb_config *config = setup->config;
    return setup->deterministic || config->forecast_sources.n == 0 ? 0 : (size_t)config->forecast_draws;
}

static sb_status find_largest_step(sb_setup *setup)
{
    sb_status status = SB_OK;
    size_t n = setup->problem.n;
    double rate = 0;
    uint64_t seed = (uint64_t)setup->config->seeds_first;
    const sb_source *infinite = sb_source_find("ntk.infinite"), *empirical = sb_source_find("ntk.empirical");
    double *gram = malloc(n * n * sizeof *gram);
    if (!gram)
        return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", n, 8e-9 * (double)(n * n));
    status = infinite->check(setup) == SB_OK ? infinite->gram(setup, seed, gram) : SB_ERR_UNSUPPORTED;
    if (status == SB_ERR_UNSUPPORTED || status == SB_ERR_NUMERIC) /* a law that no average covers */
        status = empirical->gram(setup, seed, gram);
    SB_TRY(status);
    SB_TRY(sb_kernel_largest_rate(gram, &setup->problem, &rate));
    sb_rule rule = sb_rule_of_form(SB_FORM_GD, &setup->problem);
    setup->largest_step = sb_rule_largest_step(&rule, rate);
done:
    free(gram);
    return status;
}

double sb_memory_estimate(const sb_setup *setup)
{
    const sb_config *config = setup->config;
    double n = (double)setup->problem.n, modes = 0;
    for (size_t s = 0; s < config->forecast_sources.n; s++)
        if (strcmp(config->forecast_sources.v[s], "lfp") == 0) modes = (double)config->forecast_modes;
    double bands = (double)sb_draw_count(setup) * (double)setup->problem.nt * (double)setup->problem.grid.n;
    double weights = 4 * (2 + (double)setup->problem.dim) * (double)config->net_width;
    return 8 * (bands + (9 + (double)sb_effect_nodes(&setup->problem)) * n * n + 4 * n * modes + 1536 * n + weights);
}

static sb_status check_memory(const sb_setup *setup)
{
    double need = sb_memory_estimate(setup), have = sb_memory();
    if (need <= have) return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "this needs about %.1f GB of memory, the machine has %.1f GB: reduce data.n, net.width or "
                   "forecast.modes",
                   1e-9 * need, 1e-9 * have);
}

static sb_status check_stable(sb_setup *setup)
{
    sb_status status = find_largest_step(setup);
    if (status == SB_OK && setup->problem.eta > setup->largest_step)
        status = sb_fail(SB_ERR_INPUT, "train.eta = %g diverges: the largest stable step is 2/lambda_max = %.4g",
                         setup->problem.eta, sb_rule_printed_step(setup->largest_step));
    return status;
}

/* What only experiments of kind "learn" do. */
static sb_status check_kind(const sb_config *config)
{
    const char *other = NULL;
    if (!sb_net_kind_find(config->net_kind)) other = "net.kind = \"layers\"";
    if (strcmp(config->train_optimizer, "gd") != 0) other = "an optimiser other than gd";
    if (strcmp(config->net_parametrisation, "mean_field") == 0) other = "the mean-field parametrisation";
    if (strcmp(config->data_map, "none") != 0) other = "data.map";
    return other ? sb_fail(SB_ERR_INPUT, "%s needs an experiment of kind \"learn\"", other) : SB_OK;
}

static void warn_of_kinks(const sb_setup *setup, const sb_monitor *monitor)
{
    sb_net net = {0};
    if (!setup->deterministic || sb_net_init(&setup->net, 0, SB_STREAM_TRAIN, &net) != SB_OK) return;
    if (sb_net_kink_distance(&net, setup->problem.n, setup->problem.x) < 1e-9 * setup->net.shift_range)
        sb_monitor_warn(monitor, "kinks of the quiet start lie on data points; choose a width that puts them between");
    sb_net_clear(&net);
}

sb_status sb_setup_data(const sb_config *config, const sb_monitor *monitor, sb_setup *setup)
{
    sb_status status = SB_OK;
    if (!sb_points_find(config->data_kind))
        return sb_fail(SB_ERR_INPUT, "data.kind = \"%s\" is a data set, which an experiment of kind \"learn\" takes",
                       config->data_kind);
    if (config->data_n == 0 && strcmp(config->data_kind, "list") != 0)
        return sb_fail(SB_ERR_INPUT, "data.n = 0: there are no points");
    SB_TRY(make_points(config, monitor, setup));
    SB_TRY(make_target(config, &setup->problem));
    SB_TRY(make_grid(config, &setup->problem));
done:
    return status;
}

sb_status sb_setup_create(const sb_config *config, const sb_monitor *monitor, sb_setup *setup)
{
    sb_status status = SB_OK;
    memset(setup, 0, sizeof *setup);
    setup->config = config;
    SB_TRY(sb_setup_data(config, monitor, setup));
    SB_TRY(check_kind(config));
    SB_TRY(sb_problem_observe(&setup->problem));
    SB_TRY(check_field(config, &setup->problem));
    SB_TRY(make_times(config, &setup->problem));
    SB_TRY(make_net(config, setup));
    make_law(config, setup);
    SB_TRY(check_memory(setup));
    SB_TRY(sb_spectrum_create(&setup->problem, SB_ROUTE_AUTO, &setup->spectrum));
    SB_TRY(check_sources(setup));
    SB_TRY(check_stable(setup));
    warn_of_kinks(setup, monitor);
    warn_of_window(setup, monitor);
    if (setup->net.density && config->init_table_w.n > 0 && !strstr(config->init_density, "table"))
        sb_monitor_warn(monitor, "init.table is not used: init.density = \"%s\"", config->init_density);
done:
    if (status != SB_OK) sb_setup_clear(setup);
    return status;
}

void sb_setup_clear(sb_setup *setup)
{
    sb_problem_clear(&setup->problem);
    for (size_t d = 0; d < SB_MOST_DIMENSIONS; d++) sb_density_clear(&setup->density[d]);
    sb_density_clear(&setup->points);
    sb_spectrum_destroy(&setup->spectrum);
    *setup = (sb_setup){0};
}
