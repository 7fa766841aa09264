/* The largest eigenpairs by Lanczos iterations and by LAPACK's subset against all of them; what eigenvalues say. */
#include "common/test.h"

#include <specbias/kernel.h>

/* Laplacian-like kernel of n places on a line, or with `ring` on a circle, where eigenvalues come in pairs. */
static double *kernel(size_t n, bool ring)
{
    double *k = new_doubles(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double d = fabs((double)i - (double)j) / (double)n;
            if (ring && d > 0.5) d = 1 - d;
            k[i * n + j] = exp(-3 * d);
        }
    return k;
}

static void check_top(size_t n, size_t count, bool ring)
{
    double *k = kernel(n, ring);
    sb_eigen all = {0}, top = {0};
    assert_ok(sb_eigen_symmetric(k, n, true, &all));
    assert_ok(sb_eigen_top(k, n, count, 1, &top));
    assert_int_equal(top.count, count);
    assert_int_equal(top.n, n);
    for (size_t i = 0; i < count; i++) assert_near(top.lambda[i], all.lambda[i], 1e-12 * all.lambda[0]);
    assert_at_most(top.residual, 1e-12);
    assert_at_most(top.orthogonality, 1e-12);
    assert_close(top.trace, (double)n, 1e-14);
    if (count < n) assert_true(isnan(top.negative));
    sb_eigen_clear(&all);
    sb_eigen_clear(&top);
    free(k);
}

static void test_largest_pairs(void **state)
{
    (void)state;
    check_top(700, 20, false); /* Lanczos */
    check_top(700, 20, true);
    check_top(300, 1, true);
    check_top(100, 30, false); /* dsyevr */
    check_top(40, 40, false);  /* all */
    check_top(3, 2, false);
}

/* A matrix of low rank, where Lanczos iterations find an invariant space. */
static void test_low_rank(void **state)
{
    (void)state;
    enum { N = 400 };
    double *k = new_doubles(N * N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            k[i * N + j] = cos((double)i) * cos((double)j) + 0.25 * sin(2.0 * (double)i) * sin(2.0 * (double)j);
    sb_eigen top = {0};
    assert_ok(sb_eigen_top(k, N, 4, 1, &top));
    assert_at_most(top.residual, 1e-12);
    assert_at_most(fabs(top.lambda[2]), 1e-12 * top.lambda[0]);
    sb_eigen_clear(&top);
    free(k);
}

/* Where Lanczos iterations have nowhere to go. */
static void test_zero_matrix(void **state)
{
    (void)state;
    enum { N = 200 };
    double *k = new_doubles(N * N);
    memset(k, 0, N * N * sizeof *k);
    sb_eigen top = {0}, all = {0};
    assert_ok(sb_eigen_top(k, N, 3, 1, &top));
    assert_near(top.lambda[0], 0, 0);
    assert_near(top.residual, 0, 0);
    assert_ok(sb_eigen_symmetric(k, N, true, &all));
    assert_near(sb_eigen_effective_rank(&all), 0, 0);
    sb_eigen_clear(&top);
    sb_eigen_clear(&all);
    free(k);
}

static void test_same_for_any_threads(void **state)
{
    (void)state;
    enum { N = 900, COUNT = 8 };
    double *k = kernel(N, false);
    sb_eigen one = {0}, three = {0};
    assert_ok(sb_eigen_top(k, N, COUNT, 1, &one));
    assert_ok(sb_eigen_top(k, N, COUNT, 3, &three));
    assert_memory_equal(one.lambda, three.lambda, COUNT * sizeof *one.lambda);
    assert_memory_equal(one.vector, three.vector, COUNT * N * sizeof *one.vector);
    sb_eigen_clear(&one);
    sb_eigen_clear(&three);
    free(k);
}

/* What probes say of many pairs against all products: rounding, which both see from their own side, to a factor. */
static void test_probes_are_the_norms(void **state)
{
    (void)state;
    enum { N = 150 };
    double *k = kernel(N, false), residual = 0, overlap = 0;
    sb_eigen all = {0};
    assert_ok(sb_eigen_symmetric(k, N, true, &all));
    for (size_t a = 0; a < N; a++) {
        const double *v = all.vector + a * N;
        for (size_t i = 0; i < N; i++) {
            double off = -all.lambda[a] * v[i], product = a == i ? -1 : 0;
            for (size_t j = 0; j < N; j++) {
                off += k[i * N + j] * v[j];
                product += v[j] * all.vector[i * N + j];
            }
            residual += off * off;
            overlap += product * product;
        }
    }
    assert_at_most(fabs(log(all.residual / (sqrt(residual) / all.lambda[0]))), log(4));
    assert_at_most(fabs(log(all.orthogonality / sqrt(overlap))), log(4));
    sb_eigen_clear(&all);
    free(k);
}

/* Condition and effective rank of known eigenvalues. */
static void test_numbers(void **state)
{
    (void)state;
    double equal[16] = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2}, flat[4] = {3, 0, 0, 1}, zero[4] = {1, 1, 1, 1};
    sb_eigen eigen = {0};
    assert_ok(sb_eigen_symmetric(equal, 4, true, &eigen));
    assert_close(sb_eigen_effective_rank(&eigen), 4, 1e-14);
    assert_close(sb_eigen_condition(&eigen), 1, 1e-14);
    sb_eigen_clear(&eigen);
    assert_ok(sb_eigen_symmetric(flat, 2, true, &eigen));
    assert_close(sb_eigen_effective_rank(&eigen), exp(-0.75 * log(0.75) - 0.25 * log(0.25)), 1e-14);
    assert_close(sb_eigen_condition(&eigen), 3, 1e-14);
    sb_eigen_clear(&eigen);
    assert_ok(sb_eigen_symmetric(zero, 2, true, &eigen));
    assert_at_least(sb_eigen_condition(&eigen), 1e15);
    assert_close(sb_eigen_effective_rank(&eigen), 1, 1e-12);
    sb_eigen_clear(&eigen);
}

