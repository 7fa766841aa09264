/* The heat equation without diffusion: every frequency decays by itself, at the rate it has under the density,
 *
 *   U(w, t) = U(w, 0) exp(-c rho(w) t).
 *
 * Exact for frequencies w_k that are not trained; otherwise what is left out is the coupling of frequencies. */
#include "theory/heat/theory.h"

#include <specbias/theory.h>

static sb_theory_params without_diffusion(const sb_theory_params *params)
{
    sb_theory_params p = *params;
    p.frozen = true;
    return p;
}

static sb_status amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    sb_theory_params p = without_diffusion(params);
    sb_status status = sb_heat_covers(&p, problem);
    if (status != SB_OK) return status;
    sb_heat heat = sb_heat_of(&p, problem);
    return sb_heat_amplitude(&heat, NULL, problem, form, u0, monitor, amp);
}

static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    sb_theory_params p = without_diffusion(params);
    return sb_heat_gram(&p, problem, matrix);
}

const sb_theory sb_theory_heat_rate = {
    .name = "heat.rate",
    .title = "one rate per frequency, Fourier features: the heat equation without diffusion",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier: Understanding the dynamics of the frequency bias in "
                "neural networks (2024)",
    .rung = 50,
    .check = sb_heat_uniform_check,
    .amplitude = amplitude,
    .gram = gram,
};
