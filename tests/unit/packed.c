/* The largest pairs of a kernel that is packed in float and evaluated again in double, against all of LAPACK's; what a
 * partial spectrum forecasts against what all of it does. */
#include "common/test.h"

#include "common/problems.h"

/* A matrix as a kernel by rows, whose numbers may be off by a share of themselves. */
typedef struct whole {
    size_t n;
    double *k, off;
} whole;

static sb_status write_rows(void *context, size_t first, size_t count, double *panel)
{
    const whole *w = context;
    for (size_t i = first; i < first + count; i++)
        for (size_t j = 0; j < first + count; j++)
            *panel++ = w->k[i * w->n + j] * (w->off > 0 ? 1 + w->off * sin((double)(i * j + i + j)) : 1);
    return SB_OK;
}

/* exp(-3 d) of n places on a line, with `ring` on a circle, and weights that differ. */
static void make(size_t n, bool ring, whole *w, double *root)
{
    *w = (whole){n, new_doubles(n * n), 0};
    for (size_t i = 0; i < n; i++) {
        root[i] = 1 + 0.5 * sin((double)i);
        for (size_t j = 0; j < n; j++) {
            double d = fabs((double)i - (double)j) / (double)n;
            w->k[i * n + j] = exp(-3 * (ring && d > 0.5 ? 1 - d : d));
        }
    }
}

/* From a draft that is off by so much. */
static void take(const whole *w, double off, const double *root, size_t count, size_t threads, sb_eigen *top)
{
    sb_packed packed = {0};
    double distance, *line = new_doubles(w->n);
    whole coarse = {w->n, w->k, off};
    const sb_kernel_rows rows = {w->n, sb_packed_block(w->n, 1), write_rows, (void *)(uintptr_t)w};
    const sb_kernel_rows draft = {w->n, rows.block, write_rows, &coarse};
    assert_ok(sb_packed_open(w->n, rows.block, &packed));
    assert_ok(sb_packed_fill(&draft, threads, NULL, &packed, &distance));
    assert_true(isnan(distance));
    assert_ok(sb_packed_fill(&draft, threads, NULL, &packed, &distance)); /* beside itself: rounding to float */
    assert_at_most(distance, 0x1p-24);
    assert_ok(sb_packed_top(&rows, &packed, root, count, threads, NULL, top));
    sb_packed_line(&packed, w->n / 3, line);
    for (size_t j = 0; j < w->n; j++) assert_close(line[j], w->k[w->n / 3 * w->n + j], 0x1p-24);
    sb_packed_clear(&packed);
    free(line);
}

/* |a v - lambda v| of pair k */
static double left_by(const double *a, const sb_eigen *top, size_t k)
{
    const double *v = top->vector + k * top->n;
    double square = 0;
    for (size_t i = 0; i < top->n; i++) {
        double off = -top->lambda[k] * v[i];
        for (size_t j = 0; j < top->n; j++) off += a[i * top->n + j] * v[j];
        square += off * off;
    }
    return sqrt(square);
}

/* Each value is one of LAPACK's, and what a pair leaves is at most what it says, less by `slack` at most, and within
 * 1e-10. */
static void check_pairs(whole *w, double off, const double *root, size_t count, double slack)
{
    size_t n = w->n;
    sb_eigen all = {0}, top = {0};
    double *a = new_doubles(n * n), trace = 0;
    for (size_t i = 0; i < n * n; i++) a[i] = root[i / n] * root[i % n] * w->k[i];
    assert_ok(sb_eigen_symmetric(a, n, true, &all));
    take(w, off, root, count, 2, &top);
    for (size_t k = 0; k < count; k++) {
        double left = left_by(a, &top, k);
        assert_near(top.lambda[k], all.lambda[k], 1e-12 * all.lambda[0]);
        assert_at_least(top.error[k], left - 1e-13 * all.lambda[0]);
        assert_at_most(top.error[k], left + slack * all.lambda[0]);
        assert_at_most(top.error[k], 1e-10 * all.lambda[0]);
    }
    for (size_t i = 0; i < n; i++) trace += a[i * n + i];
    assert_close(top.trace, trace, 1e-14);
    assert_at_most(top.orthogonality, 1e-11);
    sb_eigen_clear(&all);
    sb_eigen_clear(&top);
    free(w->k);
    free(a);
}

static void check_places(size_t n, size_t count, bool ring)
{
    whole w;
    double *root = new_doubles(n);
    make(n, ring, &w, root);
    check_pairs(&w, 0, root, count, 1e-13);
    free(root);
}

static void test_edges_of_tiles(void **state)
{
    static const size_t sizes[] = {2, 63, 64, 65, 128, 191, 700};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) check_places(sizes[s], sizes[s] < 20 ? 1 : 7, s % 2);
    check_places(1300, 20, false); /* panels of two strips, the last of which is short */
    check_places(100, 90, false);
}

