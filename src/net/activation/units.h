/* The loops over units, written once for every activation and compiled for double and float. An activation's file
 * defines
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
 * before including this file, the fused step `advance`. `#define ACT_TURNS` before it says that s is the sine. */
#ifndef SPECBIAS_NET_ACTIVATION_UNITS_H
#define SPECBIAS_NET_ACTIVATION_UNITS_H

#include <string.h>

#include <specbias/net.h>

#include "net/activation/pair.h"
#include "net/lanes.h"

static inline vec act_second(vec z) __attribute__((unused)); /* the loops in float do without */

/* n is a multiple of two vectors. Not inlined: see `padded`. */
static __attribute__((noinline)) void evaluate_pairs(size_t n, const real *z, real *s, real *ds)
{
    for (size_t i = 0; i < n; i += 2 * SB_LANES) {
        vec s0, s1, ds0, ds1;
        act(vec_load(z + i), &s0, &ds0);
        act(vec_load(z + i + SB_LANES), &s1, &ds1);
        vec_store(s + i, s0);
        vec_store(s + i + SB_LANES, s1);
        vec_store(ds + i, ds0);
        vec_store(ds + i + SB_LANES, ds1);
    }
}

static void evaluate(size_t n, const real *z, real *s, real *ds)
{
    padded last;
    size_t rest = pad(n, z, &last), whole = n - rest;
    evaluate_pairs(whole, z, s, ds);
    if (rest == 0) return;
    evaluate_pairs(2 * SB_LANES, last.z, last.s, last.ds);
    memcpy(s + whole, last.s, rest * sizeof *s);
    memcpy(ds + whole, last.ds, rest * sizeof *ds);
}

/* ---- the fused step of a model (net/sweep.h) ---- */

/* What a shift b counts in z = in . x + at: at = shift_scale b, or in b. */
static inline vec shift_of(const sb_two_layer *parts, const pair *p, int k)
{
    return parts->shifted ? p->in[0][k] : vec_set((real)parts->shift_scale);
}

/* Of `count` units from j on; lanes beyond are zero and so is their share of h. Of *p only the axes in use are written.
 */
static inline void read_pair(const sb_sweep *sweep, size_t dim, size_t j, size_t count, pair *p)
{
    const sb_two_layer *parts = sweep->parts;
    const real *theta = sweep->theta, *in = theta + parts->in + j * dim, *out = theta + parts->out + j;
    EACH(k)
    {
        size_t skip = (size_t)k * SB_LANES, left = count > skip ? count - skip : 0;
        for (size_t d = 0; d < dim; d++) p->in[d][k] = (real)parts->in_scale * gather(in + skip * dim + d, dim, left);
        p->out[k] = (real)parts->out_scale * gather(out + skip, 1, left);
        p->at[k] = vec_set(0);
        if (parts->shift != SIZE_MAX)
            p->at[k] = shift_of(parts, p, k) * gather(theta + parts->shift + j + skip, 1, left);
    }
}

static inline void update_pair(const sb_sweep *sweep, size_t dim, size_t j, size_t count, const pair *p,
                               const slopes *sum)
{
    const sb_two_layer *parts = sweep->parts;
    real gradient[2 * SB_LANES * SB_SWEEP_DIM];
    vec shift[2] = {vec_set(0), vec_set(0)};
    for (size_t k = 0; k < 2 && parts->shifted; k++) { /* before `in` moves, and its shifts after it */
        size_t skip = k * SB_LANES, left = count > skip ? count - skip : 0;
        shift[k] = gather((const real *)sweep->theta + parts->shift + j + skip, 1, left);
    }
    if (parts->in_trained) {
        EACH(k)
        for (size_t d = 0; d < dim; d++) {
            vec slope = sum->in[d][k];
            if (parts->shifted) slope += shift[k] * sum->at[k];
            scatter((real)parts->in_scale * p->out[k] * slope, gradient + (size_t)k * SB_LANES * dim + d, dim);
        }
        move(sweep, parts->in + j * dim, count * dim, gradient);
    }
    if (parts->in_trained && parts->shift != SIZE_MAX) {
        EACH(k) vec_store(gradient + k * SB_LANES, shift_of(parts, p, k) * p->out[k] * sum->at[k]);
        move(sweep, parts->shift + j, count, gradient);
    }
    if (parts->out_trained) {
        EACH(k) vec_store(gradient + k * SB_LANES, (real)parts->out_scale * sum->out[k]);
        move(sweep, parts->out + j, count, gradient);
    }
}

