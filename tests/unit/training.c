/* Training of sums over units: reference case A5 of theory/README.md, a naive loop beside it, the same bits for any
 * number of threads, kinks, and who looks on. fit.c has what holds for every network. */
#include "common/test.h"

#include "common/networks.h"
#include "common/problems.h"

/* The standard problem at an amplitude that moves the kinks. */
static void make_problem(sb_problem *problem, size_t n, double eta, size_t steps, size_t records)
{
    make_sines(problem, MIDPOINTS, n, 0.1);
    assert_ok(sb_problem_set_times(problem, eta, steps, records));
}

static network start(const char *activation, size_t width, uint64_t seed)
{
    unit_spec spec = standard_net(activation, width, false);
    return make_network(&spec, seed, SB_STREAM_TRAIN);
}

/* ---- A5 ---- */

/* Of a copy: the neuron that starts there. */
static size_t neuron_with(const network *net, size_t copy, double out, double in, double shift)
{
    const sb_two_layer *part = &net->part[copy];
    for (size_t i = 0; i < part->units; i++)
        if (net->theta[part->out + i] == out && net->theta[part->in + i] == in &&
            fabs(net->theta[part->shift + i] - shift) < 1e-12)
            return i;
    fail_msg("no neuron starts at (%g, %g, %g)", out, in, shift);
    return 0;
}

static void assert_neuron(const network *net, size_t copy, size_t i, double out, double in, double shift)
{
    const sb_two_layer *part = &net->part[copy];
    assert_close(net->theta[part->out + i], out, 1e-9);
    assert_close(net->theta[part->in + i], in, 1e-9);
    assert_close(net->theta[part->shift + i], shift, 1e-9);
}

static void reference_case_a5(void **state)
{
    static const double h[8] = {-0.0234289787422, 0.00015400204997, 0.00825923235131, 0.0163644626527,
                                0.138752886806,   0.145496429079,   0.152239971353,   0.0767462312102};
    static const double xi[2] = {1, 2}, steps[2] = {0, 300};
    sb_problem problem = {0};
    training run = {.threads = 1};
    double err[2];
    (void)state;
    make_points(&problem, MIDPOINTS, 8);
    for (size_t i = 0; i < 8; i++) problem.y[i] = 0.1 * (sin(2 * M_PI * problem.x[i]) + cos(M_PI * problem.x[i]));
    assert_ok(sb_problem_set_grid(&problem, 2, xi, xi, "cycles"));
    assert_ok(sb_problem_observe(&problem));
    set_steps(&problem, 0.02, 2, steps);
    unit_spec spec = standard_net("relu", 40, true);
    network net = make_network(&spec, 0, SB_STREAM_TRAIN);
    /* neuron 2 of each copy: the middle one of five shifts, both weights positive; the second copy is taken off */
    size_t copy1 = neuron_with(&net, 0, 2, 2, 0), copy2 = neuron_with(&net, 1, 2, 2, 0);

    assert_ok(train(&net, &problem, &run));

    for (size_t i = 0; i < 8; i++) assert_close(run.u[8 + i] + problem.y[i], h[i], 1e-9);
    relative_errors(&problem, run.u + 8, err);
    assert_close(err[0], 0.198621172938, 1e-9);
    assert_close(err[1], 1.3252435638, 1e-9);
    assert_close(run.result.loss, 0.000304365225212, 1e-9);
    assert_neuron(&net, 0, copy1, 2.00057206507, 2.00057206507, 0.0240878825594);
    assert_neuron(&net, 1, copy2, 1.99971434723, 1.99971434723, -0.0240461135443);
    free(run.u);
    clear_network(&net);
    sb_problem_clear(&problem);
}

/* ---- against the formula ---- */