/* H D H of a reflection H = 1 - 2 u u^T, K = H D H / (root_i root_j): eigenvalues of A as they are asked for. */
static void make_of(size_t n, const double *lambda, whole *w, double *root)
{
    *w = (whole){n, new_doubles(n * n), 0};
    double *u = new_doubles(n), square = 0, inside = 0;
    for (size_t i = 0; i < n; i++) {
        root[i] = 1 + 0.5 * sin((double)i);
        u[i] = sin(1 + (double)(i * i));
        square += u[i] * u[i];
    }
    for (size_t i = 0; i < n; i++) u[i] *= sqrt(2 / square);
    for (size_t i = 0; i < n; i++) inside += u[i] * u[i] * lambda[i];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double a = u[i] * u[j] * (inside - lambda[i] - lambda[j]) + (i == j ? lambda[i] : 0);
            w->k[i * n + j] = w->k[j * n + i] = a / (root[i] * root[j]);
        }
    free(u);
}

typedef enum spectrum { SLOW, FAST, DEGENERATE, RANK, FLAT } spectrum;

static double eigenvalue(spectrum kind, size_t k)
{
    switch (kind) {
    case SLOW: return 1 / (1 + (double)k);
    case FAST: return pow(2, -(double)k);
    case DEGENERATE: return pow(2, -(double)(k / 40)); /* more than a block has */
    case RANK: return k < 30 ? 1 / (1 + (double)k) : 0;
    default: return 1;
    }
}

/* By blocks, n being too large for LAPACK. */
static void test_spectra(void **state)
{
    enum { N = 600, COUNT = 50 };
    (void)state;
    for (spectrum kind = SLOW; kind <= FLAT; kind++) {
        double lambda[N], root[N];
        whole w;
        for (size_t k = 0; k < N; k++) lambda[k] = eigenvalue(kind, k);
        make_of(N, lambda, &w, root);
        check_pairs(&w, 0, root, COUNT, 6e-13);
    }
}

/* Drafts of any quality lead to the same pairs. */
static void test_drafts(void **state)
{
    static const double off[] = {1e-8, 1e-6, 1e-4, 1e-2};
    enum { N = 600, COUNT = 20 };
    (void)state;
    for (size_t d = 0; d < 4; d++) {
        whole w;
        double root[N];
        make(N, true, &w, root);
        check_pairs(&w, off[d], root, COUNT, 6e-13);
    }
}

/* Numbers that are floats, of which rounding takes nothing, and more pairs than there are modes: of 1 + i j / 4. */
static void test_exact_floats(void **state)
{
    enum { N = 700, COUNT = 12 };
    (void)state;
    for (size_t rank = 1; rank <= 2; rank++) {
        whole w = {N, new_doubles(N * N), 0};
        double root[N];
        for (size_t i = 0; i < N * N; i++) w.k[i] = 1 + (rank == 2 ? (double)((i / N % 9) * (i % N % 9)) / 4 : 0);
        for (size_t i = 0; i < N; i++) root[i] = 1;
        check_pairs(&w, 0, root, COUNT, 1e-13);
    }
}

static void test_same_for_any_threads(void **state)
{
    enum { N = 500, COUNT = 9 };
    whole w;
    double root[N];
    sb_eigen one = {0}, three = {0};
    (void)state;
    make(N, true, &w, root);
    take(&w, 0, root, COUNT, 1, &one);
    take(&w, 0, root, COUNT, 3, &three);
    assert_memory_equal(one.lambda, three.lambda, COUNT * sizeof *one.lambda);
    assert_memory_equal(one.vector, three.vector, COUNT * N * sizeof *one.vector);
    sb_eigen_clear(&one);
    sb_eigen_clear(&three);
    free(w.k);
}

static void test_what_is_not_finite(void **state)
{
    enum { N = 200 };
    whole w;
    double root[N], distance;
    sb_packed packed = {0};
    (void)state;
    make(N, false, &w, root);
    const sb_kernel_rows rows = {N, sb_packed_block(N, 1), write_rows, &w};
    assert_ok(sb_packed_open(N, rows.block, &packed));
    w.k[130 * N + 70] = 1e39; /* no float */
    assert_fails(sb_packed_fill(&rows, 2, NULL, &packed, &distance), SB_ERR_NUMERIC, "not finite at (130, 70)");
    sb_packed_clear(&packed);
    free(w.k);
}

/* ---- forecasts ---- */

enum { POINTS = 96, TIMES = 7 };

/* g^T A g of the functions and of the residual at the start, as the definition has it. */
static void take_moments(const sb_kernel_modes *modes, const double *gram, const double *u0, double *moment)
{
    const double *root = modes->linear.root;
    double g[POINTS];
    for (size_t j = 0; j <= modes->watch->functions; j++) {
        if (j < modes->watch->functions)
            sb_kernel_function(modes, j, g);
        else
            for (size_t i = 0; i < POINTS; i++) g[i] = root[i] * u0[i];
        moment[j] = 0;
        for (size_t i = 0; i < POINTS * POINTS; i++)
            moment[j] += g[i / POINTS] * root[i / POINTS] * gram[i] * root[i % POINTS] * g[i % POINTS];
    }
}

