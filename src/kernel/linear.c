#include <specbias/linear.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

#define FLOAT_NOISE 0x1p-22 /* of the largest rate, when the kernel was computed in float */
#define SLOW 1e-10          /* of the largest rate: slower modes are not divided by their rate */

/* ---- modes ---- */

/* kf[rank][n]: row k is K F_k */
static void apply_kernel(const sb_quadratic *loss, const double *gram, double *kf)
{
    sb_gemm_nt(loss->rank, loss->rows, loss->rows, loss->factor, loss->rows, gram, loss->rows, 0, kf, loss->rows);
}

/* Rounding of the two products is not symmetric: the mean is. */
static void multiply_factor(const sb_quadratic *loss, const double *kf, double *a)
{
    size_t n = loss->rows, rank = loss->rank;
    sb_gemm_nt(rank, rank, n, kf, n, loss->factor, n, 0, a, rank);
    for (size_t i = 0; i < rank; i++)
        for (size_t j = 0; j < i; j++) a[i * rank + j] = a[j * rank + i] = 0.5 * (a[i * rank + j] + a[j * rank + i]);
}

static void scale_kernel(const sb_quadratic *loss, const double *gram, double *a)
{
    size_t n = loss->rows;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) a[i * n + j] = loss->root[i] * loss->root[j] * gram[i * n + j];
}

sb_status sb_quadratic_project(const sb_quadratic *loss, const double *gram, double *a)
{
    if (loss->root) {
        scale_kernel(loss, gram, a);
        return SB_OK;
    }
    double *kf = malloc(loss->rank * loss->rows * sizeof *kf);
    if (!kf) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", loss->rows);
    apply_kernel(loss, gram, kf);
    multiply_factor(loss, kf, a);
    free(kf);
    return SB_OK;
}

static sb_status create_diagonal(const double *gram, const sb_quadratic *loss, sb_linear *linear)
{
    size_t n = linear->rows;
    double *a = malloc(n * n * sizeof *a);
    linear->root = malloc(n * sizeof *linear->root);
    linear->shares = n;
    sb_status status = a && linear->root ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu points", n);
    if (status == SB_OK) {
        memcpy(linear->root, loss->root, n * sizeof *loss->root);
        scale_kernel(loss, gram, a);
        status = sb_eigen_symmetric(a, n, false, &linear->eigen);
    }
    free(a);
    return status;
}

static sb_status create_dense(const double *gram, const sb_quadratic *loss, sb_linear *linear)
{
    sb_status status = SB_OK;
    size_t n = linear->rows, rank = linear->rank;
    double *a = malloc(rank * rank * sizeof *a), *kf = malloc(rank * n * sizeof *kf);
    linear->in = malloc(rank * n * sizeof *linear->in);
    linear->out = malloc(rank * n * sizeof *linear->out);
    if (!a || !kf || !linear->in || !linear->out)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu points", n));
    apply_kernel(loss, gram, kf);
    multiply_factor(loss, kf, a);
    SB_TRY(sb_eigen_symmetric(a, rank, false, &linear->eigen));
    sb_gemm(rank, n, rank, linear->eigen.vector, loss->factor, linear->in);
    sb_gemm(rank, n, rank, linear->eigen.vector, kf, linear->out);
    const double *lambda = linear->eigen.lambda;
    for (size_t k = 0; k < rank && lambda[k] > SLOW * lambda[0]; k++, linear->shares++)
        for (size_t i = 0; i < n; i++) linear->out[k * n + i] /= lambda[k];
done:
    free(a);
    free(kf);
    return status;
}

/* Products with a factor round to eps |F|^2 |K|, which may be much more than eps |A|: a Sobolev loss weighs most what
 * the kernel hardly has. */
static sb_status check_semidefinite(const double *gram, bool single, const sb_quadratic *loss, const sb_eigen *eigen)
{
    double trace = 0, square = 0, lowest = eigen->lambda[eigen->n - 1];
    if (sb_eigen_check_semidefinite(eigen, single) == SB_OK) return SB_OK;
    for (size_t i = 0; i < loss->rows && loss->factor; i++) {
        trace += gram[i * loss->rows + i];
        square += loss->factor[i] * loss->factor[i]; /* the largest of the columns */
    }
    return -lowest <= sb_rounding(loss->rows, single) * square * trace ? SB_OK : SB_ERR_NUMERIC;
}

