#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"

size_t sb_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return (size_t)CPU_COUNT(&set);
}

typedef struct team {
    sb_status (*work)(void *context, size_t index);
    void *context;
    size_t count;
    atomic_size_t next;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t gate;
    enum { WAIT, GO, GIVE_UP } signal;
    sb_status status;
    size_t failed; /* the lowest index that did */
    char reason[1024];
} team;

/* The error text is the failing thread's own, so that of the lowest index is kept for the caller. */
static void note_failure(team *t, size_t index, sb_status status)
{
    pthread_mutex_lock(&t->lock);
    if (t->status == SB_OK || index < t->failed) {
        t->status = status;
        t->failed = index;
        sb_format(t->reason, sizeof t->reason, "%s", sb_error_text());
    }
    pthread_mutex_unlock(&t->lock);
}

static void *pool_member(void *argument)
{
    team *t = argument;
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->count;) {
        sb_status status = t->work(t->context, i);
        if (status == SB_OK) continue;
        note_failure(t, i, status);
        atomic_store(&t->next, t->count); /* all below i have started, and end */
    }
    return NULL;
}

sb_status sb_parallel_for(size_t threads, size_t count, sb_status (*work)(void *context, size_t index), void *context)
{
    if (threads == 0) threads = sb_cores();
    if (threads > count) threads = count;
    if (threads == 0) return SB_OK;
    team t = {.work = work, .context = context, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t *helper = calloc(threads, sizeof *helper);
    size_t started = 0;
    if (helper)
        while (started + 1 < threads && pthread_create(&helper[started], NULL, pool_member, &t) == 0) started++;
    pool_member(&t); /* the caller works too, alone if no thread could be made */
    for (size_t i = 0; i < started; i++) pthread_join(helper[i], NULL);
    free(helper);
    pthread_mutex_destroy(&t.lock);
    return t.status == SB_OK ? SB_OK : sb_fail(t.status, "%s", t.reason);
}

/* Nobody starts before everybody is there: members meet at barriers. */
static void *gated_member(void *argument)
{
    team *t = argument;
    pthread_mutex_lock(&t->lock);
    while (t->signal == WAIT) pthread_cond_wait(&t->gate, &t->lock);
    bool go = t->signal == GO;
    pthread_mutex_unlock(&t->lock);
    if (!go) return NULL;
    size_t index = atomic_fetch_add(&t->next, 1);
    sb_status status = t->work(t->context, index);
    if (status != SB_OK) note_failure(t, index, status);
    return NULL;
}

sb_status sb_parallel_team(size_t threads, sb_status (*member)(void *context, size_t index), void *context)
{
    if (threads <= 1) return member(context, 0);
    team t = {.work = member,
              .context = context,
              .next = 1,
              .lock = PTHREAD_MUTEX_INITIALIZER,
              .gate = PTHREAD_COND_INITIALIZER};
    pthread_t *helper = calloc(threads, sizeof *helper);
    size_t started = 0;
    if (!helper) return sb_fail(SB_ERR_NOMEM, "no memory for %zu threads", threads);
    while (started + 1 < threads && pthread_create(&helper[started], NULL, gated_member, &t) == 0) started++;
    bool complete = started + 1 == threads;
    pthread_mutex_lock(&t.lock);
    t.signal = complete ? GO : GIVE_UP;
    pthread_cond_broadcast(&t.gate);
    pthread_mutex_unlock(&t.lock);
    sb_status mine = complete ? member(context, 0) : sb_fail(SB_ERR_NOMEM, "cannot start %zu threads", threads);
    if (mine != SB_OK) note_failure(&t, 0, mine);
    for (size_t i = 0; i < started; i++) pthread_join(helper[i], NULL);
    free(helper);
    pthread_mutex_destroy(&t.lock);
    pthread_cond_destroy(&t.gate);
    return t.status == SB_OK ? SB_OK : sb_fail(t.status, "%s", t.reason);
}

void sb_barrier_init(sb_barrier *barrier, size_t members)
{
    barrier->members = members;
    atomic_init(&barrier->arrived, 0);
    atomic_init(&barrier->round, 0);
}

void sb_barrier_wait(sb_barrier *barrier)
{
    size_t round = atomic_load_explicit(&barrier->round, memory_order_relaxed);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->members) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->round, round + 1, memory_order_release);
        return;
    }
    for (unsigned spins = 0; atomic_load_explicit(&barrier->round, memory_order_acquire) == round; spins++)
        if (spins > 2000) sched_yield();
}
