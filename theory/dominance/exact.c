/* Theorem 1's bad set for one neuron, exactly. With s = 1 / |w|, of each type of parameter and each sign of w
 *
 *   G-(s) = g1(s) - g2(s) exp(-alpha s),   G+(s) = g1(s) + g2(s) exp(-alpha s),   bad where G- G+ <= 0,
 *
 * g the scaled gradients. G- and G+ change sign next to every zero of g1, however short the bad interval between, so a
 * grid finds them all. A short interval's length is 2 |g2 exp(-alpha s) / g1'|, as the difference of its ends would be
 * rounded away. */
#include "theory/dominance/waves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 1e-5 /* of a cell: the length formula's relative error is about its square */
enum { PER_TURN = 64, TAIL = 40 /* exp(-40) of the measure is left out */ };

typedef struct interval {
    double low, high, length; /* in s */
} interval;

typedef struct list {
    size_t n, room;
    interval *at;
} list;

typedef struct neuron_line {
    const sb_dominance_task *task;
    double a, b, sign; /* w = sign / s */
    double alpha;
    int type;
    double side; /* of the curve that sb_bisect follows: g1 + side * g2 exp(-alpha s) */
} neuron_line;

/* g1 and g2 exp(-alpha s) by type */
typedef struct balance {
    double low[SB_DOMINANCE_TYPES], high[SB_DOMINANCE_TYPES];
} balance;

static void scaled(const neuron_line *line, double s, double k, double complex target, double factor, double *g)
{
    sb_tanh_neuron neuron = {.a = line->a, .w = line->sign / s, .b = line->b};
    sb_tanh_gradient gradient;
    sb_tanh_gradients(1, &neuron, k, target, &gradient);
    g[SB_DOMINANCE_A] = factor * gradient.a;
    g[SB_DOMINANCE_W] = factor * gradient.w;
    g[SB_DOMINANCE_B] = factor * gradient.b;
}

static balance balance_at(const neuron_line *line, double s)
{
    balance now;
    scaled(line, s, line->task->k1, line->task->f1, 1, now.low);
    scaled(line, s, line->task->k2, line->task->f2, exp(-line->alpha * s), now.high);
    return now;
}

static double curve(const void *context, double s)
{
    const neuron_line *line = context;
    balance now;
    if (line->side != 0)
        now = balance_at(line, s);
    else
        scaled(line, s, line->task->k1, line->task->f1, 1, now.low);
    return now.low[line->type] + (line->side != 0 ? line->side * now.high[line->type] : 0);
}

static sb_status append(list *l, double low, double high, double length)
{
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 256;
        interval *at = realloc(l->at, room * sizeof *at);
        if (!at) return sb_fail(SB_ERR_NOMEM, "no memory for %zu intervals", room);
        l->at = at;
        l->room = room;
    }
    l->at[l->n++] = (interval){.low = low, .high = high, .length = length};
    return SB_OK;
}

/* The bad interval at the zero of g1 between low and high; length 0 when it is not a short one. */
static interval short_interval(neuron_line *line, double low, double high)
{
    double step = 1e-3 * (high - low);
    line->side = 0;
    double zero = sb_bisect(curve, line, low, high);
    double slope = (curve(line, zero + step) - curve(line, zero - step)) / (2 * step);
    double length = 2 * fabs(balance_at(line, zero).high[line->type] / slope);
    if (!(length < SHORT * (high - low))) length = 0;
    return (interval){.low = zero - length / 2, .high = zero + length / 2, .length = length};
}

/* Walks one type over the cells; `open` is where the present bad interval began, NAN outside of one. */
typedef struct walk {
    neuron_line line;
    list *found;
    double open;
} walk;

static sb_status toggle(walk *w, double s)
{
    double open = w->open;
    w->open = isnan(open) ? s : NAN;
    return isnan(open) ? SB_OK : append(w->found, open, s, s - open);
}

static bool differ(double x, double y)
{
    return (x > 0) != (y > 0);
}

static sb_status cell(walk *w, double low, double high, const balance *left, const balance *right)
{
    int type = w->line.type, count = 0;
    double l1 = left->low[type], l2 = left->high[type], r1 = right->low[type], r2 = right->high[type], end[2];
    bool minus = differ(l1 - l2, r1 - r2), plus = differ(l1 + l2, r1 + r2);
    if (minus && plus && differ(l1, r1)) {
        interval bad = short_interval(&w->line, low, high);
        if (bad.length > 0) return append(w->found, bad.low, bad.high, bad.length);
        if (l2 == 0 && r2 == 0) return SB_OK; /* underflow: no bad interval at all */
    }
    for (int i = 0; i < 2; i++) {
        if (!(i == 0 ? minus : plus)) continue;
        w->line.side = i == 0 ? -1 : 1;
        end[count++] = sb_bisect(curve, &w->line, low, high);
    }
    if (count == 2 && end[0] > end[1]) {
        double later = end[0];
        end[0] = end[1];
        end[1] = later;
    }
    sb_status status = SB_OK;
    for (int i = 0; i < count && status == SB_OK; i++) status = toggle(w, end[i]);
    return status;
}

