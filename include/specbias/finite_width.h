/* What finite width does to ln T_q of a linearised network whose kernel is a mean over independent units: its shift and
 * its variance to first order in 1 / units, by quadrature over the law of one unit instead of by draws of networks.
 *
 * A unit theta has the kernel k(theta) = sum over its rows J of J J^T, a network of m of them K = their mean, so that K
 * = E[k] + D with cov D = cov k / m. In the modes of E[k] (linear.h), with d = V^T F^T (k - E[k]) F V, the residual's
 * shares u_b at the start, what an item sees of mode a in its functions, w_a (a vector of real numbers: of a frequency
 * two), f(lambda) = (1 - eta lambda)^N what N steps leave, and divided differences f[..] of it,
 *
 *   a0 = sum w_a f(lambda_a) u_a,   a1(theta) = sum_ab w_a f[a, b] d_ab u_b,   a2 = sum_abc w_a f[a, b, c] u_c E[d_ab
 * d_bc] F = ln |a0|,   phi = a0 . a1 / |a0|^2,   F' = dF / d ln t, .. ln |a| = F + phi + a0 . a2 / |a0|^2 + |a1|^2 / (2
 * |a0|^2) - phi^2
 *
 * of the kernel E[k] + d, whence ln T, where F + .. = ln q, has
 *
 *   variance / m = E[phi^2] / F'^2 / m
 *   shift / m = -(a0 . a2 / |a0|^2 + E|a1|^2 / (2 |a0|^2) - E[phi^2] - E[phi phi'] / F' + F'' E[phi^2] / (2 F'^2)) / F'
 * / m
 *
 * all at the T of E[k]. The next order is about 2 to 6 times |shift| / m of the variance: up to |shift| / m =
 * SB_WIDTH_FIRST both are right to 6 %. */
#ifndef SPECBIAS_FINITE_WIDTH_H
#define SPECBIAS_FINITE_WIDTH_H

#include <specbias/linear.h>

#define SB_WIDTH_FIRST 0.02 /* of shift / m: beyond it the next order counts */

/* Nodes of the law of one unit: E[k] = sum over nodes of weight J^T J, that of the modes to quadrature error. */
typedef struct sb_unit_nodes {
    size_t count, rows, n; /* nodes, rows of each (a parameter of the unit has one), data points */
    double *weight;        /* [count] their sum is 1 */
    double *gradient;      /* [count][rows][n] J */
} sb_unit_nodes;

void sb_unit_nodes_clear(sb_unit_nodes *nodes);

/* Of one item and level; nan: its time is not known (sb_kernel_times), or a filter looks. */
typedef struct sb_width_effect {
    double time;            /* T of E[k], any number of steps */
    double shift, variance; /* of ln T, times m */
} sb_width_effect;

/* effect[items][levels] of a network that starts at u0[n]: gradient descent with eta lambda < 1, one output, a loss of
 * weights none of which is 0 (else SB_ERR_UNSUPPORTED). Memory and work n^3. */
sb_status sb_finite_width(const sb_kernel_modes *modes, const sb_rule *rule, const sb_unit_nodes *nodes,
                          const double *u0, size_t levels, const double *level, sb_width_effect *effect);

#endif
