/* The largest pairs of a kernel that is too large for numbers in double: packed in float for Lanczos iterations, from a
 * draft, then evaluated in double, panel by panel, for Rayleigh-Ritz values and what each pair leaves,
 *
 *   W = A V,  V W^T = S^T diag(theta) S,  V <- S V,  W <- S W,  error_k = |w_k - theta_k v_k|,
 *
 * within which A has an eigenvalue (theta itself is off by error^2 / gap). Draft and rounding to float leave noise,
 * mostly spread over all modes; a step of the power method, d = w / theta - v, takes mode j of it down to lambda_j /
 * theta. It is so small that the packed matrix will do for it: W + A d is off by |E| |d|, E what rounding took of A. Of
 * a draft that is off by much the vectors are sought anew, in what was evaluated in double. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/block.h"

enum { PANELS = 20, ROWS = 128, COLUMNS = 1024, MOST_PASSES = 8, MOST_STEPS = 4 };
enum { PRODUCTS = 6 };          /* of a pair, as a rule at most: for progress */
enum { MOST_WHOLE = 8192 };     /* rows of a matrix that LAPACK gets when iterations fail */
enum { GUARDS = 8 };            /* pairs more than are asked for: a pass mends nothing between neighbours */
#define LANCZOS_TOLERANCE 1e-11 /* of the largest eigenvalue */
#define ENOUGH 1e-10            /* of the largest eigenvalue: what pairs may leave, or another pass follows */
#define SMALL 1e-3              /* of d: a pair for which it is larger is nowhere near */
#define COARSE 1e-6             /* of the largest eigenvalue: |E|_F beyond which vectors are sought anew */
#define UNSEEN 5e-13            /* of the largest eigenvalue: what rounding of the packed matrix may add to that */

size_t sb_packed_block(size_t n, size_t per_row)
{
    size_t unit = ROWS / 2 * per_row;
    return (n / PANELS / unit + 1) * unit;
}

double sb_packed_bytes(size_t n, size_t block, size_t count)
{
    double panels = ceil((double)n / (double)block), pairs = (double)count;
    double packed = 4 * (double)block * (double)block * panels * (panels + 1) / 2, panel = 8 * (double)(n * block);
    if (sb_block_room(count + GUARDS) >= n) packed += 8 * (double)n * (double)n;
    return packed + panel + 8 * (double)n * (4 * (pairs + GUARDS) + (double)sb_block_room(count + GUARDS));
}

const float *sb_packed_row(const sb_packed *p, size_t i, size_t *lda)
{
    size_t b = i / p->block, end = (b + 1) * p->block;
    *lda = end < p->n ? end : p->n;
    return p->number + p->block * p->block * (b * (b + 1) / 2) + (i - b * p->block) * *lda;
}

sb_status sb_packed_open(size_t n, size_t block, sb_packed *p)
{
    size_t panels = (n + block - 1) / block;
    *p = (sb_packed){.n = n, .block = block, .number = sb_pages(block * block * (panels * (panels + 1) / 2) * 4)};
    if (p->number) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows in float (%.1f GB)", n, 2e-9 * (double)(n * n));
}

void sb_packed_clear(sb_packed *p)
{
    free(p->number);
    *p = (sb_packed){0};
}

/* ---- panels ---- */

/* A panel of rows first .. first + count - 1 and columns 0 .. first + count - 1, and what is done with it. */
typedef struct panel {
    const sb_kernel_rows *rows;
    size_t first, count, columns;
    double *number;
    sb_packed *packed;  /* filled with it */
    double *off, *size; /* [n] sums of squares along rows: of what it held less this, of this */
    const double *root; /* or of A = root K root: off, and size of what rounding takes of it .. */
    double *diagonal;   /* .. with its diagonal[n]; NULL, both: of K */
    size_t pairs;       /* multiplied: product[pairs][n] = K vector[pairs][n] */
    const double *vector;
    double *product;
} panel;

