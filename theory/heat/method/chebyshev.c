#include "theory/heat/method/method.h"

#include <stdlib.h>
#include <string.h>

typedef struct operator_parts {
    const heat_system *system;
    double *pivot, *lower; /* [n] M = L diag(pivot) L^T */
} operator_parts;

/* A y = M^-1 S y */
static void apply(const void *context, const double *y, double *out)
{
    const operator_parts *parts = context;
    const heat_system *system = parts->system;
    sb_heat_multiply(system->n, system->stiff, system->stiff_off, y, out);
    sb_heat_back(system->n, parts->pivot, parts->lower, out);
}

static sb_status run(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                     const sb_monitor *monitor, const heat_probes *probes)
{
    size_t n = system->n;
    double *work = malloc(3 * n * sizeof *work);
    (void)method;
    if (!work) return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
    operator_parts parts = {.system = system, .pivot = work + n, .lower = work + 2 * n};
    sb_heat_factor(n, system->mass, system->mass_off, parts.pivot, parts.lower);
    memcpy(work, system->start, n * sizeof *work);
    heat_operator op = {.n = n, .apply = apply, .context = &parts, .top = system->top};
    sb_status status = sb_heat_chebyshev(&op, query, work, monitor, probes);
    free(work);
    return status;
}

const sb_heat_method sb_heat_method_chebyshev = {
    .name = "chebyshev",
    .title = "Chebyshev polynomials of the mesh's operator",
    .flow = true,
    .gd = true,
    .run = run,
};
