/* Keys -> network: a sum over units with its law, or a list of layers; and one of them at its start or on its way. */
#include "experiment/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "experiment/case.h"
#include "experiment/stage.h"

/* ---- sums over units ---- */

/* "gaussian(4.5) x gaussian(6)": a density for each axis; a single one stands for all. */
static sb_status make_density(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    size_t dim = cas->problem.dim, parts = 0;
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
        if (parts < dim) SB_TRY(sb_density_parse(part, &table, &cas->density[parts]));
        parts++;
    }
    if (parts != 1 && parts != dim)
        status = sb_fail(SB_ERR_INPUT, "\"%s\" has %zu axes, the data have %zu", config->init_density, parts, dim);
    SB_TRY(status);
    for (; parts < dim; parts++) SB_TRY(sb_density_parse(config->init_density, &table, &cas->density[parts]));
done:
    free(text);
    return status == SB_OK ? SB_OK : sb_fail(status, "init.density: %s", sb_error_text());
}

static sb_status make_units(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    cas->net = (sb_net_spec){.kind = sb_net_kind_find(config->net_kind),
                             .dim = cas->problem.dim,
                             .width = (size_t)config->net_width,
                             .standard = strcmp(config->net_parametrisation, "standard") == 0,
                             .gain = config->net_gain,
                             .out = sb_law_find(config->init_out),
                             .out_scale = config->init_out_scale,
                             .antisymmetric = config->init_antisymmetric};
    if (sb_net_kind_features(cas->net.kind)) {
        SB_TRY(make_density(config, cas));
        cas->net.density = cas->density;
        cas->net.frozen = config->net_frozen;
    } else {
        cas->net.activation = sb_activation_find(config->net_activation);
        cas->net.in = sb_law_find(config->init_in);
        cas->net.in_scale = config->init_in_scale;
        cas->net.shift_range = config->init_shift_range;
    }
    cas->net.quiet = config->init_quiet;
    cas->deterministic = config->init_quiet;
    cas->random_output = !sb_net_starts_at_zero(&cas->net);
    status = sb_net_check(&cas->net);
    if (status == SB_ERR_UNSUPPORTED) status = sb_fail(SB_ERR_INPUT, "%s", sb_error_text());
    SB_TRY(status);
    if (config->forecast_draw_width == 0) return SB_OK;
    sb_net_spec draws = cas->net;
    draws.width = (size_t)config->forecast_draw_width;
    status = sb_net_check(&draws);
    if (status != SB_OK) status = sb_fail(status, "forecast.draw_width: %s", sb_error_text());
done:
    return status;
}