static sb_status each_panel(panel *p, size_t threads, const sb_monitor *monitor, sb_status (*work)(panel *, size_t))
{
    const sb_kernel_rows *rows = p->rows;
    double all = (double)rows->n * (double)rows->n;
    sb_status status = SB_OK;
    p->number = sb_pages(rows->block * rows->n * sizeof *p->number);
    if (!p->number) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows of a kernel", rows->block);
    for (p->first = 0; p->first < rows->n; p->first += p->count) {
        p->count = rows->n - p->first < rows->block ? rows->n - p->first : rows->block;
        p->columns = p->first + p->count;
        SB_TRY(sb_monitor_progress(monitor, "kernel", (double)p->first * (double)p->first, all));
        SB_TRY(rows->write(rows->context, p->first, p->count, p->number));
        SB_TRY(work(p, threads));
    }
done:
    free(p->number);
    return status;
}

static sb_status store_row(void *context, size_t r)
{
    const panel *p = context;
    size_t lda, i = p->first + r;
    const double *row = p->number + r * p->columns, *root = p->root;
    float *to = p->packed->number + (sb_packed_row(p->packed, i, &lda) - p->packed->number);
    p->off[i] = p->size[i] = 0;
    for (size_t j = i + 1; j < p->columns; j++) to[j] = (float)row[j];
    for (size_t j = 0; j <= i; j++) {
        double twice = j < i ? 2 : 1, scale = root ? root[i] * root[j] : 1;
        double change = p->packed->full ? scale * ((double)to[j] - row[j]) : 0;
        p->off[i] += twice * change * change;
        to[j] = (float)row[j];
        double kept = root ? scale * ((double)to[j] - row[j]) : row[j];
        p->size[i] += twice * kept * kept;
        if (!isfinite(to[j])) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite at (%zu, %zu)", i, j);
    }
    if (root) p->diagonal[i] = root[i] * root[i] * row[i];
    return SB_OK;
}

static sb_status store_panel(panel *p, size_t threads)
{
    return sb_parallel_for(threads, p->count, store_row, p);
}

sb_status sb_packed_fill(const sb_kernel_rows *rows, size_t threads, const sb_monitor *monitor, sb_packed *packed,
                         double *distance)
{
    double off = 0, size = 0;
    double *sums = malloc(2 * rows->n * sizeof *sums);
    if (!sums) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows", rows->n);
    panel p = {.rows = rows, .packed = packed, .off = sums, .size = sums + rows->n};
    sb_status status = each_panel(&p, threads, monitor, store_panel);
    for (size_t i = 0; i < rows->n; i++) {
        off += p.off[i];
        size += p.size[i];
    }
    *distance = packed->full && off > 0 ? sqrt(off / size) : packed->full ? 0 : NAN;
    packed->full = status == SB_OK;
    free(sums);
    return status;
}

void sb_packed_line(const sb_packed *p, size_t i, double *line)
{
    size_t lda;
    const float *own = sb_packed_row(p, i, &lda);
    for (size_t j = 0; j < p->n; j++) line[j] = (double)(j <= i ? own[j] : sb_packed_row(p, j, &lda)[i]);
}

/* ---- products in double ---- */

/* Rows of a panel, to whose part of the product nothing was added before. */
static sb_status multiply_rows(void *context, size_t index)
{
    const panel *p = context;
    size_t n = p->rows->n, r = index * ROWS, m = p->count - r < ROWS ? p->count - r : ROWS;
    sb_gemm_nt(p->pairs, m, p->columns, p->vector, n, p->number + r * p->columns, p->columns, 0,
               p->product + p->first + r, n);
    return SB_OK;
}

/* Columns in front of its diagonal block, for their mirror image. */
static sb_status multiply_columns(void *context, size_t index)
{
    const panel *p = context;
    size_t n = p->rows->n, c = index * COLUMNS, m = p->first - c < COLUMNS ? p->first - c : COLUMNS;
    sb_gemm_double(false, false, p->pairs, m, p->count, 1, p->vector + p->first, n, p->number + c, p->columns, 1,
                   p->product + c, n);
    return SB_OK;
}