/* Lanczos iterations, dsyevr and dsyevd of a kernel of any size: a factor of the matrix is one of the values. */
static void test_any_size(void **state)
{
    (void)state;
    enum { N = 300 };
    static const double factors[] = {0x1p-530, 0x1p-60, 0x1p500};
    for (size_t f = 0; f < 3; f++)
        for (size_t count = 5; count <= N; count = count < 150 ? 150 : count + 150) {
            double *k = kernel(N, false);
            sb_eigen one = {0}, scaled = {0};
            assert_ok(sb_eigen_top(k, N, count, 1, &one));
            for (size_t i = 0; i < N * N; i++) k[i] *= factors[f];
            assert_ok(sb_eigen_top(k, N, count, 1, &scaled));
            for (size_t i = 0; i < 5; i++) assert_close(scaled.lambda[i] / factors[f], one.lambda[i], 1e-12);
            assert_at_most(scaled.residual, 1e-12);
            assert_at_least(scaled.residual, 1e-17);
            sb_eigen_clear(&one);
            sb_eigen_clear(&scaled);
            free(k);
        }
}

static void test_what_goes_wrong(void **state)
{
    (void)state;
    enum { N = 300 };
    double *k = kernel(N, false);
    sb_eigen eigen = {0};
    k[5 * N + 3] = NAN;
    assert_fails(sb_eigen_top(k, N, 5, 1, &eigen), SB_ERR_NUMERIC, "not finite at (5, 3)");
    assert_fails(sb_eigen_symmetric(k, N, true, &eigen), SB_ERR_NUMERIC, "not finite at (5, 3)");
    k[5 * N + 3] = 2;
    assert_fails(sb_eigen_top(k, N, 5, 1, &eigen), SB_ERR_NUMERIC, "not symmetric at (5, 3)");
    k[3 * N + 5] = 2; /* more than the diagonal: indefinite */
    assert_fails(sb_eigen_symmetric(k, N, true, &eigen), SB_ERR_NUMERIC, "indefinite beyond rounding");
    assert_ok(sb_eigen_symmetric(k, N, false, &eigen));
    assert_at_least(eigen.negative, 1e-4);
    sb_eigen_clear(&eigen);
    free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_pairs),
        cmocka_unit_test(test_low_rank),
        cmocka_unit_test(test_zero_matrix),
        cmocka_unit_test(test_same_for_any_threads),
        cmocka_unit_test(test_probes_are_the_norms),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_what_goes_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
