/* Neural tangent kernels of infinitely wide networks of layers (Jacot, Gabriel, Hongler 2018), by recursion over the
 * layers with S = <y y'> and T = <dy/dtheta . dy'/dtheta>, the sums of tangent.h by the number of units. With S goes
 * how nearly parallel the two points are (dual.h). What belongs to a point alone, its variance after each layer, is
 * computed once. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/dual.h"

extern const sb_kernel sb_kernel_quadrature;

typedef struct points {
    const sb_wide_law *law;
    size_t n;
    const double *x;    /* [n][inputs] */
    sb_dual_side *side; /* [layers][n], of activations */
    double *root;       /* [layers + 1][n] of <y y>: before the first layer, and after each */
} points;

/* A point with points first .. first + count - 1 of the other kind. */
typedef struct pairs {
    const points *a, *b;
    size_t i, first, count;
} pairs;

static double inner(size_t n, const double *x1, const double *x2)
{
    double sum = 0;
    for (size_t d = 0; d < n; d++) sum += x1[d] * x2[d];
    return sum;
}

static void put(sb_dual_row *row, size_t c, sb_dual_pair y, double T)
{
    row->S[c] = y.S;
    row->minus[c] = y.minus;
    row->plus[c] = y.plus;
    row->gap[c] = y.gap;
    row->T[c] = T;
}

/* ---- inputs ---- */

/* Of nearly (anti)parallel points, which powers of two make about 1 long: x1 = m x2 + rest, where each step of
 *
 *   rest = x1 - m x2,   across = rest - (rest . x2 / |x2|^2) x2,   1 - c^2 = |across|^2 / |x1|^2
 *
 * rounds what is left, not x1, and any m near the right one serves. Returns |across|^2 / |x1|^2, and sets the
 * difference of lengths: (|x1|^2 - |x2|^2) / (|x1| + |x2|), if they are about the same. */
static double split(size_t n, const double *x1, double root1, const double *x2, double root2, double *gap)
{
    double scale1 = ldexp(1, -ilogb(root1)), scale2 = ldexp(1, -ilogb(root2)), size = scale2 / scale1;
    double square1 = 0, square2 = 0, m = 0, along = 0, rest2 = 0, across2 = 0;
    for (size_t d = 0; d < n; d++) {
        square1 += x1[d] * scale1 * (x1[d] * scale1);
        square2 += x2[d] * scale2 * (x2[d] * scale2);
        m += x1[d] * scale1 * (x2[d] * scale2);
    }
    m /= square2; /* exactly, if the points are multiples of each other by whole numbers */
    for (size_t d = 0; d < n; d++) {
        double rest = fma(-m, x2[d] * scale2, x1[d] * scale1);
        along += rest * (x2[d] * scale2) / square2;
        rest2 += rest * rest / square2;
    }
    for (size_t d = 0; d < n; d++) {
        double across = fma(-m, x2[d] * scale2, x1[d] * scale1) - along * (x2[d] * scale2);
        across2 += across * across;
    }
    *gap = root1 - root2;
    if (fabs(*gap) < root1)
        *gap = root2 * ((fabs(m) * size - 1) * (fabs(m) * size + 1) + size * size * (2 * m * along + rest2)) /
               (root1 / root2 + 1);
    return across2 / square1;
}

SB_BEST_BY_ISA(sb_dual_loop, sb_start_rows)
SB_BEST_BY_ISA(sb_dual_loop, sb_dense_rows)

/* in: S = x . x' */
static void inputs(const pairs *p, const sb_dual_step *s, const sb_dual_row *in, sb_dual_row *out)
{
    size_t n = p->a->law->inputs;
    sb_start_rows_best()(s, p->count, in, out);
    for (size_t c = 0; c < p->count; c++) {
        if (!isnan(out->minus[c])) continue;
        double gap, root1 = s->to1, root2 = s->to2[c];
        double square = split(n, p->a->x + p->i * n, root1, p->b->x + (p->first + c) * n, root2, &gap);
        put(out, c, sb_dual_near(in->S[c], square / (1 + fabs(in->S[c]) / (root1 * root2)), gap), 0);
    }
}

