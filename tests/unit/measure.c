/* Measures by name: what is none is told with the word that is wrong; values at places of a record, of tables made by
 * hand; intervals of Student's t and rank correlations against numbers computed by hand. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/measure.h>
#include <specbias/observe.h>

#include "core/json.h"
#include "run/measured.h"

/* ---- texts ---- */

static sb_measure parsed(const char *text)
{
    sb_measure m;
    assert_ok(sb_measure_parse(text, &m));
    return m;
}

static void what_is_written_is_understood(void **state)
{
    (void)state;
    sb_measure m = parsed("  low.loss@last50 ");
    assert_string_equal(m.text, "low.loss@last50");
    assert_string_equal(m.quantity->name, "loss");
    assert_string_equal(m.of, "low");
    assert_true(m.moment == SB_AT_LAST && m.count == 50 && sb_measure_per_seed(&m));
    m = parsed("T(3, 1/10)");
    assert_string_equal(m.item, "3");
    assert_near(m.q, 0.1, 1e-16);
    m = parsed("T( low(0.5) )");
    assert_string_equal(m.item, "low(0.5)");
    assert_near(m.q, 0.5, 0);
    m = parsed("err(along(2))@step=1e3");
    assert_string_equal(m.item, "along(2)");
    assert_true(m.moment == SB_AT_STEP && m.at == 1000);
    m = parsed("ntk.infinite.z(3, 0.5)");
    assert_string_equal(m.of, "ntk.infinite");
    assert_false(sb_measure_per_seed(&m));
    m = parsed("tau( err(along(*)) @ last )");
    assert_true(m.rank == SB_RANK_TAU && sb_measure_per_seed(&m));
    assert_string_equal(m.item, "along(*)");
    m = parsed("tau(T(*, 1/10))");
    assert_near(m.q, 0.1, 1e-16);
    m = parsed("summary(sources.lfp.power.notices_rate_off_by)");
    assert_string_equal(m.item, "sources.lfp.power.notices_rate_off_by");
    assert_true(parsed("accuracy@t=2.5").moment == SB_AT_TIME && parsed("loss@epoch=3").moment == SB_AT_EPOCH);
    assert_true(parsed("loss").count == 1 && parsed("fbi").of[0] == '\0');
}

