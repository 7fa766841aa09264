/* What rounding of weights does to the watched errors, beside networks whose weights are changed at random, and beside
 * the doubles themselves. */
#include "common/test.h"

#include <specbias/experiment.h>
#include <specbias/rng.h>

#include "case/network.h"
#include "run/rounding.h"

enum { ITEMS = 2 };

static void open_case(const char *kind, double amplitude, sb_config *config, sb_case *cas)
{
    char text[64];
    assert_ok(sb_config_init(config));
    assert_ok(sb_config_set(config, "data.n=16"));
    assert_ok(sb_config_set(config, "target.xi=1,3"));
    assert_ok(sb_config_set(config, "net.width=64"));
    assert_ok(sb_config_set(config, "forecast.sources=ntk.empirical"));
    snprintf(text, sizeof text, "target.amplitude=%g", amplitude);
    assert_ok(sb_config_set(config, text));
    if (strcmp(kind, "fourier") == 0) {
        assert_ok(sb_config_set(config, "net.kind=fourier"));
        assert_ok(sb_config_set(config, "init.density=gaussian(12)"));
        assert_ok(sb_config_set(config, "init.out=gaussian"));
    } else {
        snprintf(text, sizeof text, "net.activation=%s", kind);
        assert_ok(sb_config_set(config, text));
    }
    assert_ok(sb_case_create(config, NULL, cas));
}

/* err of (h - h_0) at each item, by its definition */
static void change_of_err(const sb_problem *problem, const double *h, double *err)
{
    for (size_t k = 0; k < ITEMS; k++) {
        double complex sum = 0, f = problem->target[k];
        for (size_t i = 0; i < problem->n; i++)
            sum += problem->q[i] * h[i] * cexp(-2 * M_PI * I * problem->grid.xi[k] * problem->x[i]);
        err[k] = creal(sum * conj(f) / cabs(f)) / cabs(f);
    }
}

/* Weights changed by 2^-20 |theta| at random, 2^32 times their rounding: the rms of what err does. */
static void noise_is_that_of_changed_weights(void **state)
{
    enum { TRIALS = 400 };
    static const char *const kind[] = {"relu", "tanh", "fourier"};
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        sb_config config = {0};
        sb_case cas;
        sb_network start = {0}, moved = {0};
        double noise[ITEMS], lost[ITEMS * SB_LEVELS], square[ITEMS] = {0}, err[ITEMS], h[16];
        open_case(kind[c], 0.004, &config, &cas);
        assert_ok(sb_rounding_measure(&cas, noise, lost));
        assert_ok(sb_network_start(&cas, 1, (uint64_t)config.seeds_first, SB_STREAM_TRAIN, &start));
        assert_ok(sb_network_start(&cas, 1, (uint64_t)config.seeds_first, SB_STREAM_TRAIN, &moved));
        for (size_t t = 0; t < TRIALS; t++) {
            sb_rng rng = sb_rng_at(t, 0, c);
            for (size_t p = 0; p < sb_network_parameters(&start); p++)
                moved.theta[p] = start.theta[p] * (1 + 0x1p-20 * sb_rng_normal(&rng));
            assert_ok(sb_network_outputs(&moved, 16, cas.problem.x, h));
            change_of_err(&cas.problem, h, err); /* h_0 = 0 */
            for (size_t k = 0; k < ITEMS; k++) square[k] += err[k] * err[k] / TRIALS;
        }
        for (size_t k = 0; k < ITEMS; k++) {
            assert_close(sqrt(square[k]), noise[k] * 0x1p32, 4 / sqrt(2.0 * TRIALS));
            assert_at_most(lost[k * SB_LEVELS], 1e-8); /* steps are far above rounding */
        }
        sb_network_clear(&start);
        sb_network_clear(&moved);
        sb_case_clear(&cas);
        sb_config_clear(&config);
    }
}

/* Ever smaller targets: steps lose more and more to rounding, until no weight moves. neural-tangents issue 36. */
static void small_steps_are_lost(void **state)
{
    static const double amplitude[] = {1e-8, 1e-10, 1e-12, 1e-16, 1e-30, 1e-310};
    double before = 0, noise_before = 0;
    (void)state;
    for (size_t a = 0; a < sizeof amplitude / sizeof amplitude[0]; a++) {
        sb_config config = {0};
        sb_case cas;
        double noise[ITEMS], lost[ITEMS * SB_LEVELS];
        open_case("relu", amplitude[a], &config, &cas);
        assert_ok(sb_rounding_measure(&cas, noise, lost));
        assert_at_least(lost[0], before);
        if (noise_before > 0 && amplitude[a] > 1e-300)
            assert_close(noise[0] * amplitude[a], noise_before * amplitude[a - 1], 1e-3);
        if (amplitude[a] > 1e-9) assert_at_most(lost[0], 1e-3);
        if (amplitude[a] < 1e-15) assert_true(isinf(lost[0]) && isinf(lost[SB_LEVELS]));
        before = lost[0];
        noise_before = noise[0];
        sb_case_clear(&cas);
        sb_config_clear(&config);
    }
}

/* Floats do not see a decay of 2e-8 of them a step: at the end weights are larger by what they should have lost. */
static void small_decays_are_lost(void **state)
{
    double lost[2][ITEMS * SB_LEVELS], noise[ITEMS], whole;
    (void)state;
    for (int decays = 0; decays < 2; decays++)
        for (int single = 0; single < 2; single++) {
            sb_config config = {0};
            sb_case cas;
            open_case("relu", 0.1, &config, &cas);
            sb_case_clear(&cas);
            if (single) assert_ok(sb_config_set(&config, "net.precision=single"));
            if (decays) assert_ok(sb_config_set(&config, "train.weight_decay=1e-6"));
            assert_ok(sb_case_create(&config, NULL, &cas));
            whole = 1e-6 * cas.rule.eta * (double)cas.steps;
            assert_ok(sb_rounding_measure(&cas, noise, lost[single]));
            sb_case_clear(&cas);
            sb_config_clear(&config);
            assert_at_most(lost[0][0], 1e-6);
            if (single && decays) assert_near(lost[1][0], whole / .5, .1 * whole);
            if (single && decays) assert_near(lost[1][1], whole / .1, .5 * whole);
        }
    assert_at_least(whole, 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_that_of_changed_weights),
        cmocka_unit_test(small_steps_are_lost),
        cmocka_unit_test(small_decays_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
