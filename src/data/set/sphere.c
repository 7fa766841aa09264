#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include <specbias/data.h>

#include "core/gsl.h"
#include "data/set/set.h"

/* (l + d - 2) P_{l+1} = (2l + d - 2) t P_l - l P_{l-1} */
double sb_zonal(size_t dim, size_t degree, double t)
{
    double last = 1, now = t, d = (double)dim;
    if (degree == 0) return 1;
    for (size_t i = 1; i < degree; i++) {
        double l = (double)i, next = ((2 * l + d - 2) * t * now - l * last) / (l + d - 2);
        last = now;
        now = next;
    }
    return now;
}

/* (2l + d - 2) / l binomial(l + d - 3, l - 1) */
double sb_harmonics(size_t dim, size_t degree)
{
    if (degree == 0) return 1;
    double l = (double)degree, d = (double)dim, count = (2 * l + d - 2) / l;
    for (size_t i = 1; i + 1 < dim; i++) count *= (l - 1 + (double)i) / (double)i; /* d - 2 factors */
    return count;
}

double sb_sphere_surface(size_t dim)
{
    double half = (double)dim / 2;
    return 2 * pow(M_PI, half) / tgamma(half);
}

static void normalise(size_t dim, double *x)
{
    double square = 0;
    for (size_t d = 0; d < dim; d++) square += x[d] * x[d];
    for (size_t d = 0; d < dim; d++) x[d] /= sqrt(square);
}

static void random_direction(sb_rng *rng, size_t dim, double *x)
{
    for (size_t d = 0; d < dim; d++) x[d] = sb_rng_normal(rng);
    normalise(dim, x);
}

/* n equal angles */
static void circle_grid(sb_dataset *set)
{
    for (size_t i = 0; i < set->n; i++) {
        double theta = 2 * M_PI * (double)i / (double)set->n;
        set->x[2 * i] = cos(theta);
        set->x[2 * i + 1] = sin(theta);
        set->q[i] = 2 * M_PI / (double)set->n;
    }
}

/* m Gauss-Legendre points z and 2m equal angles integrate polynomials of degree 2m - 1. */
static sb_status globe_grid(sb_dataset *set)
{
    size_t m = (size_t)round(sqrt((double)set->n / 2));
    if (2 * m * m != set->n)
        return sb_fail(SB_ERR_INPUT, "a grid on the sphere has 2 m^2 points: %zu or %zu, not %zu", 2 * m * m,
                       2 * (m + 1) * (m + 1), set->n);
    gsl_integration_glfixed_table *rule = sb_gauss_table(m);
    if (!rule) return sb_fail(SB_ERR_NOMEM, "no memory for a quadrature rule");
    for (size_t i = 0; i < set->n; i++) {
        double z, weight, theta = M_PI * (double)(i % (2 * m)) / (double)m, *x = set->x + 3 * i;
        gsl_integration_glfixed_point(-1, 1, i / (2 * m), &z, &weight, rule);
        x[0] = sqrt(1 - z * z) * cos(theta);
        x[1] = sqrt(1 - z * z) * sin(theta);
        x[2] = z;
        set->q[i] = weight * M_PI / (double)m;
    }
    gsl_integration_glfixed_table_free(rule);
    return SB_OK;
}

static sb_status grid(const sb_dataset_spec *spec, sb_dataset *set)
{
    if (spec->dim > 3)
        return sb_fail(SB_ERR_UNSUPPORTED, "there are grids on spheres of 2 and 3 dimensions; of %zu points are random",
                       spec->dim);
    if (spec->dim == 3) return globe_grid(set);
    circle_grid(set);
    return SB_OK;
}

static sb_status weigh_circle(const sb_dataset_spec *spec, bool exact, sb_dataset *set)
{
    sb_status status = SB_OK;
    size_t n = set->n, *order = malloc(n * sizeof *order);
    double *theta = malloc(3 * n * sizeof *theta); /* and ascending, and the arcs of these */
    if (!order || !theta) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu angles", n);
        goto done;
    }
    for (size_t i = 0; i < n; i++) theta[i] = atan2(set->x[2 * i + 1], set->x[2 * i]);
    gsl_sort_index(order, theta, 1, n);
    double *ascending = theta + n, *arc = ascending + n;
    for (size_t i = 0; i < n; i++) ascending[i] = theta[order[i]];
    sb_voronoi_weights(n, ascending, -M_PI, M_PI, true, arc);
    for (size_t i = 0; i < n; i++) set->q[order[i]] = arc[i];
    if (exact) SB_TRY(sb_circle_exact_weights(n, theta, 2 * M_PI, spec->exact, set->q, NULL));
done:
    free(order);
    free(theta);
    return status;
}

static sb_status weigh_globe(const sb_dataset_spec *spec, bool exact, sb_dataset *set)
{
    sb_status status = sb_sphere_voronoi(set->n, set->x, set->q);
    if (status != SB_OK || !exact) return status;
    return sb_sphere_exact_weights(set->n, set->x, spec->exact, set->q, NULL);
}

