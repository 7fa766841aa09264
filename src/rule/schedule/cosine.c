#include <specbias/rule.h>

#include <math.h>

/* from 1 to decay along half a cosine (Loshchilov, Hutter 2017, without restarts) */
static double factor(size_t step, size_t steps, size_t period, double decay)
{
    (void)period;
    return decay + (1 - decay) * 0.5 * (1 + cos(M_PI * (double)step / (double)steps));
}

const sb_schedule sb_schedule_cosine = {"cosine", "half a cosine, from train.eta to train.decay times it", factor};
