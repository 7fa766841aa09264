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

/* Of the largest of all U: what halving the elements may change. */
#define RESOLVED 5e-3
#define ROUNDS 4

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

/* The largest value that the aliased density of the other axis has, on a rough look. */
static double highest_density(const sb_heat *heat, size_t axis)
{
    heat_range range = {.density = &heat->density[axis], .lattice = heat->lattice};
    double limit = fmin(sb_heat_limit(&range), 1e3 / heat->extent), highest = 0;
    for (size_t i = 0; i <= 1000; i++) highest = fmax(highest, sb_heat_rho(&range, limit * (double)i / 1000));
    return highest;
}

static void set_ranges(heat_run *run)
{
    const sb_heat *heat = run->heat;
    const sb_heat_query *query = run->query;
    for (size_t a = 0; a < heat->dim; a++) {
        double other = heat->dim == 2 ? highest_density(heat, 1 - a) : 1;
        heat_range *range = run->range + a;
        *range = (heat_range){.density = &heat->density[a], .slope = heat->slope, .lattice = heat->lattice};
        range->spread = 2 * heat->c * other * heat->sa2 * query->t[query->nt - 1];
        range->spacing = (heat->dim == 2 ? 1 : 0.25) / heat->extent;
        for (size_t j = 0; j < query->nw; j++)
            range->farthest = fmax(range->farthest, fabs(query->w[j * heat->dim + a]));
    }
}

/* Looks at the start on a grid of [0, end[0]] or [0, end[0]] x [-end[1], end[1]]: last[axis] is the largest |w| at
 * which it counts. */
static sb_status look_at_start(const heat_run *run, const double *end, double *last)
{
    const sb_heat_query *query = run->query;
    double step[2] = {run->range[0].spacing, run->range[1].spacing};
    size_t rows = 1 + (size_t)ceil(end[0] / step[0]), half = 0, columns = 1, dim = run->heat->dim;
    if (dim == 2) half = 1 + (size_t)ceil(end[1] / step[1]);
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
            w[k * dim] = step[0] * (double)i;
            if (dim == 2) w[k * dim + 1] = step[1] * ((double)k - (double)half);
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
        if (row_peak[i] > START_ENDS * largest) last[0] = step[0] * (double)(i + 1);
    for (size_t i = 0; i <= half && dim == 2; i++)
        if (column_peak[i] > START_ENDS * largest) last[1] = step[1] * (double)(i + 1);
done:
    free(w);
    free(peaks);
    free(U);
    return status;
}

/* The mesh ends where nothing moves, at the wanted cut-off, or where nothing more can come from or get to. */
static sb_status set_meshes(const heat_run *run, heat_mesh meshes[2])
{
    const sb_heat *heat = run->heat;
    double end[2] = {0}, last[2] = {0};
    for (size_t a = 0; a < heat->dim; a++) {
        const heat_range *range = run->range + a;
        end[a] = heat->cutoff > 0 ? fmin(heat->cutoff, sb_heat_limit(range))
                                  : sb_heat_beyond(range, range->farthest, BEYOND_WANTED);
    }
    sb_status status = look_at_start(run, end, last);
    if (status != SB_OK) return status;
    for (size_t a = 0; a < heat->dim; a++) {
        const heat_range *range = run->range + a;
        double needed = fmax(range->farthest, sb_heat_beyond(range, last[a], BEYOND_START));
        if (!(heat->cutoff > 0)) end[a] = fmin(end[a], fmin(needed, sb_heat_limit(range)));
        heat_mesh *mesh = meshes + a;
        mesh->end = end[a];
        mesh->longest = heat->mesh > 0 ? heat->mesh : (heat->dim == 2 ? PLANE_MESH : LINE_MESH) / heat->extent;
        /* far out in the tail of a density without end, nothing is fine */
        mesh->stretch = isinf(sb_heat_limit(range)) && end[a] > 2 * needed ? needed : INFINITY;
    }
    return SB_OK;
}

