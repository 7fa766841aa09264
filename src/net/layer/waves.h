/* The fused step (net/sweep.h) of features a cos(w . x) + b sin(w . x), two vectors of them at a time. On a uniform
 * grid of one dimension the next point turns every feature by a fixed angle: four multiplications instead of a sine and
 * a cosine. After RESTART points rounding has grown to some 1e-15 and both are evaluated again. */
#ifndef SPECBIAS_NET_LAYER_WAVES_H
#define SPECBIAS_NET_LAYER_WAVES_H

#include "net/lanes.h"

#define RESTART 32
#define EACH(k) for (int k = 0; k < 2; k++)

typedef struct wave_units {
    vec a[2], b[2], w[SB_MOST_DIMENSIONS][2];
} wave_units;

/* Of `count` units from j on; lanes beyond have no weights and so no share. Only the axes in use are written. */
static inline void read_features(const sb_sweep *sweep, size_t dim, size_t j, size_t count, wave_units *f)
{
    const sb_two_layer *parts = sweep->parts;
    const real *theta = sweep->theta, *w = theta + parts->in + j * dim;
    EACH(k)
    {
        size_t skip = (size_t)k * SB_LANES, left = count > skip ? count - skip : 0;
        for (size_t d = 0; d < dim; d++) f->w[d][k] = gather(w + skip * dim + d, dim, left);
        f->a[k] = (real)parts->out_scale * gather(theta + parts->out + j + skip, 1, left);
        f->b[k] = (real)parts->out_scale * gather(theta + parts->out_sine + j + skip, 1, left);
    }
}

/* cos and sin of w . x, and from point i - 1 to point i. */
typedef struct waves {
    vec c[2], s[2];
} waves;

static inline waves waves_at(const wave_units *f, size_t dim, const real *x)
{
    waves now;
    EACH(k)
    {
        vec phase = f->w[0][k] * x[0];
        for (size_t d = 1; d < dim; d++) phase += f->w[d][k] * x[d];
        vec_sincos(phase, &now.s[k], &now.c[k]);
    }
    return now;
}

static inline void move_waves(waves *now, const waves *turn, double spacing, const wave_units *f, size_t dim, size_t i,
                              const real *x)
{
    if (spacing == 0 || i % RESTART == 0) {
        *now = waves_at(f, dim, x + i * dim);
        return;
    }
    EACH(k)
    {
        vec c = now->c[k], s = now->s[k];
        now->c[k] = c * turn->c[k] - s * turn->s[k];
        now->s[k] = s * turn->c[k] + c * turn->s[k];
    }
}

/* The gradients sum_i g_i cos, sum_i g_i sin, and sum_i g_i x_d (b cos - a sin). */
static inline void features_backward(const sb_sweep *sweep, size_t dim, const wave_units *f, wave_units *slope)
{
    const real *x = sweep->x, *g = sweep->g, spacing = (real)sweep->spacing;
    vec gc[2] = {{0}}, gs[2] = {{0}}, gxc[SB_MOST_DIMENSIONS][2], gxs[SB_MOST_DIMENSIONS][2];
    for (size_t d = 0; d < dim; d++) EACH(k) gxc[d][k] = gxs[d][k] = vec_set(0);
    waves now = waves_at(f, dim, x), turn = waves_at(f, 1, &spacing);
    for (size_t i = 0; i < sweep->n; i++) {
        if (i > 0) move_waves(&now, &turn, sweep->spacing, f, dim, i, x);
        EACH(k)
        {
            vec c = g[i] * now.c[k], s = g[i] * now.s[k];
            gc[k] += c;
            gs[k] += s;
            for (size_t d = 0; d < dim; d++) {
                gxc[d][k] += x[i * dim + d] * c;
                gxs[d][k] += x[i * dim + d] * s;
            }
        }
    }
    EACH(k)
    {
        slope->a[k] = (real)sweep->parts->out_scale * gc[k];
        slope->b[k] = (real)sweep->parts->out_scale * gs[k];
        for (size_t d = 0; d < dim; d++) slope->w[d][k] = f->b[k] * gxc[d][k] - f->a[k] * gxs[d][k];
    }
}

static inline void update_features(const sb_sweep *sweep, size_t dim, size_t j, size_t count, const wave_units *slope)
{
    const sb_two_layer *parts = sweep->parts;
    real gradient[2 * SB_LANES * SB_MOST_DIMENSIONS];
    if (parts->in_trained) {
        EACH(k)
        for (size_t d = 0; d < dim; d++) scatter(slope->w[d][k], gradient + (size_t)k * SB_LANES * dim + d, dim);
        move(sweep, parts->in + j * dim, count * dim, gradient);
    }
    if (!parts->out_trained) return;
    EACH(k) vec_store(gradient + k * SB_LANES, slope->a[k]);
    move(sweep, parts->out + j, count, gradient);
    EACH(k) vec_store(gradient + k * SB_LANES, slope->b[k]);
    move(sweep, parts->out_sine + j, count, gradient);
}

static inline void features_forward(const sb_sweep *sweep, size_t dim, const wave_units *f)
{
    const real *x = sweep->x, spacing = (real)sweep->spacing;
    vec_unaligned *sum = sweep->scratch;
    waves now = waves_at(f, dim, x), turn = waves_at(f, 1, &spacing);
    for (size_t i = 0; i < sweep->n; i++) {
        if (i > 0) move_waves(&now, &turn, sweep->spacing, f, dim, i, x);
        sum[i] += (f->a[0] * now.c[0] + f->b[0] * now.s[0]) + (f->a[1] * now.c[1] + f->b[1] * now.s[1]);
    }
}

static inline void sweep_features(const sb_sweep *sweep, size_t dim, size_t first, size_t count)
{
    vec_unaligned *sum = sweep->scratch;
    for (size_t i = 0; i < sweep->n; i++) sum[i] = vec_set(0);
    for (size_t done = 0; done < count; done += 2 * SB_LANES) {
        wave_units f, slope;
        size_t j = first + done, units = count - done < 2 * SB_LANES ? count - done : 2 * SB_LANES;
        read_features(sweep, dim, j, units, &f);
        if (sweep->g) {
            features_backward(sweep, dim, &f, &slope);
            update_features(sweep, dim, j, units, &slope);
            read_features(sweep, dim, j, units, &f);
        }
        if (sweep->h) features_forward(sweep, dim, &f);
    }
    for (size_t i = 0; sweep->h && i < sweep->n; i++) sweep->h[i] = vec_sum(sum[i]);
}

/* One dimension is the usual case: a constant for the compiler. */
static void sweep(const sb_sweep *what, size_t first, size_t count)
{
    if (what->parts->dim == 1)
        sweep_features(what, 1, first, count);
    else
        sweep_features(what, what->parts->dim, first, count);
}

#undef EACH

#endif
