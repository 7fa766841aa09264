/* Two vectors of units go through the points together, so that their latencies overlap: h = sum out s(z),
 * z = at + in . x. The way back keeps s at each point; after a small step its Taylor series gives the new s without
 * evaluating it again: 0.65 of the time (tests/bench). Of tanh in double an element takes 16 multiplications and a
 * division on the way back and 8 forward, 50 flop-times; measured 64 on AVX-512. Included by units.h, which says what
 * an activation defines. */
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
    size_t half, blocks;       /* of a uniform grid (ACT_TURNS) */
    real *even, *odd;          /* [blocks][half][2] sums and differences of g and of g x */
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
/* Whether |at + in . x| <= reach at all points: it is largest at a corner of the box that holds them. */
static inline bool within(real reach, const pair *p, size_t dim, const points *all)
{
    EACH(k)
    {
        vec most = vec_abs(pair_z(p, k, dim, all->middle));
        for (size_t d = 0; d < dim; d++) most += vec_abs(p->in[d][k]) * all->reach[d] * 0.5;
        for (int lane = 0; lane < SB_LANES; lane++)
            if (!(most[lane] <= reach)) return false;
    }
    return true;
}

static inline vec start_at(const pair *p, int k, size_t dim, const real *x, bool near)
{
    vec z = pair_z(p, k, dim, x), most = vec_set((real)ACT_START); /* beyond, s is what it is there */
    return act_start(near ? z : vec_min(most, -vec_min(most, -z)));
}

/* Of one vector, two points at a time, so that sums and most constants stay in registers. The loop finishes s at two
 * points and starts it at the next, as out-of-order execution alone does not reach over a division; s is kept. */
static inline void vector_backward(const pair *p, int k, size_t dim, const points *all, bool near, slopes *sum)
{
    const size_t n = all->n;
    const real *x = all->x, *g = all->g, *gx = all->gx;
    vec_unaligned *kept = all->kept + (size_t)k * n;
    vec started[2], s[2], ds[2];
    EACH(c) started[c] = start_at(p, k, dim, x + (n > 1 ? (size_t)c : 0) * dim, near);
    for (size_t i = 0; i < n / 2 * 2; i += 2) {
        EACH(c) act_finish(started[c], &s[c], &ds[c]);
        EACH(c) started[c] = start_at(p, k, dim, x + (i + 3 < n ? i + 2 + (size_t)c : n - 1) * dim, near);
        EACH(c) kept[i + (size_t)c] = s[c];
        EACH(c) add_slopes(sum, k, dim, g[i + (size_t)c], gx + (i + (size_t)c) * dim, s[c], ds[c]);
    }
    if (n % 2 == 0) return;
    act_finish(started[0], s, ds);
    kept[n - 1] = s[0];
    add_slopes(sum, k, dim, g[n - 1], gx + (n - 1) * dim, s[0], ds[0]);
}