static inline slopes sweep_backward(const sb_sweep *sweep, const pair *p, size_t dim, const points *all)
{
#ifdef ACT_TURNS
    if (sweep->spacing != 0) return turning_backward(p, (real)sweep->spacing, all);
#endif
    (void)sweep;
    return pair_backward(p, dim, all);
}

#ifdef ACT_REACH
enum { GROUP = 1 }; /* pairs that go forward together: what was kept of s is that of one */
#else
enum { GROUP = 8 };
#endif

/* before = NULL: there was no step. */
static inline void sweep_forward(const sb_sweep *sweep, const pair *before, const pair *after, size_t pairs, size_t dim,
                                 const points *all)
{
#ifdef ACT_TURNS
    for (size_t p = 0; sweep->spacing != 0 && p < pairs; p++) turning_forward(&after[p], (real)sweep->spacing, all);
    if (sweep->spacing != 0) return;
#endif
    (void)sweep;
    if (before)
        pair_advance(before, after, pairs, dim, all);
    else
        pair_forward(after, pairs, dim, all);
}

/* `units` of them, the last pair in part */
static inline void sweep_group(const sb_sweep *sweep, size_t dim, size_t j, size_t units, const points *all)
{
    pair before, after[GROUP];
    size_t pairs = 0;
    for (size_t done = 0; done < units; done += 2 * SB_LANES, pairs++) {
        size_t left = units - done < 2 * SB_LANES ? units - done : 2 * SB_LANES;
        read_pair(sweep, dim, j + done, left, &before);
        if (sweep->g) {
            slopes sum = sweep_backward(sweep, &before, dim, all);
            update_pair(sweep, dim, j + done, left, &before, &sum);
        }
        read_pair(sweep, dim, j + done, left, &after[pairs]);
    }
    if (sweep->h) sweep_forward(sweep, sweep->g ? &before : NULL, after, pairs, dim, all);
}

/* Whole groups are the usual case: a constant for the compiler, and so are few dimensions. */
static inline void sweep_units(const sb_sweep *sweep, size_t dim, size_t first, size_t count)
{
    enum { SIZE = 2 * SB_LANES * GROUP };
    points all = points_at(dim, sweep->n, sweep->x, sweep->g, sweep->scratch);
    size_t whole = count - count % SIZE;
    for (size_t done = 0; done < whole; done += SIZE) sweep_group(sweep, dim, first + done, SIZE, &all);
    if (whole < count) sweep_group(sweep, dim, first + whole, count - whole, &all);
    for (size_t i = 0; sweep->h && i < sweep->n; i++) sweep->h[i] = vec_sum(all.sum[i]);
}

static void sweep(const sb_sweep *what, size_t first, size_t count)
{
    size_t dim = what->parts->dim;
    if (dim == 1)
        sweep_units(what, 1, first, count);
    else if (dim == 2)
        sweep_units(what, 2, first, count);
    else
        sweep_units(what, dim, first, count);
}

/* ---- loops of the two-layer networks of net.h, in double ---- */

#if !SB_SINGLE
static __attribute__((noinline)) void second_pairs(size_t n, const double *z, double *dds)
{
    for (size_t i = 0; i < n; i += SB_LANES) vec_store(dds + i, act_second(vec_load(z + i)));
}