/* The law, for theories and infinite-width kernels: each averages over it by itself. */
static void make_law(const sb_config *config, sb_case *cas)
{
    const sb_net_spec *net = &cas->net;
    double out2 = net->out_scale * net->out_scale * net->out->second_moment;
    bool exact = strcmp(config->forecast_method, "exact") == 0;
    double gain = net->gain * net->gain * (net->standard ? (double)net->width : 1);
    cas->law =
        (sb_net_law){.net = config->net_kind, .dim = net->dim, .out2 = out2, .gain = gain, .frozen = net->frozen};
    cas->theory = (sb_theory_params){.net = config->net_kind,
                                     .points = cas->theory.points,
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
    cas->law.density = cas->theory.density = net->density;
    if (net->activation) {
        double in2 = net->in_scale * net->in_scale * net->in->second_moment;
        cas->law.in2 = in2;
        cas->law.range = cas->theory.range = net->shift_range;
        cas->law.activation = cas->theory.activation = net->activation->name;
        cas->law.kinked = net->activation->kinked;
        cas->law.evaluate = net->activation->evaluate;
        cas->law.in = cas->theory.in = net->in;
        cas->law.in_scale = cas->theory.in_scale = net->in_scale;
        cas->theory.c4 = gain * (in2 + out2);
        cas->theory.c2 = gain * in2 * out2;
    }
    cas->infinite = sb_kernel_for(&cas->law) != NULL;
    if (!cas->infinite) sb_format(cas->unlike, sizeof cas->unlike, "none is one of net %s", cas->law.net);
}

/* ---- lists of layers ---- */

/* A layer as it was written, with `factor` times its units. */
static void widen_text(const char *text, double factor, char *wider, size_t size)
{
    const char *number = text + strcspn(text, "0123456789"), *open = strchr(text, '(');
    if (!open || number < open) {
        sb_format(wider, size, "%s", text);
        return;
    }
    char *end;
    double units = round(factor * sb_text_real(number, &end));
    sb_format(wider, size, "%.*s%.0f%s", (int)(number - text), text, units < 1 ? 1 : units, end);
}

static bool has_units(const char *text)
{
    return strncmp(text, "dense(", 6) == 0 || strncmp(text, "conv", 4) == 0 || strncmp(text, "fourier(", 8) == 0;
}

/* The layers as they are written; where factor is not 1, all with units but the last are so many times as wide. Texts
 * to be freed, as is the list. */
static char **layers_of_width(const sb_texts *layers, double factor)
{
    size_t last = 0;
    char **text = calloc(layers->n + 1, sizeof *text), wider[128];
    bool all = text != NULL;
    for (size_t i = 0; i < layers->n; i++)
        if (has_units(layers->v[i])) last = i;
    for (size_t i = 0; i < layers->n && all; i++) {
        bool widen = factor != 1 && i < last && has_units(layers->v[i]);
        if (widen) widen_text(layers->v[i], factor, wider, sizeof wider);
        text[i] = strdup(widen ? wider : layers->v[i]);
        all = text[i] != NULL;
    }
    if (all) return text;
    for (size_t i = 0; text && i < layers->n; i++) free(text[i]);
    free(text);
    sb_fail(SB_ERR_NOMEM, "no memory for a network");
    return NULL;
}

static sb_status make_model(const sb_config *config, sb_shape input, double factor, sb_model **model)
{
    char **layer = layers_of_width(&config->net_layers, factor);
    if (!layer) return SB_ERR_NOMEM;
    sb_model_spec spec = {.input = input,
                          .layers = config->net_layers.n,
                          .layer = (const char *const *)layer,
                          .parametrisation = config->net_parametrisation,
                          .gain = config->net_gain,
                          .weights = config->init_weights,
                          .biases = config->init_biases,
                          .shift_range = config->init_shift_range,
                          .density = config->init_density,
                          .antisymmetric = config->init_antisymmetric,
                          .single = strcmp(config->net_precision, "single") == 0};
    sb_status status = sb_model_create(&spec, model);
    for (size_t i = 0; i < config->net_layers.n; i++) free(layer[i]);
    free(layer);
    return status == SB_OK ? SB_OK : sb_fail(status, "net.layers: %s", sb_error_text());
}

static sb_status make_layers(const sb_config *config, sb_case *cas)
{
    sb_status status = make_model(config, cas->data.input, 1, &cas->model);
    if (status != SB_OK) return status;
    size_t gives = sb_model_outputs(cas->model);
    if (gives != cas->outputs)
        return sb_fail(SB_ERR_INPUT, "net.layers: the network gives %zu numbers, %zu are wanted", gives, cas->outputs);
    cas->theory.net = cas->law.net = "layers";
    cas->random_output = !config->init_antisymmetric;
    cas->theory.net = config->net_kind;
    cas->infinite = sb_model_wide_law(cas->model, &cas->wide) == SB_OK;
    if (!cas->infinite) sb_format(cas->unlike, sizeof cas->unlike, "%s", sb_error_text());
    return SB_OK;
}

sb_status sb_case_network(const sb_config *config, sb_case *cas)
{
    if (strcmp(config->net_kind, "layers") == 0) return make_layers(config, cas);
    sb_status status = make_units(config, cas);
    if (status == SB_OK) make_law(config, cas);
    return status;
}

/* ---- one network ---- */

static sb_status start_units(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, sb_network *network)
{
    sb_net_spec spec = cas->net;
    size_t step = (spec.antisymmetric ? 2 : 1) * (spec.quiet ? 4 : 1);
    if (factor != 1) spec.width = (size_t)fmax(1, round(factor * (double)spec.width / (double)step)) * step;
    return sb_net_init(&spec, seed, stream, &network->units);
}

sb_status sb_network_start(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, sb_network *network)
{
    sb_status status = SB_OK;
    *network = (sb_network){.cas = cas, .model = cas->model};
    if (!cas->model) return start_units(cas, factor, seed, stream, network);
    if (factor != 1) {
        SB_TRY(make_model(cas->config, cas->data.input, factor, &network->own));
        network->model = network->own;
    }
    size_t parameters = sb_model_parameters(network->model);
    network->theta = malloc(parameters * sizeof *network->theta);
    if (!network->theta) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", parameters));
    sb_model_start(network->model, seed, stream, network->theta);
    for (size_t i = 0; sb_model_single(network->model) && i < parameters; i++)
        network->theta[i] = (float)network->theta[i]; /* as training has them */
done:
    if (status != SB_OK) sb_network_clear(network);
    return status;
}

void sb_network_clear(sb_network *network)
{
    sb_net_clear(&network->units);
    sb_model_destroy(&network->own);
    free(network->theta);
    *network = (sb_network){0};
}

sb_status sb_network_outputs(const sb_network *network, size_t n, const double *x, double *h)
{
    if (!network->model) return sb_net_forward(&network->units, n, x, h);
    return sb_model_evaluate(network->model, network->theta, n, x, h);
}

sb_status sb_network_residual(const sb_network *network, double *u)
{
    const sb_case *cas = network->cas;
    const sb_dataset *set = &cas->data;
    sb_status status = SB_OK;
    memset(u, 0, cas->n * cas->outputs * sizeof *u);
    if (cas->random_output) status = sb_network_outputs(network, cas->n, set->x, u);
    for (size_t i = 0; i < cas->n * cas->outputs; i++) u[i] -= (set->reference ? set->reference : set->y)[i];
    return status;
}

size_t sb_network_parameters(const sb_network *network)
{
    const sb_net *net = &network->units;
    return network->model ? sb_model_parameters(network->model) : net->trained * net->width;
}

sb_status sb_network_gradient(const sb_network *network, const double *g, double *gradient)
{
    const sb_case *cas = network->cas;
    if (!network->model) return sb_net_gradient(&network->units, cas->n, cas->data.x, g, gradient);
    memset(gradient, 0, sb_network_parameters(network) * sizeof *gradient);
    return sb_model_gradient(network->model, network->theta, cas->n, cas->data.x, g, gradient);
}

double *sb_network_weight(const sb_network *network, size_t i)
{
    const sb_net *net = &network->units;
    return network->model ? network->theta + i : net->theta + i / net->width * net->padded + i % net->width;
}

/* ---- its kernel ---- */

sb_status sb_network_gram_of(const sb_network *network, size_t first, size_t count, double *gram)
{
    const sb_case *cas = network->cas;
    const sb_net *net = &network->units;
    size_t n = cas->n;
    sb_jacobian jacobian = {.dim = net->spec.dim,
                            .first = first,
                            .units = count,
                            .per_unit = net->trained,
                            .columns = sb_net_columns,
                            .context = net};
    sb_status status = sb_gram_empirical(&jacobian, n, cas->data.x, 1, gram);
    /* without the factor width^-1/2 a kernel grows with the width: give it that of the trained network */
    if (status == SB_OK && net->spec.standard && net->width != cas->net.width)
        for (size_t i = 0; i < n * n; i++) gram[i] *= (double)cas->net.width / (double)net->width;
    return status;
}

static sb_status layers_gram(const sb_network *network, size_t per_row, size_t threads, const sb_monitor *monitor,
                             size_t n, size_t m, const double *x1, double *gram)
{
    sb_factors factors = {0};
    sb_status status = sb_model_factors(network->model, network->theta, &factors);
    sb_gram_spec spec = {.factors = &factors,
                         .outputs = per_row > 1 ? SB_OUTPUTS_FULL : SB_OUTPUTS_MEAN,
                         .threads = threads,
                         .monitor = monitor};
    const double *x = network->cas->data.x;
    if (status == SB_OK)
        status = x1 ? sb_gram_layers_cross(&spec, m, x1, n, x, gram) : sb_gram_layers(&spec, n, x, gram);
    sb_factors_clear(&factors);
    return status;
}

sb_status sb_network_gram(const sb_network *network, size_t n, size_t per_row, size_t threads,
                          const sb_monitor *monitor, double *gram)
{
    if (!network->model) return sb_network_gram_of(network, 0, network->units.width, gram);
    return layers_gram(network, per_row, threads, monitor, n, 0, NULL, gram);
}

/* The part of the kernel on data and other points together. */
static sb_status units_cross(const sb_network *network, size_t threads, size_t m, const double *x1, double *cross)
{
    const sb_case *cas = network->cas;
    const sb_net *net = &network->units;
    size_t n = cas->n, all = n + m, dim = cas->inputs;
    double *x = malloc(all * dim * sizeof *x), *gram = malloc(all * all * sizeof *gram);
    sb_status status = x && gram ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", all);
    SB_TRY(status);
    memcpy(x, cas->data.x, n * dim * sizeof *x);
    memcpy(x + n * dim, x1, m * dim * sizeof *x);
    sb_jacobian jacobian = {
        .dim = dim, .units = net->width, .per_unit = net->trained, .columns = sb_net_columns, .context = net};
    SB_TRY(sb_gram_empirical(&jacobian, all, x, threads, gram));
    for (size_t i = 0; i < m; i++) memcpy(cross + i * n, gram + (n + i) * all, n * sizeof *cross);
done:
    free(x);
    free(gram);
    return status;
}

sb_status sb_network_cross(const sb_network *network, size_t per_row, size_t threads, size_t m, const double *x1,
                           double *cross)
{
    if (!network->model) return units_cross(network, threads, m, x1, cross);
    return layers_gram(network, per_row, threads, NULL, network->cas->n, m, x1, cross);
}

/* ---- infinite width ---- */

/* K of one output on the diagonal of outputs: those of an infinitely wide network do not couple. */
static void spread_outputs(size_t m, size_t n, size_t per_row, const double *one, double *gram)
{
    memset(gram, 0, m * n * per_row * per_row * sizeof *gram);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t o = 0; o < per_row; o++)
                gram[(i * per_row + o) * n * per_row + j * per_row + o] = one[i * n + j];
}

