/* sb_heat_solve: which mesh, and what is extrapolated from it. */
#include "theory/heat/method/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Elements per 1 / extent. U of data at |x| <= extent varies as exp(-i w x). */
#define LINE_MESH 0.3
#define PLANE_MESH 1.5

/* The start counts where it exceeds this part of its maximum. */
#define START_ENDS 1e-13
/* Diffusion lengths beyond the end of the start, over which it may spread, and beyond the wanted frequencies, from
 * which it may come: exp(-L^2 / 2) is left. */
#define BEYOND_START 4
#define BEYOND_WANTED 8

static sb_status check(const sb_heat *heat, const sb_heat_query *query)
{
    if (heat->dim != 1 && heat->dim != 2)
        return sb_fail(SB_ERR_UNSUPPORTED, "the heat equation is solved in one and two dimensions, not in %zu",
                       heat->dim);
    if (query->form != SB_FORM_FLOW && query->form != SB_FORM_GD)
        return sb_fail(SB_ERR_UNSUPPORTED, "the heat equation has no form '%s'", sb_form_name(query->form));
    if (heat->method && !sb_heat_method_find(heat->method))
        return sb_fail(SB_ERR_INPUT, "the heat equation has no method '%s'", heat->method);
    if (!(heat->c > 0 && isfinite(heat->c) && heat->sa2 >= 0 && isfinite(heat->sa2)))
        return sb_fail(SB_ERR_INPUT, "the heat equation needs c > 0 and sigma_a^2 >= 0, not %g and %g", heat->c,
                       heat->sa2);
    if (heat->sa2 > 0 && !(heat->extent > 0 && isfinite(heat->extent)))
        return sb_fail(SB_ERR_INPUT, "the heat equation needs the largest |x| of the data, which is not %g",
                       heat->extent);
    return SB_OK;
}

/* ---- sigma_a = 0 ---- */

double sb_heat_density(const sb_heat *heat, const double *w)
{
    double product = 1, nyquist = sb_heat_nyquist(heat->lattice);
    for (size_t a = 0; a < heat->dim; a++) { /* 2 pi xi may pass the Nyquist frequency by rounding */
        bool inside = fabs(w[a]) <= nyquist * (1 + 1e-9);
        product *= inside ? sb_density_aliased(&heat->density[a], heat->lattice, fmin(fabs(w[a]), nyquist)) : 0;
    }
    return product;
}

/* U_t = -c rho U: no frequency knows of another. */
static void solve_pointwise(const sb_heat *heat, const sb_heat_query *query, double complex *U)
{
    for (size_t i = 0; i < query->nt; i++)
        for (size_t j = 0; j < query->nw; j++) {
            double rate = heat->c * sb_heat_density(heat, query->w + j * heat->dim);
            U[i * query->nw + j] *= sb_heat_factor_at(query, rate, i);
        }
}

/* ---- the mesh ---- */

/* One per axis. */
typedef struct layout {
    heat_range range[2];
    heat_mesh mesh[2];
} layout;

/* The largest value that the aliased density of the other axis has, on a rough look. */
static double highest_density(const sb_heat *heat, size_t axis)
{
    heat_range range = {.density = &heat->density[axis], .lattice = heat->lattice};
    double limit = fmin(sb_heat_limit(&range), 1e3 / heat->extent), highest = 0;
    for (size_t i = 0; i <= 1000; i++) highest = fmax(highest, sb_heat_rho(&range, limit * (double)i / 1000));
    return highest;
}

static void set_ranges(const sb_heat *heat, const sb_heat_query *query, layout *l)
{
    for (size_t a = 0; a < heat->dim; a++) {
        double other = heat->dim == 2 ? highest_density(heat, 1 - a) : 1;
        heat_range *range = l->range + a;
        *range = (heat_range){.density = &heat->density[a], .lattice = heat->lattice};
        range->spread = 2 * heat->c * other * heat->sa2 * query->t[query->nt - 1];
        range->spacing = (heat->dim == 2 ? 1 : 0.25) / heat->extent;
        for (size_t j = 0; j < query->nw; j++)
            range->farthest = fmax(range->farthest, fabs(query->w[j * heat->dim + a]));
    }
}

