/* Amplitudes of vector-valued residuals: one matrix of waves, applied as a product. */
#include <specbias/observe.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"
#include "watch/alias.h"
#include "watch/examples.h"
#include "watch/harmonics.h"

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
        modes->mode[k] = modes->mode[modes->count + k] = k;
    }
}

/* q_i Y(x_i) of all harmonics of the degrees */
static sb_status fill_harmonics(sb_modes *modes, size_t dim, const double *x, const double *q, const size_t *degree)
{
    size_t n = modes->n, highest = 0;
    for (size_t k = 0; k < modes->count; k++) highest = degree[k] > highest ? degree[k] : highest;
    size_t all = dim == 2 ? 2 * highest + 1 : (highest + 1) * (highest + 1);
    double *y = malloc(all * sizeof *y);
    if (!y) return sb_fail(SB_ERR_NOMEM, "no memory for %zu harmonics", all);
    for (size_t i = 0; i < n; i++) {
        double *to = modes->weight + i;
        if (dim == 2)
            sb_circle_harmonics(highest, 2 * M_PI, atan2(x[2 * i + 1], x[2 * i]), 1, y);
        else
            sb_sphere_harmonics(highest, x + 3 * i, 1, y);
        for (size_t k = 0, f = 0; k < modes->count; k++) {
            size_t l = degree[k], first = dim == 3 ? l * l : l > 0 ? 2 * l - 1 : 0;
            for (size_t m = 0; m < (dim == 3 ? 2 * l + 1 : l > 0 ? 2 : 1); m++, f++, to += n) {
                *to = q[i] * y[first + m];
                modes->mode[f] = k;
            }
        }
    }
    free(y);
    return SB_OK;
}

void sb_modes_sums(const sb_modes *modes, size_t columns, const double *u, double *sums)
{
    sb_gemm(modes->functions, columns, modes->n, modes->weight, u, sums);
}

/* size[count] = (sum over outputs |u^|^2)^1/2; amp[count] of output 0 */
static sb_status transform(const sb_modes *modes, const double *u, double *size, double complex *amp)
{
    size_t outputs = modes->outputs, count = modes->count, functions = modes->functions;
    double *sums = malloc(functions * outputs * sizeof *sums); /* [functions][outputs] */
    if (!sums) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu outputs", count, outputs);
    sb_modes_sums(modes, outputs, u, sums);
    for (size_t k = 0; k < count; k++) size[k] = 0;
    for (size_t f = 0; f < functions; f++)
        for (size_t c = 0; c < outputs; c++)
            size[modes->mode[f]] = hypot(size[modes->mode[f]], sums[f * outputs + c]); /* of targets of any size */
    for (size_t k = 0; k < count && amp; k++) amp[k] = sums[k * outputs] + I * sums[(count + k) * outputs];
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

static sb_status open_modes(size_t n, size_t outputs, const double *y, size_t count, size_t functions, sb_modes *modes)
{
    sb_status status = sb_check_finite(SB_ERR_INPUT, "wanted output", n, outputs, y);
    if (status != SB_OK) return status;
    *modes = (sb_modes){.n = n, .outputs = outputs, .count = count, .functions = functions};
    modes->weight = malloc((functions * n + 1) * sizeof *modes->weight);
    modes->mode = malloc((functions + 1) * sizeof *modes->mode);
    modes->wanted = malloc((count + 1) * sizeof *modes->wanted);
    if (modes->weight && modes->mode && modes->wanted) return SB_OK;
    return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu examples", count, n);
}

static sb_status set_wanted(const double *q, const double *y, sb_modes *modes)
{
    sb_status status = transform(modes, y, modes->wanted, NULL);
    double bound = bound_of(modes->n, q, modes->outputs, y);
    for (size_t k = 0; status == SB_OK && k < modes->count; k++)
        if (!(modes->wanted[k] > 1e-10 * bound)) modes->wanted[k] = 0;
    for (size_t i = 0; i < modes->n * modes->outputs; i++) modes->largest = fmax(modes->largest, fabs(y[i]));
    return status;
}

sb_status sb_modes_create(size_t n, size_t dim, const double *place, const double *q, size_t count, const double *xi,
                          size_t outputs, const double *y, sb_modes *modes)
{
    sb_status status = SB_OK;
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "place", n, dim, place));
    SB_TRY(open_modes(n, outputs, y, count, 2 * count, modes));
    modes->waves = true;
    fill_waves(modes, dim, place, q, xi);
    SB_TRY(set_wanted(q, y, modes));
done:
    if (status != SB_OK) sb_modes_clear(modes);
    return status;
}

sb_status sb_modes_create_degrees(size_t n, size_t dim, const double *x, const double *q, size_t count,
                                  const size_t *degree, size_t outputs, const double *y, sb_modes *modes)
{
    sb_status status = SB_OK;
    size_t functions = 0;
    if (dim != 2 && dim != 3)
        return sb_fail(SB_ERR_UNSUPPORTED, "harmonics of spheres are those of 2 and 3 dimensions, not %zu", dim);
    for (size_t k = 0; k < count; k++) functions += dim == 3 ? 2 * degree[k] + 1 : degree[k] > 0 ? 2 : 1;
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "place", n, dim, x));
    SB_TRY(open_modes(n, outputs, y, count, functions, modes));
    SB_TRY(fill_harmonics(modes, dim, x, q, degree));
    SB_TRY(set_wanted(q, y, modes));
done:
    if (status != SB_OK) sb_modes_clear(modes);
    return status;
}

sb_status sb_modes_check_aliases(const sb_modes *modes, const double *q, const double *label)
{
    return sb_alias_check(modes->n, q, modes->count, modes->functions, modes->mode, modes->weight, label);
}

void sb_modes_clear(sb_modes *modes)
{
    free(modes->weight);
    free(modes->mode);
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
