/* The training loop: reference case A5 of theory/README.md, a naive loop beside it, the same bits for any number of
 * threads, and every way it can end. */
#include "common/test.h"

#include <malloc.h>
#include <unistd.h>

#include <specbias/train.h>

#include "common/files.h"
#include "common/naive.h"
#include "common/problems.h"
#include "core/file.h"

static const sb_monitor *const no_monitor = NULL;

/* The standard problem at an amplitude that moves the kinks. */
static void make_problem(sb_problem *problem, size_t n, double eta, size_t steps, size_t records)
{
    make_sines(problem, MIDPOINTS, n, 0.1);
    assert_ok(sb_problem_set_times(problem, eta, steps, records));
}

static void start(sb_net *net, const char *activation, size_t width, uint64_t seed)
{
    sb_net_spec spec = standard_net(activation, width, false);
    assert_ok(sb_net_init(&spec, seed, SB_STREAM_TRAIN, net));
}

/* ---- A5 ---- */

static size_t neuron_with(const sb_net *net, double out, double in, double shift)
{
    for (size_t i = 0; i < net->width; i++)
        if (net->out[i] == out && net->in[i] == in && fabs(net->shift[i] - shift) < 1e-12) return i;
    fail_msg("no neuron starts at (%g, %g, %g)", out, in, shift);
    return 0;
}

static void assert_neuron(const sb_net *net, size_t i, double out, double in, double shift)
{
    assert_close(net->out[i], out, 1e-9);
    assert_close(net->in[i], in, 1e-9);
    assert_close(net->shift[i], shift, 1e-9);
}

static void reference_case_a5(void **state)
{
    static const double h[8] = {-0.0234289787422, 0.00015400204997, 0.00825923235131, 0.0163644626527,
                                0.138752886806,   0.145496429079,   0.152239971353,   0.0767462312102};
    static const double xi[2] = {1, 2}, steps[2] = {0, 300};
    sb_problem problem = {0};
    sb_net net = {0};
    sb_training training = {0};
    double err[2];
    (void)state;
    make_points(&problem, MIDPOINTS, 8);
    for (size_t i = 0; i < 8; i++) problem.y[i] = 0.1 * (sin(2 * M_PI * problem.x[i]) + cos(M_PI * problem.x[i]));
    assert_ok(sb_problem_set_grid(&problem, 2, xi, xi, "cycles"));
    assert_ok(sb_problem_observe(&problem));
    set_steps(&problem, 0.02, 2, steps);
    sb_net_spec spec = standard_net("relu", 40, true);
    assert_ok(sb_net_init(&spec, 0, SB_STREAM_TRAIN, &net));
    /* neuron 2 of each copy: the middle one of five shifts, both weights positive in copy 1 */
    size_t copy1 = neuron_with(&net, 2, 2, 0), copy2 = neuron_with(&net, -2, 2, 0);

    assert_ok(sb_train(&net, &problem, 1, no_monitor, &training));

    for (size_t i = 0; i < 8; i++) assert_close(training.u[8 + i] + problem.y[i], h[i], 1e-9);
    relative_errors(&problem, training.u + 8, err);
    assert_close(err[0], 0.198621172938, 1e-9);
    assert_close(err[1], 1.3252435638, 1e-9);
    assert_close(training.loss, 0.000304365225212, 1e-9);
    assert_neuron(&net, copy1, 2.00057206507, 2.00057206507, 0.0240878825594);
    assert_neuron(&net, copy2, -1.99971434723, 1.99971434723, -0.0240461135443); /* the copy's sign is in `out` */
    sb_training_clear(&training);
    sb_net_clear(&net);
    sb_problem_clear(&problem);
}

/* ---- against the formula ---- */

static void follows_the_naive_loop(const char *activation, bool standard)
{
    enum { N = 11, STEPS = 60, WIDTH = 300 }; /* two blocks of neurons, and padding */
    sb_problem problem = {0};
    sb_net net = {0}, reference = {0};
    sb_training training = {0};
    double steps[STEPS + 1], u[N];
    make_problem(&problem, N, 0, 1, 1);
    for (size_t i = 0; i <= STEPS; i++) steps[i] = (double)i;
    set_steps(&problem, standard ? 0.05 / WIDTH : 0.05, STEPS + 1, steps);
    for (size_t i = 0; i < N; i++) problem.c[i] = (1 + 0.1 * (double)i) / N; /* loss factors of their own */
    sb_net_spec spec = standard_net(activation, WIDTH, false);
    spec.standard = standard;
    spec.antisymmetric = false;
    assert_ok(sb_net_init(&spec, 3, SB_STREAM_TRAIN, &net));
    assert_ok(sb_net_copy(&net, &reference));

    assert_ok(sb_train(&net, &problem, 2, no_monitor, &training));
    double first = 0, first_loss = 0, loss = 0;
    for (size_t i = 0; i <= STEPS; i++) {
        loss = naive_step(&reference, &problem, u);
        if (i == 0) first = max_abs(N, u), first_loss = loss;
        assert_at_most(max_difference(N, training.u + i * N, u), 1e-12 * first);
    }
    assert_close(training.loss, loss, 1e-11);
    assert_at_most(training.loss, first_loss / 2); /* it did learn */
    sb_training_clear(&training);
    sb_net_clear(&net);
    sb_net_clear(&reference);
    sb_problem_clear(&problem);
}