static void follows_the_naive_loop(const char *activation, bool standard)
{
    enum { N = 11, STEPS = 60, WIDTH = 300 }; /* several blocks of neurons, the last in part */
    sb_problem problem = {0};
    training run = {.threads = 2};
    double steps[STEPS + 1], u[N];
    make_problem(&problem, N, 0, 1, 1);
    for (size_t i = 0; i <= STEPS; i++) steps[i] = (double)i;
    set_steps(&problem, standard ? 0.05 / WIDTH : 0.05, STEPS + 1, steps);
    for (size_t i = 0; i < N; i++) problem.c[i] = (1 + 0.1 * (double)i) / (1.5 * N); /* factors of their own */
    unit_spec spec = standard_net(activation, WIDTH, false);
    spec.standard = standard;
    spec.antisymmetric = false;
    network net = make_network(&spec, 3, SB_STREAM_TRAIN);
    unit_sum reference = units_start(&spec, 3, SB_STREAM_TRAIN);

    assert_ok(train(&net, &problem, &run));
    double first = 0, first_loss = 0, loss = 0;
    for (size_t i = 0; i <= STEPS; i++) {
        loss = units_step(&reference, &problem, u);
        if (i == 0) first = max_abs(N, u), first_loss = loss;
        assert_at_most(max_difference(N, run.u + i * N, u), 1e-12 * first);
    }
    assert_close(run.result.loss, loss, 1e-11);
    assert_at_most(run.result.loss, first_loss / 2); /* it did learn */
    free(run.u);
    clear_network(&net);
    units_clear(&reference);
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
    network net[3];
    training run[3];
    make_problem(&problem, N, 0.02, 100, 20);
    for (size_t i = 0; i < 3; i++) {
        run[i] = (training){.threads = i + 1};
        net[i] = start(activation, WIDTH, 5);
        assert_ok(train(&net[i], &problem, &run[i]));
        assert_memory_equal(run[i].u, run[0].u, problem.nt * N * sizeof(double));
        assert_memory_equal(net[i].theta, net[0].theta, net[0].parameters * sizeof(double));
        assert_true(run[i].result.loss == run[0].result.loss);
    }
    for (size_t i = 0; i < 3; i++) {
        free(run[i].u);
        clear_network(&net[i]);
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
        training run = {.threads = threads};
        network net = start("relu", 1024, 1);
        assert_fails(train(&net, &problem, &run), SB_ERR_NUMERIC, "diverged at step ");
        clear_network(&net);
    }
    sb_problem_clear(&problem);
}

/* ---- kinks ---- */

/* with q = 256 shifts each of 32 data points lies midway between two kinks that are 1/128 apart. */
static void kink_distance(void **state)
{
    sb_problem problem = {0};
    (void)state;
    make_points(&problem, MIDPOINTS, 32);
    unit_spec spec = standard_net("relu", 8 * 256, true);
    network net = make_network(&spec, 0, SB_STREAM_TRAIN), smooth = start("tanh", 16, 1);
    assert_near(sb_model_kink_distance(net.model, net.theta, 32, problem.x), 1.0 / 256, 1e-15);
    net.theta[net.part[0].shift + 350] = -problem.x[20] + 1e-6;
    assert_near(sb_model_kink_distance(net.model, net.theta, 1, problem.x + 20), 1e-6, 1e-15);
    assert_near(sb_model_kink_distance(net.model, net.theta, 1, problem.x + 11), 1.0 / 256, 1e-15); /* mirrored */
    assert_true(isinf(sb_model_kink_distance(smooth.model, smooth.theta, 32, problem.x)));
    clear_network(&net);
    clear_network(&smooth);
    sb_problem_clear(&problem);
}

/* ---- who looks on ---- */

typedef struct onlooker {
    size_t seen[8], count, fail_at;
    double h[8];
    const sb_problem *problem;
    const network *net;
} onlooker;

static sb_status look(void *context, const sb_fit_state *state)
{
    onlooker *mine = context;
    double h[16];
    if (mine->count == mine->fail_at) return sb_fail(SB_ERR_NUMERIC, "seen enough");
    assert_ok(sb_model_evaluate(mine->net->model, state->theta, 16, mine->problem->x, h));
    mine->h[mine->count] = h[5];
    mine->seen[mine->count++] = state->step;
    return SB_OK;
}

/* At its records the network is that of the record, nobody moves it meanwhile; a failure ends the run. */
static void is_watched(void **state)
{
    static const double steps[] = {0, 10, 40, 300};
    (void)state;
    for (size_t threads = 1; threads <= 3; threads += 2) {
        sb_problem problem = {0};
        make_sines(&problem, MIDPOINTS, 16, 0.1);
        set_steps(&problem, 0.02, 4, steps);
        network net = start("tanh", 1500, 2);
        onlooker mine = {.problem = &problem, .net = &net, .fail_at = 8};
        training run = {.threads = threads, .look = look, .context = &mine};
        assert_ok(train(&net, &problem, &run));
        assert_int_equal(mine.count, 4);
        for (size_t i = 0; i < 4; i++) {
            assert_true((double)mine.seen[i] == steps[i]);
            assert_near(mine.h[i], run.u[i * 16 + 5] + problem.y[5], 1e-12);
        }
        free(run.u);
        mine.count = 0;
        mine.fail_at = 1;
        assert_fails(train(&net, &problem, &run), SB_ERR_NUMERIC, "seen enough");
        clear_network(&net);
        sb_problem_clear(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case_a5),
        cmocka_unit_test(each_activation_follows_the_naive_loop),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(too_large_a_step_is_named),
        cmocka_unit_test(kink_distance),
        cmocka_unit_test(is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
