/* Correlations along a sequence by fewer products: a bilinear algorithm takes P of them for m outputs of r taps,
 *
 *   y_l = sum over t of w_t x_(l + t) = sum over p of A_pl (G w)_p (B x)_p,   l < m, t < r, x of N >= m + r - 1
 * numbers.
 *
 * Of C channels and O units each p is a product of matrices, over tiles of m outputs. Three taps: Toom and Cook's F(4,
 * 3) with points 0, 1, -1, 2, -2 and infinity, P = 6 for 12 (Lavin, Gray 2016). More: a DFT of N points whose complex
 * products are three real ones, P = 3/2 N - 1. Many taps are g groups of r = m, which is again a correlation, of (B
 * x)_p along the tiles. By transposition the same three matrices give the gradient of w.
 *
 * Bound: P (g C O + N C + m O) / m multiplications an output instead of k C O: of 64 channels .58 of them at 3 taps,
 * .31 at 31. Measured .75 and .37 of a training step of 1-64-64-1 by plain products: tiles pass through the caches once
 * more, and half of what is beside the products is copying and ReLU. */
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
    real *B, *G, *A; /* [P][N], [P][r], [P][m] */
    real *w;         /* [P][O][g][C] */
    real *x, *y;     /* [P][T + g - 1][C], [P][T][O] */
    real *end;       /* [N][C]: the last tile, with zeros behind it */
} bilinear_room;

enum { BILINEAR_NUMBERS = 1 << 17, FEWEST_TILES = 32, MOST_TILES = 256, LARGEST_DFT = 256 };

/* Multiplications an output, those of G w among so many outputs. */
static double bilinear_cost(const bilinear *b, size_t length)
{
    double P = (double)b->P, C = (double)b->C, O = (double)b->O, N = (double)b->N, m = (double)b->m, g = (double)b->g;
    return P * (g * C * O + N * C + m * O) / m + P * g * (double)b->r * C * O / (double)length;
}

static bilinear with_points(size_t N, size_t r, size_t g, size_t k, size_t channels, size_t units)
{
    bilinear b = {.P = N == 6 ? 6 : 3 * N / 2 - 1, .N = N, .r = r, .m = g > 1 ? r : N - r + 1, .g = g, .k = k};
    b.C = channels;
    b.O = units;
    b.T = BILINEAR_NUMBERS / (b.P * (channels + units));
    b.T = b.T < FEWEST_TILES ? FEWEST_TILES : b.T > MOST_TILES ? MOST_TILES : b.T;
    b.step = b.P * (b.N + b.r + b.m) + b.P * units * g * channels + b.P * (b.T + g - 1) * channels + b.P * b.T * units +
             b.N * channels;
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
 * b (c + d), and y_l = 1/N sum over frequencies of Re X V exp(2 pi i l f / N), twice but for f = 0 and N / 2. */
static void fill_dft(const bilinear *s, real *B, real *G, real *A)
{
    double cosine[LARGEST_DFT], sine[LARGEST_DFT];
    size_t N = s->N, p = 0;
    for (size_t j = 0; j < N; j++) {
        cosine[j] = cos(2 * M_PI * (double)j / (double)N);
        sine[j] = sin(2 * M_PI * (double)j / (double)N);
    }
    for (size_t f = 0; f <= N / 2; f++)
        for (size_t part = 0; part < (f % (N / 2) ? 3 : 1); part++, p++) {
            bool alone = f % (N / 2) == 0;
            double to = (alone ? 1 : 2) / (double)N;
            for (size_t j = 0; j < N; j++) {
                double c = cosine[f * j % N], d = alone ? 0 : sine[f * j % N];
                B[p * N + j] = (real)(part == 0 ? c - d : part == 1 ? c : -d);
                if (j < s->r) G[p * s->r + j] = (real)(part == 0 ? c : part == 1 ? d - c : c + d);
                if (j < s->m) A[p * s->m + j] = (real)(to * (part == 0 ? c - d : part == 1 ? -d : -c));
            }
        }
}

static bilinear_room open_bilinear(const bilinear *s, real *space)
{
    bilinear_room a = {.B = space};
    a.G = a.B + s->P * s->N;
    a.A = a.G + s->P * s->r;
    a.w = a.A + s->P * s->m;
    a.x = a.w + s->P * s->O * s->g * s->C;
    a.y = a.x + s->P * (s->T + s->g - 1) * s->C;
    a.end = a.y + s->P * s->T * s->O;
    if (s->N == 6)
        fill_toom(a.G, a.A);
    else
        fill_dft(s, a.B, a.G, a.A);
    return a;
}

/* The same of B x, A^T y and A y for Toom and Cook's points, whose zeros and ones are known: rows of x and y are as far
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

/* y[rows][columns] = M x or M^T x, x[inner][columns]; `known`: one of the above, or NULL */
static void combine(void (*known)(size_t, const real *, size_t, real *, size_t), bool transposed, size_t rows,
                    size_t columns, size_t inner, const real *matrix, size_t ld, const real *x, size_t ldx, real *y,
                    size_t ldy)
{
    if (known)
        known(columns, x, ldx, y, ldy);
    else
        gemm(transposed, false, rows, columns, inner, 1, matrix, ld, x, ldx, 0, y, ldy);
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
        combine(s->N == 6 ? toom_inputs : NULL, false, s->P, s->C, s->N, a->B, s->N, x, s->C, a->x + i * s->C,
                (s->T + s->g - 1) * s->C);
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
            combine(s->N == 6 && rows == 4 ? toom_outputs : NULL, true, rows, O, s->P, a.A, s->m, a.y + i * O, T * O,
                    to + start * O, O);
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
            combine(s->N == 6 && rows == 4 ? toom_slopes : NULL, false, s->P, O, rows, a.A, s->m, gy + start * O, O,
                    a.y + i * O, T * O);
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
