/* The two-layer network written as its formula, one neuron and one point at a time: what the fast code is held
 * against. */
#ifndef SPECBIAS_TEST_NAIVE_H
#define SPECBIAS_TEST_NAIVE_H

#include <specbias/net.h>
#include <specbias/problem.h>

/* h(x) = scale sum out s(in (x + shift)) */
double naive_output(const sb_net *net, double x);
/* jacobian[3][width] = d h(x) / d (out, in, shift) */
void naive_jacobian(const sb_net *net, double x, double *jacobian);
/* gradient[3][width] of sum_i g_i h(x_i) */
void naive_gradient(const sb_net *net, size_t n, const double *x, const double *g, double *gradient);
/* u = h - y and the loss; then one step of gradient descent. */
double naive_step(sb_net *net, const sb_problem *problem, double *u);

#endif
