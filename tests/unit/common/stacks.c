#include "stacks.h"

#include "test.h"

const stack stacks[] = {
    {"mlp", {1, 1, 3}, {"dense(5)", "tanh", "dense(4, nobias)", "sine", "dense(2)"}},
    {"frozen", {1, 1, 3}, {"dense(5, frozen)", "tanh", "dense(4, scale=0.7)", "gelu", "dense(1, frozen)"}},
    {"middle frozen", {1, 1, 3}, {"dense(5)", "tanh", "dense(4, frozen)", "sigmoid", "dense(2)"}},
    {"shifted", {1, 1, 1}, {"shifted(5)", "tanh", "dense(1, nobias)"}},
    {"shifted behind", {1, 1, 3}, {"dense(1)", "sine", "shifted(4, scale=1.5)", "gelu", "dense(2)"}},
    {"features", {1, 1, 2}, {"fourier(4)", "dense(3)", "tanh", "dense(1)"}},
    {"frozen features", {1, 1, 2}, {"fourier(4, frozen)", "dense(2)"}},
    {"conv1d 1", SEQUENCE, {"conv1d(3, 1)", "tanh", "conv1d(1, 3)"}},
    {"conv1d 2", SEQUENCE, {"conv1d(3, 2)", "tanh", "conv1d(2, 2, circular)"}},
    {"conv1d 3", SEQUENCE, {"conv1d(3, 3)", "tanh", "conv1d(4, 3, nobias)", "tanh", "conv1d(1, 3)"}},
    {"conv1d 5", SEQUENCE, {"conv1d(3, 5, circular)", "tanh", "conv1d(1, 5, circular)"}},
    {"conv1d 4 frozen", SEQUENCE, {"conv1d(3, 4)", "gaussian", "conv1d(1, 4, circular, frozen)"}},
    {"conv1d 12", SEQUENCE, {"conv1d(2, 12, circular)", "tanh", "dense(1)"}},
    {"conv2d 1", IMAGE, {"conv2d(3, 1)", "tanh", "conv2d(1, 1)"}},
    {"conv2d 3", IMAGE, {"conv2d(3, 3)", "tanh", "conv2d(2, 3, circular)"}},
    {"conv2d 4", IMAGE, {"conv2d(3, 4, circular)", "tanh", "conv2d(2, 2)"}},
    {"cnn", {4, 4, 1}, {"conv2d(3, 3)", "tanh", "maxpool(2)", "conv2d(2, 2)", "tanh", "dense(3)"}},
    {"pool 1-D", SEQUENCE, {"conv1d(3, 3)", "maxpool(3)", "tanh", "dense(2)"}},
};
const size_t stack_count = sizeof stacks / sizeof stacks[0];

static size_t count_layers(const stack *s)
{
    size_t n = 0;
    while (n < 8 && s->layer[n]) n++;
    return n;
}

sb_model *make_stack(const stack *s, const char *parametrisation, bool antisymmetric, bool single)
{
    sb_model *model = NULL;
    sb_model_spec spec = {.input = s->input,
                          .layers = count_layers(s),
                          .layer = s->layer,
                          .parametrisation = parametrisation,
                          .gain = antisymmetric ? 1.3 : 1,
                          .weights = "",
                          .biases = "gaussian(0.5)",
                          .shift_range = 1,
                          .density = "gaussian(2)",
                          .antisymmetric = antisymmetric,
                          .single = single};
    assert_ok(sb_model_create(&spec, &model));
    return model;
}

/* Numbers in (-1, 1). */
double *numbers(uint64_t key, size_t n)
{
    double *v = new_doubles(n + 1);
    seed_numbers(key);
    for (size_t i = 0; i < n; i++) v[i] = number_in(-1, 1);
    return v;
}

/* Weights that differ between the copies of an antisymmetric start. */
double *stack_weights(const sb_model *model)
{
    size_t p = sb_model_parameters(model);
    double *theta = new_doubles(p + 1), *off = numbers(3, p);
    sb_model_start(model, 1, SB_STREAM_TRAIN, theta);
    for (size_t i = 0; i < p; i++) theta[i] += 0.1 * off[i];
    free(off);
    return theta;
}
