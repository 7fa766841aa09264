/* ReLU, closed form, exact for |x|, |x'| <= L (L = range) when the sign of `in` is symmetric and independent: with
 * D = |x - x'|,
 *
 *   K = c4 [ L^2/6 + x x'/2 + D^3/(24 L) ] + c2 [ 1/2 - D/(4 L) ],  c4 = <in^2> + <out^2>, c2 = <in^2><out^2>.
 *
 * The average of (x + l)_+ (x' + l)_+ and of its step factors over l uniform on [-L, L] and both signs of `in`. */
#include <specbias/kernel.h>

#include <math.h>
#include <string.h>

extern const sb_kernel sb_kernel_quadrature;

static bool covers(const sb_wide_layer *shifted)
{
    return shifted->activation && strcmp(shifted->activation, "relu") == 0;
}

static sb_average average(const sb_wide_layer *shifted, double out2, double x1, double x2)
{
    double range = shifted->range, d = fabs(x1 - x2);
    if (!(fmax(fabs(x1), fabs(x2)) <= range)) return sb_kernel_quadrature.average(shifted, out2, x1, x2);
    double in2 = shifted->in_scale * shifted->in_scale * shifted->in->second_moment;
    double both = range * range / 6 + x1 * x2 / 2 + d * d * d / (24 * range), on = 0.5 - d / (4 * range);
    return (sb_average){in2 * both, shifted->weight_trained * both + in2 * on};
}

const sb_kernel sb_kernel_relu = {
    .name = "relu",
    .title = "ReLU, closed form",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021), with the constants of theory/README.md",
    .covers = covers,
    .average = average,
};
