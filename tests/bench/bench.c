/* Speed beside yardsticks of the same run. Machines are shared and their clocks drift, so every item is measured
 * between two looks at its yardstick, in interleaved rounds, and what counts is the median of the ratios. Nothing is
 * tested here: the exit status says only whether everything ran. `bench ROUNDS` takes other than 7 rounds. */
#include <specbias/fit.h>
#include <specbias/specbias.h>

#include <string.h>
#include <unistd.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "core/version.h"

#include "product.h"
#include "table.h"
#include "yardstick.h"

#define ROUNDS 7
#define FEWEST_ROUNDS 5
#define PATIENCE 40.0 /* seconds after which FEWEST_ROUNDS are enough */

/* ---- the inputs of all items ---- */

#define LINE 1000 /* numbers; three arrays of them fit into 32 kB */
#define BATCH 100 /* evaluations of a line between two looks at the clock */
#define GRAM 512  /* points */
#define TANH_WIDTH 8000
#define TANH_POINTS 201
#define RELU_WIDTH 8192
#define RELU_POINTS 32
#define FOURIER_WIDTH 8000
#define FOURIER_POINTS 256
#define SINE_POINTS 512
#define MANY_POINTS 1601
#define DEEP_PARAMETERS 35651
#define FEW 10 /* steps of the shorter of two training runs */

/* Sizes of one call: elements, or floating-point operations. */
#define LINE_SIZE ((double)LINE * BATCH)
#define TANH_SIZE ((double)TANH_WIDTH * TANH_POINTS)
#define RELU_SIZE ((double)RELU_WIDTH * RELU_POINTS)
#define FOURIER_SIZE ((double)FOURIER_WIDTH * FOURIER_POINTS)
#define SINE_SIZE ((double)TANH_WIDTH * SINE_POINTS)
#define DEEP_SIZE ((double)DEEP_PARAMETERS * TANH_POINTS)
#define GRAM_FLOPS (3.0 * TANH_WIDTH * GRAM * GRAM) /* of the symmetric product: half of 2 n^2 (3 width) */

typedef struct fit_case {
    const char *rule;
    double eta;
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
    double *theta;
    size_t many; /* steps; 0: not yet known */
} fit_case;

static struct {
    double *z, *s, *ds;                    /* [LINE] */
    double *a, *b, *c;                     /* [MATRIX][MATRIX]; a is symmetric */
    double *values;                        /* [MATRIX] */
    fit_case tanh, relu, grid, scattered;  /* sums over units; the last two of Fourier features */
    fit_case wide, wide_single, wide_many; /* 1-8000-1 tanh, the last with MANY_POINTS */
    fit_case sine, deep;
    sb_problem gram_points; /* GRAM points */
    double *gram;           /* [GRAM][GRAM] */
    sb_config config;       /* every default: the demo */
    sb_case demo;
    double *u0, *u;    /* [n], [nt][n] of the demo */
    double *demo_gram; /* [n][n] */
    sb_decay decay;
    size_t ticks; /* reports of lfp.flow about its progress */
} in;

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
    matrix.a = in.a, matrix.b = in.b, matrix.c = in.c;
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

/* A sum over units in NTK parametrisation, two antisymmetric copies of half the width, by gradient descent. */
static sb_status make_sum(const char *const *layer, const char *weights, double amplitude, size_t n, bool grid,
                          fit_case *fit)
{
    sb_model_spec model = {.input = {1, 1, 1},
                           .layer = layer,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = weights,
                           .biases = "",
                           .shift_range = 1,
                           .density = "gaussian(16)",
                           .antisymmetric = true};
    sb_loss_spec loss = {.kind = "mse"};
    sb_problem problem = {0};
    sb_status status = SB_OK;
    while (layer[model.layers]) model.layers++;
    fit->rule = "gd", fit->eta = 0.02;
    SB_TRY(make_problem(n, amplitude, &problem));
    for (size_t i = 0; !grid && i < n; i += 2) problem.x[i] += 1e-3; /* still ascending */
    SB_TRY(sb_dataset_of_problem(&problem, false, &fit->set));
    SB_TRY(sb_model_create(&model, &fit->model));
    SB_TRY(sb_loss_create(&loss, &fit->set, &fit->loss));
    fit->theta = new_doubles(sb_model_parameters(fit->model));
done:
    sb_problem_clear(&problem);
    return status;
}

