/* The heat equation for data of any density p on the line instead of a uniform one: with u_p = u p and ^ the Fourier
 * transform,
 *
 *   d u_p^/dt = -gain p^ * [ rho u_p^ - sigma_a^2 (rho u_p^')' ]   (theory/heat/convolution.c).
 *
 * The sum over the data is taken for the integral with p, which is right for frequencies that the points resolve. */
#include "theory/heat/theory.h"

#include <math.h>

#include <specbias/theory.h>

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    if (!params->points || problem->dim != 1)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'heat.points' needs data.kind = \"density\", one dimension");
    return sb_heat_theory_check(params, problem);
}

static sb_status amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    sb_status status = sb_heat_covers(params, problem);
    if (status != SB_OK) return status;
    sb_heat heat = sb_heat_of(params, problem);
    heat.c *= (problem->b - problem->a) / (2 * M_PI); /* gain sum c_i */
    heat.lattice = 0;
    return sb_heat_amplitude(&heat, params->points, problem, form, u0, monitor, amp);
}

const sb_theory sb_theory_heat_points = {
    .name = "heat.points",
    .title = "damped heat equation for data of any density, Fourier features",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier: Understanding the dynamics of the frequency bias in "
                "neural networks (2024)",
    .rung = 40,
    .check = check,
    .amplitude = amplitude,
    .gram = sb_heat_gram,
};
