/* Projection, amplitudes of vector-valued residuals, filtering, and what curves say: against definitions written as
 * loops, against GSL, and against the reference case P5. */
#include "common/test.h"

#include <gsl/gsl_linalg.h>

#include <specbias/isa.h>
#include <specbias/dataset.h>
#include <specbias/observe.h>
#include <specbias/spectrum.h>

#include "core/parallel.h"
#include "watch/loops/gaussian.h"

#include "common/problems.h"
#include "tests/oracles/spectrum.h"

static double norm(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
    return sqrt(sum);
}

/* n numbers in (low, high) */
static double *numbers(size_t n, double low, double high)
{
    double *v = new_doubles(n);
    for (size_t i = 0; i < n; i++) v[i] = number_in(low, high);
    return v;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- the first principal direction ---- */

/* x_i = offset + 3 cos(2 pi i / n) d + 2 sin(2 pi i / n) e, d and e orthonormal: sigma_1 = 3 (n / 2)^1/2, direction d.
 */
static void principal_direction_of_an_ellipse(void **state)
{
    static const size_t sizes[][2] = {{40, 3}, {3, 40}, {7, 7}, {50, 2}};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t n = sizes[s][0], dim = sizes[s][1];
        double *x = new_doubles(n * dim), *d = new_doubles(dim), *p = new_doubles(dim), *place = new_doubles(n), range;
        double e0 = 0.6, e1 = 0.8; /* d = (-0.8, 0.6, 0, ..), e = (0.6, 0.8, 0, ..): the sign turns */
        d[0] = e1;
        d[1] = -e0;
        for (size_t i = 0; i < n; i++) {
            double turn = 2 * M_PI * (double)i / (double)n, a = 3 * cos(turn), b = 2 * sin(turn);
            for (size_t j = 0; j < dim; j++) x[i * dim + j] = 100 + (double)j;
            x[i * dim] += -e1 * a + e0 * b;
            x[i * dim + 1] += e0 * a + e1 * b;
        }
        assert_ok(sb_principal_direction(n, dim, x, p, place, &range));
        assert_at_most(max_difference(dim, p, d), 1e-12);
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            double product = 0;
            for (size_t j = 0; j < dim; j++) product += x[i * dim + j] * d[j];
            assert_near(place[i], product, 1e-10); /* not centred */
            low = fmin(low, product);
            high = fmax(high, product);
        }
        assert_near(range, high - low, 1e-10);
        free(x);
        free(d);
        free(p);
        free(place);
    }
}

/* GSL's first right singular vector of a tall matrix, left one of a wide one (GSL takes only tall ones). */
static void gsl_first_singular(size_t n, size_t dim, const double *x, double *v, double *gap)
{
    bool tall = n >= dim;
    size_t rows = tall ? n : dim, columns = tall ? dim : n;
    gsl_matrix *u = gsl_matrix_alloc(rows, columns), *right = gsl_matrix_alloc(columns, columns);
    gsl_vector *s = gsl_vector_alloc(columns), *work = gsl_vector_alloc(columns);
    for (size_t j = 0; j < dim; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * dim + j] / (double)n;
        for (size_t i = 0; i < n; i++) gsl_matrix_set(u, tall ? i : j, tall ? j : i, x[i * dim + j] - mean);
    }
    assert_int_equal(gsl_linalg_SV_decomp(u, right, s, work), 0);
    for (size_t j = 0; j < dim; j++) v[j] = gsl_matrix_get(tall ? right : u, j, 0);
    *gap = 1 - gsl_vector_get(s, 1) / gsl_vector_get(s, 0);
    gsl_matrix_free(u);
    gsl_matrix_free(right);
    gsl_vector_free(s);
    gsl_vector_free(work);
}

static void principal_direction_is_that_of_a_svd(void **state)
{
    static const size_t sizes[][2] = {{60, 12}, {12, 60}, {30, 30}, {200, 5}, {2, 9}};
    (void)state;
    seed_numbers(1);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t n = sizes[s][0], dim = sizes[s][1];
        double *x = numbers(n * dim, -1, 3), *p = new_doubles(dim), *v = new_doubles(dim), *place = new_doubles(n);
        double range, gap, product = 0, most = 0;
        assert_ok(sb_principal_direction(n, dim, x, p, place, &range));
        gsl_first_singular(n, dim, x, v, &gap);
        for (size_t j = 0; j < dim; j++) product += p[j] * v[j];
        for (size_t j = 0; j < dim; j++) v[j] *= copysign(1, product);
        assert_at_most(max_difference(dim, p, v), 1e-13 / gap);
        assert_close(norm(dim, p), 1, 1e-14);
        for (size_t j = 0; j < dim; j++) most = fabs(p[j]) > fabs(most) ? p[j] : most;
        assert_at_least(most, 0);
        free(x);
        free(p);
        free(v);
        free(place);
    }
}

