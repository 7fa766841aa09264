/* The general training loop: reference cases P2, P4 and P12 of theory/README.md, the same bits for any number of
 * threads and any interruption, mini-batches, optimisers against naive ones, divergence. */
#include "common/test.h"

#include <stdio.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <specbias/fit.h>

#include "common/files.h"
#include "core/file.h"

enum { MOST_RECORDS = 400 };

/* A run with all it needs; made by start_run, changed at will, ended by end_run. */
typedef struct test_run {
    sb_dataset set;
    sb_model *model;
    sb_loss *loss;
    sb_fit_spec spec;
    double *theta;
    double step[MOST_RECORDS], loss_at[MOST_RECORDS]; /* every step is recorded */
    double notes[MOST_RECORDS];
    double *outputs; /* at the last record */
    size_t records;
} test_run;

static sb_status remember(void *context, const sb_fit_state *state)
{
    test_run *run = context;
    run->notes[state->record] = state->loss;
    run->loss_at[state->record] = state->loss;
    memcpy(run->outputs, state->h, run->set.n * sb_shape_size(run->set.output) * sizeof *run->outputs);
    run->records = state->record + 1;
    return SB_OK;
}

static void make_set(sb_dataset *set, size_t n, size_t inputs)
{
    *set = (sb_dataset){.n = n, .input = {1, 1, inputs}, .output = {1, 1, 1}, .place_dim = 1};
    set->x = new_doubles(n * inputs);
    set->y = new_doubles(n);
    set->place = new_doubles(n);
    set->q = new_doubles(n);
}

static void start_run(test_run *run, size_t layers, const char *const *layer, const char *parametrisation, bool single,
                      sb_loss_spec loss)
{
    sb_model_spec model = {.input = run->set.input,
                           .layers = layers,
                           .layer = layer,
                           .parametrisation = parametrisation,
                           .gain = 1,
                           .weights = "",
                           .biases = "gaussian(0.3)",
                           .single = single};
    assert_ok(sb_model_create(&model, &run->model));
    assert_ok(sb_loss_create(&loss, &run->set, &run->loss));
    for (size_t i = 0; i < MOST_RECORDS; i++) run->step[i] = (double)i;
    run->theta = new_doubles(sb_model_parameters(run->model));
    run->outputs = new_doubles(run->set.n * sb_model_outputs(run->model));
    sb_model_start(run->model, 1, SB_STREAM_TRAIN, run->theta);
    run->spec = (sb_fit_spec){.model = run->model,
                              .set = &run->set,
                              .loss = run->loss,
                              .rule = sb_rule_find("gd"),
                              .schedule = sb_schedule_find("constant"),
                              .eta = 0.01,
                              .momentum = 0.9,
                              .beta2 = 0.999,
                              .epsilon = 1e-8,
                              .decay = 1,
                              .period = 1,
                              .steps = 20,
                              .nt = MOST_RECORDS,
                              .record_step = run->step,
                              .threads = 1,
                              .route = "auto",
                              .recorder = remember,
                              .context = run,
                              .notes = run->notes,
                              .notes_size = MOST_RECORDS,
                              .identity = "test"};
}

static sb_fit_result train(test_run *run)
{
    sb_fit_result result;
    assert_ok(sb_fit(&run->spec, NULL, run->theta, &result));
    return result;
}

static void end_run(test_run *run)
{
    sb_loss_destroy(&run->loss);
    sb_model_destroy(&run->model);
    free(run->set.x), free(run->set.y), free(run->set.place), free(run->set.q);
    free(run->theta), free(run->outputs);
    *run = (test_run){0};
}

static const sb_loss_spec mean_squares = {.kind = "mse", .factor = "mean", .weights = "equal"};

/* ---- reference cases ---- */

