/* Work on several threads. Nothing here decides in which order numbers are added: callers sum fixed blocks in order, so
 * results do not depend on the number of threads. */
#ifndef SPECBIAS_CORE_PARALLEL_H
#define SPECBIAS_CORE_PARALLEL_H

#include <stdatomic.h>
#include <stddef.h>

#include <specbias/status.h>

/* Cores this process may use. */
size_t sb_cores(void);
/* What the machine calls its CPU, or "unknown". */
void sb_cpu_name(char *name, size_t size);
/* Bytes of memory that this machine has free or can free; all that it has, where the system does not tell. */
double sb_memory(void);
/* SB_ERR_NOMEM unless so many bytes are to be had: asked before libraries that do not look what they got. */
sb_status sb_memory_check(size_t bytes);
/* Room that is written at once: where it is large, in huge pages if the system has them, since a first touch of each
 * small page costs as much as its arithmetic. To be freed by free; NULL: no memory. */
void *sb_pages(size_t bytes);

/* Calls work(context, i) for i < count on up to `threads` threads (0: all cores). A failure stops the rest from
 * starting; that of the lowest index is returned, with its text, whatever the number of threads. */
sb_status sb_parallel_for(size_t threads, size_t count, sb_status (*work)(void *context, size_t index), void *context);

/* Runs member(context, 0 .. threads - 1), all at the same time, so that they may meet at a barrier. */
sb_status sb_parallel_team(size_t threads, sb_status (*member)(void *context, size_t index), void *context);

/* Meeting point of a team of threads; spins briefly, then yields. */
typedef struct sb_barrier {
    size_t members;
    atomic_size_t arrived, round;
} sb_barrier;

void sb_barrier_init(sb_barrier *barrier, size_t members);
void sb_barrier_wait(sb_barrier *barrier);

#endif
