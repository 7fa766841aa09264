/* Kernels of networks of layers against explicit Jacobians and finite differences, for every kind of layer, activation
 * and parametrisation; blocks, threads, single precision. */
#include "common/stacks.h"
#include "common/test.h"

#include <stdio.h>

#include <specbias/kernel.h>

static const char *const parametrisations[] = {"standard", "ntk", "mean_field"};

static double *gram_of(const sb_model *model, const double *theta, size_t n, const double *x, sb_gram_spec spec)
{
    sb_factors factors = {0};
    size_t rows = n * (spec.outputs == SB_OUTPUTS_FULL ? sb_model_outputs(model) : 1);
    double *gram = new_doubles(rows * rows);
    assert_ok(sb_model_factors(model, theta, &factors));
    spec.factors = &factors;
    assert_ok(sb_gram_layers(&spec, n, x, gram));
    sb_factors_clear(&factors);
    return gram;
}

/* J[n * outputs][parameters] */
static double *jacobian(const sb_model *model, const double *theta, size_t n, const double *x)
{
    size_t p = sb_model_parameters(model), out = sb_model_outputs(model), in = sb_model_inputs(model);
    double *j = new_doubles(n * out * p + 1), *g = new_doubles(out);
    for (size_t row = 0; row < n * out; row++) {
        for (size_t o = 0; o < out; o++) g[o] = o == row % out;
        assert_ok(sb_model_gradient(model, theta, 1, x + row / out * in, g, j + row * p));
    }
    free(g);
    return j;
}

static double *product(size_t rows, size_t p, const double *j)
{
    double *k = new_doubles(rows * rows);
    for (size_t a = 0; a < rows; a++)
        for (size_t b = 0; b < rows; b++) {
            long double sum = 0;
            for (size_t i = 0; i < p; i++) sum += (long double)j[a * p + i] * j[b * p + i];
            k[a * rows + b] = (double)sum;
        }
    return k;
}

static double *mean_over_outputs(size_t n, size_t out, const double *full)
{
    double *mean = new_doubles(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            mean[i * n + j] = 0;
            for (size_t o = 0; o < out; o++)
                mean[i * n + j] += full[(i * out + o) * n * out + j * out + o] / (double)out;
        }
    return mean;
}

static void assert_same(size_t n, const double *a, const double *b, double relative)
{
    assert_at_most(max_difference(n * n, a, b), relative * max_abs(n * n, b));
}

static void assert_symmetric(size_t n, const double *k)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) assert_true(k[i * n + j] == k[j * n + i]);
}

/* Full and mean against J J^T, at a start of equal copies and after they parted. */
static void check_stack(const stack *s, const char *parametrisation, bool antisymmetric, bool parted)
{
    enum { N = 5 };
    sb_model *model = make_stack(s, parametrisation, antisymmetric, false);
    size_t p = sb_model_parameters(model), out = sb_model_outputs(model), rows = N * out;
    double *x = numbers(1, N * sb_model_inputs(model)), *theta = stack_weights(model);
    if (!parted) sb_model_start(model, 1, SB_STREAM_TRAIN, theta);
    double *j = jacobian(model, theta, N, x), *wanted = product(rows, p, j);
    double *wanted_mean = mean_over_outputs(N, out, wanted);
    double *full = gram_of(model, theta, N, x, (sb_gram_spec){.outputs = SB_OUTPUTS_FULL});
    double *mean = gram_of(model, theta, N, x, (sb_gram_spec){.outputs = SB_OUTPUTS_MEAN});
    assert_same(rows, full, wanted, 1e-12);
    assert_same(N, mean, wanted_mean, 1e-12);
    assert_symmetric(rows, full);
    assert_symmetric(N, mean);
    free(x);
    free(theta);
    free(j);
    free(wanted);
    free(wanted_mean);
    free(full);
    free(mean);
    sb_model_destroy(&model);
}

static void test_every_stack(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++)
        for (size_t k = 0; k < 3; k++) {
            check_stack(&stacks[i], parametrisations[k], false, true);
            check_stack(&stacks[i], parametrisations[k], true, true);
            check_stack(&stacks[i], parametrisations[k], true, false);
        }
}

static void test_every_activation(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++)
        for (size_t k = 0; k < 3; k++) {
            const char *name = sb_activation_at(i)->name;
            stack mlp = {name, {1, 1, 3}, {"dense(6)", name, "dense(5, nobias)", name, "dense(2)"}};
            stack conv = {name, {1, 8, 1}, {"conv1d(3, 3)", name, "conv1d(2, 3)", name, "dense(1)"}};
            check_stack(&mlp, parametrisations[k], false, true);
            check_stack(&conv, parametrisations[k], true, true);
        }
}