/* Half axes 1 and 1 - gap: the direction is lost as epsilon / gap, no faster. */
static void principal_direction_with_close_singular_values(void **state)
{
    enum { N = 64 };
    (void)state;
    for (double gap = 1e-2; gap > 1e-8; gap /= 10) {
        double x[2 * N], p[2], place[N], range;
        for (size_t i = 0; i < N; i++) {
            double turn = 2 * M_PI * (double)i / N, a = cos(turn), b = (1 - gap) * sin(turn);
            x[2 * i] = 0.6 * a - 0.8 * b;
            x[2 * i + 1] = 0.8 * a + 0.6 * b;
        }
        assert_ok(sb_principal_direction(N, 2, x, p, place, &range));
        assert_near(p[0], 0.6, 1e-14 / gap);
        assert_near(p[1], 0.8, 1e-14 / gap);
    }
}

static void principal_direction_of_ties_and_one_dimension(void **state)
{
    static const double diagonal[] = {1, -1, 2, -2, 3, -3, 7, -7}, line[] = {5, 3, 4};
    double p[2], place[4], range;
    (void)state;
    assert_ok(sb_principal_direction(4, 2, diagonal, p, place, &range)); /* entries of one size: the first decides */
    assert_near(p[0], M_SQRT1_2, 1e-15);
    assert_near(p[1], -M_SQRT1_2, 1e-15);
    assert_near(range, 6 * M_SQRT2, 1e-14);
    assert_ok(sb_principal_direction(3, 1, line, p, place, &range));
    assert_near(p[0], 1, 0);
    assert_near(place[1], 3, 0);
    assert_near(range, 2, 0);
}

static void principal_direction_refuses(void **state)
{
    static const double same[] = {0.1, 0.7, 0.1, 0.7, 0.1, 0.7}, square[] = {1, 1, 1, -1, -1, 1, -1, -1};
    double bad[] = {1, 2, 3, NAN}, p[2], place[4], range;
    (void)state;
    assert_fails(sb_principal_direction(3, 2, same, p, place, &range), SB_ERR_INPUT, "the same");
    assert_fails(sb_principal_direction(1, 2, same, p, place, &range), SB_ERR_INPUT, "the same");
    assert_fails(sb_principal_direction(4, 2, square, p, place, &range), SB_ERR_INPUT, "singular values are 2");
    assert_fails(sb_principal_direction(2, 2, bad, p, place, &range), SB_ERR_INPUT, "input 2 of example 2 is nan");
}

/* ---- amplitudes at frequencies ---- */

enum { N = 37, DIM = 2, OUT = 3, FREQUENCIES = 5 };

/* (sum over outputs |sum_i q_i u_i exp(-2 pi i xi . x_i)|^2)^1/2; amp of output 0 */
static double amplitude(const double *place, const double *q, const double *xi, const double *u, double complex *amp)
{
    double power = 0;
    for (size_t c = OUT; c-- > 0;) {
        *amp = 0;
        for (size_t i = 0; i < N; i++) {
            double turns = 0;
            for (size_t d = 0; d < DIM; d++) turns += xi[d] * place[i * DIM + d];
            *amp += (q ? q[i] : 1. / N) * u[i * OUT + c] * cexp(-2 * M_PI * I * turns);
        }
        power += pow(cabs(*amp), 2);
    }
    return sqrt(power);
}

