#include <stdlib.h>

#include "train/loss/loss.h"

sb_status sb_squares_create(sb_loss *loss, double factor, bool mean, bool weighted)
{
    size_t n = loss->set->n;
    sb_squares *squares = loss->state = calloc(1, sizeof *squares);
    loss->form = SB_LOSS_SQUARES;
    loss->sums = !mean;
    if (squares) *squares = (sb_squares){factor, mean, weighted ? malloc(n * sizeof(double)) : NULL};
    if (!squares || (weighted && !squares->weight)) return sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", n);
    return SB_OK;
}

void sb_squares_destroy(sb_loss *loss)
{
    sb_squares *squares = loss->state;
    if (squares) free(squares->weight);
}

double sb_squares_value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    const sb_squares *squares = loss->state;
    size_t outputs = loss->outputs;
    double factor = squares->mean ? squares->factor / (double)batch : squares->factor, sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t example = sb_loss_example(index, i);
        const double *y = loss->set->y + example * outputs, *hi = h + i * outputs;
        double weight = squares->weight ? squares->weight[example] : 1, square = 0;
        for (size_t o = 0; o < outputs; o++) {
            double u = hi[o] - y[o];
            square += u * u;
            if (g) g[i * outputs + o] = 2 * factor * weight * u;
        }
        sum += weight * square;
    }
    return factor * sum;
}
