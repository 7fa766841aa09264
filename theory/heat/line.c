/* The equation on the line, on one mesh.
 *
 * The residual is real, so U(-w) = conj U(w): Re U is even and has no slope at 0, Im U is odd and vanishes there. The
 * real unknowns stand in one chain: Re U at the nodes from 0 upwards, then Im U back down to 0. The two parts are not
 * coupled where the mesh ends at a cut-off or the edge of the band, where nothing flows.
 *
 * At the Nyquist frequency w = pi / h of data x_0 + j h the continuation is U(w + s) = exp(-2 i a) conj U(w - s),
 * a = pi x_0 / h: there U = exp(-i a) v with v real, which is the one unknown at which the chain turns back. For a
 * whole a / pi it ends Re U without slope and Im U at 0, for a half one the other way round. */
#include "theory/heat/parts.h"

#include <math.h>
#include <stdlib.h>

#include "theory/heat/method/method.h"

/* U at its node is the sum of (re + i im) y over the unknowns there. */
typedef struct unknown {
    size_t node;
    double re, im;
} unknown;

typedef struct chain {
    size_t n;
    unknown *unknown;                                    /* [n] */
    double *mass, *mass_off, *stiff, *stiff_off, *start; /* [n] M y' = -S y */
    double top;                                          /* the eigenvalues of M^-1 S are in [0, top] */
} chain;

static void chain_clear(chain *c)
{
    free(c->unknown);
    free(c->mass);
    *c = (chain){0};
}

/* exp(-i a) of a node at the Nyquist frequency, with zeros that are exact. */
static double complex turn(const sb_heat *heat)
{
    double quarters = 2 * remainder(heat->origin / heat->lattice, 2); /* a / (pi / 2), in [-2, 2] */
    if (fabs(quarters - rint(quarters)) < 1e-9) quarters = rint(quarters);
    double re = fabs(quarters) == 1 ? 0 : cos(quarters * M_PI / 2);
    double im = fmod(quarters, 2) == 0 ? 0 : -sin(quarters * M_PI / 2);
    return re + im * I;
}

static void chain_unknowns(const sb_heat *heat, const heat_axis *axis, chain *c)
{
    double nyquist = sb_heat_nyquist(heat->lattice);
    bool turns = axis->n > 0 && axis->w[axis->n - 1] >= nyquist - axis->tolerance;
    size_t ordinary = axis->n - turns;
    for (size_t i = 0; i < ordinary; i++) c->unknown[c->n++] = (unknown){i, 1, 0};
    if (turns) c->unknown[c->n++] = (unknown){ordinary, creal(turn(heat)), cimag(turn(heat))};
    for (size_t i = ordinary; i-- > 0;)
        if (axis->w[i] > 0) c->unknown[c->n++] = (unknown){i, 0, 1};
}

/* An entry of the chain's matrix, of neighbours or one and the same, from that of the nodes. */
static double coupling(const unknown *a, const unknown *b, const double *diagonal, const double *off)
{
    double entry = a->node == b->node ? diagonal[a->node] : off[a->node < b->node ? a->node : b->node];
    return (a->re * b->re + a->im * b->im) * entry;
}

static sb_status chain_create(const sb_heat *heat, const heat_axis *axis, chain *c)
{
    size_t most = 2 * axis->n + 1;
    *c = (chain){.unknown = malloc(most * sizeof(unknown)), .mass = calloc(5 * most, sizeof(double))};
    if (!c->unknown || !c->mass) {
        chain_clear(c);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", most);
    }
    c->mass_off = c->mass + most;
    c->stiff = c->mass_off + most;
    c->stiff_off = c->stiff + most;
    c->start = c->stiff_off + most;
    c->top = heat->c * (axis->highest + heat->sa2 * axis->steepest);
    chain_unknowns(heat, axis, c);
    for (size_t k = 0; k < c->n; k++) {
        const unknown *here = c->unknown + k, *next = here + 1;
        double damp = coupling(here, here, axis->damp, axis->damp_off);
        double slope = coupling(here, here, axis->slope, axis->slope_off);
        c->mass[k] = coupling(here, here, axis->mass, axis->mass_off);
        c->stiff[k] = heat->c * (damp + heat->sa2 * slope);
        if (k + 1 == c->n) continue;
        damp = coupling(here, next, axis->damp, axis->damp_off);
        slope = coupling(here, next, axis->slope, axis->slope_off);
        c->mass_off[k] = coupling(here, next, axis->mass, axis->mass_off);
        c->stiff_off[k] = heat->c * (damp + heat->sa2 * slope);
    }
    return SB_OK;
}

static sb_status chain_start(const sb_heat_query *query, const heat_axis *axis, chain *c)
{
    double complex *U = malloc((axis->n + 1) * sizeof *U);
    if (!U) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes", axis->n);
    if (axis->n > 0) query->start(query->context, axis->n, axis->w, U);
    for (size_t k = 0; k < c->n; k++) {
        const unknown *u = c->unknown + k;
        c->start[k] = u->re * creal(U[u->node]) + u->im * cimag(U[u->node]);
    }
    free(U);
    return SB_OK;
}