static void second(size_t n, const double *z, double *dds)
{
    padded last;
    size_t rest = pad(n, z, &last), whole = n - rest;
    second_pairs(whole, z, dds);
    if (rest == 0) return;
    second_pairs(2 * SB_LANES, last.z, last.s);
    memcpy(dds + whole, last.s, rest * sizeof *dds);
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
/* One gradient step of these units, then their share of h. A step moves z = in (x + shift) by little: see pair.h. Where
 * it is larger than ACT_REACH, s is evaluated. scratch[n][SB_SCRATCH] */
static void advance(size_t units, double *out, double *in, double *shift, size_t n, const double *x, const double *g,
                    double rate, double *scratch, double *h)
{
    points all = points_at(1, n, x, g, scratch);
    for (size_t j = 0; j < units; j += 2 * SB_LANES) {
        pair before = {0}, after = {0};
        vec shifts[2];
        EACH(k)
        {
            shifts[k] = vec_load(shift + j + k * SB_LANES);
            before.in[0][k] = vec_load(in + j + k * SB_LANES);
            before.out[k] = vec_load(out + j + k * SB_LANES);
            before.at[k] = before.in[0][k] * shifts[k];
        }
        slopes sum = pair_backward(&before, 1, &all);
        EACH(k)
        {
            vec in_k = before.in[0][k], out_k = before.out[k];
            after.in[0][k] = in_k - rate * (out_k * (sum.in[0][k] + shifts[k] * sum.at[k]));
            shifts[k] -= rate * (out_k * in_k * sum.at[k]);
            after.out[k] = out_k - rate * sum.out[k];
            after.at[k] = after.in[0][k] * shifts[k];
            vec_store(in + j + k * SB_LANES, after.in[0][k]);
            vec_store(shift + j + k * SB_LANES, shifts[k]);
            vec_store(out + j + k * SB_LANES, after.out[k]);
        }
        pair_advance(&before, &after, 1, 1, &all);
    }
    for (size_t i = 0; i < n; i++) h[i] = vec_sum(all.sum[i]);
}
#endif
#endif

/* The code for float is in an object file of its own, which offers its functions to that for double. */
#define SB_JOIN_(name, what, isa) sb_##name##_##what##_##isa
#define SB_JOIN(name, what, isa) SB_JOIN_(name, what, isa)

#define SB_DECLARE_SINGLE(NAME)                                                                                        \
    void SB_JOIN(NAME, evaluate_single, SB_ISA)(size_t n, const float *z, float *s, float *ds);                        \
    void SB_JOIN(NAME, sweep_single, SB_ISA)(const sb_sweep *what, size_t first, size_t count);

#if SB_SINGLE
#define SB_ACTIVATION(NAME, TITLE, KINKED, ADVANCE)                                                                    \
    SB_DECLARE_SINGLE(NAME)                                                                                            \
    void SB_JOIN(NAME, evaluate_single, SB_ISA)(size_t n, const float *z, float *s, float *ds)                         \
    {                                                                                                                  \
        evaluate(n, z, s, ds);                                                                                         \
    }                                                                                                                  \
    void SB_JOIN(NAME, sweep_single, SB_ISA)(const sb_sweep *what, size_t first, size_t count)                         \
    {                                                                                                                  \
        sweep(what, first, count);                                                                                     \
    }                                                                                                                  \
    typedef real sb_activation_ends_here
#else
#define SB_ACTIVATION(NAME, TITLE, KINKED, ADVANCE)                                                                    \
    SB_DECLARE_SINGLE(NAME)                                                                                            \
    extern const sb_activation SB_JOIN(activation, NAME, SB_ISA);                                                      \
    const sb_activation SB_JOIN(activation, NAME, SB_ISA) = {                                                          \
        .name = #NAME,                                                                                                 \
        .title = TITLE,                                                                                                \
        .kinked = KINKED,                                                                                              \
        .evaluate = evaluate,                                                                                          \
        .evaluate_single = SB_JOIN(NAME, evaluate_single, SB_ISA),                                                     \
        .second = second,                                                                                              \
        .forward = forward,                                                                                            \
        .backward = backward,                                                                                          \
        .advance = ADVANCE,                                                                                            \
        .sweep = sweep,                                                                                                \
        .sweep_single = SB_JOIN(NAME, sweep_single, SB_ISA),                                                           \
    }
#endif

#endif
