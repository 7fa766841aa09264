/* Jacobi's iteration for Poisson's equation (theory/README.md): reference case P7, each sine mode's decay, the discrete
 * solution, and how many sweeps each frequency takes. */
#include "common/test.h"

#include <specbias/jacobi.h>
#include <specbias/poisson.h>

static const size_t frequencies[] = {1, 3, 8};

static sb_jacobi_spec spec_of(size_t n, size_t nt, const size_t *sweep)
{
    return (sb_jacobi_spec){
        .problem = sb_poisson_default(n), .nt = nt, .sweep = sweep, .frequencies = 3, .frequency = frequencies};
}

static void reference_case_P7(void **state)
{
    static const size_t sweeps[] = {500}, modes[] = {2};
    sb_jacobi_spec spec = spec_of(100, 1, sweeps);
    sb_jacobi run = {0};
    (void)state;
    spec.modes = 1;
    spec.mode = modes;
    assert_ok(sb_jacobi_run(&spec, NULL, &run));
    assert_close(run.error[0], 0.180126735141, 1e-9);
    assert_close(run.u[75], 0.354595855979, 1e-9);
    assert_close(run.delta[0], 0.371292256565, 1e-9);
    assert_close(run.delta[1], 0.0185616406887, 1e-9);
    assert_close(run.delta[2], 0.00119381795774, 1e-9);
    assert_close(run.sine[0], 0.180581019486, 1e-9);
    sb_jacobi_clear(&run);
    assert_null(run.u);
}

/* A start in which every mode has amplitude 1 beside the discrete solution. */
static void every_mode(const sb_poisson *problem, double *start)
{
    size_t n = problem->n;
    for (size_t i = 1; i < n; i++) {
        start[i] = sb_poisson_discrete(problem, (2 * (double)i - (double)n) / (double)n);
        for (size_t k = 1; k < n; k++) start[i] += sin(M_PI * (double)(i * k % (2 * n)) / (double)n);
    }
    start[0] = start[n] = 0;
}

/* Even and odd sweeps: modes beyond n / 2 change sign. Amplitudes below 1e-3 are held to rounding instead. */
static void modes_decay_as_predicted(void **state)
{
    enum { N = 200, TIMES = 4 };
    static const size_t sweeps[TIMES] = {0, 1, 37, 1000};
    sb_jacobi_spec spec = spec_of(N, TIMES, sweeps);
    sb_jacobi run = {0};
    size_t mode[N - 1];
    double start[N + 1];
    (void)state;
    for (size_t k = 1; k < N; k++) mode[k - 1] = k;
    every_mode(&spec.problem, start);
    spec.start = start;
    spec.modes = N - 1;
    spec.mode = mode;
    assert_ok(sb_jacobi_run(&spec, NULL, &run));
    for (size_t t = 0; t < TIMES; t++)
        for (size_t k = 1; k < N; k++) {
            double seen = run.sine[t * (N - 1) + k - 1], predicted = run.predicted[t * (N - 1) + k - 1];
            assert_near(predicted, pow(cos(M_PI * (double)k / N), (double)sweeps[t]), 1e-11);
            if (fabs(predicted) > 1e-3) assert_near(seen / predicted, 1, 1e-9);
            assert_near(seen, predicted, 1e-12);
        }
    sb_jacobi_clear(&run);
}

/* From zero, as in the figure: the modes that the solution has. */
static void active_modes_decay_as_predicted(void **state)
{
    static const size_t sweeps[] = {1000}, modes[] = {2, 4, 6};
    static const double start[] = {-0.4841, -0.0773, 0.0681}; /* of u_ref */
    sb_jacobi_spec spec = spec_of(200, 1, sweeps);
    sb_jacobi run = {0};
    (void)state;
    spec.modes = 3;
    spec.mode = modes;
    assert_ok(sb_jacobi_run(&spec, NULL, &run));
    for (size_t j = 0; j < 3; j++) {
        assert_near(run.sine[j] / run.predicted[j], 1, 1e-9);
        double amplitude = 0;
        for (size_t i = 0; i <= 200; i++) amplitude += run.u_ref[i] * sin(M_PI * (double)(i * modes[j]) / 200) / 100;
        assert_near(amplitude, start[j], 5e-5);
        assert_near(-run.predicted[j] / sb_jacobi_decay(200, modes[j], 1000), amplitude, 5e-4); /* discretisation */
    }
    sb_jacobi_clear(&run);
}

static void eigenvalues(void **state)
{
    (void)state;
    assert_near(sb_jacobi_eigenvalue(200, 1), cos(M_PI / 200), 1e-16);
    assert_true(sb_jacobi_eigenvalue(200, 100) == 0 && sb_jacobi_decay(200, 100, 1) == 0);
    assert_true(sb_jacobi_decay(200, 100, 0) == 1);
    assert_true(sb_jacobi_sweeps(200, 100, 1e-3) == 1);
    assert_true(isinf(sb_jacobi_sweeps(200, 0, 0.5)));
    for (size_t k = 1; k < 200; k++) {
        assert_near(sb_jacobi_decay(200, k, 7), pow(cos(M_PI * (double)k / 200), 7), 1e-14);
        assert_near(sb_jacobi_decay(200, k, 8), pow(cos(M_PI * (double)k / 200), 8), 1e-14);
        double sweeps = sb_jacobi_sweeps(200, k, 0.01);
        assert_true(sweeps == sb_jacobi_sweeps(200, 200 - k, 0.01));
        assert_at_most(fabs(sb_jacobi_decay(200, k, (size_t)sweeps)), 0.01);
        assert_at_least(fabs(sb_jacobi_decay(200, k, (size_t)sweeps - 1)), k == 100 ? 0 : 0.01);
    }
}

