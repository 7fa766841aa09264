/* sin z, closed form for any law whose waves <cos(r t)> are known. With D = x - x', u = x + x' + 2 l,
 *
 *   2 s s' = cos r D - cos r u,  2 s'(z) s'(z') = cos r D + cos r u,  (x + l)(x' + l) = (u^2 - D^2)/4,
 *
 * so that, phi(t) = <cos r t>, chi(t) = <r^2 cos r t> and [f] the mean of f(u) over the shifts,
 *
 *   2 K = phi(D) - [phi] + <out^2> { phi(D) (x x' + L^2/3) + ([u^2 phi] - D^2 [phi])/4 + chi(D) + [chi] }. */
#include <specbias/kernel.h>

#include <math.h>
#include <string.h>

extern const sb_kernel sb_kernel_quadrature;

static bool covers(const sb_wide_layer *shifted)
{
    return shifted->activation && strcmp(shifted->activation, "sine") == 0 && shifted->evaluate && shifted->in &&
           shifted->in->wave;
}

static sb_wave wave_of(const sb_wide_layer *shifted, double t)
{
    sb_wave wave;
    double scale = shifted->in_scale;
    shifted->in->wave(scale * t, &wave);
    return (sb_wave){.mean = wave.mean,
                     .first = scale * wave.first,
                     .second = scale * scale * wave.second,
                     .area = wave.area / scale,
                     .moment = wave.moment / pow(scale, 3)};
}

static sb_average average(const sb_wide_layer *shifted, double out2, double x1, double x2)
{
    double range = shifted->range, d = x1 - x2, sum = x1 + x2, product = x1 * x2 + range * range / 3;
    if (shifted->in_scale * range < 0.5) /* phi(D) - [phi] cancels */
        return sb_kernel_quadrature.average(shifted, out2, x1, x2);
    sb_wave apart = wave_of(shifted, d), left = wave_of(shifted, sum - 2 * range);
    sb_wave right = wave_of(shifted, sum + 2 * range);
    double mean = (right.area - left.area) / (4 * range), square = (right.moment - left.moment) / (4 * range);
    double chi = (right.first - left.first) / (4 * range); /* chi = d <r sin r u> / du */
    double places = shifted->weight_trained * (apart.mean * product + (square - d * d * mean) / 4);
    return (sb_average){(apart.mean - mean) / 2, (places + apart.second + chi) / 2};
}

const sb_kernel sb_kernel_sine = {
    .name = "sine",
    .title = "sine, closed form by the characteristic function of the law of the weights",
    .citation = "Jacot, Gabriel, Hongler: Neural tangent kernel (2018)",
    .covers = covers,
    .average = average,
};