/* Rule (F): 201 points, the three sines, a given start of 40 tanh neurons. */
static void make_case_f(test_run *run, bool single)
{
    enum { M = 40, POINTS = 201 };
    static const char *const layer[] = {"dense(40)", "tanh", "dense(1)"};
    make_set(&run->set, POINTS, 1);
    for (size_t i = 0; i < POINTS; i++) {
        double x = run->set.x[i] = run->set.place[i] = -3.14 + 6.28 * (double)i / (POINTS - 1);
        run->set.y[i] = sin(x) + sin(3 * x) + sin(5 * x);
    }
    start_run(run, 3, layer, "standard", single, mean_squares);
    for (size_t j = 0; j < M; j++) {
        run->theta[j] = 3 * sin(1. + (double)j);
        run->theta[M + j] = 3 * cos(2. + (double)j);
        run->theta[2 * M + j] = .1 * sin(3. + 2 * (double)j);
    }
    run->theta[3 * M] = 0;
    run->spec.rule = sb_rule_find("adam");
}

/* |DFT of h - y| / |DFT of y| at index k */
static double delta(const test_run *run, size_t k)
{
    double complex_part[2][2] = {{0}};
    for (size_t i = 0; i < run->set.n; i++) {
        double angle = 2 * M_PI * (double)(k * i) / (double)run->set.n, y = run->set.y[i], u = run->outputs[i] - y;
        complex_part[0][0] += u * cos(angle), complex_part[0][1] += u * sin(angle);
        complex_part[1][0] += y * cos(angle), complex_part[1][1] += y * sin(angle);
    }
    return hypot(complex_part[0][0], complex_part[0][1]) / hypot(complex_part[1][0], complex_part[1][1]);
}

static const struct {
    size_t step;
    double loss, delta[3];
} p4[] = {{0, 1.56133660237, {1.058667307, .9991944636, 1.007537276}},
          {10, .81732336743, {.2153716808, .7458761754, .8635129413}},
          {100, .40491034416, {.09178784527, .3491139434, .6828985195}},
          {200, .250376857682, {.04396509001, .1325553805, .4816814488}}};

static void check_p4(const char *route, bool single, double tolerance)
{
    for (size_t i = 0; i < sizeof p4 / sizeof p4[0]; i++) {
        test_run run = {0};
        make_case_f(&run, single);
        run.spec.steps = p4[i].step;
        run.spec.route = route;
        train(&run);
        assert_close(run.loss_at[run.records - 1], p4[i].loss, tolerance);
        for (size_t k = 0; k < 3; k++) assert_close(delta(&run, 2 * k + 1), p4[i].delta[k], tolerance);
        end_run(&run);
    }
}

static void reference_case_p4(void **state)
{
    (void)state;
    check_p4("plain", false, 1e-9);
    check_p4("auto", false, 1e-9);
    check_p4("fused", false, 1e-9);
    check_p4("nodes", false, 1e-9);
    check_p4("plain", true, 2e-4);
    check_p4("auto", true, 2e-4);
    check_p4("fused", true, 2e-4);
}

/* Rule (T): 32 angles, 64 ReLU neurons w_r = (cos, sin) with signs, w and b trained, loss (1/2) sum c z^2. */
static void reference_case_p2(void **state)
{
    enum { POINTS = 32, M = 64 };
    static const char *const layer[] = {"dense(64, scale=1)", "relu", "dense(1, frozen, nobias)"};
    static const size_t mode[4] = {1, 2, 3, 5}, at[4] = {0, 1, 10, 200};
    static const double loss[4] = {.0628318530718, .052310233001, .0298435813408, .00298791703634};
    static const double amplitude[4] = {.000210462825281, .000279678967915, .0121661484265, .0414318965895};
    test_run run = {0};
    (void)state;
    make_set(&run.set, POINTS, 2);
    for (size_t i = 0; i < POINTS; i++) {
        double angle = run.set.place[i] = 2 * M_PI * (double)i / POINTS;
        run.set.x[2 * i] = cos(angle);
        run.set.x[2 * i + 1] = sin(angle);
        run.set.q[i] = 2 * M_PI / POINTS;
        for (size_t l = 0; l < 4; l++) run.set.y[i] += .1 * cos((double)mode[l] * angle);
    }
    start_run(&run, 3, layer, "ntk", false,
              (sb_loss_spec){.kind = "mse", .factor = "half_mean", .weights = "quadrature"});
    for (size_t r = 0; r < M; r++) {
        size_t base = r % (M / 2);
        double angle = .1234 + 2 * M_PI * fmod((double)base * .6180339887498949, 1);
        run.theta[2 * r] = cos(angle);
        run.theta[2 * r + 1] = sin(angle);
        run.theta[2 * M + r] = 0;
        run.theta[3 * M + r] = (base % 2 == 0 ? 1 : -1) * (r < M / 2 ? 1 : -1);
    }
    run.spec.eta = .2;
    run.spec.steps = 200;
    train(&run);
    for (size_t i = 0; i < 4; i++) assert_close(run.loss_at[at[i]], loss[i], 1e-9);
    for (size_t l = 0; l < 4; l++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < POINTS; i++) {
            double z = run.set.q[i] * (run.set.y[i] - run.outputs[i]), angle = (double)mode[l] * run.set.place[i];
            re += z * cos(angle), im -= z * sin(angle);
        }
        assert_close(hypot(re, im) / M_PI, amplitude[l], 1e-9);
    }
    end_run(&run);
}

