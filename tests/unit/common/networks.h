/* Networks of layers that are sums over units, with their weights and their training. Every function fails the test
 * when it cannot. */
#ifndef SPECBIAS_TEST_NETWORKS_H
#define SPECBIAS_TEST_NETWORKS_H

#include <specbias/fit.h>
#include <specbias/model.h>
#include <specbias/problem.h>

#include "tests/oracles/units.h"

typedef struct network {
    unit_spec spec;
    sb_model *model;
    double *theta;
    size_t parameters, copies;
    sb_two_layer part[SB_MOST_COPIES];
} network;

/* shifted(m), activation, dense(1), or fourier(m), dense(1) */
sb_status create_model(const unit_spec *spec, sb_model **model);
/* At the start of a seed. */
network make_network(const unit_spec *spec, uint64_t seed, sb_stream stream);
network copy_network(const network *net);
void clear_network(network *net);
/* theta of the network that `units` is; of gradients, too. */
void weights_of_units(const network *net, const unit_sum *units, double *theta);
/* One with those weights. */
network network_of_units(const unit_sum *units);

/* h[n] at x[n][dim] */
void outputs_of(const network *net, size_t n, const double *x, double *h);
/* gram[n][n] of the empirical kernel */
void gram_of_model(const sb_model *model, const double *theta, size_t n, const double *x, size_t threads, double *gram);
void gram_of(const network *net, size_t n, const double *x, size_t threads, double *gram);

/* Antisymmetric neurons with two-point laws of size 2 and shifts on [-1, 1], c4 = 8, c2 = 16. */
unit_spec standard_net(const char *activation, size_t width, bool quiet);

/* How a network is trained on a problem, and what came of it. */
typedef struct training {
    const char *rule, *route; /* NULL: gd, auto */
    const char *method;       /* of gradient flow, with its tolerance */
    double tolerance;
    size_t threads; /* 0: all cores */
    const char *checkpoint;
    double *notes;
    size_t notes_size;
    sb_status (*look)(void *context, const sb_fit_state *state); /* at every record; may be NULL */
    void *context;
    const sb_monitor *monitor;
    double *u; /* [nt][n] residuals h - y at the problem's times */
    sb_fit_result result;
} training;

/* Under the loss (1/2) sum c u^2, sum c = 1. u is NULL where it fails. */
sb_status train(network *net, const sb_problem *problem, training *how);

#endif
