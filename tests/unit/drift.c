/* Drift of kernels whose eigenpairs are known: scaled, turned, a little of both; what keeps its digits, what goes
 * wrong.
 */
#include "common/test.h"

#include <specbias/drift.h>

/* Q diag(lambda) Q^T, rows of q the eigenvectors. */
static void compose(size_t n, const double *lambda, const double *q, double *k)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t l = 0; l < n; l++) sum += lambda[l] * q[l * n + i] * q[l * n + j];
            k[i * n + j] = k[j * n + i] = sum;
        }
}

/* Orthonormal rows, none of them along an axis: two reflections. */
static void orthonormal(size_t n, double *q)
{
    double *v = new_doubles(n);
    for (size_t i = 0; i < n * n; i++) q[i] = i % (n + 1) == 0;
    for (int pass = 0; pass < 2; pass++) {
        double square = 0;
        for (size_t i = 0; i < n; i++) {
            v[i] = number_in(0.2, 1);
            square += v[i] * v[i];
        }
        for (size_t k = 0; k < n; k++) {
            double along = 0;
            for (size_t i = 0; i < n; i++) along += v[i] * q[k * n + i];
            for (size_t i = 0; i < n; i++) q[k * n + i] -= 2 * along / square * v[i];
        }
    }
    free(v);
}

/* Turns rows a and b into each other by an angle. */
static void turn(size_t n, double *q, size_t a, size_t b, double angle)
{
    for (size_t i = 0; i < n; i++) {
        double x = q[a * n + i], y = q[b * n + i];
        q[a * n + i] = cos(angle) * x + sin(angle) * y;
        q[b * n + i] = cos(angle) * y - sin(angle) * x;
    }
}

typedef struct world {
    size_t n;
    double *lambda, *q, *k0, *kt;
    sb_drift_start start;
} world;

/* Eigenvalues ratio^k, but behind the first `space` of them a gap of 10. */
static void open_world(world *w, size_t n, size_t count, size_t space, double ratio)
{
    w->n = n;
    w->lambda = new_doubles(n);
    w->q = new_doubles(n * n);
    w->k0 = new_doubles(n * n);
    w->kt = new_doubles(n * n);
    w->start = (sb_drift_start){0};
    seed_numbers(n);
    for (size_t k = 0; k < n; k++) w->lambda[k] = 3 * pow(ratio, (double)k) * (k < space ? 1 : 0.1);
    orthonormal(n, w->q);
    compose(n, w->lambda, w->q, w->k0);
    assert_ok(sb_drift_begin(w->k0, n, false, count, 1, &w->start));
    assert_int_equal(w->start.space, space);
}

static void close_world(world *w)
{
    sb_drift_end(&w->start);
    free(w->lambda);
    free(w->q);
    free(w->k0);
    free(w->kt);
}

static sb_drift drift_of(world *w)
{
    sb_drift drift, again;
    compose(w->n, w->lambda, w->q, w->kt);
    assert_ok(sb_drift_measure(&w->start, w->kt, 1, &drift));
    assert_ok(sb_drift_measure(&w->start, w->kt, 3, &again));
    assert_memory_equal(&drift, &again, sizeof drift);
    return drift;
}

static double norm(size_t n, const double *lambda)
{
    double square = 0;
    for (size_t k = 0; k < n; k++) square += lambda[k] * lambda[k];
    return sqrt(square);
}

/* By dsyevd, dsyevr and Lanczos. */
static const struct {
    size_t n, count, space;
} sizes[] = {{2, 1, 1}, {6, 10, 4}, {40, 10, 5}, {300, 10, 5}, {300, 10, 10}};

#define EACH_SIZE for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)

static void same_kernel(void **state)
{
    (void)state;
    EACH_SIZE
    {
        world w;
        open_world(&w, sizes[s].n, sizes[s].count, sizes[s].space, 0.8);
        sb_drift drift = drift_of(&w), zero = {0};
        assert_memory_equal(&drift, &zero, sizeof drift);
        close_world(&w);
    }
}

static void scaled(void **state)
{
    (void)state;
    EACH_SIZE
    {
        world w;
        open_world(&w, sizes[s].n, sizes[s].count, sizes[s].space, 0.8);
        for (size_t k = 0; k < w.n; k++) w.lambda[k] *= 0.7;
        sb_drift drift = drift_of(&w);
        assert_close(drift.change, 0.3, 1e-13);
        assert_at_most(drift.turn, 1e-28);
        assert_close(drift.values, 0.3, 1e-13);
        assert_at_most(drift.vectors, 1e-13);
        close_world(&w);
    }
}

/* An eigenvector of the leading space turned out of it by an angle: its sine, the same eigenvalues, and change =
 * sqrt(2) |lambda_a - lambda_b| sine / |K|, turn = change^2 / 2 as |K| is the same. */
