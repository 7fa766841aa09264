/* Claims: texts that are none, what is judged of values made by hand, the bootstrap against all draws, strict orders.
 */
#include "common/test.h"

#include <stdio.h>

#include <specbias/claim.h>
#include <specbias/observe.h>

/* ---- texts ---- */

static sb_claim parsed(const char *text)
{
    sb_claim c;
    assert_ok(sb_claim_parse(text, &c));
    return c;
}

static void what_is_claimed_is_understood(void **state)
{
    (void)state;
    sb_claim c = parsed(" low.loss@last50 >  high.loss@last50 ");
    assert_string_equal(c.text, "low.loss@last50 >  high.loss@last50");
    assert_string_equal(c.left.of, "low");
    assert_string_equal(c.right.of, "high");
    assert_true(c.factor[0] == 1 && c.factor[1] == 1 && c.lo == 0 && isinf(c.hi) && !c.ends[0]);
    c = parsed("2 * T(1) <= 0.5*T(3, 1/2)");
    assert_true(c.factor[0] == 2 && c.factor[1] == 0.5 && c.hi == 0 && c.lo == -INFINITY && c.ends[1]);
    c = parsed("loss@step=100 < 1e-3");
    assert_true(c.factor[1] == 0 && c.hi == 1e-3 && !c.ends[1] && c.left.at == 100);
    c = parsed("test.accuracy@last in [0.40, 0.57]");
    assert_true(c.lo == 0.4 && c.hi == 0.57 && c.ends[0] && c.ends[1] && c.factor[1] == 0);
    c = parsed("order(T) = increasing");
    assert_true(c.left.rank == SB_RANK_TAU && c.lo == 0 && isinf(c.hi) && !c.strictly);
    c = parsed("order( err(*)@step=10 )=decreasing");
    assert_true(c.left.rank == SB_RANK_TAU && c.hi == 0 && c.lo == -INFINITY && c.left.at == 10);
    c = parsed("order(settled) = strictly increasing");
    assert_true(c.left.rank == SB_RANK_ORDER && c.strictly);
    assert_true(parsed("tau(T) > 0.8").left.rank == SB_RANK_TAU);
}