static void modes_are_their_definition(void **state)
{
    sb_modes modes = {0};
    double error[FREQUENCIES];
    double complex amp[FREQUENCIES], wanted_amp, unused;
    (void)state;
    seed_numbers(2);
    double *place = numbers(N * DIM, -2, 2), *q = numbers(N, 0, 0.1), *xi = numbers(FREQUENCIES * DIM, -3, 3);
    double *y = numbers(N * OUT, -1, 1), *u = numbers(N * OUT, -1, 1);
    for (int given = 0; given < 2; given++) {
        const double *weights = given ? q : NULL;
        assert_ok(sb_modes_create(N, DIM, place, weights, FREQUENCIES, xi, OUT, y, &modes));
        assert_ok(sb_modes_apply(&modes, u, error, amp));
        for (size_t k = 0; k < FREQUENCIES; k++) {
            double wanted = amplitude(place, weights, xi + k * DIM, y, &unused);
            assert_close(modes.wanted[k], wanted, 1e-13);
            assert_close(error[k], amplitude(place, weights, xi + k * DIM, u, &wanted_amp) / wanted, 1e-13);
            assert_at_most(cabs(amp[k] - wanted_amp), 1e-14);
        }
        assert_ok(sb_modes_apply(&modes, y, error, NULL));
        for (size_t k = 0; k < FREQUENCIES; k++) assert_near(error[k], 1, 0);
        sb_modes_clear(&modes);
        assert_null(modes.weight);
        sb_modes_clear(&modes);
    }
    free(place);
    free(q);
    free(xi);
    free(y);
    free(u);
}

/* Of one output on points of a problem they are its spectrum. */
static void modes_of_one_output_are_the_spectrum(void **state)
{
    sb_problem problem = {0};
    sb_spectrum *spectrum = NULL;
    sb_modes modes = {0};
    double error[SINES];
    double complex amp[SINES], wanted[SINES];
    (void)state;
    make_sines(&problem, SCATTERED, 50, 0.3);
    seed_numbers(3);
    double *u = numbers(50, -1, 1);
    assert_ok(sb_spectrum_create(&problem, SB_ROUTE_DIRECT, &spectrum));
    assert_ok(sb_spectrum_apply(spectrum, u, wanted));
    assert_ok(sb_modes_create(problem.n, 1, problem.x, problem.q, SINES, problem.grid.xi, 1, problem.y, &modes));
    assert_ok(sb_modes_apply(&modes, u, error, amp));
    for (size_t k = 0; k < SINES; k++) {
        assert_at_most(cabs(amp[k] - wanted[k]), 1e-14);
        assert_close(modes.wanted[k], cabs(problem.target[k]), 1e-12);
        assert_close(error[k], cabs(wanted[k]) / cabs(problem.target[k]), 1e-12);
    }
    free(u);
    sb_modes_clear(&modes);
    sb_spectrum_destroy(&spectrum);
    sb_problem_clear(&problem);
}

static void modes_say_where_nothing_is_wanted(void **state)
{
    enum { M = 32 };
    static const double xi[] = {3, 5};
    sb_modes modes = {0};
    double place[M], y[M], error[2];
    (void)state;
    for (size_t i = 0; i < M; i++) {
        place[i] = (double)i / M;
        y[i] = sin(2 * M_PI * 3 * place[i]);
    }
    assert_ok(sb_modes_create(M, 1, place, NULL, 2, xi, 1, y, &modes));
    assert_close(modes.wanted[0], 0.5, 1e-14);
    assert_near(modes.wanted[1], 0, 0);
    assert_ok(sb_modes_apply(&modes, place, error, NULL));
    assert_true(isfinite(error[0]) && isnan(error[1]));
    place[7] = NAN;
    assert_fails(sb_modes_apply(&modes, place, error, NULL), SB_ERR_NUMERIC, "output 1 of example 8 is nan");
    sb_modes_clear(&modes);
    assert_fails(sb_modes_create(M, 1, place, NULL, 2, xi, 1, y, &modes), SB_ERR_INPUT, "place 1 of example 8");
    place[7] = 0;
    y[2] = INFINITY;
    assert_fails(sb_modes_create(M, 1, place, NULL, 2, xi, 1, y, &modes), SB_ERR_INPUT, "output 1 of example 3 is inf");
    assert_null(modes.weight);
}

/* ---- filtering ---- */

/* experiments.md, section 8 */
static void filter_of_case_p5(void **state)
{
    enum { P5 = 60 };
    static const double delta[] = {0.5, 0.05};
    double x[P5][3], y[P5][2], u[P5][2], low[2], high[2];
    sb_filter filter = {0};
    (void)state;
    for (int i = 0; i < P5; i++) {
        for (int j = 0; j < 3; j++) x[i][j] = sin(0.7 * (i + 1) * (j + 1));
        y[i][0] = cos(2 * x[i][0] + x[i][1]);
        y[i][1] = x[i][2] * x[i][2];
        for (int c = 0; c < 2; c++) u[i][c] = 0.8 * y[i][c] + 0.1 * sin(5 * x[i][c]) - y[i][c];
    }
    assert_ok(sb_filter_create(P5, 3, x[0], 2, y[0], 2, delta, true, 1, &filter));
    assert_ok(sb_filter_apply(&filter, u[0], 1, low, high));
    assert_close(filter.median, 2.93343104243, 1e-9);
    assert_close(low[0], 0.209334302482, 1e-9);
    assert_close(high[0], 0.250677718579, 1e-9);
    assert_close(filter.high_share[0], 0.392901390688, 1e-9);
    assert_close(low[1], 0.225347519374, 1e-9);
    assert_close(high[1], 0.299076596895, 1e-9);
    assert_close(filter.high_share[1], 0.0691289384799, 1e-9);
    sb_filter_clear(&filter);
}

