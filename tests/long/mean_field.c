/* The law against numbers that were measured or derived elsewhere: how fast kinks that cross data delay training, the
 * frozen law under Adam beside networks, and wide copies of layers beside networks of the width. */
#include "../unit/common/test.h"

#include "case/case.h"
#include "case/network.h"
#include "forecast/forecast.h"
#include "forecast/law/copies.h"
#include "forecast/trained.h"

enum { MOST_KEYS = 24 };

typedef struct test_case {
    sb_config config;
    sb_case cas;
} test_case;

static void open_case(test_case *t, const char *const *keys)
{
    *t = (test_case){0};
    assert_ok(sb_config_init(&t->config));
    for (size_t i = 0; i < MOST_KEYS && keys[i]; i++) assert_ok(sb_config_set(&t->config, keys[i]));
    assert_ok(sb_case_create(&t->config, NULL, &t->cas));
}

static void close_case(test_case *t)
{
    sb_case_clear(&t->cas);
    sb_config_clear(&t->config);
}

static void by_law(const sb_case *cas, size_t level, double amplitude, bool frozen, sb_decay *decay)
{
    sb_made made;
    assert_ok(sb_case_table(cas, "law", SB_FORM_GD, decay));
    assert_ok(sb_mean_field_at(cas, &cas->watch, level, amplitude, frozen, NULL, decay, &made));
}

/* The network of a seed, r times as wide at the same richness, as it trains. */
static void by_network(const sb_case *cas, double r, uint64_t seed, sb_decay *decay)
{
    sb_moving moving = {0};
    sb_fit_spec spec = sb_case_fit_spec(cas);
    assert_ok(sb_case_table(cas, "network", SB_FORM_GD, decay));
    if (r == 1) {
        sb_network network = {0};
        assert_ok(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network));
        assert_ok(sb_trained_table(cas, spec, NULL, network.theta, decay));
        sb_network_clear(&network);
        return;
    }
    assert_ok(sb_copy_create(cas, r, seed, SB_STREAM_COPY, 1, &moving));
    assert_ok(sb_moving_train(cas, &moving, &cas->watch, false, NULL, decay));
    sb_moving_clear(&moving);
}

/* ---- kinks ---- */

/* d ln T(1/2) = c1 A / M^1/2, c1 = 10.6 and 42 at xi = 3 and 5 of the demo's data. */
static void kinks_delay_to_first_order(void **state)
{
    static const char *const keys[MOST_KEYS] = {"net.width=64", "forecast.sources=ntk.infinite", "train.threads=1"};
    double epsilon = 1e-3;
    test_case t;
    sb_decay flow = {0}, modes = {0}, law = {0};
    (void)state;
    open_case(&t, keys);
    assert_ok(sb_source_forecast(&t.cas, sb_source_find("ntk.infinite"), -1, NULL, NULL, &flow, &modes));
    by_law(&t.cas, 2, epsilon * sqrt(64) / t.config.target_amplitude, false, &law);
    assert_near(log(sb_decay_time(&law, 1, .5) / sb_decay_time(&modes, 1, .5)) / epsilon, 10.6, .5);
    assert_near(log(sb_decay_time(&law, 2, .5) / sb_decay_time(&modes, 2, .5)) / epsilon, 42, 2);
    sb_decay_clear(&flow), sb_decay_clear(&modes), sb_decay_clear(&law);
    close_case(&t);
}

/* ---- Adam ---- */

/* Networks of width 4096 move little; the frozen law is within .06 of them (ReLU), .01 (tanh), along the whole curve.
 */
static void the_frozen_law_under_adam_is_near_wide_networks(void **state)
{
    static const char *const activation[] = {"net.activation=relu", "net.activation=tanh"};
    static const double off[] = {.06, .01};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *const keys[MOST_KEYS] = {
            "net.width=4096",   "target.amplitude=0.05", "train.optimizer=adam", "train.eta=5e-5",
            "train.steps=3000", "train.threads=1",       "forecast.sources=law", activation[i]};
        test_case t;
        sb_decay law = {0}, network = {0};
        open_case(&t, keys);
        by_law(&t.cas, 1, 1, true, &law);
        by_network(&t.cas, 1, 1, &network);
        assert_at_most(max_difference(law.nt * law.nxi, law.err, network.err), off[i]);
        sb_decay_clear(&law), sb_decay_clear(&network);
        close_case(&t);
    }
}

/* ---- layers ---- */

enum { SEEDS = 24 };

/* The mean of err[nt][items] over seeds, and its standard error, the largest. */
static double mean_over_seeds(const sb_case *cas, double r, size_t seeds, double *mean)
{
    sb_decay table[SEEDS] = {{.nt = 0}};
    size_t cells = cas->nt * cas->watch.items.n;
    double largest = 0;
    for (size_t s = 0; s < seeds; s++) by_network(cas, r, s + 1, &table[s]);
    for (size_t i = 0; i < cells; i++) {
        double sum = 0, square = 0, count = (double)seeds;
        for (size_t s = 0; s < seeds; s++) sum += table[s].err[i], square += table[s].err[i] * table[s].err[i];
        mean[i] = sum / count;
        largest = fmax(largest, sqrt(fmax(square / count - mean[i] * mean[i], 0) / (count - 1)));
    }
    for (size_t s = 0; s < seeds; s++) sb_decay_clear(&table[s]);
    return largest;
}

/* Two hidden layers of 64 in rich training: copies of 8 times the width go the way of the networks, under descent in
 * both parametrisations and under Adam; left alone with the width's own rates they do not. */
static void wide_copies_train_as_the_network(void **state)
{
    static const char *const kind[][4] = {
        {"train.eta=0.1", "train.steps=1500", "init.weights=gaussian(1.5)"},
        {"train.eta=0.01", "train.steps=1000", "net.parametrisation=standard", "init.weights=gaussian(0.15)"},
        {"train.eta=0.01", "train.steps=100", "train.optimizer=adam", "init.weights=gaussian(1.5)"},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *const keys[MOST_KEYS] = {"data.n=24",
                                             "target.xi=1,2",
                                             "target.amplitude=1",
                                             "net.kind=layers",
                                             "train.records=30",
                                             "train.threads=1",
                                             "net.layers=dense(64),tanh,dense(64),tanh,dense(1)",
                                             "init.biases=gaussian(0.5)",
                                             "forecast.sources=law",
                                             kind[i][0],
                                             kind[i][1],
                                             kind[i][2],
                                             kind[i][3]};
        test_case t;
        open_case(&t, keys);
        size_t cells = t.cas.nt * t.cas.watch.items.n;
        double *few = new_doubles(2 * cells), *wide = few + cells;
        double error = mean_over_seeds(&t.cas, 1, SEEDS, few) + mean_over_seeds(&t.cas, 8, 4, wide);
        double moved = fabs(few[cells - 2] - 1);
        assert_at_least(moved, .2); /* there is something to see */
        assert_at_most(max_difference(cells, few, wide), fmax(.03, 3 * error));
        assert_at_most(error, .05);
        free(few);
        close_case(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinks_delay_to_first_order),
        cmocka_unit_test(the_frozen_law_under_adam_is_near_wide_networks),
        cmocka_unit_test(wide_copies_train_as_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
