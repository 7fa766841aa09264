#include "train/route/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "core/numbers.h"

#define FEW_SHARDS 8 /* that every batch is cut into, if it has so many examples */
#define MANY_SHARDS 64
#define SHARED_NUMBERS 4000000 /* of all shards' gradients together, beyond FEW_SHARDS */
#define RANGE 4096             /* parameters that are added and updated together */

size_t sb_tiles_count(const sb_tiles *p, size_t count)
{
    return (count + p->tile - 1) / p->tile;
}

/* The tiles [*first, *end) of a shard. */
static void shard_tiles(const sb_tiles *p, size_t count, size_t shard, size_t *first, size_t *end)
{
    size_t tiles = sb_tiles_count(p, count);
    *first = tiles * shard / p->shards;
    *end = tiles * (shard + 1) / p->shards;
}

sb_tiles sb_tiles_plan(const sb_session *s)
{
    const sb_model *model = s->spec->model;
    size_t best = sb_model_tile(model), least = best < 16 ? best : 16, share = (s->rows + FEW_SHARDS - 1) / FEW_SHARDS;
    sb_tiles p = {.single = sb_model_single(model)};
    p.tile = share > best ? best : share < least ? least : share;
    if (p.tile > s->rows) p.tile = s->rows;
    p.shards = SHARED_NUMBERS / (s->parameters + 1);
    if (p.shards < FEW_SHARDS) p.shards = FEW_SHARDS;
    if (p.shards > MANY_SHARDS) p.shards = MANY_SHARDS;
    if (p.shards > sb_tiles_count(&p, s->rows)) p.shards = sb_tiles_count(&p, s->rows);
    p.whole = p.kept = !s->spec->loss || !sb_loss_separable(s->spec->loss);
    p.tape = sb_model_tape(model, p.tile, s->tangents);
    return p;
}

static size_t tile_inputs(const sb_session *s, const sb_tiles *p)
{
    return (1 + s->tangents) * p->tile * s->inputs;
}

static size_t tile_outputs(const sb_session *s, const sb_tiles *p)
{
    return (1 + s->tangents) * p->tile * s->outputs;
}

/* Bytes of a thread's room: inputs, gradients by the outputs as numbers, scratch, outputs and the same gradients as
 * doubles. */
static size_t room_size(const sb_session *s, const sb_tiles *p)
{
    size_t numbers = tile_inputs(s, p) + tile_outputs(s, p) + p->scratch + (p->kept ? 0 : p->tape);
    return numbers * number_size(p->single) + 2 * tile_outputs(s, p) * sizeof(double) + 256;
}

double sb_tiles_memory(const sb_session *s, const sb_tiles *p)
{
    size_t size = number_size(p->single);
    double all = (double)s->threads * (double)room_size(s, p) + (double)(p->shards * s->parameters * size);
    if (p->kept) all += (double)(sb_tiles_count(p, s->rows) * p->tape * size);
    if (p->single) all += (double)(s->spec->set->n * s->inputs * size);
    return all;
}

void sb_tiles_destroy(sb_session *s)
{
    sb_tiles *p = s->state;
    if (!p) return;
    for (size_t i = 0; p->room && i < s->threads; i++) free(p->room[i]);
    for (size_t i = 0; p->tapes && i < sb_tiles_count(p, s->rows); i++) free(p->tapes[i]);
    free(p->room);
    free(p->tapes);
    free(p->x);
    free(p->gradient);
    free(p->sum);
    free(p->losses);
    free(p->all);
    free(p);
    s->state = NULL;
}

static char **allocate_each(size_t count, size_t bytes)
{
    char **each = calloc(count, sizeof *each);
    for (size_t i = 0; each && i < count; i++) {
        each[i] = malloc(bytes);
        if (each[i]) continue;
        while (i-- > 0) free(each[i]);
        free(each);
        return NULL;
    }
    return each;
}

