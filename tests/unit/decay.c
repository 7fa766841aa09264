/* The one table everything makes: times to a level, tables on disk, what may be overlaid, and recorded times. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/decay.h>

#include "common/files.h"
#include "common/problems.h"
#include "core/complex.h"

/* ---- T_q ---- */

enum { RECORDS = 5 };

/* Time at which err, recorded at t = 0, 1, 2, 4, 8, falls below q for good. */
static double time_of(const double err[RECORDS], double q)
{
    static const double t[RECORDS] = {0, 1, 2, 4, 8};
    sb_decay decay = {0};
    assert_ok(sb_decay_alloc(&decay, RECORDS, 2));
    for (size_t i = 0; i < RECORDS; i++) {
        decay.t[i] = t[i];
        decay.err[2 * i] = 0.01; /* another frequency, which must not matter */
        decay.err[2 * i + 1] = err[i];
    }
    double time = sb_decay_time(&decay, 1, q);
    sb_decay_clear(&decay);
    return time;
}

static void time_is_interpolated_in_log_t(void **state)
{
    (void)state;
    assert_close(time_of((double[]){1, 0.9, 0.8, 0.4, 0.2}, 0.5), 2 * pow(2, 0.75), 1e-15);
    assert_close(time_of((double[]){1, 0.9, 0.8, 0.4, 0.2}, 0.3), 4 * sqrt(2), 1e-15);
    assert_close(time_of((double[]){1, 0.9, 0.5, 0.4, 0.2}, 0.5), 2, 1e-15); /* q itself is not below q */
}

static void time_is_linear_on_the_first_interval(void **state)
{
    (void)state;
    assert_close(time_of((double[]){1, 0.2, 0.1, 0.1, 0.1}, 0.5), 0.5 / 0.8, 1e-15);
}

static void time_is_the_last_crossing(void **state)
{
    (void)state;
    assert_close(time_of((double[]){1, 0.1, 0.9, 0.3, 0.2}, 0.5), 2 * pow(2, 0.4 / 0.6), 1e-15);
    assert_close(time_of((double[]){0.2, 0.1, 0.9, 0.3, 0.2}, 0.5), 2 * pow(2, 0.4 / 0.6), 1e-15);
}

static void time_is_nan_when_there_is_none(void **state)
{
    (void)state;
    assert_true(isnan(time_of((double[]){1, 0.9, 0.8, 0.7, 0.6}, 0.5)));    /* never below */
    assert_true(isnan(time_of((double[]){1, 0.1, 0.1, 0.1, 0.6}, 0.5)));    /* above again at the end */
    assert_true(isnan(time_of((double[]){0.4, 0.3, 0.2, 0.1, 0.05}, 0.5))); /* below from the start */
    assert_true(isnan(time_of((double[]){1, 0.8, 0.3, 0.1, NAN}, 0.5)));    /* the end is unknown */
    assert_true(isnan(time_of((double[]){1, 0.8, NAN, 0.1, 0.1}, 0.5)));    /* where it crosses is unknown */
}

/* err = exp(-rate t) crosses 1/2 at ln 2 / rate; dense records leave only the interpolation's error. */
static void time_of_an_exponential(void **state)
{
    enum { MANY = 2000 };
    sb_decay decay = {0};
    (void)state;
    assert_ok(sb_decay_alloc(&decay, MANY, 1));
    for (size_t i = 0; i < MANY; i++) {
        decay.t[i] = i == 0 ? 0 : 0.01 * pow(1e4, (double)i / MANY);
        decay.err[i] = exp(-0.3 * decay.t[i]);
    }
    assert_close(sb_decay_time(&decay, 0, 0.5), M_LN2 / 0.3, 1e-5);
    assert_close(sb_decay_time(&decay, 0, 0.1), log(10) / 0.3, 1e-5);
    sb_decay_clear(&decay);
}

/* ---- tables ---- */

