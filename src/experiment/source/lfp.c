/* The linear F-Principle gets moments of the initialisation's law, never the network. */
#include "experiment/source/source.h"

static sb_status check(const sb_case *cas)
{
    return sb_theory_find("lfp")->check(&cas->theory, &cas->problem);
}

static sb_status gram(const sb_case *cas, uint64_t seed, double *matrix)
{
    (void)seed;
    return sb_theory_find("lfp")->gram(&cas->theory, &cas->problem, matrix);
}

static sb_status solve(const sb_case *cas, sb_form form, const double *u0, const sb_monitor *monitor, double *u)
{
    return sb_theory_find("lfp")->solve(&cas->theory, &cas->problem, form, u0, monitor, u);
}

const sb_source sb_source_lfp = {
    .name = "lfp",
    .title = "linear F-Principle, an equation per frequency (theory/lfp.c)",
    .citation = "Zhang, Luo, Ma, Xu (2021); Luo, Ma, Wang, Xu, Zhang (2022)",
    .check = check,
    .gram = gram,
    .solve = solve,
};
