/* Two vectors of units go through the points together, so that their latencies overlap: h = sum out s(z),
 * z = at + in . x. The way back keeps s at each point; after a small step its Taylor series gives the new s without
 * evaluating it again: 0.65 of the time (tests/bench). Included by units.h, which says what an activation defines. */
#ifndef SPECBIAS_NET_ACTIVATION_PAIR_H
#define SPECBIAS_NET_ACTIVATION_PAIR_H

#include "net/activation/vec.h"
#include "net/sweep.h"

static inline void act(vec z, vec *s, vec *ds);

#define EACH(k) for (int k = 0; k < 2; k++)

typedef struct pair {
    vec at[2], in[SB_SWEEP_DIM][2], out[2];
} pair;

/* Sums over the points of g s', g s' x and g s. */
typedef struct slopes {
    vec at[2], in[SB_SWEEP_DIM][2], out[2];
} slopes;

typedef struct points {
    size_t n;
    const real *x, *g;         /* [n][dim], [n] */
    real *gx;                  /* [n][dim] g x */
    vec_unaligned *kept;       /* [n][2] s */
    vec_unaligned *sum;        /* [n] h, its lanes apart */
    real middle[SB_SWEEP_DIM]; /* of the x */
    real reach[SB_SWEEP_DIM];  /* from there to both ends */
} points;

/* scratch: sb_sweep_scratch bytes. g = NULL: there will be no way back. */
static inline points points_at(size_t dim, size_t n, const real *x, const real *g, void *scratch)
{
    points all = {.n = n, .x = x, .g = g, .sum = scratch};
    all.kept = all.sum + n;
    all.gx = (real *)(all.kept + 2 * n);
    for (size_t i = 0; i < n; i++) all.sum[i] = vec_set(0);
    if (!g) return all;
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < dim; d++) all.gx[i * dim + d] = g[i] * x[i * dim + d];
#ifdef ACT_REACH
    for (size_t d = 0; d < dim; d++) {
        real low = x[d], high = x[d];
        for (size_t i = 1; i < n; i++) {
            low = x[i * dim + d] < low ? x[i * dim + d] : low;
            high = x[i * dim + d] > high ? x[i * dim + d] : high;
        }
        all.middle[d] = low + (high - low) / 2;
        all.reach[d] = high - low; /* twice what is needed: rounding does not matter */
    }
#endif
    return all;
}

static inline vec pair_z(const pair *p, int k, size_t dim, const real *x)
{
    vec z = p->at[k];
    for (size_t d = 0; d < dim; d++) z += p->in[d][k] * x[d];
    return z;
}

/* Only what is used of the axes: zeros of all of them would take as long as a few points. */
static inline slopes no_slopes(size_t dim)
{
    slopes sum;
    EACH(k)
    {
        sum.at[k] = sum.out[k] = vec_set(0);
        for (size_t d = 0; d < dim; d++) sum.in[d][k] = vec_set(0);
    }
    return sum;
}

static inline void add_slopes(slopes *sum, int k, size_t dim, real g, const real *gx, vec s, vec ds)
{
    sum->out[k] += g * s;
    sum->at[k] += g * ds;
    for (size_t d = 0; d < dim; d++) sum->in[d][k] += gx[d] * ds;
}

#ifdef ACT_REACH
/* The loop finishes s at one point and starts it at the next; s is kept. */
static inline slopes pair_backward(const pair *p, size_t dim, const points *all)
{
    const size_t n = all->n;
    const real *x = all->x, *g = all->g, *gx = all->gx;
    slopes sum = no_slopes(dim);
    vec started[2], s[2], ds[2];
    EACH(k) started[k] = act_start(pair_z(p, k, dim, x));
    for (size_t i = 0; i < n; i++) {
        const real *next = x + (i + 1 - (i + 1 == n)) * dim; /* not a branch: the halves are to be scheduled together */
        EACH(k) act_finish(started[k], &s[k], &ds[k]);
        EACH(k) started[k] = act_start(pair_z(p, k, dim, next));
        EACH(k) all->kept[2 * i + k] = s[k];
        EACH(k) add_slopes(&sum, k, dim, g[i], gx + i * dim, s[k], ds[k]);
    }
    return sum;
}
#else
static inline slopes pair_backward(const pair *p, size_t dim, const points *all)
{
    const real *x = all->x, *g = all->g, *gx = all->gx;
    slopes sum = no_slopes(dim);
    for (size_t i = 0; i < all->n; i++) {
        vec s[2], ds[2];
        EACH(k) act(pair_z(p, k, dim, x + i * dim), &s[k], &ds[k]);
        EACH(k) add_slopes(&sum, k, dim, g[i], gx + i * dim, s[k], ds[k]);
    }
    return sum;
}
#endif