static double squared_distance(size_t dim, const double *a, const double *b)
{
    double sum = 0;
    for (size_t d = 0; d < dim; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sum;
}

static double naive_median(size_t n, size_t dim, const double *x)
{
    double *all = new_doubles(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) all[i * n + j] = squared_distance(dim, x + i * dim, x + j * dim);
    qsort(all, n * n, sizeof *all, ascending);
    double median = (all[(n * n - 1) / 2] + all[n * n / 2]) / 2;
    free(all);
    return median;
}

/* |G u| and |u - G u|, one example and one neighbour at a time */
static void naive_filter(size_t n, size_t dim, const double *x, size_t outputs, const double *u, double delta,
                         double *low, double *high)
{
    *low = *high = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < outputs; c++) {
            double sum = 0, total = 0;
            for (size_t j = 0; j < n; j++) {
                double w = exp(-squared_distance(dim, x + i * dim, x + j * dim) / (2 * delta));
                sum += w * u[j * outputs + c];
                total += w;
            }
            *low += pow(sum / total, 2);
            *high += pow(u[i * outputs + c] - sum / total, 2);
        }
    *low = sqrt(*low);
    *high = sqrt(*high);
}

/* Sizes below, at and above those of strips and tiles. Inputs far from 0 lose digits unless they are centred. */
static void filter_is_its_definition(void **state)
{
    static const struct size {
        size_t n, dim, outputs;
    } sizes[] = {{2, 1, 1}, {3, 2, 2}, {31, 4, 1}, {128, 3, 10}, {129, 1, 2}, {600, 5, 3}};
    static const double relative[] = {0.05, 0.3, 1};
    (void)state;
    seed_numbers(4);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t n = sizes[s].n, dim = sizes[s].dim, outputs = sizes[s].outputs;
        double *x = numbers(n * dim, 99, 101), *y = numbers(n * outputs, -1, 1), *u = numbers(n * outputs, -1, 1);
        double low[3], high[3], wanted_low, wanted_high, u_low, u_high;
        sb_filter filter = {0};
        assert_ok(sb_filter_create(n, dim, x, outputs, y, 3, relative, false, 2, &filter));
        assert_ok(sb_filter_apply(&filter, u, 2, low, high));
        assert_close(filter.median, naive_median(n, dim, x), 1e-12);
        for (size_t d = 0; d < 3; d++) {
            assert_close(filter.delta[d], relative[d] * filter.median, 1e-15);
            naive_filter(n, dim, x, outputs, y, filter.delta[d], &wanted_low, &wanted_high);
            naive_filter(n, dim, x, outputs, u, filter.delta[d], &u_low, &u_high);
            assert_close(filter.wanted_low[d], wanted_low, 1e-11);
            assert_close(filter.wanted_high[d], wanted_high, 1e-11);
            assert_close(filter.high_share[d], wanted_high / norm(n * outputs, y), 1e-11);
            assert_close(low[d], u_low / wanted_low, 1e-11);
            assert_close(high[d], u_high / wanted_high, 1e-11);
        }
        for (size_t i = 0; i < n; i++) assert_near(filter.distance[i * n + i], 0, 0);
        for (size_t i = 1; i < n; i++) assert_true(filter.distance[i * n] == filter.distance[i]);
        sb_filter_clear(&filter);
        free(x);
        free(y);
        free(u);
    }
}

/* Inputs, two residuals and a filter of them. */
typedef struct sample {
    size_t size; /* of y, u, v */
    double *x, *y, *u, *v;
    sb_filter filter;
} sample;

static sample make_sample(size_t n, size_t outputs, size_t count, const double *relative, size_t threads)
{
    sample s = {.size = n * outputs};
    seed_numbers(5);
    s.x = numbers(n * 3, -1, 1);
    s.y = numbers(s.size, 0, 1);
    s.u = numbers(s.size, -1, 1);
    s.v = numbers(s.size, -1, 2);
    assert_ok(sb_filter_create(n, 3, s.x, outputs, s.y, count, relative, false, threads, &s.filter));
    return s;
}