/* The end of the unknowns that are coupled to the first. */
static size_t block_end(const chain *c, size_t first)
{
    size_t k = first;
    while (k + 1 < c->n && (c->mass_off[k] != 0 || c->stiff_off[k] != 0)) k++;
    return k + 1;
}

sb_status sb_heat_line_unknowns(const heat_run *run, size_t *count)
{
    sb_status status = SB_OK;
    heat_axis axis = {0};
    chain c = {0};
    *count = 0;
    SB_TRY(sb_heat_axis_create(run->range, run->nodes, &axis));
    SB_TRY(chain_create(run->heat, &axis, &c));
    for (size_t first = 0, end; first < c.n; first = end) {
        end = block_end(&c, first);
        if (end - first > *count) *count = end - first;
    }
done:
    sb_heat_axis_clear(&axis);
    chain_clear(&c);
    return status;
}

/* ---- what is wanted of the unknowns ---- */

typedef struct probes {
    size_t n;
    size_t *index; /* [n] ascending unknowns at wanted frequencies, from the first of their block */
    double *value; /* [nt][n] */
} probes;

static sb_status probes_create(const sb_heat_query *query, const heat_axis *axis, const chain *c, probes *p)
{
    bool *wanted = calloc(axis->n + 1, sizeof *wanted);
    p->index = malloc((c->n + 1) * sizeof *p->index);
    if (wanted && p->index) {
        for (size_t j = 0; j < query->nw; j++) {
            size_t node = sb_heat_axis_at(axis, fabs(query->w[j]));
            if (node != SB_NOWHERE) wanted[node] = true;
        }
        for (size_t k = 0; k < c->n; k++)
            if (wanted[c->unknown[k].node]) p->index[p->n++] = k;
        p->value = calloc(query->nt * p->n + 1, sizeof *p->value);
    }
    free(wanted);
    return p->value ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", query->nw);
}

/* U(w_j) at all times; U(-w) = conj U(w). */
static void read_probes(const sb_heat_query *query, const chain *c, const probes *p, size_t node, size_t j,
                        double complex *U)
{
    for (size_t i = 0; i < query->nt; i++) {
        double complex sum = 0;
        for (size_t k = 0; k < p->n; k++) {
            const unknown *u = c->unknown + p->index[k];
            if (u->node == node) sum += (u->re + u->im * I) * p->value[i * p->n + k];
        }
        U[i * query->nw + j] = query->w[j] < 0 ? conj(sum) : sum;
    }
}

/* ---- solving ---- */

static bool all_zero(size_t n, const double *y)
{
    for (size_t i = 0; i < n; i++)
        if (y[i] != 0) return false;
    return true;
}

static sb_status run_block(const heat_run *run, const chain *c, size_t first, size_t end, const heat_probes *wanted)
{
    const sb_heat_method *method = NULL;
    heat_system system = {.n = end - first,
                          .mass = c->mass + first,
                          .mass_off = c->mass_off + first,
                          .stiff = c->stiff + first,
                          .stiff_off = c->stiff_off + first,
                          .start = c->start + first,
                          .top = c->top,
                          .max_steps = run->heat->max_steps > 0 ? run->heat->max_steps : 1000000};
    sb_status status = sb_heat_method_choose(run->heat->method, &system, run->query, &method);
    if (status != SB_OK) return status;
    return method->run(method, &system, run->query, run->monitor, wanted);
}

/* Each block of coupled unknowns by itself; those that start at 0 and those that nobody wants stay where they are. */
static sb_status run_blocks(const heat_run *run, const chain *c, const probes *p)
{
    sb_status status = SB_OK;
    size_t *index = malloc((p->n + 1) * sizeof *index);
    if (!index) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", p->n);
    for (size_t first = 0, end, done = 0; first < c->n; first = end) {
        heat_probes wanted = {.index = index, .stride = p->n, .value = p->value + done};
        end = block_end(c, first);
        for (; done < p->n && p->index[done] < end; done++) index[wanted.count++] = p->index[done] - first;
        if (wanted.count > 0 && !all_zero(end - first, c->start + first))
            SB_TRY(run_block(run, c, first, end, &wanted));
    }
done:
    free(index);
    return status;
}

sb_status sb_heat_line(const heat_run *run, double complex *U)
{
    const sb_heat_query *query = run->query;
    sb_status status = SB_OK;
    heat_axis axis = {0};
    chain c = {0};
    probes p = {0};
    SB_TRY(sb_heat_axis_create(run->range, run->nodes, &axis));
    SB_TRY(chain_create(run->heat, &axis, &c));
    SB_TRY(chain_start(query, &axis, &c));
    SB_TRY(probes_create(query, &axis, &c, &p));
    SB_TRY(run_blocks(run, &c, &p));
    for (size_t j = 0; j < query->nw; j++) {
        size_t node = sb_heat_axis_at(&axis, fabs(query->w[j]));
        if (node != SB_NOWHERE) read_probes(query, &c, &p, node, j, U);
    }
done:
    sb_heat_axis_clear(&axis);
    chain_clear(&c);
    free(p.index);
    free(p.value);
    return status;
}
