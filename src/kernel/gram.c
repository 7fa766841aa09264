/* K = J J^T, streamed: blocks of Jacobian columns are written, multiplied, and forgotten. Memory is O(n^2) and one
 * block. Every tile of K adds the blocks in order on one BLAS thread, so the bits do not depend on the number of
 * threads. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/parallel.h"

#define COLUMNS 1536 /* Jacobian columns of one block */
#define TILE 96      /* rows of one tile of K */
#define ROWS 16      /* rows of the block written by one thread at a time */

typedef struct product {
    const sb_jacobian *jacobian;
    size_t n, first, count, columns;
    const double *x;
    double *block; /* [n][columns] */
    double *gram;  /* [n][n], lower triangle of tiles */
} product;

static sb_status write_rows(void *context, size_t index)
{
    const product *p = context;
    size_t begin = index * ROWS, rows = p->n - begin < ROWS ? p->n - begin : ROWS;
    p->jacobian->columns(p->jacobian->context, rows, p->x + begin * p->jacobian->dim, p->first, p->count,
                         p->block + begin * p->columns);
    return SB_OK;
}

/* Tile `index` of the lower triangle: row = the largest r with r (r + 1) / 2 <= index. */
static sb_status add_tile(void *context, size_t index)
{
    const product *p = context;
    size_t row = 0;
    while ((row + 1) * (row + 2) / 2 <= index) row++;
    size_t i = row * TILE, j = (index - row * (row + 1) / 2) * TILE;
    size_t m = p->n - i < TILE ? p->n - i : TILE, k = p->n - j < TILE ? p->n - j : TILE;
    sb_gemm_nt(m, k, p->columns, p->block + i * p->columns, p->columns, p->block + j * p->columns, p->columns, 1,
               p->gram + i * p->n + j, p->n);
    return SB_OK;
}

static void mirror(size_t n, double *gram)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
}

sb_status sb_gram_empirical(const sb_jacobian *jacobian, size_t n, const double *x, size_t threads, double *gram)
{
    sb_status status = SB_OK;
    size_t tiles = (n + TILE - 1) / TILE, per_block = COLUMNS / jacobian->per_unit;
    if (per_block == 0) per_block = 1;
    product p = {.jacobian = jacobian, .n = n, .x = x, .gram = gram};
    p.block = malloc(n * per_block * jacobian->per_unit * sizeof *p.block);
    if (!p.block) return sb_fail(SB_ERR_NOMEM, "no memory for a block of the Jacobian of %zu points", n);
    memset(gram, 0, n * n * sizeof *gram);
    size_t end = jacobian->first + jacobian->units;
    for (p.first = jacobian->first; p.first < end; p.first += p.count) {
        p.count = end - p.first < per_block ? end - p.first : per_block;
        p.columns = p.count * jacobian->per_unit;
        SB_TRY(sb_parallel_for(threads, (n + ROWS - 1) / ROWS, write_rows, &p));
        SB_TRY(sb_parallel_for(threads, tiles * (tiles + 1) / 2, add_tile, &p));
    }
    mirror(n, gram);
done:
    free(p.block);
    return status;
}

typedef struct values {
    const sb_kernel *kernel;
    const sb_net_law *law;
    size_t m; /* columns */
    const double *x, *x2;
    double *gram;
} values;

double sb_kernel_value(const sb_kernel *kernel, const sb_net_law *law, const double *x1, const double *x2)
{
    sb_average average = kernel->average(law, x1, x2);
    return law->gain * (average.output + law->out2 * average.rest);
}

static sb_status write_values(void *context, size_t i)
{
    const values *v = context;
    size_t dim = v->law->dim, columns = v->x2 ? v->m : i + 1;
    for (size_t j = 0; j < columns; j++) {
        const double *other = (v->x2 ? v->x2 : v->x) + j * dim;
        double k = v->gram[i * v->m + j] = sb_kernel_value(v->kernel, v->law, v->x + i * dim, other);
        if (isnan(k))
            return sb_fail(SB_ERR_NUMERIC,
                           "the infinite-width kernel of the points %g and %g: the average of %s over the law of the "
                           "weights (init.in_scale = %g) and over the shifts does not settle",
                           v->x[i * dim], other[0], v->law->activation ? v->law->activation : "the features",
                           v->law->in_scale);
    }
    return SB_OK;
}

sb_status sb_gram_infinite(const sb_kernel *kernel, const sb_net_law *law, size_t n, const double *x, size_t m,
                           const double *x2, size_t threads, double *gram)
{
    sb_status status = SB_OK;
    values v = {.kernel = kernel, .law = law, .m = x2 ? m : n, .x = x, .x2 = x2, .gram = gram};
    for (size_t i = 0; i < n && law->activation && !x2; i++)
        if (!(fabs(x[i]) <= law->range))
            return sb_fail(SB_ERR_INPUT,
                           "the infinite-width kernel needs |x| <= %g (init.shift_range), but there is a "
                           "point at %g",
                           law->range, x[i]);
    SB_TRY(sb_parallel_for(threads, n, write_values, &v));
    if (!x2) mirror(n, gram);
done:
    return status;
}