/* Cells end well before the phases b k s have turned, or a scale of the amplitudes has passed. */
static double cell_length(const neuron_line *line)
{
    return 2 * M_PI / PER_TURN / (line->task->k2 * (fabs(line->b) + 1));
}

/* The bad intervals of all types in (start, end), type by type. */
static sb_status find(const neuron_line *line, double start, double end, list found[SB_DOMINANCE_TYPES])
{
    walk walks[SB_DOMINANCE_TYPES];
    sb_status status = SB_OK;
    size_t cells = (size_t)ceil((end - start) / cell_length(line));
    balance left = balance_at(line, start);
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) {
        walks[type] = (walk){.line = *line, .found = &found[type]};
        walks[type].line.type = type;
        walks[type].open = fabs(left.low[type]) <= fabs(left.high[type]) ? start : NAN;
    }
    double low = start;
    for (size_t i = 1; i <= cells && status == SB_OK; i++) {
        double high = start + (end - start) * (double)i / (double)cells;
        balance right = balance_at(line, high);
        for (int type = 0; type < SB_DOMINANCE_TYPES && status == SB_OK; type++)
            status = cell(&walks[type], low, high, &left, &right);
        low = high;
        left = right;
    }
    for (int type = 0; type < SB_DOMINANCE_TYPES && status == SB_OK; type++)
        if (!isnan(walks[type].open)) status = toggle(&walks[type], end);
    return status;
}

static int by_low(const void *a, const void *b)
{
    double x = ((const interval *)a)->low, y = ((const interval *)b)->low;
    return (x > y) - (x < y);
}

/* Intervals that overlap become one; a lone one keeps its accurate length. */
static void merge(list *l)
{
    size_t kept = 0;
    if (l->n > 0) qsort(l->at, l->n, sizeof *l->at, by_low);
    for (size_t i = 0; i < l->n; i++) {
        interval *last = kept > 0 ? &l->at[kept - 1] : NULL;
        if (!last || l->at[i].low >= last->high) {
            l->at[kept++] = l->at[i];
        } else if (l->at[i].high > last->high) {
            last->high = l->at[i].high;
            last->length = last->high - last->low;
        }
    }
    l->n = kept;
}

/* dw = ds / s^2 */
static double measure(const list *l)
{
    double sum = 0;
    for (size_t i = l->n; i-- > 0;) sum += l->at[i].length / (l->at[i].low * l->at[i].high); /* small ones first */
    return sum;
}

static sb_status add_sign(const neuron_line *line, double delta, sb_dominance_fraction *fraction)
{
    list found[SB_DOMINANCE_TYPES] = {{0}}, all = {0};
    sb_status status = SB_OK;
    SB_TRY(find(line, 1 / delta, 1 / delta + TAIL / line->alpha, found));
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) {
        fraction->type[type] += measure(&found[type]) / (2 * delta);
        for (size_t i = 0; i < found[type].n; i++) {
            const interval *bad = &found[type].at[i];
            SB_TRY(append(&all, bad->low, bad->high, bad->length));
        }
    }
    merge(&all);
    fraction->any += measure(&all) / (2 * delta);
done:
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) free(found[type].at);
    free(all.at);
    return status;
}

sb_status sb_dominance_exact(const sb_dominance_task *task, double a, double b, double delta,
                             sb_dominance_fraction *fraction)
{
    sb_status status = sb_dominance_check(task);
    if (status != SB_OK) return status;
    if (!(a != 0 && b != 0 && isfinite(a) && isfinite(b)))
        return sb_fail(SB_ERR_INPUT, "the neuron needs a and b other than 0, not %g and %g", a, b);
    if (!(delta > 0 && isfinite(delta))) return sb_fail(SB_ERR_INPUT, "delta must be positive, not %g", delta);
    neuron_line line = {.task = task, .a = a, .b = b, .alpha = sb_dominance_alpha(task)};
    *fraction = (sb_dominance_fraction){0};
    for (line.sign = 1; line.sign >= -1 && status == SB_OK; line.sign -= 2) status = add_sign(&line, delta, fraction);
    return status;
}
