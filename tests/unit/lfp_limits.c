/* What the linear F-Principle leads to: splines as t -> infinity with their orders (A3, theory/lfp_limit.c), and in
 * tests/oracles the norm it minimises with its bound on the error, and what a start that is not zero adds. */
#include "common/test.h"

#include <specbias/theory.h>

#include "common/networks.h"
#include "common/problems.h"
#include "tests/oracles/lfp.h"
#include "tests/oracles/limit.h"

/* ---- t -> infinity ---- */

enum { DATA = A3_DATA, AT = A3_AT };

static void limit(double c4, double c2, double range, double h[AT])
{
    assert_ok(sb_lfp_limit(c4, c2, range, DATA, a3_x, a3_y, AT, a3_at, h));
}

static void a3(void **state)
{
    double h[AT];
    (void)state;
    for (size_t i = 0; i < A3_CASES; i++) {
        limit(a3_limit[i].c4, a3_limit[i].c2, 1, h);
        assert_at_most(max_difference(AT, h, a3_limit[i].h), 1e-12);
    }
}

/* For range -> infinity the splines themselves; without c4 the linear one for every range. */
static void limits_are_splines(void **state)
{
    static const double ranges[] = {0.5, 1, 30, 1e6, INFINITY};
    double h[AT], linear[AT], cubic[AT];
    (void)state;
    a3_spline(gsl_interp_linear, linear);
    a3_spline(gsl_interp_cspline, cubic);
    limit(1, 0, INFINITY, h);
    assert_at_most(max_difference(AT, h, cubic), 1e-13);
    for (size_t i = 0; i < 5; i++) {
        limit(0, 1, ranges[i], h);
        assert_at_most(max_difference(AT, h, linear), 1e-13);
    }
}

/* The kernel's own solution while it can be had: range 1 .. 64. */
static void limit_is_the_kernels(void **state)
{
    (void)state;
    for (double range = 1; range <= 64; range *= 4) {
        double gram[DATA * DATA], cross[AT * DATA], h[AT], again[AT];
        relu_gram(0.3, 0.7, range, DATA, a3_x, gram);
        for (size_t i = 0; i < AT; i++)
            for (size_t j = 0; j < DATA; j++) cross[i * DATA + j] = relu_kernel(0.3, 0.7, range, a3_at[i], a3_x[j]);
        assert_ok(sb_kernel_limit(gram, DATA, a3_y, AT, cross, again));
        limit(0.3, 0.7, range, h);
        assert_at_most(max_difference(AT, h, again), 1e-15 * pow(range, 3) + 1e-11);
    }
}

/* xi^-4 alone: order 1 in 1/range, as far as 1e6. */
static void order_in_the_range(void **state)
{
    enum { COUNT = 6 };
    static const double ranges[COUNT] = {64, 128, 256, 1024, 1e4, 1e6};
    double off[COUNT], h[AT], cubic[AT];
    (void)state;
    a3_spline(gsl_interp_cspline, cubic);
    for (size_t i = 0; i < COUNT; i++) {
        limit(1, 0, ranges[i], h);
        off[i] = max_difference(AT, h, cubic);
    }
    assert_near(measured_order(COUNT, ranges, off), -1, 0.01);
    assert_near(off[0] / off[1], 2, 0.02);
}

/* Which term wins (some lecture slides have the cases the wrong way round): the distance to the linear spline is of
 * order c4/c2, that to the cubic one of order c2/c4. |in| = |out| = eps: cubic for eps -> 0, linear for eps -> inf. */
static void order_in_the_ratio(void **state)
{
    enum { COUNT = 4 };
    static const double ratio[COUNT] = {1e-3, 1e-4, 1e-5, 1e-6};
    double to_linear[COUNT], to_cubic[COUNT], h[AT], linear[AT], cubic[AT];
    (void)state;
    a3_spline(gsl_interp_linear, linear);
    a3_spline(gsl_interp_cspline, cubic);
    for (size_t i = 0; i < COUNT; i++) {
        limit(ratio[i], 1, 1e9, h);
        to_linear[i] = max_difference(AT, h, linear);
        limit(1, ratio[i], 1e9, h);
        to_cubic[i] = max_difference(AT, h, cubic);
    }
    assert_near(measured_order(COUNT, ratio, to_linear), 1, 0.02);
    assert_near(measured_order(COUNT, ratio, to_cubic), 1, 0.1);
    limit(2e-8, 1e-16, 1e9, h); /* eps = 1e-4 */
    assert_at_most(max_difference(AT, h, cubic), 1e-4);
    limit(2e4, 1e8, 1e9, h); /* eps = 100 */
    assert_at_most(max_difference(AT, h, linear), 1e-5);
}

