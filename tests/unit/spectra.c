/* Spectra: those of lines and along directions against sums as they are defined, parity against its closed form, errors
 * of a network against outputs that were kept, and keys that make none. */
#include "common/test.h"

#include <complex.h>

#include <specbias/observe.h>

#include "case/snapshots.h"
#include "case/spectra.h"
#include "common/cases.h"
#include "run/snapshots.h"

/* ---- lines ---- */

/* |1/length sum_j v_j exp(-2 pi i k j / length)|, stride apart */
static double by_definition(size_t length, size_t stride, const double *v, size_t k)
{
    double complex sum = 0;
    for (size_t j = 0; j < length; j++)
        sum += v[j * stride] * cexp(-2 * M_PI * I * (double)(j * k % length) / (double)length);
    return cabs(sum) / (double)length;
}

static void test_lines(void **state)
{
    enum { N = 3, CHANNELS = 2, MOST = 15 };
    static const size_t lengths[] = {2, 12, MOST};
    (void)state;
    seed_numbers(1);
    for (size_t l = 0; l < 3; l++) {
        size_t length = lengths[l], bins = length / 2 + 1;
        double v[N * MOST * CHANNELS], size[N * MOST * CHANNELS];
        for (size_t i = 0; i < N * length * CHANNELS; i++) v[i] = number_in(-1, 1);
        assert_ok(sb_line_spectra(N, length, CHANNELS, v, bins, size));
        for (size_t i = 0; i < N; i++)
            for (size_t c = 0; c < CHANNELS; c++)
                for (size_t k = 0; k < bins; k++)
                    assert_near(size[(i * bins + k) * CHANNELS + c],
                                by_definition(length, CHANNELS, v + i * length * CHANNELS + c, k), 1e-15);
    }
}

/* ---- of a network ---- */

/* The last state of a short run: h of all sets, and the notes of the spectra. */
static void train(const sb_case *cas, const double **outputs, const double **spectra, sb_run *run, sb_layout *layout)
{
    sb_network network = {0};
    assert_ok(sb_network_start(cas, 1, 1, SB_STREAM_TRAIN, &network));
    open_run(cas, &network, layout, run);
    const sb_snapshots *shown = cas->snapshots;
    *outputs = sb_run_snapshots(cas, layout, run) + shown->count * sb_state_size(shown) + SB_STATE_OUTPUTS;
    *spectra = *outputs + shown->numbers;
    sb_network_clear(&network);
}

static const char *const derivative[] = {"data.kind=derivative",
                                         "data.length=16",
                                         "data.n=3",
                                         "data.test=2",
                                         "data.bands=1,5,1,2,4,6",
                                         "net.kind=layers",
                                         "net.layers=[\"conv1d(2, 3)\", \"tanh\", \"conv1d(1, 3)\"]",
                                         "forecast.sources=",
                                         "train.steps=3",
                                         "observe.snapshots=1",
                                         "observe.spectrum=line",
                                         "observe.band=6",
                                         NULL};

/* (mean over examples of |F_k|^2)^1/2 */
static double mean_size(size_t n, const double *v, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += pow(by_definition(16, 1, v + 16 * i, k), 2);
    return sqrt(sum / (double)n);
}

static void test_line_of_network(void **state)
{
    sb_config config;
    sb_case cas;
    sb_run run;
    sb_layout layout;
    const double *h, *note;
    double u[3 * 16];
    (void)state;
    open_case(derivative, &config, &cas);
    train(&cas, &h, &note, &run, &layout);
    assert_int_equal(cas.spectra->bins, 7);
    assert_int_equal(cas.spectra->sets, 3);
    assert_false(cas.spectra->whole);
    for (size_t s = 0; s < 3; s++) {
        const sb_dataset *set = cas.spectra->set[s];
        for (size_t i = 0; i < 16 * set->n; i++) u[i] = h[i] - set->y[i];
        for (size_t k = 0; k < 7; k++) {
            assert_near(cas.spectra->wanted[s][k], mean_size(set->n, set->y, k), 1e-13);
            assert_near(note[k], mean_size(set->n, h, k), 1e-13);
            assert_near(note[7 + k], mean_size(set->n, u, k), 1e-13);
        }
        h += 16 * set->n;
        note += 14;
    }
    close_run(&layout, &run);
    close_case(&config, &cas);
}

