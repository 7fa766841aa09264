/* Neural tangent kernels of infinitely wide networks of layers (Jacot, Gabriel, Hongler 2018), by recursion over the
 * layers with C = sum y y' and T = sum dy/dtheta . dy'/dtheta over the units (tangent.h). What belongs to a point
 * alone, its variance in front of each activation, is computed once. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>

#include "core/parallel.h"
#include "kernel/dual.h"

typedef struct point {
    const double *x;
    sb_dual_side *side; /* [layers], of activations */
} point;

typedef struct sums {
    double C, T;
} sums;

static double inner(size_t n, const double *x1, const double *x2)
{
    double sum = 0;
    for (size_t d = 0; d < n; d++) sum += x1[d] * x2[d];
    return sum;
}

static sums dense(const sb_wide_layer *l, sums p)
{
    return (sums){.C = l->units * (l->weight2 * p.C + l->bias2),
                  .T = l->units * (l->weight_trained * p.C + l->bias_trained + l->weight2 * p.T)};
}

static sums activation(const sb_wide_layer *l, const sb_dual_side *a, const sb_dual_side *b, sums p)
{
    sb_dual average = sb_dual_average(l, a, b, p.C / l->units);
    return (sums){.C = l->units * average.value, .T = average.slope * p.T};
}

/* p.C = x . x' */
static sums fourier(const sb_wide_layer *l, size_t inputs, const double *x1, const double *x2, sums p)
{
    double phi = 1;
    for (size_t d = 0; d < inputs; d++) phi *= sb_density_characteristic(l->density, x1[d] - x2[d]);
    return (sums){.C = l->units / 2 * phi, .T = l->weight_trained * l->units / 2 * phi * p.C};
}

static sums through(const sb_wide_law *law, size_t i, const point *a, const point *b, sums p)
{
    const sb_wide_layer *l = &law->layer[i];
    switch (l->kind) {
    case SB_WIDE_ACTIVATION: return activation(l, &a->side[i], &b->side[i], p);
    case SB_WIDE_FOURIER: return fourier(l, law->inputs, a->x, b->x, p);
    default: return dense(l, p);
    }
}

static double value(const sb_wide_law *law, const point *a, const point *b)
{
    sums p = {.C = inner(law->inputs, a->x, b->x)};
    for (size_t i = 0; i < law->layers; i++) p = through(law, i, a, b, p);
    return law->gain2 * p.T / law->layer[law->layers - 1].units;
}

/* ---- points ---- */

typedef struct points {
    const sb_wide_law *law;
    size_t n;
    const double *x;    /* [n][inputs] */
    sb_dual_side *side; /* [n][layers] */
} points;

static point at(const points *p, size_t i)
{
    return (point){p->x + i * p->law->inputs, p->side + i * p->law->layers};
}

static sb_status prepare(void *context, size_t index)
{
    const points *all = context;
    const sb_wide_law *law = all->law;
    point own = at(all, index);
    sums p = {.C = inner(law->inputs, own.x, own.x)};
    for (size_t i = 0; i < law->layers; i++) {
        const sb_wide_layer *l = &law->layer[i];
        sb_status status = l->kind == SB_WIDE_ACTIVATION ? sb_dual_prepare(l, p.C / l->units, &own.side[i]) : SB_OK;
        if (status != SB_OK) return sb_fail(status, "layer %zu of the wide network: %s", i + 1, sb_error_text());
        p = through(law, i, &own, &own, p);
    }
    return SB_OK;
}

static sb_status open_points(const sb_wide_law *law, size_t n, const double *x, size_t threads, points *p)
{
    *p = (points){.law = law, .n = n, .x = x, .side = calloc(n * law->layers + 1, sizeof *p->side)};
    if (!p->side) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    return sb_parallel_for(threads, n, prepare, p);
}

static void close_points(points *p)
{
    for (size_t i = 0; p->side && i < p->n * p->law->layers; i++) sb_dual_clear(&p->side[i]);
    free(p->side);
}

/* ---- matrices ---- */

typedef struct matrix {
    const points *row, *column; /* the same: only the lower triangle */
    double *gram;
} matrix;

/* The longest rows of a triangle first. */
static sb_status write_row(void *context, size_t index)
{
    const matrix *m = context;
    size_t i = m->row->n - 1 - index, count = m->row == m->column ? i + 1 : m->column->n;
    double *gram = m->gram + i * m->column->n;
    point a = at(m->row, i);
    for (size_t j = 0; j < count; j++) {
        point b = at(m->column, j);
        gram[j] = value(m->row->law, &a, &b);
        if (!isfinite(gram[j]))
            return sb_fail(SB_ERR_NUMERIC, "the infinite-width kernel of points %zu and %zu is %g", i, j, gram[j]);
    }
    return SB_OK;
}

sb_status sb_gram_wide(const sb_wide_law *law, size_t n, const double *x, size_t m, const double *x2, size_t threads,
                       double *gram)
{
    sb_status status = SB_OK;
    points row = {0}, column = {0};
    SB_TRY(open_points(law, n, x, threads, &row));
    if (x2) SB_TRY(open_points(law, m, x2, threads, &column));
    matrix all = {.row = &row, .column = x2 ? &column : &row, .gram = gram};
    SB_TRY(sb_parallel_for(threads, n, write_row, &all));
    for (size_t i = 0; !x2 && i < n; i++)
        for (size_t j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
done:
    close_points(&row);
    close_points(&column);
    return status;
}

double sb_wide_kernel(const sb_wide_law *law, const double *x1, const double *x2)
{
    double k;
    return sb_gram_wide(law, 1, x1, 1, x2, 1, &k) == SB_OK ? k : NAN;
}
