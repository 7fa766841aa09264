/* All poles are eliminated side by side, a vector of them: 30 flops and a division a node and pole. */
#include "theory/heat/loops/poles.h"

#define JOIN_(name, isa) name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)

static const heat_lanes pole = {
    {-8.8976832704341469, -3.7032153560297569, -.20871822417434258, 2.2698131946439579, 3.9933939169875869,
     5.0893675640422691, 5.6231647859020466, 1},
    {16.631088780519601, 13.656464690625354, 10.991334648733631, 8.4617923637597769, 6.0048677845541825,
     3.5888443387505058, 1.1940755588858047, 1},
};

/* T = t S + z M at one place of the matrix */
static inline heat_lanes entry(double t, double stiff, double mass)
{
    heat_lanes T;
    for (size_t k = 0; k < POLES; k++) {
        T.re[k] = t * stiff + pole.re[k] * mass;
        T.im[k] = pole.im[k] * mass;
    }
    return T;
}

static inline heat_lanes inverse_of(const heat_lanes *a)
{
    heat_lanes q;
    for (size_t k = 0; k < POLES; k++) {
        double inverse = 1 / (a->re[k] * a->re[k] + a->im[k] * a->im[k]);
        q.re[k] = a->re[k] * inverse;
        q.im[k] = -a->im[k] * inverse;
    }
    return q;
}

static inline heat_lanes product(const heat_lanes *a, const heat_lanes *b)
{
    heat_lanes c;
    for (size_t k = 0; k < POLES; k++) {
        c.re[k] = a->re[k] * b->re[k] - a->im[k] * b->im[k];
        c.im[k] = a->re[k] * b->im[k] + a->im[k] * b->re[k];
    }
    return c;
}

/* a - b c */
static inline heat_lanes less_product(const heat_lanes *a, const heat_lanes *b, const heat_lanes *c)
{
    heat_lanes d;
    for (size_t k = 0; k < POLES; k++) {
        d.re[k] = a->re[k] - (b->re[k] * c->re[k] - b->im[k] * c->im[k]);
        d.im[k] = a->im[k] - (b->re[k] * c->im[k] + b->im[k] * c->re[k]);
    }
    return d;
}

sb_heat_poles_loop JOIN(sb_heat_poles, SB_ISA);

void JOIN(sb_heat_poles, SB_ISA)(const heat_system *system, double t, const double *load, heat_lanes *ratio,
                                 heat_lanes *x)
{
    size_t n = system->n;
    heat_lanes off = {0};
    for (size_t i = 0; i < n; i++) {
        heat_lanes pivot = entry(t, system->stiff[i], system->mass[i]), right = {0};
        for (size_t k = 0; k < POLES; k++) right.re[k] = load[i];
        if (i > 0) {
            pivot = less_product(&pivot, &ratio[i - 1], &off);
            right = less_product(&right, &off, &x[i - 1]);
        }
        heat_lanes inverse = inverse_of(&pivot);
        x[i] = product(&right, &inverse);
        if (i + 1 == n) break;
        off = entry(t, system->stiff_off[i], system->mass_off[i]);
        ratio[i] = product(&off, &inverse);
    }
    for (size_t i = n - 1; i-- > 0;) x[i] = less_product(&x[i], &ratio[i], &x[i + 1]);
}
