/* Block Lanczos iterations with a basis V that is kept orthonormal as a whole, restarted with its best vectors (Wu,
 * Simon 2000): of a block Q of V
 *
 *   W = A Q - V^T (V A Q),   H = V A V^T = S^T diag(theta) S,   |A v_k - theta_k v_k| = |W^T (last block of s_k)|,
 *
 * and W, orthonormal, is the next block. One read of A serves a whole block. 200 pairs of ReLU kernels take
 * 900 products in blocks of 34, where single vectors take 580, each of which reads A. Bound: DGEMM; with so few rows it
 * packs as long as it multiplies, .6 to .9 of the rate of large ones. */
#include "kernel/block.h"

#include <specbias/rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"

enum { COLUMNS = 2048 }; /* numbers of each vector at a time */
enum { MOST_RESTARTS = 100 };

/* ---- rows of long vectors ---- */

typedef struct job {
    size_t n, p, q;
    double alpha, beta, *part;
    const double *x, *y, *s;
    double *to;
} job;

static sb_status inner_part(void *context, size_t index)
{
    const job *j = context;
    size_t c = index * COLUMNS, m = j->n - c < COLUMNS ? j->n - c : COLUMNS;
    sb_gemm_nt(j->p, j->q, m, j->x + c, j->n, j->y + c, j->n, 0, j->part + index * j->p * j->q, j->q);
    return SB_OK;
}

sb_status sb_block_inner(size_t threads, size_t n, size_t p, const double *x, size_t q, const double *y, double *c)
{
    size_t parts = (n + COLUMNS - 1) / COLUMNS;
    job j = {.n = n, .p = p, .q = q, .x = x, .y = y, .part = malloc(parts * p * q * sizeof(double))};
    memset(c, 0, p * q * sizeof *c);
    if (!j.part) return sb_fail(SB_ERR_NOMEM, "no memory for products of %zu and %zu vectors", p, q);
    sb_blas_begin();
    sb_status status = sb_parallel_for(threads, parts, inner_part, &j);
    sb_blas_end();
    for (size_t i = 0; i < parts * p * q; i++) c[i % (p * q)] += j.part[i];
    free(j.part);
    return status;
}

static sb_status combine_columns(void *context, size_t index)
{
    const job *j = context;
    size_t c = index * COLUMNS, m = j->n - c < COLUMNS ? j->n - c : COLUMNS;
    if (j->x != j->to) {
        sb_gemm_double(false, false, j->q, m, j->p, j->alpha, j->s, j->p, j->x + c, j->n, j->beta, j->to + c, j->n);
        return SB_OK;
    }
    double *turned = malloc(j->q * m * sizeof *turned);
    if (!turned) return sb_fail(SB_ERR_NOMEM, "no memory for %zu vectors", j->q);
    sb_gemm_double(false, false, j->q, m, j->p, j->alpha, j->s, j->p, j->x + c, j->n, 0, turned, m);
    for (size_t k = 0; k < j->q; k++) memcpy(j->to + k * j->n + c, turned + k * m, m * sizeof *turned);
    free(turned);
    return SB_OK;
}

sb_status sb_block_combine(size_t threads, size_t n, size_t p, size_t q, double alpha, const double *s, const double *x,
                           double beta, double *y)
{
    job j = {.n = n, .p = p, .q = q, .alpha = alpha, .beta = beta, .s = s, .x = x, .to = y};
    sb_blas_begin();
    sb_status status = sb_parallel_for(threads, (n + COLUMNS - 1) / COLUMNS, combine_columns, &j);
    sb_blas_end();
    return status;
}

static void draw(size_t n, uint64_t index, double *vector)
{
    sb_rng rng = sb_rng_at(1, SB_STREAM_PROBE, index);
    double unit = sqrt(12 / (double)n);
    for (size_t i = 0; i < n; i++) vector[i] = unit * (sb_rng_uniform(&rng) - 0.5);
}

