/* Funk and Hecke: mu_l = |S^{d-2}| int_0^pi K(cos t) P_l(cos t) sin^{d-2} t dt, P_l the zonal polynomial with P(1) = 1.
 */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_integration.h>

#include <specbias/dataset.h>
#include <specbias/zonal.h>

/* Gauss-Legendre nodes of one part of [0, pi]; of this number GSL has them to all digits. */
#define POINTS 128
/* Degrees that one part of them resolves: cos(l t) then has 100 radians on it, at most. */
#define DEGREES 64

typedef struct rule {
    size_t n;
    double *node, *weight;
} rule;

static void clear_rule(rule *r)
{
    free(r->node);
    free(r->weight);
}

/* For int_0^pi dt of functions up to cos(count t) */
static sb_status make_rule(size_t count, rule *r)
{
    size_t parts = 1 + count / DEGREES;
    *r = (rule){POINTS * parts, malloc(POINTS * parts * sizeof(double)), malloc(POINTS * parts * sizeof(double))};
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(POINTS);
    if (!r->node || !r->weight || !table) {
        if (table) gsl_integration_glfixed_table_free(table);
        clear_rule(r);
        return sb_fail(SB_ERR_NOMEM, "no memory for a quadrature rule");
    }
    for (size_t i = 0; i < r->n; i++) {
        double left = M_PI * (double)(i / POINTS) / (double)parts, right = left + M_PI / (double)parts;
        gsl_integration_glfixed_point(left, right, i % POINTS, &r->node[i], &r->weight[i], table);
    }
    gsl_integration_glfixed_table_free(table);
    return SB_OK;
}

/* Multiplies the weights by |S^{d-2}| K sin^{d-2} t. */
static sb_status weigh(size_t dim, double (*kernel)(const void *context, double t), const void *context, rule *r)
{
    double surface = dim == 2 ? 2 : sb_sphere_surface(dim - 1); /* two points are the sphere of one dimension */
    for (size_t i = 0; i < r->n; i++) {
        double value = kernel(context, r->node[i]);
        if (!isfinite(value)) return sb_fail(SB_ERR_NUMERIC, "the kernel is %g at the angle %g", value, r->node[i]);
        r->weight[i] *= surface * value * pow(sin(r->node[i]), (double)(dim - 2));
    }
    return SB_OK;
}

sb_status sb_zonal_eigenvalues(size_t dim, size_t count, double (*kernel)(const void *context, double t),
                               const void *context, double *mu)
{
    rule r;
    if (dim < 2) return sb_fail(SB_ERR_INPUT, "a sphere in %zu dimensions: 2 and more are possible", dim);
    sb_status status = make_rule(count, &r);
    if (status != SB_OK) return status;
    status = weigh(dim, kernel, context, &r);
    for (size_t l = 0; status == SB_OK && l < count; l++) {
        mu[l] = 0;
        for (size_t i = 0; i < r.n; i++) mu[l] += r.weight[i] * sb_zonal(dim, l, cos(r.node[i]));
    }
    clear_rule(&r);
    return status;
}

/* The matrix of n equal angles is circulant: its eigenvalue is the transform of a row, which the kernel's own Fourier
 * series turns into sum_j mu_|l + j n|. */
double sb_zonal_aliased(size_t n, size_t l, double (*kernel)(const void *context, double t), const void *context)
{
    double step = 2 * M_PI / (double)n, sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t around = i < n - i ? i : n - i; /* angles are at most pi */
        sum += kernel(context, step * (double)around) * cos(step * (double)(l % n * i % n));
    }
    return step * sum;
}

/* 1 + cos t = 2 cos^2(t/2), without a difference near pi */
double sb_zonal_relu_kernel(double t)
{
    double half = cos(t / 2);
    return half * half * (M_PI - t) / M_PI;
}

double sb_zonal_relu_all(double t, double kappa)
{
    return sb_zonal_relu_kernel(t) + kappa * kappa * (sin(t) + (M_PI - t) * cos(t)) / (2 * M_PI);
}

double sb_zonal_relu_circle(size_t l)
{
    double k = (double)l;
    if (l == 0) return M_PI / 2 + 2 / M_PI;
    if (l == 1) return M_PI / 4 + 2 / M_PI;
    return l % 2 == 0 ? (1 / ((k - 1) * (k - 1)) + 1 / ((k + 1) * (k + 1))) / M_PI : 2 / (M_PI * k * k);
}

/* Eigenvalues A_l of (pi - t) / (2 pi): A_0 = pi, A_1 = pi / 4, A_{l+2} = A_l (l / (l + 3))^2 */
static double angle_eigenvalue(size_t l)
{
    double a = M_PI / 4;
    if (l == 0) return M_PI;
    if (l % 2 == 0) return 0;
    for (size_t k = 1; k < l; k += 2) a *= (double)(k * k) / (double)((k + 3) * (k + 3));
    return a;
}

/* The factor 1 + cos t adds those of the neighbours: cos t P_l = ((l + 1) P_{l+1} + l P_{l-1}) / (2 l + 1). */
double sb_zonal_relu_sphere(size_t l)
{
    double k = (double)l, below = l > 0 ? angle_eigenvalue(l - 1) : 0;
    return angle_eigenvalue(l) + ((k + 1) * angle_eigenvalue(l + 1) + k * below) / (2 * k + 1);
}