/* The discrete solution solves the difference equations and has the known distance from u_ref; sweeps get there. */
static void discrete_solution(void **state)
{
    static const size_t sizes[] = {100, 200, 1000};
    static const double wanted[] = {1.391290e-3, 3.496074e-4, 1.396021e-5}; /* printed to seven digits */
    (void)state;
    for (int c = 0; c < 3; c++) {
        size_t n = sizes[c], sweeps[] = {0, c == 0 ? 20000 : 1};
        sb_jacobi_spec spec = spec_of(n, 2, sweeps);
        sb_jacobi run = {0};
        assert_ok(sb_jacobi_run(&spec, NULL, &run));
        assert_close(run.discretisation, wanted[c], 5e-7);
        double h = 2 / (double)n;
        for (size_t i = 1; i < n; i++) {
            double *u = run.u_discrete + i, g = sb_poisson_source(&spec.problem, run.x[i]);
            assert_near((2 * u[0] - u[-1] - u[1]) / (h * h), g, 1e-15 / (h * h));
        }
        assert_near(run.u_discrete[0], 0, 1e-15);
        assert_near(run.u_discrete[n], 0, 1e-15);
        assert_near(run.u_ref[0], 0, 1e-15);
        assert_near(run.u_ref[n], 0, 1e-15);
        if (c == 0) {
            assert_at_most(run.algebraic[1], 1e-13);
            assert_close(run.error[1], wanted[0], 5e-7);
        }
        sb_jacobi_clear(&run);
    }
}

/* Records every ten sweeps: high frequencies first. */
static void high_frequencies_first(void **state)
{
    enum { TIMES = 500 };
    static const size_t wanted[3][2] = {{1410, 4660}, {170, 570}, {30, 80}};
    size_t sweeps[TIMES];
    sb_jacobi run = {0};
    (void)state;
    for (size_t t = 0; t < TIMES; t++) sweeps[t] = 10 * t;
    sb_jacobi_spec spec = spec_of(200, TIMES, sweeps);
    assert_ok(sb_jacobi_run(&spec, NULL, &run));
    for (size_t j = 0; j < 3; j++) {
        assert_int_equal(sweeps[sb_jacobi_crossing(&run, j, 0.5)], wanted[j][0]);
        assert_int_equal(sweeps[sb_jacobi_crossing(&run, j, 0.1)], wanted[j][1]);
        assert_near(run.delta[j], 1, 1e-15);
        assert_int_equal(sb_jacobi_crossing(&run, j, 0), TIMES);
    }
    sb_jacobi_clear(&run);
}

/* Another source: one sine that is an eigenfunction, k = 6 of 40, so that one number is all of the error. */
static void own_source(void **state)
{
    static const double weight[] = {2}, omega[] = {3 * M_PI};
    static const size_t sweeps[] = {0, 5, 30}, modes[] = {6, 7};
    sb_jacobi_spec spec = {.problem = {.n = 40, .terms = 1, .weight = weight, .omega = omega},
                           .nt = 3,
                           .sweep = sweeps,
                           .modes = 2,
                           .mode = modes};
    sb_jacobi run = {0};
    (void)state;
    assert_ok(sb_jacobi_run(&spec, NULL, &run));
    double amplitude = 2 / pow(40 * sin(3 * M_PI / 40), 2);
    for (size_t t = 0; t < 3; t++) {
        double decay = pow(cos(6 * M_PI / 40), (double)sweeps[t]);
        assert_close(fabs(run.sine[2 * t]), amplitude * decay, 1e-12);
        assert_near(run.sine[2 * t + 1], 0, 1e-15);
    }
    assert_close(sb_poisson_solution(&spec.problem, 0.5 / 3), 2 / (9 * M_PI * M_PI), 1e-14);
    sb_jacobi_clear(&run);
}

static bool stop(void *context, const char *stage, double done, double total)
{
    (void)context, (void)done, (void)total;
    return strcmp(stage, "jacobi") != 0;
}

static void refusals(void **state)
{
    static const size_t sweeps[] = {5, 5}, zero[] = {0}, high[] = {51};
    static const double rough[] = {1}, omega[] = {200}, start[101] = {1};
    const sb_monitor monitor = {.progress = stop};
    sb_jacobi_spec good = spec_of(100, 1, sweeps), spec = good;
    sb_jacobi run = {0};
    (void)state;
    assert_fails(sb_jacobi_run(&spec, &monitor, &run), SB_ERR_INTERRUPTED, "jacobi");
    assert_null(run.u);
    spec.nt = 2;
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "ascend");
    spec = good, spec.modes = 1, spec.mode = zero;
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "sine modes 1 to 99");
    spec = good, spec.frequencies = 1, spec.frequency = high;
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "up to 50");
    spec.frequency = zero; /* u_ref is odd */
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "no amplitude");
    spec = good, spec.start = start;
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "zero at both ends");
    spec = good, spec.problem = (sb_poisson){.n = 100, .terms = 1, .weight = rough, .omega = omega};
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "below 157.08");
    spec.problem.n = 1;
    assert_fails(sb_jacobi_run(&spec, NULL, &run), SB_ERR_INPUT, "two intervals");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case_P7),
        cmocka_unit_test(modes_decay_as_predicted),
        cmocka_unit_test(active_modes_decay_as_predicted),
        cmocka_unit_test(eigenvalues),
        cmocka_unit_test(discrete_solution),
        cmocka_unit_test(high_frequencies_first),
        cmocka_unit_test(own_source),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
