/* Rules of training, whatever is in the list: what one does to a mode against its own steps of one weight, the largest
 * stable step, flow time, which keys it takes; schedules. Formulas of single rules: fit.c, routes.c. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/rng.h>
#include <specbias/rule.h>

#define LAMBDA 2.5

static const double betas[] = {0, 0.3, 0.9};
enum { BETAS = sizeof betas / sizeof *betas };

/* Calls `look` for each rule that has modes, and each beta. */
static void each_rule(void (*look)(sb_rule rule), bool steps)
{
    size_t count = 0;
    for (size_t r = 0; sb_rule_at(r); r++)
        for (size_t b = 0; b < BETAS; b++) {
            if (!sb_rule_at(r)->shrink || (steps && !sb_rule_at(r)->update)) continue;
            look((sb_rule){.kind = sb_rule_at(r), .beta = betas[b]});
            count++;
        }
    assert_at_least((double)count, 3 * BETAS);
}

/* One weight of loss lambda theta^2 / 2, from 1; at a small step and where signs alternate. */
static void follow_one_weight(sb_rule rule)
{
    double largest = sb_rule_largest_step(&rule, LAMBDA);
    for (int fast = 0; fast < 2; fast++) {
        double theta = 1, slot[2] = {0};
        float few = 1, held[2] = {0};
        rule.eta = (fast ? 0.97 : 0.05) * largest;
        for (size_t step = 1; step <= 400; step++) {
            double gradient = LAMBDA * theta;
            float rough = (float)LAMBDA * few;
            sb_update how = sb_rule_step(rule.eta, rule.beta, 0.999, 1e-8, step);
            rule.kind->update(&how, 1, &theta, &gradient, &slot[0], &slot[1]);
            rule.kind->update_single(&how, 1, &few, &rough, &held[0], &held[1]);
            double s = sb_rule_shrink(&rule, LAMBDA, (double)step);
            assert_near(s, theta, 1e-12);
            assert_near(s, few, 1e-4);
        }
    }
}

static void modes_are_what_steps_make_of_a_weight(void **state)
{
    (void)state;
    each_rule(follow_one_weight, true);
}

/* s = 1 - lambda psi, also of a mode that hardly moves */
static void compare_progress(sb_rule rule)
{
    double largest = sb_rule_largest_step(&rule, LAMBDA);
    for (int k = 0; k < 20; k++) {
        rule.eta = isinf(largest) ? 1 : 0.049 * (k + 1) * largest;
        for (double t = 0; t < 1000; t = 3 * t + 1) {
            double s = sb_rule_shrink(&rule, LAMBDA, t), psi = sb_rule_progress(&rule, LAMBDA, t);
            assert_near(s, 1 - LAMBDA * psi, 1e-12);
            double none = sb_rule_progress(&rule, 0, t);
            assert_near(sb_rule_progress(&rule, 1e-13, t), none, 1e-8 * none);
        }
    }
}

static void what_is_left_and_what_was_made_are_one(void **state)
{
    (void)state;
    each_rule(compare_progress, false);
}

/* Stable below the largest step and not above it. */
static void try_both_sides(sb_rule rule)
{
    double largest = sb_rule_largest_step(&rule, LAMBDA);
    rule.eta = 0.999 * largest;
    assert_at_most(fabs(sb_rule_shrink(&rule, LAMBDA, 1e5)), 1e-6);
    rule.eta = 1.001 * largest;
    assert_at_least(fabs(sb_rule_shrink(&rule, LAMBDA, 1e4)), 1e6);
}

static void the_largest_step_divides(void **state)
{
    sb_rule adam = sb_rule_of("adam", 1, 0.9), flow = sb_rule_of("flow", 0, 0), gd = sb_rule_of("gd", 1, 0.9);
    (void)state;
    each_rule(try_both_sides, true);
    assert_true(isnan(sb_rule_largest_step(&adam, 1)) && isinf(sb_rule_largest_step(&flow, 1)));
    assert_true(isinf(sb_rule_largest_step(&gd, 0)) && sb_rule_largest_step(&gd, LAMBDA) == 2 / LAMBDA);
}

