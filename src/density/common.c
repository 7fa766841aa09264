#include "density/density.h"

#include <math.h>

sb_status sb_density_check_positive(const sb_density_part *part)
{
    for (size_t i = 0; i < part->kind->numbers; i++)
        if (!(part->number[i] > 0 && part->number[i] <= SB_DENSITY_LARGEST))
            return sb_fail(SB_ERR_INPUT, "%g in place of %zu of %s: must be positive, at most %g", part->number[i],
                           i + 1, part->kind->usage, SB_DENSITY_LARGEST);
    return SB_OK;
}

double sb_sinc(double x)
{
    return x == 0 ? 1 : sin(x) / x;
}

double sb_sphere(double x)
{
    if (fabs(x) > 1) return 3 * (sin(x) - x * cos(x)) / (x * x * x);
    /* sum_n (-x^2/2)^n 3 / (n! (2n+3)!!), as the difference above cancels */
    double term = 1, sum = 1;
    for (int n = 1; n < 10; n++) sum += term *= -x * x / (2 * n * (2 * n + 3));
    return sum;
}

double sb_normal(double sd, double w)
{
    double x = w / sd;
    return exp(-0.5 * x * x) / (sqrt(2 * M_PI) * sd);
}

double sb_density_fold(double h, double w)
{
    return remainder(w, 2 * M_PI / h);
}

double sb_density_copies(const sb_density_part *part, double reach, double h, double w)
{
    double period = 2 * M_PI / h, folded = sb_density_fold(h, w), copies = ceil(reach / period + 0.5);
    if (copies > 1e6) return h / (2 * M_PI); /* so many copies add up to a constant, to 1e-6 */
    double sum = part->kind->value(part, folded);
    for (double k = 1; k <= copies; k++)
        sum += part->kind->value(part, folded + k * period) + part->kind->value(part, folded - k * period);
    return sum;
}

double sb_density_poisson(const sb_density_part *part, double h, double w)
{
    double sum = 1, phi = 1;
    for (double j = 1; fabs(phi) > 1e-18; j++) {
        phi = part->kind->characteristic(part, j * h);
        sum += 2 * phi * cos(j * h * w);
    }
    return h / (2 * M_PI) * sum;
}

/* Of the two sums that with a few terms: copies within 39 sd, beyond which exp is 0, or, where the copies overlap so
 * much that they hardly vary, (h/2 pi) [1 + 2 sum_j exp(-(j h sd)^2 / 2) cos(j h w)]. */
double sb_normal_aliased(double sd, double h, double w)
{
    double period = 2 * M_PI / h, folded = sb_density_fold(h, w), sum = 0;
    if (h * sd > 3) {
        for (double j = 3; j >= 1; j--) sum += 2 * exp(-0.5 * pow(j * h * sd, 2)) * cos(j * h * folded);
        return h / (2 * M_PI) * (1 + sum);
    }
    double copies = ceil(39 * sd / period + 0.5);
    for (double k = copies; k >= 1; k--) sum += sb_normal(sd, folded + k * period) + sb_normal(sd, folded - k * period);
    return sum + sb_normal(sd, folded);
}

double sb_density_scale_aliased(const sb_density_part *part, double h, double w)
{
    return sb_density_copies(part, part->number[0], h, w);
}

double sb_density_scale_edge(const sb_density_part *part)
{
    return part->number[0];
}

size_t sb_density_scale_breaks(const sb_density_part *part, double *at)
{
    if (at) at[0] = part->number[0];
    return 1;
}

double sb_density_no_edge(const sb_density_part *part)
{
    (void)part;
    return INFINITY;
}

size_t sb_density_no_breaks(const sb_density_part *part, double *at)
{
    (void)part;
    (void)at;
    return 0;
}
