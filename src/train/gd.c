/* Full-batch gradient descent. Each thread owns blocks of neurons; per step it moves them, leaves their shares of the
 * new output, meets the others once, and sums all shares in block order for itself. No thread waits for another's sum,
 * and the bits do not depend on how many threads there are. */
#include <specbias/train.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/parallel.h"
#include "train/checkpoint.h"

/* Where a run is: steps made, records made, and what is kept of the way. */
typedef struct place {
    double step, record, first_loss, loss;
} place;

typedef struct session {
    sb_net *net;
    const sb_problem *problem;
    const sb_monitor *monitor;
    size_t threads, blocks;
    double *work; /* [threads][stride]: scratch[SB_SCRATCH][n], u[n], g[n]; on whole cache lines */
    size_t stride;
    double *share[2]; /* [blocks][n] of even and odd steps */
    sb_barrier barrier;
    atomic_size_t stop; /* step after which all stop; set by member 0 before it meets the others */
    atomic_size_t save; /* step at which member 0 writes a checkpoint and the others wait for it */
    sb_training *training;
    const sb_train_memory *memory; /* NULL: none */
    const sb_train_watch *watch;   /* NULL: none */
    double saved;                  /* seconds: when the last checkpoint was */
    bool missed;                   /* one could not be written, which was told */
    place at;
    size_t first; /* step to begin with */
    double *u;    /* [n] residual at that place */
} session;

/* u = sum of the shares - y and the loss (1/2) sum c u^2 */
static double residual(const session *run, size_t parity, double *u)
{
    const sb_problem *problem = run->problem;
    double loss = 0;
    memset(u, 0, problem->n * sizeof *u);
    for (size_t b = 0; b < run->blocks; b++)
        for (size_t i = 0; i < problem->n; i++) u[i] += run->share[parity][b * problem->n + i];
    for (size_t i = 0; i < problem->n; i++) {
        u[i] -= problem->y[i];
        loss += 0.5 * problem->c[i] * u[i] * u[i];
    }
    return loss;
}

enum { PIECES = 5 };

static void pieces_of(session *run, sb_piece piece[PIECES])
{
    size_t n = run->problem->n;
    piece[0] = (sb_piece){&run->at, sizeof run->at};
    piece[1] = (sb_piece){run->u, n * sizeof(double)};
    piece[2] = (sb_piece){run->net->theta, run->net->per_unit * run->net->padded * sizeof(double)};
    piece[3] = (sb_piece){run->training->u, run->problem->nt * n * sizeof(double)};
    piece[4] =
        (sb_piece){run->watch ? run->watch->notes : NULL, run->watch ? run->watch->notes_size * sizeof(double) : 0};
}

/* The place after `step`, where the residual is u. */
static void save(session *run, size_t step, size_t record, double first_loss, const double *u)
{
    sb_piece piece[PIECES];
    if (!run->memory) return;
    run->at = (place){(double)step, (double)record, first_loss, run->training->loss};
    memcpy(run->u, u, run->problem->n * sizeof *u);
    pieces_of(run, piece);
    run->saved = sb_seconds();
    if (sb_checkpoint_write(run->memory->path, run->memory->identity, PIECES, piece) != SB_OK)
        sb_checkpoint_missed(run->monitor, &run->missed);
}

/* Whether a run can be there: the records that are due by its step are made, and no others. */
static bool possible(const sb_problem *problem, const place *at)
{
    size_t due = 0;
    while (due < problem->nt && problem->step[due] <= at->step) due++;
    return sb_is_count(at->step, problem->step[problem->nt - 1]) && at->record == (double)due && at->first_loss >= 0 &&
           at->loss >= 0 && isfinite(at->first_loss + at->loss);
}

static sb_status load(session *run, bool *found)
{
    sb_piece piece[PIECES];
    *found = false;
    if (!run->memory) return SB_OK;
    pieces_of(run, piece);
    sb_status status = sb_checkpoint_read(run->memory->path, run->memory->identity, PIECES, piece, found);
    if (!*found) return status;
    if (!possible(run->problem, &run->at))
        return sb_fail(SB_ERR_INPUT, "%s is damaged; remove it to start over", run->memory->path);
    run->training->loss = run->at.loss;
    return SB_OK;
}

/* Member 0, before it meets the others: is a stop or a checkpoint asked for at this step? */
static sb_status ask(session *run, size_t step, size_t steps)
{
    sb_status asked = sb_monitor_progress(run->monitor, "train", (double)step, (double)steps);
    if (asked != SB_OK)
        atomic_store(&run->stop, step);
    else if (run->memory && sb_seconds() - run->saved >= run->memory->seconds)
        atomic_store(&run->save, step);
    return asked;
}

