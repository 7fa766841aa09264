#include "net/activation/units.h"

static inline void act(vec z, vec *s, vec *ds)
{
    *s = vec_each(sin, z);
    *ds = vec_each(cos, z);
}

SB_ACTIVATION(sine, "sine", false, NULL);
