/* The loops over units, written once for every activation. An activation's file defines
 *
 *     static inline void act(vec z, vec *s, vec *ds);   value and derivative
 *     static inline vec act_second(vec z);              second derivative, 0 at a kink
 *
 * and then says SB_ACTIVATION(NAME, TITLE, KINKED, ADVANCE), ADVANCE being NULL or, for smooth activations that define
 *
 *     static inline vec act_near(vec s, vec delta);   s(z + delta) from s = s(z), exact to rounding for
 *     #define ACT_REACH                               |delta| <= ACT_REACH
 *     static inline vec act_start(vec z);             act in two parts, the wait for a division between them
 *     static inline void act_finish(vec started, vec *s, vec *ds);
 *
 * before including this file, the fused step `advance`. Two vectors of units go through a loop together, so that their
 * latencies overlap. */
#ifndef SPECBIAS_NET_ACTIVATION_UNITS_H
#define SPECBIAS_NET_ACTIVATION_UNITS_H

#include <specbias/net.h>

#include "net/activation/vec.h"

static inline void act(vec z, vec *s, vec *ds);
static inline vec act_second(vec z);

static void evaluate(size_t n, const double *z, double *s, double *ds)
{
    size_t pairs = n - n % (2 * SB_LANES);
    for (size_t i = 0; i < pairs; i += 2 * SB_LANES) {
        vec s0, s1, ds0, ds1;
        act(vec_load(z + i), &s0, &ds0);
        act(vec_load(z + i + SB_LANES), &s1, &ds1);
        vec_store(s + i, s0);
        vec_store(s + i + SB_LANES, s1);
        vec_store(ds + i, ds0);
        vec_store(ds + i + SB_LANES, ds1);
    }
    for (size_t i = pairs; i < n; i += SB_LANES) {
        vec zv, sv, dv;
        size_t lanes = n - i < SB_LANES ? n - i : SB_LANES;
        if (lanes == SB_LANES) {
            act(vec_load(z + i), &sv, &dv);
            vec_store(s + i, sv);
            vec_store(ds + i, dv);
            continue;
        }
        zv = vec_set(0);
        for (size_t j = 0; j < lanes; j++) zv[j] = z[i + j];
        act(zv, &sv, &dv);
        for (size_t j = 0; j < lanes; j++) {
            s[i + j] = sv[j];
            ds[i + j] = dv[j];
        }
    }
}

/* In float by way of double, 64 numbers at a time. */
static void evaluate_single(size_t n, const float *z, float *s, float *ds)
{
    double wide[64], value[64], slope[64];
    for (size_t first = 0; first < n; first += 64) {
        size_t count = n - first < 64 ? n - first : 64;
        for (size_t i = 0; i < count; i++) wide[i] = z[first + i];
        evaluate(count, wide, value, slope);
        for (size_t i = 0; i < count; i++) {
            s[first + i] = (float)value[i];
            ds[first + i] = (float)slope[i];
        }
    }
}

static void second(size_t n, const double *z, double *dds)
{
    double last[SB_LANES];
    size_t whole = n - n % SB_LANES;
    for (size_t i = 0; i < whole; i += SB_LANES) vec_store(dds + i, act_second(vec_load(z + i)));
    if (whole == n) return;
    for (size_t i = 0; i < SB_LANES; i++) last[i] = whole + i < n ? z[whole + i] : 0;
    vec_store(last, act_second(vec_load(last)));
    for (size_t i = whole; i < n; i++) dds[i] = last[i - whole];
}

static void forward(size_t units, const double *out, const double *in, const double *shift, size_t n, const double *x,
                    double *h)
{
    for (size_t i = 0; i < n; i++) {
        vec sum0 = vec_set(0), sum1 = vec_set(0), s0, s1, unused;
        for (size_t j = 0; j < units; j += 2 * SB_LANES) {
            act(vec_load(in + j) * (x[i] + vec_load(shift + j)), &s0, &unused);
            act(vec_load(in + j + SB_LANES) * (x[i] + vec_load(shift + j + SB_LANES)), &s1, &unused);
            sum0 += vec_load(out + j) * s0;
            sum1 += vec_load(out + j + SB_LANES) * s1;
        }
        h[i] = vec_sum(sum0 + sum1);
    }
}

static void backward(size_t units, const double *out, const double *in, const double *shift, size_t n, const double *x,
                     const double *g, double *d_out, double *d_in, double *d_shift)
{
    for (size_t j = 0; j < units; j += 2 * SB_LANES) {
        vec in0 = vec_load(in + j), in1 = vec_load(in + j + SB_LANES);
        vec shift0 = vec_load(shift + j), shift1 = vec_load(shift + j + SB_LANES);
        vec gs0 = vec_set(0), gd0 = gs0, gdx0 = gs0, gs1 = gs0, gd1 = gs0, gdx1 = gs0; /* sums of g s, g s', g s' x */
        for (size_t i = 0; i < n; i++) {
            vec x0 = x[i] + shift0, x1 = x[i] + shift1, s0, s1, ds0, ds1;
            act(in0 * x0, &s0, &ds0);
            act(in1 * x1, &s1, &ds1);
            gs0 += g[i] * s0;
            gs1 += g[i] * s1;
            ds0 *= g[i];
            ds1 *= g[i];
            gd0 += ds0;
            gd1 += ds1;
            gdx0 += ds0 * x0;
            gdx1 += ds1 * x1;
        }
        vec out0 = vec_load(out + j), out1 = vec_load(out + j + SB_LANES);
        vec_store(d_out + j, gs0);
        vec_store(d_out + j + SB_LANES, gs1);
        vec_store(d_in + j, out0 * gdx0);
        vec_store(d_in + j + SB_LANES, out1 * gdx1);
        vec_store(d_shift + j, out0 * in0 * gd0);
        vec_store(d_shift + j + SB_LANES, out1 * in1 * gd1);
    }
}

