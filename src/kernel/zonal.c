/* Funk and Hecke: mu_l = |S^{d-2}| int_0^pi K(cos t) P_l(cos t) sin^{d-2} t dt, P_l the zonal polynomial with P(1) = 1.
 */
#include <math.h>
#include <stdlib.h>

#include <specbias/dataset.h>
#include <specbias/zonal.h>

#include "core/gsl.h"

/* Gauss-Legendre nodes of one part of [0, pi]; of this number GSL has them to all digits. */
#define POINTS 128
/* Degrees that one part of them resolves: cos(l t) then has 100 radians on it, at most. */
#define DEGREES 64
/* A part is halved until the upper half of its Legendre series is below this part of int |K|. Products with P_l then
 * are polynomials that the nodes integrate exactly. */
#define RESOLVED 1e-12
#define NARROWEST (M_PI * 0x1p-30)

typedef struct integral {
    size_t dim, count;
    double (*kernel)(const void *context, double t);
    const void *context;
    double surface, size; /* |S^{d-2}|; int |K| up to now */
    gsl_integration_glfixed_table *table;
    double *mu; /* [count] */
} integral;

/* t[POINTS], weight[POINTS], and f[POINTS] = |S^{d-2}| K sin^{d-2} t there */
static sb_status evaluate(const integral *p, double left, double right, double *t, double *weight, double *f)
{
    for (size_t i = 0; i < POINTS; i++) {
        gsl_integration_glfixed_point(left, right, i, &t[i], &weight[i], p->table);
        double value = p->kernel(p->context, t[i]);
        if (!isfinite(value)) return sb_fail(SB_ERR_NUMERIC, "the kernel is %g at the angle %g", value, t[i]);
        f[i] = p->surface * value * pow(sin(t[i]), (double)(p->dim - 2));
    }
    return SB_OK;
}

/* The largest (2 k + 1) |int f P_k dt|, POINTS / 2 <= k < POINTS: coefficients of f's Legendre series times the length
 */
static double upper_half(double left, double right, const double *t, const double *weight, const double *f)
{
    double now[POINTS], last[POINTS], largest = 0;
    for (size_t i = 0; i < POINTS; i++) {
        last[i] = 0;
        now[i] = 1;
    }
    for (size_t k = 1; k < POINTS; k++) {
        double sum = 0, n = (double)k;
        for (size_t i = 0; i < POINTS; i++) {
            double x = (2 * t[i] - left - right) / (right - left);
            double next = ((2 * n - 1) * x * now[i] - (n - 1) * last[i]) / n;
            last[i] = now[i];
            now[i] = next;
            sum += weight[i] * f[i] * next;
        }
        if (2 * k >= POINTS) largest = fmax(largest, (2 * n + 1) * fabs(sum));
    }
    return largest;
}

static sb_status add_part(integral *p, double left, double right)
{
    double t[POINTS], weight[POINTS], f[POINTS], size = 0, middle = (left + right) / 2;
    sb_status status = evaluate(p, left, right, t, weight, f);
    if (status != SB_OK) return status;
    for (size_t i = 0; i < POINTS; i++) size += weight[i] * fabs(f[i]);
    if (upper_half(left, right, t, weight, f) > RESOLVED * (p->size + size)) {
        if (right - left < NARROWEST)
            return sb_fail(SB_ERR_NUMERIC, "the kernel is not smooth at the angle %g, so its eigenvalues are unknown",
                           middle);
        status = add_part(p, left, middle);
        return status == SB_OK ? add_part(p, middle, right) : status;
    }
    p->size += size;
    for (size_t l = 0; l < p->count; l++)
        for (size_t i = 0; i < POINTS; i++) p->mu[l] += weight[i] * f[i] * sb_zonal(p->dim, l, cos(t[i]));
    return SB_OK;
}

sb_status sb_zonal_eigenvalues(size_t dim, size_t count, double (*kernel)(const void *context, double t),
                               const void *context, double *mu)
{
    sb_status status = SB_OK;
    size_t parts = 1 + count / DEGREES;
    if (dim < 2) return sb_fail(SB_ERR_INPUT, "a sphere in %zu dimensions: 2 and more are possible", dim);
    integral p = {dim, count, kernel, context, .mu = mu, .table = sb_gauss_table(POINTS)};
    if (!p.table) return sb_fail(SB_ERR_NOMEM, "no memory for a quadrature rule");
    p.surface = dim == 2 ? 2 : sb_sphere_surface(dim - 1); /* two points are the sphere of one dimension */
    for (size_t l = 0; l < count; l++) mu[l] = 0;
    for (size_t i = 0; i < parts && status == SB_OK; i++)
        status = add_part(&p, M_PI * (double)i / (double)parts, M_PI * (double)(i + 1) / (double)parts);
    gsl_integration_glfixed_table_free(p.table);
    return status;
}
