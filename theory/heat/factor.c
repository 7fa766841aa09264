#include "theory/heat/parts.h"

#include <math.h>

double sb_heat_factor_at(const sb_heat_query *query, double rate, size_t record)
{
    if (query->form == SB_FORM_FLOW) return exp(-rate * query->t[record]);
    double z = query->eta * rate, steps = query->step[record];
    return z < 1 ? exp(steps * log1p(-z)) : pow(1 - z, steps);
}

/* 1 below z = 1.2, 0 from z = 2 on, and so smooth between them that it costs few Chebyshev polynomials; the jump at 2
 * is one of 1e-14. */
static double fade(double z)
{
    return z < 2 ? erfc(13.5 * (z - 1.6)) / 2 : 0;
}

double sb_heat_damped_factor_at(const sb_heat_query *query, double rate, size_t record)
{
    double keep = query->form == SB_FORM_FLOW || query->step[record] == 0 ? 1 : fade(query->eta * rate);
    return keep > 0 ? keep * sb_heat_factor_at(query, rate, record) : 0;
}

const char *sb_heat_stage(sb_form form)
{
    return form == SB_FORM_FLOW ? "heat.flow" : "heat.gd";
}