/* Two frequencies, three times, numbers of every kind. */
static void make_table(sb_decay *decay)
{
    static const double odd[] = {0.1,      -0.0, 4.9e-324, 1.7976931348623157e308,
                                 -1.0 / 3, NAN,  1e-17,    0x1.fffffffffffffp-1};
    assert_ok(sb_decay_alloc(decay, 3, 2));
    for (size_t i = 0; i < 3; i++) {
        decay->t[i] = 0.02 * (double)i;
        decay->step[i] = (double)i;
    }
    for (size_t j = 0; j < 6; j++) {
        decay->amp[j] = CMPLX(odd[j], odd[(3 * j + 5) % 8]);
        decay->err[j] = odd[(j + 1) % 8];
        decay->lo[j] = odd[(j + 2) % 8];
    } /* hi stays nan */
}

static void assert_same_numbers(size_t n, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++)
        if (!(isnan(a[i]) && isnan(b[i])) && memcmp(a + i, b + i, sizeof *a) != 0)
            fail_msg("number %zu: %a became %a", i, b[i], a[i]);
}

/* A table of n items of one component. */
static sb_status read_table(const char *path, size_t n, sb_decay *decay)
{
    sb_items items = {0};
    assert_ok(sb_items_init(&items, n));
    sb_status status = sb_decay_read_tsv(path, &items, decay);
    sb_items_clear(&items);
    return status;
}

static void table_survives_the_disk(void **state)
{
    sb_decay decay = {0}, again = {0};
    const char *path = in_folder("decay.tsv");
    (void)state;
    make_table(&decay);
    assert_ok(sb_decay_write_tsv(&decay, path));
    assert_ok(read_table(path, 2, &again));
    assert_int_equal(again.nt, 3);
    assert_int_equal(again.nxi, 2);
    assert_same_numbers(3, again.t, decay.t);
    assert_same_numbers(3, again.step, decay.step);
    assert_same_numbers(12, (const double *)again.amp, (const double *)decay.amp);
    assert_same_numbers(6, again.err, decay.err);
    assert_same_numbers(6, again.lo, decay.lo);
    assert_same_numbers(6, again.hi, decay.hi);
    char *text = read_text(path);
    static const char header[] = "t\tstep\tre(0)\tim(0)\terr(0)\tlo(0)\thi(0)\tre(1)\tim(1)\terr(1)\tlo(1)\thi(1)\n";
    assert_memory_equal(text, header, sizeof header - 1);
    assert_null(strstr(text, "-nan"));
    free(text);
    sb_decay_clear(&decay);
    sb_decay_clear(&again);
}