static sb_status multiply_panel(panel *p, size_t threads)
{
    sb_status status = store_panel(p, threads);
    sb_blas_begin();
    SB_TRY(status);
    SB_TRY(sb_parallel_for(threads, (p->count + ROWS - 1) / ROWS, multiply_rows, p));
    SB_TRY(sb_parallel_for(threads, (p->first + COLUMNS - 1) / COLUMNS, multiply_columns, p));
done:
    sb_blas_end();
    return status;
}

/* ---- pairs ---- */

typedef struct space {
    size_t n, count, threads;
    double products; /* of vectors, until now */
    const double *root;
    sb_packed *packed;
    const sb_monitor *monitor;
    double *v, *w;          /* [count][n] orthonormal vectors, and A times them */
    double *d, *e;          /* [count][n] */
    double *h;              /* [count][count] */
    double *drift;          /* [count] what rounding may have added to what w_k - theta_k v_k is */
    double *sums;           /* [3][n] */
    double rounding, trace; /* |E|_F of the E that the packed matrix lacks; of A */
    double coarse;          /* |E|_F before it was filled with K in double */
} space;

static sb_status turn(const space *s, double *vectors)
{
    return sb_block_combine(s->threads, s->n, s->count, s->count, 1, s->h, vectors, 0, vectors);
}

static double distance(const space *s, size_t k, double factor)
{
    double square = 0;
    for (size_t i = k * s->n; i < (k + 1) * s->n; i++) square += pow(s->w[i] - factor * s->v[i], 2);
    return sqrt(square);
}

/* Ritz pairs of the space, descending, and what each leaves. */
static sb_status rotate(space *s, sb_eigen *eigen)
{
    size_t m = s->count;
    sb_status status = sb_block_inner(s->threads, s->n, m, s->v, m, s->w, s->h);
    for (size_t i = 0; i < m && status == SB_OK; i++)
        for (size_t j = 0; j <= i; j++) s->h[i * m + j] = s->h[j * m + i] = -(s->h[i * m + j] + s->h[j * m + i]) / 2;
    sb_blas_begin();
    if (status == SB_OK) status = sb_syevd(m, s->h, eigen->lambda); /* of -H, so that the largest comes first */
    sb_blas_end();
    if (status == SB_OK) status = turn(s, s->v);
    if (status == SB_OK) status = turn(s, s->w);
    for (size_t k = 0; k < m; k++) {
        eigen->error[k] = 0;
        for (size_t j = 0; j < m; j++) eigen->error[k] += fabs(s->h[k * m + j]) * s->drift[j];
    }
    memcpy(s->drift, eigen->error, m * sizeof *s->drift);
    for (size_t k = 0; k < m && status == SB_OK; k++) {
        eigen->lambda[k] = -eigen->lambda[k];
        eigen->error[k] += distance(s, k, eigen->lambda[k]);
    }
    return status;
}

/* V (3 - V^T V) / 2, which squares its distance from orthonormal, and W with it. */
static sb_status straighten(space *s)
{
    size_t m = s->count;
    double off = 1;
    sb_status status = SB_OK;
    for (int round = 0; round < SB_BLOCK_ROUNDS && off > SB_BLOCK_OFF; round++) {
        off = 0;
        SB_TRY(sb_block_inner(s->threads, s->n, m, s->v, m, s->v, s->h));
        for (size_t i = 0; i < m * m; i++) {
            double one = i % m == i / m;
            off = fmax(off, fabs(s->h[i] - one));
            s->h[i] = 1.5 * one - s->h[i] / 2;
        }
        SB_TRY(turn(s, s->v));
        SB_TRY(turn(s, s->w));
    }
    status = sb_block_straight(off);
done:
    return status;
}

