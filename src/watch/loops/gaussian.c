#include "watch/loops/gaussian.h"

#include <stdint.h>
#include <string.h>

#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

#define ROUND 0x1.8p52 /* adding it rounds to a whole number, in the low bits */

/* 2^k of ROUND + k */
static inline double power_of_two(double rounded)
{
    uint64_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&rounded, &bits, sizeof bits);
    return rounded;
}

/* exp x = 2^k exp r with x = k ln 2 + r, |r| <= ln 2 / 2, for -708 <= x <= 0. The series to r^12 is exact to 2e-16.
 * Plain arithmetic, so that compilers make vector code of it: a sixth of the time of libm's. */
static inline double exponential(double x)
{
    double rounded = x * 0x1.71547652b82fep+0 + ROUND, k = rounded - ROUND;
    double r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    double r2 = r * r, r4 = r2 * r2;
    double low = (1 + r) + r2 * (1. / 2 + r * (1. / 6));
    double middle = (1. / 24 + r * (1. / 120)) + r2 * (1. / 720 + r * (1. / 5040));
    double high = (1. / 40320 + r * (1. / 362880)) + r2 * (1. / 3628800 + r * (1. / 39916800));
    return power_of_two(rounded) * (low + r4 * (middle + r4 * (high + r4 * (1. / 479001600))));
}

sb_gaussian_loop JOIN(sb_gaussian, SB_ISA);

void JOIN(sb_gaussian, SB_ISA)(size_t n, double factor, const double *restrict square, double *restrict weight)
{
    for (size_t i = 0; i < n; i++) {
        double x = -factor * square[i];
        weight[i] = exponential(x > -708 ? x : -708);
    }
}
