#include "run/rounding.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <specbias/compare.h>

#include "case/network.h"

typedef struct work {
    const sb_case *cas;
    sb_network network; /* of the first seed: sums over weights hardly depend on it */
    size_t parameters;
    double eps;             /* of the weights' numbers */
    double *g, *c;          /* [n][outputs]; scratch */
    double *slope, *change; /* [parameters] d |e| / d theta, and the step of every weight, its decay too */
} work;

/* d |e| / d theta where the residual is a positive multiple of the target's item */
static sb_status find_slope(work *w, size_t k)
{
    sb_watch_slope(&w->cas->watch, k, w->cas->target, w->g);
    return sb_network_gradient(&w->network, w->g, w->slope);
}

/* One step of the weights where the residual is of this item alone, err = q: u = s v / q_i with the slope v, which has
 * |e| = s sum v^2 / q_i. */
static sb_status find_change(work *w, size_t k, double q)
{
    const sb_case *cas = w->cas;
    const sb_quadratic *loss = &cas->quadratic;
    size_t outputs = cas->outputs;
    double sum = 0;
    sb_watch_slope(&cas->watch, k, cas->target, w->g);
    for (size_t i = 0; i < cas->n * outputs; i++) {
        double weight = cas->data.q ? cas->data.q[i / outputs] : 1 / (double)cas->n, v = w->g[i];
        w->g[i] = weight > 0 ? v / weight : 0;
        sum += v * w->g[i];
    }
    double size = q * cas->watch.items.item[k].wanted / sum;
    sb_quadratic_gradient(loss, outputs, w->g, w->c, w->c + cas->n * outputs);
    for (size_t i = 0; i < cas->n * outputs; i++) w->c[i] *= cas->rule.eta * size;
    return sb_network_gradient(&w->network, w->c, w->change);
}

/* rms of what the rounding of all weights in one step does to err: an error of eps |theta| at each, at least twice what
 * rounding to the nearest makes, all of them independent */
static double noise_of_step(const work *w, size_t k)
{
    double sum = 0;
    for (size_t p = 0; p < w->parameters; p++) sum += pow(w->slope[p] * w->eps * w->network.theta[p], 2);
    return sqrt(sum) / w->cas->watch.items.item[k].wanted;
}

static double rounded(const work *w, double value)
{
    volatile double wide = value;
    volatile float narrow = (float)value;
    return w->eps == FLT_EPSILON ? narrow : wide;
}

/* |ln| of what is left of the step, as d |e|, once every weight is a number of its kind again; infinite: nothing */
static double lost_of_step(const work *w)
{
    double wanted = 0, made = 0;
    for (size_t p = 0; p < w->parameters; p++) {
        double weight = w->network.theta[p], after = rounded(w, weight - w->change[p]);
        wanted += w->slope[p] * w->change[p];
        made += w->slope[p] * (weight - after);
    }
    return wanted > 0 && made > 0 ? fabs(log(made / wanted)) : INFINITY;
}

/* Momentum makes the lasting step larger by 1 / (1 - beta). */
static double lasting(const sb_rule *rule)
{
    return sb_rule_time(rule, 1) / rule->eta;
}

/* Of a weight, by which it decays in a step; of Adam's own gradients nothing is known. */
static double decay_of_step(const sb_rule *rule)
{
    if (rule->decoupled) return rule->eta * rule->decay;
    return rule->kind->time ? rule->decay * sb_rule_time(rule, 1) : 0;
}

/* By how much weights are off at the end, in parts of them, where rounding makes the decay of a step another one. */
static double lost_of_decay(const work *w)
{
    double wanted = 0, made = 0, part = decay_of_step(&w->cas->rule);
    for (size_t p = 0; p < w->parameters; p++) {
        double weight = w->network.theta[p];
        wanted += part * weight * weight;
        made += weight * (weight - rounded(w, weight - part * weight));
    }
    return wanted > 0 ? fabs(made / wanted - 1) * part * (double)w->cas->steps : 0;
}

sb_status sb_rounding_measure(const sb_case *cas, double *noise, double *lost)
{
    sb_status status = SB_OK;
    size_t size = cas->n * cas->outputs;
    bool single = sb_model_single(cas->model);
    const double *level = cas->watch.items.level;
    bool shrinks = cas->rule.kind->time; /* steps do, with the gradients, and are lost in the end; Adam's do not */
    work w = {.cas = cas, .eps = single ? FLT_EPSILON : DBL_EPSILON};
    SB_TRY(sb_network_start(cas, 1, (uint64_t)cas->config->seeds_first, SB_STREAM_TRAIN, &w.network));
    w.parameters = sb_network_parameters(&w.network);
    w.g = malloc((2 * size + cas->quadratic.rank) * sizeof *w.g);
    w.slope = malloc(2 * w.parameters * sizeof *w.slope);
    if (!w.g || !w.slope) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu weights", w.parameters));
    w.c = w.g + size;
    w.change = w.slope + w.parameters;
    double decay = lost_of_decay(&w); /* err is off by no more */
    for (size_t k = 0; k < cas->watch.items.n; k++) {
        const sb_item *item = &cas->watch.items.item[k];
        noise[k] = lost[k * SB_LEVELS] = lost[k * SB_LEVELS + 1] = 0;
        if (item->parts == 0 || item->wanted == 0) continue; /* of a filtered residual it is not known */
        SB_TRY(find_slope(&w, k));
        noise[k] = noise_of_step(&w, k);
        for (size_t j = 0; shrinks && j < SB_LEVELS; j++) {
            SB_TRY(find_change(&w, k, level[j]));
            for (size_t p = 0; p < w.parameters; p++) w.change[p] *= lasting(&cas->rule);
            for (size_t p = 0; p < w.parameters; p++) w.change[p] += decay_of_step(&cas->rule) * w.network.theta[p];
            lost[k * SB_LEVELS + j] = lost_of_step(&w);
        }
        for (size_t j = 0; j < SB_LEVELS; j++) lost[k * SB_LEVELS + j] += decay / level[j];
    }
done:
    sb_network_clear(&w.network);
    free(w.g);
    free(w.slope);
    return status;
}
