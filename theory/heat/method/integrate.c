#include "theory/heat/method/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ode.h"
#include "theory/heat/parts.h"

typedef struct problem {
    const heat_system *system;
    const heat_probes *probes;
    size_t skip;           /* records before the first wanted one: t = 0 */
    double *pivot, *lower; /* M = L diag(pivot) L^T */
} problem;

/* y' = -M^-1 S y */
static sb_status rate_of_change(void *context, double t, const double *y, double *dy)
{
    const problem *p = context;
    size_t n = p->system->n;
    (void)t;
    sb_heat_multiply(n, p->system->stiff, p->system->stiff_off, y, dy);
    sb_heat_back(n, p->pivot, p->lower, dy);
    for (size_t i = 0; i < n; i++) dy[i] = -dy[i];
    return SB_OK;
}

/* -M^-1 S, row by row: the columns of -S M^-1 */
static void jacobian(void *context, double t, const double *y, double *matrix)
{
    const problem *p = context;
    size_t n = p->system->n;
    (void)t, (void)y;
    for (size_t i = 0; i < n; i++) {
        double *row = matrix + i * n, *inverse = p->pivot + 2 * n; /* row i of M^-1 */
        memset(inverse, 0, n * sizeof *inverse);
        inverse[i] = -1;
        sb_heat_back(n, p->pivot, p->lower, inverse);
        sb_heat_multiply(n, p->system->stiff, p->system->stiff_off, inverse, row);
    }
}

static sb_status record(void *context, size_t i, const double *y)
{
    const problem *p = context;
    if (i < p->skip) return SB_OK;
    for (size_t k = 0; k < p->probes->count; k++)
        p->probes->value[(i - p->skip) * p->probes->stride + k] = y[p->probes->index[k]];
    return SB_OK;
}

sb_status sb_heat_integrate(const sb_heat_method *method, const heat_system *system, const sb_heat_query *query,
                            const sb_monitor *monitor, const heat_probes *probes)
{
    sb_status status = SB_OK;
    size_t n = system->n, nt = query->nt, skip = query->t[0] > 0;
    double *y = malloc((4 * n + nt + 1) * sizeof *y), largest = 0;
    if (!y) return sb_fail(SB_ERR_NOMEM, "no memory for %zu unknowns", n);
    double *t = y + 4 * n;
    problem p = {.system = system, .probes = probes, .skip = skip, .pivot = y + n, .lower = y + 2 * n};
    sb_heat_factor(n, system->mass, system->mass_off, p.pivot, p.lower);
    memcpy(y, system->start, n * sizeof *y);
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(y[i]));
    t[0] = 0;
    memcpy(t + skip, query->t, nt * sizeof *t);
    sb_ode ode = {.size = n,
                  .rate = rate_of_change,
                  .record = record,
                  .jacobian = jacobian,
                  .context = &p,
                  .max_steps = system->max_steps};
    SB_TRY(sb_ode_integrate(&ode, method->name, method->tolerance * largest, nt + skip, t, monitor,
                            sb_heat_stage(query->form), y));
done:
    free(y);
    return status;
}
