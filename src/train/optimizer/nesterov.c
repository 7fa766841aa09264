#include "train/optimizer/optimizer.h"

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

SB_OPTIMIZER(nesterov, "Nesterov's momentum: v = beta v + g, theta -= eta (g + beta v)", 1, true, true);
