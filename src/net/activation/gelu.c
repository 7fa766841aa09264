#include "net/activation/units.h"

#define PER_ROOT_TWO (real)0x1.6a09e667f3bcdp-1    /* 2^-1/2 */
#define PER_ROOT_TWO_PI (real)0x1.9884533d43651p-2 /* (2 pi)^-1/2 */

/* phi(z) = (2 pi)^-1/2 exp(-z^2 / 2) */
static inline vec normal_density(vec z)
{
    return PER_ROOT_TWO_PI * vec_exp(-(0.5 * z * z));
}

/* s = z Phi(z), s' = Phi(z) + z phi(z), Phi(z) = erfc(-z / sqrt 2) / 2 */
static inline void act(vec z, vec *s, vec *ds)
{
    vec below = 0.5 * vec_each(SB_LIBM(erfc), -PER_ROOT_TWO * z);
    *s = z * below;
    *ds = below + z * normal_density(z);
}

/* s'' = (2 - z^2) phi(z) */
static inline vec act_second(vec z)
{
    return (2.0 - z * z) * normal_density(z);
}

SB_ACTIVATION(gelu, "GELU, z Phi(z)", false);