/* Items of one component, of several and of none: re and im stand only for the first kind. */
static void items_of_several_components(void **state)
{
    static const size_t parts[] = {2, 1, 0, 3, 1};
    static const char header[] =
        "t\tstep\terr(low(0.2))\tlo(low(0.2))\thi(low(0.2))\tre(1)\tim(1)\terr(1)\tlo(1)\thi(1)\terr(2)\t"
        "lo(2)\thi(2)\terr(3)\tlo(3)\thi(3)\tre(4)\tim(4)\terr(4)\tlo(4)\thi(4)\n";
    enum { KINDS = 5, PARTS = 7 };
    static const double t[2] = {0, 1.5}, step[2] = {0, 3};
    static const sb_terms terms = {.loss_factor = 1, .parametrisation = "ntk", .time_unit = "flow"};
    sb_items items = {0};
    sb_decay decay = {0}, again = {0};
    const char *path = in_folder("parts.tsv");
    (void)state;
    assert_ok(sb_items_init(&items, KINDS));
    items.parts = 0;
    for (size_t k = 0; k < KINDS; k++) {
        items.item[k].first = items.parts;
        items.item[k].parts = parts[k];
        items.item[k].wanted = 0.5;
        items.parts += parts[k];
    }
    assert_int_equal(items.parts, PARTS);
    strcpy(items.item[0].name, "low(0.2)");
    assert_ok(sb_decay_init(&decay, &items, 2, t, step, "made", SB_FORM_GD, &terms));
    for (size_t j = 0; j < 2 * PARTS; j++) decay.amp[j] = CMPLX(1 + (double)j, -(double)j);
    sb_decay_set_err(&decay);
    for (size_t i = 0; i < 2; i++) {
        double complex *amp = decay.amp + i * PARTS;
        double *err = decay.err + i * KINDS;
        assert_close(err[0], hypot(cabs(amp[0]), cabs(amp[1])) / 0.5, 1e-15);
        assert_close(err[1], cabs(amp[2]) / 0.5, 1e-15);
        assert_true(isnan(err[2])); /* of what is known by its norm alone others set it */
        assert_close(err[3], hypot(hypot(cabs(amp[3]), cabs(amp[4])), cabs(amp[5])) / 0.5, 1e-15);
        err[2] = 0.25 + (double)i;
    }
    for (size_t j = 0; j < 2 * KINDS; j++) decay.lo[j] = 0.1 * (double)j;
    assert_ok(sb_decay_write_tsv(&decay, path));
    assert_ok(sb_decay_read_tsv(path, &items, &again));
    char *text = read_text(path);
    assert_memory_equal(text, header, sizeof header - 1);
    free(text);
    assert_int_equal(again.nt, 2);
    assert_same_numbers(2, again.t, t);
    assert_same_numbers(2, again.step, step);
    assert_same_numbers(2 * KINDS, again.err, decay.err);
    assert_same_numbers(2 * KINDS, again.lo, decay.lo);
    assert_same_numbers(2 * KINDS, again.hi, decay.hi);
    for (size_t i = 0; i < 2; i++)
        for (size_t p = 0; p < PARTS; p++) {
            double complex got = again.amp[i * PARTS + p], had = decay.amp[i * PARTS + p];
            assert_true(p == 2 || p == 6 ? creal(got) == creal(had) && cimag(got) == cimag(had) : isnan(creal(got)));
        }
    sb_decay_clear(&again);
    assert_fails(read_table(path, KINDS, &again), SB_ERR_INPUT,
                 "parts.tsv:1: column 3 is \"err(low(0.2))\", not \"re(0)\"");
    sb_decay_clear(&decay);
    sb_items_clear(&items);
}

#define HEADER "t\tstep\tre(0)\tim(0)\terr(0)\tlo(0)\thi(0)\n"
#define ROW "0\t0\t1\t0\t1\tnan\tnan\n"

/* A malformed table is refused with its place, and leaves nothing behind. */
static void assert_malformed(const char *text, const char *place)
{
    sb_decay decay = {0};
    const char *path = in_folder("bad.tsv");
    write_text(path, text);
    assert_fails(read_table(path, 1, &decay), SB_ERR_INPUT, place);
    assert_non_null(strstr(sb_error_text(), path));
    assert_null(decay.t);
}

