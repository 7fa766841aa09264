/* The heat equation with the effective densities of deeper networks (theory/heat_deep.c): densities against reference
 * numbers, its matrix against the recursion of module 2, its amplitudes against that matrix. */
#include "common/test.h"

#include "common/cases.h"
#include "common/problems.h"
#include "core/text.h"
#include "theory/heat/theory.h"

enum { N = 256 };

/* sqrt(2 / 64): with fourier(64) and 64 neurons the weights of variance 2 of heat.md's networks, h = sw W gamma */
#define HIDDEN "dense(64, nobias, gaussian(1), scale=0.17677669529663687)"
#define LAST "dense(1, nobias)"

static sb_config config;
static sb_case cas;

/* The standard test bed: n = 256 midpoints of [-pi, pi], packets of width .45. */
static void open(const char *density, const char *layers, const char *tones)
{
    char law[64], net[512], xi[64];
    const char *const keys[] = {"net.kind=layers",
                                net,
                                law,
                                xi,
                                "data.n=256",
                                "data.a=-3.141592653589793",
                                "data.b=3.141592653589793",
                                "target.kind=packets",
                                "target.unit=angular",
                                "target.tau=0.45",
                                "target.amplitude=1",
                                "train.eta=0.02",
                                "train.time=800",
                                "train.records=40",
                                "forecast.sources=heat.deep",
                                NULL};
    sb_format(law, sizeof law, "init.density=%s", density);
    sb_format(net, sizeof net, "net.layers=%s", layers);
    sb_format(xi, sizeof xi, "target.xi=%s", tones);
    open_case(keys, &config, &cas);
}

/* alpha at k = 4 and 36 with one and two hidden layers, as independent programs found it. */
static void densities_are_those_of_reference(void **state)
{
    static const struct {
        const char *density, *layers;
        double alpha[2];
    } row[] = {
        {"uniform(40)", "fourier(64)," HIDDEN ",relu," LAST, {.0194, .0168}},
        {"uniform(40)", "fourier(64)," HIDDEN ",relu," HIDDEN ",relu," LAST, {.0242, .0203}},
        {"gaussian(14)", "fourier(64)," HIDDEN ",relu," LAST, {.0387, .0041}},
        {"gaussian(14)", "fourier(64)," HIDDEN ",relu," HIDDEN ",relu," LAST, {.0464, .0076}},
    };
    static const double w[2] = {4, 36};
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double alpha[2], beta[2];
        open(row[i].density, row[i].layers, "12,20,28");
        assert_ok(sb_heat_effective(&cas.theory, &cas.problem, 2, w, alpha, beta));
        for (int k = 0; k < 2; k++) assert_near(alpha[k], row[i].alpha[k], 5.1e-5);
        close_case(&config, &cas);
    }
}

/* A(phi) + x x' B(phi) by closed forms of one variable, and layer by layer (src/kernel/wide.c). */
static void its_matrix_is_the_kernel(void **state)
{
    static const char *const layers[] = {
        "fourier(64)," HIDDEN ",relu," LAST,
        "fourier(64, frozen)," HIDDEN ",erf," LAST,
        "fourier(64),dense(50, gaussian(1.5)),relu,dense(70),erf,dense(30, frozen),relu,dense(1)",
    };
    double *wanted = new_doubles(2 * (size_t)N * N), *found = wanted + (size_t)N * N;
    (void)state;
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        open("gaussian(6)", layers[i], "12,20,28");
        assert_ok(sb_gram_wide(&cas.wide, N, cas.problem.x, 0, NULL, 1, wanted));
        assert_ok(sb_theory_find("heat.deep")->gram(&cas.theory, &cas.problem, found));
        assert_at_most(max_difference((size_t)N * N, wanted, found) / max_abs((size_t)N * N, wanted), 1e-13);
        close_case(&config, &cas);
    }
    free(wanted);
}

/* Finite elements with alpha and beta, against the eigenpairs of the matrix: max over times and frequencies of the
 * error of E, as flow and in steps. */
static double gap(void)
{
    const sb_problem *p = &cas.problem;
    size_t count = p->nt * p->grid.n;
    double *gram = new_doubles((size_t)N * N), *u0 = new_doubles(N), worst = 0;
    double complex amp[2][64 * 8];
    assert_true(count <= 64 * 8);
    start_residual(p, u0);
    assert_ok(sb_theory_find("heat.deep")->gram(&cas.theory, p, gram));
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        kernel_amplitude(p, gram, form, amp[0]);
        assert_ok(sb_theory_find("heat.deep")->amplitude(&cas.theory, p, form, u0, NULL, amp[1]));
        for (size_t i = 0; i < count; i++)
            worst = fmax(worst, fabs(cabs(amp[0][i]) - cabs(amp[1][i])) / cabs(p->target[i % p->grid.n]));
    }
    free(gram);
    free(u0);
    return worst;
}

static void amplitudes_are_those_of_its_matrix(void **state)
{
    static const struct {
        const char *density, *layers;
        double most;
    } row[] = {
        {"gaussian(14)", "fourier(64)," HIDDEN ",relu," LAST, 1e-5},
        {"gaussian(14)", "fourier(64)," HIDDEN ",relu," HIDDEN ",relu," LAST, 1e-5},
        {"gaussian(14)", "fourier(64)," HIDDEN ",erf," LAST, 1e-5},
        {"gaussian(14)", "fourier(64, frozen)," HIDDEN ",relu," LAST, 1e-7},
        {"uniform(40)", "fourier(64)," HIDDEN ",relu," LAST, 1e-3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        open(row[i].density, row[i].layers, "12,20,28,36");
        double worst = gap();
        assert_at_most(worst, row[i].most);
        close_case(&config, &cas);
    }
}

static void refuses_what_it_does_not_cover(void **state)
{
    static const struct {
        const char *set, *words;
    } row[] = {
        {"net.layers=fourier(64),dense(8),tanh,dense(1)", "does not cover the activation tanh"},
        {"net.layers=dense(8),relu,dense(1)", "Fourier features and dense layers"},
        {"data.kind=random", "uniform grid"},
        {"target.xi=0.5", "constant part"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *const keys[] = {"net.kind=layers",
                                    "net.layers=fourier(64),dense(8),relu,dense(1)",
                                    "init.density=gaussian(14)",
                                    "data.a=-3.1",
                                    "data.b=3.1",
                                    "target.kind=packets",
                                    "target.xi=1",
                                    "target.tau=0.5",
                                    "forecast.sources=heat.deep",
                                    row[i].set,
                                    NULL};
        sb_status status = SB_OK;
        sb_config_init(&config);
        for (size_t k = 0; keys[k] && status == SB_OK; k++) status = sb_config_set(&config, keys[k]);
        assert_ok(status);
        assert_fails(sb_case_create(&config, NULL, &cas), SB_ERR_INPUT, row[i].words);
        sb_config_clear(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_are_those_of_reference),
        cmocka_unit_test(its_matrix_is_the_kernel),
        cmocka_unit_test(amplitudes_are_those_of_its_matrix),
        cmocka_unit_test(refuses_what_it_does_not_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