/* Rows x1[m], columns the data; x1 = NULL: the data with themselves. */
static sb_status wide_gram(const sb_case *cas, const sb_wide_law *wide, size_t per_row, size_t m, const double *x1,
                           double *gram)
{
    size_t n = cas->n, threads = (size_t)cas->config->train_threads;
    const double *x = cas->data.x, *rows = x1 ? x1 : x, *columns = x1 ? x : NULL;
    if (!x1) m = n;
    if (!cas->model) return sb_gram_infinite(sb_kernel_for(&cas->law), &cas->law, m, rows, n, columns, threads, gram);
    double *one = per_row > 1 ? malloc(m * n * sizeof *one) : gram;
    if (!one) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    sb_status status = sb_gram_wide(wide, m, rows, n, columns, threads, one);
    if (status == SB_OK && per_row > 1) spread_outputs(m, n, per_row, one, gram);
    if (one != gram) free(one);
    return status;
}

sb_status sb_case_wide_gram(const sb_case *cas, double factor, size_t per_row, size_t m, const double *x1, double *gram)
{
    sb_status status = SB_OK;
    sb_model *model = NULL;
    sb_wide_law wide = {0};
    if (!cas->infinite) return sb_fail(SB_ERR_UNSUPPORTED, "no infinite-width kernel: %s", cas->unlike);
    if (!cas->model || factor == 1) return wide_gram(cas, &cas->wide, per_row, m, x1, gram);
    SB_TRY(make_model(cas->config, cas->data.input, factor, &model));
    SB_TRY(sb_model_wide_law(model, &wide));
    SB_TRY(wide_gram(cas, &wide, per_row, m, x1, gram));
done:
    sb_wide_law_clear(&wide);
    sb_model_destroy(&model);
    return status;
}
