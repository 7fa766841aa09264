/* Snapshots: what is kept is what a network trained by hand gives, step by step from the formula; which examples and
 * places are shown, and keys that make none. */
#include "common/test.h"

#include "case/snapshots.h"
#include "common/cases.h"
#include "run/snapshots.h"

/* ---- two ways to the same outputs ---- */

enum { UNITS = 6, POINTS = 9, PLACES = 5, STATES = 3 };

static const char *const by_hand[] = {"data.n=9",
                                      "target.xi=1,2",
                                      "target.amplitude=0.5",
                                      "net.kind=layers",
                                      "net.layers=[\"dense(6)\", \"tanh\", \"dense(1)\"]",
                                      "net.parametrisation=standard",
                                      "init.weights=gaussian(0.8)",
                                      "init.biases=gaussian(0.5)",
                                      "init.antisymmetric=false",
                                      "train.eta=0.05",
                                      "train.steps=60",
                                      "train.records=7",
                                      "forecast.sources=",
                                      "observe.snapshots=0,23",
                                      "observe.grid=5",
                                      NULL};

typedef struct hand {
    double w[UNITS], b[UNITS], a[UNITS], c;
} hand;

static double output_of(const hand *net, double x)
{
    double h = net->c;
    for (size_t r = 0; r < UNITS; r++) h += net->a[r] * tanh(net->w[r] * x + net->b[r]);
    return h;
}

/* theta -= eta d/dtheta (1/2n) sum (h - y)^2 */
static void step_of(hand *net, double eta, const sb_dataset *set)
{
    hand down = {{0}, {0}, {0}, 0};
    for (size_t i = 0; i < set->n; i++) {
        double x = set->x[i], u = (output_of(net, x) - set->y[i]) / (double)set->n;
        down.c += u;
        for (size_t r = 0; r < UNITS; r++) {
            double s = tanh(net->w[r] * x + net->b[r]), slope = u * net->a[r] * (1 - s * s);
            down.a[r] += u * s;
            down.b[r] += slope;
            down.w[r] += slope * x;
        }
    }
    for (size_t r = 0; r < UNITS; r++) {
        net->a[r] -= eta * down.a[r];
        net->b[r] -= eta * down.b[r];
        net->w[r] -= eta * down.w[r];
    }
    net->c -= eta * down.c;
}

static hand start_of(const sb_network *network)
{
    sb_dense_part part[2];
    hand net;
    assert_int_equal(sb_model_dense_parts(network->model, 2, part), 2);
    memcpy(net.w, network->theta + part[0].weight, sizeof net.w);
    memcpy(net.b, network->theta + part[0].bias, sizeof net.b);
    memcpy(net.a, network->theta + part[1].weight, sizeof net.a);
    net.c = network->theta[part[1].bias];
    return net;
}

static void test_two_ways(void **state)
{
    static const size_t when[STATES] = {0, 23, 60};
    sb_config config;
    sb_case cas;
    sb_network network = {0};
    sb_layout layout;
    sb_run run;
    (void)state;
    open_case(by_hand, &config, &cas);
    const sb_snapshots *shown = cas.snapshots;
    assert_int_equal(sb_snapshot_states(shown), STATES);
    assert_int_equal(shown->sets, 2);
    assert_string_equal(shown->set[1].name, "grid");
    assert_int_equal(shown->numbers, POINTS + PLACES);
    assert_ok(sb_network_start(&cas, 1, 1, SB_STREAM_TRAIN, &network));
    hand net = start_of(&network);
    open_run(&cas, &network, &layout, &run);
    for (size_t s = 0, step = 0; s < STATES; s++) {
        const double *note = sb_run_snapshots(&cas, &layout, &run) + s * sb_state_size(shown);
        for (; step < when[s]; step++) step_of(&net, 0.05, &cas.data);
        assert_true(note[SB_STATE_STEP] == (double)when[s]);
        assert_close(note[SB_STATE_TIME], 0.05 * (double)when[s], 1e-12);
        for (size_t i = 0; i < POINTS; i++)
            assert_near(note[SB_STATE_OUTPUTS + i], output_of(&net, cas.data.x[i]), 1e-13);
        for (size_t i = 0; i < PLACES; i++)
            assert_near(note[SB_STATE_OUTPUTS + POINTS + i], output_of(&net, -0.5 + 0.25 * (double)i), 1e-13);
    }
    close_run(&layout, &run);
    sb_network_clear(&network);
    close_case(&config, &cas);
}

/* Snapshots are records more, and change nothing else of a run. */
static void test_leave_training_alone(void **state)
{
    const char *plain[16];
    sb_config config[2];
    sb_case cas[2];
    sb_network network[2] = {{0}, {0}};
    (void)state;
    memcpy(plain, by_hand, sizeof by_hand);
    plain[sizeof by_hand / sizeof *by_hand - 3] = NULL;
    for (size_t i = 0; i < 2; i++) {
        sb_layout layout;
        sb_run run;
        open_case(i ? plain : by_hand, &config[i], &cas[i]);
        assert_ok(sb_network_start(&cas[i], 1, 1, SB_STREAM_TRAIN, &network[i]));
        open_run(&cas[i], &network[i], &layout, &run);
        close_run(&layout, &run);
    }
    assert_null(cas[1].snapshots);
    assert_int_equal(cas[0].nt, cas[1].nt + 1); /* step 23 */
    for (size_t i = 1; i < cas[0].nt; i++) assert_true(cas[0].step[i] > cas[0].step[i - 1]);
    assert_memory_equal(network[0].theta, network[1].theta, sb_network_parameters(&network[0]) * sizeof(double));
    for (size_t i = 0; i < 2; i++) {
        sb_network_clear(&network[i]);
        close_case(&config[i], &cas[i]);
    }
}

