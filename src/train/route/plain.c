/* Tiles of examples forward and backward, layer by layer. The batch is cut into shards of whole tiles, which have a
 * gradient of their own; threads take shards, and the gradients are added in order. Without a loss (spec->loss = NULL,
 * for the route nodes) evaluate gives h alone and descend goes on from the g it finds. */
#include "core/numbers.h"
#include "train/route/tiles.h"

static void forward(sb_session *s, const sb_tile *tile)
{
    const sb_model *model = s->spec->model;
    const void *h = sb_model_forward(model, s->theta, tile->n, s->tangents, tile->x, tile->tape);
    numbers_to(sb_model_single(model), (1 + s->tangents) * tile->n * s->outputs, h, tile->h);
}

static bool covers(const sb_session *s)
{
    (void)s;
    return true;
}

static double memory(const sb_session *s)
{
    sb_tiles tiles = sb_tiles_plan(s);
    return sb_tiles_memory(s, &tiles);
}

static sb_status create(sb_session *s)
{
    sb_tiles tiles = sb_tiles_plan(s);
    tiles.theta = s->theta;
    tiles.forward = forward;
    return sb_tiles_create(s, &tiles);
}

const sb_fit_route sb_fit_route_plain = {
    .name = "plain",
    .title = "layer by layer, tiles of examples",
    .covers = covers,
    .create = create,
    .destroy = sb_tiles_destroy,
    .memory = memory,
    .evaluate = sb_tiles_evaluate,
    .descend = sb_tiles_descend,
};
