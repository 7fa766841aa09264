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

/* -sum_n>0 (-x^2/2)^n odd!! / (n! (2n + odd)!!), for |x| <= 1, where the differences below cancel: of sinc with
 * odd = 1, of sphere with 3 */
static double lack_series(double x, int odd)
{
    double term = 1, sum = 0;
    for (int n = 1; n < 10; n++) sum -= term *= -x * x / (2 * n * (2 * n + odd));
    return sum;
}

double sb_sphere(double x)
{
    return fabs(x) > 1 ? 3 * (sin(x) - x * cos(x)) / (x * x * x) : 1 - lack_series(x, 3);
}

double sb_lack_of_cosine(double x)
{
    double s = sin(x / 2);
    return 2 * s * s;
}

double sb_lack_of_sinc(double x)
{
    return fabs(x) > 1 ? 1 - sb_sinc(x) : lack_series(x, 1);
}

double sb_lack_of_sphere(double x)
{
    return fabs(x) > 1 ? 1 - sb_sphere(x) : lack_series(x, 3);
}

double sb_lack_of_both(double one, double other)
{
    return one + (1 - one) * other;
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

double sb_density_last_number(const sb_density_part *part)
{
    return part->number[part->kind->numbers - 1];
}

size_t sb_density_number_breaks(const sb_density_part *part, double *at)
{
    size_t count = 0;
    for (size_t i = 0; i < part->kind->numbers; i++) {
        if (part->number[i] == 0) continue; /* band(0, b) is uniform(b) */
        if (at) at[count] = part->number[i];
        count++;
    }
    return count;
}
