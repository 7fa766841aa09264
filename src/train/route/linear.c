/* The network linearised: h = h_0 + J (theta - theta_0), J at spec->tangent_at, theta_0 where the session began and h_0
 * the network's outputs there; so the gradient is J^T dL/dh. J is not stored: J v is forward mode in the parameters,
 * J^T g the way back. What the network itself makes of an example never changes: tapes of a batch of all examples are
 * kept where they fit. The rest is the route plain's. */
#include <stdlib.h>

#include "core/numbers.h"
#include "train/route/tiles.h"

#define MOST_TAPES 512e6 /* bytes of all tapes that are kept */
#define RANGE 4096       /* parameters at a time */

typedef struct linear {
    void *at;    /* [parameters] weights at which J is .. */
    void *start; /* .. theta_0 .. */
    void *v;     /* .. and theta - theta_0, numbers of the model */
    double *h;   /* [set.n][outputs] h_0 */
    bool *made;  /* [tiles] whether its tape is; NULL: they are not kept */
} linear;

static bool covers(const sb_session *s)
{
    return s->spec->tangent_at && s->tangents == 0;
}

static sb_tiles plan(const sb_session *s)
{
    sb_tiles tiles = sb_tiles_plan(s);
    double tapes = (double)(sb_tiles_count(&tiles, s->rows) * tiles.tape * number_size(tiles.single));
    tiles.scratch = tiles.tile * s->outputs + 16 + sb_model_scratch(s->spec->model, tiles.tile);
    tiles.kept = tiles.whole || (s->rows == s->spec->set->n && tapes <= MOST_TAPES);
    return tiles;
}

static double memory(const sb_session *s)
{
    sb_tiles tiles = plan(s);
    return sb_tiles_memory(s, &tiles) + 3 * (double)(s->parameters * number_size(tiles.single)) +
           8 * (double)(s->spec->set->n * s->outputs);
}

static void destroy(sb_session *s)
{
    sb_tiles *tiles = s->state;
    linear *l = tiles ? tiles->more : NULL;
    if (l) {
        free(l->at);
        free(l->start);
        free(l->v);
        free(l->h);
        free(l->made);
    }
    free(l);
    sb_tiles_destroy(s);
}

/* J v stands in front of the scratch. */
static void forward(sb_session *s, const sb_tile *tile)
{
    const sb_tiles *tiles = s->state;
    linear *l = tiles->more;
    const sb_model *model = s->spec->model;
    size_t outputs = tile->n * s->outputs;
    void *change = tile->scratch, *rest = number_at(tiles->single, change, (outputs + 15) / 16 * 16);
    if (!l->made || !l->made[tile->index]) sb_model_forward(model, l->at, tile->n, 0, tile->x, tile->tape);
    if (l->made) l->made[tile->index] = true;
    sb_model_change(model, l->at, l->v, tile->n, tile->x, tile->tape, rest, change);
    numbers_to(tiles->single, outputs, change, tile->h);
    for (size_t i = 0; i < tile->n; i++) {
        size_t example = s->index ? s->index[tile->first + i] : tile->first + i;
        for (size_t o = 0; o < s->outputs; o++) tile->h[i * s->outputs + o] += l->h[example * s->outputs + o];
    }
}

static sb_status no_memory(const sb_session *s)
{
    return sb_fail(SB_ERR_NOMEM, "no memory for the linearisation of %zu parameters", s->parameters);
}

/* What fails here goes with destroy. */
static sb_status create(sb_session *s)
{
    const sb_fit_spec *spec = s->spec;
    sb_tiles all = plan(s);
    size_t bytes = s->parameters * number_size(all.single) + 64;
    sb_status status = sb_tiles_create(s, &all);
    if (status != SB_OK) return status;
    sb_tiles *tiles = s->state;
    linear *l = tiles->more = calloc(1, sizeof *l);
    if (!l) return no_memory(s);
    l->at = malloc(bytes);
    l->start = malloc(bytes);
    l->v = malloc(bytes);
    l->h = malloc(spec->set->n * s->outputs * sizeof *l->h);
    bool keeps = tiles->kept && s->rows == spec->set->n;
    if (keeps) l->made = calloc(sb_tiles_count(tiles, s->rows), sizeof *l->made);
    if (!l->at || !l->start || !l->v || !l->h || (keeps && !l->made)) return no_memory(s);
    numbers_from(tiles->single, s->parameters, spec->tangent_at, l->at);
    numbers_from(tiles->single, s->parameters, s->start, l->start);
    tiles->theta = l->at;
    tiles->forward = forward;
    return sb_model_evaluate(spec->model, s->start, spec->set->n, spec->set->x, l->h);
}

static void evaluate(sb_session *s, size_t me)
{
    const sb_tiles *tiles = s->state;
    const linear *l = tiles->more;
    for (size_t first = me * RANGE; first < s->parameters; first += s->threads * RANGE) {
        size_t end = first + RANGE < s->parameters ? first + RANGE : s->parameters;
        for (size_t i = first; i < end && tiles->single; i++)
            ((float *)l->v)[i] = ((const float *)s->theta)[i] - ((const float *)l->start)[i];
        for (size_t i = first; i < end && !tiles->single; i++)
            ((double *)l->v)[i] = ((const double *)s->theta)[i] - ((const double *)l->start)[i];
    }
    sb_barrier_wait(&s->barrier);
    sb_tiles_evaluate(s, me);
}

/* Of all examples, whatever the batch. */
static sb_status outputs(const sb_session *s, const double *theta, double *h)
{
    const sb_fit_spec *spec = s->spec;
    const linear *l = ((const sb_tiles *)s->state)->more;
    double *v = malloc(s->parameters * sizeof *v + 1);
    if (!v) return no_memory(s);
    numbers_to(sb_model_single(spec->model), s->parameters, l->start, v);
    for (size_t i = 0; i < s->parameters; i++) v[i] = theta[i] - v[i];
    sb_status status = sb_model_derivative(spec->model, spec->tangent_at, v, spec->set->n, spec->set->x, h);
    for (size_t i = 0; i < spec->set->n * s->outputs; i++) h[i] += l->h[i];
    free(v);
    return status;
}

const sb_fit_route sb_fit_route_linear = {
    .name = "linear",
    .title = "the network linearised at given weights (forecasts alone)",
    .covers = covers,
    .create = create,
    .destroy = destroy,
    .memory = memory,
    .evaluate = evaluate,
    .descend = sb_tiles_descend,
    .outputs = outputs,
};
