/* The linear F-Principle gets moments of the initialisation's law, never the network. */
#include "experiment/source/source.h"

static sb_status check(const sb_setup *setup)
{
    return sb_theory_find("lfp")->check(&setup->theory, &setup->problem);
}

static sb_status gram(const sb_setup *setup, uint64_t seed, double *matrix)
{
    (void)seed;
    return sb_theory_find("lfp")->gram(&setup->theory, &setup->problem, matrix);
}

static sb_status solve(const sb_setup *setup, sb_form form, const double *u0, const sb_monitor *monitor, double *u)
{
    return sb_theory_find("lfp")->solve(&setup->theory, &setup->problem, form, u0, monitor, u);
}

const sb_source sb_source_lfp = {
    .name = "lfp",
    .title = "linear F-Principle, an equation per frequency (theory/lfp.c)",
    .citation = "Zhang, Luo, Ma, Xu (2021); Luo, Ma, Wang, Xu, Zhang (2022)",
    .check = check,
    .gram = gram,
    .solve = solve,
};
