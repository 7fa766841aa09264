/* The linear F-Principle (theory/README.md): the frequency equation, integrated and by eigenpairs, against the exact
 * kernel on the data, its own Gram matrix as a second route, orders of convergence, and what it refuses. */
#include "common/test.h"

#include <specbias/theory.h>

#include "common/problems.h"

enum { N = 32 };

static const sb_theory *lfp(void)
{
    const sb_theory *theory = sb_theory_find("lfp");
    assert_non_null(theory);
    return theory;
}

/* The network of Lw = 1, c4 = 8, c2 = 16. */
static sb_theory_params params_for(double box, size_t modes, bool tail)
{
    return (sb_theory_params){.net = "two_layer",
                              .activation = "relu",
                              .c4 = 8,
                              .c2 = 16,
                              .range = 1,
                              .box = box,
                              .modes = modes,
                              .tail = tail};
}

/* Standard problem of N points, log-spaced records up to t = 400. */
static void make_problem(sb_problem *problem, placement kind, size_t records)
{
    make_sines(problem, kind, N, 1);
    assert_ok(sb_problem_set_times(problem, 0.02, 20000, records));
}

static void exact_path(const sb_problem *problem, sb_form form, double *u)
{
    double u0[N], gram[N * N];
    start_residual(problem, u0);
    relu_gram(8, 16, 1, N, problem->x, gram);
    kernel_path(problem, gram, form, u0, u);
}

static void gram_path(const sb_theory_params *params, const sb_problem *problem, sb_form form, double *u)
{
    double u0[N], gram[N * N];
    start_residual(problem, u0);
    assert_ok(lfp()->gram(params, problem, gram));
    kernel_path(problem, gram, form, u0, u);
}

static void solve_path(const sb_theory_params *params, const sb_problem *problem, sb_form form, double *u)
{
    double u0[N];
    start_residual(problem, u0);
    assert_ok(lfp()->solve(params, problem, form, u0, NULL, u));
}

/* ---- the numbers ---- */

static const char *const method[] = {NULL, "rk8pd", "rkf45"};

/* J = 2048 leaves 1.3e-9 on err; asked for: 1e-8. The residual itself is held to the same. */
static void flow_is_the_exact_kernel(void **state)
{
    sb_problem problem = {0};
    sb_theory_params params = params_for(1, 2048, true);
    (void)state;
    make_problem(&problem, MIDPOINTS, 12);
    double *solved = new_doubles(problem.nt * N), *exact = new_doubles(problem.nt * N);
    exact_path(&problem, SB_FORM_FLOW, exact);
    assert_true(problem.t[problem.nt - 1] == 400);
    for (size_t i = 0; i < 2; i++) {
        params.method = method[i];
        solve_path(&params, &problem, SB_FORM_FLOW, solved);
        assert_at_most(largest_error_gap(&problem, solved, exact), 1e-8);
        assert_at_most(max_difference(problem.nt * N, solved, exact), 1e-8);
    }
    free(solved);
    free(exact);
    sb_problem_clear(&problem);
}

/* Modes of frequency and eigenpairs of their Gram matrix: the same numbers by two routes, on scattered points with loss
 * factors of their own, for each box. */
static void solve_agrees_with_gram(void **state)
{
    static const double boxes[] = {1, 1.7, 4};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sb_problem problem = {0};
        sb_theory_params params = params_for(boxes[i], 100, i != 1);
        seed_numbers(20 + i);
        make_sines(&problem, SCATTERED, N, 1);
        assert_ok(sb_problem_set_times(&problem, 0.02, 3000, 12));
        for (size_t k = 0; k < N; k++) problem.c[k] *= number_in(0.5, 1.5);
        double *solved = new_doubles(problem.nt * N), *again = new_doubles(problem.nt * N);
        for (size_t j = 0; j < 3; j++) {
            params.method = method[j];
            solve_path(&params, &problem, SB_FORM_GD, solved);
            gram_path(&params, &problem, SB_FORM_GD, again);
            assert_at_most(max_difference(problem.nt * N, solved, again), 1e-10);
            solve_path(&params, &problem, SB_FORM_FLOW, solved);
            gram_path(&params, &problem, SB_FORM_FLOW, again);
            assert_at_most(max_difference(problem.nt * N, solved, again), j == 2 ? 1e-8 : 1e-9);
        }
        free(solved);
        free(again);
        sb_problem_clear(&problem);
    }
}

