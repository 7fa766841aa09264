/* Exact gradient flow of the two-layer networks: d theta / dt = -sum_i c_i u_i grad h(x_i). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/train.h>

#include "core/clock.h"
#include "core/parallel.h"

typedef struct session {
    sb_net *net;
    const sb_problem *problem;
    size_t threads;
    double *share;    /* [blocks][n] of the output */
    double *scratch;  /* [blocks][SB_SCRATCH * n] */
    double *u, *g;    /* [n] */
    double *gradient; /* [trained][padded] */
    sb_training *training;
} session;

/* Parameters as one vector, [trained][width], to and from their padded places. */
static void place_parameters(sb_net *net, const double *theta)
{
    for (size_t p = 0; p < net->trained; p++)
        memcpy(net->theta + p * net->padded, theta + p * net->width, net->width * sizeof *theta);
}

static sb_status block_output(void *context, size_t block)
{
    session *s = context;
    size_t n = s->problem->n;
    sb_net_sweep(s->net, block, n, s->problem->x, NULL, 0, s->scratch + block * SB_SCRATCH * n, s->share + block * n);
    return SB_OK;
}

static sb_status block_gradient(void *context, size_t block)
{
    session *s = context;
    sb_net_block_gradient(s->net, block, s->problem->n, s->problem->x, s->g, s->gradient);
    return SB_OK;
}

/* u = h - y; blocks are added in order */
static sb_status find_residual(session *s)
{
    size_t n = s->problem->n, blocks = sb_net_blocks(s->net);
    sb_status status = sb_parallel_for(s->threads, blocks, block_output, s);
    for (size_t i = 0; i < n; i++) {
        s->u[i] = 0;
        for (size_t block = 0; block < blocks; block++) s->u[i] += s->share[block * n + i];
        s->u[i] -= s->problem->y[i];
    }
    return status;
}

static sb_status rate(void *context, const double *theta, double *rate)
{
    session *s = context;
    const sb_net *net = s->net;
    place_parameters(s->net, theta);
    sb_status status = find_residual(s);
    for (size_t i = 0; i < s->problem->n; i++) s->g[i] = s->problem->c[i] * s->u[i];
    if (status == SB_OK) status = sb_parallel_for(s->threads, sb_net_blocks(net), block_gradient, s);
    for (size_t p = 0; p < net->trained; p++)
        for (size_t i = 0; i < net->width; i++) rate[p * net->width + i] = -s->gradient[p * net->padded + i];
    return status;
}

static sb_status record(void *context, size_t i, const double *theta)
{
    session *s = context;
    const sb_problem *problem = s->problem;
    sb_training *training = s->training;
    place_parameters(s->net, theta);
    sb_status status = find_residual(s);
    if (status != SB_OK) return status;
    memcpy(training->u + i * problem->n, s->u, problem->n * sizeof *s->u);
    training->loss = 0;
    for (size_t j = 0; j < problem->n; j++) training->loss += 0.5 * problem->c[j] * s->u[j] * s->u[j];
    return SB_OK;
}

sb_status sb_train_flow(sb_net *net, const sb_problem *problem, const char *method, double tolerance, size_t threads,
                        const sb_monitor *monitor, sb_training *training, sb_flow_counts *counts)
{
    sb_status status = SB_OK;
    size_t n = problem->n, blocks = sb_net_blocks(net), size = net->trained * net->width;
    double *theta = malloc(size * sizeof *theta), began = sb_seconds();
    session s = {.net = net, .problem = problem, .threads = threads, .training = training};
    sb_flow flow = {.size = size, .rate = rate, .record = record, .context = &s};
    *training = (sb_training){0};
    training->u = malloc(problem->nt * n * sizeof *training->u);
    s.share = malloc(blocks * (1 + SB_SCRATCH) * n * sizeof *s.share);
    s.u = malloc(2 * n * sizeof *s.u);
    s.gradient = malloc(net->trained * net->padded * sizeof *s.gradient);
    if (!theta || !training->u || !s.share || !s.u || !s.gradient) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for gradient flow on %zu points", n);
        goto done;
    }
    s.scratch = s.share + blocks * n;
    s.g = s.u + n;
    for (size_t p = 0; p < net->trained; p++)
        memcpy(theta + p * net->width, net->theta + p * net->padded, net->width * sizeof *theta);
    SB_TRY(sb_flow_integrate(&flow, method, tolerance, problem->nt, problem->t, monitor, theta, counts));
    place_parameters(net, theta);
    training->seconds = sb_seconds() - began;
done:
    free(theta);
    free(s.share);
    free(s.u);
    free(s.gradient);
    if (status != SB_OK) sb_training_clear(training);
    return status;
}