static void terms_cross_over(void **state)
{
    sb_theory_params four = {.net = "two_layer", .activation = "relu", .c4 = 3, .range = 2},
                     two = {.net = "two_layer", .activation = "relu", .c2 = 7, .range = 2};
    double xi = sb_lfp_crossover(3, 7);
    (void)state;
    assert_close(sb_lfp_rate(&four, xi), sb_lfp_rate(&two, xi), 1e-14);
    assert_true(sb_lfp_rate(&four, 0.9 * xi) > sb_lfp_rate(&two, 0.9 * xi));
    assert_close(sb_lfp_crossover(8, 16), 0.11253953951963827, 1e-14);
}

/* ---- the norm ---- */

static void norm_and_kernel_belong_together(void **state)
{
    enum { TERMS = 4000 };
    sb_theory_params params = {.net = "two_layer", .activation = "relu", .c4 = 3, .c2 = 0.7, .range = 1.3};
    double complex coefficient[TERMS];
    const double x = 0.3, y = 2;
    (void)state;
    for (double u = -0.7; u < 1.5; u += 0.1234) {
        double sum = 0;
        for (size_t k = TERMS; k > 0; k--) sum += 2 * sb_fp_gamma2(3, 0.7, (double)k) * cos(2 * M_PI * (double)k * u);
        double left_out = 2 * sb_fp_gamma2(3, 0.7, TERMS + 1) / fabs(sin(M_PI * u)); /* decreasing terms */
        assert_near(sb_fp_kernel(3, 0.7, u), sum, left_out);
        assert_at_most(left_out, 1e-4);
    }
    assert_close(sb_fp_kernel(3, 0.7, 0), pow(sb_fp_gamma(3, 0.7), 2), 1e-14);
    assert_close(sb_fp_gamma2(3, 0.7, 2), 32 * pow(M_PI, 4) * 1.3 * sb_lfp_rate(&params, 2), 1e-14);

    double at = 0.8, h, norm; /* one datum: y k(u) / k(0), norm |y| / gamma */
    assert_ok(sb_fp_interpolant(3, 0.7, 1, &x, &y, 1, &at, &h, &norm));
    assert_close(norm, y / sb_fp_gamma(3, 0.7), 1e-14);
    assert_close(h, y * sb_fp_kernel(3, 0.7, 0.5) / sb_fp_kernel(3, 0.7, 0), 1e-14);
    for (size_t k = 1; k <= TERMS; k++)
        coefficient[k - 1] =
            y * sb_fp_gamma2(3, 0.7, (double)k) * cexp(-2 * M_PI * I * (double)k * x) / sb_fp_kernel(3, 0.7, 0);
    assert_close(sb_fp_norm(3, 0.7, TERMS, coefficient), norm, 1e-4);
}

enum { MODES = 6, GRID = 400, MOST_POINTS = 32 };
typedef struct trial {
    double complex coefficient[MODES];
    double norm, learned, gamma, max_abs, risk, risk2; /* |f|, |h_n|, gamma; E|h_n - f|, E(h_n - f)^2 */
} trial;

static double target(const trial *t, double x)
{
    double f = 0;
    for (size_t k = 0; k < MODES; k++) f += 2 * creal(t->coefficient[k] * cexp(2 * M_PI * I * (double)(k + 1) * x));
    return f;
}

/* A random function of zero mean, learned from n random points. */
static trial learn(size_t n, double c4, double c2, double size)
{
    trial t = {.gamma = sb_fp_gamma(c4, c2)};
    double x[MOST_POINTS], y[MOST_POINTS], at[GRID], h[GRID];
    for (size_t k = 0; k < MODES; k++)
        t.coefficient[k] = size * (number_in(-1, 1) + I * number_in(-1, 1)) / (double)((k + 1) * (k + 1));
    for (size_t i = 0; i < n; i++) y[i] = target(&t, x[i] = number_in(0, 1));
    for (size_t i = 0; i < GRID; i++) at[i] = ((double)i + 0.5) / GRID;
    assert_ok(sb_fp_interpolant(c4, c2, n, x, y, GRID, at, h, &t.learned));
    t.norm = sb_fp_norm(c4, c2, MODES, t.coefficient);
    for (size_t i = 0; i < GRID; i++) {
        double f = target(&t, at[i]), off = fabs(h[i] - f);
        t.max_abs = fmax(t.max_abs, fabs(f));
        t.risk += off / GRID;
        t.risk2 += off * off / GRID;
    }
    return t;
}

