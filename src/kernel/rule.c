/* What one mode of a linearised network does under each rule of training. */
#include <specbias/linear.h>

#include <math.h>
#include <string.h>

bool sb_rule_find(const char *optimizer, sb_rule_kind *kind)
{
    static const struct {
        const char *name;
        sb_rule_kind kind;
    } known[] = {{"gd", SB_RULE_GD}, {"heavy_ball", SB_RULE_HEAVY_BALL}, {"nesterov", SB_RULE_NESTEROV}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(optimizer, known[i].name) != 0) continue;
        *kind = known[i].kind;
        return true;
    }
    return false;
}

/* (1 - x)^t for whole and, where 1 - x > 0, for other t */
static double power(double x, double t)
{
    double factor = 1 - x;
    if (t == 0) return 1;
    double size = fabs(x) < 0.5 ? exp(t * log1p(-x)) : pow(fabs(factor), t);
    return factor < 0 && fmod(t, 2) != 0 ? -size : size;
}

/* ---- momentum: two or three numbers that pass from step to step ---- */

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

/* How one step makes z from z and v, and v: v' = beta v + z, z' = z - eta lambda (heavy ball: v'; Nesterov: z + beta
 * v').
 */
static square residual_step(const sb_rule *rule, double lambda)
{
    double x = rule->eta * lambda, beta = rule->beta;
    if (rule->kind == SB_RULE_HEAVY_BALL) return (square){{{1 - x, -x * beta, 0}, {1, beta, 0}, {0, 0, 0}}};
    return (square){{{1 - x * (1 + beta), -x * beta * beta, 0}, {1, beta, 0}, {0, 0, 0}}};
}

/* The same of the progress c, z = 1 - lambda c, and of v and 1: v' = beta v + 1 - lambda c, c' = c + eta (v', or
 * 1 - lambda c + beta v'). */
static square progress_step(const sb_rule *rule, double lambda)
{
    double eta = rule->eta, beta = rule->beta;
    if (rule->kind == SB_RULE_HEAVY_BALL)
        return (square){{{1 - eta * lambda, eta * beta, eta}, {-lambda, beta, 1}, {0, 0, 1}}};
    double both = eta * (1 + beta);
    return (square){{{1 - both * lambda, eta * beta * beta, both}, {-lambda, beta, 1}, {0, 0, 1}}};
}

/* ---- all rules ---- */

double sb_rule_shrink(const sb_rule *rule, double lambda, double t)
{
    switch (rule->kind) {
    case SB_RULE_FLOW: return exp(-lambda * t);
    case SB_RULE_GD: return power(rule->eta * lambda, t);
    default: return raise(residual_step(rule, lambda), t).m[0][0];
    }
}

double sb_rule_progress(const sb_rule *rule, double lambda, double t)
{
    double x = rule->eta * lambda;
    switch (rule->kind) {
    case SB_RULE_FLOW: return lambda == 0 ? t : -expm1(-lambda * t) / lambda;
    case SB_RULE_GD:
        if (lambda == 0) return rule->eta * t;
        return x < 0.5 ? -expm1(t * log1p(-x)) / lambda : (1 - power(x, t)) / lambda;
    default: return raise(progress_step(rule, lambda), t).m[0][2];
    }
}

double sb_rule_largest_step(sb_rule_kind kind, double beta, double lambda)
{
    switch (kind) {
    case SB_RULE_FLOW: return INFINITY;
    case SB_RULE_GD: return 2 / lambda;
    case SB_RULE_HEAVY_BALL: return 2 * (1 + beta) / lambda;
    default: return 2 * (1 + beta) / ((1 + 2 * beta) * lambda);
    }
}

double sb_rule_printed_step(double largest)
{
    if (!(largest > 1e-290 && largest < 1e290)) return largest;
    double place = floor(log10(largest)) - 3, digits;
    if (place > 0) return floor(largest / pow(10, place)) * pow(10, place);
    digits = floor(largest * pow(10, -place)); /* may have gone up to the next number */
    return digits / pow(10, -place) > largest ? (digits - 1) / pow(10, -place) : digits / pow(10, -place);
}

double sb_rule_time(const sb_rule *rule, double t)
{
    if (rule->kind == SB_RULE_FLOW) return t;
    return rule->eta * t / (rule->kind == SB_RULE_GD ? 1 : 1 - rule->beta);
}
