/* What vec.h needs to know of float; polynomials by Chebyshev interpolation. */
#define MANTISSA 23
#define ROUNDER 0x1.8p23f /* adding it rounds to a whole number, in the low bits */
#define LN2 0x1.62e430p-1f
#define LN2_HIGH 0x1.62ep-1f /* times k, which has 11 bits, is exact */
#define LN2_LOW 0x1.0bfbe8p-15f
#define PER_LN2 0x1.715476p+0f
#define EXP_LEAST 87.0f /* e^-EXP_LEAST is a normal number */
#define EXP_MOST 88.0f
#define TANH_MOST 40.0f /* exp(2 TANH_MOST) is finite */
#define TURN_MOST 8192.0f
#define PER_QUARTER 0x1.45f306p-1f /* 2 / pi */
#define QUARTER_1 0x1.92p+0f       /* pi / 2 */
#define QUARTER_2 0x1.fb4p-12f
#define QUARTER_3 0x1.4442d2p-24f

/* (exp(r) - 1 - r) / r^2 on |r| <= ln2 / 2 / STEPS; error of exp below 1e-9 */
#if defined(__AVX512F__)
#define STEPS 16
/* bits of 2^(k / 16) less those that k << 19 adds */
static const veci powers = {0x3f800000, 0x3f7daac3, 0x3f7b95c2, 0x3f79c3d3, 0x3f7837f0, 0x3f76f532,
                            0x3f75fed7, 0x3f75583f, 0x3f7504f3, 0x3f7508a4, 0x3f75672a, 0x3f76248c,
                            0x3f7744fd, 0x3f78ccdf, 0x3f7ac0c7, 0x3f7d257d};
static const vec power_errors = {0x00p-33f,   0x18ep-33f, -0x67p-33f, 0x196p-33f,  0x112p-33f, 0x137p-33f,
                                 -0x10ap-33f, -0x40p-33f, 0x93p-33f,  -0x106p-33f, 0x2dp-33f,  0x34p-33f,
                                 -0x7ep-33f,  -0x2dp-33f, -0x35p-33f, 0x2cp-33f};

static inline vec exp_rest(vec r)
{
    return 0.5f + r * (0x1.55570ap-3f + r * 0x1.55570ap-5f);
}
#else
#define STEPS 1
static inline vec exp_rest(vec r)
{
    vec r2 = r * r, even = 0.5f + r2 * (0x1.5554e8p-5f + r2 * 0x1.6d44e4p-10f);
    return even + r * (0x1.555556p-3f + r2 * (0x1.1110e0p-7f + r2 * 0x1.a1267ep-13f));
}
#endif

/* (sin r - r) / r^3 and (cos r - 1 + z / 2) / z^2 by z = r^2; relative errors of sine and cosine 2e-8 and 1e-9 */
static inline vec sine_rest(vec z)
{
    return -0x1.555552p-3f + z * (0x1.110c1ap-7f + z * -0x1.9ac190p-13f);
}

static inline vec cosine_rest(vec z)
{
    return 0x1.555554p-5f + z * (-0x1.6c12c6p-10f + z * 0x1.9bd218p-16f);
}
