#include "rule/momentum.h"

/* v = beta v + g, theta -= eta (g + beta v) (Nesterov 1983, in the form of Sutskever et al. 2013) */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate, beta = (real)how->beta1;                                                          \
        (void)slot1;                                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            slot0[i] = beta * slot0[i] + gradient[i];                                                                  \
            theta[i] -= rate * (gradient[i] + beta * slot0[i]);                                                        \
        }                                                                                                              \
    }

static void direction(double beta, double *own, double *past)
{
    *own = 1;
    *past = beta;
}

SB_MOMENTUM(nesterov, "Nesterov's momentum: v = beta v + g, theta -= eta (g + beta v)");