/* Points that weigh nothing only follow; here all that the frequencies leave out stays as it is. */
static void eigenpairs_are_the_integration(void **state)
{
    sb_problem problem = {0};
    sb_theory_params params = params_for(1, 8, false);
    (void)state;
    make_sines(&problem, SCATTERED, N, 1);
    assert_ok(sb_problem_set_times(&problem, 0.02, 3000, 12));
    problem.c[3] = problem.c[N - 1] = 0;
    double *solved = new_doubles(problem.nt * N), *again = new_doubles(problem.nt * N);
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        params.method = "rk8pd";
        solve_path(&params, &problem, form, solved);
        params.method = NULL;
        solve_path(&params, &problem, form, again);
        assert_at_most(max_difference(problem.nt * N, solved, again), form == SB_FORM_FLOW ? 1e-9 : 1e-11);
        assert_at_least(max_difference(N, again, again + (problem.nt - 1) * N), 0.1);
    }
    free(solved);
    free(again);
    sb_problem_clear(&problem);
}

/* The box is a choice of quadrature: 0 means the domain's length, and twice the box with twice the modes is the same
 * theory up to the cut-off. */
static void box_does_not_matter(void **state)
{
    sb_problem problem = {0};
    sb_theory_params unset = params_for(0, 512, true), one = params_for(1, 512, true), two = params_for(2, 1024, true);
    double a[N * N], b[N * N];
    (void)state;
    make_points(&problem, MIDPOINTS, N);
    assert_ok(lfp()->gram(&unset, &problem, a));
    assert_ok(lfp()->gram(&one, &problem, b));
    assert_memory_equal(a, b, sizeof a);
    assert_ok(lfp()->gram(&two, &problem, b));
    assert_at_most(max_difference(N * N, a, b), 1e-5);
    sb_problem_clear(&problem);
}

/* ---- convergence ---- */

static double cutoff_error(const sb_problem *problem, size_t modes, bool tail)
{
    sb_theory_params params = params_for(1, modes, tail);
    double *truncated = new_doubles(problem->nt * N), *exact = new_doubles(problem->nt * N);
    gram_path(&params, problem, SB_FORM_FLOW, truncated);
    exact_path(problem, SB_FORM_FLOW, exact);
    double gap = largest_error_gap(problem, truncated, exact);
    free(truncated);
    free(exact);
    return gap;
}

/* J = 32 .. 1024 without tail 1.4e-2 .. 4.2e-4, with tail 2.4e-4 .. 1.1e-8. */
static void order_in_the_cutoff(void **state)
{
    static const double modes[] = {32, 64, 128, 256, 512, 1024};
    double plain[6], tail[6];
    sb_problem problem = {0};
    (void)state;
    make_problem(&problem, MIDPOINTS, 60);
    for (size_t i = 0; i < 6; i++) {
        plain[i] = cutoff_error(&problem, (size_t)modes[i], false);
        tail[i] = cutoff_error(&problem, (size_t)modes[i], true);
    }
    assert_near(measured_order(6, modes, plain), -1, 0.15);
    assert_near(measured_order(6, modes, tail), -3, 0.15);
    assert_close(plain[0], 1.4e-2, 0.1);
    assert_close(plain[5], 4.2e-4, 0.1);
    assert_close(tail[0], 2.4e-4, 0.1);
    assert_close(tail[5], 1.1e-8, 0.1);
    sb_problem_clear(&problem);
}

static void tail_helps_on_scattered_points(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        sb_problem problem = {0};
        seed_numbers(seed);
        make_problem(&problem, SCATTERED, 40);
        double plain = cutoff_error(&problem, 64, false), tail = cutoff_error(&problem, 64, true);
        assert_at_most(tail, plain / 4);
        sb_problem_clear(&problem);
    }
}

/* with P = 4 Lw all that is left over is even in x, so a target that is odd on symmetric points decays by
 * the frequencies alone. */
static void odd_target_needs_no_polynomial(void **state)
{
    enum { MODES = 300 };
    sb_problem problem = {0};
    sb_theory_params params = params_for(4, MODES, false);
    double gram[N * N], u0[N];
    (void)state;
    make_problem(&problem, MIDPOINTS, 30);
    for (size_t i = 0; i < N * N; i++) {
        gram[i] = 0;
        for (size_t j = 0; j < MODES; j++) {
            double xi = ((double)j + 0.5) / 4;
            gram[i] += 0.5 * sb_lfp_rate(&params, xi) * cos(2 * M_PI * xi * (problem.x[i / N] - problem.x[i % N]));
        }
    }
    double *whole = new_doubles(problem.nt * N), *pure = new_doubles(problem.nt * N);
    gram_path(&params, &problem, SB_FORM_FLOW, whole);
    start_residual(&problem, u0);
    kernel_path(&problem, gram, SB_FORM_FLOW, u0, pure);
    assert_at_most(max_difference(problem.nt * N, whole, pure), 1e-12);
    free(whole);
    free(pure);
    sb_problem_clear(&problem);
}

