#include <math.h>

#include "train/loss/loss.h"

/* (1/2n) sum_i (1 + |y_i|^2 / max |y|^2) |u_i|^2: a sum of weighted squares, so kernels forecast it. */
static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    (void)spec;
    size_t n = loss->set->n, outputs = loss->outputs;
    double most = 0;
    sb_status status = sb_squares_create(loss, 0.5, true, true);
    if (status != SB_OK) return status;
    double *weight = ((sb_squares *)loss->state)->weight;
    for (size_t i = 0; i < n; i++) {
        weight[i] = 0;
        for (size_t o = 0; o < outputs; o++) weight[i] += pow(loss->set->y[i * outputs + o], 2);
        most = fmax(most, weight[i]);
    }
    for (size_t i = 0; i < n; i++) weight[i] = most > 0 ? 1 + weight[i] / most : 1;
    return SB_OK;
}

const sb_loss_kind sb_loss_kind_loud = {.name = "loud",
                                        .title = "mean squares, up to twice as heavy where y is large",
                                        .create = create,
                                        .destroy = sb_squares_destroy,
                                        .value = sb_squares_value};
