/* Weights exact to a degree, on the circle and on the sphere: P3 of the reference cases, their moments, and what is
 * refused; quantiles of a density. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/data.h>
#include <specbias/dataset.h>

#include "watch/harmonics.h"

static sb_problem problem;
static sb_dataset train, tests[SB_TEST_SETS];
static size_t count;

static void forget(void)
{
    sb_problem_clear(&problem);
    sb_dataset_clear(&train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) sb_dataset_clear(&tests[i]);
}

static sb_status make_points(const char *kind, const sb_points_spec *spec)
{
    forget();
    return sb_points_make(sb_points_find(kind), spec, &problem);
}

static sb_status make_sphere(const sb_dataset_spec *spec)
{
    forget();
    return sb_dataset_make(sb_dataset_kind_find("sphere"), spec, &train, tests, &count);
}

static void warp(size_t n, double by, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double even = 2 * M_PI * (double)i / (double)n;
        x[i] = even + by * sin(even);
    }
}

/* max_k |sum_i q_i Y_k(x_i) - int Y_k| over orthonormal functions; length 0: on the sphere. */
static double moment_error(size_t n, const double *x, double length, size_t degree, const double *q)
{
    size_t functions = length > 0 ? 2 * degree + 1 : (degree + 1) * (degree + 1);
    double *y = new_doubles(functions), *moment = new_doubles(functions), worst;
    memset(moment, 0, functions * sizeof *moment);
    for (size_t i = 0; i < n; i++) {
        if (length > 0)
            sb_circle_harmonics(degree, length, x[i], 1, y);
        else
            sb_sphere_harmonics(degree, x + 3 * i, 1, y);
        for (size_t k = 0; k < functions; k++) moment[k] += q[i] * y[k];
    }
    moment[0] -= sqrt(length > 0 ? length : 4 * M_PI);
    worst = max_abs(functions, moment);
    free(y);
    free(moment);
    return worst;
}

static double least(size_t n, const double *q)
{
    double value = INFINITY;
    for (size_t i = 0; i < n; i++) value = fmin(value, q[i]);
    return value;
}

/* ---- circle ---- */

static void p3(void **state)
{
    enum { N = 40 };
    double x[N];
    sb_points_spec spec = {.n = N, .dim = 1, .a = 0, .b = 2 * M_PI, .x = x, .weights = "exact", .degree = 8};
    (void)state;
    warp(N, 0.3, x);
    assert_ok(make_points("list", &spec));
    assert_close(problem.q[0], .204203481354, 1e-9);
    assert_close(problem.q[10], .157079666167, 1e-9);
    assert_close(problem.q[20], .109955792094, 1e-9);
    assert_at_most(moment_error(N, problem.x, 2 * M_PI, 8, problem.q), 1e-14);
    spec.weights = "periodic";
    assert_ok(make_points("list", &spec));
    assert_close(problem.q[0], .204009972192, 1e-9);
    assert_close(problem.q[10], .157079632679, 1e-9);
    assert_close(problem.q[20], .110149293167, 1e-9);
    assert_at_least(moment_error(N, problem.x, 2 * M_PI, 8, problem.q), 1e-4);
    forget();
}

/* Of all exact weights these are the nearest to the cells': any other is c + v, Y v = 0, and then
 * sum (c - c0) v / c0 = 0. */
