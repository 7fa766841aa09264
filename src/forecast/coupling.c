#include "forecast/coupling.h"

#include <math.h>
#include <stdlib.h>

#include "case/network.h"

sb_status sb_kernel_fits(const sb_case *cas, size_t rows)
{
    if (cas->units || rows <= SB_KERNEL_ROWS) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED,
                   "a kernel of %zu rows is more than the %d of which a run takes all eigenpairs; `specbias kernel` "
                   "with kernel.pairs forecasts from the largest",
                   rows, SB_KERNEL_ROWS);
}

/* |K - mean x 1| / |K| of K [m outputs][m outputs] */
static double coupling_of(size_t m, size_t outputs, const double *k)
{
    double off = 0, size = 0, rows = (double)outputs;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double mean = 0;
            for (size_t o = 0; o < outputs; o++) mean += k[(i * outputs + o) * m * outputs + j * outputs + o] / rows;
            for (size_t o = 0; o < outputs; o++)
                for (size_t p = 0; p < outputs; p++) {
                    double value = k[(i * outputs + o) * m * outputs + j * outputs + p];
                    off += pow(value - (o == p ? mean : 0), 2);
                    size += value * value;
                }
        }
    return sqrt(off / size);
}

enum { COUPLED_ROWS = 2000, COUPLED_EXAMPLES = 16 }; /* of which a look at all of K consists, at most */

sb_status sb_case_coupling(const sb_case *cas, uint64_t seed, size_t *examples, double *coupling)
{
    sb_status status = SB_OK;
    sb_network network = {0};
    size_t m = COUPLED_ROWS / cas->outputs, rows;
    m = m > COUPLED_EXAMPLES ? COUPLED_EXAMPLES : m;
    *examples = m = m > cas->n ? cas->n : m;
    *coupling = NAN;
    if (cas->outputs == 1 || cas->per_row > 1 || m == 0) return SB_OK;
    rows = m * cas->outputs;
    double *k = malloc(rows * rows * sizeof *k);
    if (!k) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu rows", rows);
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network));
    SB_TRY(sb_network_gram(&network, m, cas->outputs, 0, NULL, k));
    *coupling = coupling_of(m, cas->outputs, k);
done:
    sb_network_clear(&network);
    free(k);
    return status;
}
