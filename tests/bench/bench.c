/* Speed beside yardsticks of the same run. Machines are shared and their clocks drift, so every item is measured
 * between two looks at its yardstick, in interleaved rounds, and what counts is the median of the ratios. Nothing is
 * tested here: the exit status says only whether everything ran. `bench ROUNDS` takes other than 7 rounds. */
#include <specbias/model.h>
#include <specbias/specbias.h>

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "core/version.h"

#include "table.h"
#include "yardstick.h"

#define ROUNDS 7
#define FEWEST_ROUNDS 5
#define PATIENCE 40.0 /* seconds after which FEWEST_ROUNDS are enough */

/* ---- the inputs of all items ---- */

#define LINE 1000   /* numbers; three arrays of them fit into 32 kB */
#define BATCH 100   /* evaluations of a line between two looks at the clock */
#define MATRIX 1000 /* rows */
#define GRAM 512    /* points */
#define TANH_WIDTH 8000
#define TANH_POINTS 201
#define RELU_WIDTH 8192
#define RELU_POINTS 32
#define FOURIER_WIDTH 8000
#define FOURIER_POINTS 256
#define FEW 10 /* steps of the shorter of two training runs */

/* Sizes of one call: elements, or floating-point operations. */
#define LINE_SIZE ((double)LINE * BATCH)
#define TANH_SIZE ((double)TANH_WIDTH * TANH_POINTS)
#define RELU_SIZE ((double)RELU_WIDTH * RELU_POINTS)
#define FOURIER_SIZE ((double)FOURIER_WIDTH * FOURIER_POINTS)
#define PRODUCT_FLOPS (2.0 * MATRIX * MATRIX * MATRIX)
#define GRAM_FLOPS (3.0 * TANH_WIDTH * GRAM * GRAM) /* of the symmetric product: half of 2 n^2 (3 width) */

typedef struct training_case {
    sb_problem problem;
    sb_net net;
    size_t many; /* steps; 0: not yet known */
} training_case;

/* A tile of examples forward and backward. */
typedef struct layers_case {
    sb_shape input;
    const char *layer[8];
    bool single;
    sb_model *model;
    size_t n;
    void *theta, *x, *g, *gradient, *tape; /* in numbers of the model */
} layers_case;

/* Of the products for one example: 2 per weight and position, forward, by weights and, but for the first layer, by
 * inputs. */
#define MLP_FLOPS (4.0 * 784 * 400 + 6.0 * (400 * 200 + 200 * 10))
#define CONV1D_FLOPS(k) (1000.0 * (k) * (4 * 64 + 6 * (64 * 64 + 64)))
#define CONV2D_FLOPS (784 * 9 * (4.0 * 32) + 196 * 9 * 6.0 * 32 * 64 + 6.0 * (49 * 64 * 10))

