/* Products of a symmetric matrix with a vector, as Lanczos iterations take them. */
#ifndef SPECBIAS_KERNEL_PRODUCT_H
#define SPECBIAS_KERNEL_PRODUCT_H

#include <specbias/kernel.h>

/* Parts that are added in their order, whoever made them: the same bits for any number of threads. */
enum { SB_PRODUCT_GROUPS = 16 };

typedef struct sb_product {
    const double *matrix; /* [n][n], the lower triangle */
    size_t n, threads;
    double unit;  /* y = A x / unit: ARPACK takes anything below 1e-10 for small */
    double *part; /* [SB_PRODUCT_GROUPS][n] */
    const double *x;
} sb_product;

/* The power of two below the largest entry of the diagonal, which in a semidefinite matrix is the largest of all. */
double sb_product_unit(double largest);
/* y = A x / unit, of an sb_product */
sb_status sb_product_apply(void *product, const double *x, double *y);

#endif
