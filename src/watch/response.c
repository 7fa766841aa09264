/* What is wrong with outputs that are functions: relative errors of their frequencies over many of them. */
#include <specbias/observe.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"
#include "watch/examples.h"

/* size[count]: (sum over functions |u_F|^2)^1/2 */
static sb_status transform(const sb_response *response, const double *u, double *size)
{
    size_t n = response->n, count = response->count, length = response->length;
    double *sums = malloc(n * 2 * count * sizeof *sums); /* [n][2 count] */
    if (!sums) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu functions", count, n);
    sb_gemm_nt(n, 2 * count, length, u, length, response->wave, length, 0, sums, 2 * count);
    for (size_t k = 0; k < count; k++) size[k] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2 * count; k++) size[k % count] = hypot(size[k % count], sums[i * 2 * count + k]);
    free(sums);
    return SB_OK;
}

sb_status sb_response_create(size_t n, size_t length, size_t count, const double *frequency, const double *y,
                             sb_response *response)
{
    sb_status status = SB_OK;
    *response = (sb_response){.n = n, .length = length, .count = count};
    response->wave = malloc((2 * count * length + 1) * sizeof *response->wave);
    response->wanted = malloc((count + 1) * sizeof *response->wanted);
    if (!response->wave || !response->wanted) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", count));
    for (size_t k = 0; k < 2 * count; k++)
        for (size_t j = 0; j < length; j++) {
            double turn = 2 * M_PI * fmod(frequency[k % count] * (double)j, (double)length) / (double)length;
            response->wave[k * length + j] = (k < count ? cos(turn) : sin(turn)) / (double)length;
        }
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "wanted output", n, length, y));
    SB_TRY(transform(response, y, response->wanted));
    for (size_t i = 0; i < n * length; i++) response->largest = fmax(response->largest, fabs(y[i]));
    for (size_t k = 0; k < count; k++)
        if (!(response->wanted[k] > 1e-10 * response->largest))
            SB_TRY(sb_fail(SB_ERR_INPUT, "the functions have no energy at the frequency %g", frequency[k]));
done:
    if (status != SB_OK) sb_response_clear(response);
    return status;
}

void sb_response_clear(sb_response *response)
{
    free(response->wave);
    free(response->wanted);
    *response = (sb_response){0};
}

sb_status sb_response_apply(const sb_response *response, const double *u, double *err)
{
    size_t count = response->count;
    double square = 0;
    sb_status status = sb_check_finite(SB_ERR_NUMERIC, "output", response->n, response->length, u);
    if (status == SB_OK) status = transform(response, u, err);
    for (size_t k = 0; status == SB_OK && k < count; k++) {
        err[k] /= response->wanted[k];
        square += err[k] * err[k];
    }
    err[count] = sqrt(square / (double)count);
    return status;
}