/* the gap is O(eta): 8.3e-3, 4.1e-3, 2.0e-3, 1.0e-3. */
static void flow_to_gd_is_of_order_one(void **state)
{
    static const double eta[] = {0.04, 0.02, 0.01, 0.005}, noted[] = {8.3e-3, 4.1e-3, 2.0e-3, 1.0e-3};
    double gap[4];
    sb_theory_params params = params_for(1, 64, true);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sb_problem problem = {0};
        double steps[25];
        for (size_t k = 0; k < 25; k++) steps[k] = 0.04 * (double)k / eta[i];
        make_sines(&problem, MIDPOINTS, N, 1);
        set_steps(&problem, eta[i], 25, steps);
        double *flow = new_doubles(25 * N), *gd = new_doubles(25 * N);
        solve_path(&params, &problem, SB_FORM_FLOW, flow);
        solve_path(&params, &problem, SB_FORM_GD, gd);
        gap[i] = largest_error_gap(&problem, flow, gd);
        assert_close(gap[i], noted[i], 0.1);
        free(flow);
        free(gd);
        sb_problem_clear(&problem);
    }
    assert_near(measured_order(4, eta, gap), 1, 0.05);
}

/* ---- refusals ---- */

static void refuses_what_it_does_not_cover(void **state)
{
    sb_problem problem = {0};
    sb_theory_params params = params_for(1, 16, true);
    double u0[N] = {0}, u[N], gram[N * N];
    static const double start[] = {0};
    (void)state;
    make_points(&problem, MIDPOINTS, N);
    set_steps(&problem, 0.02, 1, start);
    assert_ok(lfp()->check(&params, &problem));

    params.activation = "softplus";
    assert_fails(lfp()->check(&params, &problem), SB_ERR_UNSUPPORTED, "softplus");
    assert_fails(lfp()->solve(&params, &problem, SB_FORM_GD, u0, NULL, u), SB_ERR_UNSUPPORTED, "softplus");
    assert_fails(lfp()->gram(&params, &problem, gram), SB_ERR_UNSUPPORTED, "softplus");
    assert_true(isnan(sb_lfp_rate(&params, 1)));
    params = params_for(1, 16, true);
    params.net = "another";
    assert_fails(lfp()->check(&params, &problem), SB_ERR_UNSUPPORTED, "not of net 'another'");
    params.net = NULL;
    assert_fails(lfp()->check(&params, &problem), SB_ERR_UNSUPPORTED, "two_layer");
    params = params_for(0.9, 16, true); /* the largest distance is 31/32 */
    assert_fails(lfp()->check(&params, &problem), SB_ERR_INPUT, "0.9");
    params = params_for(31.0 / 32, 16, true);
    assert_ok(lfp()->check(&params, &problem));
    params.method = "cram14";
    assert_fails(lfp()->check(&params, &problem), SB_ERR_INPUT, "no method 'cram14'");
    params.method = "rkf45";
    assert_ok(lfp()->check(&params, &problem));
    params.modes = 0;
    assert_fails(lfp()->check(&params, &problem), SB_ERR_INPUT, "at least one frequency");
    params = params_for(1, 16, true);
    params.range = 0.45;
    assert_fails(lfp()->check(&params, &problem), SB_ERR_INPUT, "-0.484375");
    sb_problem_clear(&problem);
}

static bool never(void *context, const char *stage, double done, double total)
{
    (void)context, (void)done, (void)total;
    assert_string_equal(stage, "lfp.gd");
    return false;
}

static void monitor_stops_it(void **state)
{
    sb_problem problem = {0};
    sb_theory_params params = params_for(1, 16, true);
    sb_monitor monitor = {.progress = never};
    double u0[N] = {0};
    (void)state;
    make_problem(&problem, MIDPOINTS, 10);
    double *u = new_doubles(problem.nt * N);
    for (size_t i = 0; i < 2; i++) {
        params.method = method[i];
        assert_fails(lfp()->solve(&params, &problem, SB_FORM_GD, u0, &monitor, u), SB_ERR_INTERRUPTED, "lfp.gd");
    }
    free(u);
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flow_is_the_exact_kernel),
        cmocka_unit_test(solve_agrees_with_gram),
        cmocka_unit_test(eigenpairs_are_the_integration),
        cmocka_unit_test(box_does_not_matter),
        cmocka_unit_test(order_in_the_cutoff),
        cmocka_unit_test(tail_helps_on_scattered_points),
        cmocka_unit_test(odd_target_needs_no_polynomial),
        cmocka_unit_test(flow_to_gd_is_of_order_one),
        cmocka_unit_test(refuses_what_it_does_not_cover),
        cmocka_unit_test(monitor_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
