/* The sharpest test of all: a trained network of two copies of 4096 neurons that starts quietly (theory/README.md)
 * against forecasts that have not seen its weights, in absolute time with nothing fitted. A wrong constant anywhere is
 * larger than 1e-6.
 */
#include "common/test.h"

#include <specbias/theory.h>

#include "common/networks.h"
#include "common/problems.h"

enum { N = 32, RECORDS = 200, NT = RECORDS + 1 };

static sb_problem problem;
static double observed[NT * N], start[N];

/* One training run for all tests: M = 8192, amplitude 1e-3, eta = 0.02, t <= 400. A build with sanitizers is ten times
 * slower and stops at t = 8; it looks for other faults. */
static int train_once(void **state)
{
    training run = {0};
    (void)state;
    make_sines(&problem, MIDPOINTS, N, 1e-3);
    assert_ok(sb_problem_set_times(&problem, 0.02, sanitized() ? 400 : 20000, RECORDS));
    unit_spec spec = standard_net("relu", 8192, true);
    network net = make_network(&spec, 0, SB_STREAM_TRAIN);
    assert_ok(train(&net, &problem, &run));
    assert_at_most((double)problem.nt, NT);
    memcpy(observed, run.u, problem.nt * N * sizeof *observed);
    start_residual(&problem, start);
    free(run.u);
    clear_network(&net);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    sb_problem_clear(&problem);
    return 0;
}

static void frequency_equation(void **state)
{
    static double forecast[NT * N];
    sb_theory_params params = {
        .net = "two_layer", .activation = "relu", .c4 = 8, .c2 = 16, .range = 1, .box = 1, .modes = 2048, .tail = true};
    (void)state;
    assert_ok(sb_theory_find("lfp")->solve(&params, &problem, SB_FORM_GD, start, NULL, forecast));
    assert_at_most(largest_error_gap(&problem, observed, forecast), 1e-6);
}

static void infinite_width_kernel(void **state)
{
    static double forecast[NT * N], gram[N * N];
    (void)state;
    relu_gram(8, 16, 1, N, problem.x, gram);
    kernel_path(&problem, gram, SB_FORM_GD, start, forecast);
    assert_at_most(largest_error_gap(&problem, observed, forecast), 1e-6);
}

/* It would notice: one part in ten thousand in one constant is ten times too much. */
static void slightly_wrong_constant(void **state)
{
    static double forecast[NT * N], gram[N * N];
    (void)state;
    relu_gram(8, 16 * 1.0001, 1, N, problem.x, gram);
    kernel_path(&problem, gram, SB_FORM_GD, start, forecast);
    assert_at_least(largest_error_gap(&problem, observed, forecast), 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequency_equation),
        cmocka_unit_test(infinite_width_kernel),
        cmocka_unit_test(slightly_wrong_constant),
    };
    return cmocka_run_group_tests(tests, train_once, clean_up);
}
