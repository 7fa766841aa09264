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

#define LARGEST_DEGREE ((size_t)1 << 17)
#define NEGLIGIBLE 1e-14 /* of coefficients, beside the factors <= 1 */

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
static void apply(const plane *p, const double *V, double *out)
{
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

/* ---- Chebyshev coefficients ---- */

typedef struct series {
    size_t degree;
    double *a; /* [degree + 1] */
} series;

/* a_j of f(rate) on [0, top] from f at N + 1 Chebyshev points, f = sum_j a_j T_j(2 rate / top - 1). */
static void interpolate(size_t N, const double *f, const double *cosine, double *a)
{
    for (size_t j = 0; j <= N; j++) {
        double sum = (f[0] + (j % 2 ? -f[N] : f[N])) / 2;
        for (size_t m = 1, k = j; m < N; m++, k = (k + j) % (2 * N)) sum += f[m] * cosine[k];
        a[j] = (j == 0 || j == N ? 1.0 : 2.0) / (double)N * sum;
    }
}

static bool converged(size_t N, const double *a)
{
    for (size_t j = N - N / 8; j <= N; j++)
        if (fabs(a[j]) > NEGLIGIBLE) return false;
    return true;
}

/* Doubles the degree until the last coefficients are negligible, from `degree` on, and drops those. */
static sb_status series_create(const sb_heat_query *query, size_t record, double top, size_t degree, series *s)
{
    for (size_t N = degree; N <= LARGEST_DEGREE; N *= 2) {
        double *work = malloc((4 * N + 2) * sizeof *work), *f = work, *cosine = f + N + 1; /* [2 N] */
        double *a = realloc(s->a, (N + 1) * sizeof *a);
        if (a) s->a = a;
        if (!work || !a) {
            free(work);
            return sb_fail(SB_ERR_NOMEM, "no memory for %zu polynomials", N);
        }
        for (size_t k = 0; k < 2 * N; k++) cosine[k] = cos(M_PI * (double)k / (double)N);
        for (size_t m = 0; m <= N; m++) {
            double half = M_PI * (double)m / (double)(2 * N); /* rate = top (1 + cos 2 half) / 2 */
            f[m] = sb_heat_damped_factor_at(query, top * cos(half) * cos(half), record);
        }
        interpolate(N, f, cosine, s->a);
        free(work);
        if (!converged(N, s->a)) continue;
        for (s->degree = N; s->degree > 0 && fabs(s->a[s->degree]) <= NEGLIGIBLE;) s->degree--;
        return SB_OK;
    }
    return sb_fail(SB_ERR_NUMERIC, "the heat equation in the plane is too stiff: more than %zu polynomials at t = %g",
                   LARGEST_DEGREE, query->t[record]);
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

/* Adds a_j T_j U0 at the wanted frequencies, at each time. */
static void add_term(const sb_heat_query *query, const series *all, size_t j, const pair *pairs, const double *V,
                     double complex *U)
{
    for (size_t i = 0; i < query->nt; i++) {
        if (j > all[i].degree) continue;
        for (size_t k = 0; k < query->nw; k++) {
            if (pairs[k].here == SB_NOWHERE) continue;
            double here = V[pairs[k].here], there = V[pairs[k].there];
            U[i * query->nw + k] += all[i].a[j] * ((here + there) / 2 + (here - there) / 2 * I);
        }
    }
}

/* T_0 = 1, T_1 = X, T_(j+1) = 2 X T_j - T_(j-1), X = 2 A / top - 1 */
static sb_status sum_series(const plane *p, const sb_heat_query *query, const series *all, size_t degree,
                            const pair *pairs, double *V, const sb_monitor *monitor, double complex *U)
{
    sb_status status = SB_OK;
    size_t n = p->rows * p->columns;
    double *work = malloc(2 * n * sizeof *work), *last = V, *now = work, *next = work + n;
    if (!work) return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
    add_term(query, all, 0, pairs, V, U);
    for (size_t j = 1; j <= degree; j++) {
        if (j == 1) {
            apply(p, last, now);
            for (size_t i = 0; i < n; i++) now[i] = 2 / p->top * now[i] - last[i];
        } else {
            apply(p, now, next);
            for (size_t i = 0; i < n; i++) next[i] = 2 * (2 / p->top * next[i] - now[i]) - last[i];
            double *spare = last;
            last = now;
            now = next;
            next = spare;
        }
        add_term(query, all, j, pairs, now, U);
        if (j % 16 == 0) SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)j, (double)degree));
    }
done:
    free(work);
    return status;
}

static sb_status solve(const plane *p, const sb_heat_query *query, const sb_monitor *monitor, double complex *U)
{
    sb_status status = SB_OK;
    size_t degree = 0;
    series *all = calloc(query->nt, sizeof *all);
    pair *pairs = malloc(query->nw * sizeof *pairs);
    double *V = malloc(p->rows * p->columns * sizeof *V);
    if (!all || !pairs || !V) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu x %zu unknowns", p->rows, p->columns);
        goto done;
    }
    for (size_t i = 0; i < query->nt; i++) {
        SB_TRY(series_create(query, i, p->top, 32, &all[i]));
        if (all[i].degree > degree) degree = all[i].degree;
    }
    for (size_t k = 0; k < query->nw; k++) {
        pairs[k] = place(p, query->w + 2 * k);
        for (size_t i = 0; i < query->nt && pairs[k].here != SB_NOWHERE; i++) U[i * query->nw + k] = 0;
    }
    SB_TRY(fill_start(p, query, V));
    SB_TRY(sum_series(p, query, all, degree, pairs, V, monitor, U));
done:
    for (size_t i = 0; all && i < query->nt; i++) free(all[i].a);
    free(all);
    free(pairs);
    free(V);
    return status;
}

sb_status sb_heat_plane(const sb_heat *heat, const sb_heat_query *query, const heat_range *ranges,
                        const heat_nodes *nodes, const sb_monitor *monitor, double complex *U)
{
    sb_status status = SB_OK;
    heat_axis axis[2] = {0};
    plane p = {0};
    if (heat->method)
        return sb_fail(SB_ERR_UNSUPPORTED, "the method '%s' is for the heat equation on the line, not in the plane",
                       heat->method);
    for (size_t a = 0; a < 2; a++) SB_TRY(sb_heat_axis_create(&ranges[a], &nodes[a], &axis[a]));
    if (axis[0].n == 0 || axis[1].n == 0) goto done; /* nothing moves */
    SB_TRY(plane_create(heat, axis, &p));
    SB_TRY(solve(&p, query, monitor, U));
done:
    plane_clear(&p);
    for (size_t a = 0; a < 2; a++) sb_heat_axis_clear(&axis[a]);
    return status;
}
