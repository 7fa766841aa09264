#include "theory/heat/method/method.h"

const sb_heat_method sb_heat_method_msbdf = {
    .name = "msbdf",
    .title = "implicit multistep, for stiff equations (GSL)",
    .flow = true,
    .largest = 321, /* the Jacobian is a full matrix, factored again and again */
    .tolerance = 1e-9,
    .run = sb_heat_integrate,
};
