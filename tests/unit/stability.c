/* Classes of runs beyond the largest stable step, of courses made by hand. */
#include "common/test.h"

#include "run/stability.h"

enum { ROWS = 5 };

/* lambda_max over the limit, and the loss, at steps 0, 1, 10, 60 and 100. */
static const struct {
    const char *class;
    double rate[ROWS], loss[ROWS];
    bool diverged;
} course[] = {
    {"stable", {0.5, 0.6, 0.7, 0.9, 1.0}, {1, 0.9, 0.5, 0.2, 0.1}, false},
    {"stable", {0.5, 0.6, 0.7, 0.3, 0.2}, {1, 1.2, 0.5, 0.2, 0.1}, false},
    {"catapult", {1.4, 1.4, 1.2, 0.7, 0.6}, {1, 3, 20, 0.2, 0.1}, false},
    {"catapult", {1.4, 1.4, 0.8, 1.1, 1.02}, {1, 3, 2, 0.2, 0.1}, false}, /* and then at the edge */
    {"open", {1.4, 0.9, 0.8, 0.7, 0.6}, {1, 0.9, 0.5, 0.2, 0.1}, false},  /* the loss never rose */
    {"open", {1.4, 0.9, 1.2, 1.3, 1.6}, {1, 0.9, 2, 3, 4}, false},        /* it rose when lambda_max had fallen */
    {"open", {1.4, 1.4, 1.4, 1.3, 1.2}, {1, 3, 20, 90, 100}, false},      /* not yet */
    {"edge", {0.5, 0.6, 1.6, 1.2, 0.8}, {1, 0.9, 0.5, 0.6, 0.1}, false},  /* how it came there does not count */
    {"edge", {1.0, 1.01, 0.99, 1.01, 0.99}, {1, 0.9, 0.5, 0.6, 0.1}, false},
    {"edge", {1.4, 0.6, 1.1, 1.2, 0.99}, {1, 0.9, 0.5, 0.2, 0.1}, false}, /* it began above; the loss never rose */
    {"open", {0.5, 0.6, 1.1, 1.3, 0.9}, {1, 0.9, 0.5, 0.2, 0.1}, false},  /* too far */
    {"open", {0.5, 0.6, 1.1, 0.9, 0.7}, {1, 0.9, 0.5, 0.2, 0.1}, false},  /* and gone from there */
    {"diverged", {1.4, 1.4, 0.8, 2, NAN}, {1, 3, 20, 1e3, 1e9}, true},
    {"diverged", {0.5, 0.6, 0.7, 0.9, 1.0}, {1, 0.9, 0.5, 0.2, 1e9}, true},
};

static void courses_have_classes(void **state)
{
    static const double step[] = {0, 1, 10, 60, 100};
    (void)state;
    for (size_t i = 0; i < sizeof course / sizeof course[0]; i++)
        for (double limit = 1e-3; limit < 1e4; limit *= 100) {
            sb_course_row row[ROWS];
            double peak = 0;
            for (size_t k = 0; k < ROWS; k++) {
                peak = fmax(peak, course[i].loss[k]);
                row[k] = (sb_course_row){step[k], step[k], course[i].loss[k], peak, limit * course[i].rate[k]};
            }
            sb_course one = {ROWS, row, limit, course[i].diverged};
            assert_string_equal(sb_course_class(&one), course[i].class);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(courses_have_classes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
