/* What is watched of vector-valued residuals: components and err of frequencies, degrees, frequencies along a line and
 * filters against loops over examples, slopes against differences, floors against their closed form. */
#include "common/test.h"

#include <float.h>
#include <stdio.h>

#include <specbias/watch.h>

#include "common/problems.h"

enum { N = 23, DIM = 2, OUT = 3, WAVES = 4, ALONG = 2, FILTERS = 2, ITEMS = WAVES + ALONG + 2 * FILTERS };
enum { PARTS = (WAVES + ALONG) * OUT };

typedef struct world {
    double place[N * DIM], line[N], q[N], y[N * OUT], u[N * OUT];
    double xi[WAVES * DIM], along[ALONG], variance[FILTERS];
    sb_watch watch;
} world;

static void fill(size_t n, double *v, double low, double high)
{
    for (size_t i = 0; i < n; i++) v[i] = number_in(low, high);
}

static void open_world(world *w, bool single)
{
    static const double label[WAVES] = {0.5, 1, 2.25, 3}, xi[WAVES] = {1, 2, 4.5, 6};
    seed_numbers(11);
    *w = (world){0};
    fill(N * DIM, w->place, -1, 1);
    fill(N, w->line, -2, 2);
    fill(N, w->q, 0.01, 0.1);
    fill(N * OUT, w->y, -1, 1);
    fill(N * OUT, w->u, -1, 1);
    fill(WAVES * DIM, w->xi, -3, 3);
    fill(ALONG, w->along, 0, 3);
    fill(FILTERS, w->variance, 0.1, 1);
    w->watch.n = N;
    w->watch.outputs = OUT;
    assert_ok(sb_modes_create(N, DIM, w->place, w->q, WAVES, w->xi, OUT, w->y, &w->watch.modes));
    assert_ok(sb_modes_create(N, 1, w->line, NULL, ALONG, w->along, OUT, w->y, &w->watch.along));
    assert_ok(sb_filter_create(N, DIM, w->place, OUT, w->y, FILTERS, w->variance, 1, 1, &w->watch.filter));
    assert_ok(sb_watch_finish(&w->watch, label, xi, "cycles", w->along, w->variance, single));
}

/* e^ of output o at linear item k */
static double complex component(const world *w, size_t k, size_t o, const double *u)
{
    double complex sum = 0;
    for (size_t i = 0; i < N; i++) {
        double turns = k < WAVES ? w->xi[k * DIM] * w->place[i * DIM] + w->xi[k * DIM + 1] * w->place[i * DIM + 1]
                                 : w->along[k - WAVES] * w->line[i];
        sum += (k < WAVES ? w->q[i] : 1. / N) * u[i * OUT + o] * cexp(-2 * M_PI * I * turns);
    }
    return sum;
}

static double size_of(const world *w, size_t k, const double *u)
{
    double power = 0;
    for (size_t o = 0; o < OUT; o++) power += pow(cabs(component(w, k, o, u)), 2);
    return sqrt(power);
}

/* |G u| and |u - G u| of one variance */
static void filtered(const world *w, double variance, const double *u, double *low, double *high)
{
    *low = *high = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t o = 0; o < OUT; o++) {
            double sum = 0, total = 0;
            for (size_t j = 0; j < N; j++) {
                double square = 0;
                for (size_t d = 0; d < DIM; d++) square += pow(w->place[i * DIM + d] - w->place[j * DIM + d], 2);
                double weight = exp(-square / (2 * variance));
                sum += weight * u[j * OUT + o];
                total += weight;
            }
            *low += pow(sum / total, 2);
            *high += pow(u[i * OUT + o] - sum / total, 2);
        }
    *low = sqrt(*low);
    *high = sqrt(*high);
}