static sb_status make_sums(void)
{
    char text[3][32];
    size_t width[3] = {TANH_WIDTH, RELU_WIDTH, FOURIER_WIDTH};
    const char *tanh_net[] = {text[0], "tanh", "dense(1, nobias)", NULL};
    const char *relu_net[] = {text[1], "relu", "dense(1, nobias)", NULL};
    const char *features[] = {text[2], "dense(1, nobias)", NULL};
    sb_status status = SB_OK;
    for (int i = 0; i < 3; i++) snprintf(text[i], 32, i < 2 ? "shifted(%zu)" : "fourier(%zu)", width[i] / 2);
    SB_TRY(make_sum(tanh_net, "gaussian(1)", 1, TANH_POINTS, true, &in.tanh));
    SB_TRY(make_sum(relu_net, "two_point(2)", 0.004, RELU_POINTS, true, &in.relu));
    SB_TRY(make_sum(features, "gaussian(1)", 1e-3, FOURIER_POINTS, true, &in.grid));
    SB_TRY(make_sum(features, "gaussian(1)", 1e-3, FOURIER_POINTS, false, &in.scattered));
done:
    return status;
}

/* n points of [-1, 1] and sin 3x; `layer` ends with NULL. */
static sb_status make_fit(const char *const *layer, size_t n, bool single, fit_case *fit)
{
    sb_model_spec model = {.input = {1, 1, 1},
                           .layer = layer,
                           .parametrisation = "standard",
                           .gain = 1,
                           .weights = "",
                           .biases = "gaussian(1)",
                           .single = single};
    sb_loss_spec loss = {.kind = "mse", .factor = "half_mean", .weights = "equal"};
    sb_status status = SB_OK;
    while (layer[model.layers]) model.layers++;
    fit->rule = "adam", fit->eta = 1e-5;
    SB_TRY(sb_dataset_init(&fit->set, "train", n, model.input, (sb_shape){1, 1, 1}, 0, 0));
    for (size_t i = 0; i < n; i++) {
        fit->set.x[i] = -1 + 2 * (double)i / (double)(n - 1);
        fit->set.y[i] = sin(3 * fit->set.x[i]);
    }
    SB_TRY(sb_model_create(&model, &fit->model));
    SB_TRY(sb_loss_create(&loss, &fit->set, &fit->loss));
    fit->theta = new_doubles(sb_model_parameters(fit->model));
done:
    return status;
}

static sb_status make_fits(void)
{
    static const char *const wide[] = {"dense(8000)", "tanh", "dense(1)", NULL};
    static const char *const sine[] = {"dense(8000)", "sine", "dense(1)", NULL};
    static const char *const deep[] = {"dense(200)", "tanh",      "dense(100)", "tanh",     "dense(100)",
                                       "tanh",       "dense(50)", "tanh",       "dense(1)", NULL};
    sb_status status = SB_OK;
    SB_TRY(make_fit(wide, TANH_POINTS, false, &in.wide));
    SB_TRY(make_fit(wide, TANH_POINTS, true, &in.wide_single));
    SB_TRY(make_fit(wide, MANY_POINTS, false, &in.wide_many));
    SB_TRY(make_fit(sine, SINE_POINTS, false, &in.sine));
    SB_TRY(make_fit(deep, TANH_POINTS, false, &in.deep));
done:
    return status;
}

static void clear_fits(void)
{
    fit_case *all[] = {&in.tanh,        &in.relu,      &in.grid, &in.scattered, &in.wide,
                       &in.wide_single, &in.wide_many, &in.sine, &in.deep};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sb_loss_destroy(&all[i]->loss);
        sb_model_destroy(&all[i]->model);
        sb_dataset_clear(&all[i]->set);
        free(all[i]->theta);
    }
}

/* The default of every key makes the demo; here for a tenth of its time. */
static sb_status make_demo(void)
{
    sb_status status = SB_OK;
    SB_TRY(sb_config_init(&in.config));
    SB_TRY(sb_config_set(&in.config, "train.time=40"));
    SB_TRY(sb_config_set(&in.config, "train.records=200"));
    SB_TRY(sb_case_create(&in.config, NULL, &in.demo));
    const sb_problem *problem = &in.demo.problem;
    in.u0 = new_doubles(problem->n);
    in.u = new_doubles(problem->nt * problem->n);
    in.demo_gram = new_doubles(problem->n * problem->n);
    for (size_t i = 0; i < problem->n; i++) in.u0[i] = -problem->y[i];
    SB_TRY(sb_decay_init(&in.decay, &in.demo.watch.items, in.demo.nt, in.demo.t, in.demo.step, "bench", SB_FORM_GD,
                         &in.demo.terms));
done:
    return status;
}