static sb_status make_nodes(heat_run *run)
{
    sb_status status = SB_OK;
    size_t dim = run->heat->dim;
    heat_mesh mesh[2];
    set_ranges(run);
    SB_TRY(set_meshes(run, mesh));
    for (size_t a = 0; a < dim; a++) {
        SB_TRY(sb_heat_nodes_create(&run->range[a], &mesh[a], run->query->nw, run->query->w + a, dim, &run->nodes[a]));
        if (dim == 2) SB_TRY(sb_heat_nodes_mirror(&run->nodes[a]));
    }
done:
    return status;
}

static sb_status halve(heat_run *run)
{
    sb_status status = SB_OK;
    for (size_t a = 0; a < run->heat->dim; a++) SB_TRY(sb_heat_nodes_halve(&run->nodes[a]));
done:
    return status;
}

void sb_heat_run_clear(heat_run *run)
{
    for (size_t a = 0; a < 2; a++) sb_heat_nodes_clear(&run->nodes[a]);
}

sb_status sb_heat_unknowns(const sb_heat *heat, const sb_heat_query *query, size_t *unknowns)
{
    heat_run run = {.heat = heat, .query = query};
    *unknowns = 0;
    sb_status status = check(heat, query);
    if (status != SB_OK || heat->sa2 == 0) return status;
    SB_TRY(make_nodes(&run));
    if (heat->richardson) SB_TRY(halve(&run));
    if (heat->dim == 1)
        SB_TRY(sb_heat_line_unknowns(&run, unknowns));
    else
        *unknowns = run.nodes[0].n * run.nodes[1].n;
done:
    sb_heat_run_clear(&run);
    return status;
}

/* ---- solving ---- */

/* The start at all times: of frequencies that nothing moves. */
static void stay(const sb_heat_query *query, double complex *U)
{
    query->start(query->context, query->nw, query->w, U);
    for (size_t i = 1; i < query->nt; i++) memcpy(U + i * query->nw, U, query->nw * sizeof *U);
}

/* By how much halving the elements has changed U, of the largest of all U. */
static double change_of(size_t count, const double complex *fine, const double complex *U)
{
    double change = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, cabs(U[i]));
        if (!(cabs(fine[i] - U[i]) <= change)) change = cabs(fine[i] - U[i]); /* also nan */
    }
    return change > 0 ? change / largest : change;
}

/* The error of linear elements is a h^2 + b h^4 + ..: U = (4 U(h/2) - U(h)) / 3, off by the order of the square of what
 * halving changes. Where that is much, elements are halved again, and in the end the user is told. */
sb_status sb_heat_refine(heat_run *run, heat_solver *solve, double complex *U)
{
    sb_status status = SB_OK;
    size_t count = run->query->nt * run->query->nw;
    double change = INFINITY;
    double complex *fine = malloc((count + 1) * sizeof *fine);
    if (!fine) return sb_fail(SB_ERR_NOMEM, "no memory for %zu values", count);
    stay(run->query, U);
    SB_TRY(solve(run, U));
    for (int round = 0; run->heat->richardson && round < ROUNDS && !(change <= RESOLVED); round++) {
        if (round > 0) memcpy(U, fine, count * sizeof *U);
        stay(run->query, fine);
        SB_TRY(halve(run));
        SB_TRY(solve(run, fine));
        change = change_of(count, fine, U);
    }
    if (!run->heat->richardson) goto done;
    if (!(change <= RESOLVED))
        SB_TRY(
            sb_fail(SB_ERR_NUMERIC,
                    "the mesh does not resolve the heat equation: halving its elements still changes the solution by "
                    "%.2g of its largest value (forecast.mesh)",
                    change));
    for (size_t i = 0; i < count; i++) U[i] = (4 * fine[i] - U[i]) / 3;
done:
    free(fine);
    return status;
}

sb_status sb_heat_solve(const sb_heat *heat, const sb_heat_query *query, const sb_monitor *monitor, double complex *U)
{
    heat_run run = {.heat = heat, .query = query, .monitor = monitor};
    sb_status status = check(heat, query);
    if (status != SB_OK || query->nt == 0 || query->nw == 0) return status;
    if (heat->sa2 == 0) {
        stay(query, U);
        solve_pointwise(heat, query, U);
        return SB_OK;
    }
    SB_TRY(make_nodes(&run));
    SB_TRY(sb_heat_refine(&run, heat->dim == 1 ? sb_heat_line : sb_heat_plane, U));
done:
    sb_heat_run_clear(&run);
    return status;
}
