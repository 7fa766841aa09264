#include "networks.h"

#include <stdio.h>

#include <specbias/kernel.h>

#include "test.h"

sb_status create_model(const unit_spec *spec, sb_model **model)
{
    size_t copies = spec->antisymmetric ? 2 : 1, units = spec->width / copies;
    char first[96], last[96];
    bool features = !spec->activation;
    snprintf(last, sizeof last, "dense(1, nobias, %s(%.17g))", spec->out->name, spec->out_scale);
    if (features)
        snprintf(first, sizeof first, "fourier(%zu%s)", units, spec->frozen ? ", frozen" : "");
    else
        snprintf(first, sizeof first, "shifted(%zu, %s(%.17g))", units, spec->in->name, spec->in_scale);
    const char *const layer[3] = {first, features ? last : spec->activation, last};
    double gain = spec->standard ? sqrt((double)copies) : features ? sqrt(2) : 1; /* fan-in: cosines and sines */
    return sb_model_create(&(sb_model_spec){.input = {1, 1, spec->dim},
                                            .layers = features ? 2 : 3,
                                            .layer = layer,
                                            .parametrisation = spec->standard ? "standard" : "ntk",
                                            .gain = spec->gain * gain,
                                            .weights = "",
                                            .biases = "",
                                            .shift_range = spec->shift_range,
                                            .density = spec->density_text,
                                            .antisymmetric = spec->antisymmetric,
                                            .quiet = spec->quiet},
                           model);
}

static network empty_network(const unit_spec *spec)
{
    network net = {.spec = *spec};
    assert_ok(create_model(spec, &net.model));
    net.parameters = sb_model_parameters(net.model);
    net.copies = sb_model_two_layer(net.model, net.part);
    assert_int_equal(net.copies, spec->antisymmetric ? 2 : 1);
    net.theta = new_doubles(net.parameters);
    return net;
}

network make_network(const unit_spec *spec, uint64_t seed, sb_stream stream)
{
    network net = empty_network(spec);
    sb_model_start(net.model, seed, stream, net.theta);
    return net;
}

network copy_network(const network *net)
{
    network copy = empty_network(&net->spec);
    memcpy(copy.theta, net->theta, net->parameters * sizeof *copy.theta);
    return copy;
}

void clear_network(network *net)
{
    sb_model_destroy(&net->model);
    free(net->theta);
    *net = (network){0};
}

/* Copies are side by side in `units`; the second of a network is taken off. */
void weights_of_units(const network *net, const unit_sum *units, double *theta)
{
    size_t dim = units->spec.dim, m = units->width;
    for (size_t c = 0; c < net->copies; c++)
        for (size_t i = 0; i < net->part[c].units; i++) {
            const sb_two_layer *part = &net->part[c];
            size_t j = net->copies * i + c;
            double sign = c == 0 ? 1 : -1;
            theta[part->out + i] = sign * units->theta[j];
            if (part->out_sine != SIZE_MAX) theta[part->out_sine + i] = sign * units->sine[j];
            if (part->shift != SIZE_MAX) theta[part->shift + i] = units->shift[j];
            for (size_t d = 0; d < dim; d++)
                theta[part->in + i * dim + d] = units->activation ? units->in[j] : units->freq[d * m + j];
        }
}

network network_of_units(const unit_sum *units)
{
    network net = empty_network(&units->spec);
    weights_of_units(&net, units, net.theta);
    return net;
}

void outputs_of(const network *net, size_t n, const double *x, double *h)
{
    assert_ok(sb_model_evaluate(net->model, net->theta, n, x, h));
}

void gram_of_model(const sb_model *model, const double *theta, size_t n, const double *x, size_t threads, double *gram)
{
    sb_factors factors = {0};
    assert_ok(sb_model_factors(model, theta, &factors));
    assert_ok(sb_gram_layers(&(sb_gram_spec){.factors = &factors, .threads = threads}, n, x, gram));
    sb_factors_clear(&factors);
}

void gram_of(const network *net, size_t n, const double *x, size_t threads, double *gram)
{
    gram_of_model(net->model, net->theta, n, x, threads, gram);
}

unit_spec standard_net(const char *activation, size_t width, bool quiet)
{
    const sb_law *law = sb_law_find("two_point");
    return (unit_spec){
        .dim = 1,
        .gain = 1,
        .activation = activation,
        .width = width,
        .in = law,
        .out = law,
        .in_scale = 2,
        .out_scale = 2,
        .shift_range = 1,
        .antisymmetric = true,
        .quiet = quiet,
    };
}

typedef struct recorder {
    const training *how;
    const sb_problem *problem;
} recorder;

static sb_status record(void *context, const sb_fit_state *state)
{
    const recorder *r = context;
    const sb_problem *problem = r->problem;
    double *u = r->how->u + state->record * problem->n;
    assert_true(state->record < problem->nt);
    for (size_t i = 0; i < problem->n; i++) u[i] = state->h[i] - problem->y[i];
    return r->how->look ? r->how->look(r->how->context, state) : SB_OK;
}

sb_status train(network *net, const sb_problem *problem, training *how)
{
    sb_dataset set = {0};
    sb_loss *loss = NULL;
    sb_loss_spec kind = {.kind = "mse", .factor = "half_mean", .weights = "quadrature"};
    recorder r = {how, problem};
    double sum = 0;
    how->u = new_doubles(problem->nt * problem->n);
    assert_ok(sb_dataset_of_problem(problem, false, &set));
    for (size_t i = 0; i < problem->n; i++) sum += set.q[i] = problem->c[i];
    assert_near(sum, 1, 1e-13);
    assert_ok(sb_loss_create(&kind, &set, &loss));
    sb_fit_spec spec = {.model = net->model,
                        .set = &set,
                        .loss = loss,
                        .rule = sb_rule_find(how->rule ? how->rule : "gd"),
                        .schedule = sb_schedule_find("constant"),
                        .method = how->method,
                        .tolerance = how->tolerance,
                        .eta = problem->eta,
                        .steps = (size_t)problem->step[problem->nt - 1],
                        .nt = problem->nt,
                        .record_step = problem->step,
                        .threads = how->threads,
                        .route = how->route ? how->route : "auto",
                        .recorder = record,
                        .context = &r,
                        .notes = how->notes,
                        .notes_size = how->notes_size,
                        .checkpoint = how->checkpoint,
                        .identity = "test"};
    sb_status status = sb_fit(&spec, how->monitor, net->theta, &how->result);
    sb_loss_destroy(&loss);
    sb_dataset_clear(&set);
    if (status != SB_OK) free(how->u), how->u = NULL;
    return status;
}
