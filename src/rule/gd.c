#include "rule/rule.h"

/* theta -= eta g; with mini-batches, stochastic gradient descent */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate;                                                                                   \
        (void)slot0, (void)slot1;                                                                                      \
        for (size_t i = 0; i < n; i++) theta[i] -= rate * gradient[i];                                                 \
    }

/* (1 - x)^t for whole and, where 1 - x > 0, for other t */
static double power(double x, double t)
{
    double factor = 1 - x;
    if (t == 0) return 1;
    double size = fabs(x) < 0.5 ? exp(t * log1p(-x)) : pow(fabs(factor), t);
    return factor < 0 && fmod(t, 2) != 0 ? -size : size;
}

/* (1 - eta lambda)^t; the mean of stochastic gradient descent whose batches are independent, and to second order in eta
 * of passes through the data */
static double shrink(const sb_rule *rule, double lambda, double t)
{
    return power(rule->eta * lambda, t);
}

static double progress(const sb_rule *rule, double lambda, double t)
{
    double x = rule->eta * lambda;
    if (lambda == 0) return rule->eta * t;
    return x < 0.5 ? -expm1(t * log1p(-x)) / lambda : (1 - power(x, t)) / lambda;
}

static double stable(double beta)
{
    (void)beta;
    return 2;
}

static double flow_time(const sb_rule *rule, double t)
{
    return rule->eta * t;
}

SB_RULE(gd, "gradient descent; with train.batch, stochastic gradient descent", .shrink = shrink, .progress = progress,
        .stable = stable, .time = flow_time);
