/* Rows of long vectors, and the largest pairs of a symmetric matrix that multiplies many of them at a time. */
#ifndef SPECBIAS_KERNEL_BLOCK_H
#define SPECBIAS_KERNEL_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include <specbias/status.h>

/* c[p][q] = X Y^T of x[p][n], y[q][n]; the same bits for any number of threads. */
sb_status sb_block_inner(size_t threads, size_t n, size_t p, const double *x, size_t q, const double *y, double *c);
/* Y = beta Y + alpha S X of s[q][p], x[p][n], y[q][n]; y may be x when q <= p and beta is 0. */
sb_status sb_block_combine(size_t threads, size_t n, size_t p, size_t q, double alpha, const double *s, const double *x,
                           double beta, double *y);

/* v[m][n] becomes S V with S V V^T S^T = 1, near enough after some rounds: *off is the largest number of V V^T - 1
 * before this one. Directions that V lacks become random vectors, of
 * which *drawn is the last. Work: gram[m][m], and square[m],
 * the eigenvalues of V V^T, ascending. */
sb_status sb_block_straighten(size_t threads, size_t n, size_t m, double *v, double *gram, double *square,
                              uint64_t *drawn, double *off);
/* That is done until a round finds no more than SB_BLOCK_OFF; SB_ERR_NUMERIC: the last of the rounds found more. */
#define SB_BLOCK_OFF 1e-8
enum { SB_BLOCK_ROUNDS = 6 };
sb_status sb_block_straight(double off);

typedef struct sb_block_matrix {
    size_t n, threads;
    sb_status (*multiply)(void *context, size_t count, const double *x, double *y); /* y[count][n] = A x[count][n] */
    void *context;
} sb_block_matrix;

/* Vectors that stand in memory while `count` pairs are sought; more than n: it cannot be done this way. */
size_t sb_block_room(size_t count);
/* The `count` largest pairs, descending, each of which leaves at most tolerance times the largest value. vectors:
 * [count][n]; SB_ERR_NUMERIC: no convergence. */
sb_status sb_block_top(const sb_block_matrix *a, size_t count, double tolerance, double *vectors, double *values);

#endif