static void turned(void **state)
{
    static const double angle[] = {1.2, 0.1, 1e-4, 1e-9};
    (void)state;
    EACH_SIZE
    for (size_t i = 0; i < 4; i++) {
        world w;
        open_world(&w, sizes[s].n, sizes[s].count, sizes[s].space, 0.8);
        size_t a = sizes[s].space - 1, b = sizes[s].space;
        double sine = sin(angle[i]), change = sqrt(2) * (w.lambda[a] - w.lambda[b]) * sine / norm(w.n, w.lambda);
        double digits = 1e-14 / sine; /* of what rounds K */
        turn(w.n, w.q, a, b, angle[i]);
        sb_drift drift = drift_of(&w);
        assert_close(drift.change, change, 1e-13 + digits);
        assert_close(drift.turn, 0.5 * change * change, 1e-13 + 2 * digits);
        assert_at_most(drift.values, 1e-12);
        assert_close(drift.vectors, sine, 1e-11 + 10 * digits);
        close_world(&w);
    }
}

/* Inside of the leading space vectors turn freely. */
static void turned_inside(void **state)
{
    (void)state;
    world w;
    open_world(&w, 300, 10, 5, 0.999999999999);
    turn(w.n, w.q, 0, 3, 1);
    turn(w.n, w.q, 1, 4, 0.5);
    turn(w.n, w.q, 20, 30, 0.7);
    sb_drift drift = drift_of(&w);
    assert_at_most(drift.change, 1e-11);
    assert_at_most(drift.values, 1e-10);
    assert_at_most(drift.vectors, 1e-10);
    close_world(&w);
}

/* One eigenvalue moves a little: the others, and the vectors, do not. */
static void one_value(void **state)
{
    static const double part[] = {0.05, 1e-5, 1e-10};
    (void)state;
    EACH_SIZE
    for (size_t i = 0; i < 3; i++) {
        world w;
        open_world(&w, sizes[s].n, sizes[s].count, sizes[s].space, 0.8);
        size_t k = sizes[s].space - 1;
        double moved = part[i] * w.lambda[k], before = norm(w.n, w.lambda);
        w.lambda[k] += moved;
        sb_drift drift = drift_of(&w);
        assert_close(drift.values, part[i], 1e-13 + 2e-14 / part[i]);
        assert_close(drift.change, moved / before, 1e-13 + 1e-13 / part[i]);
        assert_at_most(drift.vectors, 1e-12);
        close_world(&w);
    }
}

/* A kernel of low rank: what is rounding is neither compared nor a gap. */
static void low_rank(void **state)
{
    enum { N = 30 };
    (void)state;
    double lambda[N] = {4, 3, 2}, *q = new_doubles(N * N), *k0 = new_doubles(N * N), *kt = new_doubles(N * N);
    sb_drift_start start = {0};
    sb_drift drift;
    seed_numbers(N);
    orthonormal(N, q);
    compose(N, lambda, q, k0);
    lambda[3] = 1e-3; /* where there was nothing */
    compose(N, lambda, q, kt);
    assert_ok(sb_drift_begin(k0, N, false, 10, 1, &start));
    assert_int_equal(start.space, 3);
    assert_ok(sb_drift_measure(&start, kt, 1, &drift));
    assert_close(drift.change, 1e-3 / sqrt(29), 1e-10);
    assert_at_most(drift.values, 1e-12);
    assert_at_most(drift.vectors, 1e-12);
    sb_drift_end(&start);
    free(q);
    free(k0);
    free(kt);
}

static void one_point(void **state)
{
    double before = 2, after = 2.5, nothing = 0;
    sb_drift_start start = {0};
    sb_drift drift;
    (void)state;
    assert_ok(sb_drift_begin(&before, 1, false, 10, 1, &start));
    assert_ok(sb_drift_measure(&start, &after, 1, &drift));
    assert_close(drift.change, 0.25, 1e-15);
    assert_close(drift.values, 0.25, 1e-15);
    assert_true(drift.turn == 0 && drift.vectors == 0);
    assert_ok(sb_drift_measure(&start, &nothing, 1, &drift));
    assert_true(drift.change == 1 && drift.values == 1 && isnan(drift.turn) && isnan(drift.vectors));
    sb_drift_end(&start);
}

static void goes_wrong(void **state)
{
    double zero[4] = {0}, skew[4] = {1, 0.5, 0.4, 1}, not [4] = {1, NAN, NAN, 1}, good[4] = {1, 0.5, 0.5, 1};
    sb_drift_start start = {0};
    sb_drift drift;
    (void)state;
    assert_fails(sb_drift_begin(zero, 2, false, 1, 1, &start), SB_ERR_NUMERIC, "zero");
    assert_fails(sb_drift_begin(not, 2, false, 1, 1, &start), SB_ERR_NUMERIC, "not finite");
    assert_fails(sb_drift_begin(skew, 2, false, 1, 1, &start), SB_ERR_NUMERIC, "not symmetric");
    assert_ok(sb_drift_begin(good, 2, false, 1, 1, &start));
    assert_fails(sb_drift_measure(&start, not, 1, &drift), SB_ERR_NUMERIC, "not finite");
    assert_fails(sb_drift_measure(&start, skew, 1, &drift), SB_ERR_NUMERIC, "not symmetric");
    sb_drift_end(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_kernel),   cmocka_unit_test(scaled),     cmocka_unit_test(turned),
        cmocka_unit_test(turned_inside), cmocka_unit_test(one_value),  cmocka_unit_test(low_rank),
        cmocka_unit_test(one_point),     cmocka_unit_test(goes_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