static void malformed_tables_are_refused(void **state)
{
    sb_decay decay = {0};
    (void)state;
    write_text(in_folder("good.tsv"), HEADER ROW ROW);
    assert_ok(read_table(in_folder("good.tsv"), 1, &decay));
    assert_int_equal(decay.nt, 2);
    sb_decay_clear(&decay);

    assert_malformed(HEADER ROW "0.1\t1\t1\t0\t1\tnan\n" ROW, "bad.tsv:3:");     /* a cell too few */
    assert_malformed(HEADER "0.1\t1\t1\t0\t1\tnan\tnan\t7\n" ROW, "bad.tsv:2:"); /* one too many */
    assert_malformed(HEADER ROW "0.1\t1\tone\t0\t1\tnan\tnan\n", "bad.tsv:3:");  /* letters */
    assert_malformed(HEADER ROW "0.1\t1\t1x\t0\t1\tnan\tnan\n", "bad.tsv:3:");   /* letters behind a number */
    assert_malformed(HEADER ROW "0.1\t1\t\t0\t1\tnan\tnan\n", "bad.tsv:3:");     /* an empty cell */
    assert_malformed(HEADER ROW "0.1 1 1 0 1 nan nan\n", "bad.tsv:3:");          /* not tabs */
    assert_malformed(HEADER ROW "0.1\t1\t1\t0", "bad.tsv:3:");                   /* cut off */
    assert_malformed(HEADER ROW "0.1\t1\t1\t0\t1\tnan\tnan", "bad.tsv:3:");      /* perhaps cut off in a number */
    assert_malformed("", "bad.tsv:1:");
    assert_malformed(HEADER, "bad.tsv:1:");
    assert_malformed("t\tstep\n0\t0\n", "bad.tsv:1: no more columns than 2"); /* a table of no frequency */
    assert_malformed("t\tstep\tre_0\tim_0\terr_0\tlo_0\thi_0\n" ROW, "column 3 is \"re_0\", not \"re(0)\"");
    assert_malformed("t\tstep\tre(0)\tim(0)\terr(0)\tlo(0)\thi(00)\n" ROW, "column 7 is \"hi(00)\", not \"hi(0)\"");
    assert_malformed("t\tstep\tre(0)\tim(0)\terr(0)\tlo(0)\thi(0)\t\n" ROW, "bad.tsv:1: more columns than 7");
}

static void missing_tables_are_an_io_error(void **state)
{
    sb_decay decay = {0};
    (void)state;
    assert_fails(read_table(in_folder("missing.tsv"), 1, &decay), SB_ERR_INPUT, "missing.tsv");
    make_table(&decay);
    assert_fails(sb_decay_write_tsv(&decay, in_folder("no/such/folder.tsv")), SB_ERR_IO, "no/such/folder.tsv");
    sb_decay_clear(&decay);
}

/* ---- what may be overlaid ---- */

static void make_pair(sb_problem *problem, sb_decay *a, sb_decay *b)
{
    make_sines(problem, MIDPOINTS, 16, 1);
    assert_ok(sb_problem_set_times(problem, 0.02, 1000, 10));
    make_decay(problem, "lfp", SB_FORM_GD, a);
    make_decay(problem, "observed", SB_FORM_OBSERVED, b);
}

static void fresh_tables_take_over_the_problem(void **state)
{
    sb_problem problem = {0};
    sb_decay a = {0}, b = {0};
    (void)state;
    make_pair(&problem, &a, &b);
    assert_string_equal(a.source, "lfp");
    assert_string_equal(a.items.unit, "cycles");
    assert_int_equal(b.form, SB_FORM_OBSERVED);
    assert_true(a.nt == problem.nt && a.nxi == SINES && a.terms.loss_factor == 1);
    assert_memory_equal(a.t, problem.t, a.nt * sizeof(double));
    assert_memory_equal(a.step, problem.step, a.nt * sizeof(double));
    for (size_t k = 0; k < SINES; k++) assert_true(a.items.item[k].xi == sines[k] && a.items.item[k].label == sines[k]);
    for (size_t j = 0; j < a.nt * a.nxi; j++) {
        assert_true(isnan(creal(a.amp[j])) && isnan(cimag(a.amp[j])));
        assert_true(isnan(a.err[j]) && isnan(a.lo[j]) && isnan(a.hi[j]));
    }
    sb_decay_clear(&a);
    sb_decay_clear(&b);
    sb_problem_clear(&problem);
}