/* ---- layers ---- */

static void activation(const pairs *p, size_t i, const sb_dual_step *s, const sb_dual_row *in, sb_dual_row *out)
{
    const sb_dual_side *a = &p->a->side[i * p->a->n + p->i], *b = &p->b->side[i * p->b->n + p->first];
    sb_dual_loop *loop = sb_dual_rows(a);
    if (loop) loop(s, p->count, in, out);
    for (size_t c = 0; c < p->count; c++) {
        if (loop && !isnan(out->minus[c])) continue;
        sb_dual_pair y = {in->S[c], in->minus[c], in->plus[c], in->gap[c]};
        sb_dual average = sb_dual_average(a, &b[c], &y);
        if (s->last)
            y.S = average.value;
        else
            y = sb_dual_next(a, &b[c], &y, average.value, s->to1, s->to2[c]);
        put(out, c, y, average.slope * in->T[c]);
    }
}

/* in: S = x . x' */
static void fourier(const pairs *p, const sb_wide_layer *l, const sb_dual_row *in, sb_dual_row *out)
{
    size_t inputs = p->a->law->inputs;
    const double *x1 = p->a->x + p->i * inputs, *x2 = p->b->x + p->first * inputs;
    for (size_t c = 0; c < p->count; c++, x2 += inputs) {
        double phi = 1, lack = 0; /* 1 - phi, of which nearly equal points need the digits */
        for (size_t d = 0; d < inputs; d++)
            phi *= sb_density_characteristic(&l->density[l->axes > 1 ? d : 0], x1[d] - x2[d]);
        for (size_t d = 0; d < inputs && phi > SB_DUAL_NEAR; d++)
            lack += (1 - lack) * sb_density_lack(&l->density[l->axes > 1 ? d : 0], x1[d] - x2[d]);
        double near = phi > SB_DUAL_NEAR ? lack : 1 - fabs(phi);
        put(out, c, sb_dual_near(phi / 2, near, 0), l->weight_trained / 2 * phi * in->S[c]);
    }
}

/* What counts in the sum of its two parts says how exact both are. */
static sb_average shifted_average(const sb_wide_layer *l, const sb_wide_layer *next, double x1, double x2)
{
    bool known = next && next->kind == SB_WIDE_DENSE && next->weight_trained > 0;
    return sb_kernel_for(l)->average(l, known ? next->weight2 / next->weight_trained : 1, x1, x2);
}

static void shifted(const pairs *p, const sb_wide_layer *next, const sb_dual_step *s, sb_dual_row *out)
{
    const sb_wide_layer *l = p->a->law->layer;
    for (size_t c = 0; c < p->count; c++) {
        sb_average mean = shifted_average(l, next, p->a->x[p->i], p->b->x[p->first + c]);
        sb_dual_pair y = {.S = mean.output};
        if (!s->last) y = sb_dual_plain(mean.output, s->to1, s->to2[c]);
        put(out, c, y, l->weight_trained > 0 ? mean.rest : 0);
    }
}

/* The last activation: behind it no more than S is needed. */
static size_t last_activation(const sb_wide_law *law)
{
    size_t last = law->layers;
    while (last > 0 && law->layer[--last].kind != SB_WIDE_ACTIVATION) continue;
    return last;
}

/* ---- pairs ---- */

/* A layer of shifts asks for the points alone; on a line all are parallel, which is the slow way of `inputs`. */
static bool asks_for_products(const sb_wide_law *law)
{
    return law->layers == 0 || law->layer->kind != SB_WIDE_SHIFTED;
}

