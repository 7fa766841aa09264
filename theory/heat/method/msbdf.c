#include "theory/heat/method/method.h"

static sb_status run(const heat_system *system, const sb_heat_query *query, size_t max_steps, const sb_monitor *monitor,
                     const heat_probes *probes)
{
    return sb_heat_integrate(system, "msbdf", 1e-9, query, max_steps, monitor, probes);
}

const sb_heat_method sb_heat_method_msbdf = {
    .name = "msbdf",
    .title = "implicit multistep, for stiff equations (GSL)",
    .flow = true,
    .largest = 321, /* the Jacobian is a full matrix, factored again and again */
    .run = run,
};
