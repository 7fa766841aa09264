/* Values of the infinite-width kernels: reference cases A1 and A4 of theory/README.md, the closed ReLU form against
 * quadrature and against the frequencies of the linear F-Principle. */
#include "common/test.h"

#include <gsl/gsl_integration.h>

#include <specbias/theory.h>

#include "common/problems.h"

/* ---- A1: lines "x, x', c4, c2, Lw, K, halfgrid, poly" ---- */

enum { A1 = 3 };
static const struct {
    double x1, x2, c4, c2, range, k, halfgrid, poly;
} a1[A1] = {
    {0.3, -0.41, 1.7, 0.9, 1, 0.4943853625, 1.2346928625, -0.7403075},
    {0, 0, 8, 16, 1, 9.3333333333333, 13.333333333333, -4},
    {-0.5, 0.5, 0.5, 2, 2.5, 1.2666666666667, 2.7666666666667, -1.5},
};

static void a1_closed_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < A1; i++) {
        double k = relu_kernel(a1[i].c4, a1[i].c2, a1[i].range, a1[i].x1, a1[i].x2);
        assert_near(k, a1[i].k, 1e-12);
        assert_true(k == relu_kernel(a1[i].c4, a1[i].c2, a1[i].range, a1[i].x2, a1[i].x1));
    }
}

static sb_theory_params params_for(double c4, double c2, double range)
{
    return (sb_theory_params){.net = "two_layer", .activation = "relu", .c4 = c4, .c2 = c2, .range = range};
}

static void a1_rates(void **state)
{
    sb_theory_params params = params_for(8, 16, 1);
    (void)state;
    assert_close(sb_lfp_rate(&params, 0.5), 0.85163339815744, 1e-12);
    assert_close(sb_lfp_rate(&params, 1), 0.20520886284835, 1e-12);
    assert_close(sb_lfp_rate(&params, 5), 0.0081098010842889, 1e-12);
    assert_true(sb_lfp_rate(&params, -5) == sb_lfp_rate(&params, 5));
}

/* (2/P) sum_{j < J} K^(xi_j) cos(2 pi xi_j D) and, for D = 0, the integral over the frequencies that are left out,
 * which the midpoints approximate to J^-3. */
static double half_grid(const sb_theory_params *params, double period, size_t modes, double distance)
{
    double edge = 2 * M_PI * (double)modes / period, sum = 0;
    if (distance == 0) sum = (params->c4 / (3 * pow(edge, 3)) + params->c2 / edge) / (2 * M_PI * params->range);
    for (size_t j = modes; j-- > 0;) {
        double xi = ((double)j + 0.5) / period;
        sum += 2 / period * sb_lfp_rate(params, xi) * cos(2 * M_PI * xi * distance);
    }
    return sum;
}

/* What the frequencies j >= J can still add for D > 0: their weights fall and the partial sums of cos((j + 1/2) theta)
 * stay below 1 / |sin(theta / 2)|. */
static double left_out(const sb_theory_params *params, double period, size_t modes, double distance)
{
    return 2 / period * sb_lfp_rate(params, ((double)modes + 0.5) / period) / fabs(sin(M_PI * distance / period));
}

/* P = 4 Lw: the polynomial part is c4 ((x^2 + x'^2) / 4 - Lw^2 / 2); the frequencies carry the rest. */
static void a1_half_grid_and_polynomial(void **state)
{
    enum { MODES = 300000 };
    (void)state;
    for (size_t i = 0; i < A1; i++) {
        double x1 = a1[i].x1, x2 = a1[i].x2, range = a1[i].range, distance = fabs(x1 - x2);
        double poly = a1[i].c4 * ((x1 * x1 + x2 * x2) / 4 - range * range / 2);
        double k = relu_kernel(a1[i].c4, a1[i].c2, range, x1, x2);
        assert_near(poly, a1[i].poly, 1e-12);
        assert_near(k - poly, a1[i].halfgrid, 1e-12);
        sb_theory_params params = params_for(a1[i].c4, a1[i].c2, range);
        double bound = distance > 0 ? left_out(&params, 4 * range, MODES, distance) : 1e-13;
        assert_near(half_grid(&params, 4 * range, MODES, distance), a1[i].halfgrid, bound + 1e-12);
        assert_at_most(bound, 1e-11);
    }
}

/* A2's last line but one: DFT modes of the periodised kernel (T = 1) have the aliased rates sum_m K^(k + m n); the m
 * left out add 2 int c2 / (2 L) / (2 pi n m)^2 dm and less than 1e-14. */