/* Roots before and after layer i - 1, and what a dense one multiplies with */
static sb_dual_step step_to(const pairs *p, size_t i)
{
    const sb_wide_law *law = p->a->law;
    const double *root1 = p->a->root + i * p->a->n + p->i, *root2 = p->b->root + i * p->b->n + p->first;
    sb_dual_step s = {.to1 = *root1, .to2 = root2};
    if (i == 0) return s;
    const sb_wide_layer *l = &law->layer[i - 1];
    double fan = i > 1 ? l[-1].units : 1; /* units of the layer before; 1 at the inputs */
    s.from1 = *(root1 - p->a->n);
    s.from2 = root2 - p->b->n;
    s.last = i - 1 >= last_activation(law);
    s.weight2 = l->weight2 * fan;
    s.bias2 = l->bias2;
    s.weight_trained = l->weight_trained * fan;
    s.bias_trained = l->bias_trained;
    return s;
}

static void through(const pairs *p, size_t i, const sb_dual_row *in, sb_dual_row *out)
{
    const sb_wide_law *law = p->a->law;
    sb_dual_step s = step_to(p, i + 1);
    switch (law->layer[i].kind) {
    case SB_WIDE_ACTIVATION: activation(p, i, &s, in, out); break;
    case SB_WIDE_FOURIER: fourier(p, law->layer, in, out); break;
    case SB_WIDE_SHIFTED: shifted(p, law->layers > 1 ? law->layer + 1 : NULL, &s, out); break;
    default: sb_dense_rows_best()(&s, p->count, in, out);
    }
}

/* in: x . x' of the pairs */
static void values(const pairs *p, double *kernel)
{
    sb_dual_row row[2];
    const sb_wide_law *law = p->a->law;
    memcpy(row[1].S, kernel, p->count * sizeof *kernel);
    if (asks_for_products(law)) {
        sb_dual_step start = step_to(p, 0);
        inputs(p, &start, &row[1], &row[0]);
    }
    for (size_t i = 0; i < law->layers; i++) through(p, i, &row[i % 2], &row[(i + 1) % 2]);
    for (size_t c = 0; c < p->count; c++) kernel[c] = law->gain2 * row[law->layers % 2].T[c];
}

/* ---- points ---- */

/* <y y> behind a layer, from q before it */
static double square_after(const sb_wide_layer *l, double fan, const sb_dual_side *side, double q)
{
    sb_dual_pair alone = sb_dual_near(q, 0, 0);
    switch (l->kind) {
    case SB_WIDE_ACTIVATION: return sb_dual_average(side, side, &alone).value;
    case SB_WIDE_FOURIER: return 0.5;
    default: return l->weight2 * fan * q + l->bias2;
    }
}

static sb_status prepare(void *context, size_t index)
{
    const points *all = context;
    const sb_wide_law *law = all->law;
    const double *x = all->x + index * law->inputs;
    double *root = all->root + index, q = inner(law->inputs, x, x);
    *root = sqrt(q);
    for (size_t i = 0; i < law->layers; i++) {
        const sb_wide_layer *l = &law->layer[i];
        sb_dual_side *side = &all->side[i * all->n + index];
        if (l->kind == SB_WIDE_SHIFTED && i >= last_activation(law)) return SB_OK;
        sb_status status = l->kind == SB_WIDE_ACTIVATION ? sb_dual_prepare(l, q, side) : SB_OK;
        if (status != SB_OK) return sb_fail(status, "layer %zu of the wide network: %s", i + 1, sb_error_text());
        if (l->kind == SB_WIDE_SHIFTED)
            q = shifted_average(l, i + 1 < law->layers ? l + 1 : NULL, *x, *x).output;
        else
            q = square_after(l, i > 0 ? law->layer[i - 1].units : 1, side, q);
        root[(i + 1) * all->n] = sqrt(q);
    }
    return SB_OK;
}

static sb_status open_points(const sb_wide_law *law, size_t n, const double *x, size_t threads, points *p)
{
    *p = (points){.law = law, .n = n, .x = x, .side = calloc(n * law->layers + 1, sizeof *p->side)};
    p->root = calloc(n * (law->layers + 1) + 1, sizeof *p->root);
    if (!p->side || !p->root) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    return sb_parallel_for(threads, n, prepare, p);
}

