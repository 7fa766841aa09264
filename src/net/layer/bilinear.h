/* Correlations along a sequence by fewer products: a bilinear algorithm takes P of them for m outputs of r taps,
 *
 *   y_l = sum over t of w_t x_(l + t) = sum over p of A_pl (G w)_p (B x)_p,   l < m, t < r, x of N >= m + r - 1
 * numbers.
 *
 * Of C channels and O units each p is a product of matrices, over tiles of m outputs. Three taps: Toom and Cook's F(4,
 * 3) with points 0, 1, -1, 2, -2 and infinity, P = 6 for 12 (Lavin, Gray 2016). More: a DFT of N points whose complex
 * products are three real ones, P = 3/2 N - 1; sums and differences of x_j and x_(N - j) halve what it costs. Many taps
 * are g groups of r = m, which is again a correlation, of (B x)_p along the tiles. By transposition the same three
 * matrices give the gradient of w.
 *
 * Bound: P g C O / m multiplications an output for the products, and of a DFT N^2 C / 2 m + N O for the tiles, instead
 * of k C O: of 64 channels .52 of them at 3 taps, .15 at 31. Measured .75 and .32 of a training step of 1-64-64-1 by
 * plain products: tiles pass through the caches once more, their products are small, and half of what is beside them is
 * copying and ReLU. */
#ifndef SPECBIAS_NET_LAYER_BILINEAR_H
#define SPECBIAS_NET_LAYER_BILINEAR_H

#include <math.h>
#include <string.h>

#include "net/layer/layer.h"

/* ---- plain products ----
 *
 * The windows that start at r, r + k, r + 2k, .. do not overlap, so they are the rows of a matrix [..][k C] in place: k
 * products do it all. */

/* to[windows][O] = scale from[windows + k - 1][C] with w[O][k][C] */
static void correlate(size_t windows, size_t k, size_t C, size_t O, double scale, const real *from, const real *w,
                      real *to)
{
    for (size_t r = 0; r < k && r < windows; r++)
        gemm(false, true, (windows - 1 - r) / k + 1, O, k * C, (real)scale, from + r * C, k * C, w, k * C, 0,
             to + r * O, k * O);
}

/* gradient[O][k][C] += scale sum over windows of gy[window][O] x[window + t][C] */
static void correlate_gradient(size_t windows, size_t k, size_t C, size_t O, double scale, const real *x,
                               const real *gy, real *gradient)
{
    for (size_t r = 0; r < k && r < windows; r++)
        gemm(true, false, O, k * C, (windows - 1 - r) / k + 1, (real)scale, gy + r * O, k * O, x + r * C, k * C, 1,
             gradient, k * C);
}

/* ---- fewer products ---- */

typedef struct bilinear {
    size_t P, N, r, m, g; /* P = 0: plain products are fewer, and are taken */
    size_t k, C, O, T;    /* taps, channels, units; tiles at a time */
    size_t step;          /* numbers of the scratch */
} bilinear;

typedef struct bilinear_room {
    real *G, *A;         /* [P][r]; [6][m], or of a DFT [N][m]: cosines of f <= N / 2, -sines of the f between */
    real *cosine, *sine; /* of a DFT: [N / 2 + 1][N / 2 + 1], -sin [N / 2 - 1][N / 2 - 1] */
    real *w;             /* [P][O][g][C] */
    real *x, *y;         /* [P][T + g - 1][C], [P][T][O] */
    real *end;           /* [N][C]: the last tile, with zeros behind it */
    real *fold;          /* [N][C] or [N][O] */
} bilinear_room;

enum { BILINEAR_NUMBERS = 1 << 17, FEWEST_TILES = 32, MOST_TILES = 256, LARGEST_DFT = 256 };