/* ---- what is shown ---- */

static void test_cube(void **state)
{
    static const char *const keys[] = {"data.kind=parity",
                                       "data.dimension=4",
                                       "data.n=5",
                                       "net.kind=layers",
                                       "net.layers=[\"dense(3)\", \"tanh\", \"dense(1)\"]",
                                       "forecast.sources=",
                                       "observe.grid=2",
                                       "observe.examples=2,11",
                                       "train.steps=3",
                                       NULL};
    sb_config config;
    sb_case cas;
    bool seen[16] = {false};
    (void)state;
    open_case(keys, &config, &cas);
    const sb_dataset *chosen = &cas.snapshots->set[0], *cube = &cas.snapshots->set[1];
    assert_int_equal(cas.snapshots->sets, 2);
    assert_string_equal(chosen->name, "test");
    assert_int_equal(chosen->n, 2);
    assert_memory_equal(chosen->x + 4, cas.test[0].x + 10 * 4, 4 * sizeof(double));
    assert_int_equal(cube->n, 16);
    for (size_t i = 0; i < 16; i++) {
        size_t number = 0;
        double sign = 1;
        for (size_t d = 0; d < 4; d++) {
            number = 2 * number + (cube->x[4 * i + d] > 0);
            sign *= -cube->x[4 * i + d];
        }
        assert_false(seen[number]);
        seen[number] = true;
        assert_true(cube->y[i] == sign);
    }
    close_case(&config, &cas);
}

/* Of values at points nothing is known between them; of a function of the plane, all is. */
static void test_between(void **state)
{
    static const char *const values[] = {
        "data.kind=list", "data.x=-0.4,0.1,0.3", "target.kind=values", "target.y=1,2,3",
        "observe.xi=1",   "forecast.sources=",   "observe.grid=4",     NULL};
    static const char *const plane[] = {"data.n=4",
                                        "data.dimension=2",
                                        "target.xi=1,0",
                                        "net.kind=layers",
                                        "net.layers=[\"dense(4)\", \"tanh\", \"dense(1)\"]",
                                        "forecast.sources=",
                                        "observe.grid=3",
                                        "target.amplitude=1",
                                        "data.points=endpoints",
                                        "data.a=0",
                                        "data.b=0.4",
                                        NULL};
    sb_config config;
    sb_case cas;
    (void)state;
    open_case(values, &config, &cas);
    const sb_dataset *grid = &cas.snapshots->set[1];
    assert_int_equal(grid->n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_near(grid->x[i], -0.5 + (double)i / 3, 1e-15);
        assert_true(isnan(grid->y[i]));
    }
    close_case(&config, &cas);
    open_case(plane, &config, &cas);
    grid = &cas.snapshots->set[1];
    assert_int_equal(grid->n, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_near(grid->x[2 * i], 0.2 * (double)(i / 3), 1e-15);
        assert_near(grid->x[2 * i + 1], 0.2 * (double)(i % 3), 1e-15);
        assert_near(grid->y[i], sin(2 * M_PI * grid->x[2 * i]), 1e-14);
    }
    close_case(&config, &cas);
}

static void test_epochs(void **state)
{
    static const char *const keys[] = {"data.n=10",
                                       "net.kind=layers",
                                       "net.layers=[\"dense(4)\", \"tanh\", \"dense(1)\"]",
                                       "train.batch=4",
                                       "train.epochs=6",
                                       "observe.unit=epoch",
                                       "forecast.sources=",
                                       "observe.snapshots=1,5,6",
                                       "target.xi=1",
                                       NULL};
    sb_config config;
    sb_case cas;
    (void)state;
    open_case(keys, &config, &cas);
    assert_int_equal(cas.steps, 18);
    assert_int_equal(cas.snapshots->count, 2); /* the end is a state in any case */
    assert_true(cas.snapshots->step[0] == 3 && cas.snapshots->step[1] == 15);
    close_case(&config, &cas);
}

static void test_refused(void **state)
{
    static const struct bad {
        const char *key[3], *words;
    } bad[] = {
        {{"observe.snapshots=1.5"}, "step 1.5 is step 1.5, which is none"},
        {{"observe.snapshots=61"}, "step 61 is beyond the last step, 60"},
        {{"observe.snapshots=5,5"}, "must ascend; 5 does not"},
        {{"observe.unit=epoch", "observe.snapshots=70"}, "epoch 70 is beyond the last step, 60"},
        {{"observe.examples=10"}, "there is no example 10, train has 1 to 9"},
        {{"observe.examples=1.5"}, "there is no example 1.5, train has 1 to 9"},
        {{"observe.grid=1"}, "1 place on an axis makes no grid"},
        {{"data.dimension=3", "data.n=2", "target.xi=0,0,0.2"},
         "observe.grid shows lines and planes, not 3 dimensions"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sb_config config = {0};
        sb_case cas;
        assert_ok(sb_config_init(&config));
        for (const char *const *key = by_hand; *key; key++) assert_ok(sb_config_set(&config, *key));
        for (size_t k = 0; k < 3 && bad[i].key[k]; k++) assert_ok(sb_config_set(&config, bad[i].key[k]));
        assert_fails(sb_case_create(&config, NULL, &cas), SB_ERR_INPUT, bad[i].words);
        sb_config_clear(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_ways), cmocka_unit_test(test_leave_training_alone),
        cmocka_unit_test(test_cube),     cmocka_unit_test(test_between),
        cmocka_unit_test(test_epochs),   cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
