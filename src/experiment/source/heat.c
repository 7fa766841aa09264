/* The damped heat equation gets the density of the features and moments, never the network. */
#include "experiment/source/source.h"

static const sb_theory *theory(void)
{
    return sb_theory_find("heat");
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

const sb_source sb_source_heat = {
    .name = "heat",
    .title = "damped heat equation of Fourier features (theory/heat.c)",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier (2024)",
    .check = check,
    .gram = gram,
    .amplitude = amplitude,
};
