#include <math.h>
#include <string.h>

#include "theory/activation/activation.h"

static const lfp_activation *const list[] = {
#define ACTIVATION(name) &lfp_activation_##name,
#include "theory/activation/list.def"
#undef ACTIVATION
    NULL,
};

const lfp_activation *lfp_activation_find(const char *name)
{
    for (size_t i = 0; name && list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}

double lfp_spectrum(const lfp_activation *activation, double r, double w2, double range, double xi)
{
    double y = xi / r, omega2 = 4 * M_PI * M_PI * xi * xi, r2 = r * r;
    return (activation->s2(y) * (1 + w2 * omega2) / r2 + w2 * activation->q2(y) / (r2 * r2)) / (2 * range);
}