sb_status sb_linear_create(size_t rows, const double *gram, bool single, const sb_quadratic *loss, sb_linear *linear)
{
    if (loss->rows != rows)
        return sb_fail(SB_ERR_INPUT, "the loss has %zu weights, the kernel %zu rows", loss->rows, rows);
    for (size_t i = 0; i < rows * rows; i++)
        if (!isfinite(gram[i]))
            return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite at (%zu, %zu)", i / rows, i % rows);
    *linear = (sb_linear){.rows = rows, .rank = loss->rank};
    sb_status status = loss->root ? create_diagonal(gram, loss, linear) : create_dense(gram, loss, linear);
    if (status == SB_OK) status = check_semidefinite(gram, single, loss, &linear->eigen);
    double *lambda = linear->eigen.lambda;
    for (size_t k = 0; status == SB_OK && single && k < linear->rank; k++) /* noise, which in time would grow */
        if (lambda[k] < FLOAT_NOISE * lambda[0]) lambda[k] = 0;
    if (status != SB_OK) sb_linear_clear(linear);
    return status;
}

void sb_linear_clear(sb_linear *linear)
{
    sb_eigen_clear(&linear->eigen);
    free(linear->root);
    free(linear->in);
    free(linear->out);
    *linear = (sb_linear){0};
}

double sb_linear_share(const sb_linear *linear, size_t k, const double *u0)
{
    size_t n = linear->rows;
    const double *in = linear->root ? linear->eigen.vector + k * n : linear->in + k * n;
    double a = 0;
    for (size_t i = 0; i < n; i++) a += in[i] * (linear->root ? linear->root[i] * u0[i] : u0[i]);
    return a;
}

void sb_linear_out(const sb_linear *linear, size_t k, double *out)
{
    size_t n = linear->rows;
    for (size_t i = 0; i < n; i++)
        out[i] = linear->root ? linear->eigen.vector[k * n + i] / linear->root[i] : linear->out[k * n + i];
}

void sb_linear_mode(const sb_linear *linear, size_t k, double *mode)
{
    sb_linear_out(linear, k, mode);
    if (k >= linear->shares) memset(mode, 0, linear->rows * sizeof *mode);
}

/* ---- partial spectra ---- */

bool sb_linear_partial(const sb_linear *linear)
{
    return linear->root && linear->rank < linear->rows;
}

void sb_linear_rest(const sb_linear *linear, const sb_rule *rule, double t, double range[2])
{
    enum { SAMPLES = 64 };
    range[0] = range[1] = 1;
    if (!sb_linear_partial(linear)) return;
    double last = linear->eigen.lambda[linear->rank - 1];
    if (linear->eigen.error) last += linear->eigen.error[linear->rank - 1];
    for (size_t i = 1; i <= SAMPLES; i++) {
        double shrink = sb_rule_shrink(rule, last * (double)i / SAMPLES, t);
        range[0] = fmin(range[0], shrink);
        range[1] = fmax(range[1], shrink);
    }
    if (rule->kind->update && rule->kind->slots == 0 && rule->eta * last > 1 && t > 0) range[0] = fmin(range[0], 0);
}

sb_status sb_linear_losses(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t, const double *u0,
                           double *loss, double *lo, double *hi)
{
    double *a = malloc((linear->rank + 1) * sizeof *a), rest = 0, range[2];
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", linear->rank);
    for (size_t i = 0; i < linear->rows; i++) rest += pow(linear->root[i] * u0[i], 2) / 2;
    for (size_t k = 0; k < linear->rank; k++) {
        a[k] = sb_linear_share(linear, k, u0);
        rest -= a[k] * a[k] / 2;
    }
    rest = sb_linear_partial(linear) ? fmax(rest, 0) : 0;
    for (size_t i = 0; i < nt; i++) {
        double known = 0;
        for (size_t k = 0; k < linear->rank; k++)
            known += pow(a[k] * sb_rule_shrink(rule, linear->eigen.lambda[k], t[i]), 2) / 2;
        sb_linear_rest(linear, rule, t[i], range);
        double most = fmax(range[1] * range[1], range[0] * range[0]), least = range[0] > 0 ? range[0] * range[0] : 0;
        lo[i] += known + rest * least;
        hi[i] += known + rest * most;
        loss[i] += known + rest * (least + most) / 2;
    }
    free(a);
    return SB_OK;
}

/* ---- forecasts ---- */

/* u = rest + sum over shares s_k a_k out_k - sum over the others psi_k a_k out_k, rest = u0 - sum over shares a_k
 * out_k: what decays keeps its digits. */