static layers_case mlp = {.input = {1, 1, 784}, .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"}},
                   mlp_float = {.input = {1, 1, 784},
                                .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"},
                                .single = true},
                   conv_3 = {.input = {1, 1000, 1},
                             .layer = {"conv1d(64, 3)", "relu", "conv1d(64, 3)", "relu", "conv1d(1, 3)"}},
                   conv_31 = {.input = {1, 1000, 1},
                              .layer = {"conv1d(64, 31)", "relu", "conv1d(64, 31)", "relu", "conv1d(1, 31)"}},
                   cnn = {.input = {28, 28, 1},
                          .layer = {"conv2d(32, 3)", "relu", "maxpool(2)", "conv2d(64, 3)", "relu", "maxpool(2)",
                                    "dense(10)"}};

static struct {
    double *z, *s, *ds;                        /* [LINE] */
    double *a, *b, *c;                         /* [MATRIX][MATRIX]; a is symmetric */
    double *values;                            /* [MATRIX] */
    training_case tanh, relu, grid, scattered; /* the last two of Fourier features */
    sb_density density;                        /* of their frequencies */
    sb_problem gram_points;                    /* GRAM points */
    double *gram;                              /* [GRAM][GRAM] */
    sb_config config;                          /* every default: the demo */
    sb_setup demo;
    double *u0, *u;    /* [n], [nt][n] of the demo */
    double *demo_gram; /* [n][n] */
    sb_decay decay;
    size_t ticks; /* reports of lfp.flow about its progress */
} in;

static double *new_doubles(size_t n)
{
    double *values = aligned_alloc(64, (n * sizeof *values + 63) / 64 * 64);
    if (!values) {
        fprintf(stderr, "bench: no memory\n");
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < n; i++) values[i] = 0;
    return values;
}

static void make_arrays(void)
{
    sb_rng rng = sb_rng_at(1, SB_STREAM_DATA, 0);
    in.z = new_doubles(3 * LINE);
    in.s = in.z + LINE;
    in.ds = in.s + LINE;
    for (size_t i = 0; i < LINE; i++) in.z[i] = 6 * sb_rng_uniform(&rng) - 3;
    in.a = new_doubles(MATRIX * MATRIX);
    in.b = new_doubles(MATRIX * MATRIX);
    in.c = new_doubles(MATRIX * MATRIX);
    in.values = new_doubles(MATRIX);
    in.gram = new_doubles(GRAM * GRAM);
    for (size_t i = 0; i < MATRIX; i++)
        for (size_t j = 0; j <= i; j++) in.a[i * MATRIX + j] = in.a[j * MATRIX + i] = 2 * sb_rng_uniform(&rng) - 1;
    memcpy(in.b, in.a, MATRIX * MATRIX * sizeof *in.b);
}

/* sin 2 pi x + sin 6 pi x + sin 10 pi x on n points of [-1/2, 1/2] */
static sb_status make_problem(size_t n, double amplitude, sb_problem *problem)
{
    static const double xi[] = {1, 3, 5};
    sb_points_spec points = {.n = n, .dim = 1, .a = -0.5, .b = 0.5, .layout = "midpoint"};
    sb_target_spec target = {.terms = 3, .xi = xi, .amplitude = amplitude};
    sb_status status = SB_OK;
    SB_TRY(sb_points_make(sb_points_find("uniform"), &points, problem));
    SB_TRY(sb_target_find("sines")->fill(&target, problem));
    SB_TRY(sb_problem_set_grid(problem, 3, xi, xi, "cycles"));
    SB_TRY(sb_problem_observe(problem));
done:
    return status;
}

static sb_status make_training(const char *activation, const char *law, double scale, double amplitude, size_t width,
                               size_t n, training_case *training)
{
    sb_net_spec spec = {.kind = sb_net_kind_find("two_layer"),
                        .dim = 1,
                        .gain = 1,
                        .activation = sb_activation_find(activation),
                        .width = width,
                        .in = sb_law_find(law),
                        .out = sb_law_find(law),
                        .in_scale = scale,
                        .out_scale = scale,
                        .shift_range = 1,
                        .antisymmetric = true};
    sb_status status = make_problem(n, amplitude, &training->problem);
    return status == SB_OK ? sb_net_init(&spec, 1, SB_STREAM_TRAIN, &training->net) : status;
}

/* Fourier features on a uniform grid, or on points that are none. */
static sb_status make_fourier(bool grid, training_case *training)
{
    sb_net_spec spec = {.kind = sb_net_kind_find("fourier"),
                        .dim = 1,
                        .gain = 1,
                        .width = FOURIER_WIDTH,
                        .out = sb_law_find("gaussian"),
                        .out_scale = 1,
                        .density = &in.density,
                        .antisymmetric = true};
    sb_status status = make_problem(FOURIER_POINTS, 1e-3, &training->problem);
    for (size_t i = 0; !grid && i < FOURIER_POINTS; i += 2) training->problem.x[i] += 1e-3; /* still ascending */
    return status == SB_OK ? sb_net_init(&spec, 1, SB_STREAM_TRAIN, &training->net) : status;
}

/* The default of every key makes the demo; here for a tenth of its time. */
static sb_status make_demo(void)
{
    sb_status status = SB_OK;
    SB_TRY(sb_config_init(&in.config));
    SB_TRY(sb_config_set(&in.config, "train.time=40"));
    SB_TRY(sb_config_set(&in.config, "train.records=200"));
    SB_TRY(sb_setup_create(&in.config, NULL, &in.demo));
    const sb_problem *problem = &in.demo.problem;
    in.u0 = new_doubles(problem->n);
    in.u = new_doubles(problem->nt * problem->n);
    in.demo_gram = new_doubles(problem->n * problem->n);
    for (size_t i = 0; i < problem->n; i++) in.u0[i] = -problem->y[i];
    SB_TRY(sb_decay_init(&in.decay, problem, "bench", SB_FORM_GD, &in.demo.terms));
done:
    return status;
}

static void fill_numbers(const layers_case *layers, size_t n, const double *from, void *to)
{
    for (size_t i = 0; i < n; i++)
        if (layers->single)
            ((float *)to)[i] = (float)(from ? from[i] : sin((double)i));
        else
            ((double *)to)[i] = from ? from[i] : sin((double)i);
}

static sb_status make_layers(layers_case *layers)
{
    size_t count = 0;
    while (count < 8 && layers->layer[count]) count++;
    sb_model_spec spec = {.input = layers->input,
                          .layers = count,
                          .layer = layers->layer,
                          .parametrisation = "standard",
                          .gain = 1,
                          .weights = "",
                          .biases = "",
                          .single = layers->single};
    sb_status status = sb_model_create(&spec, &layers->model);
    if (status != SB_OK) return status;
    size_t parameters = sb_model_parameters(layers->model), n = layers->n = sb_model_tile(layers->model);
    double *start = new_doubles(parameters);
    sb_model_start(layers->model, 1, SB_STREAM_TRAIN, start);
    layers->theta = new_doubles(parameters);
    layers->gradient = new_doubles(parameters);
    layers->x = new_doubles(n * sb_model_inputs(layers->model));
    layers->g = new_doubles(n * sb_model_outputs(layers->model));
    layers->tape = new_doubles(sb_model_tape(layers->model, n, 0));
    fill_numbers(layers, parameters, start, layers->theta);
    fill_numbers(layers, n * sb_model_inputs(layers->model), NULL, layers->x);
    fill_numbers(layers, n * sb_model_outputs(layers->model), NULL, layers->g);
    free(start);
    return SB_OK;
}

static void clear_layers(layers_case *layers)
{
    sb_model_destroy(&layers->model);
    free(layers->theta);
    free(layers->gradient);
    free(layers->x);
    free(layers->g);
    free(layers->tape);
}

static layers_case *const all_layers[] = {&mlp, &mlp_float, &conv_3, &conv_31, &cnn};
#define LAYERS (sizeof all_layers / sizeof all_layers[0])

static sb_status make_inputs(void)
{
    sb_status status = SB_OK;
    make_arrays();
    SB_TRY(make_training("tanh", "gaussian", 1, 1, TANH_WIDTH, TANH_POINTS, &in.tanh));
    SB_TRY(make_training("relu", "two_point", 2, 0.004, RELU_WIDTH, RELU_POINTS, &in.relu));
    SB_TRY(sb_density_parse("gaussian(16)", NULL, &in.density));
    SB_TRY(make_fourier(true, &in.grid));
    SB_TRY(make_fourier(false, &in.scattered));
    SB_TRY(make_problem(GRAM, 1, &in.gram_points));
    SB_TRY(make_demo());
    for (size_t i = 0; i < LAYERS; i++) SB_TRY(make_layers(all_layers[i]));
done:
    return status;
}

static void clear_inputs(void)
{
    double *arrays[] = {in.z, in.a, in.b, in.c, in.values, in.gram, in.u0, in.u, in.demo_gram};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) free(arrays[i]);
    for (size_t i = 0; i < LAYERS; i++) clear_layers(all_layers[i]);
    sb_net_clear(&in.tanh.net);
    sb_net_clear(&in.relu.net);
    sb_problem_clear(&in.tanh.problem);
    sb_problem_clear(&in.relu.problem);
    sb_net_clear(&in.grid.net);
    sb_net_clear(&in.scattered.net);
    sb_problem_clear(&in.grid.problem);
    sb_problem_clear(&in.scattered.problem);
    sb_density_clear(&in.density);
    sb_problem_clear(&in.gram_points);
    sb_decay_clear(&in.decay);
    sb_setup_clear(&in.demo);
    sb_config_clear(&in.config);
}

