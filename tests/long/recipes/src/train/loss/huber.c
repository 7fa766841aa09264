#include <math.h>

#include "train/loss/loss.h"

/* Pseudo-Huber, (1/n) sum sqrt(1 + u^2) - 1, written without cancellation; its gradient is u / sqrt(1 + u^2) / n. */
static double value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    size_t outputs = loss->outputs;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *y = loss->set->y + sb_loss_example(index, i) * outputs, *hi = h + i * outputs;
        for (size_t o = 0; o < outputs; o++) {
            double u = hi[o] - y[o], root = sqrt(1 + u * u);
            sum += u * u / (1 + root);
            if (g) g[i * outputs + o] = u / root / (double)batch;
        }
    }
    return sum / (double)batch;
}

const sb_loss_kind sb_loss_kind_huber = {
    .name = "huber", .title = "mean of sqrt(1 + (h - y)^2) - 1 over examples", .value = value};