sb_status sb_tiles_create(sb_session *s, const sb_tiles *plan)
{
    const sb_dataset *set = s->spec->set;
    sb_tiles *p = s->state = malloc(sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory to train");
    *p = *plan;
    size_t size = number_size(p->single);
    p->room = allocate_each(s->threads, room_size(s, p));
    if (p->kept) p->tapes = allocate_each(sb_tiles_count(p, s->rows), p->tape * size);
    p->gradient = malloc(p->shards * s->parameters * size);
    p->sum = malloc(s->threads * RANGE * size);
    p->losses = malloc(p->shards * sizeof *p->losses);
    p->all = malloc(set->n * sizeof *p->all);
    if (p->single) p->x = malloc(set->n * s->inputs * size);
    if (!p->room || !p->gradient || !p->sum || !p->losses || !p->all || (p->kept && !p->tapes) ||
        (p->single && !p->x)) {
        sb_tiles_destroy(s);
        return sb_fail(SB_ERR_NOMEM, "no memory to train: %zu parameters, %zu examples at a time", s->parameters,
                       p->tile);
    }
    for (size_t i = 0; i < set->n; i++) p->all[i] = i;
    if (p->single) numbers_from(true, set->n * s->inputs, set->x, p->x);
    return SB_OK;
}

/* ---- a tile ---- */

/* Rows of the tile, and its tangents: the unit vectors along the axes of the input. */
static const void *tile_rows(const sb_session *s, const sb_tiles *p, size_t first, size_t n, char *room)
{
    const char *all = p->x ? p->x : (const void *)s->spec->set->x;
    size_t row = s->inputs * number_size(p->single);
    if (!s->index && s->tangents == 0) return all + first * row;
    for (size_t i = 0; i < n; i++)
        memcpy(room + i * row, all + (s->index ? s->index[first + i] : first + i) * row, row);
    memset(room + n * row, 0, s->tangents * n * row);
    for (size_t d = 0; d < s->tangents; d++)
        for (size_t i = 0; i < n; i++) {
            void *one = number_at(p->single, room, ((1 + d) * n + i) * s->inputs + d);
            if (p->single)
                *(float *)one = 1;
            else
                *(double *)one = 1;
        }
    return room;
}

/* Copies [1 + tangents][n][outputs] of a tile to or from its place in [1 + tangents][count][outputs]. */
static void place_rows(const sb_session *s, size_t first, size_t n, double *all, double *part, bool into)
{
    for (size_t d = 0; d <= s->tangents; d++) {
        double *there = all + (d * s->count + first) * s->outputs, *here = part + d * n * s->outputs;
        memcpy(into ? there : here, into ? here : there, n * s->outputs * sizeof *here);
    }
}

typedef struct parts {
    char *x;           /* room for rows */
    void *g;           /* gradients by the outputs, numbers of the model */
    double *h, *slope; /* outputs and gradients in double */
    char *scratch, *tape;
} parts;

static char *aligned(char *at)
{
    return at + (64 - (size_t)at % 64) % 64;
}

static parts split_room(const sb_session *s, const sb_tiles *p, char *room)
{
    size_t size = number_size(p->single), outputs = tile_outputs(s, p);
    parts all;
    all.h = (double *)aligned(room);
    all.slope = all.h + outputs;
    all.g = all.slope + outputs;
    all.x = (char *)all.g + outputs * size;
    all.scratch = aligned(all.x + tile_inputs(s, p) * size);
    all.tape = aligned(all.scratch + p->scratch * size);
    return all;
}

static void backward_tile(sb_session *s, const sb_tiles *p, size_t n, const void *x, void *tape, const parts *room,
                          size_t shard)
{
    size_t outputs = (1 + s->tangents) * n * s->outputs;
    const void *g = room->slope;
    if (p->single) {
        numbers_from(true, outputs, room->slope, room->g);
        g = room->g;
    }
    sb_model_backward(s->spec->model, p->theta, n, s->tangents, x, tape, g,
                      number_at(p->single, p->gradient, shard * s->parameters));
}

static void forward_tile(sb_session *s, const sb_tiles *p, size_t tile, size_t shard, const parts *room)
{
    size_t first = tile * p->tile, n = s->count - first < p->tile ? s->count - first : p->tile;
    void *tape = p->kept ? p->tapes[tile] : room->tape;
    const void *x = tile_rows(s, p, first, n, room->x);
    p->forward(s, &(sb_tile){tile, first, n, x, tape, room->scratch, room->h});
    place_rows(s, first, n, s->h, room->h, true);
    if (p->whole) return;
    p->losses[shard] +=
        sb_loss_value(s->spec->loss, n, (s->index ? s->index : p->all) + first, s->count, room->h, room->slope);
    backward_tile(s, p, n, x, tape, room, shard);
}

void sb_tiles_evaluate(sb_session *s, size_t me)
{
    sb_tiles *p = s->state;
    parts room = split_room(s, p, p->room[me]);
    for (size_t shard = me; shard < p->shards; shard += s->threads) {
        size_t tile, end;
        p->losses[shard] = 0;
        memset(number_at(p->single, p->gradient, shard * s->parameters), 0, s->parameters * number_size(p->single));
        shard_tiles(p, s->count, shard, &tile, &end);
        for (; tile < end; tile++) forward_tile(s, p, tile, shard, &room);
    }
    sb_barrier_wait(&s->barrier);
    if (me == 0 && p->whole && s->spec->loss)
        s->loss = sb_loss_value(s->spec->loss, s->count, NULL, s->count, s->h, s->g);
    else if (me == 0 && !p->whole) {
        s->loss = 0;
        for (size_t shard = 0; shard < p->shards; shard++) s->loss += p->losses[shard];
    }
    sb_barrier_wait(&s->barrier);
}

/* What evaluate had to leave undone: the way back from the gradient by all outputs. */
static void backward_whole(sb_session *s, sb_tiles *p, size_t me)
{
    parts room = split_room(s, p, p->room[me]);
    for (size_t shard = me; shard < p->shards; shard += s->threads) {
        size_t tile, end;
        shard_tiles(p, s->count, shard, &tile, &end);
        for (; tile < end; tile++) {
            size_t first = tile * p->tile, n = s->count - first < p->tile ? s->count - first : p->tile;
            place_rows(s, first, n, s->g, room.slope, false);
            backward_tile(s, p, n, tile_rows(s, p, first, n, room.x), p->tapes[tile], &room, shard);
        }
    }
    sb_barrier_wait(&s->barrier);
}

void sb_tiles_descend(sb_session *s, size_t me, const sb_update *how)
{
    sb_tiles *p = s->state;
    void *sum = number_at(p->single, p->sum, me * RANGE);
    if (p->whole) backward_whole(s, p, me);
    for (size_t first = me * RANGE; first < s->parameters; first += s->threads * RANGE) {
        size_t count = s->parameters - first < RANGE ? s->parameters - first : RANGE;
        memcpy(sum, number_at(p->single, p->gradient, first), count * number_size(p->single));
        for (size_t shard = 1; shard < p->shards; shard++)
            numbers_add(p->single, count, number_at(p->single, p->gradient, shard * s->parameters + first), sum);
        sb_session_update(s, how, first, count, sum);
    }
    sb_barrier_wait(&s->barrier);
}