static void aliased_rates(void **state)
{
    enum { TERMS = 20000 };
    static const double noted[] = {0.20783332074818, 0.025342964192771, 0.011304792554573};
    sb_theory_params params = params_for(8, 16, 1);
    (void)state;
    for (size_t k = 0; k < SINES; k++) {
        double n = 16, sum = params.c2 / (4 * M_PI * M_PI * n * n * (TERMS + 0.5));
        for (int m = TERMS; m > 0; m--)
            sum += sb_lfp_rate(&params, sines[k] + m * n) + sb_lfp_rate(&params, sines[k] - m * n);
        assert_close(sum + sb_lfp_rate(&params, sines[k]), noted[k], 1e-12);
    }
}

/* The truncated equation's own matrix: the diagonal is exact, the rest as good as the frequencies left out allow. */
static void lfp_gram_is_the_closed_form(void **state)
{
    enum { N = 12, MODES = 400 };
    static const double boxes[] = {1, 1.5, 4};
    double gram[N * N];
    sb_problem problem = {0};
    (void)state;
    seed_numbers(1);
    make_points(&problem, SCATTERED, N);
    for (size_t b = 0; b < 3; b++) {
        sb_theory_params params = params_for(8, 16, 1);
        params.box = boxes[b], params.modes = MODES, params.tail = true;
        assert_ok(sb_theory_find("lfp")->gram(&params, &problem, gram));
        for (size_t i = 0; i < N * N; i++) {
            double x1 = problem.x[i / N], x2 = problem.x[i % N];
            double bound = x1 == x2 ? 0 : left_out(&params, boxes[b], MODES, fabs(x1 - x2));
            assert_near(gram[i], relu_kernel(8, 16, 1, x1, x2), bound + 1e-12);
        }
    }
    sb_problem_clear(&problem);
}

/* ---- quadrature ---- */

/* |a - b| in units of what K can be, as K itself may vanish */
static double apart(const sb_kernel *a, const sb_kernel *b, const sb_wide_layer *layer, double out2, double x1,
                    double x2)
{
    double scale = sqrt(shifted_kernel(a, layer, out2, x1, x1) * shifted_kernel(a, layer, out2, x2, x2));
    return fabs(shifted_kernel(a, layer, out2, x1, x2) - shifted_kernel(b, layer, out2, x1, x2)) / scale;
}

/* Both are exact for every law: panels end at the kinks, the ReLU integrand is a polynomial in l there and in |in|
 * everywhere. Hence one tolerance for all laws, well below the 1e-12 asked for. */
static void relu_closed_form_is_the_quadrature(void **state)
{
    const sb_kernel *closed = sb_kernel_find("relu"), *quadrature = sb_kernel_find("quadrature");
    (void)state;
    seed_numbers(2);
    for (size_t l = 0; sb_law_at(l); l++)
        for (int trial = 0; trial < 50; trial++) {
            double range = number_in(0.3, 4), x1 = number_in(-range, range), x2 = number_in(-range, range);
            sb_wide_layer layer = shifted_layer("relu", sb_law_at(l), number_in(0.2, 5), range);
            assert_at_most(apart(closed, quadrature, &layer, number_in(0.1, 9), x1, x2), 1e-13);
        }
}

static void ends_of_the_range_count(void **state)
{
    const sb_kernel *closed = sb_kernel_find("relu"), *quadrature = sb_kernel_find("quadrature");
    static const double ends[3][2] = {{-1, 1}, {1, 1}, {-1, -1}};
    (void)state;
    sb_wide_layer layer = shifted_layer("relu", sb_law_find("two_point"), 2, 1);
    for (size_t i = 0; i < 3; i++) assert_at_most(apart(closed, quadrature, &layer, 4, ends[i][0], ends[i][1]), 1e-13);
}

/* theory/README.md, the closed form for tanh up to exp(-2 r (Lw - |x|)); v = r |x - x'| > 0. */
static double wide_tanh(double r, double w2, double range, double distance)
{
    double v = r * distance, coth = 1 / tanh(v), sinh2 = pow(sinh(v), 2);
    double s = 4 * (v * coth - 1) / sinh2;
    double q = (M_PI * M_PI / 3 * (v * coth - 1) - 2. / 3 * v * v * v * coth) / sinh2;
    return 1 - distance * coth / range + w2 / (2 * range) * (r * s + q / (r * r * r));
}

