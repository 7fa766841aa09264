#include "net/loops/fourier.h"

#include <string.h>

#include <specbias/net.h>

#include "net/activation/vec.h"
#include "net/sweep.h"

/* On a uniform grid of one dimension the next point turns every feature by a fixed angle: four multiplications instead
 * of a sine and a cosine. After RESTART points rounding has grown to some 1e-15 and both are evaluated again. */
#define RESTART 32

/* Two vectors of features at one point. */
typedef struct waves {
    vec c[2], s[2];
} waves;

static double spacing_of(size_t dim, size_t n, const double *x)
{
    return dim == 1 ? sb_grid_spacing(n, x) : 0;
}

static inline waves waves_at(const sb_fourier_units *units, size_t j, size_t dim, const double *x)
{
    waves now;
    for (int k = 0; k < 2; k++) {
        const double *w = units->theta + 2 * units->stride + j + (size_t)k * SB_LANES;
        vec phase = vec_load(w) * x[0];
        for (size_t d = 1; d < dim; d++) phase += vec_load(w + d * units->stride) * x[d];
        vec_sincos(phase, &now.s[k], &now.c[k]);
    }
    return now;
}

/* From point i - 1 to point i. */
static inline void move_waves(waves *now, const waves *turn, double spacing, const sb_fourier_units *units, size_t j,
                              size_t dim, size_t i, const double *x)
{
    if (spacing == 0 || i % RESTART == 0) {
        *now = waves_at(units, j, dim, x + i * dim);
        return;
    }
    for (int k = 0; k < 2; k++) {
        vec c = now->c[k], s = now->s[k];
        now->c[k] = c * turn->c[k] - s * turn->s[k];
        now->s[k] = s * turn->c[k] + c * turn->s[k];
    }
}

static __attribute__((noinline)) void evaluate_pairs(size_t n, const double *z, double *c, double *s)
{
    vec sine, cosine;
    for (size_t i = 0; i < n; i += SB_LANES) {
        vec_sincos(vec_load(z + i), &sine, &cosine);
        vec_store(c + i, cosine);
        vec_store(s + i, sine);
    }
}

static void evaluate(size_t n, const double *z, double *c, double *s)
{
    padded last;
    size_t rest = pad(n, z, &last), whole = n - rest;
    evaluate_pairs(whole, z, c, s);
    if (rest == 0) return;
    evaluate_pairs(2 * SB_LANES, last.z, last.ds, last.s);
    memcpy(c + whole, last.ds, rest * sizeof *c);
    memcpy(s + whole, last.s, rest * sizeof *s);
}

static void forward(const sb_fourier_units *units, size_t n, const double *x, double *scratch, double *h)
{
    vec_unaligned *sum = (vec_unaligned *)scratch;
    double spacing = spacing_of(units->dim, n, x);
    for (size_t i = 0; i < n; i++) sum[i] = vec_set(0);
    for (size_t j = 0; j < units->count; j += 2 * SB_LANES) {
        const double *a = units->theta + j, *b = a + units->stride;
        vec a0 = vec_load(a), a1 = vec_load(a + SB_LANES), b0 = vec_load(b), b1 = vec_load(b + SB_LANES);
        waves now = waves_at(units, j, units->dim, x), turn = waves_at(units, j, 1, &spacing);
        for (size_t i = 0; i < n; i++) {
            if (i > 0) move_waves(&now, &turn, spacing, units, j, units->dim, i, x);
            sum[i] += (a0 * now.c[0] + b0 * now.s[0]) + (a1 * now.c[1] + b1 * now.s[1]);
        }
    }
    for (size_t i = 0; i < n; i++) h[i] = vec_sum(sum[i]);
}

/* Of two vectors of units: sum_i g_i cos, sum_i g_i sin, and sum_i g_i x_d (b cos - a sin). */
typedef struct slopes {
    vec a[2], b[2], w[SB_MOST_DIMENSIONS][2];
} slopes;

