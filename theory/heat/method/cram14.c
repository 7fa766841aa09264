/* exp(-t A), A = M^-1 S, by the best rational approximation of order 14 to exp(-z) on [0, inf) (Carpenter, Ruttan,
 * Varga 1984):
 *
 *   exp(-z) ~ 2 Re sum_k c_k / (-z - z_k),   error below 1e-13 for every z >= 0,
 *   y(t) = 2 Re sum_k c_k (-t S - z_k M)^-1 M y(0).
 *
 * Every time is solved by itself, however stiff the equation. */
#include "theory/heat/method/method.h"

#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "theory/heat/parts.h"

#define POLES 7 /* of 14, the others are conjugate */

static const double complex pole[POLES] = {
    -8.8976832704341469 + 16.631088780519601 * I, -3.7032153560297569 + 13.656464690625354 * I,
    -.20871822417434258 + 10.991334648733631 * I, 2.2698131946439579 + 8.4617923637597769 * I,
    3.9933939169875869 + 6.0048677845541825 * I,  5.0893675640422691 + 3.5888443387505058 * I,
    5.6231647859020466 + 1.1940755588858047 * I,
};

static const double complex residue[POLES] = {
    -7.1563811021439560e-5 + 1.4361540128911295e-4 * I, 9.4410688631695570e-3 - 1.7184956988393330e-2 * I,
    -.37639816147126576 + .33517167264542480 * I,       4.8073323110354638 - 1.3207878209126502 * I,
    -23.498725527056333 - 5.8092833234109307 * I,       46.933753012699562 + 45.645777083753082 * I,
    -27.875331140176304 - 102.15032871836743 * I,
};

typedef struct space {
    double *load, *y;                             /* [n] M y(0), y(t) */
    double complex *diagonal, *lower, *upper, *x; /* [n] */
} space;

/* Adds 2 Re c_k (-t S - z_k M)^-1 M y(0) to y. */
static sb_status add_pole(const heat_system *system, double t, size_t k, space *work)
{
    size_t n = system->n;
    for (size_t i = 0; i < n; i++) {
        work->diagonal[i] = -t * system->stiff[i] - pole[k] * system->mass[i];
        if (i + 1 < n) work->lower[i] = work->upper[i] = -t * system->stiff_off[i] - pole[k] * system->mass_off[i];
        work->x[i] = work->load[i];
    }
    sb_status status = sb_tridiagonal_solve(n, work->lower, work->diagonal, work->upper, work->x);
    for (size_t i = 0; i < n; i++) work->y[i] += 2 * creal(residue[k] * work->x[i]);
    return status;
}

static sb_status at_time(const heat_system *system, double t, space *work)
{
    sb_status status = SB_OK;
    if (t == 0) {
        memcpy(work->y, system->start, system->n * sizeof *work->y);
        return SB_OK;
    }
    memset(work->y, 0, system->n * sizeof *work->y);
    for (size_t k = 0; k < POLES; k++) SB_TRY(add_pole(system, t, k, work));
done:
    return status;
}

static sb_status run(const heat_system *system, const sb_heat_query *query, size_t max_steps, const sb_monitor *monitor,
                     const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t n = system->n;
    double *real = malloc(2 * n * sizeof *real);
    double complex *complexes = malloc(4 * n * sizeof *complexes);
    (void)max_steps;
    if (!real || !complexes) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
        goto done;
    }
    space work = {.load = real,
                  .y = real + n,
                  .diagonal = complexes,
                  .lower = complexes + n,
                  .upper = complexes + 2 * n,
                  .x = complexes + 3 * n};
    sb_heat_multiply(n, system->mass, system->mass_off, system->start, work.load);
    for (size_t i = 0; i < query->nt; i++) {
        SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)i, (double)query->nt));
        SB_TRY(at_time(system, query->t[i], &work));
        for (size_t p = 0; p < probes->count; p++) probes->value[i * probes->stride + p] = work.y[probes->index[p]];
    }
done:
    free(real);
    free(complexes);
    return status;
}

const sb_heat_method sb_heat_method_cram14 = {
    .name = "cram14",
    .title = "rational approximation of exp, each time by itself",
    .flow = true,
    .run = run,
};
