#define ACT_TURNS
#include "net/activation/units.h"

static inline void act(vec z, vec *s, vec *ds)
{
    vec_sincos(z, s, ds);
}

static inline vec act_second(vec z)
{
    vec s, c;
    vec_sincos(z, &s, &c);
    return -s;
}

SB_ACTIVATION(sine, "sine", false);