/* Multiplications an output, those of G w among so many outputs. */
static double bilinear_cost(const bilinear *b, size_t length)
{
    double P = (double)b->P, C = (double)b->C, O = (double)b->O, N = (double)b->N, m = (double)b->m, g = (double)b->g;
    double tiles = b->N == 6 ? (8 * C + 7 * O) / m : N * N / 2 * C / m + N * O;
    return P * g * C * O / m + tiles + P * g * (double)b->r * C * O / (double)length;
}

static bilinear with_points(size_t N, size_t r, size_t g, size_t k, size_t channels, size_t units)
{
    bilinear b = {.P = N == 6 ? 6 : 3 * N / 2 - 1, .N = N, .r = r, .m = g > 1 ? r : N - r + 1, .g = g, .k = k};
    b.C = channels;
    b.O = units;
    b.T = BILINEAR_NUMBERS / (b.P * (channels + units));
    b.T = b.T < FEWEST_TILES ? FEWEST_TILES : b.T > MOST_TILES ? MOST_TILES : b.T;
    b.step = b.P * r + N * b.m + N * N + b.P * units * g * channels + b.P * (b.T + g - 1) * channels +
             b.P * b.T * units + 2 * N * channels + N * units;
    return b;
}

static bilinear find_bilinear(size_t k, size_t channels, size_t units, size_t length)
{
    bilinear best = {.k = k, .C = channels, .O = units};
    double least = .8 * (double)(k * channels * units); /* what it takes to pay for the tiles */
    for (size_t N = k == 3 ? 6 : 16; N <= LARGEST_DFT; N = N < 16 ? 16 : 2 * N)
        for (size_t groups = 0; groups < 2; groups++) {
            size_t r = groups ? N / 2 : k, g = groups ? (k + r - 1) / r : 1;
            bilinear b = with_points(N, r, g, k, channels, units);
            if (r >= N || (groups && (g < 2 || N == 6)) || bilinear_cost(&b, length) >= least) continue;
            least = bilinear_cost(&b, length);
            best = b;
        }
    return best;
}

/* toom_inputs is B */
static void fill_toom(real *G, real *A)
{
    static const real g[18] = {6, 0, 0, -4, -4, -4, -4, 4, -4, 1, 2, 4, 1, -2, 4, 0, 0, 24}; /* / 24 */
    static const real a[24] = {1, 0, 0, 0, 1, 1, 1, 1, 1, -1, 1, -1, 1, 2, 4, 8, 1, -2, 4, -8, 0, 0, 0, 1};
    for (size_t i = 0; i < 18; i++) G[i] = g[i] / 24;
    memcpy(A, a, sizeof a);
}

/* X = a + i b of x and V = c + i d of w, conjugate: X V = t1 - t3 + i (t1 + t2) of t1 = c (a + b), t2 = a (d - c), t3 =
 * b (c + d), and y_l = 1/N sum over frequencies of Re X V exp(2 pi i l f / N), twice but for f = 0 and N / 2, where b =
 * d = 0. The products stand as t2 (or c a) of f = 0 .. H = N / 2, t3 of f = 1 .. H - 1, t1 of the same. */
static void fill_dft(const bilinear *s, const bilinear_room *a)
{
    double cosine[LARGEST_DFT], sine[LARGEST_DFT];
    size_t N = s->N, H = N / 2;
    for (size_t j = 0; j < N; j++) {
        cosine[j] = cos(2 * M_PI * (double)j / (double)N);
        sine[j] = sin(2 * M_PI * (double)j / (double)N);
    }
    for (size_t f = 0; f <= H; f++) {
        bool between = f % H != 0;
        real *t2 = a->G + f * s->r, *t3 = t2 + H * s->r, *t1 = t3 + (H - 1) * s->r;
        real *real_part = a->A + f * s->m, *imaginary = real_part + H * s->m;
        for (size_t j = 0; j < s->r; j++) {
            double c = cosine[f * j % N], d = sine[f * j % N];
            t2[j] = (real)(between ? d - c : c);
            if (between) t3[j] = (real)(c + d);
            if (between) t1[j] = (real)c;
        }
        for (size_t j = 0; j < s->m; j++) {
            real_part[j] = (real)((between ? 2 : 1) / (double)N * cosine[f * j % N]);
            if (between) imaginary[j] = (real)(-2 / (double)N * sine[f * j % N]);
        }
        for (size_t j = 0; j <= H; j++) a->cosine[f * (H + 1) + j] = (real)cosine[f * j % N];
        for (size_t j = 1; between && j < H; j++) a->sine[(f - 1) * (H - 1) + j - 1] = (real)-sine[f * j % N];
    }
}

