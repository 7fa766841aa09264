/* The linear F-Principle of h = scale sum out ReLU(w . x + b) with inputs of any dimension d, w of all directions alike
 * and b uniform on [-B, B].
 *
 * T. Luo, Z. Ma, Z.-Q. J. Xu, Y. Zhang: On the exact computation of linear frequency principle dynamics and its
 * generalization (2020). With C = Gamma(d/2) pi^(-d/2) / (2 B) and rho = |w| the output at frequency xi obeys
 *
 *   dh^/dt = -C [ <rho^3> / (16 pi^4 |xi|^(d+3)) + <out^2 rho> / (4 pi^2 |xi|^(d+1)) ] u^_c
 *            + (1 / 4 pi^2) div( C <out^2 rho> / (4 pi^2 |xi|^(d+1)) grad u^_c ),   u^_c = sum_i c_i u_i exp(-2 pi i xi
 * . x_i),
 *
 * beside the polynomials that no frequency carries. Its transform back, by <|w . e|^p> = M_p <rho^p> of a unit vector
 * e, is
 *
 *   K = gain { B^2/6 + <(w.e)^2> x.x'/2 + <|w.e|^3> D^3/(24 B) + <out^2> (1 + x.x') [ 1/2 - <|w.e|> D/(4 B) ] }, D = |x
 * - x'|,
 *
 * exact where |w . x| <= B, so that on the data all frequencies are taken and no grid of them is needed; 1 and x.x'
 * count as much as biases and weights are trained. */
#include <specbias/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/modes.h"

static double dot(size_t dim, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++) sum += a[i] * b[i];
    return sum;
}

static double distance(size_t dim, const double *a, const double *b)
{
    double square = 0;
    for (size_t i = 0; i < dim; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

static double kernel(const sb_theory_params *p, size_t dim, const double *x1, const double *x2)
{
    double B = p->range, inner = dot(dim, x1, x2), D = distance(dim, x1, x2);
    double outputs = B * B / 6 + p->along2 * inner / 2 + p->along3 * D * D * D / (24 * B); /* <s s'> */
    double steps = 0.5 - p->along1 * D / (4 * B);                                          /* <H H'> */
    return p->gain * (outputs + p->out2 * (p->shifts2 + p->turns2 * inner) * steps);
}

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    double extent = 0;
    if (!params->net || strcmp(params->net, "dense") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'lfp.dense' is one of dense(M), relu, dense(1, nobias): %s",
                       params->unlike ? params->unlike : "the network is another");
    for (size_t i = 0; i < problem->n; i++) {
        const double *x = problem->x + i * problem->dim;
        extent = fmax(extent, sqrt(dot(problem->dim, x, x)));
    }
    if (extent <= params->reach) return SB_OK;
    return sb_fail(SB_ERR_INPUT,
                   "the theory 'lfp.dense' holds where |w . x| <= %.4g, the range of the biases; of an input of length "
                   "%.4g that takes %.4g (init.biases)",
                   params->range, extent, params->range * extent / params->reach);
}

static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    size_t n = problem->n, dim = problem->dim;
    sb_status status = check(params, problem);
    for (size_t i = 0; status == SB_OK && i < n; i++)
        for (size_t k = 0; k <= i; k++)
            matrix[i * n + k] = matrix[k * n + i] = kernel(params, dim, problem->x + i * dim, problem->x + k * dim);
    return status;
}

static sb_status solve(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                       const sb_monitor *monitor, double *u)
{
    (void)monitor;
    double *matrix = malloc(problem->n * problem->n * sizeof *matrix);
    if (!matrix) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", problem->n);
    sb_status status = gram(params, problem, matrix);
    if (status == SB_OK) status = theory_modes(problem, form, matrix, u0, u);
    free(matrix);
    return status;
}

const sb_theory sb_theory_lfp_dense = {
    .name = "lfp.dense",
    .title = "linear F-Principle of dense ReLU networks, inputs of any dimension",
    .citation = "Luo, Ma, Xu, Zhang: On the exact computation of linear frequency principle dynamics and its "
                "generalization (2020)",
    .rung = 40,
    .inputs = true,
    .check = check,
    .solve = solve,
    .gram = gram,
};