/* Rule (R): Deep Ritz on [-1, 1] with the derivative of the network. */
static void reference_case_p12(void **state)
{
    enum { POINTS = 101, H = 30 };
    static const char *const layer[] = {"dense(30)", "tanh", "dense(1)"};
    static const size_t at[4] = {0, 1, 10, 50};
    static const double loss[4] = {.114149480385, .197477492699, -.589119022425, -.930491764724};
    test_run run = {0};
    (void)state;
    make_set(&run.set, POINTS, 1);
    run.set.a = -1, run.set.b = 1, run.set.spacing = .02;
    for (size_t i = 0; i < POINTS; i++) {
        double x = run.set.x[i] = run.set.place[i] = -1 + .02 * (double)i;
        run.set.y[i] = sin(x) + 4 * sin(4 * x) - 8 * sin(8 * x) + 16 * sin(24 * x);
    }
    start_run(&run, 3, layer, "standard", false, (sb_loss_spec){.kind = "ritz", .beta = 10});
    for (size_t j = 0; j < H; j++) {
        run.theta[j] = 3 * sin(1. + (double)j);
        run.theta[H + j] = 3 * cos(2. + (double)j);
        run.theta[2 * H + j] = .1 * sin(3. + 2 * (double)j);
    }
    run.theta[3 * H] = 0;
    run.spec.rule = sb_rule_find("adam");
    run.spec.steps = 50;
    train(&run);
    for (size_t i = 0; i < 4; i++) assert_close(run.loss_at[at[i]], loss[i], 1e-9);
    end_run(&run);
}

/* ---- optimisers ---- */

/* One parameter, L = (h - 1)^2 / 2 with h = theta: every optimiser by its formula. */
static double naive_optimizer(const char *name, double eta, size_t steps)
{
    double theta = 0, v = 0, m = 0;
    for (size_t t = 1; t <= steps; t++) {
        double g = theta - 1;
        if (strcmp(name, "gd") == 0) theta -= eta * g;
        if (strcmp(name, "heavy_ball") == 0) v = .9 * v + g, theta -= eta * v;
        if (strcmp(name, "nesterov") == 0) v = .9 * v + g, theta -= eta * (g + .9 * v);
        if (strcmp(name, "adam") == 0) {
            m = .9 * m + .1 * g, v = .999 * v + .001 * g * g;
            theta -= eta * (m / (1 - pow(.9, (double)t))) / (sqrt(v / (1 - pow(.999, (double)t))) + 1e-8);
        }
    }
    return theta;
}

static void optimizers_follow_their_formula(void **state)
{
    static const char *const layer[] = {"dense(1, nobias)"}, *const name[] = {"gd", "heavy_ball", "nesterov", "adam"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        test_run run = {0};
        make_set(&run.set, 1, 1);
        run.set.x[0] = run.set.y[0] = 1;
        start_run(&run, 1, layer, "standard", false,
                  (sb_loss_spec){.kind = "mse", .factor = "half_sum", .weights = "equal"});
        run.theta[0] = 0;
        run.spec.rule = sb_rule_find(name[i]);
        run.spec.eta = .05;
        run.spec.steps = 30;
        train(&run);
        assert_close(run.theta[0], naive_optimizer(name[i], .05, 30), 1e-13);
        end_run(&run);
    }
}

