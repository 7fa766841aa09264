#include "train/loss/loss.h"

/* mean over examples of |h - y|^2 / |y|^2 */
static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    (void)spec;
    sb_status status = sb_squares_create(loss, 1, true, true);
    sb_squares *squares = loss->state;
    for (size_t i = 0; status == SB_OK && i < loss->set->n; i++) {
        const double *y = loss->set->y + i * loss->outputs;
        double size = 0;
        for (size_t o = 0; o < loss->outputs; o++) size += y[o] * y[o];
        squares->weight[i] = 1 / size;
        if (!(size > 0)) status = sb_fail(SB_ERR_INPUT, "nmse: example %zu has no wanted output but 0", i + 1);
    }
    return status;
}

const sb_loss_kind sb_loss_kind_nmse = {
    "nmse", "mean of |h - y|^2 / |y|^2 over examples", 0, create, sb_squares_destroy, sb_squares_value, NULL};
