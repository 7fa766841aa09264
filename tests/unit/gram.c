/* Empirical kernels of sums over units: from their factors against J J^T, its bits, and its distance from the
 * infinite-width kernel. */
#include "common/test.h"

#include "common/networks.h"
#include "common/problems.h"

/* J J^T written out */
static void assert_product(const sb_activation *activation, bool standard, size_t n, size_t width)
{
    sb_problem problem = {0};
    unit_spec spec = standard_net(activation->name, width, false);
    double *gram = new_doubles(n * n), *product = new_doubles(n * n);
    spec.antisymmetric = false;
    spec.standard = standard;
    spec.in = spec.out = sb_law_find("gaussian");
    seed_numbers(n);
    make_points(&problem, SCATTERED, n);
    unit_sum units = units_start(&spec, 1, SB_STREAM_DRAW);
    network net = make_network(&spec, 1, SB_STREAM_DRAW);
    gram_of(&net, n, problem.x, 2, gram);
    units_gram(&units, 0, width, n, problem.x, product);
    assert_at_most(max_difference(n * n, gram, product), 1e-12 * max_abs(n * n, product));
    for (size_t i = 0; i < n * n; i++) assert_true(gram[i] == gram[i % n * n + i / n]);
    free(gram);
    free(product);
    units_clear(&units);
    clear_network(&net);
    sb_problem_clear(&problem);
}

static void gram_is_the_product_of_jacobians(void **state)
{
    static const size_t points[] = {1, 7, 130}, widths[] = {3, 21, 1000}; /* one tile and two, one block and two */
    (void)state;
    for (size_t a = 0; sb_activation_at(a); a++)
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 3; j++) {
                assert_product(sb_activation_at(a), false, points[i], widths[j]);
                assert_product(sb_activation_at(a), true, points[i], widths[j]);
            }
}

static void threads_do_not_change_bits(void **state)
{
    enum { M = 130 };
    sb_problem problem = {0};
    double *first = new_doubles(M * M), *gram = new_doubles(M * M);
    (void)state;
    make_points(&problem, MIDPOINTS, M);
    unit_spec spec = standard_net("tanh", 1500, false);
    network net = make_network(&spec, 1, SB_STREAM_TRAIN);
    gram_of(&net, M, problem.x, 1, first);
    for (size_t threads = 1; threads <= 3; threads++)
        for (int again = 0; again < 3; again++) {
            gram_of(&net, M, problem.x, threads, gram);
            assert_memory_equal(gram, first, M * M * sizeof *gram);
        }
    free(first);
    free(gram);
    clear_network(&net);
    sb_problem_clear(&problem);
}

/* ---- finite and infinite width ---- */

enum { N = 32 };

/* |K_emp - K| / |K| (Frobenius) of a ReLU network with Lw = 1, c4 = 8, c2 = 16 */
static double distance_from_infinity(size_t width, bool quiet, uint64_t seed)
{
    sb_problem problem = {0};
    double gram[N * N], wide[N * N], off = 0, size = 0;
    unit_spec spec = standard_net("relu", width, quiet);
    make_points(&problem, MIDPOINTS, N);
    network net = make_network(&spec, seed, SB_STREAM_DRAW);
    gram_of(&net, N, problem.x, 1, gram);
    relu_gram(8, 16, 1, N, problem.x, wide);
    for (size_t i = 0; i < N * N; i++) {
        off += pow(gram[i] - wide[i], 2);
        size += pow(wide[i], 2);
    }
    clear_network(&net);
    sb_problem_clear(&problem);
    return sqrt(off / size);
}

/* 2.1e-6 with q = 256 shifts and 1.3e-7 with 1024; each shift has four sign pairs in two copies. */
static void quiet_start_is_close_to_infinity(void **state)
{
    (void)state;
    assert_near(distance_from_infinity(8 * 256, true, 0), 2.1e-6, 0.05e-6);
    assert_near(distance_from_infinity(8 * 1024, true, 0), 1.3e-7, 0.05e-7);
}

/* the fluctuation falls like M^-1/2 (slope measured there: -0.57). */
static void random_networks_converge(void **state)
{
    enum { SEEDS = 10, SIZES = 5 };
    static const double widths[SIZES] = {500, 1000, 2000, 4000, 8000};
    double distance[SIZES] = {0};
    (void)state;
    for (size_t i = 0; i < SIZES; i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            distance[i] += distance_from_infinity((size_t)widths[i], false, seed) / SEEDS;
    assert_near(measured_order(SIZES, widths, distance), -0.55, 0.25);
    assert_at_most(distance[0], 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_is_the_product_of_jacobians),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(quiet_start_is_close_to_infinity),
        cmocka_unit_test(random_networks_converge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