/* A new kind of layer must come into the stacks. */
static void test_every_layer_is_tried(void **state)
{
    (void)state;
    for (size_t k = 0; sb_layer_name(k); k++) {
        bool tried = strcmp(sb_layer_name(k), "activation") == 0;
        for (size_t i = 0; i < stack_count; i++)
            for (size_t l = 0; l < 8 && stacks[i].layer[l]; l++)
                tried = tried || strncmp(stacks[i].layer[l], sb_layer_name(k), strlen(sb_layer_name(k))) == 0;
        if (!tried) print_error("no stack has a layer %s\n", sb_layer_name(k));
        assert_true(tried);
    }
}

/* d h / d theta by central differences of order 4 in steps of 1e-3: errors about 1e-11 */
static void test_finite_differences(void **state)
{
    (void)state;
    static const double at[4] = {-2, -1, 1, 2};
    for (size_t i = 0; i < stack_count; i++) {
        enum { N = 3 };
        if (strstr(stacks[i].name, "frozen")) continue; /* differences know nothing of frozen weights */
        sb_model *model = make_stack(&stacks[i], "ntk", false, false);
        size_t p = sb_model_parameters(model), out = sb_model_outputs(model), rows = N * out;
        double *x = numbers(1, N * sb_model_inputs(model)), *theta = stack_weights(model);
        double *j = new_doubles(rows * p), *h = new_doubles(4 * rows);
        for (size_t q = 0; q < p; q++) {
            double kept = theta[q];
            for (int s = 0; s < 4; s++) {
                theta[q] = kept + at[s] * 1e-3;
                assert_ok(sb_model_evaluate(model, theta, N, x, h + (size_t)s * rows));
            }
            theta[q] = kept;
            for (size_t r = 0; r < rows; r++)
                j[r * p + q] = (8 * (h[2 * rows + r] - h[rows + r]) - (h[3 * rows + r] - h[r])) / 12e-3;
        }
        double *wanted = product(rows, p, j);
        double *full = gram_of(model, theta, N, x, (sb_gram_spec){.outputs = SB_OUTPUTS_FULL});
        assert_same(rows, full, wanted, 1e-9);
        free(x);
        free(theta);
        free(j);
        free(h);
        free(wanted);
        free(full);
        sb_model_destroy(&model);
    }
}

static const stack mlp = {"mlp", {1, 1, 3}, {"dense(20)", "tanh", "dense(70)", "relu", "dense(3)"}};

/* More examples than a tile has rows, in one block and in several; any number of threads. */
static void test_blocks_and_threads(void **state)
{
    (void)state;
    enum { N = 301 };
    for (int o = 0; o < 2; o++) {
        sb_outputs outputs = o ? SB_OUTPUTS_FULL : SB_OUTPUTS_MEAN;
        sb_model *model = make_stack(&mlp, "ntk", false, false);
        size_t p = sb_model_parameters(model), rows = o ? N * 3 : N;
        double *x = numbers(1, N * 3), *theta = stack_weights(model), *j = jacobian(model, theta, N, x);
        double *one = gram_of(model, theta, N, x, (sb_gram_spec){.outputs = outputs, .threads = 1});
        double *three = gram_of(model, theta, N, x, (sb_gram_spec){.outputs = outputs, .threads = 3});
        assert_memory_equal(one, three, rows * rows * sizeof *one);
        static const double memory[] = {3e5, 1e5, 2e4, 1}; /* outputs at a time, blocks, small tiles, tiles of one */
        for (size_t k = 0; k < 4; k++) {
            double *cut =
                gram_of(model, theta, N, x, (sb_gram_spec){.outputs = outputs, .threads = 2, .memory = memory[k]});
            assert_same(rows, cut, one, 1e-14);
            assert_symmetric(rows, cut);
            free(cut);
        }
        double largest = max_abs(rows * rows, one);
        for (size_t t = 0; t < 500; t++) {
            size_t a = t * 7919 % rows, b = t * 104729 % rows;
            double sum = 0;
            for (size_t k = 0; k < (o ? 1 : 3); k++)
                for (size_t q = 0; q < p; q++)
                    sum += o ? j[a * p + q] * j[b * p + q] : j[(a * 3 + k) * p + q] * j[(b * 3 + k) * p + q] / 3;
            assert_near(one[a * rows + b], sum, 1e-12 * largest);
        }
        free(x);
        free(theta);
        free(j);
        free(one);
        free(three);
        sb_model_destroy(&model);
    }
}

