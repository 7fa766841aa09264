#include <math.h>
#include <stdlib.h>

#include "train/loss/loss.h"

static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    double *p = loss->state = malloc(sizeof *p);
    if (!p) return sb_fail(SB_ERR_NOMEM, "no memory for a loss");
    *p = spec->p;
    if (*p == 2) loss->form = SB_LOSS_SQUARES;
    if (!(*p >= 1) || !isfinite(*p)) return sb_fail(SB_ERR_INPUT, "loss.p = %g: norms have p from 1 on", *p);
    return SB_OK;
}

/* 1/(p n) sum |u|^p; its gradient is sign(u) |u|^(p - 1) / n, 0 at u = 0 */
static double value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    double p = *(const double *)loss->state, sum = 0;
    size_t outputs = loss->outputs;
    for (size_t i = 0; i < n; i++) {
        const double *y = loss->set->y + sb_loss_example(index, i) * outputs, *hi = h + i * outputs;
        for (size_t o = 0; o < outputs; o++) {
            double u = hi[o] - y[o], power = u == 0 ? 0 : pow(fabs(u), p - 1);
            sum += power * fabs(u);
            if (g) g[i * outputs + o] = copysign(power, u) / (double)batch;
        }
    }
    return sum / (p * (double)batch);
}

const sb_loss_kind sb_loss_kind_lp = {"lp", "mean of |h - y|^p / p, p = loss.p, over examples", 0, create, NULL, value,
                                      NULL};