/* Looks at the start on a grid of [0, end[0]] or [0, end[0]] x [-end[1], end[1]]: last[axis] is the largest |w| at
 * which it counts. */
static sb_status look_at_start(const sb_heat *heat, const sb_heat_query *query, const layout *l, const double *end,
                               double *last)
{
    size_t rows = 1 + (size_t)ceil(end[0] / l->range[0].spacing), half = 0, columns = 1, dim = heat->dim;
    if (dim == 2) half = 1 + (size_t)ceil(end[1] / l->range[1].spacing);
    if (dim == 2) columns = 2 * half + 1;
    double *w = malloc(columns * dim * sizeof *w), *peaks = calloc(rows + half + 1, sizeof *peaks), largest = 0;
    double complex *U = malloc(columns * sizeof *U);
    sb_status status = SB_OK;
    if (!w || !peaks || !U) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", columns);
        goto done;
    }
    double *row_peak = peaks, *column_peak = peaks + rows;
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < columns; k++) {
            w[k * dim] = l->range[0].spacing * (double)i;
            if (dim == 2) w[k * dim + 1] = l->range[1].spacing * ((double)k - (double)half);
        }
        query->start(query->context, columns, w, U);
        for (size_t k = 0; k < columns; k++) {
            size_t column = k < half ? half - k : k - half;
            row_peak[i] = fmax(row_peak[i], cabs(U[k]));
            column_peak[column] = fmax(column_peak[column], cabs(U[k]));
            largest = fmax(largest, cabs(U[k]));
        }
    }
    last[0] = last[1] = 0;
    for (size_t i = 0; i < rows; i++)
        if (row_peak[i] > START_ENDS * largest) last[0] = l->range[0].spacing * (double)(i + 1);
    for (size_t i = 0; i <= half && dim == 2; i++)
        if (column_peak[i] > START_ENDS * largest) last[1] = l->range[1].spacing * (double)(i + 1);
done:
    free(w);
    free(peaks);
    free(U);
    return status;
}

/* The mesh ends where nothing moves, at the wanted cut-off, or where nothing more can come from or get to. */
static sb_status set_meshes(const sb_heat *heat, const sb_heat_query *query, layout *l)
{
    double end[2] = {0}, last[2] = {0};
    for (size_t a = 0; a < heat->dim; a++) {
        const heat_range *range = l->range + a;
        end[a] = heat->cutoff > 0 ? fmin(heat->cutoff, sb_heat_limit(range))
                                  : sb_heat_beyond(range, range->farthest, BEYOND_WANTED);
    }
    sb_status status = look_at_start(heat, query, l, end, last);
    if (status != SB_OK) return status;
    for (size_t a = 0; a < heat->dim; a++) {
        const heat_range *range = l->range + a;
        double needed = fmax(range->farthest, sb_heat_beyond(range, last[a], BEYOND_START));
        if (!(heat->cutoff > 0)) end[a] = fmin(end[a], fmin(needed, sb_heat_limit(range)));
        heat_mesh *mesh = l->mesh + a;
        mesh->end = end[a];
        mesh->longest = heat->mesh > 0 ? heat->mesh : (heat->dim == 2 ? PLANE_MESH : LINE_MESH) / heat->extent;
        /* far out in the tail of a density without end, nothing is fine */
        mesh->stretch = isinf(sb_heat_limit(range)) && end[a] > 2 * needed ? needed : INFINITY;
    }
    return SB_OK;
}

static sb_status make_nodes(const sb_heat *heat, const sb_heat_query *query, layout *l, heat_nodes *nodes)
{
    sb_status status = SB_OK;
    set_ranges(heat, query, l);
    SB_TRY(set_meshes(heat, query, l));
    for (size_t a = 0; a < heat->dim; a++) {
        SB_TRY(sb_heat_nodes_create(&l->range[a], &l->mesh[a], query->nw, query->w + a, heat->dim, &nodes[a]));
        if (heat->dim == 2) SB_TRY(sb_heat_nodes_mirror(&nodes[a]));
    }
done:
    return status;
}

static sb_status halve(const sb_heat *heat, heat_nodes *nodes)
{
    sb_status status = SB_OK;
    for (size_t a = 0; a < heat->dim; a++) SB_TRY(sb_heat_nodes_halve(&nodes[a]));
done:
    return status;
}