/* ---- the same bits ---- */

typedef struct variant {
    const char *optimizer, *route;
    size_t batch;
    bool single, coupled, independent;
} variant;

static const variant variants[] = {
    {"gd", "plain", 0, false, false, false},        {"adam", "plain", 0, false, false, false},
    {"nesterov", "plain", 17, false, false, false}, {"adam", "plain", 32, true, false, false},
    {"heavy_ball", "plain", 0, true, false, false}, {"adam", "plain", 0, false, true, false},
    {"adam", "auto", 0, false, false, false},       {"adam", "auto", 0, true, false, false},
    {"gd", "auto", 0, false, true, false},          {"adam", "fused", 0, false, false, false},
    {"adam", "nodes", 0, false, false, false},      {"heavy_ball", "nodes", 0, true, false, false},
    {"gd", "plain", 17, false, false, true},
};
enum { VARIANTS = sizeof variants / sizeof variants[0], STEPS = 60 };

static void make_variant(test_run *run, const variant *v, size_t width)
{
    static char first[32];
    static const char *const layer[] = {first, "tanh", "dense(1)"};
    snprintf(first, sizeof first, "dense(%zu)", width);
    enum { POINTS = 100 };
    make_set(&run->set, POINTS, 1);
    run->set.a = -1, run->set.b = 1, run->set.spacing = 2. / POINTS;
    for (size_t i = 0; i < POINTS; i++) {
        run->set.x[i] = run->set.place[i] = -1 + 2 * ((double)i + .5) / POINTS;
        run->set.y[i] = sin(3 * run->set.x[i]);
        run->set.q[i] = 2. / POINTS;
    }
    sb_loss_spec coupled = {.kind = "sobolev", .domain = "line", .weights = "quadrature", .convention = "b", .s = -.5};
    start_run(run, 3, layer, "standard", v->single, v->coupled ? coupled : mean_squares);
    run->spec.rule = sb_rule_find(v->optimizer);
    run->spec.route = v->route;
    run->spec.batch = v->batch;
    run->spec.independent = v->independent;
    run->spec.steps = STEPS;
    run->spec.seed = 4;
    run->spec.eta = strcmp(v->optimizer, "adam") == 0 ? 0.005 : 0.0005;
}

static void threads_make_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        test_run one = {0}, three = {0};
        make_variant(&one, &variants[i], 1500);
        make_variant(&three, &variants[i], 1500);
        three.spec.threads = 3;
        train(&one);
        train(&three);
        assert_memory_equal(one.theta, three.theta, sb_model_parameters(one.model) * sizeof(double));
        assert_memory_equal(one.loss_at, three.loss_at, STEPS * sizeof(double));
        assert_true(one.loss_at[STEPS - 1] < .8 * one.loss_at[0]);
        end_run(&one);
        end_run(&three);
    }
}

/* Asks for a stop once the step is reached. */
static bool stop_at(void *context, const char *stage, double done, double total)
{
    (void)stage, (void)total;
    return done < *(const double *)context;
}

/* Slow enough that the monitor is asked in every step. */
static sb_status remember_slowly(void *context, const sb_fit_state *state)
{
    const struct timespec pause = {.tv_nsec = 3000000};
    nanosleep(&pause, NULL);
    return remember(context, state);
}

