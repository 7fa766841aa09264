/* Rules of training: what a step does to weights, and what it does to one mode of a linearised network (linear.h),
 * whose residual then goes by an exact recursion. src/rule/NAME.c and one line in list.def beside it add a rule,
 * src/rule/schedule/NAME.c and a line there a schedule of the learning rate. */
#ifndef SPECBIAS_RULE_H
#define SPECBIAS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <specbias/status.h>

/* One step's constants. */
typedef struct sb_update {
    double rate;         /* learning rate of this step */
    double beta1, beta2; /* momentum, or Adam's two */
    double epsilon;
    double correction1, correction2; /* Adam: 1 - beta^t, t = 1, 2, .. */
} sb_update;

typedef struct sb_rule_kind sb_rule_kind;

/* A rule with its numbers, as forecasts take it. */
typedef struct sb_rule {
    const sb_rule_kind *kind;
    double eta, beta; /* flow: unused */
    double decay;     /* of weights (fit.h): largest steps and rates know of it, what a mode does is of weights that
                         do not decay */
    bool decoupled;
} sb_rule;

struct sb_rule_kind {
    const char *name, *title;
    const char *keys; /* of the group train that it takes beside eta, "momentum beta2 epsilon"; NULL: none */
    size_t slots;     /* numbers of state per weight, zero at the start */
    /* theta[n] and slot0[n], slot1[n] from gradient[n], element by element; slots not used may be NULL. Both NULL: the
     * flow, which makes no steps. */
    void (*update)(const sb_update *how, size_t n, double *theta, const double *gradient, double *slot0, double *slot1);
    void (*update_single)(const sb_update *how, size_t n, float *theta, const float *gradient, float *slot0,
                          float *slot1);
    /* NULL, all three, where modes do not go their ways apart: the step is not linear in gradients. */
    double (*shrink)(const sb_rule *rule, double lambda, double t);
    double (*progress)(const sb_rule *rule, double lambda, double t);
    double (*stable)(double beta); /* the eta lambda below which no mode grows */
    /* Flow time of t; NULL: rates that go to 0 do not make it the gradient flow. */
    double (*time)(const sb_rule *rule, double t);
};

const sb_rule_kind *sb_rule_at(size_t index); /* NULL past the last */
const sb_rule_kind *sb_rule_find(const char *name);
/* Whether it takes the key train.`key`. */
bool sb_rule_takes(const sb_rule_kind *kind, const char *key);
/* The rule of that name, which there must be. */
sb_rule sb_rule_of(const char *name, double eta, double beta);
/* The constants of step 1, 2, .. */
sb_update sb_rule_step(double rate, double beta1, double beta2, double epsilon, size_t step);

/* ---- what one mode does, of a rule that has modes; lambda: its rate ---- */

/* s(lambda), the part of the mode that is left. t: time of flow, else the number of steps; a fraction of a step counts
 * in gd, and with momentum is cut off. */
double sb_rule_shrink(const sb_rule *rule, double lambda, double t);
/* (1 - s) / lambda without cancellation, also at lambda = 0. */
double sb_rule_progress(const sb_rule *rule, double lambda, double t);

/* The eta up to which no mode up to lambda grows: 2, 2 (1 + beta) or 2 (1 + beta) / (1 + 2 beta) over lambda; infinite
 * for the flow, nan without modes. rule->eta counts for nothing. Weights that decay have lambda + decay; decoupled,
 * where 1 - eta decay stands beside the rule, 1 / eta is the sum of the limits lambda / 2 .. and decay / 2. */
double sb_rule_largest_step(const sb_rule *rule, double lambda);
/* The lambda up to which no mode grows at rule->eta; nan without modes. */
double sb_rule_largest_rate(const sb_rule *rule);
/* What decays by L2 as weights do under the flow that small steps go to: rule->decay, times 1 - beta where that is
 * decoupled and the rule has momentum. */
double sb_rule_flow_decay(const sb_rule *rule);
/* As it is printed, and stable when taken from there: cut to four digits, not rounded. */
double sb_rule_printed_step(double largest);
/* Flow time of so many steps: eta t, divided by 1 - beta with momentum; nan where there is none. */
double sb_rule_time(const sb_rule *rule, double t);

/* ---- schedules ---- */

typedef struct sb_schedule {
    const char *name, *title;
    /* factor of the learning rate in step 0 .. steps - 1 */
    double (*factor)(size_t step, size_t steps, size_t period, double decay);
} sb_schedule;

const sb_schedule *sb_schedule_at(size_t index); /* NULL past the last */
const sb_schedule *sb_schedule_find(const char *name);

/* ---- mini-batches ---- */

/* Which examples a step sees, from (seed, stream, step) alone: a permutation for each pass through the data, whose last
 * batch may be short, or `rows` of n drawn anew in each step, none of them twice. */
typedef struct sb_batches {
    size_t n, rows; /* examples; of a batch */
    bool independent;
    uint64_t seed, stream;
    size_t *order;  /* [n] of the pass or step that was asked for last */
    uint64_t place; /* its number; UINT64_MAX: none was */
} sb_batches;

/* rows = 0 or above n: all. `batches` must be zeroed or cleared. */
sb_status sb_batches_init(sb_batches *batches, size_t n, size_t rows, bool independent, uint64_t seed, uint64_t stream);
void sb_batches_clear(sb_batches *batches);
/* index[count] of a step; NULL where it sees all of them, in their order. */
const size_t *sb_batches_at(sb_batches *batches, size_t step, size_t *count);

#endif
