/* The largest pairs of a kernel that is too large for numbers in double: packed in float for Lanczos iterations, then
 * evaluated anew in double, panel by panel, for Rayleigh-Ritz values and what each pair leaves,
 *
 *   W = A V,  V^T W = S diag(theta) S^T,  V <- V S,  error_k = |A v_k - theta_k v_k|,
 *
 * within which A has an eigenvalue (theta itself is off by error^2 / gap). Rounding to float leaves noise that is
 * spread over all modes; a step of the power method, v <- A v / theta, takes mode j of it down to lambda_j / theta. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/product.h"

enum { PANELS = 20, COLUMNS = 512, MOST_PASSES = 8 };
enum { GUARDS = 8 };         /* pairs more than are asked for: a pass mends nothing between neighbours */
#define FLOAT_TOLERANCE 1e-9 /* of Lanczos iterations on what was rounded to 2^-24 */
#define ENOUGH 1e-10         /* of the largest eigenvalue: what pairs may leave, or another pass follows */

size_t sb_packed_block(size_t n, size_t per_row)
{
    size_t unit = SB_PRODUCT_ROWS * per_row;
    return (n / PANELS / unit + 1) * unit;
}

double sb_packed_bytes(size_t n, size_t block, size_t count)
{
    double panels = ceil((double)n / (double)block), pairs = (double)count;
    double packed = 4 * (double)block * (double)block * panels * (panels + 1) / 2, panel = 8 * (double)(n * block);
    return packed + panel + 8 * (double)n * (6 * (pairs + GUARDS) + 2 * SB_PRODUCT_PARTS + 64);
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
    p->diagonal = malloc(n * sizeof *p->diagonal);
    if (p->number && p->diagonal) return SB_OK;
    sb_packed_clear(p);
    return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows in float (%.1f GB)", n, 2e-9 * (double)(n * n));
}

void sb_packed_clear(sb_packed *p)
{
    free(p->number);
    free(p->diagonal);
    *p = (sb_packed){0};
}

/* ---- panels ---- */

/* A panel of rows first .. first + count - 1 and columns 0 .. first + count - 1, and what is done with it. */
typedef struct panel {
    const sb_kernel_rows *rows;
    size_t first, count, columns;
    double *number;
    sb_packed *packed;  /* filled .. */
    double *off, *size; /* .. [n] sums of squares along rows: of what it held less this, of this */
    size_t pairs;       /* multiplied: product[pairs][n] = A vector[pairs][n] */
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
    const double *row = p->number + r * p->columns;
    float *to = p->packed->number + (sb_packed_row(p->packed, i, &lda) - p->packed->number);
    p->off[i] = p->size[i] = 0;
    for (size_t j = 0; j <= i; j++) {
        double twice = j < i ? 2 : 1, change = p->packed->full ? (double)to[j] - row[j] : 0;
        p->off[i] += twice * change * change;
        p->size[i] += twice * row[j] * row[j];
        to[j] = (float)row[j];
        if (!isfinite(to[j])) return sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite at (%zu, %zu)", i, j);
    }
    p->packed->diagonal[i] = row[i];
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
    line[i] = p->diagonal[i];
}