static inline void slopes_of(const sb_fourier_units *units, size_t j, size_t dim, double spacing, size_t n,
                             const double *x, const double *g, slopes *sum)
{
    const double *a = units->theta + j, *b = a + units->stride;
    vec out_a[2] = {vec_load(a), vec_load(a + SB_LANES)}, out_b[2] = {vec_load(b), vec_load(b + SB_LANES)};
    vec gc[2] = {{0}}, gs[2] = {{0}}, gxc[SB_MOST_DIMENSIONS][2], gxs[SB_MOST_DIMENSIONS][2];
    for (size_t d = 0; d < dim; d++) gxc[d][0] = gxc[d][1] = gxs[d][0] = gxs[d][1] = vec_set(0);
    waves now = waves_at(units, j, dim, x), turn = waves_at(units, j, 1, &spacing);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) move_waves(&now, &turn, spacing, units, j, dim, i, x);
        for (int k = 0; k < 2; k++) {
            vec c = g[i] * now.c[k], s = g[i] * now.s[k];
            gc[k] += c;
            gs[k] += s;
            for (size_t d = 0; d < dim; d++) {
                gxc[d][k] += x[i * dim + d] * c;
                gxs[d][k] += x[i * dim + d] * s;
            }
        }
    }
    for (int k = 0; k < 2; k++) {
        sum->a[k] = gc[k];
        sum->b[k] = gs[k];
        for (size_t d = 0; d < dim; d++) sum->w[d][k] = out_b[k] * gxc[d][k] - out_a[k] * gxs[d][k];
    }
}

/* One dimension is the usual case: a constant for the compiler. */
static inline void sum_slopes(const sb_fourier_units *units, size_t j, double spacing, size_t n, const double *x,
                              const double *g, slopes *sum)
{
    if (units->dim == 1)
        slopes_of(units, j, 1, spacing, n, x, g, sum);
    else
        slopes_of(units, j, units->dim, 0, n, x, g, sum);
}

static void gradient(const sb_fourier_units *units, size_t n, const double *x, const double *g, double *to)
{
    double spacing = spacing_of(units->dim, n, x);
    slopes sum;
    for (size_t j = 0; j < units->count; j += 2 * SB_LANES) {
        sum_slopes(units, j, spacing, n, x, g, &sum);
        for (size_t k = 0; k < 2; k++) {
            double *place = to + j + k * SB_LANES;
            vec_store(place, sum.a[k]);
            vec_store(place + units->stride, sum.b[k]);
            for (size_t d = 0; d < units->dim && !units->frozen; d++)
                vec_store(place + (2 + d) * units->stride, sum.w[d][k]);
        }
    }
}

static inline void descend(double *theta, double rate, vec slope)
{
    vec_store(theta, vec_load(theta) - rate * slope);
}

static void step(const sb_fourier_units *units, size_t n, const double *x, const double *g, double rate)
{
    double spacing = spacing_of(units->dim, n, x);
    slopes sum;
    for (size_t j = 0; j < units->count; j += 2 * SB_LANES) {
        sum_slopes(units, j, spacing, n, x, g, &sum);
        for (size_t k = 0; k < 2; k++) {
            double *theta = units->theta + j + k * SB_LANES;
            descend(theta, rate, sum.a[k]);
            descend(theta + units->stride, rate, sum.b[k]);
            for (size_t d = 0; d < units->dim && !units->frozen; d++)
                descend(theta + (2 + d) * units->stride, rate, sum.w[d][k]);
        }
    }
}

#define SB_JOIN_(isa) sb_fourier_loops_##isa
#define SB_JOIN(isa) SB_JOIN_(isa)
extern const sb_fourier_loops SB_JOIN(SB_ISA);
const sb_fourier_loops SB_JOIN(SB_ISA) = {evaluate, forward, gradient, step};
