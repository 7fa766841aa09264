#include "net/law/law.h"

const sb_law sb_law_two_point = {
    .name = "two_point",
    .title = "+scale or -scale",
    .sample = sb_rng_sign,
    .second_moment = 1,
    .mean_abs = 1,
    .fixed_abs = 1,
};
