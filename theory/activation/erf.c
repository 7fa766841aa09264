/* |s^(y)| = exp(-pi^2 y^2) / (pi y), |q^(y)| = 2 pi y exp(-pi^2 y^2). With v = r D, in the wide limit
 *
 *   K = 1 - [ 2 v erf(v / sqrt 2) + 2 sqrt(2/pi) e^(-v^2/2) ] / (2 L r)
 *         + (w^2 / (2 L)) sqrt(8/pi) e^(-v^2/2) [ r + (1 - v^2) / (4 r^3) ]. */
#include <math.h>

#include "theory/activation/activation.h"

static double s2(double y)
{
    double angle = M_PI * y;
    return exp(-2 * angle * angle) / (angle * angle);
}

static double q2(double y)
{
    double angle = M_PI * y;
    return 4 * angle * angle * exp(-2 * angle * angle);
}

static double value(double z, double *ds)
{
    *ds = M_2_SQRTPI * exp(-z * z);
    return erf(z);
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double v = r * fabs(x1 - x2), bell = exp(-v * v / 2);
    return 1 - (2 * v * erf(v * M_SQRT1_2) + 2 * sqrt(2 / M_PI) * bell) / (2 * range * r) +
           w2 / (2 * range) * sqrt(8 / M_PI) * bell * (r + (1 - v * v) / (4 * r * r * r));
}

const lfp_activation lfp_activation_erf = {.name = "erf",
                                           .s2 = s2,
                                           .q2 = q2,
                                           .jump = 2,
                                           .level = 1,
                                           .value = value,
                                           .strip = 2, /* entire; exp(-z^2) grows to e^4 there */
                                           .miss_rate = 1,
                                           .miss_power = 2,
                                           .far = M_SQRT2,
                                           .kernel = kernel};
