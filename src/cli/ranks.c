#include "cli/ranks.h"

#ifndef SB_MPI

sb_status ranks_open(size_t *rank)
{
    *rank = 0;
    return SB_OK;
}

void ranks_close(void) {}

bool ranks_agree(bool well)
{
    return well;
}

sb_status ranks_sweep(const sb_sweep *sweep, const sb_stage *stage, size_t *failed)
{
    return sb_sweep_run(sweep, stage, NULL, failed);
}

#else

#include <mpi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { ASK = 1, GIVE, DONE }; /* tags */

static int ranks = 1, me;

sb_status ranks_open(size_t *rank)
{
    int level, started;
    MPI_Initialized(&started);
    if (!started) MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
    MPI_Query_thread(&level);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    *rank = (size_t)me;
    if (level >= MPI_THREAD_SERIALIZED) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "this MPI cannot be used from more than one thread (MPI_THREAD_SERIALIZED)");
}

void ranks_close(void)
{
    int started;
    MPI_Initialized(&started);
    if (started) MPI_Finalize();
}

bool ranks_agree(bool well)
{
    int mine = well, all = 0;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

/* ---- rank 0: one thread does points, the other answers ---- */

typedef struct first_rank {
    const sb_sweep *sweep;
    const sb_stage *stage;
    atomic_ullong next;
    atomic_bool done;
    size_t failed;
    sb_status status;
    char reason[1024];
} first_rank;

static size_t take_next(void *context)
{
    first_rank *first = context;
    return (size_t)atomic_fetch_add(&first->next, 1);
}

static void *do_points(void *context)
{
    first_rank *first = context;
    sb_handout handout = {take_next, first, false};
    first->status = sb_sweep_run(first->sweep, first->stage, &handout, &first->failed);
    snprintf(first->reason, sizeof first->reason, "%s", sb_error_text());
    atomic_store(&first->done, true);
    return NULL;
}

/* Answers one rank, if any asks; true: it has ended, and `failed` of its points failed. */
static bool answer(first_rank *first, size_t *failed)
{
    int there;
    unsigned long long number;
    MPI_Status who;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &who);
    if (!there) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        return false;
    }
    MPI_Recv(&number, 1, MPI_UNSIGNED_LONG_LONG, who.MPI_SOURCE, who.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (who.MPI_TAG == DONE) {
        *failed += (size_t)number;
        return true;
    }
    number = take_next(first);
    MPI_Send(&number, 1, MPI_UNSIGNED_LONG_LONG, who.MPI_SOURCE, GIVE, MPI_COMM_WORLD);
    return false;
}

static sb_status lead(const sb_sweep *sweep, const sb_stage *stage, size_t *failed)
{
    first_rank first = {.sweep = sweep, .stage = stage};
    pthread_t thread;
    int ended = 1;
    *failed = 0;
    if (pthread_create(&thread, NULL, do_points, &first) != 0)
        MPI_Abort(MPI_COMM_WORLD, 1); /* the others would wait for ever */
    while (ended < ranks || !atomic_load(&first.done)) ended += answer(&first, failed);
    pthread_join(thread, NULL);
    *failed += first.failed;
    if (first.status != SB_OK || first.failed > 0) sb_fail(first.status, "%s", first.reason);
    return first.status;
}

/* ---- the other ranks ---- */

static size_t ask_for_next(void *context)
{
    pthread_mutex_t *lock = context;
    unsigned long long number = 0;
    pthread_mutex_lock(lock);
    MPI_Send(&number, 1, MPI_UNSIGNED_LONG_LONG, 0, ASK, MPI_COMM_WORLD);
    MPI_Recv(&number, 1, MPI_UNSIGNED_LONG_LONG, 0, GIVE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(lock);
    return (size_t)number;
}

sb_status ranks_sweep(const sb_sweep *sweep, const sb_stage *stage, size_t *failed)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    sb_handout handout = {ask_for_next, &lock, false};
    if (me == 0) return lead(sweep, stage, failed);
    *failed = 0;
    sb_status status = sb_sweep_run(sweep, stage, &handout, failed);
    unsigned long long number = *failed;
    MPI_Send(&number, 1, MPI_UNSIGNED_LONG_LONG, 0, DONE, MPI_COMM_WORLD);
    return status;
}

#endif
