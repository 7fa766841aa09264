#include <specbias/observe.h>

#include <math.h>
#include <stdlib.h>

#include "core/linalg.h"
#include "watch/examples.h"

/* in units of `unit` */
static double norm(size_t n, double unit, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n && unit > 0; i++) sum += (v[i] / unit) * (v[i] / unit);
    return sqrt(sum);
}

/* Of entries that are equal up to rounding the first one decides. */
static void fix_sign(size_t dim, double *p)
{
    double most = 0;
    size_t j = 0;
    for (size_t d = 0; d < dim; d++) most = fmax(most, fabs(p[d]));
    while (fabs(p[j]) < (1 - 1e-9) * most) j++;
    if (p[j] > 0) return;
    for (size_t d = 0; d < dim; d++) p[d] = -p[d];
}

sb_status sb_principal_direction(size_t n, size_t dim, const double *x, double *p, double *place, double *range)
{
    double *centred = NULL, sigma[2], low = INFINITY, high = -INFINITY, unit = 0;
    sb_status status = SB_OK;
    SB_TRY(sb_check_finite(SB_ERR_INPUT, "input", n, dim, x));
    centred = sb_centred(n, dim, x);
    if (!centred) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the principal direction of %zu examples", n));
    for (size_t i = 0; i < n * dim; i++) unit = fmax(unit, fabs(x[i]));
    for (size_t i = 0; i < n * dim && unit > 0; i++) centred[i] /= unit; /* squares of any numbers */
    SB_TRY(sb_first_singular(n, dim, centred, p, sigma));
    if (!(sigma[0] > 1e-12 * norm(n * dim, unit, x)))
        SB_TRY(sb_fail(SB_ERR_INPUT, "the inputs of all %zu examples are the same: they have no direction", n));
    if (sigma[0] - sigma[1] <= 1e-9 * sigma[0])
        SB_TRY(sb_fail(SB_ERR_INPUT, "no direction of the inputs is the first: two singular values are %.9g",
                       unit * sigma[0]));
    fix_sign(dim, p);
    sb_gemv(n, dim, 1, x, p, 0, place);
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, place[i]);
        high = fmax(high, place[i]);
    }
    *range = high - low;
done:
    free(centred);
    return status;
}
