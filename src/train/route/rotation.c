/* Two-layer networks of sines, and of Fourier features, on a uniform grid: the route fused, but sine and cosine of a
 * unit turn by fixed angles, those of blocks of points (net/activation/pair.h) or from point to point
 * (net/layer/waves.h). */
#include <string.h>

#include "net/sweep.h"
#include "train/route/fused.h"
#include "train/units.h"

static bool covers(const sb_session *s)
{
    sb_two_layer parts[SB_MOST_COPIES];
    return sb_units_cover(s, parts) && parts->dim == 1 &&
           (!parts->activation || strcmp(parts->activation->name, "sine") == 0) &&
           sb_grid_spacing(s->spec->set->n, s->spec->set->x) != 0;
}

static sb_status create(sb_session *s)
{
    sb_status status = sb_fused_create(s);
    if (status == SB_OK) ((sb_units *)s->state)->spacing = sb_grid_spacing(s->spec->set->n, s->spec->set->x);
    return status;
}

const sb_fit_route sb_fit_route_rotation = {
    .name = "rotation",
    .title = "two-layer networks of sines and Fourier features on a uniform grid: units turn from point to point",
    .covers = covers,
    .create = create,
    .destroy = sb_fused_destroy,
    .memory = sb_fused_memory,
    .evaluate = sb_fused_evaluate,
    .descend = sb_fused_descend,
    .carry = sb_fused_carry,
};