static void least_change(void **state)
{
    enum { N = 60, DEGREE = 6 };
    double x[N], cells[N], exact[N], v[N], y[2 * DEGREE + 1], basis[2 * DEGREE + 1][N], inner = 0, size = 0;
    (void)state;
    warp(N, 0.6, x);
    sb_voronoi_weights(N, x, 0, 2 * M_PI, true, cells);
    memcpy(exact, cells, sizeof exact);
    assert_ok(sb_circle_exact_weights(N, x, 2 * M_PI, DEGREE, exact, NULL));
    seed_numbers(5);
    for (size_t i = 0; i < N; i++) {
        v[i] = number_in(-1, 1);
        sb_circle_harmonics(DEGREE, 2 * M_PI, x[i], 1, y);
        for (size_t k = 0; k <= 2 * DEGREE; k++) basis[k][i] = y[k];
    }
    for (size_t k = 0; k <= 2 * DEGREE; k++) { /* v without what Y sees, by Gram-Schmidt, twice */
        for (size_t pass = 0; pass < 2; pass++)
            for (size_t j = 0; j < k; j++) {
                double part = 0;
                for (size_t i = 0; i < N; i++) part += basis[j][i] * basis[k][i];
                for (size_t i = 0; i < N; i++) basis[k][i] -= part * basis[j][i];
            }
        double norm = 0, part = 0;
        for (size_t i = 0; i < N; i++) norm += basis[k][i] * basis[k][i];
        for (size_t i = 0; i < N; i++) basis[k][i] /= sqrt(norm);
        for (size_t i = 0; i < N; i++) part += basis[k][i] * v[i];
        for (size_t i = 0; i < N; i++) v[i] -= part * basis[k][i];
    }
    for (size_t i = 0; i < N; i++) {
        inner += (exact[i] - cells[i]) * v[i] / cells[i];
        size += fabs((exact[i] - cells[i]) * v[i] / cells[i]);
    }
    assert_at_least(size, 1e-6);
    assert_at_most(fabs(inner), 1e-13);
}

static void another_period(void **state)
{
    enum { N = 40 };
    double x[N], angle[N], q[N], turned[N];
    (void)state;
    warp(N, 0.3, angle);
    sb_points_spec spec = {.n = N, .dim = 1, .a = -3, .b = 5, .x = x, .weights = "exact", .degree = 8};
    for (size_t i = 0; i < N; i++) x[i] = -3 + 8 * angle[i] / (2 * M_PI);
    assert_ok(make_points("list", &spec));
    sb_voronoi_weights(N, angle, 0, 2 * M_PI, true, q);
    for (size_t i = 0; i < N; i++) turned[i] = q[(i + 7) % N];
    assert_ok(sb_circle_exact_weights(N, angle, 2 * M_PI, 8, q, NULL));
    for (size_t i = 0; i < N; i++) assert_close(problem.q[i], q[i] * 8 / (2 * M_PI), 1e-12);
    for (size_t i = 0; i < N; i++) x[i] = angle[(i + 7) % N] + 20; /* any order, from anywhere */
    assert_ok(sb_circle_exact_weights(N, x, 2 * M_PI, 8, turned, NULL));
    for (size_t i = 0; i < N; i++) assert_close(turned[i], q[(i + 7) % N], 1e-12);
    forget();
}

/* A rule of positive weights, exact to degree L, has no gap wider than 2 pi / (L + 1): (cos x - cos(gap / 2)) F(x) with
 * Fejer's F >= 0 of degree L - 1 has a positive integral otherwise, and is nowhere positive beyond the gap. */
static double bound_of_gaps(size_t n, const double *x)
{
    double gap = x[0] + 2 * M_PI - x[n - 1];
    for (size_t i = 1; i < n; i++) gap = fmax(gap, x[i] - x[i - 1]);
    return 2 * M_PI / gap - 1;
}

static void random_points(void **state)
{
    enum { N = 256 };
    double q[N];
    size_t lowest = N;
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) { /* 0: the quantiles */
        sb_points_spec spec = {.n = N, .dim = 1, .a = 0, .b = 2 * M_PI, .rho = 0.9, .seed = seed};
        size_t highest, reached;
        char says[96];
        assert_ok(make_points("cosine", &spec));
        sb_voronoi_weights(N, problem.x, 0, 2 * M_PI, true, q);
        assert_ok(sb_circle_exact_weights(N, problem.x, 2 * M_PI, 0, q, &highest));
        assert_true(least(N, q) > 0);
        assert_at_most(moment_error(N, problem.x, 2 * M_PI, highest, q), 1e-14);
        assert_at_most((double)highest, bound_of_gaps(N, problem.x));
        spec.weights = "exact";
        assert_ok(make_points("cosine", &spec));
        assert_true(memcmp(problem.q, q, sizeof q) == 0);
        for (spec.degree = 1; spec.degree <= highest; spec.degree++) {
            assert_ok(make_points("cosine", &spec));
            assert_true(least(N, problem.q) > 0);
            assert_at_most(moment_error(N, problem.x, 2 * M_PI, spec.degree, problem.q), 1e-14);
        }
        snprintf(says, sizeof says, "not all positive; the highest degree possible here is %zu", highest);
        assert_fails(make_points("cosine", &spec), SB_ERR_INPUT, says); /* highest + 1 */
        sb_voronoi_weights(N, problem.x, 0, 2 * M_PI, true, q);
        double before = q[3];
        assert_fails(sb_circle_exact_weights(N, problem.x, 2 * M_PI, spec.degree, q, &reached), SB_ERR_INPUT, says);
        assert_true(q[3] == before);
        if (highest < lowest) lowest = highest;
        if (seed == 0) assert_int_equal(highest, 21);
    }
    assert_at_least((double)lowest, 4);
    forget();
}