sb_status sb_linear_residuals(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t,
                              const double *u0, double *u)
{
    size_t n = linear->rows, rank = linear->rank;
    const double *lambda = linear->eigen.lambda, *out = linear->root ? linear->eigen.vector : linear->out;
    double *a = malloc((rank + (nt + 1) * rank + n) * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes at %zu times", rank, nt);
    double *factor = a + rank, *rest = factor + (nt + 1) * rank;
    for (size_t k = 0; k < rank; k++) {
        a[k] = sb_linear_share(linear, k, u0);
        bool share = k < linear->shares;
        for (size_t i = 0; i < nt; i++)
            factor[i * rank + k] =
                a[k] * (share ? sb_rule_shrink(rule, lambda[k], t[i]) : -sb_rule_progress(rule, lambda[k], t[i]));
        factor[nt * rank + k] = share ? a[k] : 0;
    }
    sb_gemm(nt, n, rank, factor, out, u);
    memset(rest, 0, n * sizeof *rest);
    if (!linear->root) { /* a full set of modes leaves no rest */
        sb_gemm(1, n, rank, factor + nt * rank, out, rest);
        for (size_t i = 0; i < n; i++) rest[i] = u0[i] - rest[i];
    }
    for (size_t i = 0; i < nt; i++)
        for (size_t j = 0; j < n; j++)
            u[i * n + j] = linear->root ? u[i * n + j] / linear->root[j] : u[i * n + j] + rest[j];
    free(a);
    return SB_OK;
}

/* B[rank][m] = cross in_k a_k, rows `step` apart */
static sb_status responses(const sb_linear *linear, const double *u0, size_t m, const double *cross, size_t step,
                           double *b)
{
    size_t n = linear->rows, rank = linear->rank;
    double *in = malloc((rank * n + 1) * sizeof *in);
    if (!in) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", rank);
    for (size_t k = 0; k < rank; k++) {
        double a = sb_linear_share(linear, k, u0);
        for (size_t i = 0; i < n; i++)
            in[k * n + i] =
                a * (linear->root ? linear->root[i] * linear->eigen.vector[k * n + i] : linear->in[k * n + i]);
    }
    sb_gemm_nt(rank, m, n, in, n, cross, n, 0, b, step);
    free(in);
    return SB_OK;
}

static void add_changes(const sb_linear *linear, const sb_rule *rule, double t, size_t m, const double *b,
                        double *change)
{
    memset(change, 0, m * sizeof *change);
    for (size_t k = 0; k < linear->rank; k++) {
        double progress = sb_rule_progress(rule, linear->eigen.lambda[k], t);
        for (size_t i = 0; i < m; i++) change[i] -= progress * b[k * m + i];
    }
}

sb_status sb_linear_changes(const sb_linear *linear, const sb_rule *rule, size_t nt, const double *t, const double *u0,
                            size_t m, const double *cross, double *change)
{
    double *b = malloc((linear->rank * m + 1) * sizeof *b);
    if (!b) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes at %zu points", linear->rank, m);
    sb_status status = responses(linear, u0, m, cross, m, b);
    for (size_t i = 0; status == SB_OK && i < nt; i++) add_changes(linear, rule, t[i], m, b, change + i * m);
    free(b);
    return status;
}

/* ---- early stopping ---- */

typedef struct test {
    const sb_linear *linear;
    const sb_rule *rule;
    size_t m, all;      /* points; times columns */
    const double *b;    /* responses [rank][all] */
    const double *v0;   /* residuals [all] */
    const double *w;    /* weights [m] */
    double *v;          /* [all] */
    double *form, *psi; /* unless NULL: B W B^T [rank][rank], B W v0 [rank]; progress [rank], with which an error costs
                           rank^2 */
    double start;
} test;

static double weight_at(const test *p, size_t i)
{
    return p->w ? p->w[i % p->m] : 1 / (double)p->all;
}

static double exact_error(const test *p, double t)
{
    double sum = 0;
    add_changes(p->linear, p->rule, t, p->all, p->b, p->v);
    for (size_t i = 0; i < p->all; i++) sum += weight_at(p, i) * pow(p->v0[i] + p->v[i], 2);
    return sum;
}

/* |v0 - B^T psi|^2 = |v0|^2 - 2 psi . B W v0 + psi . B W B^T psi */
static double error_at(const test *p, double t)
{
    size_t rank = p->linear->rank;
    if (!p->form) return exact_error(p, t);
    double sum = p->start, *psi = p->psi;
    for (size_t k = 0; k < rank; k++) psi[k] = sb_rule_progress(p->rule, p->linear->eigen.lambda[k], t);
    sb_gemv(rank, rank, 1, p->form, psi, 0, psi + rank);
    for (size_t k = 0; k < rank; k++) sum += psi[k] * (psi[rank + k] - 2 * p->form[rank * rank + k]);
    return sum;
}

/* Many points: the quadratic form once, instead of all points at each time. */
static sb_status prepare_form(test *p, double *b)
{
    size_t rank = p->linear->rank, all = p->all;
    p->start = exact_error(p, 0);
    if (all <= rank) return SB_OK;
    double *weighted = malloc((rank * all + 1) * sizeof *weighted);
    p->form = malloc((rank * rank + 3 * rank) * sizeof *p->form);
    if (!weighted || !p->form) {
        free(weighted);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes at %zu points", rank, all);
    }
    p->psi = p->form + rank * rank + rank;
    for (size_t k = 0; k < rank; k++)
        for (size_t i = 0; i < all; i++) weighted[k * all + i] = b[k * all + i] * weight_at(p, i);
    sb_gemm_nt(rank, rank, all, weighted, all, b, all, 0, p->form, rank);
    sb_gemv(rank, all, 1, weighted, p->v0, 0, p->form + rank * rank);
    free(weighted);
    return SB_OK;
}

typedef struct minimum {
    double t, error;
} minimum;

/* Only whole steps exist. */
static double time_of(const test *p, double t)
{
    return p->rule->kind->update ? round(t) : t;
}

static void try_time(const test *p, double t, minimum *best)
{
    double when = time_of(p, t), error = error_at(p, when);
    if (error < best->error) *best = (minimum){when, error};
}

/* Golden section in ln t, or all steps where they are few. */
static void refine(const test *p, double low, double high, minimum *best)
{
    const double golden = 0.5 * (sqrt(5) - 1);
    if (p->rule->kind->update && high - low < 500) {
        for (double t = floor(low); t <= high; t++) try_time(p, t, best);
        return;
    }
    double a = log(low), b = log(high);
    while (b - a > 1e-9) {
        double x1 = b - golden * (b - a), x2 = a + golden * (b - a);
        if (error_at(p, time_of(p, exp(x1))) <= error_at(p, time_of(p, exp(x2))))
            b = x2;
        else
            a = x1;
    }
    try_time(p, exp(0.5 * (a + b)), best);
}

/* The best of times from 1e-3 of the fastest mode to 100 of the slowest, 20 a decade, and of the first steps, where
 * residuals may change sign; then between its neighbours. */
static void find_minimum(const test *p, sb_stop *stop)
{
    const double ratio = pow(10, 0.05), *lambda = p->linear->eigen.lambda;
    double unit = 1 / sb_rule_time(p->rule, 1); /* t of a unit of flow time */
    double slowest = lambda[0];
    minimum best = {0, p->start};
    *stop = (sb_stop){0, p->start, p->start, p->start};
    if (!(lambda[0] > 0)) return; /* nothing moves */
    for (size_t k = 0; k < p->linear->rank && lambda[k] > 1e-12 * lambda[0]; k++) slowest = lambda[k];
    double last = 100 / slowest * unit;
    for (double t = 1; t <= 50 && p->rule->kind->update; t++) try_time(p, t, &best);
    for (double t = 1e-3 / lambda[0] * unit; t < last; t *= ratio) try_time(p, t, &best);
    if (best.t > 0) refine(p, best.t / ratio, best.t * ratio, &best);
    stop->t = best.t;
    stop->best = exact_error(p, best.t);
    stop->end = exact_error(p, time_of(p, last));
    if (stop->end < stop->start && stop->end <= stop->best + 1e-12 * stop->start) { /* to rounding */
        stop->t = INFINITY;
        stop->best = stop->end;
    }
}

sb_status sb_linear_stop(const sb_linear *linear, const sb_rule *rule, size_t columns, const double *u0, size_t m,
                         const double *cross, const double *v0, const double *w, sb_stop *stop)
{
    size_t all = columns * m;
    double *b = malloc(((linear->rank + 1) * all + 1) * sizeof *b);
    if (!b) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes at %zu points", linear->rank, all);
    test p = {
        .linear = linear, .rule = rule, .m = m, .all = all, .b = b, .v0 = v0, .w = w, .v = b + linear->rank * all};
    sb_status status = SB_OK;
    for (size_t c = 0; status == SB_OK && c < columns; c++)
        status = responses(linear, u0 + c * linear->rows, m, cross, all, b + c * m);
    if (status == SB_OK) status = prepare_form(&p, b);
    if (status == SB_OK) find_minimum(&p, stop);
    free(p.form);
    free(b);
    return status;
}
