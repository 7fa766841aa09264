/* Keys -> network: a list of layers, which a sum over units (net.kind) is, too; and one of them at its start or on its
 * way. */
#include "case/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/text.h"
#include "case/case.h"
#include "case/start.h"

/* ---- what net.kind says as a list of layers ---- */

enum { LONGEST = 96 }; /* of a layer's text */

/* A sum over units, `net.kind` two_layer or fourier, as layers. */
typedef struct written {
    size_t layers;
    char text[3][LONGEST];
    const char *layer[3];
} written;

static bool is_features(const sb_config *config)
{
    return strcmp(config->net_kind, "fourier") == 0;
}

static size_t copies_of(const sb_config *config)
{
    return config->init_antisymmetric ? 2 : 1;
}

/* What a list of layers could not say in the words of these keys. */
static sb_status check_units(const sb_config *config, const char *key, int64_t width, size_t inputs)
{
    bool features = is_features(config), quiet = config->init_quiet, twice = config->init_antisymmetric;
    int64_t unit = (int64_t)copies_of(config) * (quiet ? 4 : 1);
    if (strcmp(config->net_parametrisation, "mean_field") == 0)
        return sb_fail(SB_ERR_INPUT, "net.parametrisation: mean_field is one of net.kind = \"layers\"");
    if (!features && inputs != 1) return sb_fail(SB_ERR_INPUT, "a two_layer network has inputs of one dimension");
    if (!features && config->init_out_scale == 0)
        return sb_fail(SB_ERR_INPUT, "scales and the range of the shifts must be positive");
    if (width % unit != 0)
        return sb_fail(SB_ERR_INPUT, "%swidth %lld is not a multiple of %lld (%s%s%s)", key, (long long)width,
                       (long long)unit, twice ? "two antisymmetric copies" : "", twice && quiet ? " of " : "",
                       quiet ? "four sign pairs" : "");
    bool fixed = strcmp(config->init_in, "two_point") == 0 && strcmp(config->init_out, "two_point") == 0;
    if (quiet && !fixed)
        return sb_fail(SB_ERR_INPUT, "a quiet start needs weights of fixed size: the law two_point for in and out");
    if (config->init_table_w.n != config->init_table_rho.n)
        return sb_fail(SB_ERR_INPUT, "init.density: init.table_w has %zu values, init.table_rho %zu",
                       config->init_table_w.n, config->init_table_rho.n);
    return SB_OK;
}

/* h = scale sum out s(in (x + shift)) or scale sum a cos(w . x) + b sin(w . x) of both antisymmetric copies */
static void write_units(const sb_config *config, written *net)
{
    size_t units = (size_t)config->net_width / copies_of(config);
    if (is_features(config))
        sb_format(net->text[0], LONGEST, "fourier(%zu%s)", units, config->net_frozen ? ", frozen" : "");
    else
        sb_format(net->text[0], LONGEST, "shifted(%zu, %s(%.17g))", units, config->init_in, config->init_in_scale);
    sb_format(net->text[1], LONGEST, "%s", config->net_activation);
    sb_format(net->text[2], LONGEST, "dense(1, nobias, %s(%.17g))", config->init_out, config->init_out_scale);
    net->layers = is_features(config) ? 2 : 3;
    net->layer[0] = net->text[0];
    net->layer[1] = net->text[is_features(config) ? 2 : 1];
    net->layer[2] = net->text[2];
}

/* The factor that makes the output of the layers that of the sum: fan-in of features counts cosines and sines, and
 * antisymmetric copies have a factor of their own. */
static double gain_of_units(const sb_config *config)
{
    if (strcmp(config->net_parametrisation, "standard") == 0) return sqrt((double)copies_of(config));
    return is_features(config) ? M_SQRT2 : 1;
}

static bool is_single(const sb_config *config)
{
    return strcmp(config->net_precision, "single") == 0;
}

