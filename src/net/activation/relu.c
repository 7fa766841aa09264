#include "net/activation/units.h"

/* max(z, 0), derivative 0 at 0 */
static inline void act(vec z, vec *s, vec *ds)
{
    veci on = z > 0.0;
    *s = vec_where(on, z);
    *ds = vec_where(on, vec_set(1.0));
}

static inline vec act_second(vec z)
{
    (void)z;
    return vec_set(0.0);
}

SB_ACTIVATION(relu, "ReLU, max(z, 0)", true);