sb_status sb_packed_moment(const sb_packed *packed, const double *root, size_t threads, const double *x, double *moment)
{
    size_t n = packed->n;
    double *part = malloc((SB_PRODUCT_PARTS + 1) * n * sizeof *part);
    if (!part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rows", n);
    double *y = part + SB_PRODUCT_PARTS * n;
    sb_product p = {.packed = packed, .root = root, .n = n, .threads = threads, .unit = 1, .part = part};
    sb_status status = sb_product_apply(&p, x, y);
    *moment = 0;
    for (size_t i = 0; i < n; i++) *moment += x[i] * y[i];
    free(part);
    return status;
}

/* ---- products in double ---- */

/* Rows of a panel, to whose part of the product nothing was added before. */
static sb_status multiply_rows(void *context, size_t index)
{
    const panel *p = context;
    size_t n = p->rows->n, r = index * SB_PRODUCT_ROWS,
           m = p->count - r < SB_PRODUCT_ROWS ? p->count - r : SB_PRODUCT_ROWS;
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
    sb_status status = SB_OK;
    sb_blas_begin();
    SB_TRY(sb_parallel_for(threads, (p->count + SB_PRODUCT_ROWS - 1) / SB_PRODUCT_ROWS, multiply_rows, p));
    SB_TRY(sb_parallel_for(threads, (p->first + COLUMNS - 1) / COLUMNS, multiply_columns, p));
done:
    sb_blas_end();
    return status;
}

/* ---- pairs ---- */

typedef struct space {
    size_t n, count, threads;
    const double *root;
    const sb_monitor *monitor;
    double *v, *w; /* [count][n] orthonormal vectors, and A times them */
    double *other; /* [count][n] */
    double *h;     /* [count][count] */
} space;

static void scale(const space *s, double *vectors)
{
    for (size_t i = 0; i < s->count * s->n; i++) vectors[i] *= s->root[i % s->n];
}

static void turn(const space *s, double **vectors, double **other)
{
    sb_gemm(s->count, s->n, s->count, s->h, *vectors, *other);
    double *turned = *other;
    *other = *vectors;
    *vectors = turned;
}

/* Ritz pairs of the space, descending, and what each leaves. */
static sb_status rotate(space *s, double *lambda, double *error)
{
    size_t m = s->count, n = s->n;
    sb_gemm_nt(m, m, n, s->v, n, s->w, n, 0, s->h, m);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++) s->h[i * m + j] = s->h[j * m + i] = -(s->h[i * m + j] + s->h[j * m + i]) / 2;
    sb_status status = sb_syevd(m, s->h, lambda); /* of -H, so that the largest comes first */
    if (status != SB_OK) return status;
    turn(s, &s->v, &s->other);
    turn(s, &s->w, &s->other);
    for (size_t k = 0; k < m; k++) {
        double square = 0;
        lambda[k] = -lambda[k];
        for (size_t i = 0; i < n; i++) square += pow(s->w[k * n + i] - lambda[k] * s->v[k * n + i], 2);
        error[k] = sqrt(square);
    }
    return SB_OK;
}

/* V <- W / theta, orthonormal to the square of its distance: V (3 - V^T V) / 2 */
static void improve(space *s, const double *lambda)
{
    size_t m = s->count, n = s->n;
    for (size_t i = 0; i < m * n; i++) s->v[i] = s->w[i] / lambda[i / n];
    sb_gemm_nt(m, m, n, s->v, n, s->v, n, 0, s->h, m);
    for (size_t i = 0; i < m * m; i++) s->h[i] = (i % m == i / m ? 1.5 : 0) - s->h[i] / 2;
    turn(s, &s->v, &s->other);
}

static double largest_of(size_t count, const double *value)
{
    double most = 0;
    for (size_t k = 0; k < count; k++) most = fmax(most, value[k]);
    return most;
}

/* From vectors of the packed matrix, until `count` pairs are good enough. */
static sb_status refine(const sb_kernel_rows *rows, space *s, size_t count, sb_eigen *eigen)
{
    sb_status status = SB_OK;
    double before = INFINITY;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        panel p = {.rows = rows, .pairs = s->count, .vector = s->other, .product = s->w};
        memcpy(s->other, s->v, s->count * s->n * sizeof *s->v);
        scale(s, s->other);
        SB_TRY(each_panel(&p, s->threads, s->monitor, multiply_panel));
        scale(s, s->w);
        SB_TRY(rotate(s, eigen->lambda, eigen->error));
        double most = largest_of(count, eigen->error), enough = ENOUGH * eigen->lambda[0];
        bool positive = eigen->lambda[s->count - 1] > SB_LANCZOS_ROUNDING * eigen->lambda[0];
        if (most <= enough || most > before / 2 || !positive || pass == MOST_PASSES - 1) break;
        before = most;
        improve(s, eigen->lambda);
    }
