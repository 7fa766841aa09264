/* Neural tangent kernels beside the matrix product of the same moment, and a few eigenpairs by Lanczos iterations
 * beside LAPACK's. As in bench.c, medians of interleaved rounds; nothing is tested. */
#include <specbias/specbias.h>

#include <string.h>
#include <sys/resource.h>

#include "product.h"

#define ROUNDS 5

/* ---- empirical kernels ---- */

typedef struct workload {
    size_t n, layers;
    sb_shape input;
    const char *layer[8];
    sb_outputs outputs;
    bool single;
    sb_model *model;
    sb_factors factors;
    double *x, *gram, flops;
} workload;

static workload mlp = {.n = 1000,
                       .layers = 7,
                       .input = {1, 1, 1},
                       .layer = {"dense(512)", "tanh", "dense(512)", "tanh", "dense(512)", "tanh", "dense(1)"}},
                single = {.n = 1000,
                          .layers = 7,
                          .input = {1, 1, 1},
                          .layer = {"dense(512)", "tanh", "dense(512)", "tanh", "dense(512)", "tanh", "dense(1)"},
                          .single = true},
                digits = {.n = 100,
                          .layers = 5,
                          .input = {1, 1, 784},
                          .outputs = SB_OUTPUTS_FULL,
                          .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"}},
                conv3 = {.n = 200,
                         .layers = 5,
                         .input = {1, 256, 1},
                         .layer = {"conv1d(64, 3)", "relu", "conv1d(64, 3)", "relu", "dense(1)"}},
                conv31 = {.n = 200,
                          .layers = 5,
                          .input = {1, 256, 1},
                          .layer = {"conv1d(64, 31)", "relu", "conv1d(64, 31)", "relu", "dense(1)"}},
                large = {.n = 4000,
                         .layers = 5,
                         .input = {1, 1, 10},
                         .layer = {"dense(1000)", "tanh", "dense(1000)", "tanh", "dense(1)"}};
static workload *const workloads[] = {&mlp, &single, &digits, &conv3, &conv31, &large};
enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

/* Products: what writes the factors, and of each part two symmetric ones, n^2 (in + back). */
static double count_flops(const workload *t)
{
    double n = (double)t->n, outputs = (double)t->factors.outputs, sum = n * t->factors.flops;
    double rows = t->outputs == SB_OUTPUTS_FULL ? n * outputs : n, inside = n * outputs / rows;
    for (size_t p = 0; p < t->factors.parts; p++)
        sum += n * n * (double)t->factors.part[p].in + rows * rows * inside * (double)t->factors.part[p].back;
    return sum;
}

static sb_status make(workload *t)
{
    sb_status status = SB_OK;
    sb_rng rng = sb_rng_at(1, SB_STREAM_DATA, 0);
    sb_model_spec spec = {.input = t->input,
                          .layers = t->layers,
                          .layer = t->layer,
                          .parametrisation = "ntk",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .single = t->single};
    size_t inputs = sb_shape_size(t->input);
    t->x = new_doubles(t->n * inputs);
    for (size_t i = 0; i < t->n * inputs; i++) t->x[i] = sb_rng_normal(&rng);
    SB_TRY(sb_model_create(&spec, &t->model));
    size_t rows = t->n * (t->outputs == SB_OUTPUTS_FULL ? sb_model_outputs(t->model) : 1);
    double *theta = new_doubles(sb_model_parameters(t->model));
    sb_model_start(t->model, 1, SB_STREAM_TRAIN, theta);
    status = sb_model_factors(t->model, theta, &t->factors);
    free(theta);
    SB_TRY(status);
    t->gram = new_doubles(rows * rows);
    t->flops = count_flops(t);
done:
    return status;
}

static void clear(workload *t)
{
    sb_factors_clear(&t->factors);
    sb_model_destroy(&t->model);
    free(t->x);
    free(t->gram);
}

static sb_status gram(const workload *t, size_t threads)
{
    sb_gram_spec spec = {.factors = &t->factors, .outputs = t->outputs, .threads = threads};
    return sb_gram_layers(&spec, t->n, t->x, t->gram);
}

#define KERNEL_OF(t)                                                                                                   \
    static sb_status t##_kernel(size_t threads)                                                                        \
    {                                                                                                                  \
        return gram(&t, threads);                                                                                      \
    }
KERNEL_OF(mlp)
KERNEL_OF(single)
KERNEL_OF(digits)
KERNEL_OF(conv3)
KERNEL_OF(conv31)

/* ---- eigenpairs ---- */

enum { POINTS = 4000, PAIRS = 20 };

static sb_status lanczos(size_t threads)
{
    sb_eigen eigen = {0};
    sb_status status = sb_eigen_top(large.gram, POINTS, PAIRS, threads, &eigen);
    if (status == SB_OK && !(eigen.residual < 1e-12)) status = sb_fail(SB_ERR_NUMERIC, "residual %g", eigen.residual);
    sb_eigen_clear(&eigen);
    return status;
}

/* The yardstick: dsyevr's subset on all of OpenBLAS's threads; the "rate" is one over its time. */
static sb_status subset_rate(size_t threads, double *rate)
{
    (void)threads;
    double *work = new_doubles((size_t)POINTS * POINTS), *vectors = new_doubles((size_t)PAIRS * POINTS), values[PAIRS];
    memcpy(work, large.gram, (size_t)POINTS * POINTS * sizeof *work);
    double began = seconds_now(2);
    sb_status status = sb_syevr_top(POINTS, work, PAIRS, vectors, values);
    *rate = 1 / (seconds_now(2) - began);
    free(work);
    free(vectors);
    return status;
}

/* ---- all eigenpairs, with what measures them, beside LAPACK's alone ---- */

static sb_status all_pairs(size_t threads)
{
    sb_eigen eigen = {0};
    (void)threads;
    sb_status status = sb_eigen_symmetric(mlp.gram, mlp.n, true, &eigen);
    sb_eigen_clear(&eigen);
    return status;
}

static sb_status dsyevd_rate(size_t threads, double *rate)
{
    double *work = new_doubles(mlp.n * mlp.n), *values = new_doubles(mlp.n), began;
    memcpy(work, mlp.gram, mlp.n * mlp.n * sizeof *work);
    began = seconds_now(threads);
    sb_status status = sb_syevd(mlp.n, work, values);
    *rate = 1 / (seconds_now(threads) - began);
    free(work);
    free(values);
    return status;
}

/* ---- infinite width: dense and activation three times, dense, on points in ten dimensions ---- */

enum { WIDE_LAYERS = 7 };

static sb_status wide(const char *activation, size_t threads)
{
    sb_wide_layer layer[WIDE_LAYERS] = {{0}};
    for (size_t i = 0; i < WIDE_LAYERS; i++)
        layer[i] = i % 2 ? (sb_wide_layer){.kind = SB_WIDE_ACTIVATION, .units = 1, .activation = activation}
                         : (sb_wide_layer){.kind = SB_WIDE_DENSE, .units = 1, .weight2 = i ? 2 : 0.1, .bias2 = 0.1};
    for (size_t i = 0; i < WIDE_LAYERS; i += 2) layer[i].weight_trained = layer[i].bias_trained = 1;
    sb_wide_law law = {.inputs = 10, .layers = WIDE_LAYERS, .layer = layer, .gain2 = 1};
    return sb_gram_wide(&law, mlp.n, large.x, 0, NULL, threads, mlp.gram);
}

static sb_status wide_relu(size_t threads)
{
    return wide("relu", threads);
}

static sb_status wide_erf(size_t threads)
{
    return wide("erf", threads);
}

/* ---- the tables ---- */

static reading as_share(const item *what, double seconds, double rate)
{
    return (reading){1e3 * seconds, 100 * what->size / seconds / rate};
}

static reading as_speedup(const item *what, double seconds, double rate)
{
    (void)what;
    return (reading){1e3 * seconds, 1 / rate / seconds};
}

static reading per_pair(const item *what, double seconds, double rate)
{
    (void)what, (void)rate;
    return (reading){1e3 * seconds, 2e9 * seconds / (double)(mlp.n * (mlp.n + 1))};
}

static const section kernels = {"neural tangent kernel", "ms", "% of DGEMM", .convert = as_share, .rate = true};
static const section pairs = {"20 eigenpairs of 4000 points", "ms", "times faster than dsyevr", .convert = as_speedup};
static const section spectra = {"all eigenpairs, measured", "ms", "times faster than dsyevd", .convert = as_speedup};
static const section widest = {"infinite width", "ms", "ns a pair", .convert = per_pair};

static item items[] = {
    {&kernels, "1-512-512-512-1, n = 1000", 1, product_rate, .call = mlp_kernel},
    {&kernels, "1-512-512-512-1, n = 1000", 2, product_rate, .call = mlp_kernel},
    {&kernels, "the same in float", 2, product_rate, .call = single_kernel},
    {&kernels, "784-400-200-10, n = 100, full", 2, product_rate, .call = digits_kernel},
    {&kernels, "conv1d 1-64-64, k = 3, L = 256", 1, product_rate, .call = conv3_kernel},
    {&kernels, "conv1d 1-64-64, k = 3, L = 256", 2, product_rate, .call = conv3_kernel},
    {&kernels, "conv1d 1-64-64, k = 31, L = 256", 2, product_rate, .call = conv31_kernel},
    {&spectra, "n = 1000", 1, dsyevd_rate, .call = all_pairs},
    {&widest, "relu, depth 3, n = 1000", 1, product_rate, .call = wide_relu},
    {&widest, "erf, depth 3, n = 1000", 1, product_rate, .call = wide_erf},
    {&pairs, "Lanczos iterations", 2, subset_rate, .call = lanczos},
};
enum { ITEMS = sizeof items / sizeof items[0] };
static const workload *const of_item[ITEMS] = {&mlp, &mlp, &single, &digits, &conv3, &conv3, &conv31};

static double peak_gigabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024e-9 * (double)usage.ru_maxrss;
}