/* Equal points are exact already, to the highest degree that they resolve. */
static void equal_points(void **state)
{
    enum { N = 31 };
    double x[N], q[N];
    size_t reached;
    (void)state;
    warp(N, 0, x);
    sb_voronoi_weights(N, x, 0, 2 * M_PI, true, q);
    assert_ok(sb_circle_exact_weights(N, x, 2 * M_PI, 0, q, &reached));
    assert_int_equal(reached, 15);
    for (size_t i = 0; i < N; i++) assert_close(q[i], 2 * M_PI / N, 1e-13);
    assert_ok(sb_circle_exact_weights(N, x, 2 * M_PI, 15, q, &reached));
    assert_int_equal(reached, 15);
    assert_fails(sb_circle_exact_weights(N, x, 2 * M_PI, 16, q, &reached), SB_ERR_INPUT,
                 "data.degree = 16: 31 points are fewer than the functions of these degrees; the highest degree "
                 "possible here is 15");
    sb_points_spec spec = {.n = 30, .dim = 1, .a = -1, .b = 1, .layout = "left", .weights = "exact"};
    assert_ok(make_points("uniform", &spec));
    for (size_t i = 0; i < 30; i++) assert_close(problem.q[i], 2.0 / 30, 1e-13);
    forget();
}

static void refused_on_the_circle(void **state)
{
    double x[] = {0, 0.01, 0.02, 0.03, 3.1, 3.11}, q[6] = {1, 1, 1, 1, 1, 1}, thrice[] = {0, 0, 0, 1, 2, 3, 4, 5, 6};
    sb_points_spec spec = {.n = 6, .dim = 1, .a = 0, .b = 2 * M_PI, .x = x, .weights = "exact"};
    (void)state;
    assert_fails(make_points("list", &spec), SB_ERR_INPUT, "6 points have no positive weights");
    spec.degree = 1;
    assert_fails(make_points("list", &spec), SB_ERR_INPUT, "6 points have no positive weights");
    spec.n = 1;
    assert_fails(make_points("list", &spec), SB_ERR_INPUT, "1 points have no positive weights");
    spec = (sb_points_spec){.n = 3, .dim = 2, .a = 0, .b = 2 * M_PI, .x = x, .weights = "exact"};
    assert_fails(make_points("list", &spec), SB_ERR_INPUT, "one dimension");
    assert_fails(sb_circle_exact_weights(6, x, 0, 1, q, NULL), SB_ERR_INPUT, "length 0");
    spec = (sb_points_spec){.n = 9, .dim = 1, .a = 0, .b = 2 * M_PI, .x = thrice, .weights = "exact", .degree = 2};
    assert_ok(make_points("list", &spec)); /* the point between two others in its place counts nothing */
    assert_true(problem.q[0] > 0 && problem.q[1] == 0 && problem.q[2] > 0);
    assert_at_most(moment_error(9, problem.x, 2 * M_PI, 2, problem.q), 1e-14);
    spec.degree = (size_t)-1 / 2; /* 2 L + 1 is no number */
    assert_fails(make_points("list", &spec), SB_ERR_INPUT, "fewer than the functions");
    forget();
}

/* ---- spheres ---- */