static const char *const parity[] = {"data.kind=parity",
                                     "data.dimension=4",
                                     "data.n=6",
                                     "net.kind=layers",
                                     "net.layers=[\"dense(3)\", \"tanh\", \"dense(1)\"]",
                                     "forecast.sources=",
                                     "train.steps=3",
                                     "observe.snapshots=1",
                                     "observe.spectrum=given",
                                     "observe.direction=1,-0.5,2,0.3",
                                     "observe.band=0.4",
                                     NULL};

/* Real and imaginary part of 1/n sum_i v_i exp(-2 pi i k p . x_i). */
static double complex along(const sb_dataset *set, const double *v, const double *p, double k)
{
    double complex sum = 0;
    for (size_t i = 0; i < set->n; i++) {
        double place = 0;
        for (size_t d = 0; d < 4; d++) place += p[d] * set->x[4 * i + d];
        sum += v[i] * cexp(-2 * M_PI * I * k * place);
    }
    return sum / (double)set->n;
}

static void test_direction_of_network(void **state)
{
    static const double p[] = {1, -0.5, 2, 0.3};
    sb_config config;
    sb_case cas;
    sb_run run;
    sb_layout layout;
    const double *h, *note;
    (void)state;
    open_case(parity, &config, &cas);
    train(&cas, &h, &note, &run, &layout);
    const sb_spectra *spectra = cas.spectra;
    assert_true(spectra->whole);
    assert_int_equal(spectra->sets, 2);
    for (size_t s = 0; s < 2; s++) {
        const sb_dataset *set = spectra->set[s];
        for (size_t j = 0; j < spectra->bins; j++) {
            double k = 0.4 * (double)j / (double)(spectra->bins - 1);
            double complex y = along(set, set->y, p, k), f = along(set, h, p, k);
            assert_near(spectra->k[j], k, 1e-15);
            assert_near(spectra->wanted[s][j], creal(y), 1e-14);
            assert_near(spectra->wanted[s][spectra->bins + j], cimag(y), 1e-14);
            assert_near(note[j], creal(f), 1e-14);
            assert_near(note[spectra->bins + j], cimag(f), 1e-14);
        }
        h += set->n;
        note += 2 * spectra->bins;
    }
    close_run(&layout, &run);
    close_case(&config, &cas);
}

/* Of all points of the cube along (1, .., 1) the parity has |f^(k)| = |sin 2 pi k|^d. */
static void test_parity(void **state)
{
    static const char *const keys[] = {
        "data.kind=parity",      "data.dimension=6", "data.n=64",
        "observe.spectrum=ones", "net.kind=layers",  "net.layers=[\"dense(3)\", \"tanh\", \"dense(1)\"]",
        "forecast.sources=",     "train.steps=3",    NULL};
    sb_config config;
    sb_case cas;
    (void)state;
    open_case(keys, &config, &cas);
    const sb_spectra *spectra = cas.spectra;
    assert_near(spectra->k[spectra->bins - 1], 10.0 / 12, 1e-15); /* 20 half waves of the range 12 */
    for (size_t j = 0; j < spectra->bins; j++)
        assert_near(hypot(spectra->wanted[0][j], spectra->wanted[0][spectra->bins + j]),
                    pow(fabs(sin(2 * M_PI * spectra->k[j])), 6), 1e-14);
    assert_int_equal(cas.snapshots->numbers, 0); /* spectra alone keep no outputs */
    close_case(&config, &cas);
}

static void test_refused(void **state)
{
    static const struct bad {
        const char *key[2], *words;
    } bad[] = {
        {{"observe.direction=1,2"}, "observe.direction has 2 numbers, the inputs have 4"},
        {{"observe.direction=0,0,0,0"}, "all inputs lie at the same place along it"},
        {{"observe.direction=", "observe.spectrum=line"}, "an output of 1 x 1 x 1 numbers is no line"},
        {{"observe.direction=", "observe.spectrum=none"}, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sb_config config = {0};
        sb_case cas;
        assert_ok(sb_config_init(&config));
        for (const char *const *key = parity; *key; key++) assert_ok(sb_config_set(&config, *key));
        for (size_t k = 0; k < 2 && bad[i].key[k]; k++) assert_ok(sb_config_set(&config, bad[i].key[k]));
        if (*bad[i].words)
            assert_fails(sb_case_create(&config, NULL, &cas), SB_ERR_INPUT, bad[i].words);
        else
            assert_fails(sb_config_check(&config), SB_ERR_INPUT, "observe.band has no effect");
        sb_config_clear(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_line_of_network),
        cmocka_unit_test(test_direction_of_network),
        cmocka_unit_test(test_parity),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
