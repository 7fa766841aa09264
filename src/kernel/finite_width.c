#include <specbias/finite_width.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define NUDGE 1e-4 /* of ln t, for derivatives */

typedef struct work {
    const sb_kernel_modes *modes;
    double eta;
    size_t rank, nodes, rows;
    const double *weight, *lambda;
    double *start; /* [rank] u_b */
    double *unit;  /* [nodes][rows][rank] V^T F^T J, so that d + diag(lambda) is the sum over rows of its squares */
    double *pairs; /* [rank][rank][rank] E[d_ab d_bc] at (b, a, c) */
    size_t functions;
    double *seen; /* [functions][rank] w_a of the item */
    /* at one time */
    double steps;
    double *left, *slope; /* [rank] f(lambda_a), [rank][rank] f[a, b] */
    double *a0, *along;   /* [functions]; [rank] a0 . w_a / |a0|^2 */
    /* scratch: [rank][rank], [nodes][rows][rank], [nodes] */
    double *form, *product, *value;
} work;

void sb_unit_nodes_clear(sb_unit_nodes *nodes)
{
    free(nodes->weight);
    free(nodes->gradient);
    *nodes = (sb_unit_nodes){0};
}

/* ---- the units in the modes ---- */

static void project_units(work *w, const sb_unit_nodes *nodes)
{
    const sb_linear *linear = &w->modes->linear;
    size_t n = linear->rows, rows = nodes->count * nodes->rows;
    double *scaled = w->product; /* of the same size, as all modes are there */
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++) scaled[r * n + i] = nodes->gradient[r * n + i] * linear->root[i];
    sb_gemm_nt(rows, w->rank, n, scaled, n, linear->eigen.vector, n, 0, w->unit, w->rank);
}

/* d[nodes][rank] = weight^1/2 d_ab of one b */
static void couple(const work *w, size_t b, double *d)
{
    size_t rank = w->rank;
    double *mean = w->form;
    memset(mean, 0, rank * sizeof *mean);
    memset(d, 0, w->nodes * rank * sizeof *d);
    for (size_t i = 0; i < w->nodes; i++)
        for (size_t p = 0; p < w->rows; p++) {
            const double *row = w->unit + (i * w->rows + p) * rank;
            for (size_t a = 0; a < rank; a++) d[i * rank + a] += row[a] * row[b];
        }
    for (size_t i = 0; i < w->nodes; i++)
        for (size_t a = 0; a < rank; a++) mean[a] += w->weight[i] * d[i * rank + a];
    for (size_t i = 0; i < w->nodes; i++)
        for (size_t a = 0; a < rank; a++) d[i * rank + a] = sqrt(w->weight[i]) * (d[i * rank + a] - mean[a]);
}

static void fill_pairs(const work *w)
{
    size_t rank = w->rank;
    double *d = w->product;
    for (size_t b = 0; b < rank; b++) {
        couple(w, b, d);
        sb_gemm_double(true, false, rank, rank, w->nodes, 1, d, rank, d, rank, 0, w->pairs + b * rank * rank, rank);
    }
}

/* E[x^2] - E[x]^2 of x(theta) = sum_ab s_ab k_ab with symmetric s, which is `form` */
static double variance_of_form(const work *w)
{
    size_t size = w->rows * w->rank;
    double mean = 0, sum = 0;
    sb_gemm(w->nodes * w->rows, w->rank, w->rank, w->unit, w->form, w->product);
    for (size_t i = 0; i < w->nodes; i++) {
        const double *unit = w->unit + i * size, *product = w->product + i * size;
        w->value[i] = 0;
        for (size_t j = 0; j < size; j++) w->value[i] += unit[j] * product[j];
        mean += w->weight[i] * w->value[i];
    }
    for (size_t i = 0; i < w->nodes; i++) sum += w->weight[i] * (w->value[i] - mean) * (w->value[i] - mean);
    return sum;
}

/* The variance of sum_ab c_a f[a, b] d_ab u_b. */
static double variance_along(const work *w, const double *c)
{
    size_t rank = w->rank;
    for (size_t a = 0; a < rank; a++)
        for (size_t b = 0; b < rank; b++)
            w->form[a * rank + b] = 0.5 * (c[a] * w->start[b] + c[b] * w->start[a]) * w->slope[a * rank + b];
    return variance_of_form(w);
}

