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

#endif