/* Before anything else, as only the highest memory ever used is known. */
static sb_status report_memory(void)
{
    sb_status status = make(&large);
    if (status == SB_OK) status = gram(&large, 2);
    if (status == SB_OK)
        printf("n = 4000, %zu parameters (Jacobian: %.0f GB): the whole program took %.2f GB\n",
               sb_model_parameters(large.model), 8e-9 * POINTS * (double)sb_model_parameters(large.model),
               peak_gigabytes());
    return status;
}

int main(int count, char **arguments)
{
    sb_status status = SB_OK;
    request asked;
    without_blas_settings(arguments);
    if (!read_request(count, arguments, ROUNDS, &asked)) return 2;
    SB_TRY(report_memory());
    open_matrix();
    for (size_t i = 0; i + 1 < WORKLOADS; i++) SB_TRY(make(workloads[i]));
    for (size_t i = 0; i < ITEMS; i++)
        if (of_item[i]) items[i].size = of_item[i]->flops;
    for (size_t round = 0; round <= asked.rounds; round++) SB_TRY(one_round(&asked, ITEMS, items, round));
    print_items(&asked, ITEMS, items, asked.rounds);
done:
    if (status != SB_OK) fprintf(stderr, "kernels: %s\n", sb_error_text());
    for (size_t i = 0; i < WORKLOADS; i++) clear(workloads[i]);
    free(matrix.a);
    return status == SB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
