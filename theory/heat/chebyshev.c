/* f(A) y by Chebyshev polynomials, f the factor of the flow or of steps and the eigenvalues of A in [0, top]:
 *
 *   f(A) y = sum_j a_j T_j(X) y,   X = 2 A / top - 1,   T_0 = 1, T_1 = X, T_(j+1) = 2 X T_j - T_(j-1).
 *
 * All times share the vectors T_j(X) y. About sqrt(top t) of them are needed. */
#include "theory/heat/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fft_complex.h>

#define SMALLEST_DEGREE ((size_t)32)
#define LARGEST_DEGREE ((size_t)1 << 21)
#define NEGLIGIBLE 1e-14 /* of coefficients, beside factors <= 1 */

typedef struct series {
    size_t degree;
    double *a; /* [degree + 1] */
} series;

double sb_heat_chebyshev_degree(const sb_heat_query *query, double top)
{
    return sqrt(64 * top * query->t[query->nt - 1]) + 160 * sqrt(query->form == SB_FORM_GD ? top * query->eta : 0);
}

/* a[0 .. N] of f = sum_j a_j T_j from f at the N + 1 points x = cos(pi m / N), N a power of 2:
 * a_j = (2 / N) sum''_m f_m cos(pi j m / N), first and last a_j halved. */
static void interpolate(size_t N, const sb_heat_query *query, size_t record, double top, double complex *f, double *a)
{
    for (size_t m = 0; m <= N; m++) {
        double half = cos(M_PI * (double)m / (double)(2 * N)); /* eigenvalue top (1 + x) / 2 = top half^2 */
        f[m] = sb_heat_damped_factor_at(query, top * half * half, record);
        if (m > 0 && m < N) f[2 * N - m] = f[m];
    }
    gsl_fft_complex_radix2_forward((double *)f, 1, 2 * N);
    for (size_t j = 0; j <= N; j++) a[j] = creal(f[j]) / (double)(j == 0 || j == N ? 2 * N : N);
}

static bool converged(size_t N, const double *a)
{
    for (size_t j = N - N / 8; j <= N; j++)
        if (!(fabs(a[j]) <= NEGLIGIBLE)) return false;
    return true;
}

/* The degree is doubled until the last coefficients are negligible, and those are dropped. */
static sb_status series_create(const sb_heat_query *query, size_t record, double top, series *s)
{
    for (size_t N = SMALLEST_DEGREE; N <= LARGEST_DEGREE; N *= 2) {
        double complex *f = malloc(2 * N * sizeof *f);
        double *a = realloc(s->a, (N + 1) * sizeof *a);
        if (a) s->a = a;
        if (f && a) interpolate(N, query, record, top, f, a);
        free(f);
        if (!f || !a) return sb_fail(SB_ERR_NOMEM, "no memory for %zu polynomials", N);
        if (!converged(N, s->a)) continue;
        for (s->degree = N; s->degree > 0 && fabs(s->a[s->degree]) <= NEGLIGIBLE;) s->degree--;
        return SB_OK;
    }
    return sb_fail(SB_ERR_NUMERIC, "the heat equation is too stiff: more than %zu polynomials at t = %g",
                   LARGEST_DEGREE, query->t[record]);
}

/* Adds a_j T_j y to what is wanted, at each time. */
static void add_term(const sb_heat_query *query, const series *all, size_t j, const double *y,
                     const heat_probes *probes)
{
    for (size_t i = 0; i < query->nt; i++) {
        double *value = probes->value + i * probes->stride;
        for (size_t p = 0; p < probes->count && j <= all[i].degree; p++) value[p] += all[i].a[j] * y[probes->index[p]];
    }
}

static sb_status sum_series(const heat_operator *op, const sb_heat_query *query, const series *all, size_t degree,
                            double *start, const sb_monitor *monitor, const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t n = op->n;
    double *work = malloc(2 * n * sizeof *work);
    if (!work) return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
    double *last = start, *now = work, *next = work + n;
    add_term(query, all, 0, last, probes);
    op->apply(op->context, last, now);
    for (size_t i = 0; i < n; i++) now[i] = 2 / op->top * now[i] - last[i];
    for (size_t j = 1; j <= degree; j++) {
        add_term(query, all, j, now, probes);
        op->apply(op->context, now, next);
        for (size_t i = 0; i < n; i++) next[i] = 2 * (2 / op->top * next[i] - now[i]) - last[i];
        double *spare = last;
        last = now;
        now = next;
        next = spare;
        if (j % 16 == 0) SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)j, (double)degree));
    }
done:
    free(work);
    return status;
}

sb_status sb_heat_chebyshev(const heat_operator *op, const sb_heat_query *query, double *start,
                            const sb_monitor *monitor, const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t degree = 0;
    series *all = calloc(query->nt, sizeof *all);
    if (!all) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times", query->nt);
    for (size_t i = 0; i < query->nt; i++) {
        memset(probes->value + i * probes->stride, 0, probes->count * sizeof *probes->value);
        SB_TRY(series_create(query, i, op->top, &all[i]));
        if (all[i].degree > degree) degree = all[i].degree;
    }
    SB_TRY(sum_series(op, query, all, degree, start, monitor, probes));
done:
    for (size_t i = 0; i < query->nt; i++) free(all[i].a);
    free(all);
    return status;
}
