/* s(z) = exp(-z^2/2): |s^(y)| = sqrt(2 pi) e^(-2 pi^2 y^2), |q^(y)| = |1 - 4 pi^2 y^2| |s^(y)|. With v = r D, in the
 * wide limit
 *
 *   K = (sqrt(pi) e^(-v^2/4) / (2 L)) [ 1/r + w^2 r (1/2 - v^2/4) + (w^2/r^3) (3/4 - v^2/4 + v^4/16) ]. */
#include <math.h>

#include "theory/activation/activation.h"

static double s2(double y)
{
    return 2 * M_PI * exp(-4 * M_PI * M_PI * y * y);
}

static double q2(double y)
{
    return s2(y) * pow(1 - 4 * M_PI * M_PI * y * y, 2);
}

static double value(double z, double *ds)
{
    double s = exp(-z * z / 2);
    *ds = -z * s;
    return s;
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double v = r * fabs(x1 - x2), v2 = v * v / 4;
    return sqrt(M_PI) * exp(-v2) / (2 * range) *
           (1 / r + w2 * r * (0.5 - v2) + w2 / (r * r * r) * (0.75 - v2 + v2 * v2));
}

const lfp_activation lfp_activation_gaussian = {.name = "gaussian",
                                                .s2 = s2,
                                                .q2 = q2,
                                                .value = value,
                                                .strip = 2.5, /* entire; it grows to e^3 there */
                                                .miss_rate = 1,
                                                .miss_power = 2,
                                                .miss_from = 0.7, /* z^2 s'(z)^2 has z^4 before the exponential */
                                                .far = 2,
                                                .kernel = kernel};
