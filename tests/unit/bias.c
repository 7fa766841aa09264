/* The bias index of times made by hand, of tables, runs and draws; the times that a kernel predicts, to the root; and
 * the design of a density from them. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/compare.h>
#include <specbias/data.h>
#include <specbias/linear.h>

#include "common/problems.h"

/* ---- the index ---- */

static void slope_and_spread_of_times(void **state)
{
    (void)state;
    const double xi[] = {1, 2, 3, 4, 5};
    sb_bias bias = sb_bias_index(2, xi, (double[]){1, 10});
    assert_near(bias.fbi, 1, 1e-15);
    assert_near(bias.spread, 1, 1e-15);
    assert_int_equal(bias.learned, 2);
    bias = sb_bias_index(5, xi, (double[]){10, 1e2, 1e3, 1e4, 1e5}); /* a straight line: its rise over the band */
    assert_near(bias.fbi, 4, 1e-14);
    assert_near(bias.spread, 4, 1e-14);
    bias = sb_bias_index(5, xi, (double[]){1e5, 1e4, 1e3, 1e2, 10}); /* high frequencies first */
    assert_near(bias.fbi, -4, 1e-14);
    assert_near(bias.spread, 4, 1e-14);
    bias = sb_bias_index(5, xi, (double[]){7, 7, 7, 7, 7});
    assert_near(bias.fbi, 0, 1e-15);
    assert_true(bias.spread == 0);
    bias = sb_bias_index(3, xi, (double[]){1, 100, 1}); /* no slope, but a spread */
    assert_near(bias.fbi, 0, 1e-15);
    assert_near(bias.spread, 2, 1e-15);
    bias = sb_bias_index(3, xi, (double[]){1, 1, 1000}); /* y = 0, 0, 3 at p = 0, 1/2, 1: slope 3 */
    assert_near(bias.fbi, 3, 1e-14);
}

/* Least squares at places that are not equally spaced: p = 0, 1/4, 1, y = 0, 1, 1 has the slope 10/13. */
static void slope_is_over_the_relative_place_in_the_band(void **state)
{
    (void)state;
    const double wanted = 10.0 / 13;
    assert_near(sb_bias_index(3, (double[]){2, 3, 6}, (double[]){1, 10, 10}).fbi, wanted, 1e-15);
    assert_near(sb_bias_index(3, (double[]){20, 30, 60}, (double[]){1, 10, 10}).fbi, wanted, 1e-15);
    assert_near(sb_bias_index(3, (double[]){6, 2, 3}, (double[]){10, 1, 10}).fbi, wanted, 1e-15);        /* any order */
    assert_near(sb_bias_index(3, (double[]){-6, 2, -3}, (double[]){10, 1, 10}).fbi, wanted, 1e-15);      /* |xi| */
    assert_near(sb_bias_index(3, (double[]){2, 3, 6}, (double[]){7e-9, 7e-8, 7e-8}).fbi, wanted, 1e-13); /* any unit */
}

static void index_is_unknown(size_t n, const double *xi, const double *times, size_t learned)
{
    sb_bias bias = sb_bias_index(n, xi, times);
    assert_true(isnan(bias.fbi) && isnan(bias.spread));
    assert_int_equal(bias.learned, learned);
}

static void no_index_without_all_times(void **state)
{
    (void)state;
    const double xi[] = {1, 2, 3};
    index_is_unknown(3, xi, (double[]){1, NAN, 3}, 2);
    index_is_unknown(3, xi, (double[]){1, 2, INFINITY}, 2);
    index_is_unknown(3, xi, (double[]){0, 2, 3}, 2);
    index_is_unknown(3, xi, (double[]){NAN, NAN, NAN}, 0);
    index_is_unknown(1, xi, (double[]){1}, 1);
    index_is_unknown(0, NULL, NULL, 0);
    index_is_unknown(3, (double[]){2, 2, 2}, (double[]){1, 2, 3}, 3);
    index_is_unknown(2, (double[]){2, -2}, (double[]){1, 2}, 2);
}

/* ---- of tables, runs, draws ---- */

/* A decay whose T(1/2) are 10^(3/2) and 10^(3/2 + shift): linear in log t between records, from 0.75 to 0.25. */
static void make_pair(double shift, sb_decay *decay)
{
    const double t[4] = {0, 10, 100, 1e4}, err[4] = {1, 0.75, 0.25, 0.1};
    assert_ok(sb_decay_alloc(decay, 4, 2));
    snprintf(decay->source, sizeof decay->source, "made");
    decay->form = SB_FORM_GD;
    decay->items.axis = true;
    decay->items.item[0].xi = 1;
    decay->items.item[1].xi = 3;
    for (size_t i = 0; i < 4; i++) {
        decay->t[i] = t[i];
        decay->err[2 * i] = err[i];
        decay->err[2 * i + 1] = err[i] + (i == 1 || i == 2 ? shift / 2 : 0); /* falls by 1/2 in a decade */
    }
}

