/* Trains a network on a data set with any loss and rule. */
#ifndef SPECBIAS_FIT_H
#define SPECBIAS_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include <specbias/dataset.h>
#include <specbias/flow.h>
#include <specbias/loss.h>
#include <specbias/model.h>
#include <specbias/monitor.h>
#include <specbias/rule.h>

/* The network at a record. */
typedef struct sb_fit_state {
    size_t record, step;
    double time;         /* flow time; nan where the rule has none */
    double rate, loss;   /* learning rate and loss of this step's batch; of all examples where a record is exact */
    const double *h;     /* [n][outputs] on all training examples */
    const double *theta; /* [parameters] */
    size_t threads;      /* that may be used */
    bool last;           /* nothing comes after it */
} sb_fit_state;

typedef struct sb_fit_spec {
    const sb_model *model;
    const sb_dataset *set;
    const sb_loss *loss;      /* of that set */
    const sb_rule_kind *rule; /* one that makes no steps: exact gradient flow (flow.h) at the times eta step .. */
    const char *method;       /* .. by this method .. */
    double tolerance;         /* .. and tolerance; route, stop, schedule, checkpoint count for nothing there */
    const sb_schedule *schedule;
    double eta, momentum, beta2, epsilon, decay;
    size_t period;
    /* Each trained weight, biases and shifts too, decays: weight_decay theta is added to its gradient, as if
     * weight_decay |theta|^2 / 2 were part of the loss (L2; the flow knows this alone); decoupled: theta loses
     * rate weight_decay theta beside what the rule does (AdamW). What is recorded as the loss is without it. */
    double weight_decay;
    bool decoupled;
    /* [parameters] both, or NULL, both: ones. The rule sees gradient_scale[p] times the gradient, and theta[p] moves by
     * step_scale[p] times what the rule says. Of steps of models of double numbers. */
    const double *gradient_scale, *step_scale;
    /* [parameters] NULL: ordinary training. Else the network is linearised and trained by the same rule: gradients stay
     * those at these weights, h(theta) = h_0 + J (theta - theta_0) with the start theta_0 and its outputs h_0 */
    const double *tangent_at;
    size_t steps;
    size_t batch;     /* examples of a mini-batch; 0: all. A loss that is not separable takes all */
    double stop;      /* ends when the loss of a batch falls below; 0: never */
    bool unstable;    /* divergence ends the run and is no failure: what is recorded until then is its result */
    bool independent; /* mini-batches are drawn anew in each step, else a permutation for each pass (rule.h) */
    uint64_t seed;    /* of their order */
    size_t nt;
    const double *record_step; /* [nt] ascending steps to record, 0 first; the last step is recorded in any case */
    const double *record_time; /* [nt] their times for the flow; NULL: eta step */
    size_t threads;            /* 0: all cores */
    const char *route;         /* "auto" or a name of sb_fit_route_name */
    /* What the recorder writes belongs to the run: it is saved with a checkpoint and read back. */
    sb_status (*recorder)(void *context, const sb_fit_state *state);
    void *context;
    double *notes; /* [notes_size] */
    size_t notes_size;
    /* NULL: none. An existing file of the same `identity` is gone on from, bit for bit as if nothing had happened. */
    const char *checkpoint;
    double checkpoint_seconds;
    const char *identity; /* of the run: what differs for another configuration or seed */
} sb_fit_spec;

typedef struct sb_fit_result {
    size_t steps;   /* made */
    size_t records; /* made */
    size_t resumed; /* the step that a checkpoint was at; 0: from the start */
    double loss;    /* of the last record */
    bool stopped;   /* because the loss fell below `stop` */
    bool diverged;  /* of an unstable one; the last record is that of its last finite loss, or earlier */
    double seconds;
    const char *route;   /* taken */
    const char *first;   /* .. and at the start, which is no other unless that did not stay exact */
    sb_flow_counts flow; /* of gradient flow */
} sb_fit_result;

/* theta[parameters]: in, the start; out, the end. The same bits for any number of threads and however often it was
 * interrupted. SB_ERR_NUMERIC when the loss diverges, unless spec->unstable (step, and the largest stable step where it
 * can be told); SB_ERR_INTERRUPTED when the monitor asks for a stop, after a checkpoint. */
sb_status sb_fit(const sb_fit_spec *spec, const sb_monitor *monitor, double *theta, sb_fit_result *result);

/* SB_ERR_INPUT when set, network, loss, batch and route do not fit together; nothing is allocated. */
sb_status sb_fit_check(const sb_fit_spec *spec);
/* Bytes that sb_fit allocates. */
double sb_fit_memory(const sb_fit_spec *spec);

/* ---- ways to evaluate: src/train/route/NAME.c and one line in list.def ---- */

typedef struct sb_fit_route sb_fit_route;
const char *sb_fit_route_name(size_t index); /* NULL past the last */
const char *sb_fit_route_title(size_t index);

#endif