static void interruptions_make_no_difference(void **state)
{
    const char *path = in_folder("checkpoint");
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        test_run whole = {0}, parts = {0};
        make_variant(&whole, &variants[i], 40);
        make_variant(&parts, &variants[i], 40);
        train(&whole);
        parts.spec.checkpoint = path;
        parts.spec.recorder = remember_slowly;
        size_t interruptions = 0;
        for (double stop = 5; stop < STEPS; stop += 22) {
            sb_monitor monitor = {.progress = stop_at, .context = &stop};
            sb_fit_result result;
            double *theta = new_doubles(sb_model_parameters(parts.model)); /* the start is in the checkpoint */
            sb_status status = sb_fit(&parts.spec, &monitor, stop < 6 ? parts.theta : theta, &result);
            if (status == SB_ERR_INTERRUPTED) interruptions++;
            memset(parts.notes, 0, sizeof parts.notes);
            free(theta);
            if (status == SB_OK) break;
        }
        assert_true(interruptions >= 1);
        sb_fit_result end = train(&parts);
        assert_true(end.resumed > 0 && end.steps == STEPS);
        assert_memory_equal(whole.theta, parts.theta, sb_model_parameters(whole.model) * sizeof(double));
        assert_memory_equal(whole.notes, parts.notes, sizeof whole.notes);
        end = train(&parts); /* finished: nothing is done again */
        assert_true(end.resumed == STEPS && end.steps == STEPS);
        assert_memory_equal(whole.theta, parts.theta, sb_model_parameters(whole.model) * sizeof(double));
        unlink(path);
        end_run(&whole);
        end_run(&parts);
    }
}

/* The checkpoint as it is on the way: that of the step before the one of STEPS / 2. */
static char *seen_bytes;
static size_t seen_length;
static sb_status look_at_checkpoint(void *context, const sb_fit_state *state)
{
    const test_run *run = context;
    if (state->step == STEPS / 2) assert_ok(sb_read_file(run->spec.checkpoint, &seen_bytes, &seen_length));
    return remember(context, state);
}

/* Memory that nobody wrote to is filled with another byte each time. */
static void checkpoints_hold_nothing_by_chance(void **state)
{
    const char *path = in_folder("checkpoint");
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        char *before = NULL;
        for (int filler = 0x55; filler <= 0xaa; filler += 0x55) {
            test_run run = {0};
            mallopt(M_PERTURB, filler);
            make_variant(&run, &variants[i], 40);
            run.spec.checkpoint = path;
            run.spec.checkpoint_seconds = 0;
            run.spec.recorder = look_at_checkpoint;
            train(&run);
            unlink(path);
            assert_non_null(seen_bytes);
            if (before) assert_memory_equal(before, seen_bytes, seen_length);
            free(before);
            before = seen_bytes;
            seen_bytes = NULL;
            end_run(&run);
        }
        free(before);
    }
    mallopt(M_PERTURB, 0);
}

static void count_warning(void *context, const char *text)
{
    assert_non_null(strstr(text, "no checkpoint: cannot write"));
    ++*(size_t *)context;
}

static void a_missed_checkpoint_is_a_warning(void **state)
{
    size_t warnings = 0;
    sb_fit_result result;
    test_run with = {0}, without = {0};
    sb_monitor monitor = {.warn = count_warning, .context = &warnings};
    (void)state;
    make_variant(&with, &variants[1], 20);
    make_variant(&without, &variants[1], 20);
    with.spec.checkpoint = in_folder("no folder/checkpoint");
    with.spec.checkpoint_seconds = 0;
    train(&without);
    assert_ok(sb_fit(&with.spec, &monitor, with.theta, &result));
    assert_int_equal(warnings, 1);
    assert_memory_equal(with.theta, without.theta, sb_model_parameters(with.model) * sizeof(double));
    end_run(&with);
    end_run(&without);
}

static void damaged_checkpoints_are_refused(void **state)
{
    const char *path = in_folder("checkpoint");
    test_run run = {0};
    sb_fit_result result;
    (void)state;
    make_variant(&run, &variants[0], 10);
    run.spec.checkpoint = path;
    train(&run);
    run.spec.identity = "another";
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "is the checkpoint of another run");
    run.spec.identity = "test";
    FILE *stream = fopen(path, "r+");
    assert_non_null(stream);
    fseek(stream, 200, SEEK_SET);
    fputc('!', stream);
    fclose(stream);
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "is no checkpoint, or damaged");
    assert_int_equal(truncate(path, 10), 0);
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "is no checkpoint, or damaged");
    unlink(path);
    end_run(&run);
}

/* ---- mini-batches ---- */

/* A pass through the data with a linear loss adds the gradients of all examples once: of a linear network with one
 * weight and steps so small that nothing moves, the passes' sums are those of full batches. */