/* Member 0 at a recorded step. */
static sb_status note(session *run, size_t record, double loss, const double *u)
{
    size_t n = run->problem->n;
    const sb_train_watch *watch = run->watch;
    memcpy(run->training->u + record * n, u, n * sizeof *u);
    run->training->loss = loss;
    return watch && watch->record[record] ? watch->look(watch->context, record, run->net) : SB_OK;
}

static sb_status member(void *context, size_t me)
{
    session *run = context;
    const sb_problem *problem = run->problem;
    size_t n = problem->n, record = (size_t)run->at.record, steps = (size_t)problem->step[problem->nt - 1];
    sb_status status = SB_OK, asked = SB_OK;
    double first_loss = run->at.first_loss, *scratch = run->work + me * run->stride;
    double *u = scratch + SB_SCRATCH * n, *g = u + n;
    for (size_t i = 0; i < n; i++) g[i] = problem->c[i] * run->u[i];
    sb_barrier_wait(&run->barrier); /* run->u is read; member 0 may change it */
    for (size_t step = run->first; step <= steps; step++) {
        size_t parity = step % 2;
        bool recorded = (size_t)problem->step[record] == step;
        for (size_t b = me; b < run->blocks; b += run->threads) {
            sb_net_sweep(run->net, b, n, problem->x, step > 0 ? g : NULL, problem->eta, scratch,
                         run->share[parity] + b * n);
        }
        if (me == 0 && step % 64 == 0 && asked == SB_OK) asked = ask(run, step, steps);
        sb_barrier_wait(&run->barrier);
        double loss = residual(run, parity, u);
        if (step == 0) first_loss = loss;
        if (!(loss <= 1e6 * first_loss + 1e-300)) { /* also nan; all threads see the same loss */
            if (me == 0)
                status = sb_fail(SB_ERR_NUMERIC, "training diverged at step %zu (eta = %g)", step, problem->eta);
            break;
        }
        bool looked = recorded && run->watch && run->watch->record[record];
        bool saved = atomic_load(&run->stop) <= step || atomic_load(&run->save) == step || step == steps;
        if (me == 0 && recorded) status = note(run, record, loss, u);
        if (recorded) record++;
        if (looked || saved) {
            if (me == 0 && saved && status == SB_OK) save(run, step, record, first_loss, u);
            if (status != SB_OK) atomic_store(&run->stop, step);
            sb_barrier_wait(&run->barrier); /* nobody moves before it is seen and written */
        }
        if (atomic_load(&run->stop) <= step) {
            if (status == SB_OK && asked != SB_OK) status = sb_fail(asked, "training stopped at step %zu", step);
            break;
        }
        for (size_t i = 0; i < n; i++) g[i] = problem->c[i] * u[i];
    }
    return status;
}

sb_status sb_train(sb_net *net, const sb_problem *problem, size_t threads, const sb_monitor *monitor,
                   sb_training *training)
{
    return sb_train_on(net, problem, threads, NULL, NULL, monitor, training);
}

sb_status sb_train_on(sb_net *net, const sb_problem *problem, size_t threads, const sb_train_memory *memory,
                      const sb_train_watch *watch, const sb_monitor *monitor, sb_training *training)
{
    bool found;
    sb_status status = SB_OK;
    session run = {
        .net = net, .problem = problem, .monitor = monitor, .training = training, .memory = memory, .watch = watch};
    run.blocks = sb_net_blocks(net);
    run.threads = threads ? threads : sb_cores();
    if (run.threads > run.blocks) run.threads = run.blocks;
    *training = (sb_training){0};
    training->u = calloc(problem->nt * problem->n, sizeof *training->u); /* goes into checkpoints from the start */
    run.u = calloc(problem->n, sizeof *run.u);
    run.stride = ((SB_SCRATCH + 2) * problem->n + 7) / 8 * 8;
    run.work = aligned_alloc(64, run.threads * run.stride * sizeof *run.work);
    for (int i = 0; i < 2; i++) {
        run.share[i] = malloc(run.blocks * problem->n * sizeof(double));
    }
    if (!training->u || !run.u || !run.work || !run.share[0] || !run.share[1]) {
        status = sb_fail(SB_ERR_NOMEM, "no memory to train on %zu points", problem->n);
        goto done;
    }
    SB_TRY(load(&run, &found));
    run.first = found ? (size_t)run.at.step + 1 : 0;
    sb_barrier_init(&run.barrier, run.threads);
    atomic_init(&run.stop, SIZE_MAX);
    atomic_init(&run.save, SIZE_MAX);
    double began = run.saved = sb_seconds();
    SB_TRY(sb_parallel_team(run.threads, member, &run));
    training->seconds = sb_seconds() - began;
done:
    free(run.work);
    free(run.u);
    for (int i = 0; i < 2; i++) {
        free(run.share[i]);
    }
    if (status != SB_OK) sb_training_clear(training);
    return status;
}

void sb_training_clear(sb_training *training)
{
    free(training->u);
    *training = (sb_training){0};
}