static sb_status make_model(const sb_config *config, sb_shape input, double factor, bool single, sb_model **model)
{
    written net;
    bool layers = strcmp(config->net_kind, "layers") == 0;
    sb_density_table table = {config->init_table_w.n, config->init_table_w.v, config->init_table_rho.v};
    if (!layers) write_units(config, &net);
    sb_model_spec spec = {.input = input,
                          .layers = layers ? config->net_layers.n : net.layers,
                          .layer = layers ? (const char *const *)config->net_layers.v : net.layer,
                          .parametrisation = config->net_parametrisation,
                          .gain = config->net_gain * (layers ? 1 : gain_of_units(config)),
                          .weights = layers ? config->init_weights : "",
                          .biases = layers ? config->init_biases : "",
                          .shift_range = config->init_shift_range,
                          .density = config->init_density,
                          .table = &table,
                          .antisymmetric = config->init_antisymmetric,
                          .quiet = !layers && config->init_quiet,
                          .single = single,
                          .widen = factor};
    sb_status status = sb_model_create(&spec, model);
    return status == SB_OK ? SB_OK : sb_fail(status, layers ? "net.layers: %s" : "%s", sb_error_text());
}

sb_status sb_case_model(const sb_case *cas, double factor, sb_model **model)
{
    return make_model(cas->config, cas->data.input, factor, is_single(cas->config), model);
}

/* ---- its law, as frequency equations see it ---- */

#define MISSED 1e-8 /* neurons with |w . x| beyond the range of the biases */

/* A sum over out ReLU(w . x + b), w normal, b uniform. */
static void make_dense(const sb_model *model, sb_theory_params *law)
{
    sb_two_layer part[SB_MOST_COPIES] = {0};
    size_t copies = sb_model_two_layer(model, part);
    bool dense = copies > 0 && part->activation && !part->shifted;
    sb_start_law in = {0}, bias = {0};
    if (dense) in = sb_model_start_in(model, 0);
    if (dense && part->shift != SIZE_MAX) bias = sb_model_start_shift(model);
    double s = part->in_scale * in.size, out = dense ? sb_model_start_out(model).size : 0;
    law->unlike = !dense                                                ? "the network is of another shape"
                  : strcmp(part->activation->name, "relu") != 0         ? "the activation is another"
                  : part->offset != SIZE_MAX                            ? "the output has a bias"
                  : !part->out_trained                                  ? "the output weights are not trained"
                  : strcmp(in.law->name, "gaussian") != 0 || !(s > 0)   ? "the inner weights are not normal"
                  : !bias.law || strcmp(bias.law->name, "uniform") != 0 ? "the biases are not uniform (init.biases)"
                                                                        : NULL;
    if (law->unlike) return;
    law->net = "dense";
    law->gain = (double)(copies * part->units) * part->out_scale * part->out_scale;
    law->out2 = out * out * sb_model_start_out(model).law->second_moment;
    law->along1 = sqrt(2 / M_PI) * s;
    law->along2 = s * s;
    law->along3 = 2 * sqrt(2 / M_PI) * s * s * s;
    law->turns2 = part->in_trained ? part->in_scale * part->in_scale : 0;
    law->shifts2 = part->in_trained ? part->shift_scale * part->shift_scale : 0;
    law->range = part->shift_scale * bias.size;
    law->reach = law->range / (s * sqrt(gsl_cdf_chisq_Qinv(MISSED, (double)part->dim))); /* |w| = s chi_d */
}

/* Of a sum over shifted neurons or features, all of whose output weights are trained, without an output bias, whose
 * constant part of the kernel is in no equation; no other network has one. */
static void make_theory(const sb_config *config, sb_case *cas)
{
    const sb_wide_layer *first = cas->wide.layer, *last = cas->wide.layers > 0 ? first + cas->wide.layers - 1 : NULL;
    bool exact = strcmp(config->forecast_method, "exact") == 0;
    cas->theory = (sb_theory_params){.net = config->net_kind,
                                     .points = cas->theory.points,
                                     .cutoff = config->forecast_cutoff,
                                     .mesh = config->forecast_mesh,
                                     .alias = config->forecast_alias,
                                     .method = exact ? NULL : config->forecast_method,
                                     .max_steps = (size_t)config->forecast_max_steps,
                                     .box = config->forecast_box,
                                     .modes = (size_t)config->forecast_modes,
                                     .tail = config->forecast_tail};
    make_dense(cas->model, &cas->theory);
    bool features = cas->infinite && first->kind == SB_WIDE_FOURIER,
         shifted = cas->infinite && first->kind == SB_WIDE_SHIFTED;
    if (features && cas->wide.layers > 2) cas->theory.deep = &cas->wide;
    if (cas->wide.layers != 2 || !(features || shifted) || !(last->weight_trained > 0)) return;
    if (last->bias_trained > 0) return;
    if (shifted && first->weight_trained != 1) return;
    sb_theory_params *law = &cas->theory;
    law->net = features ? "fourier" : "two_layer";
    law->gain = cas->wide.gain2 * last->weight_trained * first->units / (features ? 2 : 1);
    law->out2 = last->weight2 / last->weight_trained;
    law->density = first->density;
    law->frozen = features && first->weight_trained == 0;
    if (features) return;
    double in2 = first->in_scale * first->in_scale * first->in->second_moment;
    law->activation = first->activation;
    law->in = first->in;
    law->in_scale = first->in_scale;
    law->range = first->range;
    law->c4 = law->gain * (in2 + law->out2);
    law->c2 = law->gain * in2 * law->out2;
}

