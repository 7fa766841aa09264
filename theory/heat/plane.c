/* The equation in the plane, on one mesh of rectangles: M U' = -S U with
 *
 *   M = M1 x M2,   S = c [ (D1 + sigma_a^2 K1) x D2 + sigma_a^2 D1 x K2 ]
 *
 * (x: tensor product). f(A) U0 of A = M^-1 S, f the factor of the flow or of steps, is a sum of Chebyshev polynomials
 * in A, whose eigenvalues are in [0, top]: sum_j a_j T_j(2 A / top - 1) U0. All times share the polynomials.
 *
 * The residual is real, U(-w) = conj U(w), so that V = Re U + Im U knows all of U: Re U and Im U are its even and its
 * odd part. */
#include "theory/heat/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the operator ---- */

typedef struct plane {
    size_t rows, columns;  /* nodes of the two axes; V[rows][columns] */
    const heat_axis *axis; /* [2] */
    double c, sa2, top;
    double *pivot[2], *lower[2]; /* factors of M1, M2 */
    double *damp, *slope;        /* [rows][columns] V D2, V K2 */
} plane;

static void plane_clear(plane *p)
{
    free(p->pivot[0]);
    free(p->damp);
    *p = (plane){0};
}

/* The eigenvalues of A are below those of any one element:
 * rho (1 + sigma_a^2 (12 / h1^2 + 12 / h2^2)), rho = rho1 rho2 */
static double top_rate(const sb_heat *heat, const heat_axis *axis)
{
    return heat->c * (axis[0].highest * axis[1].highest +
                      heat->sa2 * (axis[0].steepest * axis[1].highest + axis[0].highest * axis[1].steepest));
}

static sb_status plane_create(const sb_heat *heat, const heat_axis *axis, plane *p)
{
    size_t rows = axis[0].n, columns = axis[1].n;
    *p = (plane){.rows = rows, .columns = columns, .axis = axis, .c = heat->c, .sa2 = heat->sa2};
    p->pivot[0] = malloc(2 * (rows + columns) * sizeof(double));
    p->damp = malloc(2 * rows * columns * sizeof(double));
    if (!p->pivot[0] || !p->damp) {
        plane_clear(p);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu unknowns", rows, columns);
    }
    p->lower[0] = p->pivot[0] + rows;
    p->pivot[1] = p->lower[0] + rows;
    p->lower[1] = p->pivot[1] + columns;
    p->slope = p->damp + rows * columns;
    for (size_t a = 0; a < 2; a++) sb_heat_factor(axis[a].n, axis[a].mass, axis[a].mass_off, p->pivot[a], p->lower[a]);
    p->top = top_rate(heat, axis);
    return SB_OK;
}

/* Adds row k of (D1 + sigma_a^2 K1) x D2 + sigma_a^2 D1 x K2 times V, from column k of the first axis' matrices. */
static void add_row(const plane *p, double damp, double slope, size_t k, double *row)
{
    const double *dv = p->damp + k * p->columns, *kv = p->slope + k * p->columns;
    double first = p->c * (damp + p->sa2 * slope), second = p->c * p->sa2 * damp;
    for (size_t j = 0; j < p->columns; j++) row[j] += first * dv[j] + second * kv[j];
}

/* out = M^-1 S V */
static void apply(const void *context, const double *V, double *out)
{
    const plane *p = context;
    const heat_axis *a = p->axis, *b = p->axis + 1;
    size_t n = p->columns;
    for (size_t i = 0; i < p->rows; i++) {
        sb_heat_multiply(n, b->damp, b->damp_off, V + i * n, p->damp + i * n);
        sb_heat_multiply(n, b->slope, b->slope_off, V + i * n, p->slope + i * n);
    }
    memset(out, 0, p->rows * n * sizeof *out);
    for (size_t i = 0; i < p->rows; i++) {
        double *row = out + i * n;
        add_row(p, a->damp[i], a->slope[i], i, row);
        if (i > 0) add_row(p, a->damp_off[i - 1], a->slope_off[i - 1], i - 1, row);
        if (i + 1 < p->rows) add_row(p, a->damp_off[i], a->slope_off[i], i + 1, row);
        sb_heat_back(n, p->pivot[1], p->lower[1], row);
        for (size_t j = 0; i > 0 && j < n; j++) row[j] -= p->lower[0][i - 1] * row[j - n]; /* M1^-1, forwards */
    }
    for (size_t i = p->rows; i-- > 0;) {
        double *row = out + i * n, inverse = 1 / p->pivot[0][i];
        for (size_t j = 0; j < n; j++) row[j] *= inverse;
        for (size_t j = 0; i + 1 < p->rows && j < n; j++) row[j] -= p->lower[0][i] * row[j + n];
    }
}