/* ---- yardsticks ---- */

static sb_status fma_seconds(size_t threads, double *seconds)
{
    double rate;
    sb_status status = fma_rate(threads, &rate);
    if (status == SB_OK) *seconds = 1 / rate;
    return status;
}

/* Rows of C = A B, as the library multiplies: threads of its own, each with one BLAS thread. */
static sb_status product_slice(void *context, size_t index)
{
    size_t threads = *(const size_t *)context;
    size_t first = MATRIX * index / threads, rows = MATRIX * (index + 1) / threads - first;
    sb_gemm_nt(rows, MATRIX, MATRIX, in.a + first * MATRIX, MATRIX, in.b, MATRIX, 0, in.c + first * MATRIX, MATRIX);
    return SB_OK;
}

static sb_status product(size_t threads)
{
    return sb_parallel_for(threads, threads, product_slice, &threads);
}

static sb_status product_rate(size_t threads, double *rate)
{
    double seconds;
    sb_status status = repeat(product, threads, &seconds);
    if (status == SB_OK) *rate = PRODUCT_FLOPS / seconds;
    return status;
}

/* ---- activations ---- */

/* What the compiler must believe to be read and written, so that no evaluation is left out. */
static inline void touch(void *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static sb_status vector_tanh(size_t threads)
{
    const sb_activation *activation = in.tanh.net.spec.activation;
    (void)threads;
    for (int i = 0; i < BATCH; i++) {
        activation->evaluate(LINE, in.z, in.s, in.ds);
        touch(in.s);
    }
    return SB_OK;
}

static sb_status libm_tanh(size_t threads)
{
    (void)threads;
    for (int i = 0; i < BATCH; i++) {
        for (int j = 0; j < LINE; j++) in.s[j] = tanh(in.z[j]);
        touch(in.s);
    }
    return SB_OK;
}

/* ---- training ---- */

/* Seconds of sb_train from the start, set-up included. */
static sb_status train(training_case *training, size_t steps, size_t threads, double *seconds)
{
    sb_status status = SB_OK;
    sb_net net = {0};
    sb_training result = {0};
    SB_TRY(sb_problem_set_times(&training->problem, 0.02, steps, 2));
    SB_TRY(sb_net_copy(&training->net, &net));
    double began = seconds_now(threads);
    SB_TRY(sb_train(&net, &training->problem, threads, NULL, &result));
    *seconds = seconds_now(threads) - began;
done:
    sb_training_clear(&result);
    sb_net_clear(&net);
    return status;
}

/* What FEW steps cost is set-up and those steps, so it is deducted from what many cost: half a second's worth. */
static sb_status step_seconds(training_case *training, size_t threads, double *seconds)
{
    double few, many;
    sb_status status = train(training, FEW, threads, &few);
    if (status == SB_OK && training->many == 0) training->many = FEW + (size_t)fmax(20, fmin(400, 0.5 * FEW / few));
    if (status == SB_OK) status = train(training, training->many, threads, &many);
    if (status == SB_OK) *seconds = (many - few) / (double)(training->many - FEW);
    return status;
}

static sb_status tanh_step(size_t threads, double *seconds)
{
    return step_seconds(&in.tanh, threads, seconds);
}

static sb_status relu_step(size_t threads, double *seconds)
{
    return step_seconds(&in.relu, threads, seconds);
}

static sb_status grid_step(size_t threads, double *seconds)
{
    return step_seconds(&in.grid, threads, seconds);
}

static sb_status scattered_step(size_t threads, double *seconds)
{
    return step_seconds(&in.scattered, threads, seconds);
}

/* ---- networks of layers ---- */

/* Seconds of the examples of one tile, each: what `size` of an item counts. */
static sb_status layers_seconds(const layers_case *layers, double *seconds)
{
    double began = seconds_now(1), tiles = 0;
    do {
        sb_model_forward(layers->model, layers->theta, layers->n, 0, layers->x, layers->tape);
        sb_model_backward(layers->model, layers->theta, layers->n, 0, layers->x, layers->tape, layers->g,
                          layers->gradient);
        *seconds = seconds_now(1) - began;
        tiles++;
    } while (*seconds < 2 * LEAST);
    *seconds /= tiles * (double)layers->n;
    return SB_OK;
}

#define LAYERS_SECONDS(NAME)                                                                                           \
    static sb_status NAME##_seconds(size_t threads, double *seconds)                                                   \
    {                                                                                                                  \
        (void)threads;                                                                                                 \
        return layers_seconds(&NAME, seconds);                                                                         \
    }
LAYERS_SECONDS(mlp)
LAYERS_SECONDS(mlp_float)
LAYERS_SECONDS(conv_3)
LAYERS_SECONDS(conv_31)
LAYERS_SECONDS(cnn)

/* ---- kernels ---- */

static sb_status empirical_gram(size_t threads)
{
    sb_jacobian jacobian = {
        .units = TANH_WIDTH, .per_unit = 3, .dim = 1, .columns = sb_net_columns, .context = &in.tanh.net};
    return sb_gram_empirical(&jacobian, GRAM, in.gram_points.x, threads, in.gram);
}

static sb_status eigen(size_t threads, double *seconds)
{
    memcpy(in.c, in.a, MATRIX * MATRIX * sizeof *in.c);
    double began = seconds_now(threads);
    sb_status status = sb_syevd(MATRIX, in.c, in.values);
    *seconds = seconds_now(threads) - began;
    return status;
}

/* ---- forecasts of the demo ---- */

static bool tick(void *context, const char *stage, double done, double total)
{
    (void)context, (void)stage, (void)done, (void)total;
    in.ticks++;
    return true;
}

/* One right-hand side of the integration, which reports every 256 of them (core/ode.c). */
static sb_status lfp_flow(size_t threads, double *seconds)
{
    sb_monitor monitor = {.progress = tick};
    in.ticks = 0;
    double began = seconds_now(threads);
    sb_status status = sb_source_find("lfp")->solve(&in.demo, SB_FORM_FLOW, in.u0, &monitor, in.u);
    *seconds = (seconds_now(threads) - began) / (256 * ((double)in.ticks + 0.5));
    return status;
}

/* One right-hand side = one step. */
static sb_status lfp_steps(size_t threads, double *seconds)
{
    (void)threads;
    double began = seconds_now(threads);
    sb_status status = sb_source_find("lfp")->solve(&in.demo, SB_FORM_GD, in.u0, NULL, in.u);
    *seconds = (seconds_now(threads) - began) / in.demo.problem.step[in.demo.problem.nt - 1];
    return status;
}

/* Gram matrix, eigenpairs, and the decay at every recorded time. */
static sb_status kernel_forecast(const char *name)
{
    sb_status status = SB_OK;
    sb_kernel_modes modes = {0};
    SB_TRY(sb_source_find(name)->gram(&in.demo, 1, in.demo_gram));
    SB_TRY(sb_kernel_modes_create(in.demo_gram, &in.demo.problem, in.demo.spectrum, &modes));
    sb_kernel_forecast(&modes, &in.demo.problem, NULL, in.u0, &in.decay);
done:
    sb_kernel_modes_clear(&modes);
    return status;
}

static sb_status empirical_forecast(size_t threads)
{
    (void)threads;
    return kernel_forecast("ntk.empirical");
}

static sb_status infinite_forecast(size_t threads)
{
    (void)threads;
    return kernel_forecast("ntk.infinite");
}

/* ---- the heat equation ---- */

#define HEAT_TIMES 200

/* Two packets of both parities. */
static void heat_start(const void *context, size_t count, const double *w, double complex *U)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        U[i] = exp(-0.1 * (w[i] - 4) * (w[i] - 4)) + w[i] * exp(-0.1 * (w[i] - 20) * (w[i] - 20)) * I;
}

