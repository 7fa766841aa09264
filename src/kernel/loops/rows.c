/* Divisions and square roots are the bound: of a pair 4 and 1 of ReLU, 4 and 1 of erf, 4 of a dense layer with biases,
 * a third of the time on AVX-512 (16 cycles of 8 pairs each); the rest are 45 and 30 flops. Depth 3, with products and
 * copies: 31 ns a pair of ReLU, 27 of erf, half of what walking from pair to pair took. */
#include "kernel/loops/rows.h"

#include <math.h>

#define MOST 1e150 /* q of erf, whose square is taken */
#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

/* atan (a / b) of 0 <= a <= b to 1e-16, without branches (Cephes, Moshier 1992): beyond tan(pi / 8) by
 * pi/4 + atan((x - 1) / (x + 1)), and x + x z P(z) / Q(z), z = x^2. */
static inline double arc_tangent(double a, double b)
{
    bool wide = a > 0.41421356237309503 * b;
    double y = (wide ? a - b : a) / (wide ? a + b : b), z = y * y;
    double P = (((-8.750608600031904122785e-1 * z - 1.615753718733365076637e1) * z - 7.500855792314704667340e1) * z -
                1.228866684490136173410e2) *
                   z -
               6.485021904942025371773e1;
    double Q =
        ((((z + 2.485846490142306297962e1) * z + 1.650270098316988542046e2) * z + 4.328810604912902668951e2) * z +
         4.853903996359136964868e2) *
            z +
        1.945506571482613964425e2;
    return (wide ? M_PI_4 : 0) + (y + y * (z * P / Q));
}

/* sin t - t cos t, and its series where the two are nearly the same */
static inline double crescent(double t, double sine, double cosine)
{
    double x = t * t;
    double series =
        t * x * (1 - x * (1. / 10) * (1 - x * (1. / 28) * (1 - x * (1. / 54) * (1 - x * (1. / 88))))) * (1. / 3);
    return t > 0.3 ? sine - t * cosine : series;
}

sb_dual_loop JOIN(sb_start_rows, SB_ISA), JOIN(sb_dense_rows, SB_ISA), JOIN(sb_relu_rows, SB_ISA),
    JOIN(sb_erf_rows, SB_ISA);
sb_hermite_loop JOIN(sb_hermite_rows, SB_ISA);

/* Pair c of S, with 1 - |S| / r = near (nan: not known) where |S| / r is above SB_DUAL_NEAR, else by differences */
static inline void set(double to1, double to2, size_t c, double S, double near, double gap, sb_dual_row *out)
{
    double r = to1 * to2, cosine = r > 0 ? S / r : 0;
    bool is_near = fabs(S) > SB_DUAL_NEAR * r;
    double minus = cosine < 1 ? 1 - cosine : 0, plus = cosine > -1 ? 1 + cosine : 0;
    out->S[c] = S;
    out->minus[c] = is_near ? (S < 0 ? 2 - near : near) : minus;
    out->plus[c] = is_near ? (S < 0 ? near : 2 - near) : plus;
    out->gap[c] = is_near ? gap : to1 - to2;
}

void JOIN(sb_start_rows, SB_ISA)(const sb_dual_step *s, size_t count, const sb_dual_row *restrict in,
                                 sb_dual_row *restrict out)
{
    const double to1 = s->to1, *restrict to2 = s->to2;
    for (size_t c = 0; c < count; c++) {
        set(to1, to2[c], c, in->S[c], NAN, 0, out);
        out->T[c] = 0;
    }
}

/* S' = w S + b, T' = w_t S + b_t + w T. With q' the variances,
 *
 *   (q1' q2' - S'^2) / q1' q2' = w^2 (q1 q2 - S^2) / .. + w b (q1 + q2 - 2 S) / .. */
