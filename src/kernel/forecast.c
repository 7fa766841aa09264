/* Forecasts of what is watched: linear.h seen through a watch. */
#include <specbias/linear.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

sb_status sb_kernel_observe(sb_kernel_modes *modes)
{
    sb_status status = SB_OK;
    size_t rows = modes->linear.rows, cells = modes->watch->functions * modes->per_row;
    double *out = malloc(rows * sizeof *out);
    if (!out) return sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu rows", rows);
    modes->observed = malloc((modes->linear.rank * cells + 1) * sizeof *modes->observed);
    if (!modes->observed) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu rows", rows));
    for (size_t k = 0; k < modes->linear.rank; k++) {
        sb_linear_out(&modes->linear, k, out);
        sb_watch_sums(modes->watch, modes->per_row, out, modes->observed + k * cells);
    }
done:
    free(out);
    return status;
}

sb_status sb_kernel_modes_create(const double *gram, bool single, size_t per_row, const sb_quadratic *loss,
                                 const sb_watch *watch, sb_kernel_modes *modes)
{
    *modes = (sb_kernel_modes){.watch = watch, .per_row = per_row, .columns = watch->outputs / per_row};
    sb_status status = sb_linear_create(loss->rows, gram, single, loss, &modes->linear);
    if (status == SB_OK) status = sb_kernel_observe(modes);
    if (status != SB_OK) sb_kernel_modes_clear(modes);
    return status;
}

void sb_kernel_modes_clear(sb_kernel_modes *modes)
{
    sb_linear_clear(&modes->linear);
    free(modes->observed);
    *modes = (sb_kernel_modes){0};
}

sb_status sb_kernel_largest_rate(const double *gram, const sb_quadratic *loss, double *rate)
{
    sb_status status = SB_OK;
    size_t rank = loss->rank;
    sb_eigen top = {0};
    double *a = malloc(rank * rank * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rank);
    SB_TRY(sb_quadratic_project(loss, gram, a));
    SB_TRY(sb_eigen_top(a, rank, 1, 0, &top));
    *rate = top.lambda[0];
done:
    sb_eigen_clear(&top);
    free(a);
    return status;
}

/* ---- residuals ---- */

/* Column c of u[rows][columns], the residual that evolves under the kernel. */
static void take_column(const sb_kernel_modes *modes, size_t c, const double *u, double *column)
{
    for (size_t i = 0; i < modes->linear.rows; i++) column[i] = u[i * modes->columns + c];
}

sb_status sb_kernel_residuals(const sb_kernel_modes *modes, const sb_rule *rule, const double *u0, size_t nt,
                              const double *t, double *u)
{
    sb_status status = SB_OK;
    size_t rows = modes->linear.rows, columns = modes->columns;
    if (columns == 1) return sb_linear_residuals(&modes->linear, rule, nt, t, u0, u);
    double *start = malloc((nt + 1) * rows * sizeof *start);
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu times of %zu rows", nt, rows);
    double *of = start + rows;
    for (size_t c = 0; c < columns; c++) {
        take_column(modes, c, u0, start);
        SB_TRY(sb_linear_residuals(&modes->linear, rule, nt, t, start, of));
        for (size_t i = 0; i < nt * rows; i++) u[i * columns + c] = of[i];
    }
done:
    free(start);
    return status;
}

/* Where a filter looks on, the residual itself is needed. */
static sb_status forecast_residuals(const sb_kernel_modes *modes, const sb_rule *rule, const double *t,
                                    const double *u0, sb_decay *decay)
{
    sb_status status = SB_OK;
    size_t size = modes->linear.rows * modes->columns;
    double *u = malloc((decay->nt * size + 1) * sizeof *u);
    if (!u) return sb_fail(SB_ERR_NOMEM, "no memory for %zu residuals of %zu numbers", decay->nt, size);
    SB_TRY(sb_kernel_residuals(modes, rule, u0, decay->nt, t, u));
    for (size_t i = 0; i < decay->nt; i++)
        SB_TRY(sb_watch_apply(modes->watch, u + i * size, 1, decay->amp + i * decay->items.parts,
                              decay->err + i * decay->nxi));
done:
    free(u);
    return status;
}