static void tables_that_differ_are_not_overlaid(void **state)
{
    sb_problem problem = {0};
    sb_decay a = {0}, b = {0};
    (void)state;
    make_pair(&problem, &a, &b);
    assert_ok(sb_decay_comparable(&a, &b));
    sb_decay right = b;

    b.terms.loss_factor = 2;
    assert_fails(sb_decay_comparable(&a, &b), SB_ERR_INPUT, "'lfp' and 'observed': their loss factors");
    b = right, strcpy(b.terms.parametrisation, "standard");
    assert_fails(sb_decay_comparable(&a, &b), SB_ERR_INPUT, "parametrisations");
    b = right, strcpy(b.terms.time_unit, "steps");
    assert_fails(sb_decay_comparable(&a, &b), SB_ERR_INPUT, "time units");
    b = right, b.nt--;
    assert_fails(sb_decay_comparable(&a, &b), SB_ERR_INPUT, "times");
    b = right, b.items.n--;
    assert_fails(sb_decay_comparable(&a, &b), SB_ERR_INPUT, "frequencies");

    double *const numbers[] = {&right.t[3], &right.step[3], &right.items.item[1].xi};
    static const char *const words[] = {"times", "times", "frequencies"};
    for (size_t i = 0; i < 3; i++) {
        double kept = *numbers[i];
        *numbers[i] *= 1 + 1e-9;
        assert_fails(sb_decay_comparable(&a, &right), SB_ERR_INPUT, words[i]);
        *numbers[i] = NAN;
        assert_fails(sb_decay_comparable(&a, &right), SB_ERR_INPUT, words[i]);
        *numbers[i] = kept;
    }
    assert_ok(sb_decay_comparable(&a, &right));
    sb_decay_clear(&a);
    sb_decay_clear(&right);
    sb_problem_clear(&problem);
}

/* ---- over runs ---- */

static void mean_and_band_over_runs(void **state)
{
    enum { RUNS = 3 };
    static const double shift[RUNS] = {0.1, -0.1, 0.3};
    sb_decay runs[RUNS] = {0}, mean = {0};
    (void)state;
    for (size_t r = 0; r < RUNS; r++) {
        assert_ok(sb_decay_alloc(&runs[r], 2, 2));
        for (size_t j = 0; j < 4; j++) {
            runs[r].err[j] = (double)j + shift[r];
            runs[r].amp[j] = CMPLX((double)j, shift[r]);
        }
    }
    assert_ok(sb_decay_alloc(&mean, 2, 2));
    sb_decay_mean(runs, RUNS, &mean);
    for (size_t j = 0; j < 4; j++) {
        assert_near(mean.err[j], (double)j + 0.1, 1e-15);
        assert_near(creal(mean.amp[j]), (double)j, 1e-15);
        assert_near(cimag(mean.amp[j]), 0.1, 1e-15);
        assert_true(mean.lo[j] == (double)j - 0.1 && mean.hi[j] == (double)j + 0.3);
    }
    for (size_t r = 0; r < RUNS; r++) sb_decay_clear(&runs[r]);
    sb_decay_clear(&mean);
}

/* Complex differences: equal moduli do not hide a phase error. */
static void distance_is_complex(void **state)
{
    sb_problem problem = {0};
    sb_decay a = {0}, b = {0};
    (void)state;
    make_pair(&problem, &a, &b); /* |f^| = 1/2 */
    for (size_t j = 0; j < a.nt * a.nxi; j++) a.amp[j] = b.amp[j] = 0.5;
    b.amp[4 * SINES + 1] = 0.5 * I;
    sb_decay_set_err(&a);
    sb_decay_set_err(&b);
    for (size_t j = 0; j < a.nt * a.nxi; j++) {
        assert_near(a.err[j], 1, 1e-14);
        assert_near(b.err[j], 1, 1e-14);
    }
    assert_true(sb_decay_distance(&a, &b, 0) == 0);
    assert_near(sb_decay_distance(&a, &b, 1), sqrt(2), 1e-14);
    sb_decay_clear(&a);
    sb_decay_clear(&b);
    sb_problem_clear(&problem);
}

