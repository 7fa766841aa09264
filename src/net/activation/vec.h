/* Vectors of doubles as wide as the instruction set this file is compiled for (GCC vector extensions), and the
 * elementary functions activations need. Included by activations only. */
#ifndef SPECBIAS_NET_ACTIVATION_VEC_H
#define SPECBIAS_NET_ACTIVATION_VEC_H

#include <math.h>
#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define SB_LANES 8
#elif defined(__AVX2__)
#define SB_LANES 4
#else
#define SB_LANES 2
#endif

typedef double vec __attribute__((vector_size(8 * SB_LANES)));
typedef int64_t veci __attribute__((vector_size(8 * SB_LANES)));
typedef double vec_unaligned __attribute__((vector_size(8 * SB_LANES), aligned(8), may_alias));

static inline vec vec_load(const double *p)
{
    return *(const vec_unaligned *)p;
}

static inline void vec_store(double *p, vec v)
{
    *(vec_unaligned *)p = v;
}

static inline vec vec_set(double value)
{
    return value - (vec){0};
}

/* mask ? yes : 0, for a mask made by a comparison */
static inline vec vec_where(veci mask, vec yes)
{
    return (vec)(mask & (veci)yes);
}

static inline vec vec_abs(vec x)
{
    return (vec)((veci)x & ~(veci)vec_set(-0.0));
}

/* x >= 0 with the sign of the other */
static inline vec vec_sign(vec x, vec other)
{
    return (vec)((veci)x | ((veci)other & (veci)vec_set(-0.0)));
}

static inline double vec_sum(vec v)
{
    double sum = 0;
    for (int lane = 0; lane < SB_LANES; lane++) sum += v[lane];
    return sum;
}

/* A function of libm, lane by lane: where there is no vector code for it, and the same bits on every instruction set.
 */
static inline vec vec_each(double (*function)(double), vec x)
{
    for (int lane = 0; lane < SB_LANES; lane++) x[lane] = function(x[lane]);
    return x;
}

/* The smaller of the two; nan when y is nan. One instruction, which GCC does not find by itself. */
static inline vec vec_min(vec limit, vec y)
{
#if defined(__AVX512F__)
    return (vec)_mm512_min_pd((__m512d)limit, (__m512d)y);
#elif defined(__AVX2__)
    return (vec)_mm256_min_pd((__m256d)limit, (__m256d)y);
#else
    veci smaller = limit < y;
    return (vec)((smaller & (veci)limit) | (~smaller & (veci)y));
#endif
}

/* exp(2 |x|) - 1 = 2^k p + (2^k - 1), p = exp(2r) - 1, |x| = r + k ln2 / 2, |r| <= ln2 / 4, for |x| <= 20; beyond, its
 * value at 20, where tanh is 1. An error of k ln2 matters little, because tanh is flat where k > 0. */
static inline vec vec_tanh_exp(vec x)
{
    const vec magic = vec_set(0x1.8p52); /* adding it rounds to a whole number, in the low bits */
    vec y = vec_min(vec_set(20.0), vec_abs(x));
    vec shifted = y * 0x1.71547652b82fep+1 + magic, k = shifted - magic;
    vec r = y - k * 0x1.62e42fefa39efp-2, r2 = r * r, r4 = r2 * r2;
    /* q = (p - 2r) / r^2, Chebyshev interpolation of degree 9, relative error of p 4e-17 */
    vec low =
        (0x1.0000000000001p+1 + r * 0x1.5555555555556p+0) + r2 * (0x1.5555555553d4fp-1 + r * 0x1.11111111109adp-2);
    vec high =
        (0x1.6c16c17893833p-4 + r * 0x1.a01a01a7c8d47p-6) + r2 * (0x1.a019b8ef67c6cp-8 + r * 0x1.71de0d9c145d0p-10);
    vec top = 0x1.2891a8c1d838dp-12 + r * 0x1.af38d53857513p-15;
    vec p = (r + r) + r2 * (low + r4 * (high + r4 * top));
    vec power = (vec)(((veci)shifted << 52) + (veci)vec_set(1.0)); /* 2^k */
    return power * p + (power - 1.0);
}

/* tanh |x| = e / (e + 2), e = exp(2 |x|) - 1. Own code because it is the hot loop of the toolkit: 0.6 of the time of
 * SLEEF's u35 tanh, within 3 ulp (tests/unit/network.c). */
static inline vec vec_tanh(vec x)
{
    vec e = vec_tanh_exp(x);
    return vec_sign(e / (e + 2.0), x);
}

/* The same in two parts, e with the sign of x and the rest, so that a loop can start the next value while it waits for
 * the division of this one: out-of-order execution alone does not reach that far. */
static inline vec vec_tanh_start(vec x)
{
    return vec_sign(vec_tanh_exp(x), x);
}

static inline vec vec_tanh_finish(vec e)
{
    return e / (vec_abs(e) + 2.0);
}

/* mask ? yes : no */
static inline vec vec_choose(veci mask, vec yes, vec no)
{
    return (vec)((mask & (veci)yes) | (~mask & (veci)no));
}

/* x = k pi/2 + r, |r| <= pi/4, k exact in three parts of pi/2 for |x| < 1e6; polynomials of fdlibm (k_sin.c, k_cos.c),
 * within 3 ulp (tests/unit/network.c: sine). */
static inline void vec_sincos(vec x, vec *s, vec *c)
{
    const vec magic = vec_set(0x1.8p52); /* adding it rounds to a whole number, in the low bits */
    veci covered = vec_abs(x) < 1e6;
    for (int lane = 0; lane < SB_LANES; lane++)
        if (!covered[lane]) {
            *s = vec_each(sin, x); /* rare: frequencies far out in a heavy tail */
            *c = vec_each(cos, x);
            return;
        }
    vec shifted = x * 0x1.45f306dc9c883p-1 + magic, k = shifted - magic;
    vec r = ((x - k * 0x1.921fb544p+0) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
    vec z = r * r;
    vec sine =
        r + r * z *
                (-0x1.5555555555549p-3 +
                 z * (0x1.111111110f8a6p-7 +
                      z * (-0x1.a01a019c161d5p-13 +
                           z * (0x1.71de357b1fe7dp-19 + z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33)))));
    vec tail = z * z *
               (0x1.555555555554cp-5 +
                z * (-0x1.6c16c16c15177p-10 +
                     z * (0x1.a01a019cb159p-16 +
                          z * (-0x1.27e4f809c52adp-22 + z * (0x1.1ee9ebdb4b1c4p-29 + z * -0x1.8fae9be8838d4p-37)))));
    vec half = 0.5 * z, rest = 1.0 - half, cosine = rest + (((1.0 - rest) - half) + tail);
    veci quarter = (veci)shifted; /* the low two bits count quarter turns */
    veci odd = (quarter & 1) != 0;
    vec sin_sign = (vec)((quarter & 2) << 62), cos_sign = (vec)(((quarter + 1) & 2) << 62);
    *s = (vec)((veci)vec_choose(odd, cosine, sine) ^ (veci)sin_sign);
    *c = (vec)((veci)vec_choose(odd, sine, cosine) ^ (veci)cos_sign);
}

#endif