/* ---- divided differences of (1 - eta lambda)^N ---- */

/* Of a >= b in lambda: f_b expm1(N (ln(1 - eta a) - ln(1 - eta b))) / (a - b) */
static double first_difference(const work *w, size_t a, size_t b)
{
    double gap = w->lambda[a] - w->lambda[b], below = 1 - w->eta * w->lambda[b];
    if (gap == 0) return -w->steps * w->eta * w->left[b] / below;
    return w->left[b] * expm1(w->steps * log1p(-w->eta * gap / below)) / gap;
}

/* By the Taylor series at the mean: the sum over k of f^(k + 2) / (k + 2)! times the complete homogeneous polynomial of
 * degree k of the distances x, y, z from there, h_k = -e2 h_(k - 2) + e3 h_(k - 3) as e1 = x + y + z = 0. */
static double near_difference(const work *w, double a, double b, double c)
{
    enum { TERMS = 16 };
    double mean = (a + b + c) / 3, x = a - mean, y = b - mean, z = c - mean, below = 1 - w->eta * mean, n = w->steps;
    double e2 = x * y + x * z + y * z, e3 = x * y * z, h[3] = {1, 0, 0}, sum = 0;
    double term = 0.5 * n * (n - 1) * w->eta * w->eta * exp((n - 2) * log1p(-w->eta * mean));
    for (int k = 0; k < TERMS; k++) {
        if (k > 1) h[k % 3] = -e2 * h[(k + 1) % 3] + e3 * h[k % 3];
        sum += term * h[k % 3];
        term *= -w->eta * (n - k - 2) / (k + 3) / below;
    }
    return sum;
}

/* f[i, j, k] of i <= j <= k, eigenvalues descending */
static double second_difference(const work *w, size_t i, size_t j, size_t k)
{
    const double *l = w->lambda;
    double gap = l[i] - l[k];
    if (gap * w->steps * w->eta < 0.5) return near_difference(w, l[i], l[j], l[k]);
    return (w->slope[i * w->rank + j] - w->slope[j * w->rank + k]) / gap;
}

/* ---- one item ---- */

/* The sum over the orders of a and c around the middle b. */
static double around(const work *w, size_t b, size_t a, size_t c)
{
    const double *g = w->along, *u = w->start;
    double ends = a == c ? g[a] * u[a] : g[a] * u[c] + g[c] * u[a];
    return ends * w->pairs[(b * w->rank + a) * w->rank + c];
}

/* a0 . a2 / |a0|^2: each difference belongs to all orders of its three. */
static double second_order(const work *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->rank; i++)
        for (size_t j = i; j < w->rank; j++)
            for (size_t k = j; k < w->rank; k++) {
                double shares = around(w, i, j, k);
                if (j != i) shares += around(w, j, i, k);
                if (k != j) shares += around(w, k, i, j);
                sum += shares * second_difference(w, i, j, k);
            }
    return sum;
}

/* Sets all that belongs to a time; returns ln |a0|. */
static double look(work *w, double steps)
{
    size_t rank = w->rank;
    double size = 0;
    w->steps = steps;
    for (size_t a = 0; a < rank; a++) w->left[a] = exp(steps * log1p(-w->eta * w->lambda[a]));
    for (size_t a = 0; a < rank; a++)
        for (size_t b = a; b < rank; b++) w->slope[a * rank + b] = w->slope[b * rank + a] = first_difference(w, a, b);
    memset(w->along, 0, rank * sizeof *w->along);
    for (size_t f = 0; f < w->functions; f++) {
        w->a0[f] = 0;
        for (size_t a = 0; a < rank; a++) w->a0[f] += w->seen[f * rank + a] * w->left[a] * w->start[a];
        size = hypot(size, w->a0[f]);
    }
    for (size_t f = 0; f < w->functions; f++)
        for (size_t a = 0; a < rank; a++) w->along[a] += w->a0[f] / size / size * w->seen[f * rank + a];
    return log(size);
}