static void components_and_errors(void **state)
{
    static world w;
    double complex amp[PARTS];
    double err[ITEMS], again[ITEMS];
    (void)state;
    open_world(&w, false);
    assert_int_equal(w.watch.items.n, ITEMS);
    assert_int_equal(w.watch.items.parts, PARTS);
    assert_ok(sb_watch_apply(&w.watch, w.u, 1, amp, err));
    for (size_t k = 0; k < WAVES + ALONG; k++) {
        const sb_item *item = &w.watch.items.item[k];
        assert_true(item->first == k * OUT && item->parts == OUT);
        assert_close(item->wanted, size_of(&w, k, w.y), 1e-13);
        assert_close(err[k], size_of(&w, k, w.u) / item->wanted, 1e-13);
        for (size_t o = 0; o < OUT; o++) assert_at_most(cabs(amp[k * OUT + o] - component(&w, k, o, w.u)), 1e-14);
    }
    for (size_t d = 0; d < FILTERS; d++) {
        double low, high, wanted_low, wanted_high;
        const sb_item *item = &w.watch.items.item[WAVES + ALONG + 2 * d];
        filtered(&w, w.variance[d], w.y, &wanted_low, &wanted_high);
        filtered(&w, w.variance[d], w.u, &low, &high);
        assert_true(item[0].parts == 0 && item[1].parts == 0);
        assert_close(item[0].wanted, wanted_low, 1e-12);
        assert_close(item[1].wanted, wanted_high, 1e-12);
        assert_close(err[WAVES + ALONG + 2 * d], low / wanted_low, 1e-12);
        assert_close(err[WAVES + ALONG + 2 * d + 1], high / wanted_high, 1e-12);
    }
    assert_ok(sb_watch_apply(&w.watch, w.u, 4, NULL, again));
    assert_memory_equal(err, again, sizeof err);
    w.u[3 * OUT + 1] = NAN;
    assert_fails(sb_watch_apply(&w.watch, w.u, 1, amp, err), SB_ERR_NUMERIC, "output 2 of example 4 is nan");
    sb_watch_clear(&w.watch);
}

static void names_and_units(void **state)
{
    static world w;
    char name[32];
    (void)state;
    open_world(&w, false);
    const sb_item *item = w.watch.items.item;
    assert_string_equal(item[2].name, "2.25");
    assert_true(item[2].label == 2.25 && item[2].xi == 4.5);
    snprintf(name, sizeof name, "along(%g)", w.along[1]);
    assert_string_equal(item[WAVES + 1].name, name);
    snprintf(name, sizeof name, "high(%g)", w.variance[0]);
    assert_string_equal(item[WAVES + ALONG + 1].name, name);
    assert_string_equal(w.watch.items.unit, "mixed");
    assert_false(w.watch.items.axis);
    sb_watch_clear(&w.watch);

    w.watch.n = N; /* one part alone has its axis */
    w.watch.outputs = OUT;
    assert_ok(sb_modes_create(N, 1, w.line, NULL, ALONG, w.along, OUT, w.y, &w.watch.along));
    assert_ok(sb_watch_finish(&w.watch, NULL, NULL, "cycles", w.along, NULL, false));
    snprintf(name, sizeof name, "%g", w.along[1]);
    assert_string_equal(w.watch.items.item[1].name, name);
    assert_string_equal(w.watch.items.unit, "half_waves");
    assert_true(w.watch.items.axis);
    sb_watch_clear(&w.watch);
}

/* eps max |y| (sum q^2)^1/2 (outputs)^1/2, as cos^2 + sin^2 = 1; of a filter eps |y|. */
static void floors_are_rounding_of_the_target(void **state)
{
    static world w;
    (void)state;
    for (int single = 0; single < 2; single++) {
        open_world(&w, single);
        double eps = single ? FLT_EPSILON : DBL_EPSILON, largest = max_abs(N * OUT, w.y), q2 = 0, y2 = 0;
        for (size_t i = 0; i < N; i++) q2 += w.q[i] * w.q[i];
        for (size_t i = 0; i < N * OUT; i++) y2 += w.y[i] * w.y[i];
        for (size_t k = 0; k < ITEMS; k++) {
            const sb_item *item = &w.watch.items.item[k];
            double noise = k < WAVES           ? largest * sqrt(OUT * q2)
                           : k < WAVES + ALONG ? largest * sqrt(OUT * 1. / N)
                                               : sqrt(y2);
            assert_close(item->floor, eps * noise / item->wanted, 1e-12);
        }
        sb_watch_clear(&w.watch);
    }
}

