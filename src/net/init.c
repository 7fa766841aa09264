#include "net/init.h"

#include <math.h>
#include <string.h>

#include "core/call.h"

/* A law's sample and its variance <w^2>; all have mean 0. */
#define LAW(name, value, square)                                                                                       \
    static double name(sb_rng *rng, double argument, double fan_in, double fan_out)                                    \
    {                                                                                                                  \
        (void)rng, (void)argument, (void)fan_in, (void)fan_out;                                                        \
        return value;                                                                                                  \
    }                                                                                                                  \
    static double name##_variance(double argument, double fan_in, double fan_out)                                      \
    {                                                                                                                  \
        (void)argument, (void)fan_in, (void)fan_out;                                                                   \
        return square;                                                                                                 \
    }

static double flat(sb_rng *rng, double range)
{
    return range * (2 * sb_rng_uniform(rng) - 1);
}

LAW(glorot, flat(rng, sqrt(6 / (fan_in + fan_out))), 2 / (fan_in + fan_out))
LAW(he, sqrt(2 / fan_in) * sb_rng_normal(rng), 2 / fan_in)
LAW(lecun, sqrt(1 / fan_in) * sb_rng_normal(rng), 1 / fan_in)
LAW(fan_in_range, flat(rng, sqrt(1 / fan_in)), 1 / (3 * fan_in))
LAW(gaussian, argument *sb_rng_normal(rng), argument *argument)
LAW(uniform, flat(rng, argument), argument *argument / 3)
LAW(two_point, argument *sb_rng_sign(rng), argument *argument)
LAW(zero, 0, 0)

#define OF(name) name, name##_variance
static const sb_init list[] = {
    {"glorot", "uniform, variance 2 / (fan-in + fan-out) (Glorot, Bengio 2010)", NULL, false, OF(glorot)},
    {"he", "normal, variance 2 / fan-in (He et al. 2015)", NULL, true, OF(he)},
    {"lecun", "normal, variance 1 / fan-in (LeCun et al. 1998)", NULL, true, OF(lecun)},
    {"fan_in", "uniform on +- fan-in^-1/2", NULL, false, OF(fan_in_range)},
    {"gaussian", "gaussian(sd): normal", "its standard deviation", true, OF(gaussian)},
    {"uniform", "uniform(range): on [-range, range]", "its range", false, OF(uniform)},
    {"two_point", "two_point(size): +size or -size", "its size", false, OF(two_point)},
    {"zero", "0", NULL, true, OF(zero)},
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