/* ---- solving ---- */

/* V(w) and V(-w) of a wanted frequency */
typedef struct pair {
    size_t here, there; /* SB_NOWHERE: not on the mesh */
} pair;

static pair place(const plane *p, const double *w)
{
    size_t row = sb_heat_axis_at(&p->axis[0], w[0]), column = sb_heat_axis_at(&p->axis[1], w[1]);
    if (row == SB_NOWHERE || column == SB_NOWHERE) return (pair){SB_NOWHERE, SB_NOWHERE};
    size_t here = row * p->columns + column;
    return (pair){here, p->rows * p->columns - 1 - here}; /* the mesh is symmetric */
}

static sb_status fill_start(const plane *p, const sb_heat_query *query, double *V)
{
    size_t n = p->columns;
    double *w = malloc(2 * n * sizeof *w);
    double complex *U = malloc(n * sizeof *U);
    for (size_t i = 0; w && U && i < p->rows; i++) {
        for (size_t j = 0; j < n; j++) {
            w[2 * j] = p->axis[0].w[i];
            w[2 * j + 1] = p->axis[1].w[j];
        }
        query->start(query->context, n, w, U);
        for (size_t j = 0; j < n; j++) V[i * n + j] = creal(U[j]) + cimag(U[j]);
    }
    bool enough = w && U;
    free(w);
    free(U);
    return enough ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", n);
}

/* U at all times from V(w) and V(-w), value[nt][2 nw]. */
static void read_values(const sb_heat_query *query, const pair *pairs, const double *value, double complex *U)
{
    for (size_t i = 0; i < query->nt; i++)
        for (size_t k = 0; k < query->nw; k++) {
            double here = value[2 * (i * query->nw + k)], there = value[2 * (i * query->nw + k) + 1];
            if (pairs[k].here != SB_NOWHERE) U[i * query->nw + k] = (here + there) / 2 + (here - there) / 2 * I;
        }
}

static sb_status solve(const plane *p, const sb_heat_query *query, const sb_monitor *monitor, double complex *U)
{
    sb_status status = SB_OK;
    size_t n = p->rows * p->columns;
    pair *pairs = malloc(query->nw * sizeof *pairs);
    size_t *index = calloc(2 * query->nw, sizeof *index);
    double *value = malloc(2 * query->nt * query->nw * sizeof *value), *V = malloc(n * sizeof *V);
    if (!pairs || !index || !value || !V) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu unknowns", p->rows, p->columns);
        goto done;
    }
    for (size_t k = 0; k < query->nw; k++) {
        pairs[k] = place(p, query->w + 2 * k);
        if (pairs[k].here == SB_NOWHERE) continue;
        index[2 * k] = pairs[k].here;
        index[2 * k + 1] = pairs[k].there;
    }
    SB_TRY(fill_start(p, query, V));
    heat_operator op = {.n = n, .apply = apply, .context = p, .top = p->top};
    heat_probes probes = {.count = 2 * query->nw, .index = index, .stride = 2 * query->nw, .value = value};
    SB_TRY(sb_heat_chebyshev(&op, query, V, monitor, &probes));
    read_values(query, pairs, value, U);
done:
    free(pairs);
    free(index);
    free(value);
    free(V);
    return status;
}

sb_status sb_heat_plane(const heat_run *run, double complex *U)
{
    sb_status status = SB_OK;
    heat_axis axis[2] = {0};
    plane p = {0};
    if (run->heat->method)
        return sb_fail(SB_ERR_UNSUPPORTED, "the method '%s' is for the heat equation on the line, not in the plane",
                       run->heat->method);
    for (size_t a = 0; a < 2; a++) SB_TRY(sb_heat_axis_create(&run->range[a], &run->nodes[a], &axis[a]));
    if (axis[0].n == 0 || axis[1].n == 0) goto done; /* nothing moves */
    SB_TRY(plane_create(run->heat, axis, &p));
    SB_TRY(solve(&p, run->query, run->monitor, U));
done:
    plane_clear(&p);
    for (size_t a = 0; a < 2; a++) sb_heat_axis_clear(&axis[a]);
    return status;
}
