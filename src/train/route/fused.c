/* Two-layer networks: one sweep over the units per step, in which they take it and leave their share of the new output.
 */
#include "train/route/fused.h"

#include <stdlib.h>
#include <string.h>

#include "train/units.h"

static bool covers(const sb_session *s)
{
    sb_two_layer parts[SB_MOST_COPIES];
    return sb_units_cover(s, parts);
}

void sb_fused_destroy(sb_session *s)
{
    if (s->state) sb_units_clear(s->state);
    free(s->state);
    s->state = NULL;
}

double sb_fused_memory(const sb_session *s)
{
    return sb_units_memory(s, s->rows);
}

sb_status sb_fused_create(sb_session *s)
{
    const sb_dataset *set = s->spec->set;
    sb_units *u = s->state = calloc(1, sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory to train");
    sb_status status = sb_units_create(s, set->n, u);
    if (status == SB_OK) sb_units_place(u, set->n, set->x);
    return status;
}

void sb_fused_evaluate(sb_session *s, size_t me)
{
    sb_units *u = s->state;
    if (!s->carried) sb_units_evaluate(s, u, me);
    if (me == 0) {
        memcpy(s->h, u->h, u->n * sizeof *s->h);
        s->loss = sb_loss_value(s->spec->loss, u->n, NULL, u->n, s->h, s->g);
        s->carried = true;
    }
    sb_barrier_wait(&s->barrier);
}

void sb_fused_descend(sb_session *s, size_t me, const sb_update *how)
{
    sb_units_descend(s, s->state, me, how, s->g);
}

double *sb_fused_carry(sb_session *s, size_t *count)
{
    const sb_units *u = s->state;
    *count = u->n;
    return u->h;
}

const sb_fit_route sb_fit_route_fused = {
    .name = "fused",
    .title = "two-layer networks: one sweep over the units",
    .covers = covers,
    .create = sb_fused_create,
    .destroy = sb_fused_destroy,
    .memory = sb_fused_memory,
    .evaluate = sb_fused_evaluate,
    .descend = sb_fused_descend,
    .carry = sb_fused_carry,
};