static void a_pass_sees_every_example_once(void **state)
{
    static const char *const layer[] = {"dense(1, nobias)"};
    enum { POINTS = 23, BATCH = 5, PASSES = 3 };
    test_run run = {0};
    double full = 0;
    (void)state;
    make_set(&run.set, POINTS, 1);
    for (size_t i = 0; i < POINTS; i++) {
        run.set.x[i] = pow(2, (double)i);
        run.set.y[i] = -1;
        full += run.set.x[i];
    }
    start_run(&run, 1, layer, "standard", false,
              (sb_loss_spec){.kind = "mse", .factor = "half_sum", .weights = "equal"});
    run.theta[0] = 0;
    run.spec.eta = 1e-30;
    run.spec.batch = BATCH;
    run.spec.steps = PASSES * ((POINTS + BATCH - 1) / BATCH);
    train(&run);
    assert_close(run.theta[0], -1e-30 * PASSES * full, 1e-12);
    end_run(&run);
}

/* ---- ends ---- */

static void divergence_is_noticed(void **state)
{
    test_run run = {0};
    sb_fit_result result;
    (void)state;
    make_variant(&run, &variants[0], 200);
    run.spec.eta = 5;
    run.spec.steps = 100000;
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_NUMERIC, "training diverged at step ");
    assert_true(run.records < 60);
    end_run(&run);
}

/* Of the same steps as where it is a failure; a second look at the finished run finds the same in its checkpoint. Where
 * the loss is infinite at once nothing is recorded but the start. */
static void divergence_may_be_a_result(void **state)
{
    static const double eta[] = {5, 1e200};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_run run = {0};
        make_variant(&run, &variants[0], 200);
        run.spec.eta = eta[i];
        run.spec.steps = 100000;
        run.spec.unstable = true;
        run.spec.checkpoint = in_folder("checkpoint");
        sb_fit_result result = train(&run), again = train(&run);
        assert_true(result.diverged && !result.stopped && result.steps < 60 && result.records == run.records);
        assert_true(result.records == (i == 0 ? result.steps + 1 : 1));
        assert_true(i == 1 || (result.loss > 1e30 * run.loss_at[0] && run.loss_at[run.records - 2] < result.loss / 10));
        assert_true(again.diverged && again.resumed == result.steps && again.records == result.records);
        assert_true(again.loss == result.loss && result.loss == run.loss_at[run.records - 1]);
        unlink(run.spec.checkpoint);
        end_run(&run);
    }
}

static void training_stops_where_asked(void **state)
{
    test_run run = {0};
    (void)state;
    make_variant(&run, &variants[1], 200);
    run.spec.stop = 0.01;
    run.spec.steps = 390;
    sb_fit_result result = train(&run);
    assert_true(result.stopped && result.steps < 390);
    assert_true(result.loss < 0.01 && run.loss_at[run.records - 2] >= 0.01);
    end_run(&run);
}

static void wrong_sizes_are_refused(void **state)
{
    test_run run = {0};
    sb_fit_result result;
    (void)state;
    make_variant(&run, &variants[5], 10);
    run.spec.batch = 10;
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "takes all examples at once");
    run.spec.batch = 0;
    run.set.input.channels = 2;
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "the network takes 1 numbers");
    run.set.input.channels = 1;
    run.spec.route = "fast";
    assert_fails(sb_fit(&run.spec, NULL, run.theta, &result), SB_ERR_INPUT, "there is no route 'fast'");
    end_run(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case_p2),
        cmocka_unit_test(reference_case_p4),
        cmocka_unit_test(reference_case_p12),
        cmocka_unit_test(optimizers_follow_their_formula),
        cmocka_unit_test(threads_make_no_difference),
        cmocka_unit_test(interruptions_make_no_difference),
        cmocka_unit_test(checkpoints_hold_nothing_by_chance),
        cmocka_unit_test(a_missed_checkpoint_is_a_warning),
        cmocka_unit_test(damaged_checkpoints_are_refused),
        cmocka_unit_test(a_pass_sees_every_example_once),
        cmocka_unit_test(divergence_is_noticed),
        cmocka_unit_test(divergence_may_be_a_result),
        cmocka_unit_test(training_stops_where_asked),
        cmocka_unit_test(wrong_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