static void what_is_no_claim_is_told(void **state)
{
    static const char *const bad[][2] = {
        {"", "it compares nothing"},
        {"loss", "it compares nothing"},
        {"loss = 3", "it compares nothing"},
        {"loss > ", "\"\" is no measure: it is empty"},
        {"> 3", "\"\" is no measure: it is empty"},
        {"los > 3", "did you mean \"loss\""},
        {"loss > los", "did you mean \"loss\""},
        {"loss > 3 > 2", "no measure"},
        {"loss > nan", "no quantity \"nan\""},
        {"loss > inf", "no quantity \"inf\""},
        {"0 * loss > 3", "a factor of 0"},
        {"T > 3", "it is measured of each item"},
        {"loss in 3", "two numbers are wanted"},
        {"loss in [3]", "two numbers are wanted"},
        {"loss in [3, 2]", "two numbers are wanted"},
        {"loss in [3, x]", "two numbers are wanted"},
        {"loss in (3, 4)", "two numbers are wanted"},
        {"order(T)", "an order is increasing or decreasing"},
        {"order(T) = rising", "no order \"rising\"; there are increasing"},
        {"order(T) = strictly", "no order \"strictly\""},
        {"order(T) in [0, 1]", "an order is increasing or decreasing"},
        {"order(loss) = increasing", "compares what is measured of each frequency"},
        {"verdict > 0", "verdict is known when the run was judged"},
        {"fbi < summary(laziness.effect)", "summary is known when the run was judged"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sb_claim c;
        assert_fails(sb_claim_parse(bad[i][0], &c), SB_ERR_INPUT, bad[i][1]);
    }
    char text[2 * SB_CLAIM];
    sb_claim c;
    memset(text, '>', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_fails(sb_claim_parse(text, &c), SB_ERR_INPUT, "it is longer than 319 characters");
}

static void anything_may_stand_there(void **state)
{
    static const char letters[] = "Ttaulosin order(),@.*<>=[]123 ";
    (void)state;
    seed_numbers(8);
    for (int i = 0; i < 20000; i++) {
        char *text = calloc(1, 24);
        sb_claim c;
        size_t length = (size_t)number_in(0, 23);
        for (size_t j = 0; j < length; j++) text[j] = letters[(size_t)number_in(0, sizeof letters - 1)];
        if (sb_claim_parse(text, &c) == SB_OK) assert_non_null(c.left.quantity);
        free(text);
    }
}

/* ---- judgement ---- */

static sb_finding found(const char *text, size_t n, const double *left, const double *right)
{
    sb_finding f;
    sb_claim c = parsed(text);
    assert_ok(sb_claim_judge(&c, n, left, right, &f));
    return f;
}

/* Differences 1, 2, 6: mean 3, half width 4.302653 (7/3)^1/2 = 6.572; paired, whatever the sides have in common. */
static void pairs_of_seeds(void **state)
{
    static const double low[3] = {101, 52, 16}, high[3] = {100, 50, 10};
    (void)state;
    sb_finding f = found("low.loss > high.loss", 3, low, high);
    assert_true(f.verdict == SB_UNDECIDED && f.kind == SB_INTERVAL_T && f.known == 3);
    assert_near(f.value, 3, 1e-15);
    assert_close(f.hi, 3 + 4.302653 * sqrt(7. / 3), 1e-6);
    assert_close(f.sides[0], 169. / 3, 1e-15);
    f = found("low.loss > 0.5 * high.loss", 3, low, high); /* 51, 27, 11: 29.67 -+ 50.2 */
    assert_true(f.verdict == SB_UNDECIDED && f.value > 29.6 && f.value < 29.7);
    static const double sure[3] = {101, 51.1, 10.9};
    assert_true(found("low.loss > high.loss", 3, sure, high).verdict == SB_AGREES); /* 1, 1.1, .9 */
    assert_true(found("low.loss < high.loss", 3, sure, high).verdict == SB_DIFFERS);
    assert_true(found("low.loss >= high.loss", 3, high, high).verdict == SB_AGREES); /* all 0: may be equal .. */
    assert_true(found("low.loss > high.loss", 3, high, high).verdict == SB_DIFFERS); /* .. or not */
}

/* 0.5 -+ 12.7062 / 2 of two values that are 1 apart; of one value no interval. */
static void values_in_a_range(void **state)
{
    (void)state;
    const double two[2] = {0, 1}, four[4] = {0.49, 0.5, 0.5, 0.51};
    sb_finding f = found("loss in [-6, 8]", 2, two, NULL);
    assert_true(f.verdict == SB_AGREES && f.lo < -5.8 && f.lo > -5.9);
    assert_true(found("loss in [-5, 8]", 2, two, NULL).verdict == SB_UNDECIDED);
    assert_true(found("loss in [7, 8]", 2, two, NULL).verdict == SB_DIFFERS);
    assert_true(found("loss in [6.8, 8]", 2, two, NULL).verdict == SB_UNDECIDED);
    assert_true(found("loss in [0.4, 0.6]", 4, four, NULL).verdict == SB_AGREES); /* half width 3.182 * .00408 */
    assert_true(found("loss in [0.4, 0.512]", 4, four, NULL).verdict == SB_UNDECIDED);
    assert_true(found("loss in [0.4, 0.514]", 4, four, NULL).verdict == SB_AGREES);
    f = found("loss < 0.5", 1, four, NULL);
    assert_true(f.verdict == SB_AGREES && f.kind == SB_INTERVAL_NONE && isnan(f.lo));
    assert_true(found("loss > 0.5", 1, four, NULL).verdict == SB_DIFFERS);
    const double hidden[2] = {0.5, NAN};
    f = found("loss < 0.6", 2, hidden, NULL);
    assert_true(f.verdict == SB_UNDECIDED && f.known == 1 && isnan(f.value));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of two seeds the draws are aa, ab, ba, bb; of seven the 20 000 random draws against all 7^7 = 823543. */
static void bootstrap_against_all_draws(void **state)
{
    enum { N = 7, ALL = 823543 };
    double lo, hi, value[N] = {0.1, 0.9, 0.4, 0.45, 1.3, -0.2, 0.6}, *mean = new_doubles(ALL);
    (void)state;
    assert_ok(sb_bootstrap_mean(2, (double[]){3, 1}, &lo, &hi));
    assert_true(lo == 1 && hi == 3);
    assert_ok(sb_bootstrap_mean(4, (double[]){0, 0, 0, 1}, &lo, &hi)); /* 81/256 of the means are 0, 1/256 is 1 */
    assert_true(lo == 0 && hi == 0.75);                                /* 13/256 are 3/4 or more */
    assert_ok(sb_bootstrap_mean(9, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, &lo, &hi));
    assert_true(lo == 1 && hi == 1);
    for (size_t b = 0; b < ALL; b++) {
        size_t rest = b;
        for (int i = 0; i < N; i++, rest /= N) mean[b] += value[rest % N] / N;
    }
    qsort(mean, ALL, sizeof *mean, ascending);
    assert_ok(sb_bootstrap_mean(N, value, &lo, &hi));
    assert_near(lo, mean[ALL / 40], 0.01); /* a deviation of the mean is .17, of its 2.5 % quantile .003 */
    assert_near(hi, mean[ALL - ALL / 40], 0.01);
    free(mean);
}

static void orders(void **state)
{
    static const double all[4] = {1, 1, 1, 1}, most[4] = {1, 1, 1. / 3, 1}, some[4] = {1, -1, 1. / 3, -1};
    (void)state;
    sb_finding f = found("order(T) = increasing", 4, all, NULL);
    assert_true(f.verdict == SB_AGREES && f.kind == SB_INTERVAL_BOOTSTRAP && f.lo == 1 && f.hi == 1);
    assert_true(found("order(T) = decreasing", 4, all, NULL).verdict == SB_DIFFERS);
    assert_true(found("order(T) = increasing", 4, most, NULL).verdict == SB_AGREES);
    assert_true(found("order(T) = increasing", 4, some, NULL).verdict == SB_UNDECIDED);
    assert_true(found("tau(T) > 0.9", 4, most, NULL).verdict == SB_UNDECIDED); /* 1/2 to 1 */
    f = found("order(T) = strictly increasing", 4, all, NULL);
    assert_true(f.verdict == SB_AGREES && f.in_order == 4 && f.kind == SB_INTERVAL_COUNT);
    f = found("order(T) = strictly increasing", 3, (double[]){1, 0, 1}, NULL);
    assert_true(f.verdict == SB_DIFFERS && f.in_order == 2);
    assert_true(found("order(T) = strictly decreasing", 2, (double[]){-1, -1}, NULL).verdict == SB_AGREES);
    f = found("order(T) = strictly increasing", 3, (double[]){1, NAN, 1}, NULL);
    assert_true(f.verdict == SB_UNDECIDED && f.in_order == 2 && f.known == 2);
}

/* By the size of frequencies, wherever they stand; equal values are in either order, what is never reached in none
 * unless it is alone. */
static void strict_order_of_one_seed(void **state)
{
    static const double xi[4] = {5, 1, 3, 3};
    (void)state;
    assert_true(sb_in_order(4, xi, (double[]){40, 10, 30, 20}) == 1);
    assert_true(sb_in_order(4, xi, (double[]){10, 40, 20, 30}) == -1);
    assert_true(sb_in_order(4, xi, (double[]){40, 10, 10, 40}) == 1);
    assert_true(sb_in_order(4, xi, (double[]){INFINITY, 10, 30, 20}) == 1);
    assert_true(sb_in_order(4, xi, (double[]){10, INFINITY, 20, 30}) == -1);
    assert_true(sb_in_order(4, xi, (double[]){10, 40, 20, 50}) == 0);
    assert_true(isnan(sb_in_order(4, xi, (double[]){INFINITY, 10, INFINITY, 20}))); /* 3 or 5 comes first? */
    assert_true(sb_in_order(4, xi, (double[]){INFINITY, 30, INFINITY, 20}) ==
                0); /* 1 is behind one 3, before the other */
    assert_true(sb_in_order(4, xi, (double[]){1, 1, 1, 1}) == 0);
    assert_true(isnan(sb_in_order(2, xi, (double[]){NAN, 1})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_claimed_is_understood),
        cmocka_unit_test(what_is_no_claim_is_told),
        cmocka_unit_test(anything_may_stand_there),
        cmocka_unit_test(pairs_of_seeds),
        cmocka_unit_test(values_in_a_range),
        cmocka_unit_test(bootstrap_against_all_draws),
        cmocka_unit_test(orders),
        cmocka_unit_test(strict_order_of_one_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