/* 1280 elements on [0, 64]: 1281 unknowns of Re U and 1280 of Im U. */
static sb_status heat_flow(size_t threads)
{
    static const double w[] = {4, 20, 36};
    sb_density density = {0};
    double t[HEAT_TIMES];
    double complex U[HEAT_TIMES * 3];
    sb_status status = SB_OK;
    (void)threads;
    SB_TRY(sb_density_parse("gaussian(12)", NULL, &density));
    for (size_t i = 0; i < HEAT_TIMES; i++) t[i] = 10 * (double)(i + 1);
    sb_heat equation = {
        .dim = 1, .density = &density, .c = 1, .sa2 = 1, .extent = 3, .cutoff = 64, .mesh = 0.05, .method = "cram14"};
    sb_heat_query query = {.start = heat_start, .form = SB_FORM_FLOW, .nt = HEAT_TIMES, .t = t, .nw = 3, .w = w};
    SB_TRY(sb_heat_solve(&equation, &query, NULL, U));
done:
    sb_density_clear(&density);
    return status;
}

/* ---- the table ---- */

static reading as_rate(const item *what, double seconds, double rate)
{
    return (reading){1e-9 * what->size / seconds, 100 * what->size / seconds / rate};
}

static reading per_element(const item *what, double seconds, double rate)
{
    return (reading){1e9 * seconds / what->size, seconds / what->size * rate};
}