/* V <- A V, orthonormal */
static sb_status power(space *s)
{
    sb_status status = SB_OK;
    uint64_t drawn = 1000000;
    double off = 1;
    for (size_t k = 0; k < s->count; k++) {
        double length = distance(s, k, 0);
        for (size_t i = k * s->n; i < (k + 1) * s->n && length > 0; i++) s->v[i] = s->w[i] / length;
    }
    for (int round = 0; round < SB_BLOCK_ROUNDS && off > SB_BLOCK_OFF && status == SB_OK; round++)
        status = sb_block_straighten(s->threads, s->n, s->count, s->v, s->h, s->drift, &drawn, &off);
    return status == SB_OK ? sb_block_straight(off) : status;
}

static double largest_of(size_t count, const double *value)
{
    double most = 0;
    for (size_t k = 0; k < count; k++) most = fmax(most, value[k]);
    return most;
}

static sb_status evaluate(const sb_kernel_rows *rows, space *s)
{
    panel p = {.rows = rows,
               .packed = s->packed,
               .off = s->sums,
               .size = s->sums + s->n,
               .root = s->root,
               .diagonal = s->sums + 2 * s->n,
               .pairs = s->count,
               .vector = s->d,
               .product = s->w};
    for (size_t i = 0; i < s->count * s->n; i++) s->d[i] = s->root[i % s->n] * s->v[i];
    sb_status status = each_panel(&p, s->threads, s->monitor, multiply_panel);
    for (size_t i = 0; i < s->count * s->n; i++) s->w[i] *= s->root[i % s->n];
    s->rounding = s->coarse = s->trace = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->rounding += p.size[i];
        s->coarse += p.off[i];
        s->trace += p.diagonal[i];
    }
    s->rounding = sqrt(s->rounding);
    s->coarse = sqrt(s->coarse);
    return status;
}

/* d = w / theta - v, but 0 where rounding of A d could be seen: of how many of the first pairs that leave as much? */
static size_t aim(space *s, size_t count, const sb_eigen *eigen)
{
    size_t n = s->n, skipped = 0;
    const double *lambda = eigen->lambda;
    double most = UNSEEN * lambda[0];
    memset(s->d, 0, s->count * n * sizeof *s->d);
    for (size_t k = 0; k < s->count; k++) {
        double length = distance(s, k, lambda[k]) / lambda[k], drift = s->rounding * length;
        bool unseen = lambda[k] > 0 && length <= SMALL && s->drift[k] + drift <= most;
        skipped += k < count && !unseen && eigen->error[k] > most;
        if (!unseen) continue;
        s->drift[k] += drift;
        for (size_t i = k * n; i < (k + 1) * n; i++) s->d[i] = s->w[i] / lambda[k] - s->v[i];
    }
    return skipped;
}

/* Steps by the packed matrix until they no longer halve what is left, or it is enough. */
static sb_status step(space *s, size_t count, sb_eigen *eigen, size_t *skipped)
{
    sb_status status = SB_OK;
    for (int k = 0; k < MOST_STEPS; k++) {
        double before = largest_of(count, eigen->error);
        *skipped = aim(s, count, eigen);
        SB_TRY(sb_packed_multiply(s->packed, s->root, s->threads, s->count, s->d, s->e));
        for (size_t i = 0; i < s->count * s->n; i++) s->v[i] += s->d[i];
        for (size_t i = 0; i < s->count * s->n; i++) s->w[i] += s->e[i];
        SB_TRY(straighten(s));
        SB_TRY(rotate(s, eigen));
        double after = largest_of(count, eigen->error);
        if (after <= ENOUGH * eigen->lambda[0] || after > before / 2) break;
    }
done:
    return status;
}

static sb_status multiply_packed(void *context, size_t count, const double *x, double *y)
{
    space *s = context;
    double all = PRODUCTS * (double)s->count;
    sb_status status = sb_monitor_progress(s->monitor, "eigenpairs", fmin(s->products, all), all);
    s->products += (double)count;
    return status == SB_OK ? sb_packed_multiply(s->packed, s->root, s->threads, count, x, y) : status;
}

