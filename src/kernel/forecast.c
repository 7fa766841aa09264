/* du/dt = -K C u, C = diag(c). With A = C^1/2 K C^1/2 = sum_k lambda_k v_k v_k^T,
 *
 *   u(t) = C^-1/2 sum_k shrink(lambda_k) v_k (v_k . C^1/2 u(0)),
 *
 * shrink = exp(-lambda t) under gradient flow and (1 - eta lambda)^step under gradient descent. */
#include <specbias/kernel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"

sb_status sb_kernel_modes_create(const double *gram, const sb_problem *problem, const sb_spectrum *spectrum,
                                 sb_kernel_modes *modes)
{
    sb_status status = SB_OK;
    size_t n = problem->n, nxi = problem->grid.n;
    double *scaled = calloc(n * n, sizeof *scaled), *mode = malloc(n * sizeof *mode);
    *modes = (sb_kernel_modes){.nxi = nxi};
    modes->observed = malloc(n * nxi * sizeof *modes->observed);
    modes->root_c = malloc(n * sizeof *modes->root_c);
    if (!scaled || !mode || !modes->observed || !modes->root_c) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for the modes of %zu points", n);
        goto done;
    }
    for (size_t i = 0; i < n; i++) modes->root_c[i] = sqrt(problem->c[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) scaled[i * n + j] = modes->root_c[i] * modes->root_c[j] * gram[i * n + j];
    SB_TRY(sb_eigen_symmetric(scaled, n, true, &modes->eigen));
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) mode[i] = modes->eigen.vector[k * n + i] / modes->root_c[i];
        SB_TRY(sb_spectrum_apply(spectrum, mode, modes->observed + k * nxi));
    }
done:
    free(scaled);
    free(mode);
    if (status != SB_OK) sb_kernel_modes_clear(modes);
    return status;
}

void sb_kernel_modes_clear(sb_kernel_modes *modes)
{
    sb_eigen_clear(&modes->eigen);
    free(modes->observed);
    free(modes->root_c);
    *modes = (sb_kernel_modes){0};
}

sb_status sb_kernel_largest_rate(const double *gram, const sb_problem *problem, double *rate)
{
    size_t n = problem->n;
    double *v = malloc(n * sizeof *v), *kv = malloc(n * sizeof *kv), before = 0;
    sb_status status = v && kv ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    for (size_t i = 0; status == SB_OK && i < n; i++) v[i] = 1 + (double)i / (double)n; /* even and odd in part */
    for (int step = 0; status == SB_OK && step < 1000; step++) {
        double norm2 = 0, quotient = 0;
        for (size_t i = 0; i < n; i++) norm2 += v[i] * v[i];
        for (size_t i = 0; i < n; i++) v[i] *= sqrt(problem->c[i] / norm2);
        sb_gemv(n, n, 1, gram, v, 0, kv);
        for (size_t i = 0; i < n; i++) {
            quotient += v[i] * kv[i];
            v[i] = sqrt(problem->c[i]) * kv[i];
        }
        *rate = quotient;
        if (!isfinite(quotient)) status = sb_fail(SB_ERR_NUMERIC, "the kernel matrix is not finite");
        if (fabs(quotient - before) <= 1e-12 * quotient) break;
        before = quotient;
    }
    free(v);
    free(kv);
    return status;
}

double sb_shrink(sb_form form, double lambda, double eta, double t, double step)
{
    if (form == SB_FORM_FLOW) return exp(-lambda * t);
    double factor = 1 - eta * lambda;
    if (step == 0) return 1;
    double size = fabs(eta * lambda) < 0.5 ? exp(step * log1p(-eta * lambda)) : pow(fabs(factor), step);
    return factor < 0 && fmod(step, 2) != 0 ? -size : size;
}

/* v_k . C^1/2 u0 */
static double overlap(const sb_kernel_modes *modes, size_t k, const double *u0)
{
    size_t n = modes->eigen.n;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += modes->eigen.vector[k * n + i] * modes->root_c[i] * u0[i];
    return sum;
}

void sb_kernel_forecast(const sb_kernel_modes *modes, const sb_problem *problem, const double *rate, const double *u0,
                        sb_decay *decay)
{
    size_t n = modes->eigen.n, nxi = modes->nxi;
    if (!rate) rate = modes->eigen.lambda;
    for (size_t j = 0; j < decay->nt * nxi; j++) decay->amp[j] = 0;
    for (size_t k = 0; k < n; k++) {
        double start = overlap(modes, k, u0);
        const double complex *observed = modes->observed + k * nxi;
        for (size_t i = 0; i < decay->nt; i++) {
            double now = start * sb_shrink(decay->form, rate[k], problem->eta, decay->t[i], decay->step[i]);
            for (size_t j = 0; j < nxi; j++) decay->amp[i * nxi + j] += now * observed[j];
        }
    }
    sb_decay_set_err(decay, problem);
}

void sb_kernel_residual(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double *u0,
                        double t, double step, double *u)
{
    size_t n = modes->eigen.n;
    memset(u, 0, n * sizeof *u);
    for (size_t k = 0; k < n; k++) {
        double now = overlap(modes, k, u0) * sb_shrink(form, modes->eigen.lambda[k], problem->eta, t, step);
        for (size_t i = 0; i < n; i++) u[i] += now * modes->eigen.vector[k * n + i] / modes->root_c[i];
    }
}

/* |sum_k part_k shrink(lambda_k)| */
static double size_at(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form, const double complex *part,
                      double t)
{
    double complex sum = 0;
    for (size_t k = 0; k < modes->eigen.n; k++)
        sum += part[k] * sb_shrink(form, modes->eigen.lambda[k], problem->eta, t, t / problem->eta);
    return cabs(sum);
}

/* From late to early in steps of 5 %, then by halving the step that crosses the level. */
static double last_crossing(const sb_kernel_modes *modes, const sb_problem *problem, sb_form form,
                            const double complex *part, double level)
{
    const double *lambda = modes->eigen.lambda;
    double slowest = fmax(lambda[modes->eigen.n - 1], 1e-9 * lambda[0]), late = 30 / slowest, early = late;
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
    size_t n = modes->eigen.n;
    double complex *part = malloc(n * sizeof *part);
    if (!part) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", n);
    for (size_t j = 0; j < modes->nxi; j++) {
        for (size_t k = 0; k < n; k++) part[k] = overlap(modes, k, u0) * modes->observed[k * modes->nxi + j];
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
