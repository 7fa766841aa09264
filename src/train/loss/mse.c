#include "train/loss/loss.h"

/* Quadrature weights stand for 1/n: (1/2) sum q u^2 or sum q u^2. */
static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    static const char *const words[] = {"half_mean", "mean", "half_sum", "sum"};
    size_t n = loss->set->n, which;
    sb_status status = sb_loss_choice("factor", spec->factor, 4, words, &which);
    if (status != SB_OK) return status;
    bool mean = which < 2;
    if (loss->quadrature && !mean)
        return sb_fail(SB_ERR_INPUT, "loss.factor = \"%s\": quadrature weights replace 1/n, so it must be a mean",
                       words[which]);
    status = sb_squares_create(loss, which % 2 ? 1 : 0.5, mean, loss->quadrature);
    sb_squares *squares = loss->state;
    for (size_t i = 0; status == SB_OK && loss->quadrature && i < n; i++)
        squares->weight[i] = (double)n * loss->set->q[i];
    return status;
}

const sb_loss_kind sb_loss_kind_mse = {
    "mse", "sum of squares times loss.factor, with loss.weights", 0, create, sb_squares_destroy, sb_squares_value,
    NULL};
