/* Data of any symmetric density p on the line: with u_p = u p,
 *
 *   d u_p^/dt = -gain p^ * L u_p^,   L = rho - sigma_a^2 d/dw rho d/dw.
 *
 * With hat functions phi_b, <L u, phi_b> = (S u)_b, S = D + sigma_a^2 K, and the integral with p^ by its nodal values,
 *
 *   du/dt = -gain P S u,   P_ab = p^(w_a - w_b) +- p^(w_a + w_b)   on w >= 0, + for the even Re, - for the odd Im.
 *
 * S = C C^T (C lower bidiagonal) makes it symmetric: with B = gain C^T P C = V diag(rate) V^T and f the factor of the
 * flow or of steps,
 *
 *   u(t) = u(0) + gain P C V diag((f - 1) / rate) V^T C^T u(0),
 *
 * at any w, on the mesh or not, since it enters in P only. p >= 0 makes P positive: no eigenvalue is spurious. */
#include "theory/heat/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define MESH 0.3 /* longest element, per 1 / extent */
/* of u: what rho may move beyond the end of the mesh */
#define LEFT_OUT 1e-15

typedef struct parity {
    const sb_density *points;
    double sign;          /* +1: Re U, even; -1: Im U, odd */
    size_t n;             /* unknowns */
    const double *w;      /* [n] */
    double *main, *below; /* C: [n], [n - 1] */
    double *P, *B;        /* [n][n]; B becomes V, row by row */
    double *rate, *part;  /* [n] eigenvalues, V^T C^T u(0) */
    double *out;          /* [nw][n] gain P C V at the wanted frequencies */
} parity;

static void parity_clear(parity *p)
{
    free(p->main);
    free(p->P);
    *p = (parity){0};
}

static sb_status parity_create(const sb_density *points, const heat_axis *axis, double sign, size_t nw, parity *p)
{
    size_t skip = sign < 0 && axis->n > 0 && axis->w[0] == 0, n = axis->n - skip; /* Im U(0) = 0 */
    *p = (parity){.points = points, .sign = sign, .n = n, .w = axis->w + skip};
    p->main = malloc(4 * (n + 1) * sizeof(double));
    p->P = malloc((2 * n + nw) * (n + 1) * sizeof(double));
    if (!p->main || !p->P) {
        parity_clear(p);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu unknowns of the heat equation", n, n);
    }
    p->below = p->main + n;
    p->rate = p->below + n;
    p->part = p->rate + n;
    p->B = p->P + n * n;
    p->out = p->B + n * n;
    return SB_OK;
}

static double transform(const parity *p, double a, double b)
{
    return sb_density_characteristic(p->points, a - b) + p->sign * sb_density_characteristic(p->points, a + b);
}

/* S = C C^T; a pivot that rounding made zero or less stands for a node that nothing moves. */
static void factor(const sb_heat *heat, const heat_axis *axis, parity *p)
{
    size_t first = (size_t)(p->w - axis->w);
    for (size_t i = 0; i < p->n; i++) {
        double pivot = axis->damp[first + i] + heat->sa2 * axis->slope[first + i];
        if (i > 0) pivot -= p->below[i - 1] * p->below[i - 1];
        p->main[i] = pivot > 0 ? sqrt(pivot) : 0;
        if (i + 1 == p->n) break;
        double off = axis->damp_off[first + i] + heat->sa2 * axis->slope_off[first + i];
        p->below[i] = p->main[i] > 0 ? off / p->main[i] : 0;
    }
}

/* row <- row C */
static void times_C(const parity *p, double *row)
{
    for (size_t i = 0; i < p->n; i++) row[i] = row[i] * p->main[i] + (i + 1 < p->n ? row[i + 1] * p->below[i] : 0);
}

/* B = gain C^T P C and its eigenpairs */
static sb_status decompose(double gain, parity *p)
{
    size_t n = p->n;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) p->P[a * n + b] = transform(p, p->w[a], p->w[b]);
        times_C(p, p->P + a * n);
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double next = a + 1 < n ? p->below[a] * p->P[(a + 1) * n + b] : 0;
            p->B[a * n + b] = gain * (p->main[a] * p->P[a * n + b] + next);
        }
    return sb_syevd(n, p->B, p->rate);
}

/* (f - 1) / rate, also where the rate is 0 */
static double change(const sb_heat_query *query, double rate, size_t record)
{
    bool flow = query->form == SB_FORM_FLOW;
    double z = query->eta * rate, time = flow ? query->t[record] : query->eta * query->step[record];
    if (fabs(rate) * time < 1e-12) return -time;
    if (flow) return expm1(-rate * time) / rate;
    return (z < 1 ? expm1(query->step[record] * log1p(-z)) : pow(1 - z, query->step[record]) - 1) / rate;
}

