/* exp(-t A), A = M^-1 S, by the best rational approximation of order 14 to exp(-z) on [0, inf) (Carpenter, Ruttan,
 * Varga 1984):
 *
 *   exp(-z) ~ 2 Re sum_k c_k / (-z - z_k),   error below 1e-13 for every z >= 0,
 *   y(t) = -2 Re sum_k c_k (t S + z_k M)^-1 M y(0).
 *
 * Every time is solved by itself, however stiff the equation. The systems of all k are eliminated side by side and
 * without exchange of rows: Im(t S + z_k M) = Im z_k M is definite, and so it stays for what is left after every step.
 */
#include <stdlib.h>
#include <string.h>

#include "core/by_isa.h"
#include "theory/heat/loops/poles.h"

static const double complex residue[POLES] = {
    -7.1563811021439560e-5 + 1.4361540128911295e-4 * I, 9.4410688631695570e-3 - 1.7184956988393330e-2 * I,
    -.37639816147126576 + .33517167264542480 * I,       4.8073323110354638 - 1.3207878209126502 * I,
    -23.498725527056333 - 5.8092833234109307 * I,       46.933753012699562 + 45.645777083753082 * I,
    -27.875331140176304 - 102.15032871836743 * I,       0,
};

SB_BEST_BY_ISA(sb_heat_poles_loop, sb_heat_poles)

/* -2 Re sum_k c_k x_k */
static double sum_of_poles(const heat_lanes *x)
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
    heat_lanes *work = malloc(2 * n * sizeof *work);
    (void)method;
    if (!load || !work) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
        goto done;
    }
    sb_heat_multiply(n, system->mass, system->mass_off, system->start, load);
    for (size_t i = 0; i < query->nt; i++) {
        double t = query->t[i], *value = probes->value + i * probes->stride;
        SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)i, (double)query->nt));
        if (t > 0) sb_heat_poles_best()(system, t, load, work, work + n);
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