/* The flow is the limit of steps, to first order. */
static void halve_the_step(sb_rule rule)
{
    sb_rule flow = sb_rule_of("flow", 0, 0);
    const double lambda = 0.7, time = 2;
    double error[2];
    for (int k = 0; k < 2; k++) {
        rule.eta = k == 0 ? 1e-4 : 0.5e-4;
        double steps = round(time / sb_rule_time(&rule, 1)), t = sb_rule_time(&rule, steps);
        error[k] = sb_rule_shrink(&rule, lambda, steps) - sb_rule_shrink(&flow, lambda, t);
    }
    assert_near(log2(error[0] / error[1]), 1, 0.02);
}

static void steps_go_to_the_flow(void **state)
{
    sb_rule adam = sb_rule_of("adam", 1, 0.9);
    (void)state;
    each_rule(halve_the_step, true);
    assert_true(isnan(sb_rule_time(&adam, 1)));
}

/* A rule takes exactly the keys that make a difference to its second step. */
static double second_step(const sb_rule_kind *kind, double beta1, double beta2, double epsilon)
{
    double theta = 1, slot[2] = {0}, gradient[2] = {0.7, -0.2};
    for (size_t step = 1; step <= 2; step++) {
        sb_update how = sb_rule_step(0.1, beta1, beta2, epsilon, step);
        kind->update(&how, 1, &theta, &gradient[step - 1], &slot[0], &slot[1]);
    }
    return theta;
}

static void keys_are_taken_where_they_count(void **state)
{
    (void)state;
    for (size_t r = 0; sb_rule_at(r); r++) {
        const sb_rule_kind *kind = sb_rule_at(r);
        assert_ptr_equal(sb_rule_find(kind->name), kind);
        if (!kind->update) continue;
        double at = second_step(kind, 0.9, 0.99, 1e-3);
        assert_int_equal(sb_rule_takes(kind, "momentum"), second_step(kind, 0.8, 0.99, 1e-3) != at);
        assert_int_equal(sb_rule_takes(kind, "beta2"), second_step(kind, 0.9, 0.9, 1e-3) != at);
        assert_int_equal(sb_rule_takes(kind, "epsilon"), second_step(kind, 0.9, 0.99, 0.5) != at);
    }
    assert_null(sb_rule_find("nothing"));
}

/* What is printed of the largest step has four digits, none of them rounded up. */
static void printed_steps_are_cut(void **state)
{
    (void)state;
    assert_true(sb_rule_printed_step(0.94516) == 0.9451 && sb_rule_printed_step(1234567) == 1234000);
    assert_true(sb_rule_printed_step(0.9452) == 0.9452 && isinf(sb_rule_printed_step(INFINITY)));
    for (double step = 1.23456789e-40; step < 1e40; step *= 1.0371) {
        double printed = sb_rule_printed_step(step);
        char text[32];
        snprintf(text, sizeof text, "%.4g", printed);
        assert_true(printed <= step && printed > 0.9989 * step);
        assert_at_most(strtod(text, NULL), step);
    }
}

static void schedules_say_their_factor(void **state)
{
    (void)state;
    assert_true(sb_schedule_find("constant")->factor(7, 10, 3, .5) == 1);
    assert_true(sb_schedule_find("step")->factor(7, 10, 3, .5) == .25);
    assert_close(sb_schedule_find("cosine")->factor(0, 10, 3, .2), 1, 1e-15);
    assert_close(sb_schedule_find("cosine")->factor(5, 10, 3, .2), .6, 1e-15);
    assert_close(sb_schedule_find("cosine")->factor(10, 10, 3, .2), .2, 1e-15);
}

/* ---- mini-batches ---- */

enum { EXAMPLES = 11, ROWS = 4, PASS = 3 };