static void each_activation_follows_the_naive_loop(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        follows_the_naive_loop(sb_activation_at(i)->name, false);
        follows_the_naive_loop(sb_activation_at(i)->name, true);
    }
}

/* ---- threads ---- */

static void same_bits_for_any_threads(const char *activation)
{
    enum { N = 33, WIDTH = 1000 };
    sb_problem problem = {0};
    sb_net net[3] = {0};
    sb_training training[3] = {0};
    make_problem(&problem, N, 0.02, 100, 20);
    for (size_t i = 0; i < 3; i++) {
        start(&net[i], activation, WIDTH, 5);
        assert_ok(sb_train(&net[i], &problem, i + 1, no_monitor, &training[i]));
        assert_memory_equal(training[i].u, training[0].u, problem.nt * N * sizeof(double));
        assert_memory_equal(net[i].out, net[0].out, WIDTH * sizeof(double));
        assert_memory_equal(net[i].in, net[0].in, WIDTH * sizeof(double));
        assert_memory_equal(net[i].shift, net[0].shift, WIDTH * sizeof(double));
        assert_true(training[i].loss == training[0].loss);
    }
    for (size_t i = 0; i < 3; i++) {
        sb_training_clear(&training[i]);
        sb_net_clear(&net[i]);
    }
    sb_problem_clear(&problem);
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) same_bits_for_any_threads(sb_activation_at(i)->name);
}

/* ---- other endings ---- */

static void too_large_a_step_is_named(void **state)
{
    sb_problem problem = {0};
    (void)state;
    make_problem(&problem, 16, 1.0, 1000, 10); /* stable: eta < 2 / 8.05, the largest rate of A2 */
    for (size_t threads = 1; threads <= 2; threads++) {
        sb_net net = {0};
        sb_training training = {0};
        start(&net, "relu", 1024, 1);
        assert_fails(sb_train(&net, &problem, threads, no_monitor, &training), SB_ERR_NUMERIC, "diverged at step ");
        assert_null(training.u);
        sb_net_clear(&net);
    }
    sb_problem_clear(&problem);
}

typedef struct patience {
    double last_seen, end;
} patience;

static bool impatient(void *context, const char *stage, double done, double total)
{
    patience *mine = context;
    (void)stage;
    mine->last_seen = done;
    return total == 1000 && done < mine->end;
}

static void monitor_stops_training(void **state)
{
    sb_problem problem = {0};
    (void)state;
    make_problem(&problem, 16, 0.02, 1000, 10);
    for (size_t threads = 1; threads <= 2; threads++) {
        sb_net net = {0};
        sb_training training = {0};
        patience mine = {.end = 200};
        sb_monitor monitor = {.progress = impatient, .context = &mine};
        start(&net, "relu", 1024, 1);
        assert_fails(sb_train(&net, &problem, threads, &monitor, &training), SB_ERR_INTERRUPTED, "train");
        assert_null(training.u);
        assert_true(mine.last_seen >= 200 && mine.last_seen < 400); /* asked once more at most, and not at the end */
        sb_net_clear(&net);
    }
    sb_problem_clear(&problem);
}

/* ---- kinks ---- */

/* with q = 256 shifts each of 32 data points lies midway between two kinks that are 1/128 apart. */
static void kink_distance(void **state)
{
    sb_problem problem = {0};
    sb_net net = {0}, smooth = {0};
    (void)state;
    make_points(&problem, MIDPOINTS, 32);
    sb_net_spec spec = standard_net("relu", 8 * 256, true);
    assert_ok(sb_net_init(&spec, 0, SB_STREAM_TRAIN, &net));
    assert_near(sb_net_kink_distance(&net, 32, problem.x), 1.0 / 256, 1e-15);
    net.shift[700] = -problem.x[20] + 1e-6;
    assert_near(sb_net_kink_distance(&net, 1, problem.x + 20), 1e-6, 1e-15);
    assert_near(sb_net_kink_distance(&net, 1, problem.x + 11), 1.0 / 256, 1e-15); /* its mirror image */
    start(&smooth, "tanh", 16, 1);
    assert_true(isinf(sb_net_kink_distance(&smooth, 32, problem.x)));
    sb_net_clear(&net);
    sb_net_clear(&smooth);
    sb_problem_clear(&problem);
}

/* ---- who looks on ---- */

typedef struct onlooker {
    size_t seen[8], count, fail_at;
    double h[8];
    const sb_problem *problem;
} onlooker;