/* ---- sums over modes ---- */

/* change[nt][rank] = a_k s_k of shares, -a_k psi_k of the others, which is added to the start; row nt: a_k of shares.
 */
static void fill_changes(const sb_kernel_modes *modes, const sb_rule *rule, size_t nt, const double *t,
                         const double *start, double *change)
{
    const sb_linear *linear = &modes->linear;
    for (size_t k = 0; k < linear->rank; k++) {
        double a = sb_linear_share(linear, k, start), rate = linear->eigen.lambda[k];
        bool share = k < linear->shares;
        for (size_t i = 0; i < nt; i++)
            change[i * linear->rank + k] =
                a * (share ? sb_rule_shrink(rule, rate, t[i]) : -sb_rule_progress(rule, rate, t[i]));
        change[nt * linear->rank + k] = share ? a : 0;
    }
}

void sb_kernel_function(const sb_kernel_modes *modes, size_t j, double *g)
{
    const sb_watch *watch = modes->watch;
    size_t per_row = modes->per_row, f = j / per_row, first = watch->modes.functions, n = watch->n;
    const double *weight = f < first ? watch->modes.weight + f * n : watch->along.weight + (f - first) * n;
    memset(g, 0, n * per_row * sizeof *g);
    for (size_t i = 0, r = j % per_row; i < n; i++, r += per_row) g[r] = weight[i] / modes->linear.root[r];
}

/* What of a vector with these components is in modes that are not there: its size, and its rate. */
typedef struct remains {
    double size, moved; /* (sum g_j^2)^1/2, (sum lambda_j g_j^2)^1/2, each with what rounding hides */
} remains;

static remains leave(const sb_linear *linear, const double *g, const double *moment, size_t step,
                     const double *component)
{
    const double *lambda = linear->eigen.lambda;
    double square = 0, rest, moved = moment ? *moment : INFINITY;
    for (size_t i = 0; i < linear->rows; i++) square += g[i] * g[i];
    rest = square;
    for (size_t k = 0; k < linear->rank; k++) {
        rest -= component[k * step] * component[k * step];
        moved -= lambda[k] * component[k * step] * component[k * step];
    }
    return (remains){sqrt(fmax(rest, 0) + 1e-13 * square), sqrt(fmax(moved, 0) + 0x1p-24 * lambda[0] * square)};
}

/* Where the rest of a function gets to, [least, most], from r at the start. */
static void bound_rest(const sb_linear *linear, const sb_rule *rule, double t, double r, remains g, remains u,
                       double at[2])
{
    double range[2], S = g.size * u.size, mean = g.moved * u.moved / S;
    sb_linear_rest(linear, rule, t, range);
    double middle = r * (range[1] + range[0]) / 2, half = S * (range[1] - range[0]) / 2;
    at[0] = middle - half;
    at[1] = middle + half;
    double last = linear->eigen.lambda[linear->rank - 1];
    bool over = rule->kind->update && rule->eta * last > 1; /* s turns there: 1 - s is not concave */
    if (rule->kind->slots > 0 || over || !(mean < last)) return;
    half = S * (1 - sb_rule_shrink(rule, mean, t));
    at[0] = fmax(at[0], r - half);
    at[1] = fmin(at[1], r + half);
}

