/* What a kernel on the data predicts: reference cases A2 and A3 of theory/README.md, eigenpairs and what is refused,
 * and the two forms of the forecast. */
#include "common/test.h"

#include "common/problems.h"
#include "tests/oracles/limit.h"

/* ---- A2 ---- */

enum { A2 = 16 };
static const double a2_steps[] = {50, 500, 5000}; /* t = 1, 10, 100 at eta = 0.02 */

static void make_a2(sb_problem *problem, double *gram)
{
    make_sines(problem, MIDPOINTS, A2, 1);
    set_steps(problem, 0.02, 3, a2_steps);
    relu_gram(8, 16, 1, A2, problem->x, gram);
}

static void assert_a2(sb_form form, const double wanted[3][SINES])
{
    sb_problem problem = {0};
    double gram[A2 * A2], u0[A2], u[3 * A2], err[SINES];
    make_a2(&problem, gram);
    start_residual(&problem, u0);
    kernel_path(&problem, gram, form, u0, u);
    for (size_t i = 0; i < 3; i++) {
        relative_errors(&problem, u + i * A2, err);
        for (size_t k = 0; k < SINES; k++) assert_close(err[k], wanted[i][k], 1e-9);
    }
    sb_problem_clear(&problem);
}

static void a2_flow(void **state)
{
    static const double wanted[3][SINES] = {
        {0.30643988178188, 0.77906034416714, 0.85685015774244},
        {0.036564214054724, 0.51900227871773, 0.69907470744442},
        {0.00053403059391442, 0.043130420267757, 0.23558073771274},
    };
    (void)state;
    assert_a2(SB_FORM_FLOW, wanted);
}

static void a2_gd(void **state)
{
    static const double wanted[3][SINES] = {
        {0.30221597745525, 0.77783348108252, 0.85604358606032},
        {0.036571539043161, 0.51895545113052, 0.69905903426883},
        {0.00053655248259517, 0.04310145442462, 0.23554926044728},
    };
    (void)state;
    assert_a2(SB_FORM_GD, wanted);
}

/* The largest stable step rests on power iteration; dsyevd gives the same eigenvalue. */
static void largest_rate_by_two_routes(void **state)
{
    sb_problem problem = {0};
    double gram[A2 * A2], rate = 0;
    (void)state;
    make_a2(&problem, gram);
    assert_ok(largest_rate(&problem, gram, &rate));
    assert_close(rate, 8.0479088946535, 1e-11);
    gram[3] = NAN;
    assert_int_equal(largest_rate(&problem, gram, &rate), SB_ERR_NUMERIC);
    sb_problem_clear(&problem);
}

/* The forecast's amplitudes by eigenmodes are those of the residual; other rates replace the eigenvalues. */
static void a2_forecast(void **state)
{
    sb_problem problem = {0};
    kernel_view view;
    sb_decay decay = {0};
    double gram[A2 * A2], u0[A2], u[3 * A2], err[SINES], rate[A2];
    (void)state;
    make_a2(&problem, gram);
    start_residual(&problem, u0);
    open_view(&problem, gram, &view);
    const double *lambda = view.modes.linear.eigen.lambda;
    assert_close(lambda[0], 8.0479088946535, 1e-12);
    assert_close(lambda[A2 - 1], 0.0078897719793566, 1e-12);

    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        sb_rule rule = rule_of(&problem, form);
        make_decay(&problem, "ntk.infinite", form, &decay);
        assert_ok(sb_kernel_forecast(&view.modes, &rule, NULL, u0, &decay));
        kernel_path(&problem, gram, form, u0, u);
        for (size_t i = 0; i < 3; i++) {
            relative_errors(&problem, u + i * A2, err);
            assert_at_most(max_difference(SINES, decay.err + i * SINES, err), 1e-14);
        }
        /* twice the rates: half the time under flow */
        for (size_t k = 0; k < A2; k++) rate[k] = 2 * lambda[k];
        for (size_t i = 0; i < 3; i++) decay.t[i] /= 2;
        assert_ok(sb_kernel_forecast(&view.modes, &rule, rate, u0, &decay));
        double change = 0;
        for (size_t i = 0; i < 3; i++) {
            relative_errors(&problem, u + i * A2, err);
            change = fmax(change, max_difference(SINES, decay.err + i * SINES, err));
        }
        if (form == SB_FORM_FLOW)
            assert_at_most(change, 1e-14);
        else
            assert_at_least(change, 0.01); /* discrete steps ask for their number, not for t */
        sb_decay_clear(&decay);
    }
    close_view(&view);
    sb_problem_clear(&problem);
}