/* The norm of the difference of components; where these are not known of both, the difference of the norms. */
static void distance_of_several_components(void **state)
{
    sb_decay a = {0}, b = {0};
    (void)state;
    for (int table = 0; table < 2; table++) {
        sb_decay *decay = table ? &b : &a;
        assert_ok(sb_decay_alloc(decay, 2, 3));
        decay->items.item[0] = (sb_item){.wanted = 0.5, .parts = 2};
        decay->items.item[1] = (sb_item){.wanted = 0.5, .first = 2};
        decay->items.item[2] = (sb_item){.wanted = 0, .first = 2, .parts = 1};
        for (size_t j = 0; j < 6; j++) decay->amp[j] = 1;
        decay->err[1] = table ? 0.75 : 0.5;
        decay->err[4] = 0.25;
        sb_decay_set_err(decay);
    }
    b.amp[3] = 1 + 0.3 * I; /* of the second record */
    b.amp[4] = 1 + 0.4;
    assert_close(sb_decay_distance(&a, &b, 0), 0.5 / 0.5, 1e-15);
    assert_close(sb_decay_distance(&a, &b, 1), 0.25, 1e-15);
    assert_true(isnan(sb_decay_distance(&a, &b, 2))); /* nothing is wanted there */
    b.amp[4] = NAN; /* as it is read from disk: the first record has 0, the second | |2^1/2| - 0.1 | / 0.5 */
    b.err[3] = 0.2;
    assert_close(sb_decay_distance(&a, &b, 0), sqrt(2) / 0.5 - 0.2, 1e-15);
    sb_decay_clear(&a);
    sb_decay_clear(&b);
}

/* ---- recorded times ---- */

static void times_are_whole_steps(void **state)
{
    static const struct {
        size_t steps, records;
    } cases[] = {{20000, 200}, {1, 200}, {7, 200}, {300, 1}, {300, 2}, {1, 1}};
    (void)state;
    for (size_t c = 0; c < 6; c++) {
        sb_problem problem = {0};
        make_points(&problem, MIDPOINTS, 4);
        assert_ok(sb_problem_set_times(&problem, 0.02, cases[c].steps, cases[c].records));
        assert_in_range(problem.nt, 2, cases[c].records + 1);
        assert_true(problem.step[0] == 0 && problem.step[problem.nt - 1] == (double)cases[c].steps);
        for (size_t i = 0; i < problem.nt; i++) {
            assert_true(problem.step[i] == round(problem.step[i]) && problem.t[i] == 0.02 * problem.step[i]);
            assert_true(i == 0 || problem.step[i] > problem.step[i - 1]);
        }
        if (cases[c].records > 1) assert_true(problem.step[1] == 1);
        sb_problem_clear(&problem);
    }
}

/* The middle of the records is the geometric middle of the steps. */
static void times_are_log_spaced(void **state)
{
    sb_problem problem = {0};
    (void)state;
    make_points(&problem, MIDPOINTS, 4);
    assert_ok(sb_problem_set_times(&problem, 0.02, 1000000, 101));
    assert_near(problem.step[problem.nt - 1 - 50], 1000, 0.5);
    assert_true(problem.eta == 0.02);
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_is_interpolated_in_log_t),
        cmocka_unit_test(time_is_linear_on_the_first_interval),
        cmocka_unit_test(time_is_the_last_crossing),
        cmocka_unit_test(time_is_nan_when_there_is_none),
        cmocka_unit_test(time_of_an_exponential),
        cmocka_unit_test(table_survives_the_disk),
        cmocka_unit_test(items_of_several_components),
        cmocka_unit_test(malformed_tables_are_refused),
        cmocka_unit_test(missing_tables_are_an_io_error),
        cmocka_unit_test(fresh_tables_take_over_the_problem),
        cmocka_unit_test(tables_that_differ_are_not_overlaid),
        cmocka_unit_test(mean_and_band_over_runs),
        cmocka_unit_test(distance_is_complex),
        cmocka_unit_test(distance_of_several_components),
        cmocka_unit_test(times_are_whole_steps),
        cmocka_unit_test(times_are_log_spaced),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
