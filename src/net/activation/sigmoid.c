#include "net/activation/units.h"

/* 1 / (1 + exp(-z)) = (1 + t) / 2 with t = tanh(z / 2); s' = (1 - t^2) / 4 */
static inline void act(vec z, vec *s, vec *ds)
{
    vec t = vec_tanh(0.5 * z);
    *s = 0.5 + 0.5 * t;
    *ds = 0.25 * ((1.0 - t) * (1.0 + t));
}

/* s'' = -t (1 - t^2) / 4 */
static inline vec act_second(vec z)
{
    vec t = vec_tanh(0.5 * z);
    return -(0.25 * t * ((1.0 - t) * (1.0 + t)));
}

SB_ACTIVATION(sigmoid, "logistic function, 1 / (1 + exp(-z))", false);