static void bias_of_a_table(void **state)
{
    (void)state;
    sb_decay decay = {0};
    sb_bias_result result;
    make_pair(0.25, &decay);
    assert_ok(sb_bias_of(&decay, &result));
    assert_string_equal(result.source, "made");
    assert_int_equal(result.form, SB_FORM_GD);
    assert_true(result.seed == -1 && result.count == 0);
    assert_int_equal(result.bias.learned, 2);
    assert_near(result.bias.fbi, 0.25, 1e-14);
    assert_near(result.bias.spread, 0.25, 1e-14);
    decay.err[7] = 0.6; /* above again at the end of the record */
    assert_ok(sb_bias_of(&decay, &result));
    assert_int_equal(result.bias.learned, 1);
    assert_true(isnan(result.bias.fbi));
    sb_decay_clear(&decay);
}

static void bias_of_runs(void **state)
{
    (void)state;
    enum { RUNS = 3 };
    const double shift[RUNS] = {-0.1, 0.1, 0.3};
    sb_decay runs[RUNS];
    sb_bias_result result;
    memset(runs, 0, sizeof runs);
    for (size_t r = 0; r < RUNS; r++) make_pair(shift[r], &runs[r]);
    assert_ok(sb_bias_of_runs(runs, RUNS, &result));
    assert_true(result.seed == -1 && result.count == RUNS);
    assert_near(result.bias.fbi, 0.1, 1e-14); /* of the geometric mean T */
    assert_near(result.bias.spread, 0.1, 1e-14);
    assert_near(result.fbi.mean, 0.1, 1e-14);
    assert_near(result.fbi.error, 0.2 / sqrt(3), 1e-14);
    assert_near(result.fbi.lo, -0.1, 1e-14);
    assert_near(result.fbi.hi, 0.3, 1e-14);
    assert_near(result.spread.mean, 0.5 / 3, 1e-14); /* of 0.1, 0.1, 0.3 */
    assert_near(result.spread.error, 0.2 / 3, 1e-14);
    assert_near(result.spread.lo, 0.1, 1e-14);
    assert_near(result.spread.hi, 0.3, 1e-14);
    assert_ok(sb_bias_of_runs(runs, 1, &result));
    assert_true(isnan(result.fbi.error)); /* one run has no spread */
    assert_near(result.fbi.lo, -0.1, 1e-14);
    runs[1].err[7] = 0.6; /* one run does not get there */
    assert_ok(sb_bias_of_runs(runs, RUNS, &result));
    assert_int_equal(result.bias.learned, 1);
    assert_true(isnan(result.bias.fbi) && isnan(result.fbi.mean) && isnan(result.fbi.lo));
    for (size_t r = 0; r < RUNS; r++) sb_decay_clear(&runs[r]);
}

static void draws_give_an_interval(void **state)
{
    (void)state;
    enum { COUNT = 101 };
    sb_decay decay = {0};
    sb_draws draws = {0};
    sb_bias_result result;
    make_pair(0.4, &decay);
    assert_ok(sb_draws_init(&draws, COUNT, 2));
    for (size_t b = 0; b < COUNT; b++) {
        double fbi = (double)(b * 37 % COUNT) / 100, *times = draws.times + b * 2 * SB_LEVELS; /* 0, 0.01, .., 1 */
        for (size_t j = 0; j < 2 * SB_LEVELS; j++) times[j] = 1e9;                             /* T(1/10): not used */
        times[0] = 5;
        times[SB_LEVELS] = 5 * pow(10, fbi);
    }
    assert_ok(sb_bias_of(&decay, &result));
    assert_ok(sb_bias_add_draws(&draws, &decay, &result));
    assert_int_equal(result.count, COUNT);
    assert_near(result.bias.fbi, 0.4, 1e-14); /* stays that of the forecast */
    const sb_spread *both[2] = {&result.fbi, &result.spread};
    for (int i = 0; i < 2; i++) {
        assert_near(both[i]->mean, 0.5, 1e-13);
        assert_near(both[i]->error, sqrt(101 * 102 / 12.0) / 100 / sqrt(101), 1e-13);
        assert_near(both[i]->lo, 0.01, 1e-13);
        assert_near(both[i]->hi, 0.99, 1e-13);
    }
    draws.times[17 * 2 * SB_LEVELS] = NAN; /* a draw that is not learned leaves no interval */
    assert_ok(sb_bias_of(&decay, &result));
    assert_ok(sb_bias_add_draws(&draws, &decay, &result));
    assert_true(isnan(result.fbi.lo) && isnan(result.spread.hi) && isnan(result.fbi.mean));
    assert_near(result.bias.fbi, 0.4, 1e-14);
    sb_draws_clear(&draws);
    sb_decay_clear(&decay);
}