static reading as_share(const item *what, double seconds, double rate)
{
    return (reading){1e3 * seconds, 100 * what->size / seconds / rate};
}

static reading as_multiple(const item *what, double seconds, double rate)
{
    return (reading){1e3 * seconds, seconds * rate / what->size};
}

static reading as_work(const item *what, double seconds, double rate)
{
    (void)what;
    return (reading){1e6 * seconds, 1e-6 * seconds * rate};
}

static reading as_long_work(const item *what, double seconds, double rate)
{
    (void)what;
    return (reading){1e3 * seconds, 1e-6 * seconds * rate};
}

static const section yardsticks = {"yardsticks", "GF/s", "% of the FMA loop", .convert = as_rate},
                     activations = {"activation", "ns/element", "flop-times/element", .convert = per_element},
                     steps = {"training step", "ns/element", "flop-times/element", .convert = per_element},
                     layers = {"layers, an example", "ms", "% of DGEMM", .convert = as_share, .rate = true},
                     gram = {"empirical Gram matrix", "ms", "% of DGEMM", .convert = as_share, .rate = true},
                     eigenpairs = {"eigenpairs", "ms", "DGEMMs of that size", .convert = as_multiple},
                     forecasts = {"forecast of the demo", "us", "million flop-times", .convert = as_work},
                     heat = {"heat equation, 200 times", "ms", "million flop-times", .convert = as_long_work};

