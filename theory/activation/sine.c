/* sin z: a neuron with |in| = r knows one frequency, r / (2 pi), and the spectrum of K is the law of r: nothing favours
 * low frequencies. For any L, with e = (cos r x, x sin r x; sin r x, x cos r x) and means over the shifts
 *
 *   k = <cos 2 r l>, m = <l sin 2 r l>, n = <l^2 cos 2 r l>,
 *
 * K = e^T C e' with two blocks, of the even and the odd functions:
 *
 *   even [ (1 - k + w^2 (r^2 (1 + k) + L^2/3 + n)) / 2,  -w^2 m / 2;  .,  w^2 (1 - k) / 2 ],
 *   odd  [ (1 + k + w^2 (r^2 (1 - k) + L^2/3 - n)) / 2,  -w^2 m / 2;  .,  w^2 (1 + k) / 2 ].
 *
 * For r L >> 1 this is cos(r D) [1 + w^2 (r^2 + L^2/3 + x x')] / 2. */
#include <math.h>

#include "theory/activation/activation.h"
#include "theory/mean.h"

/* <cos b t>, <t sin b t>, <t^2 cos b t> over t uniform on [-1, 1] */
static void means(double b, double mean[3])
{
    double s = sin(b), c = cos(b), power = 1; /* (-b^2)^i / (2 i)! */
    mean[0] = b > 1 ? s / b : 0;
    mean[1] = b > 1 ? (s / b - c) / b : 0;
    mean[2] = b > 1 ? s / b + 2 * (c - s / b) / (b * b) : 0;
    for (int i = 0; b <= 1 && i < 10; i++) {
        mean[0] += power / (2 * i + 1);
        mean[1] += power * b / ((2 * i + 1) * (2 * i + 3));
        mean[2] += power / (2 * i + 3);
        power *= -b * b / ((2 * i + 1) * (2 * i + 2));
    }
}

/* [p q; q t] = F^T F with the rows of F as coefficients of two features */
static void factor(double p, double q, double t, double first, double second, double *feature)
{
    feature[0] = sqrt(p) * first + q / sqrt(p) * second;
    feature[1] = sqrt(fmax(t - q * q / p, 0)) * second;
}

static void lines(double r, double w2, double range, double x, double *feature)
{
    double mean[3], s = sin(r * x), c = cos(r * x);
    means(2 * r * range, mean);
    double k = mean[0], cross = -w2 * range * mean[1] / 2, n = range * range * mean[2], third = range * range / 3;
    factor((1 - k + w2 * (r * r * (1 + k) + third + n)) / 2, cross, w2 * (1 - k) / 2, c, x * s, feature);
    factor((1 + k + w2 * (r * r * (1 - k) + third - n)) / 2, cross, w2 * (1 + k) / 2, s, x * c, feature + 2);
}

static double kernel(double r, double w2, double range, double x1, double x2)
{
    double f1[LFP_LINES], f2[LFP_LINES], sum = 0;
    lines(r, w2, range, x1, f1);
    lines(r, w2, range, x2, f2);
    for (int i = 0; i < LFP_LINES; i++) sum += f1[i] * f2[i];
    return sum;
}

/* The density of lines, r L >> 1 and without x x': pi p(2 pi xi) (1 + w^2 (r^2 + L^2/3)) / 2 at r = 2 pi |xi|, p being
 * that of |in|. */
static double rate(const sb_theory_params *params, double xi)
{
    double r = 2 * M_PI * fabs(xi), range = params->range;
    if (!params->in->density_abs) return r == lfp_largest(params) ? INFINITY : 0;
    return params->gain * M_PI * lfp_density(params, r) * (1 + params->out2 * (r * r + range * range / 3)) / 2;
}

const lfp_activation lfp_activation_sine = {.name = "sine", .rate = rate, .lines = lines, .kernel = kernel};
