/* Residual -> amplitude per frequency: the two routes against each other, and what may be observed. */
#include "common/test.h"

#include <float.h>

#include <specbias/spectrum.h>

#include "core/parallel.h"

#include "common/problems.h"

/* Observes all frequencies k / (n h) of a uniform grid, k < n. */
static void watch_lattice(sb_problem *problem)
{
    size_t n = problem->n;
    double *xi = new_doubles(n);
    for (size_t k = 0; k < n; k++) xi[k] = (double)k / ((double)n * problem->spacing);
    assert_ok(sb_problem_set_grid(problem, n, xi, xi, "cycles"));
    free(xi);
}

static void apply(const sb_problem *problem, sb_route route, const double *u, double complex *amp)
{
    sb_spectrum *spectrum = NULL;
    assert_ok(sb_spectrum_create(problem, route, &spectrum));
    if (route != SB_ROUTE_AUTO) assert_int_equal(sb_spectrum_route(spectrum), route);
    assert_ok(sb_spectrum_apply(spectrum, u, amp));
    sb_spectrum_destroy(&spectrum);
    assert_null(spectrum);
}

static void random_residual(size_t n, double *u)
{
    seed_numbers(n);
    for (size_t i = 0; i < n; i++) u[i] = number_in(-1, 1);
}

enum { MOST = 33 };

static void fft_is_the_direct_sum(void **state)
{
    static const size_t sizes[] = {2, 7, 32, MOST};
    (void)state;
    for (size_t s = 0; s < 4; s++)
        for (placement kind = MIDPOINTS; kind <= ENDPOINTS; kind++) {
            sb_problem problem = {0};
            double u[MOST], energy = 0, power = 0;
            double complex fft[MOST], direct[MOST], chosen[MOST];
            size_t n = sizes[s];
            make_points(&problem, kind, n);
            watch_lattice(&problem);
            random_residual(n, u);
            apply(&problem, SB_ROUTE_FFT, u, fft);
            apply(&problem, SB_ROUTE_DIRECT, u, direct);
            apply(&problem, SB_ROUTE_AUTO, u, chosen);
            for (size_t k = 0; k < n; k++) {
                assert_at_most(cabs(fft[k] - direct[k]), 1e-14);
                assert_at_most(cabs(fft[k] - chosen[k]), 1e-14);
                power += pow(cabs(fft[k]), 2);
            }
            for (size_t i = 0; i < n; i++) energy += u[i] * u[i] / (double)n;
            assert_close(power, energy, 1e-13); /* Parseval, q = 1/n */
            sb_problem_clear(&problem);
        }
}

static void fft_is_taken_where_it_pays(void **state)
{
    sb_problem problem = {0};
    sb_spectrum *spectrum = NULL;
    (void)state;
    make_sines(&problem, MIDPOINTS, 256, 1);
    assert_ok(sb_spectrum_create(&problem, SB_ROUTE_AUTO, &spectrum));
    assert_int_equal(sb_spectrum_route(spectrum), SB_ROUTE_DIRECT); /* three frequencies */
    sb_spectrum_destroy(&spectrum);
    watch_lattice(&problem);
    assert_ok(sb_spectrum_create(&problem, SB_ROUTE_AUTO, &spectrum));
    assert_int_equal(sb_spectrum_route(spectrum), SB_ROUTE_FFT);
    sb_spectrum_destroy(&spectrum);
    sb_problem_clear(&problem);
}

/* The definition, on points and at frequencies without any structure. */
static void direct_sum_is_the_definition(void **state)
{
    enum { N = 20, K = 6 };
    sb_problem problem = {0};
    double xi[K], u[N];
    double complex amp[K];
    (void)state;
    seed_numbers(5);
    make_points(&problem, SCATTERED, N);
    for (size_t i = 0; i < N; i++) problem.q[i] = number_in(0, 0.1);
    for (size_t k = 0; k < K; k++) xi[k] = number_in(-30, 30);
    assert_ok(sb_problem_set_grid(&problem, K, xi, xi, "cycles"));
    random_residual(N, u);
    apply(&problem, SB_ROUTE_AUTO, u, amp);
    for (size_t k = 0; k < K; k++) {
        double complex sum = 0;
        for (size_t i = 0; i < N; i++) sum += problem.q[i] * u[i] * cexp(-2 * M_PI * I * xi[k] * problem.x[i]);
        assert_at_most(cabs(sum - amp[k]), 1e-14);
    }
    sb_problem_clear(&problem);
}

static void assert_no_fft(const sb_problem *problem)
{
    sb_spectrum *spectrum = NULL;
    assert_fails(sb_spectrum_create(problem, SB_ROUTE_FFT, &spectrum), SB_ERR_UNSUPPORTED, "lattice");
    assert_null(spectrum);
}