/* 400 functions: what is learned never has the larger norm, and the error never exceeds the bounds of 95 %. */
static void bound_holds(void **state)
{
    static const size_t sizes[] = {4, 8, 16, MOST_POINTS};
    static const double c4[] = {1, 8, 0.01}, c2[] = {1, 16, 1};
    double largest = 0, nearest = 0;
    (void)state;
    seed_numbers(8);
    for (size_t i = 0; i < 400; i++) {
        size_t n = sizes[i % 4];
        trial t = learn(n, c4[i % 3], c2[i % 3], 1);
        double tight = sb_fp_bound(t.norm, t.gamma, t.max_abs, n, 0.05);
        double stated = sb_fp_bound_stated(t.norm, t.gamma, t.max_abs, n, 0.05);
        assert_at_most(t.learned, t.norm * (1 + 1e-9));
        assert_at_most(t.risk, tight);
        assert_at_most(tight, stated);
        assert_at_most(t.max_abs, t.norm * t.gamma);
        largest = fmax(largest, t.learned / t.norm);
        nearest = fmax(nearest, t.risk / tight);
    }
    assert_at_least(largest, 0.9); /* the norm is nearly all learned at times */
    assert_at_most(nearest, 0.1);  /* the bound is far from sharp */
}

/* The bound is homogeneous of degree 1, so it is none for the squared error, only its product with max|f| + Q G is. */
static void bound_is_not_for_squares(void **state)
{
    int violations = 0;
    (void)state;
    seed_numbers(9);
    for (size_t i = 0; i < 200; i++) {
        trial t = learn(4, 1, 1, 100);
        violations += t.risk2 > sb_fp_bound_stated(t.norm, t.gamma, t.max_abs, 4, 0.05);
        assert_at_most(t.risk2, sb_fp_bound(t.norm, t.gamma, t.max_abs, 4, 0.05) * (t.max_abs + t.norm * t.gamma));
    }
    assert_at_least(violations, 10);
}

/* On a circle of length T, xi = 0 dropped: the splines come as T -> infinity, cubic with order 1, linear with order 2.
 */
static void order_in_the_period(void **state)
{
    enum { COUNT = 5 };
    static const double periods[COUNT] = {8, 16, 32, 64, 128};
    double linear[AT], cubic[AT], h[AT], norm, off[2][COUNT];
    (void)state;
    a3_spline(gsl_interp_linear, linear);
    a3_spline(gsl_interp_cspline, cubic);
    for (size_t i = 0; i < COUNT; i++) {
        double t = periods[i], x[DATA], at[AT];
        for (size_t k = 0; k < DATA; k++) x[k] = a3_x[k] / t;
        for (size_t k = 0; k < AT; k++) at[k] = a3_at[k] / t;
        assert_ok(sb_fp_interpolant(1, 0, DATA, x, a3_y, AT, at, h, &norm));
        off[0][i] = max_difference(AT, h, cubic);
        assert_ok(sb_fp_interpolant(0, 1, DATA, x, a3_y, AT, at, h, &norm));
        off[1][i] = max_difference(AT, h, linear);
    }
    assert_near(measured_order(COUNT, periods, off[0]), -1, 0.1);
    assert_near(measured_order(COUNT, periods, off[1]), -2, 0.1);
}

/* ---- starts that are not zero ---- */

enum { M = 60 };
typedef struct linear_net {
    double x[DATA], at[M], gram[DATA * DATA], cross[M * DATA];
} linear_net;

/* The kernel of |in| = |out| = 1, range 1. */
static void make_linear_net(linear_net *net)
{
    memcpy(net->x, a3_x, sizeof net->x);
    relu_gram(2, 1, 1, DATA, net->x, net->gram);
    for (size_t i = 0; i < M; i++) {
        net->at[i] = -0.5 + ((double)i + 0.5) / M;
        for (size_t j = 0; j < DATA; j++) net->cross[i * DATA + j] = relu_kernel(2, 1, 1, net->at[i], net->x[j]);
    }
}

