#include <stdint.h>

#include "core/text.h"
#include "density/density.h"

#define SB_METHOD sb_density_kind
#define SB_LIST "density/list.def"
#define DENSITY SB_LINE
#include "core/registry.inc"

const sb_density_kind *sb_density_kind_nearest(const char *name)
{
    const sb_density_kind *nearest = sb_density_kind_at(0);
    size_t least = SIZE_MAX;
    for (size_t i = 0; sb_density_kind_at(i); i++) {
        size_t distance = sb_edit_distance(name, sb_density_kind_at(i)->name);
        if (distance >= least) continue;
        least = distance;
        nearest = sb_density_kind_at(i);
    }
    return nearest;
}
