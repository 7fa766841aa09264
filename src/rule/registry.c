/* The rules in the code of the best instruction set this machine has, and what is the same for all of them. */
#include <math.h>
#include <string.h>

#include <specbias/rule.h>

#define SB_METHOD sb_rule
#define SB_TYPE sb_rule_kind
#define SB_LIST "rule/list.def"
#define RULE SB_LINE
#define SB_LIST_BY_ISA
#include "core/registry.inc"

#define SB_METHOD sb_schedule
#define SB_LIST "rule/schedule/list.def"
#define SCHEDULE SB_LINE
#include "core/registry.inc"

bool sb_rule_takes(const sb_rule_kind *kind, const char *key)
{
    return kind->keys && strstr(kind->keys, key) != NULL;
}

sb_rule sb_rule_of(const char *name, double eta, double beta)
{
    return (sb_rule){.kind = sb_rule_find(name), .eta = eta, .beta = beta};
}

sb_update sb_rule_step(double rate, double beta1, double beta2, double epsilon, size_t step)
{
    return (sb_update){.rate = rate,
                       .beta1 = beta1,
                       .beta2 = beta2,
                       .epsilon = epsilon,
                       .correction1 = 1 - pow(beta1, (double)step),
                       .correction2 = 1 - pow(beta2, (double)step)};
}

double sb_rule_shrink(const sb_rule *rule, double lambda, double t)
{
    return rule->kind->shrink(rule, lambda, t);
}

double sb_rule_progress(const sb_rule *rule, double lambda, double t)
{
    return rule->kind->progress(rule, lambda, t);
}

double sb_rule_largest_step(const sb_rule *rule, double lambda)
{
    if (!rule->kind->stable) return NAN;
    double stable = rule->kind->stable(rule->beta);
    return rule->decoupled ? 1 / (lambda / stable + rule->decay / 2) : stable / (lambda + rule->decay);
}

double sb_rule_largest_rate(const sb_rule *rule)
{
    if (!rule->kind->stable) return NAN;
    double stable = rule->kind->stable(rule->beta);
    return rule->decoupled ? stable * (1 / rule->eta - rule->decay / 2) : stable / rule->eta - rule->decay;
}

double sb_rule_flow_decay(const sb_rule *rule)
{
    return rule->decoupled && rule->decay > 0 ? rule->decay * rule->eta / sb_rule_time(rule, 1) : rule->decay;
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
    return rule->kind->time ? rule->kind->time(rule, t) : NAN;
}
