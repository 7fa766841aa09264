#include "theory/heat/method/method.h"

static sb_status run(const heat_system *system, const sb_heat_query *query, size_t max_steps, const sb_monitor *monitor,
                     const heat_probes *probes)
{
    return sb_heat_integrate(system, "rkf45", 1e-11, query, max_steps, monitor, probes);
}

const sb_heat_method sb_heat_method_rkf45 = {
    .name = "rkf45",
    .title = "explicit Runge-Kutta-Fehlberg of orders 4 and 5 (GSL)",
    .flow = true,
    .run = run,
};
