/* A kernel's forecast through a seed's own mini-batches against the linearised network, trained in the same order. */
#include "common/test.h"

#include "case/case.h"
#include "forecast/forecast.h"
#include "forecast/linearised.h"
#include "forecast/noise.h"

static void open_case(sb_config *config, const char *const *keys, sb_case *cas)
{
    static const char *const base[] = {"data.n=11",           "target.xi=1,2", "target.amplitude=0.1",
                                       "net.activation=tanh", "net.width=40",  "train.steps=60",
                                       "train.records=12",    "train.batch=4", "forecast.sources=ntk.empirical"};
    *config = (sb_config){0};
    assert_ok(sb_config_init(config));
    for (size_t i = 0; i < sizeof base / sizeof *base; i++) assert_ok(sb_config_set(config, base[i]));
    for (size_t i = 0; keys[i]; i++) assert_ok(sb_config_set(config, keys[i]));
    assert_ok(sb_case_create(config, NULL, cas));
}

/* Rules, samplings, a loss that is a sum, weights of quadrature, a start with a random output. */
static void own_orders_are_those_of_training(void **state)
{
    static const char *const keys[][5] = {
        {"train.eta=0.05"},
        {"train.eta=0.05", "train.sampling=independent", "init.antisymmetric=false"},
        {"train.optimizer=heavy_ball", "train.eta=0.005", "loss.factor=half_sum"},
        {"train.optimizer=nesterov", "train.eta=0.005", "train.sampling=independent", "loss.factor=half_sum"},
        {"train.optimizer=nesterov", "train.eta=0.005", "data.kind=random", "loss.weights=quadrature"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        sb_config config;
        sb_case cas;
        sb_decay flow = {0}, gd = {0}, trained = {0};
        const char *list[6] = {0};
        memcpy(list, keys[i], sizeof keys[i]);
        open_case(&config, list, &cas);
        const sb_source *source = cas.source[0];
        assert_true(sb_noise_matters(&cas, source));
        assert_ok(sb_source_forecast(&cas, source, 3, NULL, NULL, &flow, &gd));
        double mean = gd.err[(gd.nt - 1) * gd.nxi];
        assert_ok(sb_noise_of_seed(&cas, source, 3, &gd));
        assert_ok(sb_case_table(&cas, "trained", SB_FORM_GD, &trained));
        assert_ok(sb_linearised_train(&cas, &cas.watch, 3, NULL, NULL, &trained));
        assert_at_most(max_difference(gd.nt * gd.nxi, gd.err, trained.err), 1e-9);
        assert_at_least(fabs(mean - trained.err[(gd.nt - 1) * gd.nxi]), 1e-4); /* which the mean is not */
        sb_decay_clear(&flow);
        sb_decay_clear(&gd);
        sb_decay_clear(&trained);
        sb_case_clear(&cas);
        sb_config_clear(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_orders_are_those_of_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