/* Mean width of the bounds, which hold. */
static double check_bound_of(const sb_problem *problem, const sb_kernel_modes *modes, const sb_kernel_modes *partial,
                             sb_form form, const double *u0)
{
    sb_decay all = {0}, few = {0};
    sb_rule rule = rule_of(problem, form);
    const double *t = form == SB_FORM_GD ? problem->step : problem->t;
    double a[3 * TIMES] = {0}, b[3 * TIMES] = {0}, width = 0;
    make_decay(problem, "all", form, &all);
    make_decay(problem, "few", form, &few);
    assert_ok(sb_kernel_forecast(modes, &rule, NULL, u0, &all));
    assert_ok(sb_kernel_forecast(partial, &rule, NULL, u0, &few));
    assert_ok(sb_linear_losses(&modes->linear, &rule, TIMES, t, u0, a, a + TIMES, a + 2 * TIMES));
    assert_ok(sb_linear_losses(&partial->linear, &rule, TIMES, t, u0, b, b + TIMES, b + 2 * TIMES));
    for (size_t i = 0; i < TIMES * SINES; i++) {
        assert_at_least(all.err[i], few.lo[i] - 1e-12);
        assert_at_most(all.err[i], few.hi[i] + 1e-12);
        assert_true(isnan(all.lo[i]));
        if (i < SINES) assert_at_most(few.hi[i] - few.lo[i], 1e-12);
        if (i == 3 * SINES && partial->linear.rank == 48) assert_at_most(few.hi[i] - few.lo[i], 0.01); /* of xi = 1 */
        width += (few.hi[i] - few.lo[i]) / (TIMES * SINES);
    }
    for (size_t i = 0; i < TIMES; i++) {
        assert_near(a[TIMES + i], a[i], 0);
        assert_at_least(a[i], b[TIMES + i] - 1e-12);
        assert_at_most(a[i], b[2 * TIMES + i] + 1e-12);
    }
    sb_decay_clear(&all);
    sb_decay_clear(&few);
    return width;
}

/* err of all modes is between the bounds of few, which are one at the start and close where few modes are all there is
 * to it, and closer with moments; and so is the loss. */
static void test_bound_of_the_rest(void **state)
{
    static const double step[TIMES] = {0, 1, 10, 100, 1000, 10000, 100000};
    sb_problem problem = {0};
    double gram[POINTS * POINTS], u0[POINTS], moment[2 * SINES + 1], width[2];
    kernel_view view;
    (void)state;
    make_sines(&problem, SCATTERED, POINTS, 1);
    set_steps(&problem, 0.02, TIMES, step);
    relu_gram(8, 16, 1, POINTS, problem.x, gram);
    start_residual(&problem, u0);
    open_view(&problem, gram, &view);
    take_moments(&view.modes, gram, u0, moment);
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++)
        for (size_t rank = 3; rank <= 48; rank *= 2)
            for (int known = 0; known < 2; known++) {
                sb_kernel_modes partial = view.modes;
                partial.linear.rank = partial.linear.shares = rank;
                partial.moment = known ? moment : NULL;
                width[known] = check_bound_of(&problem, &view.modes, &partial, form, u0);
                if (known) assert_at_most(width[1], width[0]);
            }
    close_view(&view);
    sb_problem_clear(&problem);
}

/* Where eta lambda is above 1 in the rest, too, modes change sign at each step, and one of rate 1 / eta is gone. */
static void test_bound_of_long_steps(void **state)
{
    static const double step[TIMES] = {0, 1, 2, 3, 5, 7, 50};
    sb_problem problem = {0};
    double gram[POINTS * POINTS] = {0}, u0[POINTS], moment[2 * SINES + 1], range[2];
    kernel_view view;
    (void)state;
    make_sines(&problem, SCATTERED, POINTS, 1);
    set_steps(&problem, 1.5, TIMES, step);
    for (size_t i = 0; i < POINTS; i++) gram[i * POINTS + i] = POINTS * (i % 4 ? 1.3 : 0.9);
    start_residual(&problem, u0);
    open_view(&problem, gram, &view);
    take_moments(&view.modes, gram, u0, moment);
    sb_kernel_modes partial = view.modes;
    partial.linear.rank = partial.linear.shares = POINTS / 4;
    partial.moment = moment;
    check_bound_of(&problem, &view.modes, &partial, SB_FORM_GD, u0);
    sb_rule rule = rule_of(&problem, SB_FORM_GD);
    sb_linear_rest(&partial.linear, &rule, 2, range);
    assert_near(range[0], 0, 0);
    assert_near(range[1], 1, 0);
    close_view(&view);
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_of_tiles),
        cmocka_unit_test(test_spectra),
        cmocka_unit_test(test_drafts),
        cmocka_unit_test(test_exact_floats),
        cmocka_unit_test(test_same_for_any_threads),
        cmocka_unit_test(test_what_is_not_finite),
        cmocka_unit_test(test_bound_of_the_rest),
        cmocka_unit_test(test_bound_of_long_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