/* sum v w is the derivative of |e^| along w where e is a positive multiple of the wanted function. */
static void assert_slopes(const sb_watch *watch, size_t linear, const double *y, size_t rounds)
{
    size_t size = watch->n * watch->outputs;
    double *sums = new_doubles(watch->functions * watch->outputs), *v = new_doubles(size), *way = new_doubles(size);
    double *moved = new_doubles(size), err[2][16];
    double complex target[64];
    assert_true(watch->items.n <= 16 && watch->items.parts <= 64);
    sb_watch_sums(watch, watch->outputs, y, sums);
    sb_watch_components(watch, sums, target);
    for (size_t k = 0; k < linear; k++)
        for (size_t round = 0; round < rounds; round++) {
            double product = 0, h = 1e-6;
            fill(size, way, -1, 1);
            sb_watch_slope(watch, k, target, v);
            for (size_t i = 0; i < size; i++) product += v[i] * way[i];
            for (int side = 0; side < 2; side++) {
                for (size_t i = 0; i < size; i++) moved[i] = 0.3 * y[i] + (side ? h : -h) * way[i];
                assert_ok(sb_watch_apply(watch, moved, 1, NULL, err[side]));
            }
            double slope = (err[1][k] - err[0][k]) * watch->items.item[k].wanted / (2 * h);
            assert_near(product, slope, 1e-8);
        }
    free(sums);
    free(v);
    free(way);
    free(moved);
}

static void slopes_are_derivatives(void **state)
{
    static world w;
    (void)state;
    open_world(&w, false);
    assert_slopes(&w.watch, WAVES + ALONG, w.y, 3);
    sb_watch_clear(&w.watch);
}

/* ---- degrees ---- */

static double legendre(size_t degree, double z)
{
    return degree == 0 ? 1 : degree == 1 ? z : degree == 2 ? (3 * z * z - 1) / 2 : (5 * z * z - 3) * z / 2;
}

/* By the addition theorem |u^|^2 of a degree is, to a factor, sum_ij q_i q_j u_i . u_j P_l(x_i . x_j). */
static double size_of_degree(const double *x, const double *q, size_t degree, const double *u)
{
    double power = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double z = 0, product = 0;
            for (size_t d = 0; d < 3; d++) z += x[i * 3 + d] * x[j * 3 + d];
            for (size_t o = 0; o < 2; o++) product += u[i * 2 + o] * u[j * 2 + o];
            power += q[i] * q[j] * product * legendre(degree, z);
        }
    return sqrt(power);
}

static void degrees_have_all_their_functions(void **state)
{
    static const size_t degree[] = {0, 3, 1};
    static const double label[] = {0, 3, 1};
    double x[N * 3], q[N], y[N * 2], u[N * 2], err[3];
    double complex amp[2 * (1 + 7 + 3)];
    sb_watch watch = {.n = N, .outputs = 2};
    (void)state;
    seed_numbers(12);
    fill(N * 3, x, -1, 1);
    fill(N, q, 0.01, 0.1);
    fill(N * 2, y, -1, 1);
    fill(N * 2, u, -1, 1);
    for (size_t i = 0; i < N; i++) {
        double size = sqrt(x[3 * i] * x[3 * i] + x[3 * i + 1] * x[3 * i + 1] + x[3 * i + 2] * x[3 * i + 2]);
        for (size_t d = 0; d < 3; d++) x[3 * i + d] /= size;
    }
    assert_ok(sb_modes_create_degrees(N, 3, x, q, 3, degree, 2, y, &watch.modes));
    assert_ok(sb_watch_finish(&watch, label, label, "degree", NULL, NULL, false));
    assert_int_equal(watch.items.parts, 2 * (1 + 7 + 3));
    assert_string_equal(watch.items.unit, "degree");
    assert_true(watch.items.axis);
    assert_ok(sb_watch_apply(&watch, u, 1, amp, err));
    for (size_t k = 0; k < 3; k++) {
        const sb_item *item = &watch.items.item[k];
        double power = 0;
        assert_int_equal(item->parts, 2 * (2 * degree[k] + 1));
        assert_close(err[k], size_of_degree(x, q, degree[k], u) / size_of_degree(x, q, degree[k], y), 1e-12);
        for (size_t p = 0; p < item->parts; p++) power += pow(cabs(amp[item->first + p]), 2);
        assert_close(sqrt(power), err[k] * item->wanted, 1e-13);
    }
    assert_slopes(&watch, 3, y, 3);
    sb_watch_clear(&watch);
}

/* ---- of a problem ---- */

