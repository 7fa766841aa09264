/* ReLU, closed form, exact for |x|, |x'| <= L (L = range) when the sign of `in` is symmetric and independent: with
 * D = |x - x'|,
 *
 *   K = c4 [ L^2/6 + x x'/2 + D^3/(24 L) ] + c2 [ 1/2 - D/(4 L) ],  c4 = <in^2> + <out^2>, c2 = <in^2><out^2>.
 *
 * The average of (x + l)_+ (x' + l)_+ and of its step factors over l uniform on [-L, L] and both signs of `in`. */
#include "kernel/infinite/place.h"

#include <math.h>
#include <string.h>

extern const sb_kernel sb_kernel_quadrature;

static bool covers(const sb_net_law *law)
{
    return law->activation && strcmp(law->activation, "relu") == 0;
}

static sb_average average(const sb_net_law *law, const double *x1, const double *x2)
{
    if (!(fmax(fabs(*x1), fabs(*x2)) <= law->range)) return sb_kernel_quadrature.average(law, x1, x2);
    double range = law->range, d = fabs(*x1 - *x2);
    double both = range * range / 6 + *x1 * *x2 / 2 + d * d * d / (24 * range), on = 0.5 - d / (4 * range);
    return (sb_average){law->in2 * both, sb_place2(law) * both + law->in2 * on};
}

const sb_kernel sb_kernel_relu = {
    .name = "relu",
    .title = "ReLU, closed form",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021), with the constants of theory/README.md",
    .net = "two_layer",
    .covers = covers,
    .average = average,
};
