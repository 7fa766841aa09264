#include "train/units.h"

#include <stdlib.h>
#include <string.h>

#include "net/sweep.h"
#include "core/numbers.h"

#define LEAST_UNITS 32 /* of a block: two vectors of the widest floats */
#define MOST_BLOCKS 32

bool sb_units_cover(const sb_session *s, sb_two_layer parts[SB_MOST_COPIES])
{
    return s->rows == s->spec->set->n && s->tangents == 0 && sb_model_two_layer(s->spec->model, parts) > 0 &&
           parts->dim <= (parts->activation ? SB_SWEEP_DIM : SB_MOST_DIMENSIONS);
}

/* Sizes, which depend on the problem alone. */
static sb_units plan(const sb_session *s)
{
    sb_units u = {.single = sb_model_single(s->spec->model), .threads = s->threads};
    u.copies = sb_model_two_layer(s->spec->model, u.parts);
    size_t units = u.parts->units, least = (u.copies * units + MOST_BLOCKS - 1) / MOST_BLOCKS;
    u.block = (least + LEAST_UNITS - 1) / LEAST_UNITS * LEAST_UNITS;
    u.each = (units + u.block - 1) / u.block;
    u.blocks = u.copies * u.each;
    return u;
}

/* On whole cache lines. */
static size_t gradient_bytes(size_t n)
{
    return (n * sizeof(double) + 63) / 64 * 64;
}

static size_t room_bytes(const sb_units *u, size_t n)
{
    return (gradient_bytes(n) + sb_sweep_scratch(n, u->parts->dim) + 63) / 64 * 64;
}

double sb_units_memory(const sb_session *s, size_t n)
{
    sb_units u = plan(s);
    double pace = sb_session_scaled(s) ? 8 * (double)s->parameters : 0;
    return pace + (double)s->threads * (double)room_bytes(&u, n) +
           8 * (double)n * (double)(u.blocks + 1 + u.parts->dim);
}

sb_status sb_units_create(const sb_session *s, size_t most, sb_units *u)
{
    *u = plan(s);
    u->x = malloc(most * u->parts->dim * sizeof(double));
    u->share = malloc(u->blocks * most * sizeof(double));
    u->h = malloc(most * sizeof(double));
    u->room = calloc(s->threads, sizeof *u->room);
    if (sb_session_scaled(s)) u->pace = malloc(s->parameters * sizeof *u->pace);
    for (size_t i = 0; u->pace && i < s->parameters; i++)
        u->pace[i] = s->spec->gradient_scale[i] * s->spec->step_scale[i];
    bool all = u->x && u->share && u->h && u->room && (u->pace || !sb_session_scaled(s));
    for (size_t i = 0; all && i < s->threads; i++) all = (u->room[i] = aligned_alloc(64, room_bytes(u, most))) != NULL;
    if (all) return SB_OK;
    sb_units_clear(u);
    return sb_fail(SB_ERR_NOMEM, "no memory to train on %zu points", most);
}

void sb_units_clear(sb_units *u)
{
    for (size_t i = 0; u->room && i < u->threads; i++) free(u->room[i]);
    free(u->room);
    free(u->x);
    free(u->share);
    free(u->pace);
    free(u->h);
    *u = (sb_units){0};
}

void sb_units_place(sb_units *u, size_t n, const double *x)
{
    u->n = n;
    numbers_from(u->single, n * u->parts->dim, x, u->x);
}

/* The output's own biases. */
static double offset_of(const sb_session *s, const sb_units *u)
{
    double sum = 0, c;
    for (const sb_two_layer *parts = u->parts; parts < u->parts + u->copies; parts++) {
        if (parts->offset == SIZE_MAX) continue;
        numbers_to(u->single, 1, number_at(u->single, s->theta, parts->offset), &c);
        sum += parts->offset_scale * c;
    }
    return sum;
}

/* h[i] = sum of the shares + offset_scale c, i from this member's part */
static void add_shares(const sb_session *s, sb_units *u, size_t me)
{
    size_t first = u->n * me / s->threads, end = u->n * (me + 1) / s->threads;
    double offset = offset_of(s, u);
    for (size_t i = first; i < end; i++) u->h[i] = offset;
    for (size_t b = 0; b < u->each; b++)
        for (size_t i = first; i < end; i++) {
            double share = u->share[b * u->n + i];
            if (u->copies > 1) share += u->share[(u->each + b) * u->n + i]; /* which cancels it at the start */
            u->h[i] += share;
        }
}

static void sweep_blocks(const sb_session *s, sb_units *u, size_t me, sb_sweep *sweep)
{
    sweep->theta = s->theta;
    sweep->n = u->n;
    sweep->x = u->x;
    sweep->spacing = u->spacing;
    sweep->scratch = u->room[me] + gradient_bytes(u->n);
    for (size_t b = me; b < u->blocks; b += s->threads) {
        const sb_two_layer *parts = &u->parts[b / u->each];
        size_t first = b % u->each * u->block, left = parts->units - first;
        sweep->parts = parts;
        sweep->h = sweep->g && s->still ? NULL : u->share + b * u->n;
        parts->sweep(sweep, first, left < u->block ? left : u->block);
    }
}

void sb_units_evaluate(sb_session *s, sb_units *u, size_t me)
{
    sb_sweep sweep = {0};
    sweep_blocks(s, u, me, &sweep);
    sb_barrier_wait(&s->barrier);
    add_shares(s, u, me);
    sb_barrier_wait(&s->barrier);
}

typedef struct step {
    sb_session *session;
    const sb_update *how;
} step;

static void update(void *context, size_t first, size_t count, const void *gradient)
{
    const step *now = context;
    sb_session_update(now->session, now->how, first, count, gradient);
}

/* d loss / dc = offset_scale sum g */
static void update_offsets(sb_session *s, const sb_units *u, const sb_update *how, const double *g)
{
    double sum = 0;
    for (size_t i = 0; i < u->n; i++) sum += g[i];
    for (const sb_two_layer *parts = u->parts; parts < u->parts + u->copies; parts++) {
        double slope = parts->offset_scale * sum;
        float single = (float)slope;
        if (parts->offset == SIZE_MAX || !parts->out_trained) continue;
        sb_session_update(s, how, parts->offset, 1, u->single ? (void *)&single : (void *)&slope);
    }
}

void sb_units_descend(sb_session *s, sb_units *u, size_t me, const sb_update *how, const double *g)
{
    step now = {.session = s, .how = how};
    bool plain = strcmp(s->spec->rule->name, "gd") == 0 && !s->pull;
    sb_sweep sweep = {
        .g = u->room[me], .rate = how->rate, .pace = u->pace, .context = &now, .update = plain ? NULL : update};
    numbers_from(u->single, u->n, g, u->room[me]);
    sweep_blocks(s, u, me, &sweep);
    if (me == 0) update_offsets(s, u, how, g);
    sb_barrier_wait(&s->barrier);
    if (s->still) return;
    add_shares(s, u, me);
    sb_barrier_wait(&s->barrier);
}
