#include <specbias/path.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define PIECES 64  /* in which K is held, from one node to the next */
#define BEYOND 4.0 /* times the record: how far a time that is not reached in it is looked for */
#define MORE 24    /* records there */

size_t sb_path_choose(size_t nt, const double *step, size_t count, size_t *node)
{
    double last = log(fmax(step[nt - 1], 1));
    size_t chosen = 1, i = 0;
    node[0] = 0;
    for (size_t j = 1; j < count && nt > 1; j++) {
        double wanted = j + 1 == count ? last : last * (double)(j - 1) / (double)(count > 2 ? count - 2 : 1);
        while (i + 1 < nt && (i == 0 || fabs(log(step[i + 1]) - wanted) <= fabs(log(step[i]) - wanted))) i++;
        if (i > node[chosen - 1]) node[chosen++] = i;
    }
    return chosen;
}

/* ---- one residual on its way ---- */

typedef struct walk {
    const sb_path *path;
    double place; /* of the kernel that is held: node and part of the way to the next; -1: none yet */
    double *gram; /* [rows][rows] that kernel, when it is none of the nodes */
    sb_update how;
    double *u, *g, *moved, *slot[2]; /* [rows][columns] */
    double *pull, *answer, *past[2]; /* [rows][columns] K g of each step in place of g, for rules with a memory */
    double *product, *scratch;       /* [rows][columns], [rank] */
} walk;

/* Where a step lies: node and part of the way to the next. */
static double place_of(const sb_path *path, double step)
{
    size_t i = 0;
    while (i + 1 < path->nodes && path->step[i + 1] <= step) i++;
    if (i + 1 == path->nodes) return (double)i;
    double a = path->step[i], b = path->step[i + 1];
    return (double)i + (a > 0 ? log(step / a) / log(b / a) : step / b);
}

/* The steps from `step` on, up to `end`, for which one kernel will do. */
static double piece_from(const sb_path *path, double step, double end)
{
    size_t i = (size_t)place_of(path, step);
    if (i + 1 >= path->nodes) return end - step;
    double a = path->step[i], b = path->step[i + 1];
    double length = a > 0 ? step * (pow(b / a, 1.0 / PIECES) - 1) : b / PIECES;
    return fmin(fmax(floor(length), 1), fmin(b, end) - step);
}

static const double *hold(walk *w, double step, double count)
{
    const sb_path *path = w->path;
    size_t size = path->rows * path->rows;
    double place = 0;
    for (double s = 0; s < count; s++) place += place_of(path, step + s + 0.5) / count;
    size_t i = (size_t)place;
    const double *from = path->gram + i * size, *to = from + size;
    if (i + 1 >= path->nodes || place == (double)i) return path->gram + i * size;
    if (place == w->place) return w->gram;
    double part = place - (double)i;
    for (size_t j = 0; j < size; j++) w->gram[j] = from[j] + part * (to[j] - from[j]);
    w->place = place;
    return w->gram;
}

/* u += K v */
static void apply(const walk *w, const double *gram, const double *v, double *u)
{
    size_t n = w->path->rows, columns = w->path->columns;
    if (columns == 1) {
        sb_gemv(n, n, 1, gram, v, 1, u);
        return;
    }
    sb_gemm(n, columns, n, gram, v, w->product);
    for (size_t i = 0; i < n * columns; i++) u[i] += w->product[i];
}

/* Of g what the batch of a step sees, as that of all examples (batches.h); `moved` is scratch. */
static void take_batch(walk *w, size_t step)
{
    const sb_path *path = w->path;
    size_t count, size = path->rows * path->columns, part = size / path->batches->n;
    const size_t *index = sb_batches_at(path->batches, step, &count);
    double share = (double)path->batches->n / (double)(path->sum ? path->batches->rows : count);
    memset(w->moved, 0, size * sizeof *w->moved);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0, at = (index ? index[i] : i) * part; j < part; j++) w->moved[at + j] = share * w->g[at + j];
    memcpy(w->g, w->moved, size * sizeof *w->g);
}

/* The rule's step of weights. It is a sum of J_s^T g_s over the past steps s that momentum remembers, and u changes by
 * J_t J_s^T g_s, which is (K_t + K_s) / 2 g_s to first order in the movement (its symmetric part). */
static void make_step(walk *w, const double *gram, size_t step)
{
    const sb_path *path = w->path;
    size_t n = path->rows, columns = path->columns;
    sb_quadratic_gradient(path->loss, columns, w->u, w->g, w->scratch);
    if (path->batches) take_batch(w, step);
    memset(w->moved, 0, n * columns * sizeof *w->moved);
    path->rule.kind->update(&w->how, n * columns, w->moved, w->g, w->slot[0], w->slot[1]);
    if (path->rule.kind->slots == 0) {
        apply(w, gram, w->moved, w->u);
        return;
    }
    memset(w->pull, 0, 2 * n * columns * sizeof *w->pull); /* and the answer */
    apply(w, gram, w->g, w->pull);
    path->rule.kind->update(&w->how, n * columns, w->answer, w->pull, w->past[0], w->past[1]);
    apply(w, gram, w->moved, w->answer);
    for (size_t i = 0; i < n * columns; i++) w->u[i] += 0.5 * w->answer[i];
}

