/* A training session as its routes see it (src/train/route): the way from parameters to outputs and back. */
#ifndef SPECBIAS_TRAIN_SESSION_H
#define SPECBIAS_TRAIN_SESSION_H

#include <specbias/fit.h>

#include "core/parallel.h"

typedef struct sb_session {
    const sb_fit_spec *spec;
    size_t parameters, inputs, outputs, tangents;
    size_t rows;  /* examples of a batch */
    size_t count; /* of the present batch: rows, or less at the end of a pass */
    size_t threads;
    const double *start; /* [parameters] where it began, for a route's create */
    sb_barrier barrier;  /* of `threads` members */
    void *theta;         /* [parameters] numbers of the model */
    void *slot[2];       /* [parameters] state of the optimiser; NULL where it has none */
    double *pull;        /* [parameters] of weights that decay: what times theta is added to their gradient, or,
                            decoupled, taken from them at rate 1; 0 of frozen ones; NULL: none decays */
    const size_t *index; /* [count] examples of the present batch; NULL: all */
    double *h;           /* [1 + tangents][count][outputs] outputs of the present batch at theta */
    double *g;           /* the gradient of the loss by them */
    double loss;         /* of the present batch at theta */
    const struct sb_fit_route *route;
    void *state;  /* the route's */
    bool carried; /* the route's numbers from the step before are valid */
    bool still;   /* steps move no weights, their gradient alone is wanted: outputs need no second look */
} sb_session;

/* A session's examples are spec->set; x and y of the batch are those of `index`. Functions with `me` are called by all
 * members 0 .. threads - 1 together and may meet at the barrier; they end with everything they promise done by all.
 * Results must not depend on the number of threads: fixed blocks, summed in order.
 */
struct sb_fit_route {
    const char *name, *title;
    bool (*covers)(const sb_session *session);
    /* Sets state; may fail for memory. */
    sb_status (*create)(sb_session *session);
    void (*destroy)(sb_session *session);
    /* Bytes that create will allocate. */
    double (*memory)(const sb_session *session);
    /* h and loss, and what descend needs, of the present batch at theta. */
    void (*evaluate)(sb_session *session, size_t me);
    /* One step of the optimiser from there. */
    void (*descend)(sb_session *session, size_t me, const sb_update *how);
    /* Numbers that pass from one step to the next beside theta and slots, for checkpoints and for going back (also what
     * refine changes); as many for the session's whole life. NULL: none. They count only while session->carried is
     * true: the first evaluate after create sets it, as does whoever writes numbers of an earlier time there; create
     * and refine leave it false. */
    double *(*carry)(sb_session *session, size_t *count);
    /* h[set.n][outputs] of all examples at theta[parameters] in double; NULL: those of the network. */
    sb_status (*outputs)(const sb_session *session, const double *theta, double *h);
    /* Both NULL where the route is always exact. Whether it still is at theta, called after evaluate at records by
     * member 0 alone, before anything is recorded. When not, theta, slots and carried numbers go back to the last
     * record that was exact and refine is called, which makes the route more exact from there on; false: it cannot, and
     * the next route that covers the session goes on. */
    bool (*exact)(sb_session *session);
    bool (*refine)(sb_session *session);
};

const sb_fit_route *sb_fit_route_at(size_t index); /* NULL past the last */
const sb_fit_route *sb_fit_route_find(const char *name);
extern const sb_fit_route sb_fit_route_plain, sb_fit_route_rotation; /* which others fall back on, and ask */

/* Whether a route covers the session: linearised networks have one of their own. */
bool sb_session_covered(const sb_session *session, const sb_fit_route *route);
/* The first route of the list, from there on, that covers the session; NULL: there is none. */
const sb_fit_route *sb_session_route(const sb_session *session, size_t from);
/* The route that is asked for, or the first one that covers the session; NULL: there is none. */
const sb_fit_route *sb_session_wished(const sb_session *session);
/* What the spec says of it: sizes alone. */
void sb_session_describe(const sb_fit_spec *spec, sb_session *session);
/* Room for parameters, so many numbers of state of each, and outputs. */
sb_status sb_session_open(sb_session *session, size_t slots);
/* All of that, and the route's. */
void sb_session_close(sb_session *session);
/* The larger of the loss at theta and that of h = 0, all examples; derivatives of the network count as 0. */
sb_status sb_session_scale(const sb_session *session, const double *theta, double *scale);
/* From lambda_max of the Hessian at theta; nan where unknown. h[n][outputs] is scratch. */
double sb_session_largest_step(const sb_session *session, const double *theta, double *h);
/* sb_fit of a rule without steps: gradient flow (src/train/flow/fit.c). */
sb_status sb_fit_flow(const sb_fit_spec *spec, const sb_monitor *monitor, double *theta, sb_fit_result *result);

/* Whether parameters have scales of their own. */
bool sb_session_scaled(const sb_session *session);
/* The optimiser, and decay, on parameters first .. first + count - 1, gradient[count] in numbers of the model. */
void sb_session_update(sb_session *session, const sb_update *how, size_t first, size_t count, const void *gradient);

#endif