static void free_sample(sample *s)
{
    free(s->x);
    free(s->y);
    free(s->u);
    free(s->v);
    sb_filter_clear(&s->filter);
    assert_null(s->filter.distance);
    sb_filter_clear(&s->filter);
}

/* |G(u + v)|^2 + |G(u - v)|^2 = 2 |G u|^2 + 2 |G v|^2, and the same for the high part */
static void filter_is_linear(void **state)
{
    static const double relative[] = {0.1, 0.5};
    double low[4][2], high[4][2];
    (void)state;
    sample s = make_sample(90, 2, 2, relative, 1);
    double *sum = new_doubles(s.size), *difference = new_doubles(s.size);
    for (size_t i = 0; i < s.size; i++) {
        sum[i] = s.u[i] + s.v[i];
        difference[i] = s.u[i] - s.v[i];
    }
    const double *each[] = {s.u, s.v, sum, difference};
    for (size_t k = 0; k < 4; k++) assert_ok(sb_filter_apply(&s.filter, each[k], 1, low[k], high[k]));
    for (size_t d = 0; d < 2; d++) {
        assert_close(pow(low[2][d], 2) + pow(low[3][d], 2), 2 * (pow(low[0][d], 2) + pow(low[1][d], 2)), 1e-13);
        assert_close(pow(high[2][d], 2) + pow(high[3][d], 2), 2 * (pow(high[0][d], 2) + pow(high[1][d], 2)), 1e-13);
    }
    assert_ok(sb_filter_apply(&s.filter, s.y, 1, low[0], high[0]));
    for (size_t d = 0; d < 2; d++) {
        assert_near(low[0][d], 1, 0);
        assert_near(high[0][d], 1, 0);
    }
    free(sum);
    free(difference);
    free_sample(&s);
}

static void subtract_mean(size_t n, size_t outputs, double *v, double *mean_norm)
{
    *mean_norm = 0;
    for (size_t c = 0; c < outputs; c++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += v[i * outputs + c] / (double)n;
        for (size_t i = 0; i < n; i++) v[i * outputs + c] -= mean;
        *mean_norm += (double)n * mean * mean;
    }
    *mean_norm = sqrt(*mean_norm);
}

/* delta -> 0: G u = u, nothing is high. delta -> infinity: G u is the mean. */
static void filter_has_its_limits(void **state)
{
    static const double relative[] = {1e-9, 1e14};
    double low[2], high[2], u_mean, y_mean;
    (void)state;
    sample s = make_sample(70, 2, 2, relative, 1);
    assert_ok(sb_filter_apply(&s.filter, s.u, 1, low, high));
    assert_near(s.filter.wanted_high[0], 0, 0);
    assert_near(s.filter.high_share[0], 0, 1e-10);
    assert_close(low[0], norm(s.size, s.u) / norm(s.size, s.y), 1e-14);
    assert_true(isnan(high[0]));
    subtract_mean(70, 2, s.u, &u_mean);
    subtract_mean(70, 2, s.y, &y_mean);
    assert_close(low[1], u_mean / y_mean, 1e-11);
    assert_close(high[1], norm(s.size, s.u) / norm(s.size, s.y), 1e-11);
    free_sample(&s);
}

static void filter_has_the_same_bits_for_any_threads(void **state)
{
    static const double relative[] = {0.05, 0.2, 1};
    double low[2][3], high[2][3];
    (void)state;
    sample one = make_sample(700, 3, 3, relative, 1), two = make_sample(700, 3, 3, relative, 2);
    assert_memory_equal(one.filter.distance, two.filter.distance, 700 * 700 * sizeof(double));
    assert_memory_equal(&one.filter.median, &two.filter.median, sizeof(double));
    assert_memory_equal(one.filter.wanted_low, two.filter.wanted_low, 3 * sizeof(double));
    assert_memory_equal(one.filter.wanted_high, two.filter.wanted_high, 3 * sizeof(double));
    assert_ok(sb_filter_apply(&one.filter, one.u, 1, low[0], high[0]));
    assert_ok(sb_filter_apply(&one.filter, one.u, 2, low[1], high[1]));
    assert_memory_equal(low[0], low[1], sizeof low[0]);
    assert_memory_equal(high[0], high[1], sizeof high[0]);
    free_sample(&one);
    free_sample(&two);
}