static bool is_finite(const walk *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->path->rows * w->path->columns; i++) sum += w->u[i] * w->u[i];
    return isfinite(sum);
}

static sb_status look(const walk *w, const sb_watched *watched, double *err)
{
    if (is_finite(w)) return watched->err(watched->context, w->u, err);
    for (size_t k = 0; k < watched->items; k++) err[k] = INFINITY;
    return SB_OK;
}

sb_status sb_path_follow(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                         const double *u0, double *err)
{
    sb_status status = SB_OK;
    size_t n = path->rows, size = n * path->columns;
    walk w = {.path = path, .place = -1, .gram = malloc(n * n * sizeof(double))};
    w.u = calloc(10 * size + path->loss->rank, sizeof(double));
    sb_blas_begin();
    if (!w.gram || !w.u) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", n));
    w.g = w.u + size;
    w.moved = w.g + size;
    w.slot[0] = w.moved + size;
    w.slot[1] = w.slot[0] + size;
    w.pull = w.slot[1] + size;
    w.answer = w.pull + size;
    w.past[0] = w.answer + size;
    w.past[1] = w.past[0] + size;
    w.product = w.past[1] + size;
    w.scratch = w.product + size;
    w.how = sb_rule_step(path->rule.eta, path->rule.beta, 0, 0, 1);
    memcpy(w.u, u0, size * sizeof *u0);
    for (size_t r = 0, at = 0; r < nt; r++) {
        while ((double)at < step[r] && is_finite(&w)) {
            double count = piece_from(path, (double)at, step[r]);
            const double *gram = hold(&w, (double)at, count);
            for (size_t end = at + (size_t)count; at < end; at++) make_step(&w, gram, at);
        }
        SB_TRY(look(&w, watched, err + r * watched->items));
    }
done:
    sb_blas_end();
    free(w.gram);
    free(w.u);
    return status;
}

/* ---- what it does to T ---- */

/* times[items][levels]; infinite: not reached, nan: never above the level */
static sb_status times_of(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                          const double *u0, size_t levels, const double *level, double *times)
{
    sb_decay decay = {0};
    sb_status status = sb_decay_alloc(&decay, nt, watched->items);
    if (status == SB_OK) status = sb_path_follow(path, watched, nt, step, u0, decay.err);
    for (size_t i = 0; status == SB_OK && i < nt; i++) decay.t[i] = sb_rule_time(&path->rule, step[i]);
    for (size_t j = 0; status == SB_OK && j < watched->items * levels; j++) {
        size_t k = j / levels;
        double q = level[j % levels], t = sb_decay_time(&decay, k, q);
        bool above = !(decay.err[(nt - 1) * watched->items + k] < q);
        times[j] = isnan(t) && above ? INFINITY : t;
    }
    sb_decay_clear(&decay);
    return status;
}

static sb_status compare(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                         const double *u0, size_t levels, const double *level, sb_effect *effect, bool *one_sided)
{
    sb_status status = SB_OK;
    sb_path frozen = *path;
    size_t count = watched->items * levels;
    double *times = malloc((2 * count + 1) * sizeof *times), end = sb_rule_time(&path->rule, step[nt - 1]);
    frozen.nodes = 1;
    *one_sided = false;
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times", count);
    SB_TRY(times_of(&frozen, watched, nt, step, u0, levels, level, times));
    SB_TRY(times_of(path, watched, nt, step, u0, levels, level, times + count));
    for (size_t j = 0; j < count; j++) {
        double a = times[j], b = times[count + j];
        if (!isinf(effect[j].frozen) && !isinf(effect[j].path)) continue; /* known within the record */
        bool none = isinf(a) && isinf(b);
        effect[j] = (sb_effect){a, b, none ? NAN : fabs(log(fmin(b, end)) - log(fmin(a, end)))};
        if (isnan(a) || isnan(b)) effect[j].effect = NAN;
        if (!none && (isinf(a) || isinf(b))) *one_sided = true;
    }
done:
    free(times);
    return status;
}

sb_status sb_path_effect(const sb_path *path, const sb_watched *watched, size_t nt, const double *step,
                         const double *u0, size_t levels, const double *level, sb_effect *effect)
{
    bool one_sided;
    for (size_t j = 0; j < watched->items * levels; j++) effect[j] = (sb_effect){INFINITY, INFINITY, NAN};
    sb_status status = compare(path, watched, nt, step, u0, levels, level, effect, &one_sided);
    if (status != SB_OK || !one_sided) return status;
    double end = step[nt - 1], *farther = malloc((nt + MORE) * sizeof *farther);
    if (!farther) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", nt + MORE);
    memcpy(farther, step, nt * sizeof *step);
    for (size_t j = 0; j < MORE; j++) farther[nt + j] = ceil(end * pow(BEYOND, (double)(j + 1) / MORE));
    status = compare(path, watched, nt + MORE, farther, u0, levels, level, effect, &one_sided);
    free(farther);
    return status;
}
