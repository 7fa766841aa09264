/* What may be observed of a problem: below the Nyquist frequency, no aliases, not rounding. */
#include <specbias/spectrum.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <specbias/observe.h>

static sb_status check_nyquist(const sb_problem *problem)
{
    const sb_grid *grid = &problem->grid;
    double nyquist = problem->uniform ? 0.5 / problem->spacing : INFINITY;
    for (size_t k = 0; k < grid->n * grid->dim; k++)
        if (fabs(grid->xi[k]) > nyquist * (1 + 1e-12))
            return sb_fail(SB_ERR_INPUT,
                           "frequency %g (%g cycles per unit length) is above the Nyquist frequency %g of the grid",
                           grid->label[k / grid->dim], grid->xi[k], nyquist);
    return SB_OK;
}

/* f^ of each frequency, and its error by rounding; |f^| is at most the larger of sum q |y| and problem->most. */
static sb_status set_target(sb_problem *problem, const double *size)
{
    double bound = 0, y_max = 0, volume = pow(problem->b - problem->a, (double)problem->dim);
    for (size_t i = 0; i < problem->n; i++) {
        y_max = fmax(y_max, fabs(problem->y[i]));
        bound += problem->q[i] * fabs(problem->y[i]);
    }
    bound = fmax(bound, problem->most); /* what is below its rounding is no target */
    double noise = DBL_EPSILON * volume / sqrt((double)problem->n) * y_max;
    for (size_t k = 0; k < problem->grid.n; k++) {
        if (!(size[k] > 1e-10 * bound))
            return sb_fail(
                SB_ERR_INPUT,
                "the target has no energy at the observed frequency %g (|f^| = %.1e, at most %.1e elsewhere)",
                problem->grid.label[k], size[k], bound);
        problem->floor[k] = noise / size[k];
    }
    return SB_OK;
}

sb_status sb_problem_observe(sb_problem *problem)
{
    sb_status status = SB_OK;
    sb_modes modes = {0};
    const sb_grid *grid = &problem->grid;
    double *size = malloc((grid->n + 1) * sizeof *size);
    if (!size) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", grid->n);
    SB_TRY(check_nyquist(problem));
    SB_TRY(sb_modes_create(problem->n, problem->dim, problem->x, problem->q, grid->n, grid->xi, 1, problem->y, &modes));
    SB_TRY(sb_modes_apply(&modes, problem->y, size, problem->target));
    for (size_t k = 0; k < grid->n; k++) size[k] = cabs(problem->target[k]);
    SB_TRY(set_target(problem, size));
    SB_TRY(sb_modes_check_aliases(&modes, problem->q, grid->label));
done:
    sb_modes_clear(&modes);
    free(size);
    return status;
}