static void fft_is_refused_where_it_does_not_apply(void **state)
{
    static const double off[] = {1, 2.5};
    sb_problem problem = {0};
    (void)state;
    make_points(&problem, MIDPOINTS, 16);
    assert_ok(sb_problem_set_grid(&problem, 2, off, off, "cycles")); /* half way between two lattice frequencies */
    assert_no_fft(&problem);
    watch_lattice(&problem);
    problem.q[3] *= 1.5; /* weights that differ */
    assert_no_fft(&problem);
    sb_problem_clear(&problem);
    seed_numbers(1);
    make_sines(&problem, SCATTERED, 16, 1);
    assert_no_fft(&problem);
    sb_problem_clear(&problem);
}

typedef struct crowd {
    const sb_spectrum *spectrum;
    const double *u;
    const double complex *wanted;
    size_t n;
} crowd;

static sb_status apply_again(void *context, size_t index)
{
    const crowd *c = context;
    double complex amp[MOST];
    sb_status status = sb_spectrum_apply(c->spectrum, c->u, amp);
    if (status == SB_OK && memcmp(amp, c->wanted, c->n * sizeof *amp) != 0)
        status = sb_fail(SB_ERR_NUMERIC, "other bits in call %zu", index);
    return status;
}

static void threads_share_a_spectrum(void **state)
{
    (void)state;
    for (sb_route route = SB_ROUTE_FFT; route <= SB_ROUTE_DIRECT; route++) {
        sb_problem problem = {0};
        sb_spectrum *spectrum = NULL;
        double u[MOST];
        double complex wanted[MOST];
        make_points(&problem, MIDPOINTS, MOST);
        watch_lattice(&problem);
        random_residual(MOST, u);
        assert_ok(sb_spectrum_create(&problem, route, &spectrum));
        assert_ok(sb_spectrum_apply(spectrum, u, wanted));
        assert_ok(sb_parallel_for(4, 400, apply_again, &(crowd){spectrum, u, wanted, MOST}));
        sb_spectrum_destroy(&spectrum);
        sb_problem_clear(&problem);
    }
}

/* ---- what may be observed ---- */

/* Sum of a sin(2 pi xi x) on a whole number of periods: f^(xi) = -i a / 2. */
static void target_and_floor(void **state)
{
    sb_problem problem = {0};
    double y_max = 0;
    (void)state;
    make_sines(&problem, MIDPOINTS, 32, 0.004);
    for (size_t i = 0; i < 32; i++) y_max = fmax(y_max, fabs(problem.y[i]));
    for (size_t k = 0; k < SINES; k++) {
        assert_at_most(cabs(problem.target[k] + 0.002 * I), 1e-17);
        assert_close(problem.floor[k], DBL_EPSILON * sqrt(32) * y_max / 32 / 0.002, 1e-12);
    }
    sb_problem_clear(&problem);
}

static void observe_only(sb_problem *problem, double xi)
{
    assert_ok(sb_problem_set_grid(problem, 1, &xi, &xi, "cycles"));
}

static void frequencies_above_nyquist_are_refused(void **state)
{
    sb_problem problem = {0};
    (void)state;
    make_sines(&problem, MIDPOINTS, 32, 1);
    for (size_t i = 0; i < 32; i++) problem.y[i] = i % 2 ? -1 : 1; /* energy at the Nyquist frequency 16 */
    observe_only(&problem, 16);
    assert_ok(sb_problem_observe(&problem));
    observe_only(&problem, 16.01);
    assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "Nyquist frequency 16");
    observe_only(&problem, -17);
    assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "Nyquist");
    sb_problem_clear(&problem);

    seed_numbers(3);
    make_sines(&problem, SCATTERED, 32, 1); /* scattered points have none */
    observe_only(&problem, 17);
    assert_ok(sb_problem_observe(&problem));
    sb_problem_clear(&problem);
}

static void target_without_energy_is_refused(void **state)
{
    static const double one_silent[] = {1, 2, 3};
    sb_problem problem = {0};
    (void)state;
    make_sines(&problem, MIDPOINTS, 32, 1e-3); /* 1, 3, 5 */
    assert_ok(sb_problem_set_grid(&problem, 3, one_silent, one_silent, "cycles"));
    assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "no energy at the observed frequency 2");
    observe_only(&problem, 2); /* nothing to compare it with */
    assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "no energy at the observed frequency 2");
    observe_only(&problem, 1);
    assert_ok(sb_problem_observe(&problem));
    memset(problem.y, 0, 32 * sizeof *problem.y);
    assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "no energy");
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fft_is_the_direct_sum),
        cmocka_unit_test(fft_is_taken_where_it_pays),
        cmocka_unit_test(direct_sum_is_the_definition),
        cmocka_unit_test(fft_is_refused_where_it_does_not_apply),
        cmocka_unit_test(threads_share_a_spectrum),
        cmocka_unit_test(target_and_floor),
        cmocka_unit_test(frequencies_above_nyquist_are_refused),
        cmocka_unit_test(target_without_energy_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
