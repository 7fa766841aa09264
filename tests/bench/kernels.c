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
    bool single, ready; /* its kernel is made with it */
    sb_model *model;
    sb_factors factors;
    double *x, *gram, flops;
} workload;

#define DEEP                                                                                                           \
    {                                                                                                                  \
        "dense(512)", "tanh", "dense(512)", "tanh", "dense(512)", "tanh", "dense(1)"                                   \
    }
#define TWO_LAYERS                                                                                                     \
    {                                                                                                                  \
        "dense(8000)", "tanh", "dense(1)"                                                                              \
    }
#define CONVOLUTIONS(k)                                                                                                \
    {                                                                                                                  \
        "conv1d(64, " #k ")", "relu", "conv1d(64, " #k ")", "relu", "dense(1)"                                         \
    }
#define WIDE                                                                                                           \
    {                                                                                                                  \
        "dense(1000)", "tanh", "dense(1000)", "tanh", "dense(1)"                                                       \
    }

static workload units = {.n = 512, .layers = 3, .input = {1, 1, 1}, .layer = TWO_LAYERS},
                units2 = {.n = 512, .layers = 3, .input = {1, 1, 2}, .layer = TWO_LAYERS},
                mlp = {.n = 1000, .layers = 7, .input = {1, 1, 1}, .layer = DEEP},
                mlp2 = {.n = 1000, .layers = 7, .input = {1, 1, 2}, .layer = DEEP},
                single = {.n = 1000, .layers = 7, .input = {1, 1, 1}, .layer = DEEP, .single = true},
                digits = {.n = 100,
                          .layers = 5,
                          .input = {1, 1, 784},
                          .outputs = SB_OUTPUTS_FULL,
                          .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"}},
                conv3 = {.n = 200, .layers = 5, .input = {1, 256, 1}, .layer = CONVOLUTIONS(3)},
                conv31 = {.n = 200, .layers = 5, .input = {1, 256, 1}, .layer = CONVOLUTIONS(31)},
                points = {.n = 1000, .layers = 5, .input = {1, 1, 10}, .layer = WIDE},
                few = {.n = 200, .layers = 5, .input = {1, 1, 10}, .layer = WIDE},
                pairs1000 = {.n = 1000, .layers = 5, .input = {1, 1, 10}, .layer = WIDE, .ready = true},
                pairs2000 = {.n = 2000, .layers = 5, .input = {1, 1, 10}, .layer = WIDE, .ready = true},
                large = {.n = 4000, .layers = 5, .input = {1, 1, 10}, .layer = WIDE, .ready = true};
static workload *const workloads[] = {&units,  &units2, &mlp, &mlp2,      &single,    &digits, &conv3,
                                      &conv31, &points, &few, &pairs1000, &pairs2000, &large};
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

static sb_status gram(const workload *t, size_t threads)
{
    size_t rows = t->n * (t->outputs == SB_OUTPUTS_FULL ? t->factors.outputs : 1);
    sb_gram_spec spec = {.factors = &t->factors, .outputs = t->outputs, .threads = threads};
    sb_status status = sb_gram_layers(&spec, t->n, t->x, t->gram);
    dump("gram", rows * rows, t->gram);
    return status;
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
    double scale[2 * 8];
    if (t->model) return SB_OK;
    t->x = new_doubles(t->n * inputs);
    for (size_t i = 0; i < t->n * inputs; i++)
        t->x[i] = t == &units ? -1 + 2 * (double)i / (double)(t->n - 1) : sb_rng_normal(&rng);
    SB_TRY(sb_model_create(&spec, &t->model));
    size_t rows = t->n * (t->outputs == SB_OUTPUTS_FULL ? sb_model_outputs(t->model) : 1);
    double *theta = new_doubles(sb_model_parameters(t->model));
    sb_model_start(t->model, 1, SB_STREAM_TRAIN, theta);
    status = sb_model_factors(t->model, theta, &t->factors);
    for (size_t p = 0; status == SB_OK && p < t->factors.parts; p++)
        scale[2 * p] = t->factors.part[p].weight2, scale[2 * p + 1] = t->factors.part[p].bias2;
    dump("x", t->n * inputs, t->x);
    dump("theta", sb_model_parameters(t->model), theta);
    dump("scales", 2 * t->factors.parts, scale);
    free(theta);
    SB_TRY(status);
    t->gram = new_doubles(rows * rows);
    t->flops = count_flops(t);
    if (t->ready) SB_TRY(gram(t, 2));
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

#define KERNEL_OF(t)                                                                                                   \
    static sb_status t##_kernel(size_t threads)                                                                        \
    {                                                                                                                  \
        return gram(&t, threads);                                                                                      \
    }
KERNEL_OF(units)
KERNEL_OF(units2)
KERNEL_OF(mlp)
KERNEL_OF(mlp2)
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
    if (status == SB_OK) dump("values", PAIRS, eigen.lambda);
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

static sb_status all_pairs(const workload *t)
{
    sb_eigen eigen = {0};
    sb_status status = sb_eigen_symmetric(t->gram, t->n, true, &eigen);
    if (status == SB_OK) dump("values", t->n, eigen.lambda);
    sb_eigen_clear(&eigen);
    return status;
}

static sb_status all_1000(size_t threads)
{
    (void)threads;
    return all_pairs(&pairs1000);
}

static sb_status all_2000(size_t threads)
{
    (void)threads;
    return all_pairs(&pairs2000);
}

static sb_status dsyevd_rate(const workload *t, size_t threads, double *rate)
{
    double *work = new_doubles(t->n * t->n), *values = new_doubles(t->n), began;
    memcpy(work, t->gram, t->n * t->n * sizeof *work);
    began = seconds_now(threads);
    sb_status status = sb_syevd(t->n, work, values);
    *rate = 1 / (seconds_now(threads) - began);
    free(work);
    free(values);
    return status;
}

static sb_status dsyevd_1000(size_t threads, double *rate)
{
    return dsyevd_rate(&pairs1000, threads, rate);
}

static sb_status dsyevd_2000(size_t threads, double *rate)
{
    return dsyevd_rate(&pairs2000, threads, rate);
}

/* ---- infinite width: dense and activation three times, dense, on points in ten dimensions ---- */

enum { WIDE_LAYERS = 7 };

static sb_status wide(workload *t, size_t layers, const char *activation, size_t threads)
{
    const sb_activation *a = sb_activation_find(activation);
    sb_wide_layer layer[WIDE_LAYERS] = {{0}};
    for (size_t i = 0; i < layers; i++)
        layer[i] = i % 2 ? (sb_wide_layer){.kind = SB_WIDE_ACTIVATION,
                                           .units = 1,
                                           .activation = activation,
                                           .kinked = a->kinked,
                                           .evaluate = a->evaluate}
                         : (sb_wide_layer){.kind = SB_WIDE_DENSE, .units = 1, .weight2 = i ? 2 : 0.1, .bias2 = 0.1};
    for (size_t i = 0; i < layers; i += 2)
        layer[i].weight_trained = layer[i].weight2, layer[i].bias_trained = layer[i].bias2;
    sb_wide_law law = {.inputs = 10, .layers = layers, .layer = layer, .gain2 = 1};
    sb_status status = sb_gram_wide(&law, t->n, t->x, 0, NULL, threads, t->gram);
    dump("gram", t->n * t->n, t->gram);
    return status;
}

static sb_status wide_relu(size_t threads)
{
    return wide(&points, 7, "relu", threads);
}

static sb_status wide_erf(size_t threads)
{
    return wide(&points, 7, "erf", threads);
}

static sb_status wide_tanh(size_t threads)
{
    return wide(&few, 5, "tanh", threads);
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
    (void)rate;
    return (reading){1e3 * seconds, 1e9 * seconds / what->size};
}

static const section kernels = {"neural tangent kernel", "ms", "% of DGEMM", .convert = as_share, .rate = true};
static const section pairs = {"20 eigenpairs of 4000 points", "ms", "times faster than dsyevr", .convert = as_speedup};
static const section spectra = {"all eigenpairs, measured", "ms", "times faster than dsyevd", .convert = as_speedup};
static const section widest = {"infinite width", "ms", "ns a pair", .convert = per_pair};

static item items[] = {
    {&kernels, "1-8000-1 tanh, n = 512", 1, product_rate, .call = units_kernel},
    {&kernels, "1-8000-1 tanh, n = 512", 2, product_rate, .call = units_kernel},
    {&kernels, "2-8000-1 tanh, n = 512", 1, product_rate, .call = units2_kernel},
    {&kernels, "2-8000-1 tanh, n = 512", 2, product_rate, .call = units2_kernel},
    {&kernels, "1-512-512-512-1, n = 1000", 1, product_rate, .call = mlp_kernel},
    {&kernels, "1-512-512-512-1, n = 1000", 2, product_rate, .call = mlp_kernel},
    {&kernels, "2-512-512-512-1, n = 1000", 1, product_rate, .call = mlp2_kernel},
    {&kernels, "2-512-512-512-1, n = 1000", 2, product_rate, .call = mlp2_kernel},
    {&kernels, "the same in float", 1, product_rate, .call = single_kernel},
    {&kernels, "the same in float", 2, product_rate, .call = single_kernel},
    {&kernels, "784-400-200-10, n = 100, full", 1, product_rate, .call = digits_kernel},
    {&kernels, "784-400-200-10, n = 100, full", 2, product_rate, .call = digits_kernel},
    {&kernels, "conv1d 1-64-64, k = 3, L = 256", 1, product_rate, .call = conv3_kernel},
    {&kernels, "conv1d 1-64-64, k = 3, L = 256", 2, product_rate, .call = conv3_kernel},
    {&kernels, "conv1d 1-64-64, k = 31, L = 256", 2, product_rate, .call = conv31_kernel},
    {&spectra, "n = 1000", 1, dsyevd_1000, .call = all_1000},
    {&spectra, "n = 1000", 2, dsyevd_1000, .call = all_1000},
    {&spectra, "n = 2000", 1, dsyevd_2000, .call = all_2000},
    {&spectra, "n = 2000", 2, dsyevd_2000, .call = all_2000},
    {&widest, "relu, depth 3, n = 1000", 1, product_rate, .call = wide_relu, .size = 500500},
    {&widest, "relu, depth 3, n = 1000", 2, product_rate, .call = wide_relu, .size = 500500},
    {&widest, "erf, depth 3, n = 1000", 1, product_rate, .call = wide_erf, .size = 500500},
    {&widest, "erf, depth 3, n = 1000", 2, product_rate, .call = wide_erf, .size = 500500},
    {&widest, "tanh, depth 2, n = 200", 1, product_rate, .call = wide_tanh, .size = 20100},
    {&widest, "tanh, depth 2, n = 200", 2, product_rate, .call = wide_tanh, .size = 20100},
    {&pairs, "Lanczos iterations", 1, subset_rate, .call = lanczos},
    {&pairs, "Lanczos iterations", 2, subset_rate, .call = lanczos},
};
enum { ITEMS = sizeof items / sizeof items[0] };
static workload *const of_item[ITEMS] = {&units,  &units,     &units2,    &units2,    &mlp,       &mlp,    &mlp2,
                                         &mlp2,   &single,    &single,    &digits,    &digits,    &conv3,  &conv3,
                                         &conv31, &pairs1000, &pairs1000, &pairs2000, &pairs2000, &points, &points,
                                         &points, &points,    &few,       &few,       &large,     &large};

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
    if (!*asked.row) SB_TRY(report_memory());
    open_matrix();
    for (size_t i = 0; i < ITEMS; i++) {
        if (is_asked(&asked, &items[i])) SB_TRY(make(of_item[i]));
        if (items[i].section == &kernels) items[i].size = of_item[i]->flops;
    }
    for (size_t round = 0; round <= asked.rounds; round++) SB_TRY(one_round(&asked, ITEMS, items, round));
    print_items(&asked, ITEMS, items, asked.rounds);
done:
    if (status != SB_OK) fprintf(stderr, "kernels: %s\n", sb_error_text());
    for (size_t i = 0; i < WORKLOADS; i++) clear(workloads[i]);
    free(matrix.a);
    return status == SB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
