/* The loops over units, written once for every activation and compiled for double and float. An activation's file
 * defines
 *
 *     static inline void act(vec z, vec *s, vec *ds);   value and derivative
 *     static inline vec act_second(vec z);              second derivative, 0 at a kink
 *
 * and then says SB_ACTIVATION(NAME, TITLE, KINKED). Smooth ones may define
 *
 *     static inline vec act_near(vec s, vec delta);   s(z + delta) from s = s(z), exact to rounding for
 *     #define ACT_REACH                               |delta| <= ACT_REACH
 *     static inline vec act_close(vec s, vec delta);  the same in less time for
 *     #define ACT_CLOSE                               |delta| <= ACT_CLOSE
 *     static inline vec act_start(vec z);             act for |z| <= ACT_START in two parts, the wait for a
 *     #define ACT_START                               division between them:
 *     static inline void act_finish(vec started, vec *s, vec *ds);
 *
 * before including this file, with which a small step takes less. `#define ACT_TURNS` before it says that s is the
 * sine. */
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
    size_t p = 0;
    for (; sweep->spacing != 0 && p + 2 <= pairs; p += 2) turning_forward(&after[p], 2, (real)sweep->spacing, all);
    if (sweep->spacing != 0 && p < pairs) turning_forward(&after[p], 1, (real)sweep->spacing, all);
    if (sweep->spacing != 0) return;
#endif
    (void)sweep;
    if (before)
        pair_advance(before, after, pairs, dim, all);
    else
        pair_forward(after, pairs, dim, all);
}

/* `units` > 0 of them, the last pair in part */
static inline void sweep_group(const sb_sweep *sweep, size_t dim, size_t j, size_t units, const points *all)
{
    pair before, after[GROUP];
    size_t pairs = 0, done = 0;
    do { /* at least one: gcc 14 fears for `before` else */
        size_t left = units - done < 2 * SB_LANES ? units - done : 2 * SB_LANES;
        read_pair(sweep, dim, j + done, left, &before);
        if (sweep->g) {
            slopes sum = sweep_backward(sweep, &before, dim, all);
            update_pair(sweep, dim, j + done, left, &before, &sum);
        }
        read_pair(sweep, dim, j + done, left, &after[pairs++]);
        done += 2 * SB_LANES;
    } while (done < units);
    if (sweep->h) sweep_forward(sweep, sweep->g ? &before : NULL, after, pairs, dim, all);
}

/* Whole groups are the usual case: a constant for the compiler, and so are few dimensions. */
static inline void sweep_units(const sb_sweep *sweep, size_t dim, size_t first, size_t count)
{
    enum { SIZE = 2 * SB_LANES * GROUP };
    points all = points_at(dim, sweep->n, sweep->x, sweep->g, sweep->scratch);
    size_t whole = count - count % SIZE;
#ifdef ACT_TURNS
    if (sweep->spacing != 0) make_blocks(&all);
#endif
    for (size_t done = 0; done < whole; done += SIZE) sweep_group(sweep, dim, first + done, SIZE, &all);
    if (whole < count) sweep_group(sweep, dim, first + whole, count - whole, &all);
#ifdef ACT_TURNS
    if (sweep->h && sweep->spacing != 0) turning_outputs(&all, sweep->h);
    if (sweep->spacing != 0) return;
#endif
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
#endif

/* The code for float is in an object file of its own, which offers its functions to that for double. */
#define SB_JOIN_(name, what, isa) sb_##name##_##what##_##isa
#define SB_JOIN(name, what, isa) SB_JOIN_(name, what, isa)

#define SB_DECLARE_SINGLE(NAME)                                                                                        \
    void SB_JOIN(NAME, evaluate_single, SB_ISA)(size_t n, const float *z, float *s, float *ds);                        \
    void SB_JOIN(NAME, sweep_single, SB_ISA)(const sb_sweep *what, size_t first, size_t count);

#if SB_SINGLE
#define SB_ACTIVATION(NAME, TITLE, KINKED)                                                                             \
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
#define SB_ACTIVATION(NAME, TITLE, KINKED)                                                                             \
    SB_DECLARE_SINGLE(NAME)                                                                                            \
    extern const sb_activation SB_JOIN(activation, NAME, SB_ISA);                                                      \
    const sb_activation SB_JOIN(activation, NAME, SB_ISA) = {                                                          \
        .name = #NAME,                                                                                                 \
        .title = TITLE,                                                                                                \
        .kinked = KINKED,                                                                                              \
        .evaluate = evaluate,                                                                                          \
        .evaluate_single = SB_JOIN(NAME, evaluate_single, SB_ISA),                                                     \
        .second = second,                                                                                              \
        .sweep = sweep,                                                                                                \
        .sweep_single = SB_JOIN(NAME, sweep_single, SB_ISA),                                                           \
    }
#endif

#endif
