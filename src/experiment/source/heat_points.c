/* The equation gets the densities of features and data and moments, never the network. */
#include "experiment/source/source.h"

static const sb_theory *theory(void)
{
    return sb_theory_find("heat.points");
}

static sb_status check(const sb_setup *setup)
{
    return theory()->check(&setup->theory, &setup->problem);
}

static sb_status gram(const sb_setup *setup, uint64_t seed, double *matrix)
{
    (void)seed;
    return theory()->gram(&setup->theory, &setup->problem, matrix);
}

static sb_status amplitude(const sb_setup *setup, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    return theory()->amplitude(&setup->theory, problem, form, u0, monitor, amp);
}

const sb_source sb_source_heat_points = {
    .name = "heat.points",
    .title = "the same for data of any density (theory/heat_points.c)",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier (2024)",
    .check = check,
    .gram = gram,
    .amplitude = amplitude,
};