/* The rests of one column of residuals at all times, to be added to sums (linear.h), and what they may be off. */
static sb_status add_rests(const sb_kernel_modes *modes, const sb_rule *rule, size_t c, size_t nt, const double *t,
                           const double *start, const double *a, const double *rest, double *sums, double *half)
{
    const sb_linear *linear = &modes->linear;
    size_t rows = linear->rows, cells = modes->watch->functions * modes->per_row;
    double *g = malloc(rows * sizeof *g), at[2];
    if (!g) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows", rows);
    for (size_t i = 0; i < rows; i++) g[i] = linear->root[i] * start[i];
    remains residual = leave(linear, g, modes->moment ? modes->moment + cells + c : NULL, 1, a);
    for (size_t j = 0; j < cells; j++) {
        sb_kernel_function(modes, j, g);
        remains function = leave(linear, g, modes->moment ? modes->moment + j : NULL, cells, modes->observed + j);
        for (size_t i = 0; i < nt; i++) {
            bound_rest(linear, rule, t[i], rest[j], function, residual, at);
            sums[(i * cells + j) * modes->columns + c] += (at[0] + at[1]) / 2;
            half[(i * cells + j) * modes->columns + c] = (at[1] - at[0]) / 2;
        }
    }
    free(g);
    return SB_OK;
}

/* sums[nt][functions][outputs] of one column: observed shares, and where modes do not span everything what is left of
 * the start; half[..]: what it may be off, of a partial spectrum. */
static sb_status add_column(const sb_kernel_modes *modes, const sb_rule *rule, size_t c, size_t nt, const double *t,
                            const double *u0, double *sums, double *half)
{
    size_t rank = modes->linear.rank, rows = modes->linear.rows, cells = modes->watch->functions * modes->per_row;
    double *start = malloc((rows + (nt + 1) * (rank + cells) + cells) * sizeof *start);
    if (!start) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes at %zu times", rank, nt);
    double *change = start + rows, *seen = change + (nt + 1) * rank, *rest = seen + (nt + 1) * cells;
    bool partial = sb_linear_partial(&modes->linear), fixed = !modes->linear.root;
    take_column(modes, c, u0, start);
    fill_changes(modes, rule, nt, t, start, change);
    sb_gemm(nt + 1, cells, rank, change, modes->observed, seen);
    memset(rest, 0, cells * sizeof *rest);
    if (fixed || partial) { /* a full set of modes leaves no rest */
        sb_watch_sums(modes->watch, modes->per_row, start, rest);
        for (size_t j = 0; j < cells; j++) rest[j] -= seen[nt * cells + j];
    }
    for (size_t i = 0; i < nt; i++)
        for (size_t j = 0; j < cells; j++)
            sums[(i * cells + j) * modes->columns + c] = seen[i * cells + j] + (fixed ? rest[j] : 0);
    sb_status status = partial ? add_rests(modes, rule, c, nt, t, start, change + nt * rank, rest, sums, half) : SB_OK;
    free(start);
    return status;
}

/* err +- the norm of what its components may be off; amp[items.parts] is scratch. */
static void bound_err(const sb_watch *watch, const double *half, double complex *amp, size_t i, sb_decay *decay)
{
    sb_watch_components(watch, half, amp);
    for (size_t k = 0; k < decay->nxi; k++) {
        const sb_item *item = &watch->items.item[k];
        double off = 0, err = decay->err[i * decay->nxi + k];
        for (size_t p = item->first; p < item->first + item->parts; p++) off = hypot(off, cabs(amp[p]));
        decay->lo[i * decay->nxi + k] = fmax(err - off / item->wanted, 0);
        decay->hi[i * decay->nxi + k] = err + off / item->wanted;
    }
}

static sb_status forecast_modes(const sb_kernel_modes *modes, const sb_rule *rule, const double *t, const double *u0,
                                sb_decay *decay)
{
    sb_status status = SB_OK;
    size_t cells = modes->watch->functions * modes->watch->outputs;
    double *sums = malloc((2 * decay->nt * cells + 1) * sizeof *sums), *half = sums + decay->nt * cells;
    double complex *amp = malloc((decay->items.parts + 1) * sizeof *amp);
    if (!sums || !amp) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu times", decay->nt));
    for (size_t c = 0; c < modes->columns; c++) SB_TRY(add_column(modes, rule, c, decay->nt, t, u0, sums, half));
    for (size_t i = 0; i < decay->nt; i++)
        sb_watch_components(modes->watch, sums + i * cells, decay->amp + i * decay->items.parts);
    sb_decay_set_err(decay);
    for (size_t i = 0; i < decay->nt && sb_linear_partial(&modes->linear); i++)
        bound_err(modes->watch, half + i * cells, amp, i, decay);
done:
    free(sums);
    free(amp);
    return status;
}

