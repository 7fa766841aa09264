/* sin z, closed form for any law whose waves <cos(r t)> are known. With D = x - x', u = x + x' + 2 l,
 *
 *   2 s s' = cos r D - cos r u,  2 s'(z) s'(z') = cos r D + cos r u,  (x + l)(x' + l) = (u^2 - D^2)/4,
 *
 * so that, phi(t) = <cos r t>, chi(t) = <r^2 cos r t> and [f] the mean of f(u) over the shifts,
 *
 *   2 K = phi(D) - [phi] + <out^2> { phi(D) (x x' + L^2/3) + ([u^2 phi] - D^2 [phi])/4 + chi(D) + [chi] }. */
#include "kernel/infinite/place.h"

#include <math.h>
#include <string.h>

extern const sb_kernel sb_kernel_quadrature;

static bool covers(const sb_net_law *law)
{
    return law->activation && strcmp(law->activation, "sine") == 0 && law->evaluate && law->in && law->in->wave;
}

static sb_wave wave_of(const sb_net_law *law, double t)
{
    sb_wave wave;
    double scale = law->in_scale;
    law->in->wave(scale * t, &wave);
    return (sb_wave){.mean = wave.mean,
                     .first = scale * wave.first,
                     .second = scale * scale * wave.second,
                     .area = wave.area / scale,
                     .moment = wave.moment / pow(scale, 3)};
}

static sb_average average(const sb_net_law *law, const double *x1, const double *x2)
{
    double range = law->range, d = *x1 - *x2, sum = *x1 + *x2, product = *x1 * *x2 + range * range / 3;
    if (law->in_scale * range < 0.5) return sb_kernel_quadrature.average(law, x1, x2); /* phi(D) - [phi] cancels */
    sb_wave apart = wave_of(law, d), left = wave_of(law, sum - 2 * range), right = wave_of(law, sum + 2 * range);
    double mean = (right.area - left.area) / (4 * range), square = (right.moment - left.moment) / (4 * range);
    double chi = (right.first - left.first) / (4 * range); /* chi = d <r sin r u> / du */
    double places = sb_place2(law) * (apart.mean * product + (square - d * d * mean) / 4);
    return (sb_average){(apart.mean - mean) / 2, (places + apart.second + chi) / 2};
}

const sb_kernel sb_kernel_sine = {
    .name = "sine",
    .title = "sine, closed form by the characteristic function of the law of the weights",
    .citation = "Jacot, Gabriel, Hongler: Neural tangent kernel (2018)",
    .net = "two_layer",
    .covers = covers,
    .average = average,
};
