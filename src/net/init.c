#include "net/init.h"

#include <math.h>
#include <string.h>

#include "core/call.h"

#define SIZE(name, value)                                                                                              \
    static double name(double argument, double fan_in, double fan_out)                                                 \
    {                                                                                                                  \
        (void)argument, (void)fan_in, (void)fan_out;                                                                   \
        return value;                                                                                                  \
    }

SIZE(glorot, sqrt(6 / (fan_in + fan_out)))
SIZE(he, sqrt(2 / fan_in))
SIZE(lecun, sqrt(1 / fan_in))
SIZE(as_written, argument)
SIZE(zero, 0)

extern const sb_law sb_law_gaussian, sb_law_uniform, sb_law_two_point;

static const sb_init list[] = {
    {"glorot", "uniform, variance 2 / (fan-in + fan-out) (Glorot, Bengio 2010)", NULL, &sb_law_uniform, glorot},
    {"he", "normal, variance 2 / fan-in (He et al. 2015)", NULL, &sb_law_gaussian, he},
    {"lecun", "normal, variance 1 / fan-in (LeCun et al. 1998)", NULL, &sb_law_gaussian, lecun},
    {"fan_in", "uniform on +- fan-in^-1/2", NULL, &sb_law_uniform, lecun},
    {"gaussian", "gaussian(sd): normal", "its standard deviation", &sb_law_gaussian, as_written},
    {"uniform", "uniform(range): on [-range, range]", "its range", &sb_law_uniform, as_written},
    {"two_point", "two_point(size): +size or -size", "its size", &sb_law_two_point, as_written},
    {"zero", "0", NULL, &sb_law_gaussian, zero},
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

static const sb_init *find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(list[i].name, name) == 0) return &list[i];
    return NULL;
}

bool sb_init_known(const char *name)
{
    return find(name) != NULL;
}

sb_status sb_init_parse(const char *text, sb_init_law *law)
{
    sb_call call;
    sb_status status = sb_call_parse(text, &call);
    if (status != SB_OK) return status;
    *law = (sb_init_law){find(call.name), 0};
    if (!law->init) return sb_fail(SB_ERR_INPUT, "no law of initial weights '%s' (specbias list init)", call.name);
    if (law->init->argument) return sb_call_number(&call, 0, law->init->argument, 0, 1e300, &law->argument);
    return call.n == 0 ? SB_OK : sb_fail(SB_ERR_INPUT, "the law %s takes no number", call.name);
}

bool sb_init_normal(const sb_init_law *law)
{
    return !law->init || law->init->law == &sb_law_gaussian;
}

double sb_init_size(const sb_init_law *law, double fan_in, double fan_out)
{
    return law->init ? law->init->size(law->argument, fan_in, fan_out) : 0;
}

double sb_init_variance(const sb_init_law *law, double fan_in, double fan_out)
{
    double size = sb_init_size(law, fan_in, fan_out);
    return law->init ? size * size * law->init->law->second_moment : 0;
}

double sb_init_sample(const sb_init_law *law, sb_rng *rng, double fan_in, double fan_out)
{
    double size = sb_init_size(law, fan_in, fan_out);
    return size == 0 ? 0 : size * law->init->law->sample(rng);
}