/* ---- times of a kernel ---- */

/* A diagonal kernel of rate[i % 2] at point i: half of every tone's energy decays at either rate. */
static void times_of_rates(double even, double odd, sb_form form, double eta, double q, double times[SINES])
{
    enum { N = 64 };
    sb_problem problem = {0};
    double *gram = new_doubles(N * N);
    make_sines(&problem, MIDPOINTS, N, 0.3);
    set_steps(&problem, eta, 2, (const double[]){0, 1});
    for (size_t i = 0; i < N * N; i++) gram[i] = 0;
    for (size_t i = 0; i < N; i++) gram[i * N + i] = N * (i % 2 == 0 ? even : odd); /* c = 1/n */
    kernel_times(&problem, gram, form, q, times);
    sb_problem_clear(&problem);
    free(gram);
}

static void times_of_one_exponential(void **state)
{
    (void)state;
    double times[SINES];
    for (int i = 0; i < 2; i++) {
        const double rate = i ? 3e-5 : 0.7, q = i ? 0.1 : 0.5, eta = 0.9;
        times_of_rates(rate, rate, SB_FORM_FLOW, eta, q, times);
        for (size_t k = 0; k < SINES; k++) assert_close(times[k], -log(q) / rate, 1e-11);
        times_of_rates(rate, rate, SB_FORM_GD, eta, q, times); /* steps count as a continuous number */
        for (size_t k = 0; k < SINES; k++) assert_close(times[k], eta * log(q) / log1p(-eta * rate), 1e-11);
    }
}

/* (z + z^2) / 2 = q with z = exp(-t) or (1 - eta)^k: z = (sqrt(1 + 8 q) - 1) / 2 */
static void times_of_two_exponentials(void **state)
{
    (void)state;
    double times[SINES], q = 0.5;
    times_of_rates(1, 2, SB_FORM_FLOW, 0.1, q, times);
    for (size_t k = 0; k < SINES; k++) assert_close(times[k], log((1 + sqrt(5)) / 2), 1e-11); /* the golden ratio */
    q = 0.1;
    times_of_rates(2, 1, SB_FORM_FLOW, 0.1, q, times);
    for (size_t k = 0; k < SINES; k++) assert_close(times[k], -log((sqrt(1 + 8 * q) - 1) / 2), 1e-11);
    /* steps of 0.1: (1 - 0.1 * 1.9) = 0.9^2 */
    times_of_rates(1, 1.9, SB_FORM_GD, 0.1, q, times);
    for (size_t k = 0; k < SINES; k++) assert_close(times[k], 0.1 * log((sqrt(1 + 8 * q) - 1) / 2) / log(0.9), 1e-11);
}

/* (1 + exp(-t)) / 2 */
static void what_is_never_learned_has_no_time(void **state)
{
    (void)state;
    double times[SINES];
    times_of_rates(1, 0, SB_FORM_FLOW, 0.1, 0.75, times);
    for (size_t k = 0; k < SINES; k++) assert_close(times[k], M_LN2, 1e-11);
    times_of_rates(1, 0, SB_FORM_FLOW, 0.1, 0.4, times);
    for (size_t k = 0; k < SINES; k++) assert_true(isnan(times[k]));
    times_of_rates(0, 0, SB_FORM_GD, 0.1, 0.5, times);
    for (size_t k = 0; k < SINES; k++) assert_true(isnan(times[k]));
}

/* ---- Fourier features ---- */

enum { TONES = 3 };

/* Packets exp(-(x - x0)^2 / (2 tau^2)) cos(w (x - x0) + phase) on n midpoints of [-pi, pi]. */
static void make_packets(size_t n, const double w[TONES], const double *center, const double *phase, double tau,
                         sb_problem *problem)
{
    double xi[TONES];
    for (size_t k = 0; k < TONES; k++) xi[k] = w[k] / (2 * M_PI);
    sb_points_spec points = {.n = n, .dim = 1, .a = -M_PI, .b = M_PI, .layout = "midpoint"};
    sb_target_spec target = {.terms = TONES, .xi = xi, .phase = phase, .center = center, .tau = tau, .amplitude = 1};
    assert_ok(sb_points_make(sb_points_find("uniform"), &points, problem));
    assert_ok(sb_target_find("packets")->fill(&target, problem));
    assert_ok(sb_problem_set_grid(problem, TONES, xi, w, "angular"));
    assert_ok(sb_problem_observe(problem));
    set_steps(problem, 1, 2, (const double[]){0, 1});
}

