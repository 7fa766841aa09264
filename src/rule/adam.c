#include "rule/rule.h"

/* m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
 * theta -= eta (m / (1 - beta1^t)) / ((v / (1 - beta2^t))^1/2 + epsilon) (Kingma, Ba 2015) */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real beta1 = (real)how->beta1, beta2 = (real)how->beta2, rest1 = (real)(1 - how->beta1);                       \
        real rest2 = (real)(1 - how->beta2), epsilon = (real)how->epsilon,                                             \
             rate = (real)(how->rate / how->correction1);                                                              \
        real scale = (real)(1 / sqrt(how->correction2));                                                               \
        for (size_t i = 0; i < n; i++) {                                                                               \
            slot0[i] = beta1 * slot0[i] + rest1 * gradient[i];                                                         \
            slot1[i] = beta2 * slot1[i] + rest2 * gradient[i] * gradient[i];                                           \
            theta[i] -= rate * slot0[i] / (scale * root(slot1[i]) + epsilon);                                          \
        }                                                                                                              \
    }

SB_RULE(adam, "Adam", .keys = "momentum beta2 epsilon", .slots = 2);
