/* An optimiser's file defines its update for `real` numbers by including itself twice:
 *
 *     #define UPDATE(real, root) { .. }
 *     SB_OPTIMIZER(NAME, TITLE, SLOTS, FLOW, MOMENTUM);
 *
 * The body sees how, n, theta, gradient, slot0, slot1 and updates element by element. */
#ifndef SPECBIAS_TRAIN_OPTIMIZER_H
#define SPECBIAS_TRAIN_OPTIMIZER_H

#include <math.h>

#include <specbias/optimizer.h>

#define SB_JOIN_(name, isa) sb_optimizer_##name##_##isa
#define SB_JOIN(name, isa) SB_JOIN_(name, isa)

#define SB_OPTIMIZER(NAME, TITLE, SLOTS, FLOW, MOMENTUM)                                                               \
    static void update(const sb_update *how, size_t n, double *restrict theta, const double *restrict gradient,        \
                       double *restrict slot0, double *restrict slot1) UPDATE(double, sqrt) static void                \
    update_single(const sb_update *how, size_t n, float *restrict theta, const float *restrict gradient,               \
                  float *restrict slot0, float *restrict slot1)                                                        \
        UPDATE(float, sqrtf) extern const sb_optimizer SB_JOIN(NAME, SB_ISA);                                          \
    const sb_optimizer SB_JOIN(NAME, SB_ISA) = {#NAME, TITLE, SLOTS, FLOW, MOMENTUM, update, update_single}

#endif