static void a4_tanh(void **state)
{
    const sb_kernel *quadrature = sb_kernel_find("quadrature");
    (void)state;
    sb_wide_layer layer = shifted_layer("tanh", sb_law_find("two_point"), 6, 3);
    assert_near(shifted_kernel(quadrature, &layer, 0.7, 0.3, -0.2), 0.888659661422, 1e-12);
    seed_numbers(3);
    for (int trial = 0; trial < 50; trial++) { /* |x| <= 1/2: the correction is below 1e-13 */
        double x1 = number_in(-0.5, 0), x2 = number_in(0.1, 0.5);
        assert_near(shifted_kernel(quadrature, &layer, 0.7, x1, x2), wide_tanh(6, 0.7, 3, x2 - x1), 1e-12);
    }
}

/* ---- which kernel, and where ---- */

static void closed_forms_come_first(void **state)
{
    (void)state;
    sb_wide_layer layer = shifted_layer("relu", sb_law_find("gaussian"), 1, 1);
    assert_ptr_equal(sb_kernel_for(&layer), sb_kernel_find("relu"));
    layer = shifted_layer("sine", sb_law_find("uniform"), 1, 1);
    assert_ptr_equal(sb_kernel_for(&layer), sb_kernel_find("sine"));
    layer = shifted_layer("tanh", sb_law_find("gaussian"), 1, 1);
    assert_ptr_equal(sb_kernel_for(&layer), sb_kernel_find("quadrature"));
    layer.evaluate = NULL;
    assert_null(sb_kernel_for(&layer));
}

static void every_activation_has_a_kernel(void **state)
{
    (void)state;
    for (size_t a = 0; sb_activation_at(a); a++) {
        sb_wide_layer layer = shifted_layer(sb_activation_at(a)->name, sb_law_find("gaussian"), 1, 1);
        assert_non_null(sb_kernel_for(&layer));
        layer.activation = NULL;
        assert_null(sb_kernel_for(&layer));
    }
    assert_null(sb_kernel_find("no such kernel"));
}

static void gram_holds_the_values(void **state)
{
    enum { N = 9 };
    double gram[N * N];
    sb_problem problem = {0};
    (void)state;
    make_points(&problem, ENDPOINTS, N); /* on the edge of the range: inside */
    sb_wide_layer layer = shifted_layer("tanh", sb_law_find("uniform"), 3, 0.5);
    const sb_kernel *kernel = sb_kernel_for(&layer);
    assert_ok(shifted_gram(&layer, 2, N, problem.x, 0, NULL, 2, gram));
    for (size_t i = 0; i < N * N; i++) {
        assert_close(gram[i], shifted_kernel(kernel, &layer, 2, problem.x[i / N], problem.x[i % N]), 1e-14);
        assert_true(gram[i] == gram[i % N * N + i / N]);
    }
    sb_problem_clear(&problem);
}

static void points_outside_the_range_are_refused(void **state)
{
    static const double outside[][2] = {{0, 1.0000001}, {-1.5, 0}, {NAN, 0}};
    double gram[4];
    (void)state;
    sb_wide_layer layer = shifted_layer("relu", sb_law_find("two_point"), 1, 1);
    for (size_t i = 0; i < 3; i++)
        assert_fails(shifted_gram(&layer, 1, 2, outside[i], 0, NULL, 1, gram), SB_ERR_INPUT, "|x| <= 1");
}

/* Rows that are not data may lie anywhere: of x = 1.2 > L = 1 and x' = 0.3 all neurons with in > 0 and l > -x' are on,
 * none with in < 0. The closed form of |x| <= L would be wrong by percents. */
static void rows_lie_anywhere(void **state)
{
    const double x = 0.3, at = 1.2;
    double k;
    (void)state;
    sb_wide_layer layer = shifted_layer("relu", sb_law_find("two_point"), 1, 1);
    assert_ok(shifted_gram(&layer, 0, 1, &at, 1, &x, 1, &k));
    assert_near(k, (pow(1 + x, 3) / 3 + (at - x) * pow(1 + x, 2) / 2) / 4, 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a1_closed_form),
        cmocka_unit_test(a1_rates),
        cmocka_unit_test(a1_half_grid_and_polynomial),
        cmocka_unit_test(aliased_rates),
        cmocka_unit_test(lfp_gram_is_the_closed_form),
        cmocka_unit_test(relu_closed_form_is_the_quadrature),
        cmocka_unit_test(ends_of_the_range_count),
        cmocka_unit_test(a4_tanh),
        cmocka_unit_test(closed_forms_come_first),
        cmocka_unit_test(every_activation_has_a_kernel),
        cmocka_unit_test(gram_holds_the_values),
        cmocka_unit_test(points_outside_the_range_are_refused),
        cmocka_unit_test(rows_lie_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