static bilinear_room open_bilinear(const bilinear *s, real *space)
{
    size_t H = s->N / 2;
    bilinear_room a = {.G = space};
    a.A = a.G + s->P * s->r;
    a.cosine = a.A + s->N * s->m;
    a.sine = a.cosine + (H + 1) * (H + 1);
    a.w = a.cosine + s->N * s->N;
    a.x = a.w + s->P * s->O * s->g * s->C;
    a.y = a.x + s->P * (s->T + s->g - 1) * s->C;
    a.end = a.y + s->P * s->T * s->O;
    a.fold = a.end + s->N * s->C;
    if (s->N == 6)
        fill_toom(a.G, a.A);
    else
        fill_dft(s, &a);
    return a;
}

/* B x, A^T y and A y for Toom and Cook's points, whose zeros and ones are known: rows of x and y are as far
 * apart as their matrix's, `columns` numbers each. 15, 14 and 10 operations a column. */
static void toom_inputs(size_t columns, const real *restrict x, size_t ldx, real *restrict y, size_t ldy)
{
    for (size_t c = 0; c < columns; c++) {
        real x0 = x[c], x1 = x[ldx + c], x2 = x[2 * ldx + c], x3 = x[3 * ldx + c], x4 = x[4 * ldx + c];
        real even = x4 - 4 * x2, odd = x3 - 4 * x1, near = x4 - x2, far = 2 * (x3 - x1);
        y[c] = 4 * x0 - 5 * x2 + x4;
        y[ldy + c] = even + odd;
        y[2 * ldy + c] = even - odd;
        y[3 * ldy + c] = near + far;
        y[4 * ldy + c] = near - far;
        y[5 * ldy + c] = 4 * x1 - 5 * x3 + x[5 * ldx + c];
    }
}

static void toom_outputs(size_t columns, const real *restrict x, size_t ldx, real *restrict y, size_t ldy)
{
    for (size_t c = 0; c < columns; c++) {
        real x1 = x[ldx + c], x2 = x[2 * ldx + c], x3 = x[3 * ldx + c], x4 = x[4 * ldx + c];
        real near = x1 + x2, near_odd = x1 - x2, far = x3 + x4, far_odd = x3 - x4;
        y[c] = x[c] + near + far;
        y[ldy + c] = near_odd + 2 * far_odd;
        y[2 * ldy + c] = near + 4 * far;
        y[3 * ldy + c] = near_odd + 8 * far_odd + x[5 * ldx + c];
    }
}

static void toom_slopes(size_t columns, const real *restrict x, size_t ldx, real *restrict y, size_t ldy)
{
    for (size_t c = 0; c < columns; c++) {
        real x0 = x[c], x1 = x[ldx + c], x2 = x[2 * ldx + c], x3 = x[3 * ldx + c];
        real even = x0 + x2, odd = x1 + x3, far = x0 + 4 * x2, far_odd = 2 * x1 + 8 * x3;
        y[c] = x0;
        y[ldy + c] = even + odd;
        y[2 * ldy + c] = even - odd;
        y[3 * ldy + c] = far + far_odd;
        y[4 * ldy + c] = far - far_odd;
        y[5 * ldy + c] = x3;
    }
}

