/* The yardstick of products: rows of C = A B as the library multiplies, threads of its own with one BLAS thread each.
 */
#ifndef SPECBIAS_BENCH_PRODUCT_H
#define SPECBIAS_BENCH_PRODUCT_H

#include "core/linalg.h"

#include "table.h"

#define MATRIX 1000 /* rows */
#define PRODUCT_FLOPS (2.0 * MATRIX * MATRIX * MATRIX)

static struct {
    double *a, *b, *c; /* [MATRIX][MATRIX], set by the program */
} matrix;

static inline void open_matrix(void)
{
    matrix.a = new_doubles(3 * MATRIX * MATRIX);
    matrix.b = matrix.a + MATRIX * MATRIX;
    matrix.c = matrix.b + MATRIX * MATRIX;
    for (size_t i = 0; i < MATRIX * MATRIX; i++) matrix.a[i] = matrix.b[i] = (double)(i % 97) / 97;
}

static sb_status product_slice(void *context, size_t index)
{
    size_t threads = *(const size_t *)context;
    size_t first = MATRIX * index / threads, rows = MATRIX * (index + 1) / threads - first;
    sb_gemm_nt(rows, MATRIX, MATRIX, matrix.a + first * MATRIX, MATRIX, matrix.b, MATRIX, 0, matrix.c + first * MATRIX,
               MATRIX);
    return SB_OK;
}

static sb_status product(size_t threads)
{
    return sb_parallel_for(threads, threads, product_slice, &threads);
}

static sb_status product_rate(size_t threads, double *rate)
{
    double seconds;
    sb_status status = repeat(product, threads, &seconds);
    if (status == SB_OK) *rate = PRODUCT_FLOPS / seconds;
    return status;
}

#endif
