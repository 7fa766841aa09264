/* All poles are eliminated side by side, in vectors: 44 flops and a division a node and pole. The bound is how long one
 * node waits for the one before, two products, a square and a division one after the other, some 45 cycles forward and
 * 8 back; measured 61. */
#include "theory/heat/loops/poles.h"

#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

#if defined(__AVX512F__)
#define VECTOR 64 /* bytes */
#elif defined(__AVX2__)
#define VECTOR 32
#else
#define VECTOR 16
#endif

/* The same as heat_lanes, in vectors of the machine, at any place. */
enum { PARTS = 64 / VECTOR };
typedef double vec __attribute__((vector_size(VECTOR), aligned(8), may_alias));
typedef struct lanes {
    vec re[PARTS], im[PARTS];
} lanes;
#define EACH(k) for (int k = 0; k < PARTS; k++)

static const heat_lanes poles = {
    {-8.8976832704341469, -3.7032153560297569, -.20871822417434258, 2.2698131946439579, 3.9933939169875869,
     5.0893675640422691, 5.6231647859020466, 1},
    {16.631088780519601, 13.656464690625354, 10.991334648733631, 8.4617923637597769, 6.0048677845541825,
     3.5888443387505058, 1.1940755588858047, 1},
};

/* T = t S + z M at one place of the matrix */
static inline lanes entry(double t, double stiff, double mass)
{
    const lanes *pole = (const void *)&poles;
    lanes T;
    EACH(k) T.re[k] = t * stiff + pole->re[k] * mass;
    EACH(k) T.im[k] = pole->im[k] * mass;
    return T;
}

static inline lanes inverse_of(lanes a)
{
    EACH(k)
    {
        vec inverse = 1 / (a.re[k] * a.re[k] + a.im[k] * a.im[k]);
        a.re[k] *= inverse;
        a.im[k] *= -inverse;
    }
    return a;
}

static inline lanes product(lanes a, lanes b)
{
    lanes c;
    EACH(k) c.re[k] = a.re[k] * b.re[k] - a.im[k] * b.im[k];
    EACH(k) c.im[k] = a.re[k] * b.im[k] + a.im[k] * b.re[k];
    return c;
}

/* a - b c */
static inline lanes less_product(lanes a, lanes b, lanes c)
{
    EACH(k) a.re[k] = a.re[k] - b.re[k] * c.re[k] + b.im[k] * c.im[k];
    EACH(k) a.im[k] = a.im[k] - b.re[k] * c.im[k] - b.im[k] * c.re[k];
    return a;
}

sb_heat_poles_loop JOIN(sb_heat_poles, SB_ISA);

void JOIN(sb_heat_poles, SB_ISA)(const heat_system *system, double t, const double *load, heat_lanes *ratios,
                                 heat_lanes *xs)
{
    size_t n = system->n;
    lanes *ratio = (void *)ratios, *x = (void *)xs;
    lanes off = {{{0}}, {{0}}}, last = off, last_ratio = off; /* of the node before */
    for (size_t i = 0; i < n; i++) {
        lanes right = {{{0}}, {{0}}};
        EACH(k) right.re[k] += load[i];
        lanes pivot = less_product(entry(t, system->stiff[i], system->mass[i]), last_ratio, off);
        lanes inverse = inverse_of(pivot);
        x[i] = last = product(less_product(right, off, last), inverse);
        if (i + 1 == n) break;
        off = entry(t, system->stiff_off[i], system->mass_off[i]);
        ratio[i] = last_ratio = product(off, inverse);
    }
    for (size_t i = n - 1; i-- > 0;) x[i] = last = less_product(x[i], ratio[i], last);
}
