/* The problem: where the data are, what is to be learned, which frequencies are watched, at what times.
 *
 * Conventions of the whole toolkit:
 *   f^(xi) = int f(x) exp(-2 pi i xi x) dx, xi in cycles per unit length;
 *   loss L = (1/2) sum_i c_i u_i^2, u = h - y; the c_i are "the loss factors", 1/n unless a config says otherwise;
 *   amplitude e^(xi) = sum_i q_i u_i exp(-2 pi i xi x_i), q_i the quadrature weights of dx;
 *   time t is gradient-flow time, the sum of the learning rates; `step` counts gradient steps. */
#ifndef SPECBIAS_PROBLEM_H
#define SPECBIAS_PROBLEM_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include <specbias/status.h>

/* The observed frequencies. */
typedef struct sb_grid {
    size_t n, dim;
    double *xi;    /* [n][dim] cycles per unit length */
    double *label; /* [n] the same in the unit the user wrote; in several dimensions its norm */
    char unit[16]; /* "cycles", "angular" or "index" */
} sb_grid;

typedef struct sb_problem {
    size_t n, dim;     /* data points, their dimension */
    double *x;         /* [n][dim], ascending in one dimension */
    double *y;         /* [n] targets */
    double *q;         /* [n] quadrature weights of dx, sum = (b - a)^dim */
    double *c;         /* [n] loss factors */
    double a, b;       /* domain, [a, b] on each axis */
    bool uniform;      /* x_i = x_0 + i * spacing; in several dimensions the tensor product of such grids */
    double spacing;    /* of a uniform grid, else 0 */
    double min_gap;    /* smallest distance of two distinct points (in several dimensions of a grid's neighbours) */
    size_t coincident; /* points that lie on their left neighbour: the kernel is singular */
    sb_grid grid;      /* observed frequencies */
    double most;       /* the largest |f^| that terms of the target's sizes could make; 0: not known, sum q |y| then */
    double complex *target; /* [grid.n] f^(xi) of the target on the data */
    double *floor; /* [grid.n] relative error below which rounding rules: 2^-52 sqrt(n) max|y| volume/n / |f^| */
    size_t nt;     /* recorded times */
    double *step;  /* [nt] gradient steps, whole numbers, step[0] = 0 */
    double *t;     /* [nt] eta * step */
    double eta;    /* learning rate */
} sb_problem;

/* Sets n, the dimension, the domain and c = 1/n, and makes room for x, y and q. `problem` must be zeroed or cleared. */
sb_status sb_problem_init(sb_problem *problem, size_t n, size_t dim, double a, double b);
/* Copies the observed frequencies xi[n][dim]; f^ and the floor follow from sb_problem_observe (spectrum.h). */
sb_status sb_problem_set_grid(sb_problem *problem, size_t n, const double *xi, const double *label, const char *unit);
/* 0, then at most `records` log-spaced whole numbers 1, .., last, to step[records + 1]; returns how many. */
size_t sb_log_steps(size_t last, size_t records, double *step);
/* Step 0, then at most `records` log-spaced whole steps 1, .., steps; t = eta * step. steps and records >= 1. */
sb_status sb_problem_set_times(sb_problem *problem, double eta, size_t steps, size_t records);
void sb_problem_clear(sb_problem *problem);
/* |Omega| per axis: n points of a grid with spacing h stand for n h, whether or not they include the ends. */
double sb_problem_side(const sb_problem *problem);
/* Frequency k in cycles per unit length; in several dimensions its norm. */
double sb_grid_size(const sb_grid *grid, size_t k);

#endif
