/* s(z) = (1 + tanh(z/2)) / 2. With y' = 2 pi^2 y: |s^(y)| = pi / sinh y', |q^(y)| = pi (y' coth y' - 1) / sinh y'. With
 * g = r/2, v = g D, and S, Q of tanh, in the wide limit (over both signs of `in` the terms linear in tanh cancel)
 *
 *   K = 1/4 + (1 - D coth(v) / L) / 4 + (w^2 / (32 L)) [ 4 g S + Q / g^3 ]. */
#include "theory/activation/activation.h"
#include "theory/activation/hyperbolic.h"

static double s2(double y)
{
    return pow(M_PI * csch(2 * M_PI * M_PI * fabs(y)), 2);
}

static double q2(double y)
{
    return s2(y) * pow(coth_excess(2 * M_PI * M_PI * fabs(y)), 2);
}

static double value(double z, double *ds)
{
    double t = tanh(z / 2);
    *ds = (1 - t) * (1 + t) / 4;
    return (1 + t) / 2;
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double g = r / 2, v = g * fabs(x1 - x2);
    return 0.5 - (1 + coth_excess(v)) / (4 * g * range) +
           w2 / (32 * range) * (16 * g * bump(v) + moment_bump(v) / (g * g * g));
}

const lfp_activation lfp_activation_sigmoid = {.name = "sigmoid",
                                               .s2 = s2,
                                               .q2 = q2,
                                               .jump = 1,
                                               .level = 0.5,
                                               .value = value,
                                               .strip = M_PI,
                                               .miss_rate = 1,
                                               .miss_power = 1,
                                               .far = 1,
                                               .kernel = kernel};
