#include "rule/momentum.h"

/* v = beta v + g, theta -= eta v (Polyak 1964) */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate, beta = (real)how->beta1;                                                          \
        (void)slot1;                                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            slot0[i] = beta * slot0[i] + gradient[i];                                                                  \
            theta[i] -= rate * slot0[i];                                                                               \
        }                                                                                                              \
    }

static void direction(double beta, double *own, double *past)
{
    (void)beta;
    *own = 0;
    *past = 1;
}

SB_MOMENTUM(heavy_ball, "heavy ball: v = beta v + g, theta -= eta v");
