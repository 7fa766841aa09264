/* What the theories `heat` and `heat.rate` share. */
#ifndef SPECBIAS_THEORY_HEAT_THEORY_H
#define SPECBIAS_THEORY_HEAT_THEORY_H

#include <specbias/heat.h>
#include <specbias/theory.h>

/* Network and dimension. */
sb_status sb_heat_covers(const sb_theory_params *params, const sb_problem *problem);
/* And the mesh, and that the density is nowhere zero among the observed frequencies. */
sb_status sb_heat_theory_check(const sb_theory_params *params, const sb_problem *problem);
/* And that the data are uniform. */
sb_status sb_heat_uniform_check(const sb_theory_params *params, const sb_problem *problem);
/* The equation of a network and its data. */
sb_heat sb_heat_of(const sb_theory_params *params, const sb_problem *problem);
/* sb_heat_solve, or for `points` sb_heat_convolution, from the residual u0[n], at the observed frequencies and recorded
 * times. */
sb_status sb_heat_amplitude(const sb_heat *heat, const sb_density *points, const sb_problem *problem, sb_form form,
                            const double *u0, const sb_monitor *monitor, double complex *amp);
/* The unknowns of a network that starts at zero; none at sigma_a = 0. */
sb_status sb_heat_size(const sb_heat *heat, const sb_problem *problem, size_t *unknowns);
/* K(x, x') = gain (1 + sigma_a^2 x.x') phi(x - x'), without the second term when w is not trained */
sb_status sb_heat_gram(const sb_theory_params *params, const sb_problem *problem, double *gram);
/* alpha[count], beta[count] of params->deep at angular w, on the problem's grid (theory/heat_deep.c) */
sb_status sb_heat_effective(const sb_theory_params *params, const sb_problem *problem, size_t count, const double *w,
                            double *alpha, double *beta);

#endif