/* B x of a DFT: real and imaginary parts from sums and differences of what stands at j and N - j. */
static void dft_inputs(const bilinear *s, const bilinear_room *a, const real *restrict x, real *restrict y, size_t ldy)
{
    size_t H = s->N / 2, C = s->C;
    real *restrict sum = a->fold, *restrict difference = sum + (H + 1) * C;
    memcpy(sum, x, C * sizeof *x);
    memcpy(sum + H * C, x + H * C, C * sizeof *x);
    for (size_t j = 1; j < H; j++)
        for (size_t c = 0; c < C; c++) {
            real here = x[j * C + c], there = x[(s->N - j) * C + c];
            sum[j * C + c] = here + there;
            difference[(j - 1) * C + c] = here - there;
        }
    gemm(false, false, H + 1, C, H + 1, 1, a->cosine, H + 1, sum, C, 0, y, ldy);
    gemm(false, false, H - 1, C, H - 1, 1, a->sine, H - 1, difference, C, 0, y + (H + 1) * ldy, ldy);
    for (size_t f = 1; f < H; f++)
        for (size_t c = 0; c < C; c++) y[(2 * H - 1 + f) * ldy + c] = y[f * ldy + c] + y[(H + f) * ldy + c];
}

/* to[rows][O] of products t */
static void dft_outputs(const bilinear *s, const bilinear_room *a, size_t rows, const real *restrict t, size_t ldt,
                        real *to)
{
    size_t H = s->N / 2, O = s->O;
    real *restrict both = a->fold;
    memcpy(both, t, O * sizeof *t);
    memcpy(both + H * O, t + H * ldt, O * sizeof *t);
    for (size_t f = 1; f < H; f++)
        for (size_t o = 0; o < O; o++) {
            real t1 = t[(2 * H - 1 + f) * ldt + o];
            both[f * O + o] = t1 - t[(H + f) * ldt + o];
            both[(H + f) * O + o] = t1 + t[f * ldt + o];
        }
    gemm(true, false, rows, O, s->N, 1, a->A, s->m, both, O, 0, to, O);
}

/* Of g[rows][O] the gradient by t. */
static void dft_slopes(const bilinear *s, const bilinear_room *a, size_t rows, const real *g, real *restrict t,
                       size_t ldt)
{
    size_t H = s->N / 2, O = s->O;
    real *restrict both = a->fold;
    gemm(false, false, s->N, O, rows, 1, a->A, s->m, g, O, 0, both, O);
    memcpy(t, both, O * sizeof *t);
    memcpy(t + H * ldt, both + H * O, O * sizeof *t);
    for (size_t f = 1; f < H; f++)
        for (size_t o = 0; o < O; o++) {
            t[f * ldt + o] = both[(H + f) * O + o];
            t[(H + f) * ldt + o] = -both[f * O + o];
            t[(2 * H - 1 + f) * ldt + o] = both[f * O + o] + both[(H + f) * O + o];
        }
}

/* a->x = B of count tiles of from[all][C], the first at row `first` */
static void transform_inputs(const bilinear *s, const bilinear_room *a, size_t all, size_t first, size_t count,
                             const real *from)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = first + i * s->m, have = start < all ? all - start : 0;
        const real *x = from + start * s->C;
        if (have < s->N) {
            memcpy(a->end, x, have * s->C * sizeof *x);
            memset(a->end + have * s->C, 0, (s->N - have) * s->C * sizeof *x);
            x = a->end;
        }
        size_t ld = (s->T + s->g - 1) * s->C;
        if (s->N == 6)
            toom_inputs(s->C, x, s->C, a->x + i * s->C, ld);
        else
            dft_inputs(s, a, x, a->x + i * s->C, ld);
    }
}

static size_t rows_of_tile(const bilinear *s, size_t windows, size_t start)
{
    return windows - start < s->m ? windows - start : s->m;
}

