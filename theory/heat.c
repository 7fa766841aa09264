/* The damped heat equation of Fourier features, h = m^-1/2 sum_k a_k cos(w_k . x) + b_k sin(w_k . x): for the
 * residual's Fourier transform U over angular frequency w,
 *
 *   U_t = c [ sigma_a^2 div(rho grad U) - rho U ],   c = gain (2 pi)^d / |Omega|.
 *
 * M. Molina, M. Petrache, F. Sahli Costabal, M. Courdurier: Understanding the dynamics of the frequency bias in neural
 * networks (2024). The solver is in theory/heat/; constants, boundary conditions and what differs from the paper are in
 * theory/README.md. */
#include "theory/heat/theory.h"

#include "theory/heat/method/method.h"
#include <specbias/theory.h>

/* A method that was chosen for the flow leaves gradient descent to the default. */
static void choose_method(sb_heat *heat, sb_form form)
{
    const sb_heat_method *method = heat->method ? sb_heat_method_find(heat->method) : NULL;
    if (heat->dim > 1 || (method && form == SB_FORM_GD && !method->gd)) heat->method = NULL;
}

/* Also that the method can do so many unknowns. */
static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    sb_status status = SB_OK;
    size_t unknowns;
    SB_TRY(sb_heat_uniform_check(params, problem));
    sb_heat heat = sb_heat_of(params, problem);
    choose_method(&heat, SB_FORM_FLOW);
    const sb_heat_method *method = heat.method ? sb_heat_method_find(heat.method) : NULL;
    if (!method || method->largest == 0) return SB_OK;
    SB_TRY(sb_heat_size(&heat, problem, &unknowns));
    SB_TRY(sb_heat_method_fits(method, unknowns));
done:
    return status;
}

static sb_status amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    sb_status status = sb_heat_covers(params, problem);
    if (status != SB_OK) return status;
    sb_heat heat = sb_heat_of(params, problem);
    choose_method(&heat, form);
    return sb_heat_amplitude(&heat, NULL, problem, form, u0, monitor, amp);
}

const sb_theory sb_theory_heat = {
    .name = "heat",
    .title = "damped heat equation over frequency, Fourier features",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier: Understanding the dynamics of the frequency bias in "
                "neural networks (2024)",
    .rung = 45,
    .check = check,
    .amplitude = amplitude,
    .gram = sb_heat_gram,
};
