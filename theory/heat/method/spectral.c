/* All eigenpairs S v_k = rate_k M v_k, v_k^T M v_l = (k = l): y(t) = sum_k f(rate_k) (v_k^T M y(0)) v_k with f the
 * factor of the flow or of steps. */
#include "theory/heat/method/method.h"

#include <stdlib.h>

#include "core/linalg.h"
#include "theory/heat/parts.h"

static sb_status run(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                     const sb_monitor *monitor, const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t n = system->n;
    double *vectors = malloc(n * n * sizeof *vectors), *rates = malloc(3 * n * sizeof *rates);
    (void)method;
    if (!vectors || !rates) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu eigenvectors of the heat equation", n);
        goto done;
    }
    double *load = rates + n, *part = load + n; /* M y(0), v_k^T M y(0) */
    SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), 0, (double)query->nt));
    SB_TRY(sb_tridiagonal_eigen(n, system->stiff, system->stiff_off, system->mass, system->mass_off, vectors, rates));
    sb_heat_multiply(n, system->mass, system->mass_off, system->start, load);
    sb_gemv(n, n, 1, vectors, load, 0, part);
    for (size_t i = 0; i < query->nt; i++) {
        SB_TRY(sb_monitor_progress(monitor, sb_heat_stage(query->form), (double)i, (double)query->nt));
        for (size_t k = 0; k < n; k++) load[k] = part[k] * sb_heat_damped_factor_at(query, rates[k], i);
        for (size_t p = 0; p < probes->count; p++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) sum += load[k] * vectors[k * n + probes->index[p]];
            probes->value[i * probes->stride + p] = sum;
        }
    }
done:
    free(vectors);
    free(rates);
    return status;
}

const sb_heat_method sb_heat_method_spectral = {
    .name = "spectral",
    .title = "all eigenpairs of the mesh",
    .flow = true,
    .gd = true,
    .run = run,
};
