/* Keys -> problem, network, law, theory: the one place that knows all three modules. */
#include <specbias/experiment.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double cycles_per_unit(const sb_config *config)
{
    if (strcmp(config->target_unit, "angular") == 0) return 0.5 / M_PI;
    if (strcmp(config->target_unit, "index") == 0) return 1 / (config->data_b - config->data_a);
    return 1;
}

static sb_status make_points(const sb_config *config, const sb_monitor *monitor, sb_problem *problem)
{
    bool list = strcmp(config->data_kind, "list") == 0;
    sb_points_spec spec = {.n = list ? config->data_x.n : (size_t)config->data_n,
                           .a = config->data_a,
                           .b = config->data_b,
                           .layout = config->data_points,
                           .seed = (uint64_t)config->data_seed,
                           .x = config->data_x.v};
    if (list && spec.n == 0) return sb_fail(SB_ERR_INPUT, "data.kind = \"list\" needs points in data.x");
    if (!(spec.a < spec.b)) return sb_fail(SB_ERR_INPUT, "data.a = %g must be below data.b = %g", spec.a, spec.b);
    sb_status status = sb_points_make(sb_points_find(config->data_kind), &spec, problem);
    if (status == SB_OK && problem->coincident > 0)
        sb_monitor_warn(monitor,
                        "%zu data points coincide with another: the kernel is singular, and where their values differ "
                        "the difference is never learned",
                        problem->coincident);
    return status;
}

static sb_status matching(const sb_reals *values, size_t n, const char *key)
{
    if (values->n == 0 || values->n == n) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "%s has %zu values for %zu frequencies of target.xi", key, values->n, n);
}

static sb_status make_target(const sb_config *config, sb_problem *problem)
{
    sb_status status = SB_OK;
    size_t terms = config->target_xi.n;
    double *xi = malloc((terms + 1) * sizeof *xi);
    if (!xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", terms);
    for (size_t k = 0; k < terms; k++) xi[k] = config->target_xi.v[k] * cycles_per_unit(config);
    SB_TRY(matching(&config->target_weights, terms, "target.weights"));
    SB_TRY(matching(&config->target_phases, terms, "target.phases"));
    sb_target_spec spec = {.terms = terms,
                           .xi = xi,
                           .weight = config->target_weights.n ? config->target_weights.v : NULL,
                           .phase = config->target_phases.n ? config->target_phases.v : NULL,
                           .amplitude = config->target_amplitude,
                           .values = config->target_y.n,
                           .given_x = strcmp(config->data_kind, "list") == 0 ? config->data_x.v : NULL,
                           .y = config->target_y.v};
    status = sb_target_find(config->target_kind)->fill(&spec, problem);
done:
    free(xi);
    return status;
}

static sb_status make_grid(const sb_config *config, sb_problem *problem)
{
    const sb_reals *label = config->observe_xi.n ? &config->observe_xi : &config->target_xi;
    if (label->n == 0) return sb_fail(SB_ERR_INPUT, "no frequencies to watch: set observe.xi");
    double *xi = malloc(label->n * sizeof *xi);
    if (!xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", label->n);
    for (size_t k = 0; k < label->n; k++) xi[k] = label->v[k] * cycles_per_unit(config);
    sb_status status = sb_problem_set_grid(problem, label->n, xi, label->v, config->target_unit);
    free(xi);
    return status;
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

static sb_status make_net(const sb_config *config, sb_setup *setup)
{
    setup->net = (sb_net_spec){.activation = sb_activation_find(config->net_activation),
                               .width = (size_t)config->net_width,
                               .standard = strcmp(config->net_parametrisation, "standard") == 0,
                               .in = sb_law_find(config->init_in),
                               .out = sb_law_find(config->init_out),
                               .in_scale = config->init_in_scale,
                               .out_scale = config->init_out_scale,
                               .shift_range = config->init_shift_range,
                               .antisymmetric = config->init_antisymmetric,
                               .quiet = config->init_quiet};
    setup->deterministic = config->init_quiet;
    setup->random_output = !config->init_quiet && !config->init_antisymmetric;
    sb_status status = sb_net_check(&setup->net);
    if (status != SB_OK || config->forecast_draw_width == 0) return status;
    sb_net_spec draws = setup->net;
    draws.width = (size_t)config->forecast_draw_width;
    status = sb_net_check(&draws);
    return status == SB_OK ? SB_OK : sb_fail(status, "forecast.draw_width: %s", sb_error_text());
}

/* Moments of the law, for theories and infinite-width kernels. */
static sb_status make_law(const sb_config *config, sb_setup *setup)
{
    const sb_net_spec *net = &setup->net;
    double in2 = net->in_scale * net->in_scale * net->in->second_moment;
    double out2 = net->out_scale * net->out_scale * net->out->second_moment;
    double gain = net->standard ? (double)net->width : 1;
    setup->law = (sb_net_law){.dim = 1,
                              .in2 = in2,
                              .out2 = out2,
                              .range = net->shift_range,
                              .gain = gain,
                              .activation = net->activation->name,
                              .kinked = net->activation->kinked,
                              .evaluate = net->activation->evaluate,
                              .node = setup->node,
                              .weight = setup->weight};
    setup->law.nodes = sb_law_nodes(net->in, net->in_scale, setup->node, setup->weight);
    if (setup->law.nodes == 0) return sb_fail(SB_ERR_NOMEM, "no memory for a quadrature rule");
    setup->theory = (sb_theory_params){.net = config->net_kind,
                                       .gain = gain,
                                       .out2 = out2,
                                       .nodes = setup->law.nodes,
                                       .node = setup->node,
                                       .weight = setup->weight,
                                       .normal = strcmp(net->in->name, "gaussian") == 0 ? net->in_scale : 0,
                                       .activation = net->activation->name,
                                       .c4 = gain * (in2 + out2),
                                       .c2 = gain * in2 * out2,
                                       .range = net->shift_range,
                                       .box = config->forecast_box,
                                       .modes = (size_t)config->forecast_modes,
                                       .tail = config->forecast_tail};
    setup->terms.loss_factor = 1;
    snprintf(setup->terms.parametrisation, sizeof setup->terms.parametrisation, "%s", config->net_parametrisation);
    snprintf(setup->terms.time_unit, sizeof setup->terms.time_unit, "flow");
    return SB_OK;
}

static sb_status check_sources(const sb_setup *setup)
{
    const sb_texts *sources = &setup->config->forecast_sources;
    if (sources->n == 0) return sb_fail(SB_ERR_INPUT, "forecast.sources is empty: nothing would be compared");
    for (size_t i = 0; i < sources->n; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(sources->v[i], sources->v[j]) == 0)
                return sb_fail(SB_ERR_INPUT, "forecast.sources names '%s' twice", sources->v[i]);
        sb_status status = sb_source_find(sources->v[i])->check(setup);
        if (status != SB_OK) return sb_fail(SB_ERR_INPUT, "forecast.sources: %s", sb_error_text());
    }
    return SB_OK;
}

static sb_status find_largest_step(sb_setup *setup)
{
    sb_status status = SB_OK;
    size_t n = setup->problem.n;
    double rate = 0;
    const sb_source *source = sb_source_find(sb_kernel_for(&setup->law) ? "ntk.infinite" : "ntk.empirical");
    double *gram = malloc(n * n * sizeof *gram);
    if (!gram)
        return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points (%.1f GB)", n, 8e-9 * (double)(n * n));
    SB_TRY(source->gram(setup, (uint64_t)setup->config->seeds_first, gram));
    SB_TRY(sb_kernel_largest_rate(gram, &setup->problem, &rate));
    double scale = pow(10, 3 - floor(log10(2 / rate)));
    setup->largest_step =
        floor(2 / rate * scale) / scale; /* the nearest double to four digits, as a reader of them gets it */
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
    double bands = (double)config->forecast_draws * (double)setup->problem.nt * (double)setup->problem.grid.n;
    return 8 * (bands + 9 * n * n + 4 * n * modes + 1536 * n + 12 * (double)config->net_width);
}

static sb_status check_memory(const sb_setup *setup)
{
    double need = sb_memory_estimate(setup), have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
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
                         setup->problem.eta, setup->largest_step);
    return status;
}

double sb_expected_laziness(const sb_setup *setup)
{
    const sb_problem *problem = &setup->problem;
    const sb_net_spec *net = &setup->net;
    double slope2 = 0, width = (double)net->width, among = (problem->b - problem->a) / (2 * net->shift_range);
    if (!net->activation->kinked || problem->n < 2) return NAN;
    for (size_t i = 1; i < problem->n; i++) {
        double gap = fmax(problem->x[i] - problem->x[i - 1], problem->min_gap);
        slope2 += pow((problem->y[i] - problem->y[i - 1]) / gap, 2) / (double)(problem->n - 1);
    }
    double size = net->in_scale * net->in->mean_abs * net->out_scale * net->out->mean_abs;
    double shift = 2 * net->shift_range * sqrt(slope2) / (sqrt(width) * size);
    if (net->standard) shift /= sqrt(width);
    return shift * sqrt(fmin(among, 1)) / problem->min_gap;
}

/* The name becomes a directory's. */
static sb_status check_name(const char *name)
{
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (*name && *name != '.' && strlen(name) < 200 && strspn(name, allowed) == strlen(name)) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "name = \"%s\" must be letters, digits, '.', '_' and '-', and not start with '.'",
                   name);
}