/* The kernel between two sets is a part of that of all. */
static void test_cross(void **state)
{
    (void)state;
    enum { M = 37, N = 200, ALL = M + N };
    sb_model *model = make_stack(&mlp, "ntk", true, false);
    double *x = numbers(1, ALL * 3), *theta = stack_weights(model), *cross = new_doubles(9 * M * N);
    double *all = gram_of(model, theta, ALL, x, (sb_gram_spec){.outputs = SB_OUTPUTS_FULL});
    sb_factors factors = {0};
    assert_ok(sb_model_factors(model, theta, &factors));
    sb_gram_spec spec = {.factors = &factors, .outputs = SB_OUTPUTS_FULL, .memory = 1e5};
    assert_ok(sb_gram_layers_cross(&spec, M, x, N, x + M * 3, cross));
    double largest = max_abs(9 * ALL * ALL, all);
    for (size_t i = 0; i < 3 * M; i++)
        for (size_t k = 0; k < 3 * N; k++)
            assert_near(cross[i * 3 * N + k], all[i * 3 * ALL + 3 * M + k], 1e-12 * largest);
    sb_factors_clear(&factors);
    free(x);
    free(theta);
    free(cross);
    free(all);
    sb_model_destroy(&model);
}

/* Of a smooth network of one input by nodes: within rounding of the products of gradients, which `smooth` = false
 * takes, symmetric, the same bits for any threads; of steps that no nodes see, the products themselves. */
static void test_nodes(void **state)
{
    (void)state;
    enum { N = 401 };
    static const stack nets[] = {{"units", {1, 1, 1}, {"shifted(300)", "gaussian", "dense(1, nobias)"}},
                                 {"deep", {1, 1, 1}, {"dense(40)", "tanh", "dense(30)", "sine", "dense(2)"}}};
    for (size_t k = 0; k < 4; k++) {
        bool steep = k > 1;
        sb_model *model = make_stack(&nets[k % 2], "ntk", true, false);
        double *x = numbers(1, N), *theta = stack_weights(model), *direct = new_doubles(N * N);
        for (size_t i = 0; i < 40 && steep; i++) theta[i] *= 1e4;
        sb_factors factors = {0};
        assert_ok(sb_model_factors(model, theta, &factors));
        assert_true(factors.smooth);
        factors.smooth = false;
        assert_ok(sb_gram_layers(&(sb_gram_spec){.factors = &factors}, N, x, direct));
        double *one = gram_of(model, theta, N, x, (sb_gram_spec){.threads = 1});
        double *three = gram_of(model, theta, N, x, (sb_gram_spec){.threads = 3});
        assert_same(N, one, direct, steep ? 0 : 1e-13);
        assert_true(steep || memcmp(one, direct, N * N * sizeof *one) != 0);
        assert_memory_equal(one, three, N * N * sizeof *one);
        assert_symmetric(N, one);
        sb_factors_clear(&factors);
        free(x);
        free(theta);
        free(direct);
        free(one);
        free(three);
        sb_model_destroy(&model);
    }
}

static void test_single_precision(void **state)
{
    (void)state;
    for (size_t i = 0; i < stack_count; i++) {
        enum { N = 5 };
        sb_model *wide = make_stack(&stacks[i], "ntk", true, false),
                 *narrow = make_stack(&stacks[i], "ntk", true, true);
        double *x = numbers(1, N * sb_model_inputs(wide)), *theta = stack_weights(wide);
        for (sb_outputs outputs = SB_OUTPUTS_MEAN; outputs <= SB_OUTPUTS_FULL; outputs++) {
            size_t rows = outputs == SB_OUTPUTS_FULL ? N * sb_model_outputs(wide) : N;
            double *a = gram_of(wide, theta, N, x, (sb_gram_spec){.outputs = outputs});
            double *b = gram_of(narrow, theta, N, x, (sb_gram_spec){.outputs = outputs});
            assert_same(rows, b, a, 1e-5);
            assert_at_least(max_difference(rows * rows, a, b), 1e-12 * max_abs(rows * rows, a));
            assert_symmetric(rows, b);
            free(a);
            free(b);
        }
        free(x);
        free(theta);
        sb_model_destroy(&wide);
        sb_model_destroy(&narrow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_stack),          cmocka_unit_test(test_every_activation),
        cmocka_unit_test(test_every_layer_is_tried), cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_blocks_and_threads),   cmocka_unit_test(test_cross),
        cmocka_unit_test(test_single_precision),     cmocka_unit_test(test_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