/* Lanczos iterations; of a matrix that is small, or where they have nowhere to go, LAPACK. */
static sb_status find(space *s, double *lambda)
{
    size_t n = s->n, lda;
    const sb_block_matrix matrix = {n, s->threads, multiply_packed, s};
    sb_status status = SB_ERR_NUMERIC;
    bool fits = sb_block_room(s->count) < n;
    if (fits) status = sb_block_top(&matrix, s->count, LANCZOS_TOLERANCE, s->v, lambda);
    if (status != SB_ERR_NUMERIC || (fits && n > MOST_WHOLE)) return status;
    double *a = malloc(n * n * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", s->count, n);
    for (size_t i = 0; i < n; i++) {
        const float *row = sb_packed_row(s->packed, i, &lda);
        for (size_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = s->root[i] * s->root[j] * (double)row[j];
    }
    status = sb_syevr_top(n, a, s->count, s->v, lambda);
    free(a);
    return status;
}

/* From vectors of the packed matrix, until `count` pairs are good enough; of one that was off by much, once more. */
static sb_status refine(const sb_kernel_rows *rows, space *s, size_t count, sb_eigen *eigen)
{
    sb_status status = SB_OK;
    double before = INFINITY;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        memset(s->drift, 0, s->count * sizeof *s->drift);
        size_t skipped = 0;
        SB_TRY(evaluate(rows, s));
        if (pass == 0 && s->coarse > COARSE * eigen->lambda[0]) {
            SB_TRY(find(s, eigen->lambda));
            continue;
        }
        SB_TRY(rotate(s, eigen));
        double most = largest_of(count, eigen->error);
        SB_TRY(step(s, count, eigen, &skipped));
        bool enough = largest_of(count, eigen->error) <= ENOUGH * eigen->lambda[0];
        if ((enough && skipped == 0) || !(most <= before / 2) || pass == MOST_PASSES - 1) break;
        before = most;
        SB_TRY(power(s));
    }
done:
    return status;
}

/* A matrix of which all pairs are as easily had. */
static bool is_small(size_t n, size_t count)
{
    return count >= n || (n <= 2048 && 5 * count + 50 >= n);
}

/* What `space` found, of which the first pairs were asked for. */
static sb_status keep(space *s, size_t count, sb_eigen *eigen)
{
    double square = 0, apart = 0;
    for (size_t k = 0; k < count; k++) square += eigen->error[k] * eigen->error[k];
    eigen->residual = eigen->lambda[0] > 0 ? sqrt(square) / eigen->lambda[0] : 0;
    sb_status status = sb_block_inner(s->threads, s->n, count, s->v, count, s->v, s->h);
    for (size_t i = 0; i < count * count; i++) apart += pow(s->h[i] - (i % count == i / count), 2);
    eigen->orthogonality = sqrt(apart);
    eigen->trace = s->trace;
    eigen->vector = s->v;
    s->v = NULL;
    return status;
}

sb_status sb_packed_top(const sb_kernel_rows *rows, sb_packed *packed, const double *root, size_t count, size_t threads,
                        const sb_monitor *monitor, sb_eigen *eigen)
{
    size_t n = packed->n, m = is_small(n, count + GUARDS) ? n : count + GUARDS;
    space s = {.n = n, .count = m, .threads = threads, .root = root, .packed = packed, .monitor = monitor};
    sb_status status = SB_OK;
    *eigen = (sb_eigen){.n = n, .count = count, .negative = NAN};
    eigen->lambda = malloc(m * sizeof *eigen->lambda);
    eigen->error = malloc(m * sizeof *eigen->error);
    s.v = malloc(m * n * sizeof *s.v);
    s.w = malloc((3 * m * n + m * m + m + 3 * n) * sizeof *s.w);
    if (!eigen->lambda || !eigen->error || !s.v || !s.w)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", count, n));
    s.d = s.w + m * n;
    s.e = s.d + m * n;
    s.h = s.e + m * n;
    s.drift = s.h + m * m;
    s.sums = s.drift + m;
    SB_TRY(find(&s, eigen->lambda));
    SB_TRY(refine(rows, &s, count, eigen));
    SB_TRY(keep(&s, count, eigen));
done:
    free(s.v);
    free(s.w);
    if (status != SB_OK) sb_eigen_clear(eigen);
    return status;
}
