/* Rehearsals: half the width at the same richness is the network whose units come in equal pairs; none is a judged
 * seed's network; the same for any threads. */
#include "common/test.h"

#include <specbias/experiment.h>

#include "case/case.h"
#include "case/network.h"
#include "forecast/rehearse.h"
#include "forecast/trained.h"

enum { NETWORKS = 2, ITEMS = 2, CELLS = ITEMS * SB_LEVELS };

/* What makes a case ask for rehearsals. */
static const sb_source moving = {.name = "moving", .moving = true};
static const sb_source *sources[] = {&moving};

static void open_case(const char *const *keys, sb_config *config, sb_case *cas)
{
    static const char *const common[] = {"target.xi=1,2",     "target.amplitude=0.4",  "data.n=16",
                                         "forecast.sources=", "train.records=100",     "net.activation=tanh",
                                         "init.in_scale=8",   "forecast.rehearsals=2", "claims=order(T) = increasing"};
    *config = (sb_config){0};
    assert_ok(sb_config_init(config));
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) assert_ok(sb_config_set(config, common[i]));
    for (; *keys; keys++) assert_ok(sb_config_set(config, *keys));
    assert_ok(sb_case_create(config, NULL, cas));
    cas->sources = 1;
    free(cas->source);
    cas->source = sources;
    assert_int_equal(cas->watch.items.n, ITEMS);
}

static void close_case(sb_config *config, sb_case *cas)
{
    cas->source = NULL;
    sb_case_clear(cas);
    sb_config_clear(config);
}

static void rehearse(const sb_case *cas, size_t threads, sb_rehearsal_work *work)
{
    *work = (sb_rehearsal_work){0};
    assert_ok(sb_rehearsal_open(cas, work));
    assert_int_equal(work->draws.count, NETWORKS);
    for (size_t i = 0; i < 2 * NETWORKS; i++) assert_ok(sb_rehearsal_train(work, i, threads, NULL));
    sb_rehearsal_finish(work);
}

/* ln T of the rehearsal whose second half of units, of each copy, is its first half once more */
static void train_pairs(const sb_case *cas, size_t b, double *ln_t)
{
    sb_network network = {0};
    sb_decay decay = {0};
    sb_two_layer part[SB_MOST_COPIES];
    uint64_t seed = SB_FIRST_REHEARSAL + b;
    assert_ok(sb_network_start(cas, 1, seed, SB_STREAM_REHEARSE, &network));
    size_t copies = sb_model_two_layer(network.model, part), half = part->units / 2;
    for (size_t c = 0; c < copies; c++) {
        size_t first[] = {part[c].in, part[c].out, part[c].shift};
        for (size_t i = 0; i < 3; i++)
            memcpy(network.theta + first[i] + half, network.theta + first[i], half * sizeof *network.theta);
    }
    sb_fit_spec spec = sb_case_fit_spec(cas);
    spec.seed = seed;
    assert_ok(sb_case_table(cas, "pairs", SB_FORM_OBSERVED, &decay));
    assert_ok(sb_trained_table(cas, spec, NULL, network.theta, &decay));
    for (size_t j = 0; j < CELLS; j++) ln_t[j] = log(sb_decay_line_time(&decay, j));
    sb_decay_clear(&decay);
    sb_network_clear(&network);
}

static void check_pairs(const char *const *keys, double tolerance)
{
    sb_config config;
    sb_case cas;
    sb_rehearsal_work work;
    double ln_t[CELLS];
    open_case(keys, &config, &cas);
    rehearse(&cas, 1, &work);
    for (size_t b = 0; b < NETWORKS; b++) {
        train_pairs(&cas, b, ln_t);
        for (size_t j = 0; j < CELLS; j++) {
            double whole = log(work.draws.times[b * CELLS + j]);
            assert_near(work.draws.shift[b * CELLS + j], ln_t[j] - whole, tolerance);
            assert_at_least(fabs(ln_t[j] - whole), 1e-3); /* they are other networks */
        }
    }
    sb_rehearsal_close(&work);
    close_case(&config, &cas);
}