void JOIN(sb_dense_rows, SB_ISA)(const sb_dual_step *s, size_t count, const sb_dual_row *restrict in,
                                 sb_dual_row *restrict out)
{
    const double from1 = s->from1, *restrict from2 = s->from2, to1 = s->to1, *restrict to2 = s->to2, b = s->bias2;
    const double w = s->weight2, wt = s->weight_trained, bt = s->bias_trained;
    for (size_t c = 0; c < count; c++) {
        out->T[c] = wt * in->S[c] + bt + w * in->T[c];
        out->S[c] = w * in->S[c] + b;
    }
    for (size_t c = 0; c < count && !s->last && b > 0; c++) {
        double inverse = 1 / (to1 * to2[c]), both = from1 * from2[c], before = w * both * inverse;
        double apart = in->gap[c] * in->gap[c] + 2 * both * in->minus[c];
        double square = before * before * in->minus[c] * in->plus[c] + w * apart * inverse * (b * inverse);
        out->minus[c] = square / (1 + fabs(out->S[c]) * inverse);
        out->gap[c] = w * in->gap[c] * ((from1 + from2[c]) / (to1 + to2[c]));
    }
    for (size_t c = 0; c < count && !s->last && b > 0; c++)
        set(to1, to2[c], c, out->S[c], out->minus[c], out->gap[c], out);
    for (size_t c = 0; c < count && !s->last && !(b > 0); c++) {
        double to = to1 + to2[c];
        out->minus[c] = in->minus[c];
        out->plus[c] = in->plus[c];
        out->gap[c] = to > 0 ? w * in->gap[c] * ((from1 + from2[c]) / to) : in->gap[c];
    }
}

/* With the angle t of the two lines, cos t = S / r, and d = pi - t: r / 2 pi (sin d - d cos d), d / 2 pi */
void JOIN(sb_relu_rows, SB_ISA)(const sb_dual_step *s, size_t count, const sb_dual_row *restrict in,
                                sb_dual_row *restrict out)
{
    const double from1 = s->from1, *restrict from2 = s->from2, to1 = s->to1, *restrict to2 = s->to2;
    for (size_t c = 0; c < count; c++) {
        double minus = in->minus[c], plus = in->plus[c], r = from1 * from2[c];
        double sine = sqrt(minus * plus), cosine = (plus - minus) / 2;
        double smaller = 2 * arc_tangent(sine, cosine < 0 ? minus : plus);
        double t = cosine < 0 ? M_PI - smaller : smaller, d = cosine < 0 ? smaller : M_PI - smaller;
        double there = r > 0 ? 1 / (2 * M_PI) : 0, near = minus - crescent(t, sine, cosine) * M_1_PI;
        set(to1, to2[c], c, there * r * crescent(d, sine, -cosine), near > 0 ? near : 0, M_SQRT1_2 * in->gap[c], out);
        out->T[c] = there * d * in->T[c];
    }
}

/* 2/pi atan(2 S / h), 4 / (pi h), h^2 = 1 + 2 (q1 + q2) + 4 (q1 q2 - S^2) */
void JOIN(sb_erf_rows, SB_ISA)(const sb_dual_step *s, size_t count, const sb_dual_row *restrict in,
                               sb_dual_row *restrict out)
{
    const double from1 = s->from1, *restrict from2 = s->from2, to1 = s->to1, *restrict to2 = s->to2;
    const double near = s->last ? 0 : NAN;
    for (size_t c = 0; c < count; c++) {
        double q = from1 * from1 + from2[c] * from2[c], r = 2 * from1 * from2[c], x = 2 * fabs(in->S[c]);
        double h = sqrt(1 + 2 * q + r * in->minus[c] * (r * in->plus[c]));
        double angle = arc_tangent(x < h ? x : h, x < h ? h : x);
        set(to1, to2[c], c, copysign(M_2_PI * (x < h ? angle : M_PI_2 - angle), in->S[c]), near, 0, out);
        out->T[c] = 2 * M_2_PI / h * in->T[c];
        out->minus[c] = q < MOST ? out->minus[c] : NAN;
    }
}

typedef double vec __attribute__((vector_size(64), aligned(8), may_alias));
#define AT(array) (*(const vec *)(array + i))

void JOIN(sb_hermite_rows, SB_ISA)(size_t n, const double *a, const double *psi, double *below, double root,
                                   double scale, const double *s, const double *ds, double sum[2])
{
    vec value = {0}, slope = {0};
    for (size_t i = 0; i < n; i += 8) {
        value += AT(s) * AT(psi);
        slope += AT(ds) * AT(psi);
        *(vec *)(below + i) = scale * (AT(a) * AT(psi) - root * AT(below));
    }
    sum[0] = sum[1] = 0;
    for (size_t j = 0; j < 8; j++) sum[0] += value[j], sum[1] += slope[j];
}