static size_t tiles_from(const bilinear *s, size_t windows, size_t first)
{
    size_t left = (windows - first + s->m - 1) / s->m;
    return left < s->T ? left : s->T;
}

/* Taps of group t. */
static size_t taps_of(const bilinear *s, size_t t)
{
    return s->k - t * s->r < s->r ? s->k - t * s->r : s->r;
}

/* to[windows][O] = scale from[windows + k - 1][C] with w[O][k][C] */
static void correlate_bilinear(const bilinear *s, size_t windows, double scale, const real *from, const real *w,
                               real *to, real *space)
{
    if (s->P == 0) {
        correlate(windows, s->k, s->C, s->O, scale, from, w, to);
        return;
    }
    bilinear_room a = open_bilinear(s, space);
    size_t C = s->C, O = s->O, T = s->T, g = s->g, all = windows + s->k - 1;
    for (size_t o = 0; o < O; o++)
        for (size_t t = 0; t < g; t++)
            gemm(false, false, s->P, C, taps_of(s, t), (real)scale, a.G, s->r, w + (o * s->k + t * s->r) * C, C, 0,
                 a.w + (o * g + t) * C, O * g * C);
    for (size_t first = 0; first < windows; first += T * s->m) {
        size_t count = tiles_from(s, windows, first);
        transform_inputs(s, &a, all, first, count + g - 1, from);
        for (size_t p = 0; p < s->P; p++)
            correlate(count, g, C, O, 1, a.x + p * (T + g - 1) * C, a.w + p * O * g * C, a.y + p * T * O);
        for (size_t i = 0; i < count; i++) {
            size_t start = first + i * s->m, rows = rows_of_tile(s, windows, start);
            const real *y = a.y + i * O;
            if (s->N == 6 && rows == 4)
                toom_outputs(O, y, T * O, to + start * O, O);
            else if (s->N == 6)
                gemm(true, false, rows, O, 6, 1, a.A, 4, y, T * O, 0, to + start * O, O);
            else
                dft_outputs(s, &a, rows, y, T * O, to + start * O);
        }
    }
}

/* gradient[O][k][C] += scale sum over windows of gy[window][O] x[window + t][C] */
static void gradient_bilinear(const bilinear *s, size_t windows, double scale, const real *x, const real *gy,
                              real *gradient, real *space)
{
    if (s->P == 0) {
        correlate_gradient(windows, s->k, s->C, s->O, scale, x, gy, gradient);
        return;
    }
    bilinear_room a = open_bilinear(s, space);
    size_t C = s->C, O = s->O, T = s->T, g = s->g, all = windows + s->k - 1;
    memset(a.w, 0, s->P * O * g * C * sizeof *a.w);
    for (size_t first = 0; first < windows; first += T * s->m) {
        size_t count = tiles_from(s, windows, first);
        transform_inputs(s, &a, all, first, count + g - 1, x);
        for (size_t i = 0; i < count; i++) {
            size_t start = first + i * s->m, rows = rows_of_tile(s, windows, start);
            const real *from = gy + start * O;
            if (s->N == 6 && rows == 4)
                toom_slopes(O, from, O, a.y + i * O, T * O);
            else if (s->N == 6)
                gemm(false, false, 6, O, rows, 1, a.A, 4, from, O, 0, a.y + i * O, T * O);
            else
                dft_slopes(s, &a, rows, from, a.y + i * O, T * O);
        }
        for (size_t p = 0; p < s->P; p++)
            correlate_gradient(count, g, C, O, 1, a.x + p * (T + g - 1) * C, a.y + p * T * O, a.w + p * O * g * C);
    }
    for (size_t o = 0; o < O; o++)
        for (size_t t = 0; t < g; t++)
            gemm(true, false, taps_of(s, t), C, s->P, (real)scale, a.G, s->r, a.w + (o * g + t) * C, O * g * C, 1,
                 gradient + (o * s->k + t * s->r) * C, C);
}

#endif