/* A network of the user's own: of the stand-in only its outputs count, which are 0 at the start. */
static sb_status make_stand_in(const sb_config *config, sb_case *cas)
{
    char text[LONGEST];
    sb_format(text, sizeof text, "dense(%zu)", cas->outputs);
    const char *layer[] = {text};
    sb_model_spec spec = {.input = cas->data.input,
                          .layers = 1,
                          .layer = layer,
                          .parametrisation = config->net_parametrisation,
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .shift_range = 1,
                          .density = config->init_density};
    sb_format(cas->unlike, sizeof cas->unlike, "the network is the user's own");
    cas->external = cas->lawless = true;
    return sb_model_create(&spec, &cas->model);
}

static sb_status find_law(sb_case *cas)
{
    sb_status status = sb_model_wide_law(cas->model, &cas->wide);
    cas->infinite = status == SB_OK;
    if (!cas->infinite) sb_format(cas->unlike, sizeof cas->unlike, "%s", sb_error_text());
    return status == SB_ERR_NOMEM ? status : SB_OK;
}

sb_status sb_case_network(const sb_config *config, sb_case *cas)
{
    sb_status status = SB_OK;
    if (strcmp(config->net_kind, "external") == 0) return make_stand_in(config, cas);
    size_t inputs = sb_shape_size(cas->data.input);
    cas->units = strcmp(config->net_kind, "layers") != 0;
    if (cas->units) SB_TRY(check_units(config, "", config->net_width, inputs));
    if (cas->units && config->forecast_draw_width > 0)
        SB_TRY(check_units(config, "forecast.draw_width: ", config->forecast_draw_width, inputs));
    if (cas->units && config->forecast_draw_width > config->net_width)
        SB_TRY(sb_fail(SB_ERR_INPUT, "forecast.draw_width: networks of width %lld scatter less than that of %lld",
                       (long long)config->forecast_draw_width, (long long)config->net_width));
    SB_TRY(make_model(config, cas->data.input, 0, is_single(config), &cas->model));
    size_t gives = sb_model_outputs(cas->model);
    if (gives != cas->outputs)
        SB_TRY(sb_fail(SB_ERR_INPUT, "net.layers: the network gives %zu numbers, %zu are wanted", gives, cas->outputs));
    cas->deterministic = cas->units && config->init_quiet;
    cas->random_output = !sb_model_starts_at_zero(cas->model);
    SB_TRY(*config->init_file ? sb_start_read(cas) : find_law(cas));
    make_theory(config, cas);
done:
    return status;
}

/* ---- one network ---- */

sb_status sb_network_start(const sb_case *cas, double factor, uint64_t seed, sb_stream stream, sb_network *network)
{
    sb_status status = SB_OK;
    *network = (sb_network){.cas = cas, .model = cas->model};
    if (factor != 1) {
        SB_TRY(sb_case_model(cas, factor, &network->own));
        network->model = network->own;
    }
    size_t parameters = sb_model_parameters(network->model);
    network->theta = malloc(parameters * sizeof *network->theta);
    if (!network->theta) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", parameters));
    if (cas->start)
        SB_TRY(sb_start_take(cas, factor, seed, stream, network->theta));
    else
        sb_model_start(network->model, seed, stream, network->theta);
    for (size_t i = 0; sb_model_single(network->model) && i < parameters; i++)
        network->theta[i] = (float)network->theta[i]; /* as training has them */
done:
    if (status != SB_OK) sb_network_clear(network);
    return status;
}