/* with c4 = 0 and midpoints, sin(pi q x) with q odd is an eigenvector, for every Lw >= 1/2. */
static void sines_are_modes_without_c4(void **state)
{
    static const double noted[] = {0.81317866343607, 0.092713250194677, 0.035157411048682}; /* A2: n = 16, Lw = 1 */
    static const size_t sizes[] = {16, 32, 101};
    static const double ranges[] = {1, 0.5, 7};
    static const double start[] = {1};
    (void)state;
    for (size_t s = 0; s < 9; s++) {
        size_t n = sizes[s / 3];
        double range = ranges[s % 3], *gram = new_doubles(n * n), *mode = new_doubles(n), *later = new_doubles(n);
        sb_problem problem = {0};
        make_sines(&problem, MIDPOINTS, n, 1);
        set_steps(&problem, 1, 1, start); /* t = 1 */
        relu_gram(0, 16, range, n, problem.x, gram);
        for (size_t k = 0; k < SINES; k++) {
            double q = 2 * (double)k + 1;
            double rate = 16 / (2 * range) / (4 * (double)(n * n) * pow(sin(M_PI * q / (2 * (double)n)), 2));
            if (n == 16 && range == 1) assert_close(rate, noted[k], 1e-12);
            for (size_t i = 0; i < n; i++) mode[i] = sin(M_PI * q * problem.x[i]);
            kernel_path(&problem, gram, SB_FORM_FLOW, mode, later);
            for (size_t i = 0; i < n; i++) assert_near(later[i], exp(-rate) * mode[i], 1e-12);
        }
        free(gram);
        free(mode);
        free(later);
        sb_problem_clear(&problem);
    }
}

static void flow_to_gd_is_of_order_one(void **state)
{
    static const double eta[] = {0.04, 0.02, 0.01, 0.005};
    double gap[4];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sb_problem problem = {0};
        double gram[A2 * A2], u0[A2], flow[3 * A2], gd[3 * A2], steps[3];
        make_a2(&problem, gram);
        for (size_t k = 0; k < 3; k++) steps[k] = a2_steps[k] * 0.02 / eta[i];
        set_steps(&problem, eta[i], 3, steps);
        start_residual(&problem, u0);
        kernel_path(&problem, gram, SB_FORM_FLOW, u0, flow);
        kernel_path(&problem, gram, SB_FORM_GD, u0, gd);
        gap[i] = largest_error_gap(&problem, flow, gd);
        sb_problem_clear(&problem);
    }
    assert_near(measured_order(4, eta, gap), 1, 0.05);
}

/* ---- the shrink factor ---- */

static double by_steps(double eta_lambda, int steps)
{
    long double product = 1;
    for (int i = 0; i < steps; i++) product *= 1 - (long double)eta_lambda;
    return (double)product;
}

static void shrink_is_the_product_of_its_steps(void **state)
{
    static const double eta_lambda[] = {-0.01, 0, 1e-9, 0.02, 0.3, 0.499, 0.5, 0.75, 1, 1.3, 1.999, 2, 2.01};
    static const int steps[] = {0, 1, 2, 7, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof eta_lambda / sizeof *eta_lambda; i++)
        for (size_t k = 0; k < 5; k++) {
            double lambda = eta_lambda[i] / 0.25; /* exact */
            sb_rule descent = sb_rule_of("gd", 0.25, 0), flow = sb_rule_of("flow", 0, 0);
            double gd = sb_rule_shrink(&descent, lambda, steps[k]);
            assert_close(gd, by_steps(eta_lambda[i], steps[k]), 1e-12);
            assert_close(sb_rule_shrink(&flow, lambda, 3), exp(-3 * lambda), 1e-15);
        }
}

/* ---- A3 ---- */

enum { DATA = A3_DATA, AT = A3_AT };

static void limit(double c4, double c2, double range, double h[AT])
{
    double gram[DATA * DATA], cross[AT * DATA];
    relu_gram(c4, c2, range, DATA, a3_x, gram);
    for (size_t i = 0; i < AT; i++)
        for (size_t j = 0; j < DATA; j++) cross[i * DATA + j] = relu_kernel(c4, c2, range, a3_at[i], a3_x[j]);
    assert_ok(sb_kernel_limit(gram, DATA, a3_y, AT, cross, h));
}

static void a3_limits(void **state)
{
    double h[AT];
    (void)state;
    for (size_t i = 0; i < A3_CASES; i++) {
        limit(a3_limit[i].c4, a3_limit[i].c2, 1, h);
        assert_at_most(max_difference(AT, h, a3_limit[i].h), 1e-9);
    }
}

/* without c4 exactly the linear spline, for any Lw. */
static void linear_spline_limit(void **state)
{
    static const double ranges[] = {0.5, 1, 30};
    double h[AT], linear[AT];
    (void)state;
    a3_spline(gsl_interp_linear, linear);
    assert_near(linear[1], -0.17777777777778, 1e-13); /* A3's last line */
    for (size_t i = 0; i < 3; i++) {
        limit(0, 1, ranges[i], h);
        assert_at_most(max_difference(AT, h, linear), 1e-12);
    }
}

/* without c2 the natural cubic spline as Lw -> infinity, with order 1 in 1 / Lw; beyond
 * Lw = 64 the kernel is too ill-conditioned for double. */
