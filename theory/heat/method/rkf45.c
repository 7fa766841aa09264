#include "theory/heat/method/method.h"

const sb_heat_method sb_heat_method_rkf45 = {
    .name = "rkf45",
    .title = "explicit Runge-Kutta-Fehlberg of orders 4 and 5 (GSL)",
    .flow = true,
    .tolerance = 1e-11,
    .run = sb_heat_integrate,
};
