/* A smooth network of one input is a smooth function on the interval of the data: its values at q Chebyshev nodes give
 * those at all n examples, h = L h(nodes), to rounding; and the gradient of sum g_i h(x_i) is that of the nodes with
 * L^T g. A step then costs q evaluations, whatever n is. Below that stand the sweeps of two-layer networks or the route
 * plain, which see the nodes as their examples.
 *
 * How many nodes it takes is found out at the start, by comparing outputs and gradients with those of the network at
 * examples; at every record they are compared again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/chebyshev.h"
#include "core/linalg.h"
#include "core/numbers.h"
#include "train/units.h"

#define MOST_NODES 256
#define MOST_EXAMPLES 100000
#define ROWS 128          /* of L that a thread takes at a time */
#define EXACT 1e-13       /* relative to the largest number of its kind */
#define EXACT_SINGLE 1e-5 /* a hundred roundings */
#define LEAST_GAIN 2      /* n / q below which it is not worth it .. */
#define TURNING_GAIN 6    /* .. where the route rotation would turn features instead */

static const size_t sizes[] = {16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 160, 192, 224, MOST_NODES};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* What passes from step to step. */
typedef struct carried {
    double q;             /* nodes in use */
    double scale;         /* the largest |h| that was compared */
    double h[MOST_NODES]; /* two-layer: at the nodes */
} carried;

typedef struct nodes {
    bool two_layer, single;
    size_t n, q, most;
    double *x;     /* [n] as the network sees them */
    double *l;     /* [n][q] */
    double *share; /* [parts of ROWS examples][q] of L^T g */
    double at[MOST_NODES], g[MOST_NODES];
    carried now;
    /* below */
    sb_units units;
    sb_dataset set;
    sb_fit_spec spec;
    sb_session inner;
} nodes;

static size_t most_of(const sb_session *s)
{
    size_t most = 0;
    sb_two_layer parts[SB_MOST_COPIES];
    bool turns = sb_units_cover(s, parts) && !parts->activation && sb_fit_route_rotation.covers(s);
    for (size_t i = 0; i < SIZES; i++)
        if ((turns ? TURNING_GAIN : LEAST_GAIN) * sizes[i] <= s->rows) most = sizes[i];
    return most;
}

static bool covers(const sb_session *s)
{
    const sb_model *model = s->spec->model;
    return s->rows == s->spec->set->n && s->inputs == 1 && s->outputs == 1 && s->tangents == 0 &&
           s->rows <= MOST_EXAMPLES && !sb_model_kinked(model) && most_of(s) > 0;
}

/* ---- the nodes ---- */

/* The route plain on the nodes. */
static sb_status create_inner(sb_session *s, nodes *p)
{
    if (p->inner.state) sb_fit_route_plain.destroy(&p->inner);
    p->set = (sb_dataset){.n = p->q, .input = {1, 1, 1}, .output = {1, 1, 1}, .x = p->at};
    p->spec = *s->spec;
    p->spec.set = &p->set;
    p->spec.loss = NULL;
    p->inner = *s;
    p->inner.spec = &p->spec;
    p->inner.rows = p->inner.count = p->q;
    p->inner.h = p->now.h;
    p->inner.g = p->g;
    p->inner.state = NULL;
    sb_barrier_init(&p->inner.barrier, s->threads);
    return sb_fit_route_plain.create(&p->inner);
}

/* From now on q nodes. */
static sb_status take_nodes(sb_session *s, nodes *p, size_t q)
{
    double weight[MOST_NODES];
    sb_chebyshev_nodes(p->n, p->x, p->single, q, p->at, weight);
    for (size_t i = 0; i < p->n; i++) sb_chebyshev_row(q, p->at, weight, p->x[i], p->l + i * q);
    p->q = q;
    p->now.q = (double)q;
    if (!p->two_layer) return create_inner(s, p);
    sb_units_place(&p->units, q, p->at);
    return SB_OK;
}

/* ---- whether they are enough ---- */

typedef struct check {
    size_t count;                          /* examples that are looked at */
    double *x, *h, *wanted, *sign, *theta; /* [count] x 4, [parameters] */
    double *direct, *by_nodes;             /* [parameters] gradients */
    double *row;                           /* [count][q] of L */
} check;

