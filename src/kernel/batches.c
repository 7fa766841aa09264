#include <specbias/batches.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

/* ---- one residual on its way ---- */

typedef struct walk {
    const sb_frozen *frozen;
    sb_update how;
    double *u, *pull, *slot[2]; /* [rows][columns]; pull = K g */
} walk;

/* pull += K_row g, of one row of the kernel: all columns */
static void add_row(const sb_frozen *f, const double *row, const double *g, double *pull)
{
    size_t rows = f->n * f->per_row;
    if (f->columns == 1) {
        double one = *g;
        for (size_t j = 0; j < rows; j++) pull[j] += one * row[j];
        return;
    }
    for (size_t j = 0; j < rows; j++)
        for (size_t c = 0; c < f->columns; c++) pull[j * f->columns + c] += row[j] * g[c];
}

static void make_step(walk *w, sb_batches *batches, size_t step, double *g)
{
    const sb_frozen *f = w->frozen;
    size_t count, rows = f->n * f->per_row, size = rows * f->columns;
    const size_t *index = sb_batches_at(batches, step, &count);
    double share = (double)f->n / (double)(f->sum ? batches->rows : count);
    memset(w->pull, 0, size * sizeof *w->pull);
    for (size_t i = 0; i < count; i++) {
        size_t example = index ? index[i] : i;
        for (size_t r = example * f->per_row; r < (example + 1) * f->per_row; r++) {
            for (size_t c = 0; c < f->columns; c++) g[c] = f->c[example] * share * w->u[r * f->columns + c];
            add_row(f, f->gram + r * rows, g, w->pull);
        }
    }
    f->rule.kind->update(&w->how, size, w->u, w->pull, w->slot[0], w->slot[1]); /* linear: of u as of weights */
}

sb_status sb_frozen_follow(const sb_frozen *f, sb_batches *batches, const double *u0, size_t nt, const double *step,
                           sb_status (*look)(void *context, size_t record, const double *u), void *context)
{
    sb_status status = SB_OK;
    size_t size = f->n * f->per_row * f->columns;
    double *room = calloc(4 * size + f->columns, sizeof *room);
    if (!room) return sb_fail(SB_ERR_NOMEM, "no memory for a residual of %zu numbers", size);
    walk w = {
        f, sb_rule_step(f->rule.eta, f->rule.beta, 0, 0, 1), room, room + size, {room + 2 * size, room + 3 * size}};
    memcpy(w.u, u0, size * sizeof *u0);
    for (size_t i = 0, at = 0; i < nt; i++) {
        for (; (double)at < step[i]; at++) make_step(&w, batches, at, room + 4 * size);
        SB_TRY(look(context, i, w.u));
    }
done:
    free(room);
    return status;
}

/* ---- stability in the mean square ----
 *
 * With the eigenpairs a_k, v_k of A and D = diag d, d_i = S_ii, S' = S means for X = V D V^T
 *
 *     S_kl = w_kl(eta) X_kl,   w_kl = eta q a_k a_l / (a_k + a_l - eta r a_k a_l),
 *     q = (n/b)^2 (p1 - p2),   r = (n/b)^2 p2,
 *
 * (with decay d the denominator is d (2 - eta d) + (1 - eta d) (a_k + a_l) - eta r a_k a_l)
 *
 * and d = M(eta) d, M positive and symmetric: the rate where its largest eigenvalue is 1. d^T M(eta) d = sum w_kl
 * X_kl^2 grows with eta, so that for each d there is one eta where it is d^T d, and the power method goes on with M d.
 */
typedef struct balance {
    size_t n;
    double q, r, decay;
    const double *a, *v; /* [n], [n][n] */
    double *d;           /* [n] */
    double *x, *y;       /* [n][n] */
} balance;

static double weight(const balance *s, double eta, size_t k, size_t l)
{
    double product = s->a[k] * s->a[l];
    if (!(s->a[k] > 0 && s->a[l] > 0)) return 0;
    double kept = 1 - eta * s->decay, lost = s->decay * (1 + kept);
    return eta * s->q * product / (lost + kept * (s->a[k] + s->a[l]) - eta * s->r * product);
}

/* X of d, whose square is left in *size */
static void project(balance *s, double *size)
{
    size_t n = s->n;
    *size = 0;
    for (size_t i = 0; i < n; i++) *size += s->d[i] * s->d[i];
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++) s->y[k * n + i] = s->v[k * n + i] * s->d[i];
    sb_gemm_nt(n, n, n, s->y, n, s->v, n, 0, s->x, n);
}

/* d^T M(eta) d, X being that of d */
static double response(const balance *s, double eta)
{
    double sum = 0;
    for (size_t k = 0; k < s->n; k++)
        for (size_t l = 0; l <= k; l++)
            sum += (l < k ? 2 : 1) * weight(s, eta, k, l) * s->x[k * s->n + l] * s->x[k * s->n + l];
    return sum;
}

static double balance_at(const balance *s, double size, double most)
{
    double low = 0, high = most;
    if (response(s, most) <= size) return most;
    while (high - low > 1e-10 * most) {
        double middle = 0.5 * (low + high);
        if (response(s, middle) < size)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* d <- M(eta) d, of length 1 */
static void respond(balance *s, double eta)
{
    size_t n = s->n;
    double size = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < n; l++) s->x[k * n + l] *= weight(s, eta, k, l);
    sb_gemm(n, n, n, s->x, s->v, s->y);
    for (size_t i = 0; i < n; i++) {
        s->d[i] = 0;
        for (size_t k = 0; k < n; k++) s->d[i] += s->v[k * n + i] * s->y[k * n + i];
        size = hypot(size, s->d[i]);
    }
    for (size_t i = 0; i < n; i++) s->d[i] /= size;
}

static double find_balance(balance *s)
{
    double most = 2 / (s->a[0] + s->decay), eta = most, before, size;
    for (size_t i = 0; i < s->n; i++) s->d[i] = 1;
    for (int round = 0; round < 500; round++) {
        before = eta;
        project(s, &size);
        eta = balance_at(s, size, most);
        if (eta == most || fabs(eta - before) <= 1e-8 * eta) break;
        respond(s, eta);
    }
    return eta;
}

sb_status sb_batches_largest_step(const double *gram, const sb_quadratic *loss, size_t batch, double decay, double *eta)
{
    sb_status status = SB_OK;
    size_t n = loss->rank;
    double rows = (double)loss->rows, b = (double)batch;
    sb_eigen eigen = {0};
    double *room = malloc((2 * n * n + n) * sizeof *room);
    *eta = NAN;
    if (!room) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", n));
    if (n > SB_BATCH_ROWS) goto done;
    SB_TRY(sb_quadratic_project(loss, gram, room));
    SB_TRY(sb_eigen_symmetric(room, n, false, &eigen));
    balance s = {.n = n,
                 .q = rows > 1 ? rows * (rows - b) / (b * (rows - 1)) : 0,
                 .r = rows > 1 ? rows * (b - 1) / (b * (rows - 1)) : 1,
                 .decay = decay,
                 .a = eigen.lambda,
                 .v = eigen.vector,
                 .d = room + 2 * n * n,
                 .x = room,
                 .y = room + n * n};
    *eta = find_balance(&s);
done:
    sb_eigen_clear(&eigen);
    free(room);
    return status;
}