/* The equations of the header, at so many steps. */
static void measure(work *w, double steps, sb_width_effect *effect)
{
    double before = look(w, steps * exp(-NUDGE)), phi2_before = variance_along(w, w->along);
    double after = look(w, steps * exp(NUDGE)), phi2_after = variance_along(w, w->along);
    double now = look(w, steps), phi2 = variance_along(w, w->along), size2 = exp(2 * now), spread = 0;
    double slope = (after - before) / (2 * NUDGE), bend = (after - 2 * now + before) / (NUDGE * NUDGE);
    double turn = 0.5 * (phi2_after - phi2_before) / (2 * NUDGE); /* E[phi phi'] */
    for (size_t f = 0; f < w->functions; f++) spread += variance_along(w, w->seen + f * w->rank) / size2;
    double second = second_order(w) + spread / 2 - phi2;
    effect->variance = phi2 / (slope * slope);
    effect->shift = -(second - turn / slope + bend * phi2 / (2 * slope * slope)) / slope;
}

/* w_a of item j in each of its functions. */
static void take_item(work *w, size_t j)
{
    const sb_watch *watch = w->modes->watch;
    w->functions = 0;
    for (size_t f = 0; f < watch->functions; f++) {
        if (sb_watch_item(watch, f) != j) continue;
        for (size_t a = 0; a < w->rank; a++)
            w->seen[w->functions * w->rank + a] = w->modes->observed[a * watch->functions + f];
        w->functions++;
    }
}

/* ---- together ---- */

static sb_status check(const sb_kernel_modes *modes, const sb_rule *rule)
{
    const sb_linear *linear = &modes->linear;
    if (!linear->root || modes->watch->outputs != 1)
        return sb_fail(SB_ERR_UNSUPPORTED, "finite width is known of one output under mean squares with weights");
    for (size_t i = 0; i < linear->rows; i++)
        if (linear->root[i] == 0) return sb_fail(SB_ERR_UNSUPPORTED, "finite width is not known where a weight is 0");
    if (strcmp(rule->kind->name, "gd") != 0 || !(rule->eta * linear->eigen.lambda[0] < 1))
        return sb_fail(SB_ERR_UNSUPPORTED, "finite width is known of gradient descent with eta lambda_max < 1");
    return SB_OK;
}

static sb_status open_work(work *w, const sb_unit_nodes *nodes, double **room)
{
    size_t rank = w->rank, functions = w->modes->watch->functions, units = w->nodes * w->rows * rank;
    size_t size = rank * rank * rank + 2 * units + 2 * rank * rank + (3 + functions) * rank + functions + w->nodes;
    double *at = *room = malloc((size + 1) * sizeof *at);
    if (!at) return sb_fail(SB_ERR_NOMEM, "no memory for the law of a unit: %zu nodes, %zu modes", w->nodes, rank);
    w->pairs = at, at += rank * rank * rank;
    w->unit = at, at += units;
    w->product = at, at += units;
    w->slope = at, at += rank * rank;
    w->form = at, at += rank * rank;
    w->start = at, at += rank;
    w->left = at, at += rank;
    w->along = at, at += rank;
    w->seen = at, at += functions * rank;
    w->a0 = at, at += functions;
    w->value = at;
    project_units(w, nodes);
    fill_pairs(w);
    return SB_OK;
}

sb_status sb_finite_width(const sb_kernel_modes *modes, const sb_rule *rule, const sb_unit_nodes *nodes,
                          const double *u0, size_t levels, const double *level, sb_width_effect *effect)
{
    sb_status status = check(modes, rule);
    if (status != SB_OK) return status;
    size_t items = modes->watch->items.n, rank = modes->linear.rank;
    work w = {.modes = modes, .eta = rule->eta, .rank = rank, .nodes = nodes->count, .rows = nodes->rows};
    w.weight = nodes->weight;
    w.lambda = modes->linear.eigen.lambda;
    double *room = NULL, *times = malloc((items + 1) * sizeof *times);
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times", items);
    SB_TRY(open_work(&w, nodes, &room));
    for (size_t b = 0; b < rank; b++) w.start[b] = sb_linear_share(&modes->linear, b, u0);
    for (size_t q = 0; q < levels; q++) {
        SB_TRY(sb_kernel_times(modes, rule, u0, level[q], times));
        for (size_t j = 0; j < items; j++) {
            sb_width_effect *to = &effect[j * levels + q];
            *to = (sb_width_effect){times[j], NAN, NAN};
            take_item(&w, j);
            if (isfinite(times[j]) && w.functions > 0) measure(&w, times[j] / rule->eta, to);
        }
    }
done:
    free(room);
    free(times);
    return status;
}