sb_status sb_kernel_forecast(const sb_kernel_modes *modes, const sb_rule *rule, const double *rate, const double *u0,
                             sb_decay *decay)
{
    const double *t = rule->kind->update ? decay->step : decay->t;
    sb_kernel_modes other = *modes;
    if (rate) other.linear.eigen.lambda = (double *)(uintptr_t)rate;
    if (modes->watch->filter.count > 0) return forecast_residuals(&other, rule, t, u0, decay);
    return forecast_modes(&other, rule, t, u0, decay);
}

/* ---- times by root finding ---- */

/* |e| at a time of flow of an item of so many functions, each sum_k part_k shrink(lambda_k); part[functions][rank], and
 * [rank] of scratch behind it */
static double size_at(const sb_kernel_modes *modes, const sb_rule *rule, size_t functions, double *part, double t)
{
    size_t rank = modes->linear.rank;
    double size = 0, at = rule->kind->update ? t / rule->eta : t, *left = part + functions * rank;
    for (size_t k = 0; k < rank; k++) left[k] = sb_rule_shrink(rule, modes->linear.eigen.lambda[k], at);
    for (size_t f = 0; f < functions; f++) {
        double sum = 0;
        for (size_t k = 0; k < rank; k++) sum += part[f * rank + k] * left[k];
        size = hypot(size, sum);
    }
    return size;
}

/* From late to early in steps of 5 %, then by halving the step that crosses the level. */
static double last_crossing(const sb_kernel_modes *modes, const sb_rule *rule, size_t functions, double *part,
                            double level)
{
    const double *lambda = modes->linear.eigen.lambda;
    double slowest = fmax(lambda[modes->linear.rank - 1], 1e-9 * lambda[0]), late = 30 / slowest, early = late;
    if (!(size_at(modes, rule, functions, part, late) < level)) return NAN;
    while (size_at(modes, rule, functions, part, early) < level) {
        late = early;
        early /= 1.05;
        if (early * lambda[0] < 1e-9) return NAN; /* below from the start */
    }
    while (late - early > 1e-15 * late) {
        double middle = 0.5 * (early + late);
        if (middle <= early || middle >= late) break;
        if (size_at(modes, rule, functions, part, middle) < level)
            late = middle;
        else
            early = middle;
    }
    return 0.5 * (early + late);
}

/* The shares of item j seen by each of its functions, part[functions][rank]; returns how many functions. */
static size_t take_parts(const sb_kernel_modes *modes, const double *u0, size_t j, double *part)
{
    const sb_watch *watch = modes->watch;
    size_t rank = modes->linear.rank, functions = 0;
    for (size_t f = 0; f < watch->functions; f++) {
        if (sb_watch_item(watch, f) != j) continue;
        for (size_t k = 0; k < rank; k++)
            part[functions * rank + k] =
                sb_linear_share(&modes->linear, k, u0) * modes->observed[k * watch->functions + f];
        functions++;
    }
    return functions;
}

sb_status sb_kernel_times(const sb_kernel_modes *modes, const sb_rule *rule, const double *u0, double q, double *times)
{
    const sb_watch *watch = modes->watch;
    double *part = malloc((watch->functions + 1) * modes->linear.rank * sizeof *part);
    if (!part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", modes->linear.rank);
    for (size_t j = 0; j < watch->items.n; j++) {
        size_t functions = take_parts(modes, u0, j, part);
        times[j] = functions > 0 ? last_crossing(modes, rule, functions, part, q * watch->items.item[j].wanted) : NAN;
    }
    free(part);
    return SB_OK;
}
