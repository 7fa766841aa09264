#include "theory/heat/method/method.h"

static sb_status run(const heat_system *system, const sb_heat_query *query, size_t max_steps, const sb_monitor *monitor,
                     const heat_probes *probes)
{
    return sb_heat_integrate(system, "rk8pd", 1e-12, query, max_steps, monitor, probes);
}

const sb_heat_method sb_heat_method_rk8pd = {
    .name = "rk8pd",
    .title = "explicit Runge-Kutta of order 8 (GSL)",
    .flow = true,
    .run = run,
};