static void a_problem_is_watched_at_its_grid(void **state)
{
    sb_problem problem = {0};
    sb_watch watch = {0};
    double u[40], err[SINES], wanted[SINES];
    double complex amp[SINES];
    (void)state;
    make_sines(&problem, SCATTERED, 40, 1e-200); /* squares would be 0 */
    for (size_t i = 0; i < 40; i++) u[i] = 1e-200 * number_in(-1, 1);
    assert_ok(sb_watch_problem(&problem, &watch));
    assert_ok(sb_watch_apply(&watch, u, 1, amp, err));
    relative_errors(&problem, u, wanted);
    for (size_t k = 0; k < SINES; k++) {
        assert_close(err[k], wanted[k], 1e-12);
        assert_close(cabs(amp[k]), wanted[k] * cabs(problem.target[k]), 1e-12);
        assert_true(watch.items.item[k].label == sines[k] && watch.items.item[k].xi == sines[k]);
    }
    assert_string_equal(watch.items.unit, "cycles");
    assert_true(watch.items.axis);
    sb_watch_clear(&watch);
    sb_problem_clear(&problem);
}

/* Frequencies at which nothing is wanted have no err, and no floor that could count. */
static void nothing_wanted_is_no_error(void **state)
{
    enum { M = 32 };
    static const double xi[] = {3, 5};
    double x[M], y[M], err[2];
    sb_watch watch = {.n = M, .outputs = 1};
    (void)state;
    for (size_t i = 0; i < M; i++) {
        x[i] = (double)i / M;
        y[i] = sin(2 * M_PI * 3 * x[i]);
    }
    assert_ok(sb_modes_create(M, 1, x, NULL, 2, xi, 1, y, &watch.modes));
    assert_ok(sb_watch_finish(&watch, xi, xi, "cycles", NULL, NULL, false));
    assert_ok(sb_watch_apply(&watch, x, 1, NULL, err));
    assert_true(isfinite(err[0]) && isnan(err[1]));
    assert_true(watch.items.item[1].wanted == 0 && watch.items.item[1].floor == 0);
    sb_watch_clear(&watch);
}

/* ---- outputs that are functions ---- */

/* Errors of 20, 40 and 0 % of three tones, over two functions of other phases; what is not watched makes none. */
static void responses_are_relative(void **state)
{
    enum { LENGTH = 24, FUNCTIONS = 2 };
    static const double frequency[] = {1, 5, 11}, share[] = {0.2, -0.4, 0};
    double y[FUNCTIONS * LENGTH], u[FUNCTIONS * LENGTH], err[4];
    sb_watch watch = {.n = FUNCTIONS, .outputs = LENGTH};
    (void)state;
    for (size_t i = 0; i < FUNCTIONS * LENGTH; i++) {
        double x = 2 * M_PI * (double)(i % LENGTH) / LENGTH, turn = (double)(i / LENGTH);
        y[i] = 0, u[i] = cos(7 * x);
        for (size_t k = 0; k < 3; k++) {
            double tone = (1 + turn) * frequency[k] * cos(frequency[k] * x + (double)k + turn);
            y[i] += tone;
            u[i] += share[k] * tone;
        }
    }
    assert_ok(sb_response_create(FUNCTIONS, LENGTH, 3, frequency, y, &watch.response));
    assert_ok(sb_watch_finish_response(&watch, frequency, 0.2, false));
    assert_ok(sb_watch_apply(&watch, u, 1, NULL, err));
    for (size_t k = 0; k < 3; k++) assert_near(err[k], fabs(share[k]), 1e-14);
    assert_close(err[3], sqrt((0.04 + 0.16) / 3), 1e-13);
    assert_close(watch.items.item[1].wanted, 2.5 * sqrt(5), 1e-13);
    assert_string_equal(watch.items.item[3].name, "rms");
    assert_true(watch.items.n == 4 && watch.items.parts == 0 && !watch.items.axis);
    assert_true(watch.items.level[0] == 0.5 && watch.items.level[1] == 0.2);
    assert_at_most(watch.items.item[3].floor, 1e-14);
    u[3] = NAN;
    assert_fails(sb_watch_apply(&watch, u, 1, NULL, err), SB_ERR_NUMERIC, "output 4 of example 1 is nan");
    sb_watch_clear(&watch);
    static const double other[] = {1, 4};
    sb_response response = {0};
    assert_fails(sb_response_create(FUNCTIONS, LENGTH, 2, other, y, &response), SB_ERR_INPUT, "the frequency 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_and_errors),
        cmocka_unit_test(names_and_units),
        cmocka_unit_test(floors_are_rounding_of_the_target),
        cmocka_unit_test(slopes_are_derivatives),
        cmocka_unit_test(degrees_have_all_their_functions),
        cmocka_unit_test(a_problem_is_watched_at_its_grid),
        cmocka_unit_test(nothing_wanted_is_no_error),
        cmocka_unit_test(responses_are_relative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
