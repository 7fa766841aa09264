#include <math.h>
#include <stdlib.h>

#include "train/loss/loss.h"

/* Deep Ritz for -u'' = f with u = 0 at both ends (E, Yu 2018), f the wanted outputs on the grid x_0 < .. < x_N:
 *
 *     L = dx sum_{i=1}^{N-1} (h'(x_i)^2 / 2 - f_i h(x_i)) + beta (h(x_0)^2 + h(x_N)^2) */
typedef struct ritz {
    double dx, beta;
} ritz;

static sb_status create(const sb_loss_spec *spec, sb_loss *loss)
{
    const sb_dataset *set = loss->set;
    if (sb_shape_size(set->input) != 1 || loss->outputs != 1)
        return sb_fail(SB_ERR_INPUT, "ritz needs one input and one output, the data have %zu and %zu",
                       sb_shape_size(set->input), loss->outputs);
    if (set->n < 3) return sb_fail(SB_ERR_INPUT, "ritz needs a grid of at least 3 points");
    if (!(spec->beta > 0)) return sb_fail(SB_ERR_INPUT, "loss.beta must be positive");
    double length = set->x[set->n - 1] - set->x[0], dx = length / (double)(set->n - 1);
    for (size_t i = 0; i < set->n; i++)
        if (!(fabs(set->x[i] - (set->x[0] + (double)i * dx)) <= 1e-9 * length) || !(length > 0))
            return sb_fail(SB_ERR_INPUT, "ritz needs an ascending uniform grid, point %zu is off it", i + 1);
    ritz *state = loss->state = malloc(sizeof *state);
    if (!state) return sb_fail(SB_ERR_NOMEM, "no memory for a loss");
    *state = (ritz){dx, spec->beta};
    return SB_OK;
}

static double value(const sb_loss *loss, size_t n, const size_t *index, size_t batch, const double *h, double *g)
{
    const ritz *state = loss->state;
    const double *dh = h + n; /* h'(x) */
    double share = (double)loss->set->n / (double)batch, dx = share * state->dx, beta = share * state->beta, sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t example = sb_loss_example(index, i);
        bool end = example == 0 || example == loss->set->n - 1;
        double f = loss->set->y[example];
        sum += end ? beta * h[i] * h[i] : dx * (dh[i] * dh[i] / 2 - f * h[i]);
        if (!g) continue;
        g[i] = end ? 2 * beta * h[i] : -dx * f;
        g[n + i] = end ? 0 : dx * dh[i];
    }
    return sum;
}

const sb_loss_kind sb_loss_kind_ritz = {
    "ritz", "Deep Ritz energy of -u'' = y, u = 0 at both ends with penalty loss.beta", 1, create, NULL, value, NULL};
