#include <math.h>
#include <string.h>

#include "theory/activation/activation.h"

#define SB_METHOD lfp_activation
#define SB_LIST "theory/activation/list.def"
#define ACTIVATION SB_LINE
#include "core/registry.inc"

double lfp_reach(const lfp_activation *activation, double error)
{
    return activation->miss_from + pow(-log(error), 1 / activation->miss_power) / activation->miss_rate;
}

double lfp_spectrum(const lfp_activation *activation, double r, double w2, double range, double xi)
{
    double y = xi / r, omega2 = 4 * M_PI * M_PI * xi * xi, r2 = r * r;
    return (activation->s2(y) * (1 + w2 * omega2) / r2 + w2 * activation->q2(y) / (r2 * r2)) / (2 * range);
}
