#include "net/activation/units.h"

/* s' = -z s */
static inline void act(vec z, vec *s, vec *ds)
{
    *s = vec_exp(-(0.5 * z * z));
    *ds = -z * *s;
}

/* s'' = (z^2 - 1) s */
static inline vec act_second(vec z)
{
    return (z * z - 1.0) * vec_exp(-(0.5 * z * z));
}

SB_ACTIVATION(gaussian, "Gaussian, exp(-z^2 / 2)", false);