static const double degrees[] = {1};

static sb_dataset_spec random_sphere(size_t dim, size_t n)
{
    return (sb_dataset_spec){.n = n,
                             .seed = 1,
                             .dim = dim,
                             .terms = 1,
                             .degree = degrees,
                             .amplitude = 1,
                             .layout = "random",
                             .rho = 0.8,
                             .weights = "exact"};
}

static void sphere(void **state)
{
    enum { N = 600 };
    double q[N];
    size_t highest;
    char says[96];
    sb_dataset_spec spec = random_sphere(3, N);
    (void)state;
    for (spec.exact = 1; spec.exact <= 6; spec.exact++) {
        assert_ok(make_sphere(&spec));
        assert_true(least(N, train.q) > 0);
        assert_at_most(moment_error(N, train.x, 0, spec.exact, train.q), 1e-14);
    }
    spec.exact = 0;
    assert_ok(make_sphere(&spec));
    assert_ok(sb_sphere_voronoi(N, train.x, q));
    assert_ok(sb_sphere_exact_weights(N, train.x, 0, q, &highest));
    assert_true(memcmp(q, train.q, sizeof q) == 0);
    assert_int_equal(highest, 8);
    assert_at_most(moment_error(N, train.x, 0, highest, q), 1e-14);
    spec.exact = highest + 1;
    snprintf(says, sizeof says, "not all positive; the highest degree possible here is %zu", highest);
    assert_fails(make_sphere(&spec), SB_ERR_INPUT, says);
    spec.exact = 24; /* 25^2 > 600 */
    assert_fails(make_sphere(&spec), SB_ERR_INPUT, "data.degree = 24: 600 points are fewer");
    forget();
}

static void circle_of_a_data_set(void **state)
{
    enum { N = 200 };
    double theta[N];
    sb_dataset_spec spec = random_sphere(2, N);
    (void)state;
    spec.exact = 3;
    spec.test = 3; /* so few have no weights of degree 3: they have cells */
    assert_ok(make_sphere(&spec));
    for (size_t i = 0; i < N; i++) theta[i] = atan2(train.x[2 * i + 1], train.x[2 * i]);
    assert_at_most(moment_error(N, theta, 2 * M_PI, 3, train.q), 1e-14);
    assert_true(least(N, train.q) > 0);
    assert_close(tests[0].q[0] + tests[0].q[1] + tests[0].q[2], 2 * M_PI, 1e-14);
    spec.exact = 100;
    assert_fails(make_sphere(&spec), SB_ERR_INPUT, "200 points are fewer");
    spec = random_sphere(4, N);
    assert_fails(make_sphere(&spec), SB_ERR_UNSUPPORTED, "2 and 3 dimensions, not 4");
    forget();
}

/* ---- points that are the quantiles of a density ---- */

static double mass_below(double x) /* of 0.5 uniform(1) + 0.5 uniform(3), which jumps between quantiles */
{
    double size = fabs(x), half = 0.25 * fmin(size, 1) + fmin(size, 3) / 12;
    return 0.5 + copysign(half, x);
}

static void quantiles_of_a_jump(void **state)
{
    enum { N = 37 };
    sb_density density = {0};
    (void)state;
    assert_ok(sb_density_parse("0.5 uniform(1) + 0.5 uniform(3)", NULL, &density));
    sb_points_spec spec = {.n = N, .dim = 1, .a = -4, .b = 4, .density = &density};
    assert_ok(make_points("density", &spec));
    for (size_t i = 0; i < N; i++) assert_near(mass_below(problem.x[i]), ((double)i + 0.5) / N, 1e-14);
    forget();
    sb_density_clear(&density);
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test(quantiles_of_a_jump),   cmocka_unit_test(p3),
        cmocka_unit_test(least_change),          cmocka_unit_test(another_period),
        cmocka_unit_test(random_points),         cmocka_unit_test(equal_points),
        cmocka_unit_test(refused_on_the_circle), cmocka_unit_test(sphere),
        cmocka_unit_test(circle_of_a_data_set),
    };
    return cmocka_run_group_tests(list, NULL, NULL);
}
