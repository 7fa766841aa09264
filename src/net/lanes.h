/* Vectors of units to and from where their parameters stand, for sweeps (net/sweep.h). */
#ifndef SPECBIAS_NET_LANES_H
#define SPECBIAS_NET_LANES_H

#include "net/activation/vec.h"
#include "net/sweep.h"

static inline vec gather(const real *from, size_t stride, size_t count)
{
    if (stride == 1 && count >= SB_LANES) return vec_load(from);
    vec v = {0};
    for (size_t lane = 0; lane < count && lane < SB_LANES; lane++) v[lane] = from[lane * stride];
    return v;
}

static inline void scatter(vec v, real *to, size_t stride)
{
    if (stride == 1) vec_store(to, v);
    for (size_t lane = 0; stride != 1 && lane < SB_LANES; lane++) to[lane * stride] = v[lane];
}

/* The optimiser on `count` parameters from `first` on; gradient descent itself is done here, as a call would take as
 * long as the rest of a step on few points. */
static inline void move(const sb_sweep *sweep, size_t first, size_t count, const real *gradient)
{
    real *theta = (real *)sweep->theta + first, rate = (real)sweep->rate;
    size_t whole = count - count % SB_LANES;
    if (sweep->update) {
        sweep->update(sweep->context, first, count, gradient);
        return;
    }
    if (sweep->pace) {
        const double *pace = sweep->pace + first;
        for (size_t i = 0; i < count; i++) theta[i] -= rate * (real)pace[i] * gradient[i];
        return;
    }
    for (size_t i = 0; i < whole; i += SB_LANES)
        vec_store(theta + i, vec_load(theta + i) - rate * vec_load(gradient + i));
    for (size_t i = whole; i < count; i++) theta[i] -= rate * gradient[i];
}

#endif
