#include "kernel/product.h"

#include <math.h>
#include <string.h>

#include "core/by_isa.h"
#include "core/parallel.h"
#include "kernel/loops/strip.h"

/* y = A x reads the lower triangle once, for itself and its mirror image: strips of rows, in chunks whose part of x and
 * y stays in a cache. Group g has the strips g, g + GROUPS, .. and what they add to y. */
enum { ROWS = SB_PRODUCT_ROWS, GROUPS = SB_PRODUCT_GROUPS, CHUNK = 1024 };

SB_BEST_BY_ISA(sb_strip_loop, sb_strip)
SB_BEST_BY_ISA(sb_strip_float_loop, sb_strip_float)

/* The triangle of a strip's last columns, x and y from its first row on. */
#define TRIANGLE(real)                                                                                                 \
    static void triangle_##real(size_t rows, size_t lda, const real *a, const double *x, double *y)                    \
    {                                                                                                                  \
        for (size_t i = 0; i < rows; i++) {                                                                            \
            y[i] += (double)a[i * lda + i] * x[i];                                                                     \
            for (size_t j = 0; j < i; j++) {                                                                           \
                y[i] += (double)a[i * lda + j] * x[j];                                                                 \
                y[j] += (double)a[i * lda + j] * x[i];                                                                 \
            }                                                                                                          \
        }                                                                                                              \
    }
TRIANGLE(double)
TRIANGLE(float)

static sb_status multiply_group(void *context, size_t group)
{
    const sb_product *p = context;
    size_t n = p->n, lda = n;
    const double *x = p->x;
    double *y = p->part + group * n;
    memset(y, 0, n * sizeof *y);
    for (size_t i = group * ROWS; i < n; i += GROUPS * ROWS) {
        size_t rows = n - i < ROWS ? n - i : ROWS;
        const double *strip = p->matrix ? p->matrix + i * n : NULL;
        const float *packed = strip ? NULL : sb_packed_row(p->packed, i, &lda);
        for (size_t j = 0; j < i; j += CHUNK) {
            size_t columns = i - j < CHUNK ? i - j : CHUNK;
            if (strip)
                sb_strip_best()(rows, columns, strip + j, n, x + j, y + i, x + i, y + j);
            else
                sb_strip_float_best()(rows, columns, packed + j, lda, x + j, y + i, x + i, y + j);
        }
        if (strip)
            triangle_double(rows, n, strip + i, x + i, y + i);
        else
            triangle_float(rows, lda, packed + i, x + i, y + i);
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
    double *scaled = p->part + GROUPS * p->n;
    for (size_t i = 0; i < p->n; i++) scaled[i] = p->root ? p->root[i] * x[i] : x[i];
    p->x = scaled;
    sb_status status = sb_parallel_for(p->threads, GROUPS, multiply_group, p);
    memset(y, 0, p->n * sizeof *y);
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < p->n; i++) y[i] += p->part[g * p->n + i];
    for (size_t i = 0; i < p->n; i++) y[i] *= (p->root ? p->root[i] : 1) / p->unit;
    return status;
}