static void what_is_none_is_told(void **state)
{
    static const char *const bad[][2] = {
        {"", "it is empty"},
        {"los@last", "no quantity \"los\"; did you mean \"loss\"? There are tau, order, loss, accuracy, err"},
        {"t(3)", "no quantity \"t\"; did you mean \"T\"?"},
        {"loss@lst", "no place \"@lst\"; there are @last, @last50"},
        {"loss@last0", "no place \"@last0\""},
        {"loss@last1.5", "no place"},
        {"loss@step=", "no place"},
        {"loss@step=-1", "no place"},
        {"loss@step=nan", "no place"},
        {"loss@step=3x", "no place"},
        {"loss@", "no place \"@\""},
        {"loss@last@last", "no place"},
        {"fbi@last", "fbi has no place; its form is fbi"},
        {"T(3, 1/2)@last", "T has no place"},
        {"fbi(3)", "fbi takes nothing in parentheses"},
        {"low.fbi", "fbi is of no set and of no forecaster"},
        {".loss", "nothing is named \"\""},
        {"T", "name one, T(3), or ask for tau(T)"},
        {"err(*)@last", "name one, err(3)"},
        {"T()", "the parentheses are empty"},
        {"T(3", "its parentheses do not match"},
        {"T3)", "its parentheses do not match"},
        {"T(3))", "its parentheses do not match"},
        {"T)3(", "its parentheses do not match"},
        {"T(3)x", "its parentheses do not match"},
        {"T(3, 2)", "\"2\" is no level of err between 0 and 1"},
        {"T(3, 1/0)", "no level"},
        {"T(3, 1/2/2)", "no level"},
        {"T(3, )", "no level"},
        {"T(3, 1/2, 1/3)", "no level"},
        {"err(3, 1/2)", "\"1/2\" is one too many"},
        {"tau(loss)", "tau compares what is measured of each frequency"},
        {"tau(T(3))", "tau compares"},
        {"tau(z)", "tau compares"},
        {"tau(T", "its parentheses do not match"},
        {"tau", "no quantity \"tau\""},
        {"run", "of what? Its form is run(COLUMN)"},
        {"drift@last", "of what? Its form is drift(COLUMN)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sb_measure m;
        assert_fails(sb_measure_parse(bad[i][0], &m), SB_ERR_INPUT, bad[i][1]);
    }
    char text[2 * SB_MEASURE];
    sb_measure m;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_fails(sb_measure_parse(text, &m), SB_ERR_INPUT, "it is longer than 127 characters");
}

/* Whatever stands there, it is refused or understood, and no byte is read that is not there. */
static void anything_may_stand_there(void **state)
{
    static const char letters[] = "Ttaulossefr(),@.*/=1230 ";
    (void)state;
    seed_numbers(7);
    for (int i = 0; i < 20000; i++) {
        char *text = calloc(1, 16);
        sb_measure m;
        size_t length = (size_t)number_in(0, 15);
        for (size_t c = 0; c < length; c++) text[c] = letters[(size_t)number_in(0, sizeof letters - 1)];
        if (sb_measure_parse(text, &m) == SB_OK) assert_non_null(m.quantity);
        free(text);
    }
}

/* ---- places ---- */

static double at(const char *text, const sb_curve *curve)
{
    double value = NAN;
    sb_measure m = parsed(text);
    assert_ok(sb_measured_at(&m, curve, &value));
    return value;
}

static void values_at_places(void **state)
{
    static const double step[4] = {0, 10, 20, 40}, t[4] = {0, 1, 2, 4}, v[4] = {8, 4, 6, 1};
    const sb_curve curve = {4, step, t, v, 100, 10, 5, "history.seed1.tsv"};
    double value;
    (void)state;
    assert_near(at("loss", &curve), 1, 0);
    assert_near(at("loss@last3", &curve), 11. / 3, 1e-15);
    assert_near(at("loss@first", &curve), 8, 0);
    assert_near(at("loss@min", &curve), 1, 0);
    assert_near(at("loss@max", &curve), 8, 0);
    assert_near(at("loss@step=0", &curve), 8, 0);
    assert_near(at("loss@step=10", &curve), 4, 0);
    assert_near(at("loss@step=15", &curve), 5, 1e-15);
    assert_near(at("loss@t=3", &curve), 3.5, 1e-15);
    assert_near(at("loss@epoch=3", &curve), 5, 1e-15); /* of five steps */
    assert_near(at("loss@step=100", &curve), 1, 0);    /* it stopped at step 40 of 100 */
    sb_measure m = parsed("loss@step=101");
    assert_fails(sb_measured_at(&m, &curve, &value), SB_ERR_INPUT, "history.seed1.tsv go from 0 to 100");
    m = parsed("loss@last5");
    assert_fails(sb_measured_at(&m, &curve, &value), SB_ERR_INPUT, "has only 4 records");
}

/* ---- of tables ---- */

/* Items 1, 2, 4 and the parts of two filters, at steps 0, 1, .. */
static void open_table(sb_decay *decay)
{
    static const char *const names[7] = {"1", "2", "4", "low(0.1)", "high(0.1)", "low(0.5)", "high(0.5)"};
    *decay = (sb_decay){0};
    assert_ok(sb_decay_alloc(decay, 5, 7));
    for (size_t k = 0; k < 7; k++) {
        snprintf(decay->items.item[k].name, sizeof decay->items.item[k].name, "%s", names[k]);
        decay->items.item[k].xi = k < 3 ? pow(2, (double)k) : 0;
    }
    for (size_t i = 0; i < 5; i++) {
        decay->t[i] = decay->step[i] = (double)i;
        for (size_t k = 0; k < 7; k++) decay->err[7 * i + k] = 1;
    }
}

static double of(const char *text, const sb_results *results, const sb_decay *decay)
{
    double value = NAN;
    sb_measure m = parsed(text);
    assert_ok(sb_measured_take(results, &m, decay, &value));
    return value;
}

static void numbers_of_tables(void **state)
{
    sb_results results = {.pass = 2};
    sb_decay decay;
    (void)state;
    assert_ok(sb_config_init(&results.config));
    open_table(&decay);
    for (size_t i = 3; i < 5; i++) decay.err[7 * i] = 0.2;     /* 1: below a half from 3 on */
    for (size_t i = 2; i < 5; i++) decay.err[7 * i + 1] = 0.2; /* 2: from 2 on */
    assert_true(of("T(1)", &results, &decay) > 2 && of("T(1)", &results, &decay) < 3);
    assert_near(of("T(1.0)", &results, &decay), of("T(1)", &results, &decay), 0);
    assert_true(isnan(of("T(4)", &results, &decay)));
    assert_near(of("settled(2)", &results, &decay), 2, 0);
    assert_near(of("err(2)@step=1.5", &results, &decay), 0.6, 1e-15);
    assert_near(of("tau(T)", &results, &decay), 1. / 3, 1e-15);             /* 1 - 2 reversed; 4 never, behind both */
    assert_near(of("tau(settled)", &results, &decay), 1. / 3, 1e-15);       /* the same */
    assert_near(of("tau(err@last)", &results, &decay), 2 / sqrt(6), 1e-15); /* 1 and 2 are equal, below 4 */
    for (size_t i = 0; i < 5; i++) decay.err[7 * i + 1] = 0.2; /* below from the start: first of all, and no time */
    assert_true(isnan(of("T(2)", &results, &decay)));
    assert_near(of("tau(T)", &results, &decay), 1. / 3, 1e-15);
    for (size_t i = 0; i < 5; i++) {
        decay.err[7 * i + 3] = i < 2 ? 1.1 : 0.5; /* ahead in all records from step 2, the first pass, on */
        decay.err[7 * i + 5] = i < 4 ? 0.5 : 1.5; /* behind in one of three */
    }
    assert_near(of("ahead(0.1)", &results, &decay), 1, 0);
    assert_near(of("ahead(0.5)", &results, &decay), 2. / 3, 1e-15);
    assert_near(of("ahead", &results, &decay), 2. / 3, 1e-15); /* the least */
    double value;
    sb_measure m = parsed("err(3)");
    assert_fails(sb_measured_take(&results, &m, &decay, &value), SB_ERR_INPUT,
                 "named \"3\"; there are 1, 2, 4, low(0.1)");
    m = parsed("ahead(0.2)");
    assert_fails(sb_measured_take(&results, &m, &decay, &value), SB_ERR_INPUT, "named \"0.2\"");
    m = parsed("tau(err(low(0.1)*))");
    assert_fails(sb_measured_take(&results, &m, &decay, &value), SB_ERR_INPUT, "an order is one of two frequencies");
    sb_decay_clear(&decay);
    sb_config_clear(&results.config);
}

/* ---- numbers by hand ---- */

/* Quantiles of Student's t from tables: 12.7062 of one degree of freedom, 4.30265 of two, 2.77645 of four. */
static void intervals_of_means(void **state)
{
    (void)state;
    sb_estimate e = sb_estimate_mean(3, (double[]){1, 2, 6});
    assert_near(e.mean, 3, 1e-15);
    assert_close(e.deviation, sqrt(7), 1e-14);
    assert_close(e.hi - 3, 4.302653 * sqrt(7. / 3), 1e-6);
    assert_close(3 - e.lo, e.hi - 3, 1e-13);
    e = sb_estimate_mean(2, (double[]){1, 3});
    assert_close(e.hi, 2 + 12.706205, 1e-7);
    e = sb_estimate_mean(5, (double[]){1, 2, 3, 4, 5});
    assert_close(e.hi, 3 + 2.776445 * sqrt(0.5), 1e-6);
    e = sb_estimate_mean(1, (double[]){7});
    assert_true(e.mean == 7 && isnan(e.lo) && isnan(e.hi) && isnan(e.deviation));
    e = sb_estimate_mean(2, (double[]){7, NAN});
    assert_true(isnan(e.mean) && e.known == 1 && e.n == 2);
}

/* Against gsl, pairs of five by hand: 1 2 3 4 5 and 3 1 2 5 4 have 7 pairs in order and 3 reversed. */
static void rank_correlations(void **state)
{
    static const double a[5] = {1, 2, 3, 4, 5}, b[5] = {3, 1, 2, 5, 4};
    (void)state;
    assert_near(sb_kendall(5, a, b), 0.4, 1e-15);
    assert_near(sb_kendall(5, a, a), 1, 1e-15);
    assert_near(sb_kendall(3, a, (double[]){3, 2, -INFINITY}), -1, 1e-15);
    assert_near(sb_kendall(3, a, (double[]){1, INFINITY, INFINITY}), 2 / sqrt(6), 1e-15);
    assert_true(isnan(sb_kendall(3, a, (double[]){2, 2, 2})) && isnan(sb_kendall(2, a, (double[]){NAN, 1})));
    assert_true(isnan(sb_kendall(1, a, a)) && isnan(sb_kendall(0, a, a)));
}

/* ---- tables and summaries ---- */

static void tables_of_text(void **state)
{
    sb_sheet sheet = {0};
    double value;
    (void)state;
    assert_ok(sb_sheet_parse("x.tsv", "a\tb\n1\tnan\n2.5\tword\n", &sheet));
    assert_true(sheet.rows == 2 && sheet.columns == 2 && sb_sheet_column(&sheet, "b") == 1);
    assert_ok(sb_sheet_number(&sheet, 1, 0, &value));
    assert_near(value, 2.5, 0);
    assert_ok(sb_sheet_number(&sheet, 0, 1, &value));
    assert_true(isnan(value) && sb_sheet_column(&sheet, "c") == SIZE_MAX);
    assert_fails(sb_sheet_number(&sheet, 1, 1, &value), SB_ERR_INPUT, "x.tsv:3: b = \"word\" is no number");
    sb_sheet_clear(&sheet);
    assert_ok(sb_sheet_parse("x.tsv", "a", &sheet));
    assert_true(sheet.rows == 0 && sheet.columns == 1);
    sb_sheet_clear(&sheet);
    assert_fails(sb_sheet_parse("x.tsv", "a\tb\n1\n", &sheet), SB_ERR_INPUT, "x.tsv:2: expected 2 tab-separated cells");
    assert_fails(sb_sheet_parse("x.tsv", "a\n1\t2\n", &sheet), SB_ERR_INPUT, "x.tsv:2: expected 1");
    assert_fails(sb_sheet_parse("x.tsv", "", &sheet), SB_ERR_INPUT, "x.tsv:1: no table");
    assert_fails(sb_sheet_parse("x.tsv", "a\tb\n\n", &sheet), SB_ERR_INPUT, "x.tsv:2: expected 2");
}

static void members_of_summaries(void **state)
{
    sb_document document;
    double number;
    const char *text;
    (void)state;
    sb_json top = sb_json_open(&document);
    sb_json_real(sb_json_object(top, "laziness"), "effect", 0.5);
    sb_json_real(top, "nothing", NAN);
    sb_json_flag(top, "yes", true);
    sb_json sources = sb_json_array(top, "sources");
    sb_json one = sb_json_object(sources, NULL), two = sb_json_object(sources, NULL);
    sb_json_text(one, "source", "ntk");
    sb_json_real(one, "z", 1);
    sb_json_text(two, "source", "ntk.infinite");
    sb_json_real(two, "z", 2);
    sb_json_text(two, "verdict", "agrees");
    assert_true(sb_json_find(&document, "laziness.effect", &number, &text) && number == 0.5 && !text);
    assert_true(sb_json_find(&document, "sources.ntk.infinite.z", &number, &text) && number == 2);
    assert_true(sb_json_find(&document, "sources.ntk.z", &number, &text) && number == 1);
    assert_true(sb_json_find(&document, "sources.1.z", &number, &text) && number == 2);
    assert_true(sb_json_find(&document, "sources.ntk.infinite.verdict", &number, &text));
    assert_string_equal(text, "agrees");
    assert_true(sb_json_find(&document, "nothing", &number, &text) && isnan(number));
    assert_true(sb_json_find(&document, "yes", &number, &text) && number == 1);
    static const char *const none[] = {"laziness",  "lazines", "laziness.effects",
                                       "laziness.", "sources", "sources.2.z",
                                       "",          ".",       "sources.ntk.infinite"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(sb_json_find(&document, none[i], &number, &text));
    sb_json_close(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_understood),
        cmocka_unit_test(what_is_none_is_told),
        cmocka_unit_test(anything_may_stand_there),
        cmocka_unit_test(values_at_places),
        cmocka_unit_test(numbers_of_tables),
        cmocka_unit_test(intervals_of_means),
        cmocka_unit_test(rank_correlations),
        cmocka_unit_test(tables_of_text),
        cmocka_unit_test(members_of_summaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
