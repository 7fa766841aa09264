/* Neural tangent kernels of infinitely wide networks of layers (Jacot, Gabriel, Hongler 2018), by recursion over the
 * layers with S = <y y'> and T = <dy/dtheta . dy'/dtheta>, the sums of tangent.h by the number of units. With S goes
 * how nearly parallel the two points are (dual.h). What belongs to a point alone, its variance after each layer, is
 * computed once. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/dual.h"

extern const sb_kernel sb_kernel_quadrature;

typedef struct point {
    const double *x;
    sb_dual_side *side; /* [layers], of activations */
    double *root;       /* [layers + 1] of <y y>: before the first layer, and after each */
} point;

typedef struct means {
    sb_dual_pair y;
    double T;
} means;

static double inner(size_t n, const double *x1, const double *x2)
{
    double sum = 0;
    for (size_t d = 0; d < n; d++) sum += x1[d] * x2[d];
    return sum;
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

/* S = x . x' */
static means inputs(size_t n, double S, const point *a, const point *b)
{
    double root1 = a->root[0], root2 = b->root[0];
    if (!(fabs(S) > SB_DUAL_NEAR * root1 * root2)) return (means){.y = sb_dual_plain(S, root1, root2)};
    double gap, square = split(n, a->x, root1, b->x, root2, &gap);
    return (means){.y = sb_dual_near(S, square / (1 + fabs(S) / (root1 * root2)), gap)};
}

/* ---- layers ---- */

typedef struct step {
    const sb_wide_layer *layer;
    double fan;                    /* units of the layer before; 1 at the inputs */
    double from1, from2, to1, to2; /* roots before and after it */
    bool last;                     /* no activation follows, which would need more than S */
} step;

/* S' = w S + b. With q' the variances, (q1' q2' - S'^2) / q1' q2' = w^2 (q1 q2 - S^2) / .. + w b (q1 + q2 - 2 S) / ..
 */
static sb_dual_pair add_bias(const step *s, const sb_dual_pair *y, double w, double b, double S)
{
    double r = s->to1 * s->to2, gap = w * y->gap * (s->from1 + s->from2) / (s->to1 + s->to2);
    if (!(r > 0)) return sb_dual_plain(S, s->to1, s->to2);
    double before = w * s->from1 * (s->from2 / r), apart = y->gap * y->gap + 2 * s->from1 * s->from2 * y->minus;
    double square = before * before * y->minus * y->plus + w * apart / r * (b / r);
    return sb_dual_near(S, square / (1 + fabs(S) / r), gap);
}

static means dense(const step *s, means p)
{
    const sb_wide_layer *l = s->layer;
    double w = l->weight2 * s->fan, b = l->bias2, S = w * p.y.S + b;
    double T = l->weight_trained * s->fan * p.y.S + l->bias_trained + w * p.T;
    if (s->last) return (means){{.S = S}, T};
    if (b > 0 && !(fabs(S) > SB_DUAL_NEAR * s->to1 * s->to2)) return (means){sb_dual_plain(S, s->to1, s->to2), T};
    if (b > 0) return (means){add_bias(s, &p.y, w, b, S), T};
    sb_dual_pair y = {S, p.y.minus, p.y.plus, p.y.gap};
    if (s->to1 + s->to2 > 0) y.gap *= w * (s->from1 + s->from2) / (s->to1 + s->to2);
    return (means){y, T};
}

static means activation(const step *s, const sb_dual_side *a, const sb_dual_side *b, means p)
{
    sb_dual average = sb_dual_average(a, b, &p.y);
    if (s->last) return (means){{.S = average.value}, average.slope * p.T};
    return (means){sb_dual_next(a, b, &p.y, average.value, s->to1, s->to2), average.slope * p.T};
}

/* p.y.S = x . x' */
static means fourier(const step *s, size_t inputs, const double *x1, const double *x2, means p)
{
    const sb_wide_layer *l = s->layer;
    double phi = 1, lack = 0; /* 1 - phi, of which nearly equal points need the digits */
    for (size_t d = 0; d < inputs; d++)
        phi *= sb_density_characteristic(&l->density[l->axes > 1 ? d : 0], x1[d] - x2[d]);
    for (size_t d = 0; d < inputs && phi > SB_DUAL_NEAR; d++)
        lack += (1 - lack) * sb_density_lack(&l->density[l->axes > 1 ? d : 0], x1[d] - x2[d]);
    double near = phi > SB_DUAL_NEAR ? lack : 1 - fabs(phi);
    return (means){sb_dual_near(phi / 2, near, 0), l->weight_trained / 2 * phi * p.y.S};
}

/* What counts in the sum of its two parts says how exact both are. */
static sb_average shifted_average(const sb_wide_layer *l, const sb_wide_layer *next, double x1, double x2)
{
    bool known = next && next->kind == SB_WIDE_DENSE && next->weight_trained > 0;
    return sb_kernel_for(l)->average(l, known ? next->weight2 / next->weight_trained : 1, x1, x2);
}

static means shifted(const step *s, const sb_wide_layer *next, double x1, double x2)
{
    sb_average mean = shifted_average(s->layer, next, x1, x2);
    double T = s->layer->weight_trained > 0 ? mean.rest : 0;
    if (s->last) return (means){{.S = mean.output}, T};
    return (means){sb_dual_plain(mean.output, s->to1, s->to2), T};
}

static means through(const sb_wide_law *law, size_t i, size_t last, const point *a, const point *b, means p)
{
    step s = {.layer = &law->layer[i],
              .fan = i > 0 ? law->layer[i - 1].units : 1,
              .from1 = a->root[i],
              .from2 = b->root[i],
              .to1 = a->root[i + 1],
              .to2 = b->root[i + 1],
              .last = i >= last};
    switch (s.layer->kind) {
    case SB_WIDE_ACTIVATION: return activation(&s, &a->side[i], &b->side[i], p);
    case SB_WIDE_FOURIER: return fourier(&s, law->inputs, a->x, b->x, p);
    case SB_WIDE_SHIFTED: return shifted(&s, i + 1 < law->layers ? s.layer + 1 : NULL, *a->x, *b->x);
    default: return dense(&s, p);
    }
}

/* The last activation: behind it no more than S is needed. */
static size_t last_activation(const sb_wide_law *law)
{
    size_t last = law->layers;
    while (last > 0 && law->layer[--last].kind != SB_WIDE_ACTIVATION) continue;
    return last;
}

/* ---- points ---- */

typedef struct points {
    const sb_wide_law *law;
    size_t n;
    const double *x;    /* [n][inputs] */
    sb_dual_side *side; /* [n][layers] */
    double *root;       /* [n][layers + 1] */
} points;

static point at(const points *p, size_t i)
{
    size_t layers = p->law->layers;
    return (point){p->x + i * p->law->inputs, p->side + i * layers, p->root + i * (layers + 1)};
}

/* ---- pairs ---- */

#define ROW 128 /* pairs at a time */

/* Layer i of pairs of a with points j .. j + count - 1, whose averages come from a loop; false: out of its range. */
static bool activations(sb_dual_loop *loop, size_t i, bool last, const point *a, const points *b, size_t j,
                        size_t count, means *p)
{
    double q[ROW], S[ROW], r[ROW], minus[ROW], plus[ROW], value[ROW], slope[ROW], near[ROW];
    for (size_t c = 0; c < count; c++) {
        const sb_dual_side *other = &at(b, j + c).side[i];
        q[c] = a->side[i].q + other->q;
        S[c] = p[c].y.S;
        r[c] = a->side[i].root * other->root;
        minus[c] = p[c].y.minus;
        plus[c] = p[c].y.plus;
        if (!(q[c] < SB_ROWS_MOST)) return false;
    }
    loop(count, q, S, r, minus, plus, value, slope, near);
    for (size_t c = 0; c < count; c++) {
        point other = at(b, j + c);
        double root1 = a->root[i + 1], root2 = other.root[i + 1];
        p[c].T *= slope[c];
        if (last)
            p[c].y = (sb_dual_pair){.S = value[c]};
        else if (isnan(near[c]))
            p[c].y = sb_dual_next(&a->side[i], &other.side[i], &p[c].y, value[c], root1, root2);
        else
            p[c].y = sb_dual_after(&a->side[i], &p[c].y, value[c], near[c], root1, root2);
    }
    return true;
}

/* A layer of shifts asks for the points alone; on a line all are parallel, which is the slow way of `inputs`. */
static bool asks_for_products(const sb_wide_law *law)
{
    return law->layers == 0 || law->layer->kind != SB_WIDE_SHIFTED;
}

/* The kernel of a and points j .. j + count - 1; in: x . x' of them. */
static void values(const sb_wide_law *law, const point *a, const points *b, size_t j, size_t count, double *kernel)
{
    means p[ROW];
    size_t last = last_activation(law);
    if (!asks_for_products(law)) memset(p, 0, count * sizeof *p);
    for (size_t c = 0; c < count && asks_for_products(law); c++) {
        point other = at(b, j + c);
        p[c] = inputs(law->inputs, kernel[c], a, &other);
    }
    for (size_t i = 0; i < law->layers; i++) {
        sb_dual_loop *loop = law->layer[i].kind == SB_WIDE_ACTIVATION ? sb_dual_rows(&a->side[i]) : NULL;
        if (loop && activations(loop, i, i >= last, a, b, j, count, p)) continue;
        for (size_t c = 0; c < count; c++) {
            point other = at(b, j + c);
            p[c] = through(law, i, last, a, &other, p[c]);
        }
    }
    for (size_t c = 0; c < count; c++) kernel[c] = law->gain2 * p[c].T;
}

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
    point own = at(all, index);
    own.root[0] = sqrt(inner(law->inputs, own.x, own.x));
    double q = own.root[0] * own.root[0];
    for (size_t i = 0; i < law->layers; i++) {
        const sb_wide_layer *l = &law->layer[i];
        if (l->kind == SB_WIDE_SHIFTED && i >= last_activation(law)) return SB_OK;
        sb_status status = l->kind == SB_WIDE_ACTIVATION ? sb_dual_prepare(l, q, &own.side[i]) : SB_OK;
        if (status != SB_OK) return sb_fail(status, "layer %zu of the wide network: %s", i + 1, sb_error_text());
        if (l->kind == SB_WIDE_SHIFTED)
            q = shifted_average(l, i + 1 < law->layers ? l + 1 : NULL, *own.x, *own.x).output;
        else
            q = square_after(l, i > 0 ? law->layer[i - 1].units : 1, &own.side[i], q);
        own.root[i + 1] = sqrt(q);
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
    size_t n = m->row->n, i = index * ROW, rows = n - i < ROW ? n - i : ROW, inputs = m->row->law->inputs;
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
    point a = at(m->row, i);
    for (size_t j = 0; j < count; j += ROW)
        values(m->row->law, &a, m->column, j, count - j < ROW ? count - j : ROW, gram + j);
    for (size_t j = 0; j < count; j++) {
        if (isnan(gram[j]) && m->row->law->layer->kind == SB_WIDE_SHIFTED)
            return does_not_settle(m->row->law->layer, *a.x, *at(m->column, j).x);
        if (!isfinite(gram[j]))
            return sb_fail(SB_ERR_NUMERIC, "the infinite-width kernel of points %zu and %zu is %g", i, j, gram[j]);
    }
    return SB_OK;
}

/* A closed form of a layer of shifts at so few pairs takes less time than threads take to start. */
static bool is_short(const sb_wide_law *law, size_t pairs)
{
    return pairs <= 4096 && !asks_for_products(law) && sb_kernel_for(law->layer) != &sb_kernel_quadrature;
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
    if (asks_for_products(law)) SB_TRY(sb_parallel_for(threads, (n + ROW - 1) / ROW, write_products, &all));
    SB_TRY(sb_parallel_for(threads, n, write_row, &all));
    if (!x2) sb_mirror(n, gram);
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
