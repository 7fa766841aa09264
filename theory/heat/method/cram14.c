/* exp(-t A), A = M^-1 S, by the best rational approximation of order 14 to exp(-z) on [0, inf) (Carpenter, Ruttan,
 * Varga 1984):
 *
 *   exp(-z) ~ 2 Re sum_k c_k / (-z - z_k),   error below 1e-13 for every z >= 0,
 *   y(t) = -2 Re sum_k c_k (t S + z_k M)^-1 M y(0).
 *
 * Every time is solved by itself, however stiff the equation. The systems of all k are eliminated side by side and
 * without exchange of rows: Im(t S + z_k M) = Im z_k M is definite, and so it stays for what is left after every step.
 */
#include "theory/heat/method/method.h"

#include <stdlib.h>
#include <string.h>

#define POLES 8 /* 7 of 14, the others are conjugate; one stands for nothing, since vectors have lengths 2, 4, 8 */

static const double complex pole[POLES] = {
    -8.8976832704341469 + 16.631088780519601 * I, -3.7032153560297569 + 13.656464690625354 * I,
    -.20871822417434258 + 10.991334648733631 * I, 2.2698131946439579 + 8.4617923637597769 * I,
    3.9933939169875869 + 6.0048677845541825 * I,  5.0893675640422691 + 3.5888443387505058 * I,
    5.6231647859020466 + 1.1940755588858047 * I,  1 + I,
};

static const double complex residue[POLES] = {
    -7.1563811021439560e-5 + 1.4361540128911295e-4 * I, 9.4410688631695570e-3 - 1.7184956988393330e-2 * I,
    -.37639816147126576 + .33517167264542480 * I,       4.8073323110354638 - 1.3207878209126502 * I,
    -23.498725527056333 - 5.8092833234109307 * I,       46.933753012699562 + 45.645777083753082 * I,
    -27.875331140176304 - 102.15032871836743 * I,       0,
};

/* Complex numbers of all poles. */
typedef struct lanes {
    double re[POLES], im[POLES];
} lanes;

/* T = t S + z M at one place of the matrix */
static lanes entry(double t, double stiff, double mass)
{
    lanes T;
    for (size_t k = 0; k < POLES; k++) {
        T.re[k] = t * stiff + creal(pole[k]) * mass;
        T.im[k] = cimag(pole[k]) * mass;
    }
    return T;
}

static lanes quotient(const lanes *a, const lanes *b)
{
    lanes q;
    for (size_t k = 0; k < POLES; k++) {
        double inverse = 1 / (b->re[k] * b->re[k] + b->im[k] * b->im[k]);
        q.re[k] = (a->re[k] * b->re[k] + a->im[k] * b->im[k]) * inverse;
        q.im[k] = (a->im[k] * b->re[k] - a->re[k] * b->im[k]) * inverse;
    }
    return q;
}

/* a - b c */
static lanes less_product(const lanes *a, const lanes *b, const lanes *c)
{
    lanes d;
    for (size_t k = 0; k < POLES; k++) {
        d.re[k] = a->re[k] - (b->re[k] * c->re[k] - b->im[k] * c->im[k]);
        d.im[k] = a->im[k] - (b->re[k] * c->im[k] + b->im[k] * c->re[k]);
    }
    return d;
}

/* x[n] = T^-1 load; ratio[n] is work space: T_(i, i + 1) / pivot_i. */
static void solve(const heat_system *system, double t, const double *load, lanes *ratio, lanes *x)
{
    size_t n = system->n;
    lanes off = {0};
    for (size_t i = 0; i < n; i++) {
        lanes pivot = entry(t, system->stiff[i], system->mass[i]), right = {0};
        for (size_t k = 0; k < POLES; k++) right.re[k] = load[i];
        if (i > 0) {
            pivot = less_product(&pivot, &ratio[i - 1], &off);
            right = less_product(&right, &off, &x[i - 1]);
        }
        x[i] = quotient(&right, &pivot);
        if (i + 1 == n) break;
        off = entry(t, system->stiff_off[i], system->mass_off[i]);
        ratio[i] = quotient(&off, &pivot);
    }
    for (size_t i = n - 1; i-- > 0;) x[i] = less_product(&x[i], &ratio[i], &x[i + 1]);
}

/* -2 Re sum_k c_k x_k */
static double sum_of_poles(const lanes *x)
{
    double sum = 0;
    for (size_t k = 0; k < POLES; k++) sum += creal(residue[k]) * x->re[k] - cimag(residue[k]) * x->im[k];
    return -2 * sum;
}

static sb_status run(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                     const sb_monitor *monitor, const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t n = system->n;
    double *load = malloc(n * sizeof *load); /* M y(0) */
    lanes *work = malloc(2 * n * sizeof *work);
    (void)method;
    if (!load || !work) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
        goto done;
    }
    sb_heat_multiply(n, system->mass, system->mass_off, system->start, load);
    for (size_t i = 0; i < query->nt; i++) {
        double t = query->t[i], *value = probes->value + i * probes->stride;
        SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)i, (double)query->nt));
        if (t > 0) solve(system, t, load, work, work + n);
        for (size_t p = 0; p < probes->count; p++)
            value[p] = t > 0 ? sum_of_poles(&work[n + probes->index[p]]) : system->start[probes->index[p]];
    }
done:
    free(load);
    free(work);
    return status;
}

const sb_heat_method sb_heat_method_cram14 = {
    .name = "cram14",
    .title = "rational approximation of exp, each time by itself",
    .flow = true,
    .run = run,
};