static void warn_of_kinks(const sb_setup *setup, const sb_monitor *monitor)
{
    sb_net net = {0};
    if (!setup->deterministic || sb_net_init(&setup->net, 0, SB_STREAM_TRAIN, &net) != SB_OK) return;
    if (sb_net_kink_distance(&net, setup->problem.n, setup->problem.x) < 1e-9 * setup->net.shift_range)
        sb_monitor_warn(monitor, "kinks of the quiet start lie on data points; choose a width that puts them between");
    sb_net_clear(&net);
}

sb_status sb_setup_create(const sb_config *config, const sb_monitor *monitor, sb_setup *setup)
{
    sb_status status = SB_OK;
    *setup = (sb_setup){.config = config};
    SB_TRY(check_name(config->experiment_name));
    SB_TRY(make_points(config, monitor, &setup->problem));
    SB_TRY(make_target(config, &setup->problem));
    SB_TRY(make_grid(config, &setup->problem));
    SB_TRY(sb_problem_observe(&setup->problem));
    SB_TRY(make_times(config, &setup->problem));
    SB_TRY(make_net(config, setup));
    SB_TRY(make_law(config, setup));
    SB_TRY(check_memory(setup));
    SB_TRY(sb_spectrum_create(&setup->problem, SB_ROUTE_AUTO, &setup->spectrum));
    SB_TRY(check_sources(setup));
    SB_TRY(check_stable(setup));
    warn_of_kinks(setup, monitor);
done:
    if (status != SB_OK) sb_setup_clear(setup);
    return status;
}

void sb_setup_clear(sb_setup *setup)
{
    sb_problem_clear(&setup->problem);
    sb_spectrum_destroy(&setup->spectrum);
    *setup = (sb_setup){0};
}
