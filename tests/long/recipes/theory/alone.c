/* Fourier features whose frequencies are not trained, on the line: every frequency decays by itself,
 *
 *   u^(w, t) = u^(w, 0) exp(-r t),   r = gain (2 pi / |Omega|) rho(w),   or (1 - eta r)^step. */
#include <specbias/theory.h>

#include <math.h>
#include <string.h>

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    if (strcmp(params->net, "fourier") != 0 || !params->frozen || problem->dim != 1 || !problem->uniform)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'alone' covers Fourier features of net.frozen = true on a "
                                           "uniform grid of the line");
    return SB_OK;
}

static double rate(const sb_theory_params *params, const sb_problem *problem, double w)
{
    double factors = 0;
    for (size_t i = 0; i < problem->n; i++) factors += problem->c[i];
    return params->gain * factors * 2 * M_PI / sb_problem_side(problem) * sb_density_value(params->density, w);
}

static double complex start(const sb_problem *problem, const double *u0, double w)
{
    double complex sum = 0;
    for (size_t i = 0; i < problem->n; i++) sum += problem->q[i] * u0[i] * cexp(-I * w * problem->x[i]);
    return sum;
}

static sb_status amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    size_t observed = problem->grid.n;
    (void)monitor;
    for (size_t k = 0; k < observed; k++) {
        double w = 2 * M_PI * problem->grid.xi[k], r = rate(params, problem, w);
        double complex first = start(problem, u0, w);
        for (size_t i = 0; i < problem->nt; i++) {
            double steps = problem->step[i];
            double left = form == SB_FORM_FLOW ? exp(-r * problem->t[i]) : pow(1 - problem->eta * r, steps);
            amp[i * observed + k] = first * left;
        }
    }
    return SB_OK;
}

/* K(x, x') = gain phi(x - x'), the kernel whose Fourier transform rho is */
static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    size_t n = problem->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            matrix[i * n + j] =
                params->gain * sb_density_characteristic(params->density, problem->x[i] - problem->x[j]);
    return SB_OK;
}

const sb_theory sb_theory_alone = {
    .name = "alone",
    .title = "each frequency by itself, at the rate of its density",
    .citation = "an example",
    .rung = 50,
    .check = check,
    .amplitude = amplitude,
    .gram = gram,
};
