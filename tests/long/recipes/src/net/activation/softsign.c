#include "net/activation/units.h"

/* s = z / (1 + |z|), s' = 1 / (1 + |z|)^2 */
static inline void act(vec z, vec *s, vec *ds)
{
    vec r = 1.0 / (1.0 + vec_abs(z));
    *s = z * r;
    *ds = r * r;
}

/* s'' = -2 sign z / (1 + |z|)^3 */
static inline vec act_second(vec z)
{
    vec r = 1.0 / (1.0 + vec_abs(z));
    return vec_choose(z == 0.0, vec_set(0.0), -vec_sign(2.0 * r * r * r, z));
}

SB_ACTIVATION(softsign, "softsign, z / (1 + |z|)", false);
