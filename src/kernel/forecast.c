/* Forecasts per frequency of a problem: linear.h with the loss factors as weights. */
#include <specbias/linear.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

sb_status sb_kernel_modes_create(const double *gram, const sb_problem *problem, const sb_spectrum *spectrum,
                                 sb_kernel_modes *modes)
{
    sb_status status = SB_OK;
    size_t n = problem->n, nxi = problem->grid.n;
    sb_quadratic loss = {0};
    double *mode = malloc(n * sizeof *mode);
    *modes = (sb_kernel_modes){.nxi = nxi, .observed = malloc(n * nxi * sizeof *modes->observed)};
    if (!mode || !modes->observed) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu points", n));
    SB_TRY(sb_quadratic_weights(n, problem->c, &loss));
    SB_TRY(sb_linear_create(n, gram, false, &loss, &modes->linear));
    for (size_t k = 0; k < modes->linear.rank; k++) {
        sb_linear_mode(&modes->linear, k, mode);
        SB_TRY(sb_spectrum_apply(spectrum, mode, modes->observed + k * nxi));
    }
done:
    free(mode);
    sb_quadratic_clear(&loss);
    if (status != SB_OK) sb_kernel_modes_clear(modes);
    return status;
}

void sb_kernel_modes_clear(sb_kernel_modes *modes)
{
    sb_linear_clear(&modes->linear);
    free(modes->observed);
    *modes = (sb_kernel_modes){0};
}

sb_status sb_kernel_largest_rate(const double *gram, const sb_problem *problem, double *rate)
{
    sb_status status = SB_OK;
    size_t n = problem->n;
    sb_eigen top = {0};
    double *a = malloc(n * n * sizeof *a);
    if (!a) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) a[i * n + j] = sqrt(problem->c[i]) * sqrt(problem->c[j]) * gram[i * n + j];
    SB_TRY(sb_eigen_top(a, n, 1, 0, &top));
    *rate = top.lambda[0];
done:
    sb_eigen_clear(&top);
    free(a);
    return status;
}

sb_rule sb_rule_of_form(sb_form form, const sb_problem *problem)
{
    return sb_rule_of(form == SB_FORM_FLOW ? "flow" : "gd", problem->eta, 0);
}

void sb_kernel_forecast(const sb_kernel_modes *modes, const sb_problem *problem, const double *rate, const double *u0,
                        sb_decay *decay)
{
    size_t n = modes->linear.rank, nxi = modes->nxi;
    sb_rule rule = sb_rule_of_form(decay->form, problem);
    const double *t = decay->form == SB_FORM_FLOW ? decay->t : decay->step;
    if (!rate) rate = modes->linear.eigen.lambda;
    for (size_t j = 0; j < decay->nt * nxi; j++) decay->amp[j] = 0;
    for (size_t k = 0; k < n; k++) {
        double start = sb_linear_share(&modes->linear, k, u0);
        const double complex *observed = modes->observed + k * nxi;
        for (size_t i = 0; i < decay->nt; i++) {
            double now = start * sb_rule_shrink(&rule, rate[k], t[i]);
            for (size_t j = 0; j < nxi; j++) decay->amp[i * nxi + j] += now * observed[j];
        }
    }
    sb_decay_set_err(decay, problem);
}

sb_status sb_kernel_residual(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                             double t, double step, double *u)
{
    sb_rule rule = sb_rule_of_form(form, problem);
    return sb_linear_residuals(&modes->linear, &rule, 1, form == SB_FORM_FLOW ? &t : &step, u0, u);
}

/* |sum_k part_k shrink(lambda_k)| */
static double size_at(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double complex *part,
                      double t)
{
    double complex sum = 0;
    sb_rule rule = sb_rule_of_form(form, problem);
    for (size_t k = 0; k < modes->linear.rank; k++)
        sum +=
            part[k] * sb_rule_shrink(&rule, modes->linear.eigen.lambda[k], form == SB_FORM_FLOW ? t : t / problem->eta);
    return cabs(sum);
}

/* From late to early in steps of 5 %, then by halving the step that crosses the level. */
static double last_crossing(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form,
                            const double complex *part, double level)
{
    const double *lambda = modes->linear.eigen.lambda;
    double slowest = fmax(lambda[modes->linear.rank - 1], 1e-9 * lambda[0]), late = 30 / slowest, early = late;
    if (!(size_at(modes, problem, form, part, late) < level)) return NAN;
    while (size_at(modes, problem, form, part, early) < level) {
        late = early;
        early /= 1.05;
        if (early * lambda[0] < 1e-9) return NAN; /* below from the start */
    }
    while (late - early > 1e-15 * late) {
        double middle = 0.5 * (early + late);
        if (middle <= early || middle >= late) break;
        if (size_at(modes, problem, form, part, middle) < level)
            late = middle;
        else
            early = middle;
    }
    return 0.5 * (early + late);
}

sb_status sb_kernel_times(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                          double q, double *times)
{
    size_t n = modes->linear.rank;
    double complex *part = malloc(n * sizeof *part);
    if (!part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", n);
    for (size_t j = 0; j < modes->nxi; j++) {
        for (size_t k = 0; k < n; k++)
            part[k] = sb_linear_share(&modes->linear, k, u0) * modes->observed[k * modes->nxi + j];
        times[j] = last_crossing(modes, problem, form, part, q * cabs(problem->target[j]));
    }
    free(part);
    return SB_OK;
}

sb_status sb_kernel_limit(const double *gram, size_t n, const double *y, size_t m, const double *cross, double *h)
{
    double *weights = malloc(n * sizeof *weights);
    if (!weights) return sb_fail(SB_ERR_NOMEM, "no memory to solve %zu equations", n);
    sb_status status = sb_solve_symmetric(n, gram, 1, y, weights);
    if (status == SB_OK) sb_gemv(m, n, 1, cross, weights, 0, h);
    free(weights);
    return status;
}
