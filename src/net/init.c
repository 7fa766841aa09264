#include "net/init.h"

#include <math.h>
#include <string.h>

#include "core/call.h"

#define SAMPLE(name, value)                                                                                            \
    static double name(sb_rng *rng, double argument, double fan_in, double fan_out)                                    \
    {                                                                                                                  \
        (void)rng, (void)argument, (void)fan_in, (void)fan_out;                                                        \
        return value;                                                                                                  \
    }

static double flat(sb_rng *rng, double range)
{
    return range * (2 * sb_rng_uniform(rng) - 1);
}

SAMPLE(glorot, flat(rng, sqrt(6 / (fan_in + fan_out))))
SAMPLE(he, sqrt(2 / fan_in) * sb_rng_normal(rng))
SAMPLE(lecun, sqrt(1 / fan_in) * sb_rng_normal(rng))
SAMPLE(fan_in_range, flat(rng, sqrt(1 / fan_in)))
SAMPLE(gaussian, argument *sb_rng_normal(rng))
SAMPLE(uniform, flat(rng, argument))
SAMPLE(two_point, argument *sb_rng_sign(rng))
SAMPLE(zero, 0)

static const sb_init list[] = {
    {"glorot", "uniform, variance 2 / (fan-in + fan-out) (Glorot, Bengio 2010)", NULL, glorot},
    {"he", "normal, variance 2 / fan-in (He et al. 2015)", NULL, he},
    {"lecun", "normal, variance 1 / fan-in (LeCun et al. 1998)", NULL, lecun},
    {"fan_in", "uniform on +- fan-in^-1/2", NULL, fan_in_range},
    {"gaussian", "gaussian(sd): normal", "its standard deviation", gaussian},
    {"uniform", "uniform(range): on [-range, range]", "its range", uniform},
    {"two_point", "two_point(size): +size or -size", "its size", two_point},
    {"zero", "0", NULL, zero},
};
enum { COUNT = sizeof list / sizeof list[0] };

const char *sb_init_name(size_t index)
{
    return index < COUNT ? list[index].name : NULL;
}

const char *sb_init_title(size_t index)
{
    return list[index].title;
}

sb_status sb_init_parse(const char *text, const sb_init **init, double *argument)
{
    sb_call call;
    sb_status status = sb_call_parse(text, &call);
    if (status != SB_OK) return status;
    *argument = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(list[i].name, call.name) != 0) continue;
        *init = &list[i];
        if (list[i].argument) return sb_call_number(&call, 0, list[i].argument, 0, 1e300, argument);
        return call.n == 0 ? SB_OK : sb_fail(SB_ERR_INPUT, "the law %s takes no number", call.name);
    }
    return sb_fail(SB_ERR_INPUT, "no law of initial weights '%s' (specbias list init)", call.name);
}
