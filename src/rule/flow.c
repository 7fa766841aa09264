#include "rule/rule.h"

/* d theta / dt = -g: gradient flow, which steps go to as they get small; flow.h has it for networks */

static double shrink(const sb_rule *rule, double lambda, double t)
{
    (void)rule;
    return exp(-lambda * t);
}

static double progress(const sb_rule *rule, double lambda, double t)
{
    (void)rule;
    return lambda == 0 ? t : -expm1(-lambda * t) / lambda;
}

static double stable(double beta)
{
    (void)beta;
    return INFINITY;
}

static double flow_time(const sb_rule *rule, double t)
{
    (void)rule;
    return t;
}

SB_RULE_WITHOUT_STEPS(flow, "gradient flow", .shrink = shrink, .progress = progress, .stable = stable,
                      .time = flow_time);
