#include <specbias/rule.h>

#include <math.h>

static double factor(size_t step, size_t steps, size_t period, double decay)
{
    (void)steps;
    return pow(decay, (double)(step / period));
}

const sb_schedule sb_schedule_step = {"step", "times train.decay after every train.period steps", factor};
