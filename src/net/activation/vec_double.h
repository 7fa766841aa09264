/* What vec.h needs to know of double. */
#define MANTISSA 52
#define ROUNDER 0x1.8p52 /* adding it rounds to a whole number, in the low bits */
#define LN2 0x1.62e42fefa39efp-1
#define LN2_HIGH 0x1.62e42fefap-1 /* times k is exact */
#define LN2_LOW 0x1.cf79abc9e3b3ap-40
#define PER_LN2 0x1.71547652b82fep+0
#define EXP_LEAST 708.0 /* e^-EXP_LEAST is a normal number */
#define EXP_MOST 709.0
#define TANH_MOST 300.0 /* exp(2 TANH_MOST) is finite */
#define TURN_MOST 1e6
#define PER_QUARTER 0x1.45f306dc9c883p-1 /* 2 / pi */
#define QUARTER_1 0x1.921fb544p+0        /* pi / 2 */
#define QUARTER_2 0x1.0b4611a6p-34
#define QUARTER_3 0x1.3198a2e037073p-69

/* (exp(r) - 1 - r) / r^2 on |r| <= ln2 / 2 / STEPS; error of exp below 1e-18 */
#if defined(__AVX512F__)
#define STEPS 8
/* bits of 2^(k / 8) less those that k << 49 adds */
static const veci powers = {0x3ff0000000000000, 0x3fef72b83c7d517b, 0x3fef06fe0a31b715, 0x3feebfdad5362a27,
                            0x3feea09e667f3bcd, 0x3feeace5422aa0db, 0x3feee89f995ad3ad, 0x3fef5818dcfba487};
static const vec power_errors = {0x00p-62, -0x81p-62, 0x9ap-62, 0x5ap-62, -0x13bp-62, 0xeep-62, 0xe1p-62, 0x53p-62};

static inline vec exp_rest(vec r)
{
    vec r2 = r * r;
    vec even = 0.5 + r2 * (0x1.55555555555d0p-5 + r2 * (0x1.6c16c164e286ap-10 + r2 * 0x1.a01f011fa87cdp-16));
    vec odd = 0x1.55555555555d0p-3 + r2 * (0x1.1111110b10348p-7 + r2 * 0x1.a01f5c84ceca4p-13);
    return even + r * odd;
}
#else
#define STEPS 1
static inline vec exp_rest(vec r)
{
    vec r2 = r * r, top = 0x1.27e4db04b53c8p-22 + r2 * 0x1.1f73c9e1e5555p-29;
    vec even =
        0.5 + r2 * (0x1.5555555555556p-5 + r2 * (0x1.6c16c16c1629dp-10 + r2 * (0x1.a01a01a6f6cefp-16 + r2 * top)));
    vec last = 0x1.71de018a0d245p-19 + r2 * 0x1.af4f451d9ec2bp-26;
    vec odd = 0x1.5555555555557p-3 + r2 * (0x1.111111111007ap-7 + r2 * (0x1.a01a01ac1cfa8p-13 + r2 * last));
    return even + r * odd;
}
#endif

/* (sin r - r) / r^3 and (cos r - 1 + z / 2) / z^2 by z = r^2: polynomials of fdlibm (k_sin.c, k_cos.c) */
static inline vec sine_rest(vec z)
{
    return -0x1.5555555555549p-3 +
           z * (0x1.111111110f8a6p-7 +
                z * (-0x1.a01a019c161d5p-13 +
                     z * (0x1.71de357b1fe7dp-19 + z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33))));
}

static inline vec cosine_rest(vec z)
{
    return 0x1.555555555554cp-5 +
           z * (-0x1.6c16c16c15177p-10 +
                z * (0x1.a01a019cb159p-16 +
                     z * (-0x1.27e4f809c52adp-22 + z * (0x1.1ee9ebdb4b1c4p-29 + z * -0x1.8fae9be8838d4p-37))));
}
