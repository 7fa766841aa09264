#include "kernel/loops/strip.h"

#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

enum { LANES = 8, ROWS = 4 };
typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

/* Numbers at any place; a macro, as functions do not hand on vectors that are wider than the machine's. */
typedef double anywhere __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

static inline double total(const vec *v)
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (*v)[i];
    return sum;
}

/* Four rows at a time, so that z is written a quarter as often. */
static void four_rows(size_t columns, const double *a, size_t lda, const double *x, double *y, const double *w,
                      double *z)
{
    const double *a0 = a, *a1 = a + lda, *a2 = a + 2 * lda, *a3 = a + 3 * lda;
    vec s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
        vec v0 = *(const anywhere *)(a0 + c), v1 = *(const anywhere *)(a1 + c), v2 = *(const anywhere *)(a2 + c),
            v3 = *(const anywhere *)(a3 + c), vx = *(const anywhere *)(x + c);
        s0 += v0 * vx;
        s1 += v1 * vx;
        s2 += v2 * vx;
        s3 += v3 * vx;
        *(anywhere *)(z + c) += (v0 * w[0] + v1 * w[1]) + (v2 * w[2] + v3 * w[3]);
    }
    y[0] += total(&s0);
    y[1] += total(&s1);
    y[2] += total(&s2);
    y[3] += total(&s3);
    for (; c < columns; c++) {
        y[0] += a0[c] * x[c];
        y[1] += a1[c] * x[c];
        y[2] += a2[c] * x[c];
        y[3] += a3[c] * x[c];
        z[c] += (a0[c] * w[0] + a1[c] * w[1]) + (a2[c] * w[2] + a3[c] * w[3]);
    }
}

sb_strip_loop JOIN(sb_strip, SB_ISA);

void JOIN(sb_strip, SB_ISA)(size_t rows, size_t columns, const double *a, size_t lda, const double *x, double *y,
                            const double *w, double *z)
{
    size_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) four_rows(columns, a + r * lda, lda, x, y + r, w + r, z);
    for (; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            y[r] += a[r * lda + c] * x[c];
            z[c] += a[r * lda + c] * w[r];
        }
}