static sb_status look(void *context, size_t record, const sb_net *net)
{
    onlooker *mine = context;
    double h[16];
    if (mine->count == mine->fail_at) return sb_fail(SB_ERR_NUMERIC, "seen enough");
    assert_ok(sb_net_forward(net, 16, mine->problem->x, h));
    mine->h[mine->count] = h[5];
    mine->seen[mine->count++] = record;
    return SB_OK;
}

/* At its records the network is that of the record, nobody moves it meanwhile; a failure ends the run. */
static void is_watched(void **state)
{
    static const double steps[] = {0, 10, 40, 300};
    static const bool record[] = {true, false, true, true};
    (void)state;
    for (size_t threads = 1; threads <= 3; threads += 2) {
        sb_problem problem = {0};
        sb_net net = {0};
        sb_training training = {0};
        onlooker mine = {.problem = &problem, .fail_at = 8};
        sb_train_watch watch = {.record = record, .look = look, .context = &mine};
        make_sines(&problem, MIDPOINTS, 16, 0.1);
        set_steps(&problem, 0.02, 4, steps);
        start(&net, "tanh", 1500, 2);
        assert_ok(sb_train_on(&net, &problem, threads, NULL, &watch, no_monitor, &training));
        assert_int_equal(mine.count, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(mine.seen[i], i == 0 ? 0 : i + 1);
            assert_near(mine.h[i], training.u[mine.seen[i] * 16 + 5] + problem.y[5], 1e-12);
        }
        sb_training_clear(&training);
        mine.count = 0;
        mine.fail_at = 1;
        assert_fails(sb_train_on(&net, &problem, threads, NULL, &watch, no_monitor, &training), SB_ERR_NUMERIC,
                     "seen enough");
        sb_net_clear(&net);
        sb_problem_clear(&problem);
    }
}

/* ---- checkpoints ---- */

typedef struct keeper {
    const char *path;
    char *bytes;
    size_t length, warnings;
} keeper;

static sb_status keep(void *context, size_t record, const sb_net *net)
{
    keeper *mine = context;
    (void)net;
    return record == 2 ? sb_read_file(mine->path, &mine->bytes, &mine->length) : SB_OK;
}

static void count_warning(void *context, const char *text)
{
    keeper *mine = context;
    assert_non_null(strstr(text, "no checkpoint: cannot write"));
    mine->warnings++;
}

/* Four records, of which the third is seen after the checkpoint of step 64. */
static double train_keeping(keeper *mine, const char *activation, bool looking)
{
    static const double steps[] = {0, 10, 100, 300};
    static const bool record[] = {false, false, true, false};
    sb_problem problem = {0};
    sb_net net = {0};
    sb_training training = {0};
    double notes[4] = {0};
    sb_train_memory memory = {mine->path, "test", 0};
    sb_monitor monitor = {.warn = count_warning, .context = mine};
    sb_train_watch watch = {.record = record, .look = keep, .context = mine, .notes = notes, .notes_size = 4};
    make_sines(&problem, MIDPOINTS, 16, 0.1);
    set_steps(&problem, 0.02, 4, steps);
    start(&net, activation, 1500, 2);
    assert_ok(sb_train_on(&net, &problem, 2, &memory, looking ? &watch : NULL, &monitor, &training));
    double last = training.u[3 * 16 + 5];
    sb_training_clear(&training);
    sb_net_clear(&net);
    sb_problem_clear(&problem);
    return last;
}

/* Memory that nobody wrote to is filled with another byte each time. */
static void checkpoints_hold_nothing_by_chance(void **state)
{
    static const char *const activation[] = {"relu", "tanh"};
    (void)state;
    for (size_t a = 0; a < 2; a++) {
        keeper one = {.path = in_folder("seed1")}, other = {.path = in_folder("seed2")};
        mallopt(M_PERTURB, 0x55);
        train_keeping(&one, activation[a], true);
        mallopt(M_PERTURB, 0xaa);
        train_keeping(&other, activation[a], true);
        mallopt(M_PERTURB, 0);
        assert_int_equal(one.length, other.length);
        assert_memory_equal(one.bytes, other.bytes, one.length);
        free(one.bytes);
        free(other.bytes);
        unlink(one.path);
        unlink(other.path);
    }
}

static void a_missed_checkpoint_is_a_warning(void **state)
{
    keeper with = {.path = in_folder("seed3")}, without = {.path = in_folder("no folder/seed3")};
    (void)state;
    assert_true(train_keeping(&with, "relu", false) == train_keeping(&without, "relu", false));
    assert_int_equal(with.warnings, 0);
    assert_int_equal(without.warnings, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case_a5),
        cmocka_unit_test(each_activation_follows_the_naive_loop),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(too_large_a_step_is_named),
        cmocka_unit_test(monitor_stops_training),
        cmocka_unit_test(kink_distance),
        cmocka_unit_test(is_watched),
        cmocka_unit_test(checkpoints_hold_nothing_by_chance),
        cmocka_unit_test(a_missed_checkpoint_is_a_warning),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