static void gaussian_is_that_of_libm(void **state)
{
    static const char *const isas[] = {"baseline", "avx2", "avx512"};
    enum { COUNT = 20011 };
    (void)state;
    double *square = new_doubles(COUNT), *weight = new_doubles(COUNT);
    for (size_t i = 0; i < COUNT; i++) square[i] = 1416.0 * pow((double)i / (COUNT - 1), 4);
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(setenv("SPECBIAS_ISA", isas[k], 1), 0);
        bool here = strcmp(sb_isa_name(), isas[k]) == 0;
        sb_gaussian_loop *gaussian = sb_gaussian_best();
        unsetenv("SPECBIAS_ISA");
        if (!here) continue; /* not on this machine */
        gaussian(COUNT, 0.5, square, weight);
        for (size_t i = 0; i < COUNT; i++) assert_close(weight[i], exp(-0.5 * square[i]), 1e-15);
        assert_near(weight[0], 1, 0);
        gaussian(COUNT, 1e300, square,
                 weight); /* beyond what exp can give: nothing next to the 1 of the example itself */
        assert_near(weight[0], 1, 0);
        assert_at_most(weight[COUNT / 2], 1e-307);
        assert_at_least(weight[COUNT / 2], 0);
    }
    free(square);
    free(weight);
}

static void filter_says_its_memory(void **state)
{
    (void)state;
    assert_close(sb_filter_memory(10000, 784, 10), 8e8, 0.1);
    size_t n = (size_t)sqrt(sb_memory() / 8) + 1;
    double *x = new_doubles(n);
    sb_filter filter = {0};
    static const double relative = 0.1;
    memset(x, 0, n * sizeof *x);
    assert_fails(sb_filter_create(n, 1, x, 1, x, 1, &relative, false, 1, &filter), SB_ERR_INPUT, "GB of memory");
    assert_null(filter.distance);
    free(x);
}

static void filter_refuses(void **state)
{
    double x[] = {0, 1, 2, 3, 4, 5}, y[] = {1, 2, 3}, alike[] = {0.1, 0.7, 0.1, 0.7, 0.3, 0.9, 0.1, 0.7};
    double four[] = {1, 2, 3, 4}, relative[] = {0.1}, low, high;
    sb_filter filter = {0};
    (void)state;
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(sb_filter_create(3, 2, x, 1, y, 1, &bad[i], false, 1, &filter), SB_ERR_INPUT, "positive");
    assert_fails(sb_filter_create(4, 2, alike, 1, four, 1, relative, false, 1, &filter), SB_ERR_INPUT, "alike");
    assert_ok(sb_filter_create(4, 2, alike, 1, four, 1, relative, true, 1, &filter));
    assert_near(filter.median, 0, 0);
    sb_filter_clear(&filter);
    assert_ok(sb_filter_create(3, 2, x, 1, y, 1, relative, false, 1, &filter));
    y[1] = NAN;
    assert_fails(sb_filter_apply(&filter, y, 1, &low, &high), SB_ERR_NUMERIC, "output 1 of example 2 is nan");
    sb_filter_clear(&filter);
    assert_fails(sb_filter_create(3, 2, x, 1, y, 1, relative, false, 1, &filter), SB_ERR_INPUT,
                 "wanted output 1 of example 2 is nan");
    y[1] = 2;
    x[5] = NAN;
    assert_fails(sb_filter_create(3, 2, x, 1, y, 1, relative, false, 1, &filter), SB_ERR_INPUT,
                 "input 2 of example 3 is nan");
    x[5] = 1e200;
    assert_fails(sb_filter_create(3, 2, x, 1, y, 1, relative, false, 1, &filter), SB_ERR_INPUT, "too large");
    assert_null(filter.distance);
}

/* Without a wanted function nothing is relative to it. */
static void filter_of_nothing_wanted(void **state)
{
    static const double x[] = {0, 1, 3}, y[] = {0, 0, 0}, u[] = {1, 2, 3}, relative = 0.2;
    double low, high;
    sb_filter filter = {0};
    (void)state;
    assert_ok(sb_filter_create(3, 1, x, 1, y, 1, &relative, false, 1, &filter));
    assert_ok(sb_filter_apply(&filter, u, 1, &low, &high));
    assert_true(isnan(low) && isnan(high));
    sb_filter_clear(&filter);
}

/* ---- curves ---- */