/* h(.; h_ini, Y) = h(.; 0, Y) + h_ini - h(.; 0, h_ini(X)) */
static void start_adds_what_data_do_not_determine(void **state)
{
    linear_net net;
    double start[DATA], start_at[M], zero[M] = {0}, h[M], from_zero[M], learned[M];
    (void)state;
    make_linear_net(&net);
    for (size_t i = 0; i < DATA; i++) start[i] = sin(7 * net.x[i]);
    for (size_t i = 0; i < M; i++) start_at[i] = sin(7 * net.at[i]);
    assert_ok(sb_start_limit(DATA, net.gram, a3_y, start, M, net.cross, start_at, h));
    assert_ok(sb_start_limit(DATA, net.gram, a3_y, zero, M, net.cross, zero, from_zero));
    assert_ok(sb_start_limit(DATA, net.gram, start, zero, M, net.cross, zero, learned));
    for (size_t i = 0; i < M; i++) assert_near(h[i], from_zero[i] + start_at[i] - learned[i], 1e-13);
    assert_at_least(max_difference(M, h, from_zero), 0.01);
}

/* Output of `width` random neurons at DATA + M points. */
static void random_output(const linear_net *net, uint64_t seed, size_t width, double *h)
{
    unit_spec spec = standard_net("relu", width, false);
    spec.antisymmetric = false;
    spec.in_scale = spec.out_scale = 1;
    spec.in = sb_law_find(seed % 2 ? "two_point" : "gaussian");
    network random = make_network(&spec, seed, SB_STREAM_DRAW);
    outputs_of(&random, DATA, net->x, h);
    outputs_of(&random, M, net->at, h + DATA);
    clear_network(&random);
}

static double mean_square(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]) / (double)n;
    return sum;
}

/* The extra error of random starts, predicted without any fit, against networks whose linear training goes to the end
 * exactly; and +-h_ini together err by the error from zero plus it, to rounding. */
static void extra_error_is_predicted(void **state)
{
    const size_t draws = sanitized() ? 400 : 3000;
    linear_net net;
    double data[DATA * DATA], mixed[M * DATA], diagonal[M], extra[M], predicted = 0, sum = 0, sum2 = 0;
    double zero[M] = {0}, from_zero[M], truth[M], h[DATA + M], minus[DATA + M], plus_end[M], minus_end[M];
    (void)state;
    make_linear_net(&net);
    for (size_t i = 0; i < DATA * DATA; i++) data[i] = sb_start_covariance(1, 1, 1, net.x[i / DATA], net.x[i % DATA]);
    for (size_t i = 0; i < M; i++) {
        truth[i] = sin(9 * net.at[i]);
        diagonal[i] = sb_start_covariance(1, 1, 1, net.at[i], net.at[i]);
        for (size_t j = 0; j < DATA; j++) mixed[i * DATA + j] = sb_start_covariance(1, 1, 1, net.at[i], net.x[j]);
    }
    assert_ok(sb_start_variance(DATA, net.gram, data, M, net.cross, mixed, diagonal, extra));
    for (size_t i = 0; i < M; i++) predicted += extra[i] / M; /* the integral over [-1/2, 1/2] */
    assert_ok(sb_start_limit(DATA, net.gram, a3_y, zero, M, net.cross, zero, from_zero));
    for (size_t draw = 0; draw < draws; draw++) {
        random_output(&net, draw, 100, h);
        for (size_t i = 0; i < DATA + M; i++) minus[i] = -h[i];
        assert_ok(sb_start_limit(DATA, net.gram, a3_y, h, M, net.cross, h + DATA, plus_end));
        assert_ok(sb_start_limit(DATA, net.gram, a3_y, minus, M, net.cross, minus + DATA, minus_end));
        double added = mean_square(M, plus_end, from_zero);
        assert_near((mean_square(M, plus_end, truth) + mean_square(M, minus_end, truth)) / 2,
                    mean_square(M, from_zero, truth) + added, 1e-13);
        sum += added;
        sum2 += added * added;
    }
    double mean = sum / (double)draws, deviation = sqrt((sum2 / (double)draws - mean * mean) / (double)draws);
    assert_at_most(fabs(mean - predicted), 3 * deviation);
    assert_at_most(deviation, 0.15 * predicted);
}