static void natural_cubic_limit(void **state)
{
    static const double noted[AT] = {-0.13954398832762, -0.39206774098432, -0.012355534524232};
    static const double ranges[] = {8, 16, 32, 64};
    double h[AT], cubic[AT], off[4];
    (void)state;
    a3_spline(gsl_interp_cspline, cubic);
    assert_at_most(max_difference(AT, cubic, noted), 1e-9);
    for (size_t i = 0; i < 4; i++) {
        limit(1, 0, ranges[i], h);
        off[i] = max_difference(AT, h, cubic);
    }
    assert_near(measured_order(4, ranges, off), -1, 0.05);
    assert_at_most(off[3], 1.2e-5);
}

static void singular_kernel_has_no_limit(void **state)
{
    static const double gram[4] = {1, 1, 1, 1}, y[2] = {1, 2}, cross[2] = {1, 1};
    double h[1];
    (void)state;
    assert_fails(sb_kernel_limit(gram, 2, y, 1, cross, h), SB_ERR_NUMERIC, "singular");
}

/* ---- eigenpairs ---- */

static void eigenpairs_are_eigenpairs(void **state)
{
    enum { M = 40 };
    double matrix[M * M], again[M * M] = {0};
    sb_eigen eigen = {0};
    (void)state;
    seed_numbers(7);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j <= i; j++) matrix[i * M + j] = matrix[j * M + i] = number_in(-1, 1);
    assert_ok(sb_eigen_symmetric(matrix, M, false, &eigen));
    assert_true(eigen.n == M && eigen.negative > 0.1); /* a random matrix has both signs; nothing is clamped */
    assert_close(eigen.negative, -eigen.lambda[M - 1] / fmax(eigen.lambda[0], -eigen.lambda[M - 1]), 1e-15);
    assert_at_most(eigen.residual, 1e-13);
    assert_at_most(eigen.orthogonality, 1e-13);
    for (size_t k = 0; k < M; k++) {
        double norm = 0;
        assert_true(k == 0 || eigen.lambda[k] <= eigen.lambda[k - 1]);
        for (size_t i = 0; i < M; i++) {
            norm += eigen.vector[k * M + i] * eigen.vector[k * M + i];
            for (size_t j = 0; j < M; j++)
                again[i * M + j] += eigen.lambda[k] * eigen.vector[k * M + i] * eigen.vector[k * M + j];
        }
        assert_near(norm, 1, 1e-13);
    }
    assert_at_most(max_difference(M * M, matrix, again), 1e-12);
    sb_eigen_clear(&eigen);
}

static void bad_matrices_are_refused(void **state)
{
    sb_eigen eigen = {0};
    double matrix[9] = {2, 1, 0, 1, 2, 1, 0, 1, 2};
    (void)state;
    assert_ok(sb_eigen_symmetric(matrix, 3, true, &eigen));
    assert_true(eigen.negative == 0);
    sb_eigen_clear(&eigen);

    matrix[1] = nextafter(1, 2);
    assert_fails(sb_eigen_symmetric(matrix, 3, true, &eigen), SB_ERR_NUMERIC, "not symmetric at (1, 0)");
    matrix[1] = matrix[3] = NAN;
    assert_fails(sb_eigen_symmetric(matrix, 3, true, &eigen), SB_ERR_NUMERIC, "not finite at (1, 0)");
    matrix[1] = matrix[3] = INFINITY;
    assert_fails(sb_eigen_symmetric(matrix, 3, true, &eigen), SB_ERR_NUMERIC, "not finite at (1, 0)");
    matrix[1] = 1, matrix[3] = NAN; /* above the diagonal only */
    assert_int_not_equal(sb_eigen_symmetric(matrix, 3, true, &eigen), SB_OK);

    matrix[1] = matrix[3] = 1, matrix[8] = -1e-9;
    assert_fails(sb_eigen_symmetric(matrix, 3, true, &eigen), SB_ERR_NUMERIC, "indefinite");
    assert_null(eigen.lambda);
    assert_ok(sb_eigen_symmetric(matrix, 3, false, &eigen));
    assert_at_least(eigen.negative, 1e-3);
    sb_eigen_clear(&eigen);

    double zero[4] = {0};
    assert_ok(sb_eigen_symmetric(zero, 2, true, &eigen));
    assert_true(eigen.lambda[0] == 0 && eigen.negative == 0 && eigen.residual == 0);
    sb_eigen_clear(&eigen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a2_flow),
        cmocka_unit_test(a2_gd),
        cmocka_unit_test(a2_forecast),
        cmocka_unit_test(largest_rate_by_two_routes),
        cmocka_unit_test(sines_are_modes_without_c4),
        cmocka_unit_test(flow_to_gd_is_of_order_one),
        cmocka_unit_test(shrink_is_the_product_of_its_steps),
        cmocka_unit_test(a3_limits),
        cmocka_unit_test(linear_spline_limit),
        cmocka_unit_test(natural_cubic_limit),
        cmocka_unit_test(singular_kernel_has_no_limit),
        cmocka_unit_test(eigenpairs_are_eigenpairs),
        cmocka_unit_test(bad_matrices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