sb_status sb_block_straighten(size_t threads, size_t n, size_t m, double *v, double *gram, double *square,
                              uint64_t *drawn, double *off)
{
    sb_status status = sb_block_inner(threads, n, m, v, m, v, gram);
    *off = 0;
    for (size_t i = 0; i < m * m; i++) *off = fmax(*off, fabs(gram[i] - (i / m == i % m)));
    sb_blas_begin();
    if (status == SB_OK) status = sb_syevd(m, gram, square);
    sb_blas_end();
    double least = status == SB_OK ? 1e-13 * square[m - 1] : 0;
    for (size_t i = 0; i < m * m && status == SB_OK; i++)
        gram[i] *= square[i / m] > least ? 1 / sqrt(square[i / m]) : 0;
    if (status == SB_OK) status = sb_block_combine(threads, n, m, m, 1, gram, v, 0, v);
    for (size_t k = 0; k < m && status == SB_OK; k++)
        if (!(square[k] > least)) draw(n, ++*drawn, v + k * n);
    return status;
}

sb_status sb_block_straight(double off)
{
    if (off <= SB_BLOCK_OFF) return SB_OK;
    return sb_fail(SB_ERR_NUMERIC, "vectors did not become orthonormal in %d rounds: they are %g off", SB_BLOCK_ROUNDS,
                   off);
}

/* ---- the basis ---- */

typedef struct basis {
    const sb_block_matrix *a;
    size_t n, block, most, used; /* numbers of a vector; vectors of a block, of a full basis, that were multiplied */
    double *v;                   /* [most + block][n]: those, and the next block */
    double *h;                   /* [most][most] */
    double *c;                   /* [block][used] of W, or of eigenvectors [used][used] */
    double *theta;               /* [most] */
    double *gram, *left;         /* [block][block]: of a block; of W before it was made orthonormal */
    double lowest;               /* the least that W has in any direction */
    uint64_t drawn;
} basis;

static size_t block_of(size_t count)
{
    return count < 96 ? 8 : count / 6;
}

static size_t most_of(size_t count)
{
    return 5 * count + 2 * block_of(count);
}

size_t sb_block_room(size_t count)
{
    return most_of(count) + block_of(count);
}

static double *next_block(const basis *b)
{
    return b->v + b->used * b->n;
}

/* W -= c V, c[block][used] = W V^T */
static sb_status project(basis *b)
{
    size_t threads = b->a->threads;
    double *w = next_block(b);
    sb_status status = sb_block_inner(threads, b->n, b->block, w, b->used, b->v, b->c);
    return status == SB_OK ? sb_block_combine(threads, b->n, b->used, b->block, -1, b->c, b->v, 1, w) : status;
}

/* W becomes orthonormal and orthogonal to the basis. */
static sb_status straighten(basis *b)
{
    sb_status status = SB_OK;
    double off = 1, *w = next_block(b);
    for (int round = 0; round < SB_BLOCK_ROUNDS && off > SB_BLOCK_OFF; round++) {
        if (round > 0 && b->used > 0) SB_TRY(project(b));
        if (round == 0) SB_TRY(sb_block_inner(b->a->threads, b->n, b->block, w, b->block, w, b->left));
        SB_TRY(sb_block_straighten(b->a->threads, b->n, b->block, w, b->gram, b->theta, &b->drawn, &off));
        if (round == 0) b->lowest = sqrt(fmax(b->theta[0], 0));
        if (round == 0) off = 1;
    }
    status = sb_block_straight(off);
done:
    return status;
}

/* The next block: multiplied, and what that adds to H. */
static sb_status advance(basis *b)
{
    size_t m = b->block, first = b->used;
    double *q = next_block(b);
    sb_status status = b->a->multiply(b->a->context, m, q, q + m * b->n);
    b->used += m;
    SB_TRY(status);
    SB_TRY(project(b));
    for (size_t k = 0; k < m; k++)
        for (size_t i = 0; i < b->used; i++) {
            double *here = &b->h[(first + k) * b->most + i], *mirror = &b->h[i * b->most + first + k];
            *here = *mirror = i < first ? b->c[k * b->used + i] : 0;
        }
    for (size_t k = 0; k < m; k++)
        for (size_t i = 0; i < m; i++)
            b->h[(first + k) * b->most + first + i] =
                (b->c[k * b->used + first + i] + b->c[i * b->used + first + k]) / 2;
    status = straighten(b);
done:
    return status;
}