static void clear_nodes(heat_nodes *nodes)
{
    for (size_t a = 0; a < 2; a++) sb_heat_nodes_clear(&nodes[a]);
}

sb_status sb_heat_unknowns(const sb_heat *heat, const sb_heat_query *query, size_t *unknowns)
{
    layout l = {0};
    heat_nodes nodes[2] = {0};
    *unknowns = 0;
    sb_status status = check(heat, query);
    if (status != SB_OK || heat->sa2 == 0) return status;
    SB_TRY(make_nodes(heat, query, &l, nodes));
    if (heat->richardson) SB_TRY(halve(heat, nodes));
    if (heat->dim == 1)
        SB_TRY(sb_heat_line_unknowns(heat, l.range, nodes, unknowns));
    else
        *unknowns = nodes[0].n * nodes[1].n;
done:
    clear_nodes(nodes);
    return status;
}

/* ---- solving ---- */

static sb_status solve_on(const sb_heat *heat, const sb_heat_query *query, const layout *l, const heat_nodes *nodes,
                          const sb_monitor *monitor, double complex *U)
{
    return (heat->dim == 1 ? sb_heat_line : sb_heat_plane)(heat, query, l->range, nodes, monitor, U);
}

void sb_heat_extrapolate(size_t count, const double complex *fine, double complex *U)
{
    for (size_t i = 0; i < count; i++) U[i] = (4 * fine[i] - U[i]) / 3;
}

void sb_heat_stay(const sb_heat_query *query, double complex *U)
{
    query->start(query->context, query->nw, query->w, U);
    for (size_t i = 1; i < query->nt; i++) memcpy(U + i * query->nw, U, query->nw * sizeof *U);
}

double sb_heat_change(size_t count, const double complex *fine, const double complex *U)
{
    double change = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, cabs(U[i]));
        if (!(cabs(fine[i] - U[i]) <= change)) change = cabs(fine[i] - U[i]); /* also nan */
    }
    return change > 0 ? change / largest : change;
}

sb_status sb_heat_unresolved(double change)
{
    return sb_fail(
        SB_ERR_NUMERIC,
        "the mesh does not resolve the heat equation: halving its elements still changes the solution by %.2g "
        "of its largest value (forecast.mesh)",
        change);
}

/* Elements are halved until that changes little; what is left is of the order of the square. */
static sb_status extrapolate(const sb_heat *heat, const sb_heat_query *query, const layout *l, heat_nodes *nodes,
                             const sb_monitor *monitor, double complex *U)
{
    sb_status status = SB_OK;
    size_t count = query->nt * query->nw;
    double change = INFINITY;
    double complex *fine = malloc((count + 1) * sizeof *fine);
    if (!fine) return sb_fail(SB_ERR_NOMEM, "no memory for %zu values", count);
    memcpy(fine, U, count * sizeof *fine);
    SB_TRY(solve_on(heat, query, l, nodes, monitor, fine));
    for (int round = 0; round < SB_HEAT_ROUNDS && !(change <= SB_HEAT_RESOLVED); round++) {
        memcpy(U, fine, count * sizeof *fine);
        SB_TRY(halve(heat, nodes));
        SB_TRY(solve_on(heat, query, l, nodes, monitor, fine));
        change = sb_heat_change(count, fine, U);
    }
    if (!(change <= SB_HEAT_RESOLVED)) SB_TRY(sb_heat_unresolved(change));
    sb_heat_extrapolate(count, fine, U);
done:
    free(fine);
    return status;
}

sb_status sb_heat_solve(const sb_heat *heat, const sb_heat_query *query, const sb_monitor *monitor, double complex *U)
{
    layout l = {0};
    heat_nodes nodes[2] = {0};
    sb_status status = check(heat, query);
    if (status != SB_OK || query->nt == 0 || query->nw == 0) return status;
    sb_heat_stay(query, U);
    if (heat->sa2 == 0) {
        solve_pointwise(heat, query, U);
        return SB_OK;
    }
    SB_TRY(make_nodes(heat, query, &l, nodes));
    if (heat->richardson)
        SB_TRY(extrapolate(heat, query, &l, nodes, monitor, U));
    else
        SB_TRY(solve_on(heat, query, &l, nodes, monitor, U));
done:
    clear_nodes(nodes);
    return status;
}
