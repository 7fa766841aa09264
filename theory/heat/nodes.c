/* Where the nodes of an axis lie. */
#include "theory/heat/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

/* Of the mesh's elements: nodes that are closer are one. */
#define CLOSE 1e-9

double sb_heat_rho(const heat_range *range, double w)
{
    return sb_density_aliased(range->density, range->lattice, w);
}

double sb_heat_slope(const heat_range *range, double w)
{
    return range->slope ? sb_density_aliased(range->slope, range->lattice, w) : sb_heat_rho(range, w);
}

double sb_heat_nyquist(double lattice)
{
    return lattice > 0 ? M_PI / lattice : INFINITY;
}

double sb_heat_limit(const heat_range *range)
{
    return fmin(sb_density_edge(range->density), sb_heat_nyquist(range->lattice));
}

double sb_heat_beyond(const heat_range *range, double w, double lengths)
{
    double limit = sb_heat_limit(range), done = 0, step = range->spacing;
    for (; w < limit && done < lengths; w += step) {
        double middle = fmin(w + step / 2, limit);
        done += step / sqrt(range->spread * sb_heat_slope(range, middle)); /* infinite where nothing moves */
    }
    return fmin(w, limit);
}

/* A break at w of rho is one of the aliased density where its period puts it. */
static double folded(double w, double nyquist)
{
    return w <= nyquist ? w : fabs(remainder(w, 2 * nyquist));
}

/* Sorts, and keeps of frequencies that are closer than the tolerance the first. */
static size_t without_repetition(size_t n, double *w, double tolerance)
{
    size_t kept = 1;
    gsl_sort(w, 1, n);
    for (size_t i = 1; i < n; i++)
        if (w[i] - w[kept - 1] > tolerance) w[kept++] = w[i];
    return kept;
}

/* The frequencies at which there must be a node. */
static sb_status fixed_nodes(const heat_range *range, const heat_mesh *mesh, size_t nw, const double *w, size_t stride,
                             size_t *count, double **fixed)
{
    sb_status status = SB_OK;
    size_t breaks = 0, n = 0;
    double *at = NULL;
    *fixed = NULL;
    SB_TRY(sb_density_breaks(range->density, &breaks, &at));
    *fixed = malloc((breaks + nw + 2) * sizeof **fixed);
    if (!*fixed) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", nw);
        goto done;
    }
    (*fixed)[n++] = 0;
    (*fixed)[n++] = mesh->end;
    for (size_t i = 0; i < breaks; i++) {
        double place = folded(at[i], sb_heat_nyquist(range->lattice));
        if (place < mesh->end) (*fixed)[n++] = place;
    }
    for (size_t i = 0; i < nw; i++)
        if (fabs(w[i * stride]) < mesh->end) (*fixed)[n++] = fabs(w[i * stride]);
    *count = without_repetition(n, *fixed, CLOSE * mesh->longest);
done:
    free(at);
    return status;
}

/* Elements are equal in s, w = stretch sinh s. */
static double straight(const heat_mesh *mesh, double w)
{
    return isinf(mesh->stretch) ? w : mesh->stretch * asinh(w / mesh->stretch);
}

static double stretched(const heat_mesh *mesh, double s)
{
    return isinf(mesh->stretch) ? s : mesh->stretch * sinh(s / mesh->stretch);
}

static size_t elements_between(const heat_mesh *mesh, double a, double b)
{
    double count = ceil((straight(mesh, b) - straight(mesh, a)) / mesh->longest - CLOSE);
    return count < 1 ? 1 : (size_t)count;
}

/* Elements between a and b: all nodes but b. */
static void fill_between(const heat_mesh *mesh, double a, double b, size_t count, double *w)
{
    double sa = straight(mesh, a), sb = straight(mesh, b);
    w[0] = a;
    for (size_t i = 1; i < count; i++) w[i] = stretched(mesh, sa + (sb - sa) * (double)i / (double)count);
}

sb_status sb_heat_nodes_create(const heat_range *range, const heat_mesh *mesh, size_t nw, const double *w,
                               size_t stride, heat_nodes *nodes)
{
    sb_status status = SB_OK;
    size_t count = 0, n = 0;
    double *fixed = NULL;
    SB_TRY(fixed_nodes(range, mesh, nw, w, stride, &count, &fixed));
    for (size_t i = 1; i < count; i++) n += elements_between(mesh, fixed[i - 1], fixed[i]);
    *nodes = (heat_nodes){.n = n + 1, .w = malloc((n + 1) * sizeof(double)), .tolerance = 2 * CLOSE * mesh->longest};
    if (!nodes->w) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes", n + 1);
        goto done;
    }
    n = 0;
    for (size_t i = 1; i < count; i++) {
        size_t elements = elements_between(mesh, fixed[i - 1], fixed[i]);
        fill_between(mesh, fixed[i - 1], fixed[i], elements, nodes->w + n);
        n += elements;
    }
    nodes->w[n] = fixed[count - 1];
done:
    free(fixed);
    return status;
}

static sb_status replace(heat_nodes *nodes, size_t n, double *w)
{
    if (!w) return sb_fail(SB_ERR_NOMEM, "no memory for %zu nodes", n);
    free(nodes->w);
    nodes->w = w;
    nodes->n = n;
    return SB_OK;
}

sb_status sb_heat_nodes_halve(heat_nodes *nodes)
{
    size_t n = nodes->n;
    double *w = malloc((2 * n - 1) * sizeof *w);
    for (size_t i = 0; w && i < n; i++) {
        w[2 * i] = nodes->w[i];
        if (i + 1 < n) w[2 * i + 1] = (nodes->w[i] + nodes->w[i + 1]) / 2;
    }
    return replace(nodes, 2 * n - 1, w);
}

sb_status sb_heat_nodes_mirror(heat_nodes *nodes)
{
    size_t n = nodes->n;
    double *w = malloc((2 * n - 1) * sizeof *w);
    for (size_t i = 0; w && i < n; i++) {
        w[n - 1 + i] = nodes->w[i];
        w[n - 1 - i] = -nodes->w[i];
    }
    return replace(nodes, 2 * n - 1, w);
}

void sb_heat_nodes_clear(heat_nodes *nodes)
{
    free(nodes->w);
    *nodes = (heat_nodes){0};
}
