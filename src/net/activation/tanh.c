#include "net/activation/vec.h"

/* Taylor series of tanh(z + delta) with s = tanh z and d = s' = 1 - s^2; what is left out, the sixth order (float: the
 * fourth), is below 1e-16 (1e-8) */
#if SB_SINGLE
#define ACT_REACH 0x1p-6
static inline vec act_near(vec s, vec delta)
{
    vec s2 = s * s, d = 1.0 - s2;
    return s + d * delta * (1.0 + delta * (delta * (s2 - (real)(1. / 3)) - s));
}

/* Where the third order is below 1e-8 */
#define ACT_CLOSE 0x1p-9
static inline vec act_close(vec s, vec delta)
{
    return s + (1.0 - s * s) * delta * (1.0 - delta * s);
}
#else
#define ACT_REACH 0x1p-8
static inline vec act_near(vec s, vec delta)
{
    vec s2 = s * s, d = 1.0 - s2;
    vec third = s2 - 1. / 3, fourth = s * (2. / 3 - s2), fifth = 2. / 15 - s2 * d;
    return s + d * delta * (1.0 + delta * (delta * (third + delta * (fourth + delta * fifth)) - s));
}

/* Where the fourth order is below 1e-16, as in most training: 7 multiplications, not 11. */
#define ACT_CLOSE 0x1p-13
static inline vec act_close(vec s, vec delta)
{
    vec s2 = s * s, d = 1.0 - s2;
    return s + d * delta * (1.0 + delta * (delta * (s2 - 1. / 3) - s));
}
#endif

#define ACT_START TANH_MOST
#define act_start vec_tanh_exp

static inline void act_finish(vec started, vec *s, vec *ds)
{
    *s = started / (started + 2.0);
    *ds = 1.0 - *s * *s;
}

#include "net/activation/units.h"

static inline void act(vec z, vec *s, vec *ds)
{
    *s = vec_tanh(z);
    *ds = 1.0 - *s * *s;
}

/* s'' = -2 s s' */
static inline vec act_second(vec z)
{
    vec s = vec_tanh(z);
    return -(2.0 * s * (1.0 - s * s));
}

SB_ACTIVATION(tanh, "hyperbolic tangent", false);