static void close_check(check *c)
{
    double *all[] = {c->x, c->h, c->wanted, c->sign, c->theta, c->direct, c->by_nodes, c->row};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

/* Twice as many examples as nodes, evenly among all, with signs that have no pattern. */
static sb_status open_check(const sb_session *s, const nodes *p, check *c)
{
    size_t q = p->q, count = 2 * q < p->n ? 2 * q : p->n, bytes = count * sizeof(double);
    *c =
        (check){.count = count, .x = malloc(bytes), .h = malloc(bytes), .wanted = malloc(bytes), .sign = malloc(bytes)};
    c->theta = malloc(s->parameters * sizeof *c->theta);
    c->direct = malloc(s->parameters * sizeof *c->direct);
    c->by_nodes = malloc(s->parameters * sizeof *c->by_nodes);
    c->row = malloc(q * bytes);
    if (!c->x || !c->h || !c->wanted || !c->sign || !c->theta || !c->direct || !c->by_nodes || !c->row)
        return sb_fail(SB_ERR_NOMEM, "no memory to compare %zu nodes with the network", q);
    numbers_to(p->single, s->parameters, s->theta, c->theta);
    sb_rng rng = sb_rng_at(1, SB_STREAM_DATA, 0);
    for (size_t i = 0; i < count; i++) {
        size_t example = count == 1 ? 0 : i * (p->n - 1) / (count - 1);
        c->x[i] = p->x[example];
        c->sign[i] = sb_rng_uniform(&rng) < .5 ? -1 : 1;
        memcpy(c->row + i * q, p->l + example * q, q * sizeof *c->row);
    }
    return SB_OK;
}

/* max |a|, nan when there is one */
static double largest(size_t n, const double *a)
{
    double most = 0;
    for (size_t i = 0; i < n && !isnan(most); i++)
        if (!(fabs(a[i]) <= most)) most = fabs(a[i]);
    return most;
}

/* |a - b| <= tolerance |b| in the Euclidean norm; false for nan. */
static bool close_to(size_t n, const double *a, const double *b, double tolerance)
{
    double error = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        error += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(error) <= tolerance * sqrt(size);
}

/* Outputs, and the gradient of sum sign_i h(x_i), by the nodes and by the network itself. The outputs of the largest
 * size seen so far say how exact those of this network can be. */
static sb_status compare(sb_session *s, nodes *p, bool *same)
{
    const sb_model *model = s->spec->model;
    double at_nodes[MOST_NODES], g[MOST_NODES], tolerance = p->single ? EXACT_SINGLE : EXACT;
    check c;
    sb_status status = open_check(s, p, &c);
    if (status != SB_OK) goto done;
    *same = false;
    SB_TRY(sb_model_evaluate(model, c.theta, c.count, c.x, c.wanted));
    SB_TRY(sb_model_evaluate(model, c.theta, p->q, p->at, at_nodes));
    sb_gemv(c.count, p->q, 1, c.row, at_nodes, 0, c.h);
    p->now.scale = fmax(p->now.scale, largest(c.count, c.wanted));
    for (size_t i = 0; i < c.count; i++) c.h[i] -= c.wanted[i];
    if (!(largest(c.count, c.h) <= tolerance * p->now.scale)) goto done;
    memset(c.direct, 0, s->parameters * sizeof *c.direct);
    memset(c.by_nodes, 0, s->parameters * sizeof *c.by_nodes);
    sb_gemv_t(c.count, p->q, 1, c.row, c.sign, 0, g);
    SB_TRY(sb_model_gradient(model, c.theta, c.count, c.x, c.sign, c.direct));
    SB_TRY(sb_model_gradient(model, c.theta, p->q, p->at, g, c.by_nodes));
    *same = close_to(s->parameters, c.by_nodes, c.direct, tolerance);
done:
    close_check(&c);
    return status;
}

/* ---- the route ---- */

static size_t parts_of(size_t n)
{
    return (n + ROWS - 1) / ROWS;
}

static double memory(const sb_session *s)
{
    double n = (double)s->rows, most = (double)most_of(s);
    sb_two_layer parts[SB_MOST_COPIES];
    double below = sb_units_cover(s, parts) ? sb_units_memory(s, most_of(s)) : sb_fit_route_plain.memory(s);
    return below + 8 * (n * most + n + most * (double)parts_of(s->rows)) + sizeof(nodes) + 24 * (double)s->parameters;
}

static void destroy(sb_session *s)
{
    nodes *p = s->state;
    if (!p) return;
    sb_units_clear(&p->units);
    if (p->inner.state) sb_fit_route_plain.destroy(&p->inner);
    free(p->x);
    free(p->l);
    free(p->share);
    free(p);
    s->state = NULL;
}

/* A quarter more nodes; 0: there are none. */
static size_t more_nodes(const nodes *p)
{
    for (size_t i = 0; i < SIZES && sizes[i] <= p->most; i++)
        if (4 * sizes[i] >= 5 * p->q) return sizes[i];
    return 0;
}

/* The first number of nodes that is enough, and then a quarter more, as the weights will grow. Where none is, `exact`
 * will say so. */
static sb_status find_nodes(sb_session *s, nodes *p)
{
    sb_status status = SB_OK;
    bool enough = false;
    for (size_t i = 0; i < SIZES && sizes[i] <= p->most && !enough; i++) {
        SB_TRY(take_nodes(s, p, sizes[i]));
        SB_TRY(compare(s, p, &enough));
    }
    if (more_nodes(p) > 0) SB_TRY(take_nodes(s, p, more_nodes(p)));
done:
    return status;
}

static sb_status create(sb_session *s)
{
    sb_status status = SB_OK;
    sb_two_layer parts[SB_MOST_COPIES];
    nodes *p = s->state = calloc(1, sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory to train");
    p->n = s->rows;
    p->most = most_of(s);
    p->single = sb_model_single(s->spec->model);
    p->two_layer = sb_units_cover(s, parts);
    p->x = malloc(p->n * sizeof *p->x);
    p->l = malloc(p->n * p->most * sizeof *p->l);
    p->share = malloc(parts_of(p->n) * p->most * sizeof *p->share);
    if (!p->x || !p->l || !p->share)
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu examples by %zu nodes", p->n, p->most);
    for (size_t i = 0; i < p->n; i++) p->x[i] = p->single ? (double)(float)s->spec->set->x[i] : s->spec->set->x[i];
    if (p->two_layer) SB_TRY(sb_units_create(s, p->most, &p->units));
    SB_TRY(find_nodes(s, p));
done:
    return status;
}

/* After numbers of an earlier time were written to `now`: as many nodes as then. False when that cannot be. */
static bool go_back_to(sb_session *s, nodes *p, size_t me)
{
    double q = p->now.q;
    sb_barrier_wait(&s->barrier);
    if (me == 0 && (!(q >= sizes[0] && q <= (double)p->most) || take_nodes(s, p, (size_t)q) != SB_OK)) p->now.q = NAN;
    sb_barrier_wait(&s->barrier);
    if (me == 0 && isnan(p->now.q)) s->loss = NAN; /* the run ends */
    return !isnan(p->now.q);
}

static void evaluate(sb_session *s, size_t me)
{
    nodes *p = s->state;
    if (s->carried && p->now.q != (double)p->q && !go_back_to(s, p, me)) return;
    if (!p->two_layer)
        sb_fit_route_plain.evaluate(&p->inner, me);
    else if (!s->carried) {
        sb_units_evaluate(s, &p->units, me);
        if (me == 0) memcpy(p->now.h, p->units.h, p->q * sizeof *p->now.h);
        sb_barrier_wait(&s->barrier);
    }
    for (size_t part = me; part < parts_of(p->n); part += s->threads) {
        size_t first = part * ROWS, rows = p->n - first < ROWS ? p->n - first : ROWS;
        sb_gemv(rows, p->q, 1, p->l + first * p->q, p->now.h, 0, s->h + first);
    }
    sb_barrier_wait(&s->barrier);
    if (me == 0) {
        s->loss = sb_loss_value(s->spec->loss, p->n, NULL, p->n, s->h, s->g);
        s->carried = true;
    }
    sb_barrier_wait(&s->barrier);
}

/* g = L^T of the gradient by all outputs, for everyone. */
static void gather_gradient(sb_session *s, nodes *p, size_t me)
{
    size_t q = p->q, parts = parts_of(p->n), first = q * me / s->threads, end = q * (me + 1) / s->threads;
    for (size_t part = me; part < parts; part += s->threads) {
        size_t row = part * ROWS, rows = p->n - row < ROWS ? p->n - row : ROWS;
        sb_gemv_t(rows, q, 1, p->l + row * q, s->g + row, 0, p->share + part * q);
    }
    sb_barrier_wait(&s->barrier);
    for (size_t k = first; k < end; k++) p->g[k] = 0;
    for (size_t part = 0; part < parts; part++)
        for (size_t k = first; k < end; k++) p->g[k] += p->share[part * q + k];
    sb_barrier_wait(&s->barrier);
}

static void descend(sb_session *s, size_t me, const sb_update *how)
{
    nodes *p = s->state;
    gather_gradient(s, p, me);
    if (!p->two_layer) {
        sb_fit_route_plain.descend(&p->inner, me, how);
        return;
    }
    sb_units_descend(s, &p->units, me, how, p->g);
    if (me == 0) memcpy(p->now.h, p->units.h, p->q * sizeof *p->now.h);
    sb_barrier_wait(&s->barrier);
}

static double *carry(sb_session *s, size_t *count)
{
    nodes *p = s->state;
    *count = sizeof p->now / sizeof(double);
    return &p->now.q;
}

static bool exact(sb_session *s)
{
    bool same = false;
    return compare(s, s->state, &same) == SB_OK && same;
}

static bool refine(sb_session *s)
{
    nodes *p = s->state;
    size_t more = more_nodes(p);
    return more > 0 && take_nodes(s, p, more) == SB_OK;
}

const sb_fit_route sb_fit_route_nodes = {
    .name = "nodes",
    .title = "smooth networks of one input: by their values at Chebyshev nodes, with a check at every record",
    .covers = covers,
    .create = create,
    .destroy = destroy,
    .memory = memory,
    .evaluate = evaluate,
    .descend = descend,
    .carry = carry,
    .exact = exact,
    .refine = refine,
};