static void close_points(points *p)
{
    for (size_t i = 0; p->side && i < p->n * p->law->layers; i++) sb_dual_clear(&p->side[i]);
    free(p->side);
    free(p->root);
}

/* ---- matrices ---- */

typedef struct matrix {
    const points *row, *column; /* the same: only the lower triangle */
    double *gram;
} matrix;

static sb_status does_not_settle(const sb_wide_layer *l, double x1, double x2)
{
    return sb_fail(SB_ERR_NUMERIC,
                   "the infinite-width kernel of the points %g and %g: the average of %s over the law of the weights "
                   "(init.in_scale = %g) and over the shifts does not settle",
                   x1, x2, l->activation, l->in_scale);
}

static sb_status check_range(const sb_wide_law *law, size_t n, const double *x)
{
    for (size_t i = 0; i < n && law->layers > 0 && law->layer->kind == SB_WIDE_SHIFTED; i++)
        if (!(fabs(x[i]) <= law->layer->range))
            return sb_fail(SB_ERR_INPUT,
                           "the infinite-width kernel needs |x| <= %g (init.shift_range), but there is a point at %g",
                           law->layer->range, x[i]);
    return SB_OK;
}

/* x . x' of some rows, of a triangle to the end of their diagonal block */
static sb_status write_products(void *context, size_t index)
{
    const matrix *m = context;
    size_t n = m->row->n, i = index * SB_ROW, rows = n - i < SB_ROW ? n - i : SB_ROW, inputs = m->row->law->inputs;
    size_t columns = m->row == m->column ? i + rows : m->column->n;
    sb_gemm_nt(rows, columns, inputs, m->row->x + i * inputs, inputs, m->column->x, inputs, 0,
               m->gram + i * m->column->n, m->column->n);
    return SB_OK;
}

/* The longest rows of a triangle first. */
static sb_status write_row(void *context, size_t index)
{
    const matrix *m = context;
    size_t i = m->row->n - 1 - index, count = m->row == m->column ? i + 1 : m->column->n;
    double *gram = m->gram + i * m->column->n;
    for (size_t j = 0; j < count; j += SB_ROW) {
        pairs p = {m->row, m->column, i, j, count - j < SB_ROW ? count - j : SB_ROW};
        values(&p, gram + j);
    }
    for (size_t j = 0; j < count; j++) {
        if (isnan(gram[j]) && m->row->law->layer->kind == SB_WIDE_SHIFTED)
            return does_not_settle(m->row->law->layer, m->row->x[i], m->column->x[j]);
        if (!isfinite(gram[j]))
            return sb_fail(SB_ERR_NUMERIC, "the infinite-width kernel of points %zu and %zu is %g", i, j, gram[j]);
    }
    return SB_OK;
}

/* A closed form of a layer of shifts at so few pairs takes less time than threads take to start. */
static bool is_short(const sb_wide_law *law, size_t all)
{
    return all <= 4096 && !asks_for_products(law) && sb_kernel_for(law->layer) != &sb_kernel_quadrature;
}

sb_status sb_gram_wide(const sb_wide_law *law, size_t n, const double *x, size_t m, const double *x2, size_t threads,
                       double *gram)
{
    sb_status status = SB_OK;
    points row = {0}, column = {0};
    if (is_short(law, n * (x2 ? m : n))) threads = 1;
    if (!x2) SB_TRY(check_range(law, n, x));
    SB_TRY(open_points(law, n, x, threads, &row));
    if (x2) SB_TRY(open_points(law, m, x2, threads, &column));
    matrix all = {.row = &row, .column = x2 ? &column : &row, .gram = gram};
    if (asks_for_products(law)) SB_TRY(sb_parallel_for(threads, (n + SB_ROW - 1) / SB_ROW, write_products, &all));
    SB_TRY(sb_parallel_for(threads, n, write_row, &all));
    if (!x2) sb_mirror(threads, n, gram);
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
