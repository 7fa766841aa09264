#include "tests/oracles/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "watch/fft.h"

struct sb_spectrum {
    sb_route route;
    size_t n, nxi;
    /* direct: weight[nxi][n] = q_i exp(-2 pi i xi x_i)
     * FFT: weight[nxi] = h exp(-2 pi i xi x_0), and bin[nxi]; the bin of n - k is the conjugate of that of k */
    double complex *weight;
    size_t *bin;
    sb_fft *fft;
};

/* The bin of xi on the lattice k / (n h) of a uniform grid, negative frequencies counted from the end; -1 off it. */
static double lattice_place(const sb_problem *problem, double xi)
{
    double n = (double)problem->n, place = xi * problem->spacing * n, whole = round(place);
    if (fabs(place - whole) > 1e-12 * (1 + fabs(whole)) || fabs(whole) >= n) return -1;
    return whole < 0 ? whole + n : whole;
}

static bool fft_applies(const sb_problem *problem)
{
    if (!problem->uniform || problem->dim > 1 || problem->n < 2) return false;
    for (size_t k = 0; k < problem->grid.n; k++)
        if (lattice_place(problem, problem->grid.xi[k]) < 0) return false;
    for (size_t i = 1; i < problem->n; i++)
        if (problem->q[i] != problem->q[0]) return false;
    return true;
}

static sb_status plan_fft(const sb_problem *problem, sb_spectrum *spectrum)
{
    spectrum->bin = malloc(problem->grid.n * sizeof *spectrum->bin);
    if (!spectrum->bin) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", problem->grid.n);
    sb_status status = sb_fft_create(1, problem->n, &spectrum->fft);
    if (status != SB_OK) return status;
    for (size_t k = 0; k < problem->grid.n; k++) {
        double xi = problem->grid.xi[k];
        spectrum->bin[k] = (size_t)lattice_place(problem, xi);
        spectrum->weight[k] = problem->q[0] * cexp(-2 * M_PI * I * xi * problem->x[0]);
    }
    return SB_OK;
}

/* xi_k . x_i */
static double product(const sb_problem *problem, size_t k, size_t i)
{
    double sum = 0;
    for (size_t d = 0; d < problem->dim; d++)
        sum += problem->grid.xi[k * problem->dim + d] * problem->x[i * problem->dim + d];
    return sum;
}

sb_status sb_spectrum_create(const sb_problem *problem, sb_route route, sb_spectrum **spectrum)
{
    size_t n = problem->n, nxi = problem->grid.n;
    bool applies = fft_applies(problem);
    if (route == SB_ROUTE_FFT && !applies)
        return sb_fail(SB_ERR_UNSUPPORTED, "an FFT needs a uniform grid and frequencies on its lattice");
    if (route == SB_ROUTE_AUTO) route = applies && (double)nxi > 4 * log2((double)n) ? SB_ROUTE_FFT : SB_ROUTE_DIRECT;
    sb_spectrum *new = calloc(1, sizeof *new);
    if (new) new->weight = malloc((route == SB_ROUTE_FFT ? nxi : nxi * n) * sizeof *new->weight);
    if (!new || !new->weight) {
        sb_spectrum_destroy(&new);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu points", nxi, n);
    }
    new->route = route;
    new->n = n;
    new->nxi = nxi;
    sb_status status = SB_OK;
    if (route == SB_ROUTE_FFT)
        status = plan_fft(problem, new);
    else
        for (size_t k = 0; k < nxi; k++)
            for (size_t i = 0; i < n; i++)
                new->weight[k * n + i] = problem->q[i] * cexp(-2 * M_PI * I * product(problem, k, i));
    if (status != SB_OK)
        sb_spectrum_destroy(&new);
    else
        *spectrum = new;
    return status;
}

void sb_spectrum_destroy(sb_spectrum **spectrum)
{
    sb_spectrum *old = *spectrum;
    if (!old) return;
    sb_fft_destroy(&old->fft);
    free(old->weight);
    free(old->bin);
    free(old);
    *spectrum = NULL;
}

sb_route sb_spectrum_route(const sb_spectrum *spectrum)
{
    return spectrum->route;
}

static sb_status apply_fft(const sb_spectrum *spectrum, const double *u, double complex *amp)
{
    size_t n = spectrum->n, bins = sb_fft_bins(spectrum->fft);
    double complex *out = malloc(bins * sizeof *out + n * sizeof *u);
    if (!out) return sb_fail(SB_ERR_NOMEM, "no memory for an FFT of %zu points", n);
    double *in = memcpy(out + bins, u, n * sizeof *u); /* the same bits wherever u begins */
    sb_fft_forward(spectrum->fft, in, out);
    for (size_t k = 0; k < spectrum->nxi; k++) {
        size_t bin = spectrum->bin[k];
        amp[k] = spectrum->weight[k] * (bin <= n / 2 ? out[bin] : conj(out[n - bin]));
    }
    free(out);
    return SB_OK;
}

sb_status sb_spectrum_apply(const sb_spectrum *spectrum, const double *u, double complex *amp)
{
    if (spectrum->route == SB_ROUTE_FFT) return apply_fft(spectrum, u, amp);
    for (size_t k = 0; k < spectrum->nxi; k++) {
        const double complex *weight = spectrum->weight + k * spectrum->n;
        double re = 0, im = 0;
        for (size_t i = 0; i < spectrum->n; i++) {
            re += creal(weight[i]) * u[i];
            im += cimag(weight[i]) * u[i];
        }
        amp[k] = re + I * im;
    }
    return SB_OK;
}
