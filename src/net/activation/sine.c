#include "net/activation/units.h"

static inline void act(vec z, vec *s, vec *ds)
{
    vec_sincos(z, s, ds);
}

SB_ACTIVATION(sine, "sine", false, NULL);