static inline slopes pair_backward(const pair *p, size_t dim, const points *all)
{
    slopes sum = no_slopes(dim);
    bool near = within((real)ACT_START, p, dim, all); /* a constant in each copy of the loop */
    EACH(k) near ? vector_backward(p, k, dim, all, true, &sum) : vector_backward(p, k, dim, all, false, &sum);
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
#ifndef ACT_CLOSE
#define ACT_CLOSE (-1) /* of none */
#define act_close act_near
#endif

static inline void series_forward(const pair *after, const pair *delta, size_t dim, const points *all, bool close)
{
    const size_t n = all->n;
    const real *x = all->x;
    vec_unaligned *sum = all->sum, *kept = all->kept;
    for (size_t i = 0; i < n; i++) {
        vec s[2], z[2];
        EACH(k) z[k] = pair_z(delta, k, dim, x + i * dim);
        EACH(k) s[k] = close ? act_close(kept[(size_t)k * n + i], z[k]) : act_near(kept[(size_t)k * n + i], z[k]);
        sum[i] += after->out[0] * s[0] + after->out[1] * s[1];
    }
}
#endif

/* pair_forward after pair_backward of `before`, the last of the pairs. */
static inline void pair_advance(const pair *before, const pair *after, size_t pairs, size_t dim, const points *all)
{
#ifdef ACT_REACH
    pair delta;
    EACH(k) delta.at[k] = after->at[k] - before->at[k];
    for (size_t d = 0; d < dim; d++) EACH(k) delta.in[d][k] = after->in[d][k] - before->in[d][k];
    if (within((real)ACT_CLOSE, &delta, dim, all)) {
        series_forward(after, &delta, dim, all, true);
        return;
    }
    if (within((real)ACT_REACH, &delta, dim, all)) {
        series_forward(after, &delta, dim, all, false);
        return;
    }
#else
    (void)before;
#endif
    pair_forward(after, pairs, dim, all);
}

#ifdef ACT_TURNS
/* A uniform grid goes in blocks of 2 half points. With z the argument in the middle of one, of two points as far from
 * it as a = (c + 1/2) angle
 *
 *   sin(z +- a) = sin z cos a +- cos z sin a,   g sin + g' sin' = sin z (g + g') cos a + cos z (g - g') sin a,
 *
 * so that a point takes two multiplications on the way back, for g and g x, and one forward. The angles a are the same
 * in all blocks; from one to the next z turns by a fixed angle, four multiplications, and after RESTART blocks both are
 * evaluated again: rounding has grown to some 1e-15. Of 512 points that is 8 flop-times a point with tables and turns;
 * measured 12 on AVX-512 (turning from point to point 33), of which stores of sums and the update are the rest. */
enum { HALF = 16, RESTART = 6 };

typedef struct turning {
    vec s[2], ds[2];                                                  /* sine and cosine of z, .. */
    vec sine[HALF][2], cosine[HALF][2], leap_sine[2], leap_cosine[2]; /* .. of a, of the angle between blocks */
} turning;

/* n >= 3; what is there of g. Room: at most 2 n vectors and 4 n numbers. */
static inline void make_blocks(points *all)
{
    size_t n = all->n, half = n / 2 < HALF ? n / 2 : HALF, size = 2 * half;
    all->half = half;
    all->blocks = (n + size - 1) / size;
    for (size_t i = n; i < all->blocks * size; i++) all->sum[i] = vec_set(0);
    all->even = (real *)(all->sum + all->blocks * size);
    all->odd = all->even + all->blocks * size;
    for (size_t at = 0; all->g && at < all->blocks * half; at++) {
        size_t middle = at / half * size + half, i = middle + at % half, j = middle - 1 - at % half;
        real g = i < n ? all->g[i] : 0, back = j < n ? all->g[j] : 0;
        real gx = i < n ? g * all->x[i] : 0, back_x = j < n ? back * all->x[j] : 0;
        all->even[2 * at] = g + back, all->even[2 * at + 1] = gx + back_x;
        all->odd[2 * at] = g - back, all->odd[2 * at + 1] = gx - back_x;
    }
}

static inline void turn(vec *s, vec *c, vec sine, vec cosine)
{
    vec old = *s;
    *s = old * cosine + *c * sine;
    *c = *c * cosine - old * sine;
}

static inline void make_angles(const pair *p, real spacing, size_t half, turning *now)
{
    EACH(k)
    {
        vec s, c;
        vec_sincos(p->in[0][k] * (spacing * (real)0.5), &s, &c);
        vec sine = 2.0 * s * c, cosine = 1.0 - 2.0 * s * s;
        now->s[k] = now->ds[k] = vec_set(0);
        for (size_t i = 0; i < half; i++, turn(&s, &c, sine, cosine)) now->sine[i][k] = s, now->cosine[i][k] = c;
        vec_sincos(p->in[0][k] * (spacing * (real)(2 * half)), &now->leap_sine[k], &now->leap_cosine[k]);
    }
}

/* z of block b, after that of the block before */
static inline void go_to(const pair *p, real spacing, const points *all, size_t b, turning *now)
{
    if (b % RESTART != 0) {
        EACH(k) turn(&now->s[k], &now->ds[k], now->leap_sine[k], now->leap_cosine[k]);
        return;
    }
    real middle = all->x[2 * all->half * b] + spacing * ((real)all->half - (real)0.5);
    EACH(k) act(pair_z(p, k, 1, &middle), &now->s[k], &now->ds[k]);
}

static inline slopes turning_backward(const pair *p, real spacing, const points *all)
{
    slopes sum = no_slopes(1);
    turning now;
    make_angles(p, spacing, all->half, &now);
    for (size_t b = 0; b < all->blocks; b++) {
        const real *g = all->even + 2 * all->half * b, *difference = all->odd + 2 * all->half * b;
        vec even[2] = {vec_set(0), vec_set(0)}, odd[2] = {even[0], even[0]}; /* of g .. */
        vec even_x[2] = {even[0], even[0]}, odd_x[2] = {even[0], even[0]};   /* .. and g x */
        go_to(p, spacing, all, b, &now);
        for (size_t c = 0; c < all->half; c++) {
            EACH(k) even[k] += g[2 * c] * now.cosine[c][k];
            EACH(k) even_x[k] += g[2 * c + 1] * now.cosine[c][k];
            EACH(k) odd[k] += difference[2 * c] * now.sine[c][k];
            EACH(k) odd_x[k] += difference[2 * c + 1] * now.sine[c][k];
        }
        EACH(k) sum.out[k] += now.s[k] * even[k] + now.ds[k] * odd[k];
        EACH(k) sum.at[k] += now.ds[k] * even[k] - now.s[k] * odd[k];
        EACH(k) sum.in[0][k] += now.ds[k] * even_x[k] - now.s[k] * odd_x[k];
    }
    return sum;
}

/* Of `count` blocks from b on, apart: what is odd about the middle, and what is even. */
static inline void turning_blocks(const pair *p, size_t pairs, real spacing, const points *all, size_t b, size_t count,
                                  turning *now)
{
    const size_t half = all->half;
    vec_unaligned *sum = all->sum + 2 * half * b;
    vec even[2][2][2], odd[2][2][2];
    for (size_t q = 0; q < count; q++)
        for (size_t j = 0; j < pairs; j++) {
            go_to(&p[j], spacing, all, b + q, &now[j]);
            EACH(k) even[q][j][k] = p[j].out[k] * now[j].s[k];
            EACH(k) odd[q][j][k] = p[j].out[k] * now[j].ds[k];
        }
    for (size_t c = 0; c < half; c++)
        for (size_t q = 0; q < count; q++) {
            vec left = sum[2 * half * q + c], right = sum[2 * half * q + half + c];
            for (size_t j = 0; j < pairs; j++) {
                EACH(k) left += odd[q][j][k] * now[j].sine[c][k];
                EACH(k) right += even[q][j][k] * now[j].cosine[c][k];
            }
            sum[2 * half * q + c] = left;
            sum[2 * half * q + half + c] = right;
        }
}

/* One or two pairs, so that sums are loaded half as often. */
static inline void turning_forward(const pair *p, size_t pairs, real spacing, const points *all)
{
    turning now[2];
    size_t b = 0;
    for (size_t j = 0; j < pairs; j++) make_angles(&p[j], spacing, all->half, &now[j]);
    for (; b + 2 <= all->blocks; b += 2) turning_blocks(p, pairs, spacing, all, b, 2, now);
    if (b < all->blocks) turning_blocks(p, pairs, spacing, all, b, 1, now);
}

static inline void turning_outputs(const points *all, double *h)
{
    for (size_t at = 0; at < all->blocks * all->half; at++) {
        size_t half = all->half, middle = at / half * 2 * half + half, c = at % half;
        double odd = vec_sum(all->sum[middle - half + c]), even = vec_sum(all->sum[middle + c]);
        if (middle + c < all->n) h[middle + c] = even + odd;
        if (middle - 1 - c < all->n) h[middle - 1 - c] = even - odd;
    }
}
#endif

#endif
