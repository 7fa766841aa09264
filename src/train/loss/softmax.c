#include <math.h>

#include "train/loss/loss.h"

static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    (void)spec;
    if (loss->outputs < 2) return sb_fail(SB_ERR_INPUT, "softmax needs two outputs or more");
    for (size_t i = 0; i < loss->set->n; i++) {
        const double *y = loss->set->y + i * loss->outputs;
        double sum = 0, least = 0;
        for (size_t o = 0; o < loss->outputs; o++) {
            sum += y[o];
            least = fmin(least, y[o]);
        }
        if (least < 0 || !(fabs(sum - 1) <= 1e-9))
            return sb_fail(SB_ERR_INPUT, "softmax: the wanted outputs of example %zu are no probabilities", i + 1);
    }
    return SB_OK;
}

/* Softmax p and sum_o y_o (log sum_j exp h_j - h_o) of one example, without overflow, and with the small loss of a sure
 * answer to its last digit. */
static double entropy(size_t outputs, const double *h, const double *y, double *p)
{
    size_t top = 0;
    double others = 0, sum = 0;
    for (size_t o = 1; o < outputs; o++)
        if (h[o] > h[top]) top = o;
    for (size_t o = 0; o < outputs; o++) {
        double e = exp(h[o] - h[top]);
        if (o != top) others += e;
        if (p) p[o] = e;
    }
    double log_sum = log1p(others);
    for (size_t o = 0; o < outputs; o++) {
        sum += y[o] * (log_sum - (h[o] - h[top]));
        if (p) p[o] /= 1 + others;
    }
    return sum;
}

static void predict(size_t outputs, const double *h, double *p)
{
    double most = h[0], sum = 0;
    for (size_t o = 1; o < outputs; o++) most = fmax(most, h[o]);
    for (size_t o = 0; o < outputs; o++) sum += p[o] = exp(h[o] - most);
    for (size_t o = 0; o < outputs; o++) p[o] /= sum;
}

static double value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    size_t outputs = loss->outputs;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *y = loss->set->y + sb_loss_example(index, i) * outputs;
        double *gi = g ? g + i * outputs : NULL;
        sum += entropy(outputs, h + i * outputs, y, gi);
        for (size_t o = 0; gi && o < outputs; o++) gi[o] = (gi[o] - y[o]) / (double)batch;
    }
    return sum / (double)batch;
}

const sb_loss_kind sb_loss_kind_softmax = {
    "softmax", "cross-entropy of the softmax of the outputs, mean over examples", 0, create, NULL, value, predict};