/* Rows for one thread are followed by those for all cores, which a machine with one core leaves out. */
#define ALL 0

static item items[] = {
    {&yardsticks, "FMA loop", 1, fma_rate, .measure = fma_seconds, .size = 1},
    {&yardsticks, "FMA loop", ALL, fma_rate, .measure = fma_seconds, .size = 1},
    {&yardsticks, "DGEMM 1000^3", 1, fma_rate, .call = product, .size = PRODUCT_FLOPS},
    {&yardsticks, "DGEMM 1000^3", ALL, fma_rate, .call = product, .size = PRODUCT_FLOPS},
    {&activations, "vector tanh with tanh'", 1, fma_rate, .call = vector_tanh, .size = LINE_SIZE, .limit = 150},
    {&activations, "libm tanh", 1, fma_rate, .call = libm_tanh, .size = LINE_SIZE},
    {&steps, "1-8000-1 tanh, n = 201", 1, fma_rate, .measure = tanh_step, .size = TANH_SIZE, .limit = 200},
    {&steps, "1-8000-1 tanh, n = 201", ALL, fma_rate, .measure = tanh_step, .size = TANH_SIZE, .limit = 200},
    {&steps, "1-8192-1 relu, n = 32", 1, fma_rate, .measure = relu_step, .size = RELU_SIZE},
    {&steps, "1-8192-1 relu, n = 32", ALL, fma_rate, .measure = relu_step, .size = RELU_SIZE},
    {&steps, "1-8000-1 fourier, grid, n = 256", 1, fma_rate, .measure = grid_step, .size = FOURIER_SIZE},
    {&steps, "1-8000-1 fourier, scattered", 1, fma_rate, .measure = scattered_step, .size = FOURIER_SIZE},
    {&layers, "784-400-200-10 tanh", 1, product_rate, .measure = mlp_seconds, .size = MLP_FLOPS},
    {&layers, "784-400-200-10 tanh, float", 1, product_rate, .measure = mlp_float_seconds, .size = MLP_FLOPS},
    {&layers, "conv1d 1-64-64-1, k = 3", 1, product_rate, .measure = conv_3_seconds, .size = CONV1D_FLOPS(3)},
    {&layers, "conv1d 1-64-64-1, k = 31", 1, product_rate, .measure = conv_31_seconds, .size = CONV1D_FLOPS(31)},
    {&layers, "conv2d 1-32-64, k = 3, pools", 1, product_rate, .measure = cnn_seconds, .size = CONV2D_FLOPS},
    {&gram, "1-8000-1 tanh, n = 512", 1, product_rate, .call = empirical_gram, .size = GRAM_FLOPS},
    {&gram, "1-8000-1 tanh, n = 512", ALL, product_rate, .call = empirical_gram, .size = GRAM_FLOPS},
    {&eigenpairs, "dsyevd, n = 1000", 1, product_rate, .measure = eigen, .size = PRODUCT_FLOPS},
    {&forecasts, "lfp.flow, a right-hand side", 1, fma_rate, .measure = lfp_flow},
    {&forecasts, "lfp.gd, a right-hand side", 1, fma_rate, .measure = lfp_steps},
    {&forecasts, "ntk.empirical, one draw", 1, fma_rate, .call = empirical_forecast},
    {&forecasts, "ntk.infinite", 1, fma_rate, .call = infinite_forecast},
    {&heat, "2561 unknowns, cram14", 1, fma_rate, .call = heat_flow},
};

