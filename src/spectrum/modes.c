/* Amplitudes of vector-valued residuals: one matrix of waves, applied as a product. */
#include <specbias/observe.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"
#include "spectrum/examples.h"

/* q_i cos(2 pi xi . x_i) and -q_i sin(2 pi xi . x_i) */
static void fill_waves(sb_modes *modes, size_t dim, const double *place, const double *q, const double *xi)
{
    size_t n = modes->n;
    for (size_t k = 0; k < modes->count; k++) {
        double *re = modes->weight + k * n, *im = re + modes->count * n;
        for (size_t i = 0; i < n; i++) {
            double turns = 0, weight = q ? q[i] : 1 / (double)n;
            for (size_t d = 0; d < dim; d++) turns += xi[k * dim + d] * place[i * dim + d];
            re[i] = weight * cos(2 * M_PI * turns);
            im[i] = -weight * sin(2 * M_PI * turns);
        }
    }
}

/* size[count] = (sum over outputs |u^|^2)^1/2; amp[count] of output 0 */
static sb_status transform(const sb_modes *modes, const double *u, double *size, double complex *amp)
{
    size_t outputs = modes->outputs, count = modes->count;
    double *sums = malloc(2 * count * outputs * sizeof *sums); /* [2 * count][outputs] */
    if (!sums) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu outputs", count, outputs);
    sb_gemm(2 * count, outputs, modes->n, modes->weight, u, sums);
    for (size_t k = 0; k < count; k++) {
        const double *re = sums + k * outputs, *im = re + count * outputs;
        double power = 0;
        for (size_t c = 0; c < outputs; c++) power += re[c] * re[c] + im[c] * im[c];
        size[k] = sqrt(power);
        if (amp) amp[k] = re[0] + I * im[0];
    }
    free(sums);
    return SB_OK;
}

/* The largest that `wanted` could be: (sum over outputs (sum_i |q_i y_i|)^2)^1/2. */
static double bound_of(size_t n, const double *q, size_t outputs, const double *y)
{
    double power = 0;
    for (size_t c = 0; c < outputs; c++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += fabs((q ? q[i] : 1 / (double)n) * y[i * outputs + c]);
        power += sum * sum;
    }
    return sqrt(power);
}

sb_status sb_modes_create(size_t n, size_t dim, const double *place, const double *q, size_t count, const double *xi,
                          size_t outputs, const double *y, sb_modes *modes)
{
    sb_status status = SB_OK;
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "place", n, dim, place));
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "wanted output", n, outputs, y));
    *modes = (sb_modes){.n = n, .outputs = outputs, .count = count};
    modes->weight = malloc(2 * count * n * sizeof *modes->weight);
    modes->wanted = malloc(count * sizeof *modes->wanted);
    if (!modes->weight || !modes->wanted)
        SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu examples", count, n));
    fill_waves(modes, dim, place, q, xi);
    SB_TRY(transform(modes, y, modes->wanted, NULL));
    double bound = bound_of(n, q, outputs, y);
    for (size_t k = 0; k < count; k++)
        if (!(modes->wanted[k] > 1e-10 * bound)) modes->wanted[k] = 0;
done:
    if (status != SB_OK) sb_modes_clear(modes);
    return status;
}

void sb_modes_clear(sb_modes *modes)
{
    free(modes->weight);
    free(modes->wanted);
    *modes = (sb_modes){0};
}

sb_status sb_modes_apply(const sb_modes *modes, const double *u, double *error, double complex *amp)
{
    sb_status status = sb_check_finite(SB_ERR_NUMERIC, "output", modes->n, modes->outputs, u);
    if (status == SB_OK) status = transform(modes, u, error, amp);
    for (size_t k = 0; status == SB_OK && k < modes->count; k++)
        error[k] = modes->wanted[k] > 0 ? error[k] / modes->wanted[k] : NAN;
    return status;
}