/* What one parity adds to U, which is at the start. */
static sb_status solve(const sb_heat *heat, const sb_heat_query *query, parity *p, const double complex *start,
                       double complex *U)
{
    sb_status status = SB_OK;
    size_t n = p->n, nw = query->nw;
    double *rows = p->P, *z = malloc((n + 1) * sizeof *z); /* the Gram matrix is no longer needed */
    if (!z) return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
    SB_TRY(decompose(heat->c, p));
    for (size_t i = 0; i < n; i++) z[i] = p->sign > 0 ? creal(start[i]) : cimag(start[i]);
    times_C(p, z); /* C^T u(0) */
    sb_gemv(n, n, 1, p->B, z, 0, p->part);
    for (size_t j = 0; j < nw; j++) {
        for (size_t b = 0; b < n; b++) rows[b] = heat->c * transform(p, query->w[j], p->w[b]);
        times_C(p, rows);
        sb_gemv(n, n, 1, p->B, rows, 0, p->out + j * n);
    }
    for (size_t i = 0; i < query->nt; i++) {
        for (size_t k = 0; k < n; k++) z[k] = p->part[k] * change(query, p->rate[k], i);
        for (size_t j = 0; j < nw; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) sum += p->out[j * n + k] * z[k];
            U[i * nw + j] += p->sign > 0 ? sum : I * sum;
        }
    }
done:
    free(z);
    return status;
}

static bool all_zero(size_t n, const double complex *U, double sign)
{
    for (size_t i = 0; i < n; i++)
        if ((sign > 0 ? creal(U[i]) : cimag(U[i])) != 0) return false;
    return true;
}

static sb_status solve_on(const heat_run *run, double complex *U)
{
    const sb_heat_query *query = run->query;
    sb_status status = SB_OK;
    heat_axis axis = {0};
    parity p = {0};
    double complex *start = malloc(run->nodes->n * sizeof *start);
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes", run->nodes->n);
    SB_TRY(sb_heat_axis_create(run->range, run->nodes, &axis));
    query->start(query->context, axis.n, axis.w, start);
    for (double sign = 1; sign >= -1; sign -= 2) {
        SB_TRY(sb_monitor_progress(run->monitor, sb_heat_stage(query->form), sign > 0 ? 0 : 1, 2));
        if (all_zero(axis.n, start, sign)) continue;
        SB_TRY(parity_create(run->points, &axis, sign, query->nw, &p));
        factor(run->heat, &axis, &p);
        SB_TRY(solve(run->heat, query, &p, start + (p.w - axis.w), U));
        parity_clear(&p);
    }
done:
    parity_clear(&p);
    sb_heat_axis_clear(&axis);
    free(start);
    return status;
}

/* Beyond it rho is too small to move anything: found from outside, in steps of a tenth. */
static sb_status find_end(const sb_heat *heat, const sb_heat_query *query, const heat_range *range, double *end)
{
    double scale = heat->c * query->t[query->nt - 1] * (1 + heat->sa2 * heat->extent * heat->extent);
    double farthest = 1e4 / heat->extent;
    *end = heat->cutoff > 0 ? heat->cutoff : INFINITY;
    *end = fmin(*end, sb_density_edge(range->density));
    if (isfinite(*end)) return SB_OK;
    for (*end = farthest; *end > 1 / heat->extent && scale * sb_heat_rho(range, *end) < LEFT_OUT;) *end /= 1.1;
    if (*end < farthest) return SB_OK;
    return sb_fail(SB_ERR_INPUT, "the density of the frequencies decays too slowly: the heat equation needs a cut-off");
}

static sb_status check(const sb_heat *heat)
{
    if (heat->dim != 1) return sb_fail(SB_ERR_UNSUPPORTED, "the convolution is for data on the line");
    if (heat->lattice > 0) return sb_fail(SB_ERR_UNSUPPORTED, "the convolution is for data with a density, not a grid");
    if (!(heat->extent > 0)) return sb_fail(SB_ERR_INPUT, "the heat equation needs the largest |x| of the data");
    return SB_OK;
}

sb_status sb_heat_convolution(const sb_heat *heat, const sb_density *points, const sb_heat_query *query,
                              const sb_monitor *monitor, double complex *U)
{
    heat_run run = {.heat = heat, .points = points, .query = query, .monitor = monitor};
    heat_mesh mesh = {.longest = heat->mesh > 0 ? heat->mesh : MESH / heat->extent, .stretch = INFINITY};
    sb_status status = check(heat);
    if (status != SB_OK || query->nt == 0 || query->nw == 0) return status;
    run.range[0].density = heat->density;
    SB_TRY(find_end(heat, query, run.range, &mesh.end));
    SB_TRY(sb_heat_nodes_create(run.range, &mesh, 0, NULL, 1, run.nodes));
    SB_TRY(sb_heat_refine(&run, solve_on, U));
done:
    sb_heat_run_clear(&run);
    return status;
}
