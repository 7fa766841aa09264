/* Vectors of numbers as wide as the instruction set this file is compiled for (GCC vector extensions), and the
 * elementary functions activations need. Numbers are `real`: double, or float where SB_REAL says so. A literal beside a
 * vector must be a float exactly or be cast to real. Included by hot loops only. */
#ifndef SPECBIAS_NET_ACTIVATION_VEC_H
#define SPECBIAS_NET_ACTIVATION_VEC_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define SB_VECTOR 64 /* bytes */
#elif defined(__AVX2__)
#define SB_VECTOR 32
#else
#define SB_VECTOR 16
#endif

#ifndef SB_REAL
#define SB_REAL double
#endif
#define SB_SINGLE_float 1
#define SB_SINGLE_JOIN_(real) SB_SINGLE_##real
#define SB_SINGLE_JOIN(real) SB_SINGLE_JOIN_(real)
#define SB_SINGLE SB_SINGLE_JOIN(SB_REAL) /* for #if: numbers are float */

typedef SB_REAL real;
#if SB_SINGLE
typedef int32_t integer;
#define SB_LIBM(name) name##f
#else
typedef int64_t integer;
#define SB_LIBM(name) name
#endif
#define SB_LANES (SB_VECTOR / (int)sizeof(real))

typedef real vec __attribute__((vector_size(SB_VECTOR)));
typedef integer veci __attribute__((vector_size(SB_VECTOR)));
typedef real vec_unaligned __attribute__((vector_size(SB_VECTOR), aligned(sizeof(real)), may_alias));

static inline vec vec_load(const real *p)
{
    return *(const vec_unaligned *)p;
}

static inline void vec_store(real *p, vec v)
{
    *(vec_unaligned *)p = v;
}

/* What is left of n numbers by pairs of vectors, padded: it goes through the same code as the others, as a compiler may
 * contract two copies of one formula to different last bits. */
typedef struct padded {
    real z[2 * SB_LANES], s[2 * SB_LANES], ds[2 * SB_LANES];
} padded;

static inline size_t pad(size_t n, const real *z, padded *last)
{
    size_t rest = n % (2 * SB_LANES);
    for (size_t i = 0; i < 2 * SB_LANES; i++) last->z[i] = i < rest ? z[n - rest + i] : 0;
    return rest;
}

static inline vec vec_set(real value)
{
    return value - (vec){0};
}

/* mask ? yes : 0, for a mask made by a comparison */
static inline vec vec_where(veci mask, vec yes)
{
    return (vec)(mask & (veci)yes);
}

/* mask ? yes : no */
static inline vec vec_choose(veci mask, vec yes, vec no)
{
    return (vec)((mask & (veci)yes) | (~mask & (veci)no));
}

static inline vec vec_abs(vec x)
{
    return (vec)((veci)x & ~(veci)vec_set((real)-0.0));
}

/* x >= 0 with the sign of the other */
static inline vec vec_sign(vec x, vec other)
{
    return (vec)((veci)x | ((veci)other & (veci)vec_set((real)-0.0)));
}

static inline double vec_sum(vec v)
{
    double sum = 0;
    for (int lane = 0; lane < SB_LANES; lane++) sum += v[lane];
    return sum;
}

/* A function of libm, lane by lane: where there is no vector code for it, and the same bits on every instruction set.
 */
static inline vec vec_each(real (*function)(real), vec x)
{
    for (int lane = 0; lane < SB_LANES; lane++) x[lane] = function(x[lane]);
    return x;
}

/* The smaller of the two; nan when y is nan. One instruction, which GCC does not find by itself. */
static inline vec vec_min(vec limit, vec y)
{
#if defined(__AVX512F__) && SB_SINGLE
    return (vec)_mm512_min_ps((__m512)limit, (__m512)y);
#elif defined(__AVX512F__)
    return (vec)_mm512_min_pd((__m512d)limit, (__m512d)y);
#elif defined(__AVX2__) && SB_SINGLE
    return (vec)_mm256_min_ps((__m256)limit, (__m256)y);
#elif defined(__AVX2__)
    return (vec)_mm256_min_pd((__m256d)limit, (__m256d)y);
#else
    return vec_choose(limit < y, limit, y);
#endif
}

/* ---- elementary functions: what differs between double and float ---- */

#if SB_SINGLE
#include "net/activation/vec_float.h"
#else
#include "net/activation/vec_double.h"
#endif