#ifdef ACT_REACH
static inline bool reaches(vec delta)
{
    for (int lane = 0; lane < SB_LANES; lane++)
        if (!(delta[lane] <= ACT_REACH && delta[lane] >= -ACT_REACH)) return false;
    return true;
}

/* One gradient step of these units, then their share of h. A step moves z = in (x + shift) by little, so the values of
 * the backward loop, kept for two vectors of units, give those of the forward loop without evaluating s again: 0.65 of
 * the time (tests/bench). Where a step is larger than ACT_REACH, s is evaluated. The loop finishes s at one point and
 * starts it at the next. scratch[n][3][SB_LANES] and [n]. */
static void advance(size_t units, double *out, double *in, double *shift, size_t n, const double *x, const double *g,
                    double rate, double *scratch, double *h)
{
    vec_unaligned *sum = (vec_unaligned *)scratch, *kept = sum + n;
    double *gx = scratch + 3 * SB_LANES * n;
    for (size_t i = 0; i < n; i++) {
        sum[i] = vec_set(0);
        gx[i] = g[i] * x[i];
    }
    for (size_t j = 0; j < units; j += 2 * SB_LANES) {
        vec in0 = vec_load(in + j), in1 = vec_load(in + j + SB_LANES);
        vec shift0 = vec_load(shift + j), shift1 = vec_load(shift + j + SB_LANES);
        vec at0 = in0 * shift0, at1 = in1 * shift1; /* z at x = 0 */
        vec started0 = act_start(in0 * x[0] + at0), started1 = act_start(in1 * x[0] + at1);
        vec gs0 = vec_set(0), gd0 = gs0, gdx0 = gs0, gs1 = gs0, gd1 = gs0, gdx1 = gs0;
        for (size_t i = 0; i < n; i++) {
            vec s0, s1, ds0, ds1;
            act_finish(started0, &s0, &ds0);
            act_finish(started1, &s1, &ds1);
            double next = x[i + 1 - (i + 1 == n)]; /* not a branch: the two halves are to be scheduled together */
            started0 = act_start(in0 * next + at0);
            started1 = act_start(in1 * next + at1);
            kept[2 * i] = s0;
            kept[2 * i + 1] = s1;
            gs0 += g[i] * s0;
            gs1 += g[i] * s1;
            gd0 += g[i] * ds0;
            gd1 += g[i] * ds1;
            gdx0 += gx[i] * ds0;
            gdx1 += gx[i] * ds1;
        }
        gdx0 += shift0 * gd0;
        gdx1 += shift1 * gd1;
        vec out0 = vec_load(out + j), out1 = vec_load(out + j + SB_LANES);
        vec next_in0 = in0 - rate * (out0 * gdx0), next_in1 = in1 - rate * (out1 * gdx1);
        vec next_shift0 = shift0 - rate * (out0 * in0 * gd0), next_shift1 = shift1 - rate * (out1 * in1 * gd1);
        out0 -= rate * gs0;
        out1 -= rate * gs1;
        /* delta(x) = a + b x, largest at an end of the ascending x */
        vec b0 = next_in0 - in0, b1 = next_in1 - in1;
        vec a0 = next_in0 * next_shift0 - in0 * shift0, a1 = next_in1 * next_shift1 - in1 * shift1;
        if (reaches(a0 + b0 * x[0]) && reaches(a0 + b0 * x[n - 1]) && reaches(a1 + b1 * x[0]) &&
            reaches(a1 + b1 * x[n - 1])) {
            for (size_t i = 0; i < n; i++)
                sum[i] +=
                    out0 * act_near(kept[2 * i], a0 + b0 * x[i]) + out1 * act_near(kept[2 * i + 1], a1 + b1 * x[i]);
        } else {
            for (size_t i = 0; i < n; i++) {
                vec s0, s1, unused;
                act(next_in0 * (x[i] + next_shift0), &s0, &unused);
                act(next_in1 * (x[i] + next_shift1), &s1, &unused);
                sum[i] += out0 * s0 + out1 * s1;
            }
        }
        vec_store(out + j, out0);
        vec_store(out + j + SB_LANES, out1);
        vec_store(in + j, next_in0);
        vec_store(in + j + SB_LANES, next_in1);
        vec_store(shift + j, next_shift0);
        vec_store(shift + j + SB_LANES, next_shift1);
    }
    for (size_t i = 0; i < n; i++) h[i] = vec_sum(sum[i]);
}
#endif

#define SB_JOIN_(name, isa) sb_activation_##name##_##isa
#define SB_JOIN(name, isa) SB_JOIN_(name, isa)

#define SB_ACTIVATION(NAME, TITLE, KINKED, ADVANCE)                                                                    \
    extern const sb_activation SB_JOIN(NAME, SB_ISA);                                                                  \
    const sb_activation SB_JOIN(NAME, SB_ISA) = {#NAME,  TITLE,   KINKED,   evaluate, evaluate_single,                 \
                                                 second, forward, backward, ADVANCE}

#endif