#define ITEMS (sizeof items / sizeof items[0])

/* Rounds that were kept; the first one warms up. */
static sb_status measure_items(size_t wanted, size_t *rounds)
{
    sb_status status = SB_OK;
    double began = seconds_now(ALL);
    for (*rounds = 0; *rounds <= wanted; (*rounds)++) {
        if (*rounds > FEWEST_ROUNDS && seconds_now(ALL) - began > PATIENCE) break;
        for (size_t i = 0; i < ITEMS; i++)
            if (items[i].threads != ALL) SB_TRY(item_round(&items[i], *rounds == 0 ? 0 : *rounds - 1));
    }
    (*rounds)--;
done:
    return status;
}

static void print_items(size_t rounds)
{
    const section *last = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        if (items[i].threads == ALL) continue;
        if (items[i].section != last) print_heading(items[i].section);
        last = items[i].section;
        print_item(&items[i], rounds);
    }
}

/* ---- around the table ---- */

/* OpenBLAS reads these when it is loaded, before main: they must be gone before the program starts. */
static void without_blas_settings(char **arguments)
{
    static const char *const names[] = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!getenv(names[i])) continue;
        printf("note: %s=%s was set; starting again without it\n", names[i], getenv(names[i]));
        unsetenv(names[i]);
        found = true;
    }
    fflush(stdout);
    if (found) execv("/proc/self/exe", arguments);
    if (found) perror("bench: cannot start again, going on with these settings");
}

