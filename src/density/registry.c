#include <stdint.h>

#include "core/registry.h"
#include "core/words.h"
#include "density/density.h"

static const sb_density_kind *const list[] = {
#define DENSITY(name) &sb_density_kind_##name,
#include "density/list.def"
#undef DENSITY
    NULL,
};

SB_REGISTRY(sb_density_kind)

const sb_density_kind *sb_density_kind_nearest(const char *name)
{
    const sb_density_kind *nearest = list[0];
    size_t least = SIZE_MAX;
    for (size_t i = 0; list[i]; i++) {
        size_t distance = sb_edit_distance(name, list[i]->name);
        if (distance >= least) continue;
        least = distance;
        nearest = list[i];
    }
    return nearest;
}
