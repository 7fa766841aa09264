#include "theory/heat/method/method.h"

const sb_heat_method sb_heat_method_rk8pd = {
    .name = "rk8pd",
    .title = "explicit Runge-Kutta of order 8 (GSL)",
    .flow = true,
    .tolerance = 1e-12,
    .run = sb_heat_integrate,
};