/* 2^(k / STEPS) for the whole number k = shifted - ROUNDER, in the low bits of `shifted`, from a table in registers of
 * AVX-512; *error: what is left out, relative */
static inline vec vec_power(vec shifted, vec *error)
{
#if !defined(__AVX512F__)
    *error = vec_set(0);
    return (vec)(((veci)shifted << MANTISSA) + (veci)vec_set((real)1.0));
#elif SB_SINGLE
    *error = (vec)_mm512_permutexvar_ps((__m512i)shifted, (__m512)power_errors);
    return (vec)(((veci)shifted << (MANTISSA - 4)) + (veci)_mm512_permutexvar_epi32((__m512i)shifted, (__m512i)powers));
#else
    *error = (vec)_mm512_permutexvar_pd((__m512i)shifted, (__m512d)power_errors);
    return (vec)(((veci)shifted << (MANTISSA - 3)) + (veci)_mm512_permutexvar_epi64((__m512i)shifted, (__m512i)powers));
#endif
}

/* e^x, 0 where that is no normal number: 2^(k / STEPS) e^r, x = k ln2 / STEPS + r, |r| <= ln2 / 2 / STEPS; for
 * x <= EXP_MOST. Within about 1 ulp (tests/unit/network.c). */
static inline vec vec_exp(vec x)
{
    vec y = -vec_min(vec_set(EXP_LEAST), -x), error;
    vec shifted = y * (STEPS * PER_LN2) + ROUNDER, k = shifted - ROUNDER, power = vec_power(shifted, &error);
    vec r = (y - k * (LN2_HIGH / STEPS)) - k * (LN2_LOW / STEPS);
    vec p = (r + error) + r * r * exp_rest(r);
    return vec_where(~(x < -EXP_LEAST), power * p + power);
}

/* e^2x - 1 = 2^(k / STEPS) p + (2^(k / STEPS) - 1), p = e^r - 1, for |x| <= TANH_MOST. An error of k ln2 matters
 * little, because tanh is flat where k is large. tanh x from it is within 3 ulp, of x < 0 within 4. */
static inline vec vec_tanh_exp(vec x)
{
    vec y = x + x, error;
    vec shifted = y * (STEPS * PER_LN2) + ROUNDER, k = shifted - ROUNDER, power = vec_power(shifted, &error);
    vec r = y - k * (LN2 / STEPS), p = (r + error) + r * r * exp_rest(r);
    return power * p + (power - 1.0);
}

/* tanh |x| = e / (e + 2), e = exp(2 |x|) - 1; beyond TANH_MOST its value there, 1. Own code because it is the hot loop
 * of the toolkit: 0.6 of the time of SLEEF's u35 tanh, within 3 ulp (tests/unit/network.c). */
static inline vec vec_tanh(vec x)
{
    vec e = vec_tanh_exp(vec_min(vec_set(TANH_MOST), vec_abs(x)));
    return vec_sign(e / (e + 2.0), x);
}

/* x = k pi/2 + r, |r| <= pi/4, k exact in three parts of pi/2 for |x| < TURN_MOST; within 3 ulp
 * (tests/unit/network.c: sine). */
static inline void vec_sincos(vec x, vec *s, vec *c)
{
    veci covered = vec_abs(x) < TURN_MOST;
    for (int lane = 0; lane < SB_LANES; lane++)
        if (!covered[lane]) {
            *s = vec_each(SB_LIBM(sin), x); /* rare: frequencies far out in a heavy tail */
            *c = vec_each(SB_LIBM(cos), x);
            return;
        }
    vec shifted = x * PER_QUARTER + ROUNDER, k = shifted - ROUNDER;
    vec r = ((x - k * QUARTER_1) - k * QUARTER_2) - k * QUARTER_3;
    vec z = r * r, sine = r + r * z * sine_rest(z);
    vec half = 0.5 * z, rest = 1.0 - half, cosine = rest + (((1.0 - rest) - half) + z * z * cosine_rest(z));
    veci quarter = (veci)shifted; /* the low two bits count quarter turns */
    veci odd = (quarter & 1) != 0;
    enum { SIGN = 8 * sizeof(real) - 2 }; /* from bit 1 to that of the sign */
    *s = (vec)((veci)vec_choose(odd, cosine, sine) ^ ((quarter & 2) << SIGN));
    *c = (vec)((veci)vec_choose(odd, sine, cosine) ^ (((quarter + 1) & 2) << SIGN));
}

#endif