sb_status sb_network_draft(const sb_network *network, sb_network *draft)
{
    const sb_case *cas = network->cas;
    size_t parameters = sb_network_parameters(network);
    *draft = (sb_network){.cas = cas, .theta = malloc(parameters * sizeof *draft->theta)};
    if (!draft->theta) return sb_fail(SB_ERR_NOMEM, "no memory for %zu parameters", parameters);
    memcpy(draft->theta, network->theta, parameters * sizeof *draft->theta);
    sb_status status = make_model(cas->config, cas->data.input, 0, true, &draft->own);
    draft->model = draft->own;
    if (status != SB_OK) sb_network_clear(draft);
    return status;
}

void sb_network_clear(sb_network *network)
{
    sb_model_destroy(&network->own);
    free(network->theta);
    *network = (sb_network){0};
}

sb_status sb_network_outputs(const sb_network *network, size_t n, const double *x, double *h)
{
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
    return sb_model_parameters(network->model);
}

sb_status sb_network_gradient(const sb_network *network, const double *g, double *gradient)
{
    const sb_case *cas = network->cas;
    memset(gradient, 0, sb_network_parameters(network) * sizeof *gradient);
    return sb_model_gradient(network->model, network->theta, cas->n, cas->data.x, g, gradient);
}

/* ---- its kernel ---- */

static sb_status gram_of(const sb_network *network, const sb_model *model, const double *theta, size_t n,
                         size_t per_row, size_t threads, const sb_monitor *monitor, size_t m, const double *x1,
                         double *gram)
{
    sb_factors factors = {0};
    sb_status status = sb_model_factors(model, theta, &factors);
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
    return gram_of(network, network->model, network->theta, n, per_row, threads, monitor, 0, NULL, gram);
}

sb_status sb_network_gram_of(const sb_network *network, size_t first, size_t count, double *gram)
{
    sb_model *part = NULL;
    double *own = NULL;
    sb_status status = sb_model_part(network->model, network->theta, first, count, &part, &own);
    if (status == SB_OK) status = gram_of(network, part, own, network->cas->n, 1, 1, NULL, 0, NULL, gram);
    sb_model_destroy(&part);
    free(own);
    return status;
}

double sb_network_offset_kernel(const sb_network *network)
{
    sb_two_layer part[SB_MOST_COPIES];
    double sum = 0;
    size_t copies = sb_model_two_layer(network->model, part);
    for (size_t c = 0; c < copies; c++)
        if (part[c].offset != SIZE_MAX && part[c].out_trained) sum += part[c].offset_scale * part[c].offset_scale;
    return sum;
}

size_t sb_network_units(const sb_network *network)
{
    sb_two_layer part[SB_MOST_COPIES];
    return sb_model_two_layer(network->model, part) > 0 ? part->units : 0;
}

sb_status sb_network_cross(const sb_network *network, size_t per_row, size_t threads, size_t m, const double *x1,
                           double *cross)
{
    return gram_of(network, network->model, network->theta, network->cas->n, per_row, threads, NULL, m, x1, cross);
}

sb_status sb_network_rows(const sb_network *network, size_t per_row, size_t threads, size_t first, size_t count,
                          double *panel)
{
    const double *x = network->cas->data.x + first * network->cas->inputs;
    return gram_of(network, network->model, network->theta, first + count, per_row, threads, NULL, count, x, panel);
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

/* Rows x1[m], columns the first n data; x1 = NULL: the data with themselves. */
static sb_status wide_gram(const sb_case *cas, const sb_wide_law *wide, size_t per_row, size_t m, const double *x1,
                           size_t n, double *gram)
{
    size_t threads = (size_t)cas->config->train_threads;
    const double *x = cas->data.x, *rows = x1 ? x1 : x, *columns = x1 ? x : NULL;
    if (!x1) m = n;
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
    if (factor == 1) return wide_gram(cas, &cas->wide, per_row, m, x1, cas->n, gram);
    SB_TRY(sb_case_model(cas, factor, &model));
    SB_TRY(sb_model_wide_law(model, &wide));
    SB_TRY(wide_gram(cas, &wide, per_row, m, x1, cas->n, gram));
done:
    sb_wide_law_clear(&wide);
    sb_model_destroy(&model);
    return status;
}

sb_status sb_case_wide_rows(const sb_case *cas, size_t per_row, size_t first, size_t count, double *panel)
{
    return wide_gram(cas, &cas->wide, per_row, count, cas->data.x + first * cas->inputs, first + count, panel);
}
