#include "net/activation/units.h"

/* s' = 2 / sqrt(pi) exp(-z^2) */
static inline void act(vec z, vec *s, vec *ds)
{
    *s = vec_each(erf, z);
    *ds = 0x1.20dd750429b6dp+0 * vec_each(exp, -z * z);
}

/* s'' = -2 z s' */
static inline vec act_second(vec z)
{
    return -2.0 * z * 0x1.20dd750429b6dp+0 * vec_each(exp, -z * z);
}

SB_ACTIVATION(erf, "error function", false, NULL);
