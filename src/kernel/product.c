#include "kernel/product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "kernel/loops/strip.h"

/* y = A x reads the lower triangle once, for itself and its mirror image: strips of rows, in chunks whose part of x and
 * y stays in a cache. Group g has the strips g, g + GROUPS, .. and what they add to y. */
enum { ROWS = 64, GROUPS = SB_PRODUCT_GROUPS, CHUNK = 1024 };

SB_BEST_BY_ISA(sb_strip_loop, sb_strip)

/* The triangle of a strip's last columns, x and y from its first row on. */
static void triangle(size_t rows, size_t lda, const double *a, const double *x, double *y)
{
    for (size_t i = 0; i < rows; i++) {
        y[i] += a[i * lda + i] * x[i];
        for (size_t j = 0; j < i; j++) {
            y[i] += a[i * lda + j] * x[j];
            y[j] += a[i * lda + j] * x[i];
        }
    }
}

static sb_status multiply_group(void *context, size_t group)
{
    const sb_product *p = context;
    size_t n = p->n;
    const double *x = p->x;
    double *y = p->part + group * n;
    memset(y, 0, n * sizeof *y);
    for (size_t i = group * ROWS; i < n; i += GROUPS * ROWS) {
        size_t rows = n - i < ROWS ? n - i : ROWS;
        const double *strip = p->matrix + i * n;
        for (size_t j = 0; j < i; j += CHUNK) {
            size_t columns = i - j < CHUNK ? i - j : CHUNK;
            sb_strip_best()(rows, columns, strip + j, n, x + j, y + i, x + i, y + j);
        }
        triangle(rows, n, strip + i, x + i, y + i);
    }
    return SB_OK;
}

double sb_product_unit(double largest)
{
    return largest > 0 ? ldexp(1, ilogb(largest)) : 1;
}

sb_status sb_product_apply(void *product, const double *x, double *y)
{
    sb_product *p = product;
    p->x = x;
    sb_status status = sb_parallel_for(p->threads, GROUPS, multiply_group, p);
    memset(y, 0, p->n * sizeof *y);
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < p->n; i++) y[i] += p->part[g * p->n + i];
    for (size_t i = 0; i < p->n; i++) y[i] /= p->unit;
    return status;
}

/* ---- products of the packed kernel ---- */

/* Y += X P and its mirror image, of a panel P: its rows first, then the columns in front of its diagonal block, so that
 * no two tasks of one pass share numbers of Y. */
typedef struct packed_product {
    const sb_packed *packed;
    size_t count, first, rows, columns; /* vectors; the panel */
    const float *panel;
    const double *x; /* [count][n] */
    double *y;
} packed_product;

enum { TILE_ROWS = 128, TILE_COLUMNS = 512 }; /* of a panel, as doubles, which stay in a cache */

/* A tile for its rows of Y, or else for its columns. Bound: DGEMM; numbers become doubles
 * once for 2 count flops. */
static void add_tile(const packed_product *p, bool for_rows, size_t r, size_t rows, size_t c, size_t columns,
                     double *tile)
{
    size_t n = p->packed->n, i = p->first + r;
    for (size_t k = 0; k < rows; k++)
        for (size_t j = 0; j < columns; j++) tile[k * columns + j] = (double)p->panel[(r + k) * p->columns + c + j];
    if (for_rows)
        sb_gemm_double(false, true, p->count, rows, columns, 1, p->x + c, n, tile, columns, 1, p->y + i, n);
    else
        sb_gemm_double(false, false, p->count, columns, rows, 1, p->x + i, n, tile, columns, 1, p->y + c, n);
}

static sb_status add_tiles(const packed_product *p, bool for_rows, size_t first, size_t rows, size_t start, size_t end)
{
    double *tile = malloc(TILE_ROWS * TILE_COLUMNS * sizeof *tile);
    if (!tile) return sb_fail(SB_ERR_NOMEM, "no memory for products of %zu vectors", p->count);
    for (size_t r = first; r < first + rows; r += TILE_ROWS)
        for (size_t c = start; c < end; c += TILE_COLUMNS)
            add_tile(p, for_rows, r, first + rows - r < TILE_ROWS ? first + rows - r : TILE_ROWS, c,
                     end - c < TILE_COLUMNS ? end - c : TILE_COLUMNS, tile);
    free(tile);
    return SB_OK;
}

static sb_status add_rows(void *context, size_t index)
{
    const packed_product *p = context;
    size_t r = index * TILE_ROWS, left = p->rows - r;
    return add_tiles(p, true, r, left < TILE_ROWS ? left : TILE_ROWS, 0, p->columns);
}

static sb_status add_columns(void *context, size_t index)
{
    const packed_product *p = context;
    size_t c = index * TILE_COLUMNS, end = c + TILE_COLUMNS;
    return add_tiles(p, false, 0, p->rows, c, end < p->first ? end : p->first);
}

static sb_status add_panel(packed_product *p, size_t threads)
{
    sb_status status = sb_parallel_for(threads, (p->rows + TILE_ROWS - 1) / TILE_ROWS, add_rows, p);
    size_t tasks = (p->first + TILE_COLUMNS - 1) / TILE_COLUMNS;
    return status == SB_OK ? sb_parallel_for(threads, tasks, add_columns, p) : status;
}

sb_status sb_packed_multiply(const sb_packed *packed, const double *root, size_t threads, size_t count, const double *x,
                             double *y)
{
    size_t n = packed->n;
    sb_status status = SB_OK;
    double *scaled = malloc(count * n * sizeof *scaled);
    packed_product p = {.packed = packed, .count = count, .x = scaled, .y = y};
    if (!scaled) return sb_fail(SB_ERR_NOMEM, "no memory for products of %zu vectors", count);
    for (size_t i = 0; i < count * n; i++) scaled[i] = root[i % n] * x[i];
    memset(y, 0, count * n * sizeof *y);
    sb_blas_begin();
    for (p.first = 0; p.first < n && status == SB_OK; p.first += p.rows) {
        p.rows = n - p.first < packed->block ? n - p.first : packed->block;
        p.panel = sb_packed_row(packed, p.first, &p.columns);
        status = add_panel(&p, threads);
    }
    sb_blas_end();
    for (size_t i = 0; i < count * n; i++) y[i] *= root[i % n];
    free(scaled);
    return status;
}
