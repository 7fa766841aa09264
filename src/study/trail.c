#include "study/trail.h"

#include <stdlib.h>
#include <string.h>

sb_status sb_trail_open(const sb_case *cas, size_t rows, const double *x, size_t nodes, sb_trail *trail)
{
    *trail = (sb_trail){.cas = cas, .rows = rows, .x = x};
    trail->nodes = nodes > 1 ? sb_path_choose(cas->nt, cas->step, nodes, trail->node) : 1;
    trail->record = calloc(cas->nt, sizeof *trail->record);
    trail->gram = malloc(trail->nodes * rows * rows * sizeof *trail->gram);
    if (!trail->record || !trail->gram) return sb_fail(SB_ERR_NOMEM, "no memory for %zu kernels", trail->nodes);
    for (size_t i = 0; i < trail->nodes; i++) trail->record[trail->node[i]] = true;
    return SB_OK;
}

void sb_trail_close(sb_trail *trail)
{
    free(trail->record);
    free(trail->gram);
    *trail = (sb_trail){0};
}

static sb_status take(sb_trail *w, size_t node, const double *theta)
{
    sb_factors factors = {0};
    sb_status status = sb_model_factors(w->cas->model, theta, &factors);
    sb_gram_spec spec = {.factors = &factors, .outputs = SB_OUTPUTS_MEAN, .threads = 1};
    if (status == SB_OK) status = sb_gram_layers(&spec, w->rows, w->x, w->gram + node * w->rows * w->rows);
    sb_factors_clear(&factors);
    return status;
}

sb_status sb_trail_look(void *trail, const sb_fit_state *state)
{
    sb_trail *w = trail;
    size_t i = 0;
    if (state->record >= w->cas->nt || !w->record[state->record]) return SB_OK;
    while (w->node[i] != state->record) i++;
    return take(w, i, state->theta);
}

sb_status sb_trail_start(sb_trail *trail, const double *theta)
{
    return take(trail, 0, theta);
}

static sb_status all_rows(const void *context, const double *u, double *kept)
{
    memcpy(kept, u, ((const sb_trail *)context)->rows * sizeof *kept);
    return SB_OK;
}

sb_status sb_trail_end(const sb_trail *w, bool frozen, const double *u0, double *u)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    double step[SB_PATH_NODES], *c = calloc(w->rows, sizeof *c);
    sb_quadratic loss = {0};
    if (!c) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", w->rows);
    for (size_t i = 0; i < cas->n; i++) c[i] = cas->quadratic.root[i] * cas->quadratic.root[i];
    for (size_t i = 0; i < w->nodes; i++) step[i] = cas->step[w->node[i]];
    sb_watched all = {w->rows, all_rows, w};
    sb_path path = {w->rows, frozen ? 1 : w->nodes, step, w->gram, 1, &loss, cas->rule, NULL, false};
    SB_TRY(sb_quadratic_weights(w->rows, c, &loss));
    SB_TRY(sb_path_follow(&path, &all, 1, &cas->step[cas->nt - 1], u0, u));
done:
    sb_quadratic_clear(&loss);
    free(c);
    return status;
}

sb_status sb_trail_moved(const sb_trail *w, const double *u0, double *moved)
{
    sb_status status = SB_OK;
    size_t n = w->cas->n;
    double *path = malloc(2 * w->rows * sizeof *path), *frozen = path + w->rows;
    if (!path) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", w->rows);
    SB_TRY(sb_trail_end(w, false, u0, path));
    SB_TRY(sb_trail_end(w, true, u0, frozen));
    for (size_t i = n; i < w->rows; i++) moved[i - n] = path[i] - frozen[i];
done:
    free(path);
    return status;
}