static void print_machine(void)
{
    char cpu[128];
    sb_cpu_name(cpu, sizeof cpu);
    printf("specbias  %s (%s)\n", sb_version(), sb_version_git());
    printf("machine   %s, %zu core%s\n", cpu, sb_cores(), sb_cores() == 1 ? "" : "s");
    printf("code      library %s, FMA loop %s, %.15s for %s\n", sb_isa_name(), widest_fma_loop().name, sb_blas_name(),
           sb_blas_core());
    double load;
    if (getloadavg(&load, 1) == 1)
        printf("load      %.1f in the last minute%s\n", load,
               load > 0.5 ? ": rows for several threads may suffer" : "");
    if (strcmp(sb_isa_name(), widest_fma_loop().name) != 0)
        printf("note: the library does not use the widest instructions of the machine, so limits do not apply\n");
    fflush(stdout);
}

/* A line of /proc/self/status, in MB; 0 when there is none. */
static double memory(const char *name)
{
    char line[256];
    double kilobytes = 0;
    FILE *stream = fopen("/proc/self/status", "r");
    while (stream && fgets(line, sizeof line, stream))
        if (strncmp(line, name, strlen(name)) == 0) kilobytes = strtod(line + strlen(name), NULL);
    if (stream) fclose(stream);
    return kilobytes / 1000;
}

/* Sets the peak of resident memory back to what is in use now. */
static bool reset_peak(void)
{
#if defined(__GLIBC__)
    malloc_trim(0); /* freed memory that the process holds would hide the rise */
#endif
    FILE *stream = fopen("/proc/self/clear_refs", "w");
    bool written = stream && fputs("5", stream) >= 0;
    return stream && fclose(stream) == 0 && written;
}

static sb_status print_gram_memory(void)
{
    bool known = reset_peak();
    double before = memory("VmRSS:");
    sb_status status = empirical_gram(sb_cores());
    printf("Gram matrix: GF/s count %.2f GF, n^2 (3 width), half of a full product. Memory: ", 1e-9 * GRAM_FLOPS);
    if (known && before > 0) printf("%.1f MB at peak", memory("VmHWM:") - before);
    printf(" beside the\n  %.1f MB of the result; its Jacobian would take %.0f MB.\n", 8e-6 * GRAM * GRAM,
           8e-6 * GRAM * 3 * TANH_WIDTH);
    return status;
}

static void print_legend(size_t rounds)
{
    const sb_problem *problem = &in.demo.problem;
    printf(
        "\nMedian (min - max) of %zu rounds, each item between two looks at its yardstick; a ratio is one round's.\n",
        rounds);
    printf("One thread: its CPU time; several: the wall clock. The FMA loop's ratio to itself is the noise.\n");
    printf("flop-time: what the FMA loop takes for one floating-point operation, with as many threads.\n");
    printf("Training: sb_train, %zu steps (relu: %zu) minus %d; an element is a neuron x a datum.\n", in.tanh.many,
           in.relu.many, FEW);
    printf("Forecasts: 32 points; lfp with 2048 frequencies, t <= %g: flow has about %zu right-hand sides, gd %.0f;\n"
           "  ntk: Gram matrix, eigenpairs and decay, of a network of 8192 neurons (empirical).\n",
           problem->t[problem->nt - 1], 256 * in.ticks, problem->step[problem->nt - 1]);
}

int main(int count, char **arguments)
{
    sb_status status = SB_OK;
    size_t rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : ROUNDS;
    if (count > 2 || rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench [ROUNDS], 1 to %d\n", MAX_ROUNDS);
        return 2;
    }
    without_blas_settings(arguments);
    print_machine();
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].threads == ALL && sb_cores() > 1) items[i].threads = sb_cores();
    SB_TRY(make_inputs());
    SB_TRY(measure_items(rounds, &rounds));
    print_items(rounds);
    print_legend(rounds);
    SB_TRY(print_gram_memory());
done:
    if (status != SB_OK) fprintf(stderr, "bench: %s\n", sb_error_text());
    clear_inputs();
    return status == SB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