static void running_median_is_its_definition(void **state)
{
    enum { LENGTH = 40, WINDOW = 7 };
    double median[LENGTH], part[WINDOW];
    (void)state;
    seed_numbers(6);
    double *v = numbers(LENGTH, 0, 1);
    for (size_t window = 1; window <= WINDOW; window++) {
        assert_ok(sb_running_median(LENGTH, v, window, median));
        for (size_t i = 0; i < LENGTH; i++) {
            size_t h = (window - 1) / 2, most = i < LENGTH - 1 - i ? i : LENGTH - 1 - i;
            if (h > most) h = most;
            for (size_t j = 0; j <= 2 * h; j++) part[j] = v[i - h + j];
            qsort(part, 2 * h + 1, sizeof *part, ascending);
            assert_near(median[i], part[h], 0);
        }
    }
    for (size_t i = 0; i < LENGTH; i++) v[i] = -(double)(i * i);
    assert_ok(sb_running_median(LENGTH, v, 51, median)); /* a window longer than the curve, which is monotone */
    assert_memory_equal(v, median, sizeof median);
    v[20] = NAN;
    assert_ok(sb_running_median(LENGTH, v, 3, median));
    for (size_t i = 0; i < LENGTH; i++) assert_true(isfinite(median[i]));
    free(v);
}

static double settled(size_t n, const double *error, size_t window, double threshold)
{
    double step[200], at = -1;
    for (size_t i = 0; i < n; i++) step[i] = 10 * (double)i;
    assert_ok(sb_settled(n, step, error, window, threshold, &at));
    return at;
}

static void settled_is_after_the_last_stay_above(void **state)
{
    double e[200];
    (void)state;
    for (size_t i = 0; i < 200; i++) e[i] = exp(-0.02 * (double)i);
    double crossing = 10 * ceil(log(2) / 0.02);
    assert_near(settled(200, e, 51, 0.5), crossing, 0); /* monotone: its crossing */
    e[1] = e[2] = 0.01;                                 /* from a random start */
    e[150] = e[151] = 3;                                /* spikes of Adam */
    assert_near(settled(200, e, 51, 0.5), crossing, 0);
    assert_near(settled(200, e, 1, 0.5), 1520, 0);
    assert_true(isnan(settled(200, e, 51, 0.001)));
    assert_near(settled(200, e, 51, 2), 0, 0);
    e[199] = 0.6; /* the last record has none after it that would say it was a spike */
    assert_true(isnan(settled(200, e, 51, 0.5)));
    e[199] = NAN;
    assert_true(isnan(settled(200, e, 51, 0.5)));
    assert_true(isnan(settled(0, e, 51, 0.5)));
}

/* Ranks from 1, those of equal numbers averaged. */
static void rank(size_t n, const double *v, double *ranks)
{
    for (size_t i = 0; i < n; i++) {
        ranks[i] = 0.5;
        for (size_t j = 0; j < n; j++) ranks[i] += v[j] < v[i] ? 1 : v[j] == v[i] ? 0.5 : 0;
    }
}

static double naive_spearman(size_t n, const double *a, const double *b)
{
    double x[50], y[50], middle = 0.5 * (double)(n + 1), xy = 0, xx = 0, yy = 0;
    rank(n, a, x);
    rank(n, b, y);
    for (size_t i = 0; i < n; i++) {
        xy += (x[i] - middle) * (y[i] - middle);
        xx += pow(x[i] - middle, 2);
        yy += pow(y[i] - middle, 2);
    }
    return xy / sqrt(xx * yy);
}

static void spearman_is_the_correlation_of_ranks(void **state)
{
    double correlation;
    (void)state;
    seed_numbers(7);
    for (size_t n = 2; n <= 50; n++) {
        double *a = numbers(n, 0, 1), *b = numbers(n, 0, 1), c[51], d[51];
        assert_ok(sb_spearman(n, a, b, &correlation));
        assert_near(correlation, naive_spearman(n, a, b), 1e-13);
        for (size_t i = 0; i < n; i++) b[i] = floor(3 * b[i]) + (i == 0 ? -1 : 0); /* ties */
        assert_ok(sb_spearman(n, a, b, &correlation));
        assert_near(correlation, naive_spearman(n, a, b), 1e-13);
        for (size_t i = 0; i <= n; i++) { /* a pair that is not whole is left out */
            c[i] = i == n / 2 ? 5 : a[i - (i > n / 2)];
            d[i] = i == n / 2 ? NAN : b[i - (i > n / 2)];
        }
        assert_ok(sb_spearman(n + 1, c, d, &correlation));
        assert_near(correlation, naive_spearman(n, a, b), 1e-13);
        for (size_t i = 0; i < n; i++) b[i] = -exp(a[i]);
        assert_ok(sb_spearman(n, a, b, &correlation));
        assert_near(correlation, -1, 1e-14);
        free(a);
        free(b);
    }
    static const double same[] = {1, 1, 1}, other[] = {1, 2, 3};
    assert_ok(sb_spearman(3, same, other, &correlation));
    assert_true(isnan(correlation));
    assert_ok(sb_spearman(1, other, other, &correlation));
    assert_true(isnan(correlation));
}