/* Steps in any order give the same batches as in order, which depend on the step, the seed and the stream. */
static void batches_come_from_their_step(void **state)
{
    static const size_t steps[] = {0, 7, 2, 2, 8, 0};
    (void)state;
    for (int independent = 0; independent < 2; independent++)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            sb_batches one = {0}, fresh = {0}, other = {0};
            size_t count, same, others;
            assert_ok(sb_batches_init(&one, EXAMPLES, ROWS, independent, 5, SB_STREAM_BATCH));
            assert_ok(sb_batches_init(&fresh, EXAMPLES, ROWS, independent, 5, SB_STREAM_BATCH));
            assert_ok(sb_batches_init(&other, EXAMPLES, ROWS, independent, 6, SB_STREAM_BATCH));
            for (size_t j = 0; j < i; j++) sb_batches_at(&one, steps[j], &count);
            const size_t *a = sb_batches_at(&one, steps[i], &count), *b = sb_batches_at(&fresh, steps[i], &same);
            const size_t *c = sb_batches_at(&other, steps[i], &others);
            assert_true(count == same && count == others);
            assert_memory_equal(a, b, count * sizeof *a);
            assert_true(memcmp(a, c, count * sizeof *a) != 0);
            assert_int_equal(count, independent || steps[i] % PASS < 2 ? ROWS : EXAMPLES - 2 * ROWS);
            sb_batches_clear(&one);
            sb_batches_clear(&fresh);
            sb_batches_clear(&other);
        }
}

/* A pass sees each example once; independent batches none twice, each as often, and each pair as often. */
static void batches_are_fair(void **state)
{
    enum { STEPS = 30000 };
    double pairs[EXAMPLES][EXAMPLES] = {{0}};
    sb_batches pass = {0}, drawn = {0};
    size_t count, seen[EXAMPLES] = {0};
    (void)state;
    assert_ok(sb_batches_init(&pass, EXAMPLES, ROWS, false, 1, SB_STREAM_BATCH));
    assert_ok(sb_batches_init(&drawn, EXAMPLES, ROWS, true, 1, SB_STREAM_BATCH));
    for (size_t step = 0; step < 5 * PASS; step++) {
        const size_t *index = sb_batches_at(&pass, step, &count);
        for (size_t i = 0; i < count; i++) seen[index[i]]++;
        for (size_t i = 0; i < EXAMPLES && step % PASS == PASS - 1; i++) assert_int_equal(seen[i], step / PASS + 1);
    }
    for (size_t step = 0; step < STEPS; step++) {
        const size_t *index = sb_batches_at(&drawn, step, &count);
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++) pairs[index[i]][index[j]]++;
    }
    double p1 = (double)ROWS / EXAMPLES, p2 = p1 * (ROWS - 1) / (EXAMPLES - 1);
    for (size_t i = 0; i < EXAMPLES; i++)
        for (size_t j = 0; j < EXAMPLES; j++) {
            double p = i == j ? p1 : p2; /* an example twice in a batch would count four times on the diagonal */
            assert_near(pairs[i][j] / STEPS, p, 5 * sqrt(p * (1 - p) / STEPS));
        }
    sb_batches_clear(&pass);
    sb_batches_clear(&drawn);
}

static void all_examples_are_no_batch(void **state)
{
    static const size_t rows[] = {0, EXAMPLES, EXAMPLES + 1};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sb_batches all = {0};
        size_t count;
        assert_ok(sb_batches_init(&all, EXAMPLES, rows[i], i == 1, 1, SB_STREAM_BATCH));
        assert_null(sb_batches_at(&all, 4, &count));
        assert_int_equal(count, EXAMPLES);
        sb_batches_clear(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_what_steps_make_of_a_weight),
        cmocka_unit_test(what_is_left_and_what_was_made_are_one),
        cmocka_unit_test(the_largest_step_divides),
        cmocka_unit_test(steps_go_to_the_flow),
        cmocka_unit_test(keys_are_taken_where_they_count),
        cmocka_unit_test(printed_steps_are_cut),
        cmocka_unit_test(schedules_say_their_factor),
        cmocka_unit_test(batches_come_from_their_step),
        cmocka_unit_test(batches_are_fair),
        cmocka_unit_test(all_examples_are_no_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
