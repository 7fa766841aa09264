/* The whole sweep of tests/unit/averages.c: every activation and law, scales 1 .. 300, three extents; and the reference
 * against itself of a higher order. */
#include "../unit/common/averages.h"

#include "../unit/common/test.h"

static void whole_sweep(void **state)
{
    (void)state;
    sweep_averages(1, 24);
}

static void reference_has_settled(void **state)
{
    enum { SIZE = AVERAGE_POINTS * AVERAGE_POINTS };
    (void)state;
    for (size_t a = 0; sb_activation_at(a); a++)
        for (size_t l = 0; sb_law_at(l); l++) {
            average_case c = {sb_activation_at(a)->name, sb_law_at(l), l % 2 ? 100 : 300, 0.7, 1.5, 1};
            double gram[SIZE], finer[SIZE];
            reference_gram(&c, 24, gram);
            reference_gram(&c, 36, finer);
            assert_at_most(max_difference(SIZE, gram, finer), 1e-11 * max_abs(SIZE, finer));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_sweep),
        cmocka_unit_test(reference_has_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
