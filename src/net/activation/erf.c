#include "net/activation/units.h"

#define SLOPE (real)0x1.20dd750429b6dp+0 /* 2 / sqrt(pi) */

/* s' = 2 / sqrt(pi) exp(-z^2) */
static inline void act(vec z, vec *s, vec *ds)
{
    *s = vec_each(SB_LIBM(erf), z);
    *ds = SLOPE * vec_exp(-(z * z));
}

/* s'' = -2 z s' */
static inline vec act_second(vec z)
{
    return (-2 * SLOPE) * z * vec_exp(-(z * z));
}

SB_ACTIVATION(erf, "error function", false);
