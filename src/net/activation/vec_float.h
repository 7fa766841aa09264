/* What vec.h needs to know of float; polynomials by Chebyshev interpolation. */
#define MANTISSA 23
#define ROUNDER 0x1.8p23f /* adding it rounds to a whole number, in the low bits */
#define LN2 0x1.62e430p-1f
#define LN2_HIGH 0x1.62e4p-1f /* times k is exact */
#define LN2_LOW 0x1.7f7d1cp-20f
#define PER_LN2 0x1.715476p+0f
#define EXP_LEAST 87.0f /* e^-EXP_LEAST is a normal number */
#define EXP_MOST 88.0f
#define TANH_MOST 10.0f
#define TURN_MOST 8192.0f
#define PER_QUARTER 0x1.45f306p-1f /* 2 / pi */
#define QUARTER_1 0x1.92p+0f       /* pi / 2 */
#define QUARTER_2 0x1.fb4p-12f
#define QUARTER_3 0x1.4442d2p-24f

/* (exp(r) - 1 - r) / r^2 on |r| <= ln2 / 2; error of exp 6e-10 */
static inline vec exp_rest(vec r)
{
    vec r2 = r * r;
    return (0.5f + r * 0x1.555556p-3f) +
           r2 * ((0x1.5554e8p-5f + r * 0x1.1110e0p-7f) + r2 * (0x1.6d44e4p-10f + r * 0x1.a1267ep-13f));
}

/* (exp(2r) - 1 - 2r) / r^2 on |r| <= ln2 / 4; relative error of exp(2r) - 1 3e-8 */
static inline vec tanh_rest(vec r)
{
    vec r2 = r * r;
    return (2.0f + r * 0x1.5554dcp+0f) + r2 * ((0x1.555518p-1f + r * 0x1.120ce4p-2f) + r2 * 0x1.6d127ep-4f);
}

/* (sin r - r) / r^3 and (cos r - 1 + z / 2) / z^2 by z = r^2; relative errors of sine and cosine 2e-8 and 1e-9 */
static inline vec sine_rest(vec z)
{
    return -0x1.555552p-3f + z * (0x1.110c1ap-7f + z * -0x1.9ac190p-13f);
}

static inline vec cosine_rest(vec z)
{
    return 0x1.555554p-5f + z * (-0x1.6c12c6p-10f + z * 0x1.9bd218p-16f);
}
