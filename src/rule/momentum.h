/* Rules v' = beta v + g, theta' = theta - eta (own g + past v') of a file that defines UPDATE and `direction`. */
#ifndef SPECBIAS_RULE_MOMENTUM_H
#define SPECBIAS_RULE_MOMENTUM_H

#include "rule/rule.h"

/* own and past */
static void direction(double beta, double *own, double *past);

/* How the two or three numbers of a mode pass from step to step. */
typedef struct square {
    double m[3][3];
} square;

static square times(const square *a, const square *b)
{
    square c = {0};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            for (int j = 0; j < 3 && a->m[i][k] != 0; j++) c.m[i][j] += a->m[i][k] * b->m[k][j]; /* 0 times infinity */
    return c;
}

/* M^t, t cut to a whole number, by squaring */
static square raise(square m, double t)
{
    square result = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (double left = floor(fmin(t, 0x1p60)); left > 0; left = floor(left / 2)) {
        if (fmod(left, 2) != 0) result = times(&result, &m);
        if (left > 1) m = times(&m, &m);
    }
    return result;
}

/* Of a mode z, whose gradient is z: z' = z - eta lambda (own z + past v') */
static double shrink(const sb_rule *rule, double lambda, double t)
{
    double x = rule->eta * lambda, beta = rule->beta, own, past;
    direction(beta, &own, &past);
    square step = {{{1 - x * (own + past), -x * past * beta, 0}, {1, beta, 0}, {0, 0, 0}}};
    return raise(step, t).m[0][0];
}

/* Of c and 1, z = 1 - lambda c: c' = c + eta (own (1 - lambda c) + past v') */
static double progress(const sb_rule *rule, double lambda, double t)
{
    double eta = rule->eta, beta = rule->beta, own, past;
    direction(beta, &own, &past);
    double both = eta * (own + past);
    square step = {{{1 - both * lambda, eta * past * beta, both}, {-lambda, beta, 1}, {0, 0, 1}}};
    return raise(step, t).m[0][2];
}

/* Of z and v an eigenvalue becomes -1, 1 + trace + determinant = 0 = 2 + 2 beta - x (own (1 + beta) + past). */
static double stable(double beta)
{
    double own, past;
    direction(beta, &own, &past);
    return 2 * (1 + beta) / (own * (1 + beta) + past);
}

/* Where g hardly changes v is g / (1 - beta). */
static double flow_time(const sb_rule *rule, double t)
{
    double own, past;
    direction(rule->beta, &own, &past);
    return rule->eta * t * (own * (1 - rule->beta) + past) / (1 - rule->beta);
}

#define SB_MOMENTUM(NAME, TITLE)                                                                                       \
    SB_RULE(NAME, TITLE, .keys = "momentum", .slots = 1, .shrink = shrink, .progress = progress, .stable = stable,     \
            .time = flow_time)

#endif
