/* A rule's file defines its update for `real` numbers, what it does to a mode, and its table (specbias/rule.h):
 *
 *     #define UPDATE(real, root) { .. }
 *     static double shrink(const sb_rule *rule, double lambda, double t) ..
 *     SB_RULE(NAME, "title", .slots = 1, .shrink = shrink, ..);
 *
 * The body sees how, n, theta, gradient, slot0, slot1 and updates element by element. All files here but the registry
 * are compiled once per instruction set. */
#ifndef SPECBIAS_RULE_RULE_H
#define SPECBIAS_RULE_RULE_H

#include <math.h>

#include <specbias/rule.h>

#define SB_RULE_NAME_(name, isa) sb_rule_##name##_##isa
#define SB_RULE_NAME(name, isa) SB_RULE_NAME_(name, isa)

#define SB_RULE(NAME, TITLE, ...)                                                                                      \
    static void update(const sb_update *how, size_t n, double *restrict theta, const double *restrict gradient,        \
                       double *restrict slot0, double *restrict slot1) UPDATE(double, sqrt) static void                \
    update_single(const sb_update *how, size_t n, float *restrict theta, const float *restrict gradient,               \
                  float *restrict slot0, float *restrict slot1) UPDATE(float, sqrtf)                                   \
        SB_RULE_WITHOUT_STEPS(NAME, TITLE, .update = update, .update_single = update_single, __VA_ARGS__)

#define SB_RULE_WITHOUT_STEPS(NAME, TITLE, ...)                                                                        \
    extern const sb_rule_kind SB_RULE_NAME(NAME, SB_ISA);                                                              \
    const sb_rule_kind SB_RULE_NAME(NAME, SB_ISA) = {.name = #NAME, .title = TITLE, __VA_ARGS__}

#endif
