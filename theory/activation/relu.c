/* max(z, 0): |s^(y)| = |q^(y)| = 1/(4 pi^2 y^2), so that only moments matter, and nothing is asked of L but |x| <= L:
 *
 *   K^(xi) = 1/(2 L) [ c4 / (16 pi^4 xi^4) + c2 / (4 pi^2 xi^2) ],
 *   K      = c4 [ L^2/6 + x x'/2 + D^3/(24 L) ] + c2 [ 1/2 - D/(4 L) ]. */
#include <math.h>

#include "theory/activation/activation.h"

static double rate(const sb_theory_params *params, double xi)
{
    double w2 = 4 * M_PI * M_PI * xi * xi;
    return (params->c4 / (w2 * w2) + params->c2 / w2) / (2 * params->range);
}

/* a0, a1, a2 from sum_j (1/P) cos(2 pi xi_j D) / (2 pi xi_j)^2 = P/4 - D/2 and the like for ^4 (D <= P). */
static void rest(const sb_theory_params *params, double period, lfp_rest *rest)
{
    double range = params->range, c4 = params->c4, c2 = params->c2;
    rest->a0 = c4 * (range * range / 6 - period * period * period / (96 * range)) + c2 * (0.5 - period / (8 * range));
    rest->a1 = c4 * (0.5 - period / (8 * range));
    rest->a2 = c4 * period / (16 * range);
    rest->all = (params->c4 * period * period * period / 48 + params->c2 * period / 4) / (2 * params->range);
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double d = fabs(x1 - x2), c4 = r * r + w2, c2 = r * r * w2;
    return c4 * (range * range / 6 + x1 * x2 / 2 + d * d * d / (24 * range)) + c2 * (0.5 - d / (4 * range));
}

const lfp_activation lfp_activation_relu = {.name = "relu", .rate = rate, .rest = rest, .kernel = kernel};