static void test_pairs(void **state)
{
    (void)state;
    const char *const gd[] = {"net.width=64", "train.eta=0.05", "train.time=600", NULL};
    const char *const nesterov[] = {"net.width=64", "train.optimizer=nesterov", "train.eta=0.02", "train.time=100",
                                    NULL};
    const char *const adam[] = {"net.width=64", "train.optimizer=adam", "train.eta=0.01", "train.steps=3000", NULL};
    const char *const batches[] = {"net.width=64", "train.batch=8", "train.eta=0.05", "train.time=600", NULL};
    const char *const biased[] = {"net.kind=layers",
                                  "net.activation=relu",
                                  "init.in_scale=2",
                                  "net.layers=[\"dense(32, gaussian(5))\", \"tanh\", \"dense(1)\"]",
                                  "init.biases=gaussian(1)",
                                  "net.parametrisation=standard",
                                  "init.weights=gaussian(0.1)",
                                  "train.optimizer=adam",
                                  "train.eta=0.01",
                                  "train.steps=3000",
                                  NULL};
    check_pairs(gd, 1e-9);
    check_pairs(nesterov, 1e-9);
    check_pairs(adam, 1e-7); /* epsilon is felt: 1 / (root + epsilon) of gradients that differ in their last bits */
    check_pairs(batches, 1e-9);
    check_pairs(biased, 1e-7);
}

static void test_threads(void **state)
{
    (void)state;
    const char *const keys[] = {"net.width=64", "train.eta=0.05", "train.time=100", NULL};
    sb_config config;
    sb_case cas;
    sb_rehearsal_work one, two;
    sb_network judged = {0}, rehearsal = {0};
    open_case(keys, &config, &cas);
    rehearse(&cas, 1, &one);
    rehearse(&cas, 2, &two);
    assert_memory_equal(one.draws.times, two.draws.times, NETWORKS * CELLS * sizeof(double));
    assert_memory_equal(one.draws.shift, two.draws.shift, NETWORKS * CELLS * sizeof(double));
    assert_at_least(fabs(one.draws.times[0] / one.draws.times[CELLS] - 1), 1e-6); /* each its own network */
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_ok(sb_network_start(&cas, 1, seed, SB_STREAM_TRAIN, &judged));
        assert_ok(sb_network_start(&cas, 1, SB_FIRST_REHEARSAL + seed, SB_STREAM_REHEARSE, &rehearsal));
        assert_true(memcmp(judged.theta, rehearsal.theta, 16 * sizeof(double)) != 0);
        sb_network_clear(&judged);
        sb_network_clear(&rehearsal);
    }
    sb_rehearsal_close(&one);
    sb_rehearsal_close(&two);
    close_case(&config, &cas);
}

/* Of two hidden layers half the width is a copy of r = 1/2, from the same numbers: the same richness, another network.
 */
static void test_layers(void **state)
{
    (void)state;
    const char *const keys[] = {"net.kind=layers",
                                "net.activation=relu",
                                "init.in_scale=2",
                                "net.layers=[\"dense(32)\", \"tanh\", \"dense(32)\", \"tanh\", \"dense(1)\"]",
                                "init.weights=gaussian(3)",
                                "init.biases=gaussian(1)",
                                "train.eta=0.05",
                                "train.time=40",
                                NULL};
    sb_config config;
    sb_case cas;
    sb_rehearsal_work one, two;
    open_case(keys, &config, &cas);
    rehearse(&cas, 1, &one);
    rehearse(&cas, 2, &two);
    for (size_t b = 0; b < NETWORKS; b++) { /* T(1/2) of both items */
        assert_true(isfinite(one.draws.times[b * CELLS]) && isfinite(one.draws.shift[b * CELLS]));
        assert_at_least(fabs(one.draws.shift[b * CELLS]), 1e-3);
        assert_at_most(fabs(one.draws.shift[b * CELLS]), 2);
    }
    assert_memory_equal(one.draws.shift, two.draws.shift, NETWORKS * CELLS * sizeof(double));
    sb_rehearsal_close(&one);
    sb_rehearsal_close(&two);
    close_case(&config, &cas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_layers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