/* Ritz pairs, descending: theta, and c[used][used], rows of coefficients. */
static sb_status solve(basis *b)
{
    size_t d = b->used;
    for (size_t i = 0; i < d * d; i++) b->c[i] = -b->h[i / d * b->most + i % d];
    sb_blas_begin();
    sb_status status = sb_syevd(d, b->c, b->theta);
    sb_blas_end();
    for (size_t i = 0; i < d; i++) b->theta[i] = -b->theta[i];
    return status;
}

/* |W^T s| of the last block of s */
static double left_by(const basis *b, size_t k)
{
    const double *s = b->c + (k + 1) * b->used - b->block;
    double square = 0;
    for (size_t i = 0; i < b->block; i++)
        for (size_t j = 0; j < b->block; j++) square += s[i] * b->left[i * b->block + j] * s[j];
    return sqrt(fmax(square, 0));
}

/* The best `count` vectors and the next block become the basis. */
static sb_status restart(basis *b, size_t count)
{
    size_t n = b->n;
    sb_status status = sb_block_combine(b->a->threads, n, b->used, count, 1, b->c, b->v, 0, b->v);
    memmove(b->v + count * n, next_block(b), b->block * n * sizeof *b->v);
    memset(b->h, 0, b->most * b->most * sizeof *b->h);
    for (size_t k = 0; k < count; k++) b->h[k * b->most + k] = b->theta[k];
    b->used = count;
    return status;
}

static sb_status open_basis(const sb_block_matrix *a, size_t count, basis *b)
{
    *b = (basis){.a = a, .n = a->n, .block = block_of(count), .most = most_of(count)};
    size_t m = b->most;
    b->v = malloc((m + b->block) * b->n * sizeof *b->v);
    b->h = calloc(2 * m * m + m + 2 * b->block * b->block, sizeof *b->h);
    if (!b->v || !b->h) return sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of %zu points", count, b->n);
    b->c = b->h + m * m;
    b->theta = b->c + m * m;
    b->gram = b->theta + m;
    b->left = b->gram + b->block * b->block;
    for (size_t k = 0; k < b->block; k++) draw(b->n, ++b->drawn, b->v + k * b->n);
    return straighten(b);
}

/* Until all pairs leave little; where the next block was singular, until two looks one after the other agree. */
static sb_status iterate(basis *b, size_t count, double tolerance, double *values)
{
    sb_status status = SB_OK;
    bool before = false;
    size_t check = count + b->block;
    for (int restarts = 0; restarts < MOST_RESTARTS;) {
        SB_TRY(advance(b));
        bool full = b->used + b->block > b->most;
        if (b->used < check && !full) continue;
        check = b->used + b->used / 8;
        SB_TRY(solve(b));
        double enough = tolerance * b->theta[0], change = 0, most = 0;
        for (size_t k = 0; k < count; k++) {
            most = fmax(most, left_by(b, k));
            change = fmax(change, fabs(b->theta[k] - values[k]));
        }
        memcpy(values, b->theta, count * sizeof *values);
        if (most <= enough && (b->lowest > enough || (before && change <= enough))) return SB_OK;
        before = most <= enough;
        if (!full) continue;
        SB_TRY(restart(b, b->used / 2));
        check = b->used + b->used / 2;
        restarts++;
    }
    return sb_fail(SB_ERR_NUMERIC, "Lanczos iterations did not converge");
done:
    return status;
}

sb_status sb_block_top(const sb_block_matrix *a, size_t count, double tolerance, double *vectors, double *values)
{
    basis b;
    sb_status status = open_basis(a, count, &b);
    memset(values, 0, count * sizeof *values);
    if (status == SB_OK) status = iterate(&b, count, tolerance, values);
    if (status == SB_OK) status = sb_block_combine(a->threads, b.n, b.used, count, 1, b.c, b.v, 0, vectors);
    free(b.v);
    free(b.h);
    return status;
}