/* T(1/2) of a density at sigma_a = 1 */
static void half_times(const sb_problem *problem, const sb_density *density, double *times)
{
    size_t n = problem->n;
    double *gram = new_doubles(n * n);
    for (size_t i = 0; i < n * n; i++) gram[i] = features_kernel(density, 1, 1, &problem->x[i / n], &problem->x[i % n]);
    kernel_times(problem, gram, SB_FORM_FLOW, 0.5, times);
    free(gram);
}

/* Case R5, computed apart: times to ten digits. */
static void times_and_bias_of_normal_features(void **state)
{
    (void)state;
    const double w[TONES] = {3, 9, 15}, phase[TONES] = {0, 1, -0.5};
    const double wanted[TONES] = {13.453415955, 22.749938582, 67.316652641};
    double times[TONES];
    sb_problem problem = {0};
    sb_density density = {0};
    make_packets(64, w, NULL, phase, 0.45, &problem);
    assert_ok(sb_density_parse("gaussian(8)", NULL, &density));
    half_times(&problem, &density, times);
    for (size_t k = 0; k < TONES; k++) assert_near(times[k], wanted[k], 1e-9);
    sb_bias bias = sb_bias_index(TONES, problem.grid.xi, times);
    assert_near(bias.fbi, 0.699289942, 1e-9);
    assert_near(bias.spread, 0.699289942, 1e-9);
    sb_density_clear(&density);
    sb_problem_clear(&problem);
}

static double between(const double w[TONES], const double value[TONES], double at)
{
    size_t i = at < w[1] ? 0 : 1;
    double part = fmin(fmax((at - w[i]) / (w[i + 1] - w[i]), 0), 1);
    return value[i] + part * (value[i + 1] - value[i]);
}

/* log rho += log T - mean at the tones, linear between, constant outside, from a flat density on [0, 48]: packets off
 * the origin are learned faster at sigma_a = 1, so their frequencies need less. The numbers were computed apart, with
 * numpy and the density integrated element by element. */
static void design_makes_three_packets_equally_fast(void **state)
{
    (void)state;
    enum { N = 256, NODES = 97, ROUNDS = 5 };
    const double w[TONES] = {6, 18, 30}, center[TONES] = {0, 1.2, -0.7}, phase[TONES] = {0.3, 1.1, -0.7};
    const double flat[TONES] = {59.73422964, 26.9811848, 42.69052229};
    const double final[TONES] = {42.60845785, 42.60839281, 42.60845893};
    const double wanted[ROUNDS + 1] = {.345162250568,    .0223870195997, .00158898337156,
                                       .000117437578473, 8.90728490e-6,  6.73928531e-7};
    double node[NODES], rho[NODES], times[TONES];
    sb_problem problem = {0};
    make_packets(N, w, center, phase, 0.35, &problem);
    for (size_t j = 0; j < NODES; j++) {
        node[j] = 0.5 * (double)j;
        rho[j] = 1;
    }
    for (size_t round = 0; round <= ROUNDS; round++) {
        sb_density density = {0};
        sb_density_table table = {NODES, node, rho};
        double change[TONES], mean = 0;
        assert_ok(sb_density_parse("table", &table, &density));
        half_times(&problem, &density, times);
        assert_near(sb_bias_index(TONES, problem.grid.xi, times).spread, wanted[round], 1e-10);
        for (size_t k = 0; k < TONES && round == 0; k++) assert_near(times[k], flat[k], 1e-7);
        for (size_t k = 0; k < TONES; k++) mean += log(times[k]) / TONES;
        for (size_t k = 0; k < TONES; k++) change[k] = log(times[k]) - mean;
        for (size_t j = 0; j < NODES && round < ROUNDS; j++) rho[j] *= exp(between(w, change, node[j]));
        sb_density_clear(&density);
    }
    for (size_t k = 0; k < TONES; k++) assert_near(times[k], final[k], 1e-7);
    assert_near(rho[36] / rho[12], .42730257105, 1e-9); /* rho(18) / rho(6) */
    assert_near(rho[60] / rho[12], .70860305645, 1e-9); /* rho(30) / rho(6) */
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_and_spread_of_times),
        cmocka_unit_test(slope_is_over_the_relative_place_in_the_band),
        cmocka_unit_test(no_index_without_all_times),
        cmocka_unit_test(bias_of_a_table),
        cmocka_unit_test(bias_of_runs),
        cmocka_unit_test(draws_give_an_interval),
        cmocka_unit_test(times_of_one_exponential),
        cmocka_unit_test(times_of_two_exponentials),
        cmocka_unit_test(what_is_never_learned_has_no_time),
        cmocka_unit_test(times_and_bias_of_normal_features),
        cmocka_unit_test(design_makes_three_packets_equally_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
