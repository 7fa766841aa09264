#include "train/optimizer/optimizer.h"

/* theta -= eta g; with mini-batches, stochastic gradient descent */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate;                                                                                   \
        (void)slot0, (void)slot1;                                                                                      \
        for (size_t i = 0; i < n; i++) theta[i] -= rate * gradient[i];                                                 \
    }

SB_OPTIMIZER(gd, "gradient descent; with train.batch, stochastic gradient descent", 0, true, false);
