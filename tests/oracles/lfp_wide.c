/* Neurons in the wide limit: their kernel in closed form, and their share of the law. */
#include "tests/oracles/lfp.h"

#include <math.h>

#include "theory/activation/activation.h"
#include "theory/features.h"
#include "theory/mean.h"

double sb_lfp_kernel(const sb_theory_params *params, double x1, double x2)
{
    const lfp_activation *activation = lfp_activation_find(params->activation);
    if (!activation || params->in->density_abs) return NAN;
    return params->gain * activation->kernel(lfp_largest(params), params->out2, params->range, x1, x2);
}

static void add_share(void *context, double r, double share, double *sum)
{
    (void)context, (void)r;
    *sum += share;
}

double sb_lfp_wide(const sb_theory_params *params, double extent)
{
    const lfp_activation *activation = lfp_activation_find(params->activation);
    double share = 0;
    if (!activation) return NAN;
    if (!activation->s2) return 1;
    double from = lfp_wide_from(activation, params->range, extent);
    if (from >= lfp_beyond(params)) return 0;
    return lfp_mean(params, from, lfp_beyond(params), 1, add_share, NULL, &share) == SB_OK ? share : NAN;
}
