#include "train/optimizer/optimizer.h"

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

SB_OPTIMIZER(heavy_ball, "heavy ball: v = beta v + g, theta -= eta v", 1, true, true);
