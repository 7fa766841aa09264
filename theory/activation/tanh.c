/* With y' = pi^2 y: |s^(y)| = pi / sinh y', |q^(y)| = pi (y' coth y' - 1) / sinh y'. With v = r D, in the wide limit
 *
 *   K = 1 - D coth(v) / L + (w^2 / (2 L)) [ r S + Q / r^3 ], S = 4 (v coth v - 1) / sinh^2 v, Q as in hyperbolic.h.
 *
 * What it leaves out is of order exp(-2 r (L - |x|)). */
#include "theory/activation/activation.h"
#include "theory/activation/hyperbolic.h"

static double s2(double y)
{
    return pow(M_PI * csch(M_PI * M_PI * fabs(y)), 2);
}

static double q2(double y)
{
    return s2(y) * pow(coth_excess(M_PI * M_PI * fabs(y)), 2);
}

static double value(double z, double *ds)
{
    double s = tanh(z);
    *ds = 1 - s * s;
    return s;
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double v = r * fabs(x1 - x2);
    return 1 - (1 + coth_excess(v)) / (r * range) + w2 / (2 * range) * (4 * r * bump(v) + moment_bump(v) / (r * r * r));
}

const lfp_activation lfp_activation_tanh = {.name = "tanh",
                                            .s2 = s2,
                                            .q2 = q2,
                                            .jump = 2,
                                            .level = 1,
                                            .value = value,
                                            .strip = M_PI / 2,
                                            .miss_rate = 2,
                                            .miss_power = 1,
                                            .far = 1,
                                            .kernel = kernel};
