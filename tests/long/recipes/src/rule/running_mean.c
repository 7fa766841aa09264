#include "rule/momentum.h"

/* v = beta v + (1 - beta) g, theta -= eta v */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate, beta = (real)how->beta1, rest = (real)(1 - how->beta1);                           \
        (void)slot1;                                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            slot0[i] = beta * slot0[i] + rest * gradient[i];                                                           \
            theta[i] -= rate * slot0[i];                                                                               \
        }                                                                                                              \
    }

static void direction(double beta, double *own, double *past)
{
    *own = 0;
    *past = 1 - beta;
}

SB_MOMENTUM(running_mean, "running mean of gradients: v = beta v + (1 - beta) g, theta -= eta v");