/* The share of several pairs at `count` points from i on. */
static inline void forward_points(const pair *p, size_t pairs, size_t dim, const points *all, size_t i, size_t count)
{
    const real *x = all->x + i * dim;
    vec sum[2], s[2], unused;
    for (size_t c = 0; c < count; c++) sum[c] = all->sum[i + c];
    for (size_t j = 0; j < pairs; j++)
        for (size_t c = 0; c < count; c++) {
            EACH(k) act(pair_z(&p[j], k, dim, x + c * dim), &s[k], &unused);
            sum[c] += p[j].out[0] * s[0] + p[j].out[1] * s[1];
        }
    for (size_t c = 0; c < count; c++) all->sum[i + c] = sum[c];
}

/* Two points at a time, so that weights are loaded half as often. */
static inline void pair_forward(const pair *p, size_t pairs, size_t dim, const points *all)
{
    size_t even = all->n - all->n % 2;
    for (size_t i = 0; i < even; i += 2) forward_points(p, pairs, dim, all, i, 2);
    if (even < all->n) forward_points(p, pairs, dim, all, even, 1);
}

#ifdef ACT_REACH
/* z moves by delta = at + in . x, largest at a corner of the box that holds the points. */
static inline bool within_reach(const pair *delta, size_t dim, const points *all)
{
    EACH(k)
    {
        vec most = vec_abs(pair_z(delta, k, dim, all->middle));
        for (size_t d = 0; d < dim; d++) most += vec_abs(delta->in[d][k]) * all->reach[d] * 0.5;
        for (int lane = 0; lane < SB_LANES; lane++)
            if (!(most[lane] <= (real)ACT_REACH)) return false;
    }
    return true;
}
#endif

/* pair_forward after pair_backward of `before`, the last of the pairs. */
static inline void pair_advance(const pair *before, const pair *after, size_t pairs, size_t dim, const points *all)
{
#ifdef ACT_REACH
    const size_t n = all->n;
    const real *x = all->x;
    vec_unaligned *sum = all->sum, *kept = all->kept;
    pair delta;
    EACH(k) delta.at[k] = after->at[k] - before->at[k];
    for (size_t d = 0; d < dim; d++) EACH(k) delta.in[d][k] = after->in[d][k] - before->in[d][k];
    if (within_reach(&delta, dim, all)) {
        for (size_t i = 0; i < n; i++) {
            vec s[2];
            EACH(k) s[k] = act_near(kept[2 * i + k], pair_z(&delta, k, dim, x + i * dim));
            sum[i] += after->out[0] * s[0] + after->out[1] * s[1];
        }
        return;
    }
#else
    (void)before;
#endif
    pair_forward(after, pairs, dim, all);
}

#ifdef ACT_TURNS
/* On a uniform grid the next point turns s and s', sine and cosine, by a fixed angle: four multiplications. After
 * RESTART points rounding has grown to some 1e-15 and both are evaluated again. */
#define RESTART 32

typedef struct turning {
    vec s[2], ds[2], sine[2], cosine[2]; /* of the angle */
} turning;

static inline turning turning_by(const pair *p, real spacing)
{
    turning now = {0};
    EACH(k) vec_sincos(p->in[0][k] * spacing, &now.sine[k], &now.cosine[k]);
    return now;
}

static inline void start_at(turning *now, const pair *p, const real *x)
{
    EACH(k) act(pair_z(p, k, 1, x), &now->s[k], &now->ds[k]);
}

static inline void turn(turning *now)
{
    EACH(k)
    {
        vec s = now->s[k], ds = now->ds[k];
        now->s[k] = s * now->cosine[k] + ds * now->sine[k];
        now->ds[k] = ds * now->cosine[k] - s * now->sine[k];
    }
}

static inline size_t next_start(size_t first, size_t n)
{
    return first + RESTART < n ? first + RESTART : n;
}

static inline slopes turning_backward(const pair *p, real spacing, const points *all)
{
    const size_t n = all->n;
    const real *x = all->x, *g = all->g, *gx = all->gx;
    slopes sum = no_slopes(1);
    turning now = turning_by(p, spacing);
    for (size_t first = 0; first < n; first += RESTART) {
        start_at(&now, p, x + first);
        for (size_t i = first; i < next_start(first, n); i++, turn(&now))
            EACH(k) add_slopes(&sum, k, 1, g[i], gx + i, now.s[k], now.ds[k]);
    }
    return sum;
}

static inline void turning_forward(const pair *p, real spacing, const points *all)
{
    const size_t n = all->n;
    const real *x = all->x;
    vec_unaligned *sum = all->sum;
    turning now = turning_by(p, spacing);
    for (size_t first = 0; first < n; first += RESTART) {
        start_at(&now, p, x + first);
        for (size_t i = first; i < next_start(first, n); i++, turn(&now))
            sum[i] += p->out[0] * now.s[0] + p->out[1] * now.s[1];
    }
}
#endif

#endif
