/* Residual -> amplitude per frequency: the two routes against each other, and what may be observed. */
#include "common/test.h"

#include <float.h>

#include <specbias/data.h>
#include <specbias/observe.h>
#include <specbias/spectrum.h>

#include "core/parallel.h"

#include "common/problems.h"
#include "tests/oracles/spectrum.h"

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

/* sin(2 pi 8 x) on 16 left points is rounding, which is nothing beside its amplitude. */
static void target_of_rounding_is_refused(void **state)
{
    static const double eight = 8;
    sb_problem problem = {0};
    sb_points_spec left = {.n = 16, .dim = 1, .a = -0.5, .b = 0.5, .layout = "left"};
    (void)state;
    assert_ok(sb_points_make(sb_points_find("uniform"), &left, &problem));
    observe_only(&problem, 8);
    for (int kind = 0; kind < 2; kind++) {
        sb_target_spec target = {
            .terms = 1, .xi = &eight, .amplitude = 1e-3, .tau = 0.3, .phase = (double[]){kind * M_PI_2}};
        assert_ok(sb_target_find(kind ? "packets" : "sines")->fill(&target, &problem));
        assert_at_most(max_abs(16, problem.y), 1e-16);
        assert_fails(sb_problem_observe(&problem), SB_ERR_INPUT, "no energy at the observed frequency 8");
    }
    for (size_t i = 0; i < 16; i++) problem.y[i] = i % 2 ? -1e-18 : 1e-18; /* small, but meant */
    problem.most = 0;
    assert_ok(sb_problem_observe(&problem));
    sb_problem_clear(&problem);
}

/* ---- aliases: neural-tangents issue 77 ---- */

/* Watches xi[count][dim] of a target that has energy everywhere, on points x[n][dim]. */
static sb_status watch(size_t n, size_t dim, const double *x, size_t count, const double *xi)
{
    sb_problem problem = {0};
    const double label[] = {0, 1, 2, 3};
    assert_ok(sb_problem_init(&problem, n, dim, -0.5, 0.5));
    memcpy(problem.x, x, n * dim * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        problem.q[i] = (1 + 0.5 * (double)(i % 3)) / (double)n;
        problem.y[i] = 1 / (1 + (double)i); /* at no frequency zero */
    }
    assert_ok(sb_problem_set_grid(&problem, count, xi, label, "cycles"));
    sb_status status = sb_problem_observe(&problem);
    sb_problem_clear(&problem);
    return status;
}

static void aliases_are_refused_on_any_points(void **state)
{
    const double five[] = {-0.4, -0.2, 0, 0.2, 0.4};
    double random[20], square[32], line[8];
    (void)state;
    assert_fails(watch(5, 1, five, 2, (double[]){1, 6}), SB_ERR_INPUT,
                 "frequencies 0 and 1 are aliases on the 5 points");
    assert_fails(watch(5, 1, five, 2, (double[]){1, 4}), SB_ERR_INPUT, "aliases");
    assert_fails(watch(5, 1, five, 2, (double[]){0, 5}), SB_ERR_INPUT, "aliases"); /* their sines vanish */
    assert_ok(watch(5, 1, five, 3, (double[]){0, 1, 2}));                          /* all that five points can tell */
    assert_fails(watch(5, 1, five, 2, (double[]){2, -2}), SB_ERR_INPUT, "aliases");
    for (size_t i = 0; i < 8; i++) line[i] = (double)i / 8 - 0.5;
    assert_ok(watch(8, 1, line, 3, (double[]){0, 2, 4})); /* at 4, the Nyquist frequency, a cosine alone */
    assert_fails(watch(8, 1, line, 3, (double[]){0, 4, 12}), SB_ERR_INPUT, "frequencies 1 and 2 are aliases");
    seed_numbers(5);
    for (size_t i = 0; i < 20; i++) random[i] = number_in(-0.5, 0.5);
    assert_ok(watch(20, 1, random, 3, (double[]){1, 6, 21})); /* of random points there are none .. */
    for (size_t i = 0; i < 20; i++) random[i] = round(100 * random[i]) / 100;
    assert_fails(watch(20, 1, random, 2, (double[]){3, 97}), SB_ERR_INPUT, "aliases"); /* .. unless written to 0.01 */
    assert_fails(watch(20, 1, random, 2, (double[]){3, 3 + 1e-6}), SB_ERR_INPUT, "aliases");
    for (size_t i = 0; i < 16; i++) {
        square[2 * i] = (double)(i % 4) / 4 - 0.375;
        square[2 * i + 1] = (double)(i / 4) / 4 - 0.375;
    }
    assert_ok(watch(16, 2, square, 3, (double[]){1, 0, 0, 1, 1, 1}));
    assert_fails(watch(16, 2, square, 2, (double[]){1, 0, 1, 4}), SB_ERR_INPUT, "aliases");
    assert_fails(watch(16, 2, square, 2, (double[]){1, 1, 3, -5}), SB_ERR_INPUT, "aliases");
}

/* Degrees and projections are watched through the same check. */
static void aliases_of_modes_are_refused(void **state)
{
    enum { POINTS = 6 };
    double x[2 * POINTS], y[POINTS], q[POINTS];
    const double label[] = {1, 5};
    sb_modes modes = {0};
    (void)state;
    for (size_t i = 0; i < POINTS; i++) {
        x[2 * i] = cos(2 * M_PI * (double)i / POINTS);
        x[2 * i + 1] = sin(2 * M_PI * (double)i / POINTS);
        y[i] = 1 / (1 + (double)i);
        q[i] = 2 * M_PI / POINTS;
    }
    for (size_t other = 2; other <= 5; other += 3) { /* on a hexagon degree 5 is degree 1 */
        assert_ok(sb_modes_create_degrees(POINTS, 2, x, q, 2, (size_t[]){1, other}, 1, y, &modes));
        if (other == 2)
            assert_ok(sb_modes_check_aliases(&modes, q, label));
        else
            assert_fails(sb_modes_check_aliases(&modes, q, label), SB_ERR_INPUT, "frequencies 1 and 5 are aliases");
        sb_modes_clear(&modes);
    }
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
        cmocka_unit_test(target_of_rounding_is_refused),
        cmocka_unit_test(aliases_are_refused_on_any_points),
        cmocka_unit_test(aliases_of_modes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
