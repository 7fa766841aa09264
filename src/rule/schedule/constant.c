#include <specbias/rule.h>

static double factor(size_t step, size_t steps, size_t period, double decay)
{
    (void)step, (void)steps, (void)period, (void)decay;
    return 1;
}

const sb_schedule sb_schedule_constant = {"constant", "the same rate in every step", factor};