done:
    return status;
}

/* A matrix of which all pairs are as easily had. */
static bool is_small(size_t n, size_t count)
{
    return count >= n || (n <= 2048 && 5 * count + 50 >= n);
}

/* Lanczos iterations; of a matrix that is small, or where they have nowhere to go, LAPACK. */
static sb_status find(const sb_packed *packed, space *s, double *lambda, double *part)
{
    size_t n = s->n, lda;
    sb_product product = {.packed = packed, .root = s->root, .n = n, .threads = s->threads, .part = part};
    for (size_t i = 0; i < n; i++) product.unit = fmax(product.unit, packed->diagonal[i] * s->root[i] * s->root[i]);
    product.unit = sb_product_unit(product.unit);
    sb_status status = SB_ERR_NUMERIC;
    if (s->count < n) status = sb_lanczos_top(n, s->count, FLOAT_TOLERANCE, sb_product_apply, &product, s->v, lambda);
    if (status != SB_ERR_NUMERIC) return status;
    double *a = malloc(n * n * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", s->count, n);
    for (size_t i = 0; i < n; i++) {
        const float *row = sb_packed_row(packed, i, &lda);
        for (size_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = s->root[i] * s->root[j] * (double)row[j];
    }
    status = sb_syevr_top(n, a, s->count, s->v, lambda);
    free(a);
    return status;
}

/* What `space` found, of which the first pairs were asked for. */
static void keep(space *s, const sb_packed *packed, size_t count, sb_eigen *eigen)
{
    double square = 0, apart = 0;
    for (size_t k = 0; k < count; k++) square += eigen->error[k] * eigen->error[k];
    eigen->residual = eigen->lambda[0] > 0 ? sqrt(square) / eigen->lambda[0] : 0;
    sb_gemm_nt(count, count, s->n, s->v, s->n, s->v, s->n, 0, s->h, count);
    for (size_t i = 0; i < count * count; i++) apart += pow(s->h[i] - (i % count == i / count), 2);
    eigen->orthogonality = sqrt(apart);
    for (size_t i = 0; i < s->n; i++) eigen->trace += s->root[i] * s->root[i] * packed->diagonal[i];
    eigen->vector = s->v;
    s->v = NULL;
}

sb_status sb_packed_top(const sb_kernel_rows *rows, const sb_packed *packed, const double *root, size_t count,
                        size_t threads, const sb_monitor *monitor, sb_eigen *eigen)
{
    size_t n = packed->n, m = is_small(n, count + GUARDS) ? n : count + GUARDS;
    space s = {.n = n, .count = m, .threads = threads, .root = root, .monitor = monitor};
    sb_status status = SB_OK;
    *eigen = (sb_eigen){.n = n, .count = count, .negative = NAN};
    double *part = malloc((SB_PRODUCT_PARTS * n + m * m) * sizeof *part);
    eigen->lambda = malloc(m * sizeof *eigen->lambda);
    eigen->error = malloc(m * sizeof *eigen->error);
    s.v = malloc(m * n * sizeof *s.v);
    s.w = malloc(m * n * sizeof *s.w);
    s.other = malloc(m * n * sizeof *s.other);
    if (!part || !eigen->lambda || !eigen->error || !s.v || !s.w || !s.other)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", count, n));
    s.h = part + SB_PRODUCT_PARTS * n;
    SB_TRY(find(packed, &s, eigen->lambda, part));
    SB_TRY(refine(rows, &s, count, eigen));
    keep(&s, packed, count, eigen);
done:
    free(part);
    free(s.v);
    free(s.w);
    free(s.other);
    if (status != SB_OK) sb_eigen_clear(eigen);
    return status;
}