/* Tests may be few points, too few for the degree: they have cells where the training points' weights are exact. */
static sb_status weigh(const sb_dataset_spec *spec, bool training, sb_dataset *set)
{
    bool equal = !sb_given(spec->weights) || strcmp(spec->weights, "equal") == 0;
    bool exact = !equal && strcmp(spec->weights, "exact") == 0 && training;
    for (size_t i = 0; i < set->n; i++) set->q[i] = sb_sphere_surface(spec->dim) / (double)set->n;
    if (equal) return SB_OK;
    if (spec->dim == 2) return weigh_circle(spec, exact, set);
    if (spec->dim == 3) return weigh_globe(spec, exact, set);
    return sb_fail(SB_ERR_UNSUPPORTED, "cells are measured on spheres of 2 and 3 dimensions, not %zu", spec->dim);
}

/* Density 1 + rho z by rejection. */
static sb_status scatter(const sb_dataset_spec *spec, uint64_t stream, sb_dataset *set)
{
    if (!(fabs(spec->rho) <= 1)) return sb_fail(SB_ERR_INPUT, "a density 1 + rho z needs |rho| <= 1");
    for (size_t i = 0; i < set->n; i++) {
        sb_rng rng = sb_rng_at(spec->seed, stream, i);
        double *x = set->x + i * spec->dim;
        do random_direction(&rng, spec->dim, x);
        while (sb_rng_uniform(&rng) * (1 + fabs(spec->rho)) > 1 + spec->rho * x[spec->dim - 1]);
    }
    return weigh(spec, stream == SB_DATA_SPHERE, set);
}

/* y = amplitude sum_l weight_l N_l^1/2 P_l(x . e_l): each degree has mean square 1 and a pole e_l by seed */
static void fill_target(const sb_dataset_spec *spec, sb_dataset *set)
{
    size_t dim = spec->dim;
    double pole[16];
    for (size_t k = 0; k < spec->terms; k++) {
        size_t degree = (size_t)spec->degree[k];
        sb_rng rng = sb_rng_at(spec->seed, SB_DATA_POLE, degree);
        random_direction(&rng, dim, pole);
        double size = spec->amplitude * (spec->weight ? spec->weight[k] : 1) * sqrt(sb_harmonics(dim, degree));
        for (size_t i = 0; i < set->n; i++) {
            double t = 0;
            for (size_t d = 0; d < dim; d++) t += set->x[i * dim + d] * pole[d];
            set->y[i] += size * sb_zonal(dim, degree, t);
        }
    }
}

static sb_status fill(const sb_dataset_spec *spec, bool random, const char *name, size_t n, uint64_t stream,
                      sb_dataset *set)
{
    sb_shape input = {1, 1, spec->dim}, one = {1, 1, 1};
    sb_status status = sb_dataset_init(set, name, n, input, one, 0, 0);
    if (status != SB_OK) return status;
    set->q = calloc(n, sizeof *set->q);
    if (!set->q) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    status = random ? scatter(spec, stream, set) : grid(spec, set);
    if (status == SB_OK) fill_target(spec, set);
    return status;
}

static sb_status check(const sb_dataset_spec *spec)
{
    if (spec->dim < 2 || spec->dim > 16)
        return sb_fail(SB_ERR_INPUT, "a sphere in %zu dimensions: 2 to 16 are possible", spec->dim);
    if (spec->n == 0) return sb_fail(SB_ERR_INPUT, "data.n: how many points on the sphere?");
    if (sb_given(spec->layout) && strcmp(spec->layout, "grid") != 0 && strcmp(spec->layout, "random") != 0)
        return sb_fail(SB_ERR_INPUT, "points on a sphere are a \"grid\" or \"random\", not \"%s\"", spec->layout);
    if (sb_given(spec->weights) && strcmp(spec->weights, "equal") != 0 && strcmp(spec->weights, "voronoi") != 0 &&
        strcmp(spec->weights, "exact") != 0)
        return sb_fail(SB_ERR_INPUT, "weights on a sphere are \"equal\", \"voronoi\" or \"exact\", not \"%s\"",
                       spec->weights);
    if (spec->terms == 0) return sb_fail(SB_ERR_INPUT, "a target on a sphere needs degrees");
    for (size_t k = 0; k < spec->terms; k++)
        if (!(spec->degree[k] >= 0 && spec->degree[k] <= 1000 && spec->degree[k] == floor(spec->degree[k])))
            return sb_fail(SB_ERR_INPUT, "the degree %g of a target on a sphere is not a whole number of 0 .. 1000",
                           spec->degree[k]);
    return SB_OK;
}

/* Tests are random points, of the same density, whatever the training points are. */
static sb_status make(const sb_dataset_spec *spec, sb_dataset *train, sb_dataset *tests, size_t *count)
{
    bool random = spec->layout && strcmp(spec->layout, "random") == 0;
    sb_status status = check(spec);
    if (status == SB_OK) status = fill(spec, random, "train", spec->n, SB_DATA_SPHERE, train);
    if (status == SB_OK && spec->test > 0) status = fill(spec, true, "test", spec->test, SB_DATA_SPHERE + 1, tests);
    *count = spec->test > 0;
    return status;
}

const sb_dataset_kind sb_dataset_kind_sphere = {
    .name = "sphere",
    .title = "a sum of zonal harmonics of given degrees at points of the unit sphere",
    .make = make,
};