/* Zonal functions of two degrees around different poles, on points whose weights are exact for their products. */
static void degrees_of_zonal_functions(void **state)
{
    static const size_t degree[] = {0, 2, 3};
    static const double pole[2][3] = {{0.6, 0, 0.8}, {0, -0.8, 0.6}}, axis[2][2] = {{0.6, 0.8}, {0, 1}}, one = 1;
    (void)state;
    for (size_t dim = 2; dim <= 3; dim++) {
        sb_dataset set = {0}, tests[SB_TEST_SETS];
        sb_dataset_spec spec = {
            .n = dim == 2 ? 40 : 2 * 64, .dim = dim, .terms = 1, .degree = &one, .amplitude = 1, .layout = "grid"};
        size_t count;
        memset(tests, 0, sizeof tests);
        assert_ok(sb_dataset_make(sb_dataset_kind_find("sphere"), &spec, &set, tests, &count));
        double *y = new_doubles(set.n), *u = new_doubles(set.n), error[3];
        for (size_t i = 0; i < set.n; i++) {
            double t[2] = {0, 0};
            for (size_t k = 0; k < 2; k++)
                for (size_t d = 0; d < dim; d++) t[k] += set.x[i * dim + d] * (dim == 2 ? axis[k][d] : pole[k][d]);
            double two = sb_zonal(dim, 2, t[0]), three = sb_zonal(dim, 3, t[1]);
            y[i] = two - 2 * three;
            u[i] = 0.3 * two + 5 * three + 7 * sb_zonal(dim, 4, t[0]); /* what is not watched does not count */
        }
        sb_modes modes = {0};
        assert_ok(sb_modes_create_degrees(set.n, dim, set.x, set.q, 3, degree, 1, y, &modes));
        assert_ok(sb_modes_apply(&modes, u, error, NULL));
        assert_true(isnan(error[0]));
        assert_near(error[1], 0.3, 1e-12);
        assert_near(error[2], 2.5, 1e-12);
        /* the mean square of a zonal function is 1 / sb_harmonics */
        assert_close(modes.wanted[1], sqrt(sb_sphere_surface(dim) / sb_harmonics(dim, 2)), 1e-12);
        sb_modes_clear(&modes);
        assert_fails(sb_modes_create_degrees(set.n, 4, set.x, set.q, 3, degree, 1, y, &modes), SB_ERR_UNSUPPORTED,
                     "2 and 3 dimensions, not 4");
        sb_dataset_clear(&set);
        free(y);
        free(u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(principal_direction_of_an_ellipse),
        cmocka_unit_test(principal_direction_is_that_of_a_svd),
        cmocka_unit_test(principal_direction_with_close_singular_values),
        cmocka_unit_test(principal_direction_of_ties_and_one_dimension),
        cmocka_unit_test(principal_direction_refuses),
        cmocka_unit_test(modes_are_their_definition),
        cmocka_unit_test(modes_of_one_output_are_the_spectrum),
        cmocka_unit_test(modes_say_where_nothing_is_wanted),
        cmocka_unit_test(degrees_of_zonal_functions),
        cmocka_unit_test(filter_of_case_p5),
        cmocka_unit_test(filter_is_its_definition),
        cmocka_unit_test(filter_is_linear),
        cmocka_unit_test(filter_has_its_limits),
        cmocka_unit_test(filter_has_the_same_bits_for_any_threads),
        cmocka_unit_test(gaussian_is_that_of_libm),
        cmocka_unit_test(filter_says_its_memory),
        cmocka_unit_test(filter_refuses),
        cmocka_unit_test(filter_of_nothing_wanted),
        cmocka_unit_test(running_median_is_its_definition),
        cmocka_unit_test(settled_is_after_the_last_stay_above),
        cmocka_unit_test(spearman_is_the_correlation_of_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