static sb_status make_inputs(void)
{
    sb_status status = SB_OK;
    make_arrays();
    SB_TRY(make_sums());
    SB_TRY(make_fits());
    SB_TRY(make_problem(GRAM, 1, &in.gram_points));
    SB_TRY(make_demo());
done:
    return status;
}

static void clear_inputs(void)
{
    double *arrays[] = {in.z, in.a, in.b, in.c, in.values, in.gram, in.u0, in.u, in.demo_gram};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) free(arrays[i]);
    clear_fits();
    sb_problem_clear(&in.gram_points);
    sb_decay_clear(&in.decay);
    sb_case_clear(&in.demo);
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

/* ---- activations ---- */

/* What the compiler must believe to be read and written, so that no evaluation is left out. */
static inline void touch(void *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static sb_status vector_tanh(size_t threads)
{
    const sb_activation *activation = sb_activation_find("tanh");
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

/* Seconds of sb_fit by this route from the start, set-up included. */
static sb_status fit(fit_case *what, const char *route, size_t steps, size_t threads, double *seconds)
{
    static const double record[] = {0};
    sb_fit_result result;
    sb_fit_spec spec = {.model = what->model,
                        .set = &what->set,
                        .loss = what->loss,
                        .rule = sb_rule_find(what->rule),
                        .schedule = sb_schedule_find("constant"),
                        .eta = what->eta,
                        .momentum = 0.9,
                        .beta2 = 0.999,
                        .epsilon = 1e-8,
                        .decay = 1,
                        .period = 1,
                        .steps = steps,
                        .nt = 1,
                        .record_step = record,
                        .threads = threads,
                        .route = route,
                        .identity = "bench"};
    sb_model_start(what->model, 1, SB_STREAM_TRAIN, what->theta);
    if (steps == FEW) dump("theta", sb_model_parameters(what->model), what->theta);
    double began = seconds_now(threads);
    sb_status status = sb_fit(&spec, NULL, what->theta, &result);
    *seconds = seconds_now(threads) - began;
    if (steps == FEW) {
        dump("x", what->set.n, what->set.x);
        dump("y", what->set.n, what->set.y);
        dump("end", sb_model_parameters(what->model), what->theta);
    }
    if (status == SB_OK && strcmp(result.route, route) != 0)
        return sb_fail(SB_ERR_NUMERIC, "the route %s gave up", route);
    return status;
}

static sb_status fit_step(fit_case *what, const char *route, size_t threads, double *seconds)
{
    double few, many;
    sb_status status = fit(what, route, FEW, threads, &few);
    if (status == SB_OK && what->many == 0) what->many = FEW + (size_t)fmax(50, fmin(400, 0.5 * FEW / few));
    if (status == SB_OK) status = fit(what, route, what->many, threads, &many);
    if (status == SB_OK) *seconds = (many - few) / (double)(what->many - FEW);
    return status;
}

static sb_status tanh_step(size_t threads, double *seconds)
{
    return fit_step(&in.tanh, "fused", threads, seconds);
}

static sb_status relu_step(size_t threads, double *seconds)
{
    return fit_step(&in.relu, "fused", threads, seconds);
}

static sb_status grid_step(size_t threads, double *seconds)
{
    return fit_step(&in.grid, "rotation", threads, seconds);
}

static sb_status scattered_step(size_t threads, double *seconds)
{
    return fit_step(&in.scattered, "fused", threads, seconds);
}

static sb_status wide_step(size_t threads, double *seconds)
{
    return fit_step(&in.wide, "fused", threads, seconds);
}

static sb_status single_step(size_t threads, double *seconds)
{
    return fit_step(&in.wide_single, "fused", threads, seconds);
}

static sb_status nodes_step(size_t threads, double *seconds)
{
    return fit_step(&in.wide, "nodes", threads, seconds);
}

static sb_status many_nodes_step(size_t threads, double *seconds)
{
    return fit_step(&in.wide_many, "nodes", threads, seconds);
}

static sb_status rotation_step(size_t threads, double *seconds)
{
    return fit_step(&in.sine, "rotation", threads, seconds);
}

static sb_status deep_step(size_t threads, double *seconds)
{
    return fit_step(&in.deep, "plain", threads, seconds);
}

static sb_status deep_nodes_step(size_t threads, double *seconds)
{
    return fit_step(&in.deep, "nodes", threads, seconds);
}

/* Steps per second as a yardstick. */
static sb_status rate_of(sb_status (*step)(size_t threads, double *seconds), size_t threads, double *rate)
{
    double seconds;
    sb_status status = step(threads, &seconds);
    if (status == SB_OK) *rate = 1 / seconds;
    return status;
}

static sb_status nodes_rate(size_t threads, double *rate)
{
    return rate_of(nodes_step, threads, rate);
}

static sb_status deep_rate(size_t threads, double *rate)
{
    return rate_of(deep_step, threads, rate);
}

/* ---- kernels ---- */

static sb_status empirical_gram(size_t threads)
{
    sb_factors factors = {0};
    sb_model_start(in.tanh.model, 1, SB_STREAM_TRAIN, in.tanh.theta);
    in.tanh.theta[0] += 1e-9; /* equal copies are one */
    sb_status status = sb_model_factors(in.tanh.model, in.tanh.theta, &factors);
    sb_gram_spec spec = {.factors = &factors, .threads = threads};
    if (status == SB_OK) status = sb_gram_layers(&spec, GRAM, in.gram_points.x, in.gram);
    sb_factors_clear(&factors);
    return status;
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

static sb_status lfp(const char *method, sb_form form, const sb_monitor *monitor)
{
    sb_theory_params params = in.demo.theory;
    params.method = method;
    return sb_theory_find("lfp")->solve(&params, &in.demo.problem, form, in.u0, monitor, in.u);
}

/* Its matrix, eigenpairs, and the residual at every recorded time. */
static sb_status lfp_forecast(size_t threads)
{
    (void)threads;
    return lfp(NULL, SB_FORM_FLOW, NULL);
}

/* One right-hand side of the integration, which reports every 256 of them (core/ode.c). */
static sb_status lfp_flow(size_t threads, double *seconds)
{
    sb_monitor monitor = {.progress = tick};
    in.ticks = 0;
    double began = seconds_now(threads);
    sb_status status = lfp("rk8pd", SB_FORM_FLOW, &monitor);
    *seconds = (seconds_now(threads) - began) / (256 * ((double)in.ticks + 0.5));
    return status;
}

/* One right-hand side = one step. */
static sb_status lfp_steps(size_t threads, double *seconds)
{
    (void)threads;
    double began = seconds_now(threads);
    sb_status status = lfp("rk8pd", SB_FORM_GD, NULL);
    *seconds = (seconds_now(threads) - began) / in.demo.problem.step[in.demo.problem.nt - 1];
    return status;
}

/* Gram matrix, eigenpairs, and the decay at every recorded time. */
static sb_status kernel_forecast(const char *name)
{
    sb_status status = SB_OK;
    sb_kernel_modes modes = {0};
    SB_TRY(sb_source_find(name)->gram(&in.demo, 1, in.demo_gram));
    SB_TRY(sb_kernel_modes_create(in.demo_gram, false, 1, &in.demo.quadratic, &in.demo.watch, &modes));
    SB_TRY(sb_kernel_forecast(&modes, &in.demo.rule, NULL, in.u0, &in.decay));
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
    dump("u", HEAT_TIMES * 3 * 2, (const double *)U);
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
                     nodes = {"by nodes", "ms", "steps of n = 201", .convert = as_multiple},
                     deep = {"by nodes", "ms", "steps of plain", .convert = as_multiple},
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
    {&steps, "the same, Adam, fused", 1, fma_rate, .measure = wide_step, .size = TANH_SIZE, .limit = 200},
    {&steps, "the same, Adam, fused", ALL, fma_rate, .measure = wide_step, .size = TANH_SIZE, .limit = 200},
    {&steps, "the same, float", 1, fma_rate, .measure = single_step, .size = TANH_SIZE, .limit = 100},
    {&steps, "the same, float", ALL, fma_rate, .measure = single_step, .size = TANH_SIZE, .limit = 100},
    {&steps, "the same, nodes", 1, fma_rate, .measure = nodes_step, .size = TANH_SIZE, .limit = 80},
    {&steps, "the same, nodes", ALL, fma_rate, .measure = nodes_step, .size = TANH_SIZE, .limit = 80},
    {&steps, "1-8000-1 sine, grid, n = 512", 1, fma_rate, .measure = rotation_step, .size = SINE_SIZE, .limit = 80},
    {&steps, "1-8000-1 sine, grid, n = 512", ALL, fma_rate, .measure = rotation_step, .size = SINE_SIZE, .limit = 80},
    {&steps, "1-200-100-100-50-1, n = 201", 1, fma_rate, .measure = deep_step, .size = DEEP_SIZE},
    {&steps, "1-200-100-100-50-1, n = 201", ALL, fma_rate, .measure = deep_step, .size = DEEP_SIZE},
    {&nodes, "1-8000-1 tanh, n = 1601", 1, nodes_rate, .measure = many_nodes_step, .size = 1, .limit = 1.2},
    {&nodes, "1-8000-1 tanh, n = 1601", ALL, nodes_rate, .measure = many_nodes_step, .size = 1, .limit = 1.2},
    {&deep, "1-200-100-100-50-1, n = 201", 1, deep_rate, .measure = deep_nodes_step, .size = 1},
    {&deep, "1-200-100-100-50-1, n = 201", ALL, deep_rate, .measure = deep_nodes_step, .size = 1},
    {&gram, "1-8000-1 tanh, n = 512", 1, product_rate, .call = empirical_gram, .size = GRAM_FLOPS},
    {&gram, "1-8000-1 tanh, n = 512", ALL, product_rate, .call = empirical_gram, .size = GRAM_FLOPS},
    {&eigenpairs, "dsyevd, n = 1000", 1, product_rate, .measure = eigen, .size = PRODUCT_FLOPS},
    {&forecasts, "lfp, all times", 1, fma_rate, .call = lfp_forecast},
    {&forecasts, "lfp.flow, a right-hand side", 1, fma_rate, .measure = lfp_flow},
    {&forecasts, "lfp.gd, a right-hand side", 1, fma_rate, .measure = lfp_steps},
    {&forecasts, "ntk.empirical, one draw", 1, fma_rate, .call = empirical_forecast},
    {&forecasts, "ntk.infinite", 1, fma_rate, .call = infinite_forecast},
    {&heat, "2561 unknowns, cram14", 1, fma_rate, .call = heat_flow},
};

#define ITEMS (sizeof items / sizeof items[0])

/* Rounds that were kept; the first one warms up. */
static sb_status measure_items(const request *asked, size_t *rounds)
{
    sb_status status = SB_OK;
    double began = seconds_now(ALL);
    for (*rounds = 0; *rounds <= asked->rounds; (*rounds)++) {
        if (*rounds > FEWEST_ROUNDS && seconds_now(ALL) - began > PATIENCE) break;
        SB_TRY(one_round(asked, ITEMS, items, *rounds));
    }
    (*rounds)--;
done:
    return status;
}

/* ---- around the table ---- */

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
    printf("Training: sb_fit, %zu steps (relu: %zu) minus %d; an element is a neuron x a datum.\n", in.tanh.many,
           in.relu.many, FEW);
    printf("Forecasts: 32 points; lfp with 2048 frequencies, t <= %g: flow has about %zu right-hand sides, gd %.0f;\n"
           "  ntk: Gram matrix, eigenpairs and decay, of a network of 8192 neurons (empirical).\n",
           problem->t[problem->nt - 1], 256 * in.ticks, problem->step[problem->nt - 1]);
}

int main(int count, char **arguments)
{
    sb_status status = SB_OK;
    request asked;
    size_t rounds;
    if (!read_request(count, arguments, ROUNDS, &asked)) return 2;
    without_blas_settings(arguments);
    print_machine();
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].threads == ALL && sb_cores() > 1) items[i].threads = sb_cores();
    SB_TRY(make_inputs());
    SB_TRY(measure_items(&asked, &rounds));
    print_items(&asked, ITEMS, items, rounds);
    if (*asked.row) goto done;
    print_legend(rounds);
    SB_TRY(print_gram_memory());
done:
    if (status != SB_OK) fprintf(stderr, "bench: %s\n", sb_error_text());
    clear_inputs();
    return status == SB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