/* The linearised network moves by J^T K^-1 u, and no shorter way fits the data. */
static void displacement_is_the_quadratic_form(void **state)
{
    enum { WIDTH = 40, PARAMETERS = 3 * WIDTH };
    double jacobian[DATA * PARAMETERS], gram[DATA * DATA], u[DATA], h[DATA], weights[DATA], step[PARAMETERS] = {0};
    double distance2, length2 = 0, zero[DATA] = {0}, identity[DATA * DATA] = {0}, no_start[DATA] = {0};
    unit_spec spec = standard_net("tanh", WIDTH, false);
    (void)state;
    spec.antisymmetric = false;
    spec.in_scale = 6;
    unit_sum net = units_start(&spec, 5, SB_STREAM_TRAIN);
    for (size_t i = 0; i < DATA; i++) units_jacobian(&net, &a3_x[i], jacobian + i * PARAMETERS);
    for (size_t i = 0; i < DATA; i++)
        for (size_t j = 0; j < DATA; j++) {
            gram[i * DATA + j] = 0;
            for (size_t p = 0; p < PARAMETERS; p++)
                gram[i * DATA + j] += jacobian[i * PARAMETERS + p] * jacobian[j * PARAMETERS + p];
            identity[i * DATA + j] = i == j;
        }
    for (size_t i = 0; i < DATA; i++) h[i] = units_output(&net, &a3_x[i]);
    for (size_t i = 0; i < DATA; i++) u[i] = a3_y[i] - h[i];
    assert_ok(sb_start_displacement(DATA, gram, u, &distance2));
    /* K^-1 u: what is learned through the identity */
    assert_ok(sb_start_limit(DATA, gram, u, zero, DATA, identity, no_start, weights));
    for (size_t p = 0; p < PARAMETERS; p++) {
        for (size_t i = 0; i < DATA; i++) step[p] += jacobian[i * PARAMETERS + p] * weights[i];
        length2 += step[p] * step[p];
    }
    assert_close(length2, distance2, 1e-11);
    for (size_t i = 0; i < DATA; i++) {
        double moved = 0;
        for (size_t p = 0; p < PARAMETERS; p++) moved += jacobian[i * PARAMETERS + p] * step[p];
        assert_near(moved, u[i], 1e-10);
    }
    units_clear(&net);
}

/* |h after one step - its linear forecast| for a rate */
static double nonlinear_change(bool antisymmetric, double rate)
{
    enum { WIDTH = 64 };
    unit_spec spec = standard_net("tanh", WIDTH, false);
    double h[DATA], after[DATA], u[DATA], gradient[3 * WIDTH], jacobian[3 * WIDTH], off = 0;
    spec.antisymmetric = antisymmetric;
    unit_sum net = units_start(&spec, 3, SB_STREAM_TRAIN);
    for (size_t i = 0; i < DATA; i++) h[i] = units_output(&net, &a3_x[i]);
    if (antisymmetric) assert_at_most(max_abs(DATA, h), 0);
    for (size_t i = 0; i < DATA; i++) u[i] = h[i] - a3_y[i];
    units_gradient(&net, DATA, a3_x, u, gradient);
    for (size_t i = 0; i < DATA; i++) {
        after[i] = h[i];
        units_jacobian(&net, &a3_x[i], jacobian);
        for (size_t p = 0; p < 3 * WIDTH; p++) after[i] -= rate * jacobian[p] * gradient[p];
    }
    for (size_t i = 0; i < WIDTH; i++) {
        net.out[i] -= rate * gradient[i];
        net.in[i] -= rate * gradient[WIDTH + i];
        net.shift[i] -= rate * gradient[2 * WIDTH + i];
    }
    for (size_t i = 0; i < DATA; i++) off = fmax(off, fabs(units_output(&net, &a3_x[i]) - after[i]));
    units_clear(&net);
    return off;
}

/* Two antisymmetric copies move oppositely, so the second order of h in the movement cancels between them. */
static void antisymmetric_copies_cancel_the_second_order(void **state)
{
    static const double rates[] = {4e-3, 2e-3, 1e-3, 5e-4};
    double plain[4], both[4];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        plain[i] = nonlinear_change(false, rates[i]);
        both[i] = nonlinear_change(true, rates[i]);
    }
    assert_near(measured_order(4, rates, plain), 2, 0.1);
    assert_near(measured_order(4, rates, both), 3, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a3),
        cmocka_unit_test(limits_are_splines),
        cmocka_unit_test(limit_is_the_kernels),
        cmocka_unit_test(order_in_the_range),
        cmocka_unit_test(order_in_the_ratio),
        cmocka_unit_test(terms_cross_over),
        cmocka_unit_test(norm_and_kernel_belong_together),
        cmocka_unit_test(bound_holds),
        cmocka_unit_test(bound_is_not_for_squares),
        cmocka_unit_test(order_in_the_period),
        cmocka_unit_test(start_adds_what_data_do_not_determine),
        cmocka_unit_test(extra_error_is_predicted),
        cmocka_unit_test(displacement_is_the_quadratic_form),
        cmocka_unit_test(antisymmetric_copies_cancel_the_second_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
