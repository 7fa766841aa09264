/* Training steps of networks of layers beside the matrix product of the same moment, and what exact gradient flow costs
 * beside gradient descent of the same accuracy. As in bench.c, medians of interleaved rounds; nothing is tested. */
#include <specbias/specbias.h>

#include <string.h>

#include <specbias/fit.h>

#include "product.h"

#define ROUNDS 5

/* ---- training ---- */

typedef struct workload {
    size_t examples, layers;
    bool single;
    sb_shape input, output;
    const char *layer[6];
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
} workload;

static workload mlp = {.examples = 10000,
                       .layers = 5,
                       .input = {1, 1, 784},
                       .output = {1, 1, 10},
                       .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"}},
                mlp32 = {.examples = 10000,
                         .layers = 5,
                         .input = {1, 1, 784},
                         .output = {1, 1, 10},
                         .layer = {"dense(400)", "tanh", "dense(200)", "tanh", "dense(10)"},
                         .single = true},
                conv3 = {.examples = 100,
                         .layers = 5,
                         .input = {1, 1000, 1},
                         .output = {1, 1000, 1},
                         .layer = {"conv1d(64, 3)", "relu", "conv1d(64, 3)", "relu", "conv1d(1, 3)"}},
                conv31 = {.examples = 100,
                          .layers = 5,
                          .input = {1, 1000, 1},
                          .output = {1, 1000, 1},
                          .layer = {"conv1d(64, 31)", "relu", "conv1d(64, 31)", "relu", "conv1d(1, 31)"}};

/* Products of a step: forward, gradient by weights, and for all layers but the first gradient by inputs. */
#define STEP_FLOPS(examples, first, rest) (2.0 * (examples) * (2.0 * (first) + 3.0 * (rest)))
#define MLP_FLOPS STEP_FLOPS(1e4, 784. * 400, 400. * 200 + 200. * 10)
#define CONV_FLOPS(k) STEP_FLOPS(1e5, 64. * (k), 64. * 64 * (k) + 64. * (k))

static sb_status make(workload *t)
{
    sb_status status = SB_OK;
    sb_rng rng = sb_rng_at(1, SB_STREAM_DATA, 0);
    sb_model_spec model = {.input = t->input,
                           .layers = t->layers,
                           .layer = t->layer,
                           .parametrisation = "standard",
                           .gain = 1,
                           .weights = "",
                           .biases = "",
                           .single = t->single};
    sb_loss_spec loss = {.kind = "mse", .factor = "mean"};
    if (t->model) return SB_OK;
    SB_TRY(sb_dataset_init(&t->set, "train", t->examples, t->input, t->output, 0, 0));
    for (size_t i = 0; i < t->examples * sb_shape_size(t->input); i++) t->set.x[i] = sb_rng_uniform(&rng);
    for (size_t i = 0; i < t->examples * sb_shape_size(t->output); i++) t->set.y[i] = sb_rng_uniform(&rng);
    SB_TRY(sb_model_create(&model, &t->model));
    SB_TRY(sb_loss_create(&loss, &t->set, &t->loss));
done:
    return status;
}

static void clear(workload *t)
{
    sb_loss_destroy(&t->loss);
    sb_model_destroy(&t->model);
    sb_dataset_clear(&t->set);
}

static sb_status fit_seconds(const workload *t, size_t steps, size_t threads, double *seconds)
{
    sb_fit_result result;
    double *theta = new_doubles(sb_model_parameters(t->model));
    sb_fit_spec spec = {.model = t->model,
                        .set = &t->set,
                        .loss = t->loss,
                        .rule = sb_rule_find("adam"),
                        .schedule = sb_schedule_find("constant"),
                        .eta = 1e-4,
                        .momentum = .9,
                        .beta2 = .999,
                        .epsilon = 1e-8,
                        .decay = 1,
                        .period = 1,
                        .steps = steps,
                        .threads = threads,
                        .route = "plain"};
    sb_model_start(t->model, 1, SB_STREAM_TRAIN, theta);
    if (steps == 1) {
        dump("theta", sb_model_parameters(t->model), theta);
        dump("x", t->set.n * sb_shape_size(t->input), t->set.x);
        dump("y", t->set.n * sb_shape_size(t->output), t->set.y);
    }
    double began = seconds_now(threads); /* of one thread its CPU time */
    sb_status status = sb_fit(&spec, NULL, theta, &result);
    *seconds = seconds_now(threads) - began;
    if (steps == 1) dump("end", sb_model_parameters(t->model), theta);
    free(theta);
    return status;
}

static sb_status step_seconds(const workload *t, size_t threads, double *seconds)
{
    enum { MORE = 3 };
    double few, many;
    sb_status status = fit_seconds(t, 1, threads, &few);
    if (status == SB_OK) status = fit_seconds(t, 1 + MORE, threads, &many);
    if (status == SB_OK) *seconds = (many - few) / MORE;
    return status;
}

static sb_status mlp_step(size_t threads, double *seconds)
{
    return step_seconds(&mlp, threads, seconds);
}

static sb_status mlp32_step(size_t threads, double *seconds)
{
    return step_seconds(&mlp32, threads, seconds);
}

static sb_status conv3_step(size_t threads, double *seconds)
{
    return step_seconds(&conv3, threads, seconds);
}

static sb_status conv31_step(size_t threads, double *seconds)
{
    return step_seconds(&conv31, threads, seconds);
}

static reading as_share(const item *what, double seconds, double rate)
{
    return (reading){1e3 * seconds, 100 * what->size / seconds / rate};
}

static const section steps = {"training step (Adam)", "ms", "% of DGEMM", .convert = as_share, .rate = true},
                     flows = {"exact gradient flow", "ms", "% of DGEMM", .convert = as_share};

static sb_status flow_to_40(size_t threads), flow_to_400(size_t threads);

static item items[] = {
    {&steps, "784-400-200-10, batch 10^4", 1, product_rate, .measure = mlp_step, .size = MLP_FLOPS},
    {&steps, "784-400-200-10, batch 10^4", 2, product_rate, .measure = mlp_step, .size = MLP_FLOPS},
    {&steps, "the same in float", 1, product_rate, .measure = mlp32_step, .size = MLP_FLOPS},
    {&steps, "the same in float", 2, product_rate, .measure = mlp32_step, .size = MLP_FLOPS},
    {&steps, "conv1d 1-64-64-1, k = 3", 1, product_rate, .measure = conv3_step, .size = CONV_FLOPS(3.)},
    {&steps, "conv1d 1-64-64-1, k = 3", 2, product_rate, .measure = conv3_step, .size = CONV_FLOPS(3.)},
    {&steps, "conv1d 1-64-64-1, k = 31", 1, product_rate, .measure = conv31_step, .size = CONV_FLOPS(31.)},
    {&steps, "conv1d 1-64-64-1, k = 31", 2, product_rate, .measure = conv31_step, .size = CONV_FLOPS(31.)},
    {&flows, "1-256-1 tanh, n = 16, t = 40", 1, product_rate, .call = flow_to_40},
    {&flows, "1-256-1 tanh, n = 16, t = 400", 1, product_rate, .call = flow_to_400},
};
enum { ITEMS = sizeof items / sizeof items[0] };
static workload flow;
static workload *const of_item[ITEMS] = {&mlp, &mlp, &mlp32, &mlp32, &conv3, &conv3, &conv31, &conv31, &flow, &flow};

/* ---- gradient flow against gradient descent ---- */

/* Largest |u - exact| at the end, relative to the largest |y|. */
static double end_error(const sb_problem *problem, const double *u, const double *exact)
{
    double largest = 0, size = 0;
    for (size_t i = 0; i < problem->n; i++) {
        largest = fmax(largest, fabs(u[i] - exact[i]));
        size = fmax(size, fabs(problem->y[i]));
    }
    return largest / size;
}

enum { FLOW_POINTS = 16 };

static sb_status make_problem(sb_problem *problem)
{
    static const double xi[] = {1, 3};
    sb_points_spec points = {.n = FLOW_POINTS, .dim = 1, .a = -0.5, .b = 0.5, .layout = "midpoint"};
    sb_target_spec target = {.terms = 2, .xi = xi, .amplitude = 0.1};
    sb_status status = sb_points_make(sb_points_find("uniform"), &points, problem);
    if (status == SB_OK) status = sb_target_find("sines")->fill(&target, problem);
    if (status == SB_OK) status = sb_problem_set_times(problem, 0.01, 4000, 1);
    return status;
}

/* h - y at the end of gradient flow ("flow", of that tolerance) or of descent ("gd"), from the start of seed 1. */
static sb_status end_of(const workload *w, const sb_problem *problem, const char *rule, const char *method,
                        double tolerance, double *u, sb_fit_result *result)
{
    double *theta = new_doubles(sb_model_parameters(w->model));
    size_t n = problem->n;
    sb_fit_spec spec = {.model = w->model,
                        .set = &w->set,
                        .loss = w->loss,
                        .rule = sb_rule_find(rule),
                        .schedule = sb_schedule_find("constant"),
                        .method = method,
                        .tolerance = tolerance,
                        .eta = problem->eta,
                        .steps = (size_t)problem->step[problem->nt - 1],
                        .nt = problem->nt,
                        .record_step = problem->step,
                        .threads = 1,
                        .route = "fused"};
    sb_model_start(w->model, 1, SB_STREAM_TRAIN, theta);
    dump("theta", sb_model_parameters(w->model), theta);
    sb_status status = sb_fit(&spec, NULL, theta, result);
    if (status == SB_OK) status = sb_model_evaluate(w->model, theta, n, problem->x, u);
    for (size_t i = 0; i < n; i++) u[i] -= problem->y[i];
    free(theta);
    return status;
}

/* Gradient descent over the same time with a step that is halved until its error is that of the flow. */
static sb_status descent_steps(const workload *w, sb_problem *problem, const double *exact, double wanted,
                               size_t *needed)
{
    sb_status status = SB_OK;
    sb_fit_result result;
    double time = 40, error = INFINITY, u[FLOW_POINTS];
    for (*needed = 2000; error > wanted && *needed < 40000000; *needed *= 2) {
        status = sb_problem_set_times(problem, time / (double)*needed, *needed, 1);
        if (status == SB_OK) status = end_of(w, problem, "gd", NULL, 0, u, &result);
        if (status == SB_OK) error = end_error(problem, u, exact);
        if (status == SB_ERR_NUMERIC) status = SB_OK; /* not stable yet */
        if (status != SB_OK || error <= wanted) break;
    }
    return status;
}

/* 1-256-1 in two antisymmetric copies */
static sb_status make_flow(const char *activation, const sb_problem *problem, workload *w)
{
    const char *layer[] = {"shifted(128, gaussian(3))", activation, "dense(1, nobias, gaussian(3))"};
    sb_model_spec model = {.input = {1, 1, 1},
                           .layers = 3,
                           .layer = layer,
                           .parametrisation = "ntk",
                           .gain = 1,
                           .weights = "",
                           .biases = "",
                           .shift_range = 1,
                           .antisymmetric = true};
    sb_loss_spec loss = {.kind = "mse", .factor = "half_mean"};
    sb_status status = SB_OK;
    SB_TRY(sb_model_create(&model, &w->model));
    SB_TRY(sb_dataset_of_problem(problem, false, &w->set));
    SB_TRY(sb_loss_create(&loss, &w->set, &w->loss));
done:
    return status;
}

static sb_problem flow_problem;

/* To an error of 1e-6 of the largest |y|. */
static sb_status flow_to(double time, double tolerance)
{
    sb_fit_result result;
    double u[FLOW_POINTS];
    sb_status status = sb_problem_set_times(&flow_problem, 0.01, (size_t)(time / 0.01 + 0.5), 1);
    if (status == SB_OK) status = end_of(&flow, &flow_problem, "flow", "auto", tolerance, u, &result);
    dump("x", FLOW_POINTS, flow_problem.x);
    dump("y", FLOW_POINTS, flow_problem.y);
    dump("u", FLOW_POINTS, u);
    return status;
}

static sb_status flow_to_40(size_t threads)
{
    (void)threads;
    return flow_to(40, 5e-5);
}

static sb_status flow_to_400(size_t threads)
{
    (void)threads;
    return flow_to(400, 1e-4);
}

static sb_status compare_flow(const char *activation)
{
    static const double tolerance[] = {1e-3, 1e-4, 1e-5};
    sb_status status = SB_OK;
    sb_problem problem = {0};
    sb_fit_result result;
    workload w = {0};
    double exact[FLOW_POINTS], u[FLOW_POINTS];
    SB_TRY(make_problem(&problem));
    SB_TRY(make_flow(activation, &problem, &w));
    SB_TRY(end_of(&w, &problem, "flow", "rkc", 1e-8, exact, &result));
    for (size_t i = 0; i < 3; i++) {
        size_t needed = 0;
        SB_TRY(sb_problem_set_times(&problem, 0.01, 4000, 1));
        SB_TRY(end_of(&w, &problem, "flow", "rkc", tolerance[i], u, &result));
        size_t gradients = result.flow.gradients;
        double error = end_error(&problem, u, exact);
        SB_TRY(descent_steps(&w, &problem, exact, error, &needed));
        printf("  %-10s  tolerance %-6g  error %-8.1e  %8zu gradients  %8zu steps of descent  ratio %.0f\n", activation,
               tolerance[i], error, gradients, needed, (double)needed / (double)gradients);
    }
done:
    clear(&w);
    sb_problem_clear(&problem);
    return status;
}

int main(int count, char **arguments)
{
    sb_status status = SB_OK;
    request asked;
    without_blas_settings(arguments);
    if (!read_request(count, arguments, ROUNDS, &asked)) return 2;
    open_matrix();
    for (size_t i = 0; i < ITEMS; i++)
        if (is_asked(&asked, &items[i]) && of_item[i] != &flow) SB_TRY(make(of_item[i]));
    SB_TRY(make_problem(&flow_problem));
    SB_TRY(make_flow("tanh", &flow_problem, &flow));
    for (size_t round = 0; round <= asked.rounds; round++) SB_TRY(one_round(&asked, ITEMS, items, round));
    print_items(&asked, ITEMS, items, asked.rounds);
    if (*asked.row) goto done;
    printf("\nexact gradient flow to t = 40, 1-256-1 on 16 points, against gradient descent of the same error\n");
    SB_TRY(compare_flow("tanh"));
    SB_TRY(compare_flow("gaussian"));
done:
    if (status != SB_OK) fprintf(stderr, "networks: %s\n", sb_error_text());
    for (size_t i = 0; i < ITEMS; i += 2) clear(of_item[i]);
    sb_problem_clear(&flow_problem);
    free(matrix.a);
    return status == SB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
