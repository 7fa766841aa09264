/* The yardstick: a loop of fused multiply-adds in registers, in the widest instruction set of the machine, whatever the
 * library uses. Its rate is the machine's peak; a "flop-time" is the time it takes for one floating-point operation. */
#ifndef SPECBIAS_BENCH_YARDSTICK_H
#define SPECBIAS_BENCH_YARDSTICK_H

#include <stdbool.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/parallel.h"

/* The time of work on this many threads: what one thread works is its own CPU time, so that other processes' turns on
 * the core do not count; threads that wait for each other have the wall clock only. */
static inline double seconds_now(size_t threads)
{
    struct timespec now;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- the loops ---- */

#define CHAINS 12 /* enough to hide a latency of 5 cycles on 2 units, and they fit into 16 registers */
#define EACH_CHAIN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define CHAIN_START(i) vec chain##i = opaque_zero - (vec){0};
#define CHAIN_ADD(i) sum += chain##i;

/* Every chain starts at a zero that the compiler cannot know, or it would find all chains to be one. */
static volatile double opaque_zero = 0;

/* chain <- chain * factor + term, `count` times, for every lane of every chain; returns the sum of all. */
#define FMA_LOOP(NAME, TARGET, VEC, STEP)                                                                              \
    TARGET static double NAME(size_t count, double factor, double term)                                                \
    {                                                                                                                  \
        typedef VEC vec;                                                                                               \
        vec f = factor - (vec){0}, t = term - (vec){0}, sum = {0};                                                     \
        double total = 0;                                                                                              \
        EACH_CHAIN(CHAIN_START)                                                                                        \
        for (; count > 0; count--) {                                                                                   \
            EACH_CHAIN(STEP)                                                                                           \
        }                                                                                                              \
        EACH_CHAIN(CHAIN_ADD)                                                                                          \
        for (size_t lane = 0; lane < sizeof sum / sizeof total; lane++) total += sum[lane];                            \
        return total;                                                                                                  \
    }

typedef double plain_vec __attribute__((vector_size(16)));
#define STEP_PLAIN(i) chain##i = chain##i * f + t;
FMA_LOOP(fma_plain, , plain_vec, STEP_PLAIN)

#if defined(__x86_64__)
#define STEP_AVX2(i) chain##i = _mm256_fmadd_pd(chain##i, f, t);
FMA_LOOP(fma_avx2, __attribute__((target("avx2,fma"))), __m256d, STEP_AVX2)
#define STEP_AVX512(i) chain##i = _mm512_fmadd_pd(chain##i, f, t);
FMA_LOOP(fma_avx512, __attribute__((target("avx512f"))), __m512d, STEP_AVX512)
#endif

typedef struct fma_loop {
    const char *name;
    size_t lanes;
    double (*run)(size_t count, double factor, double term);
} fma_loop;

static fma_loop widest_fma_loop(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return (fma_loop){"avx512", 8, fma_avx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return (fma_loop){"avx2", 4, fma_avx2};
#endif
    return (fma_loop){"baseline", 2, fma_plain};
}

/* ---- the rate ---- */

typedef struct fma_team {
    fma_loop loop;
    size_t count, threads;
    sb_barrier barrier;
    double seconds;
} fma_team;

/* With factor = term = 1, which the compiler cannot know either, the loop counts its own multiply-adds: the result
 * shows that no round was left out. */
static sb_status fma_member(void *context, size_t me)
{
    static volatile double one = 1;
    fma_team *team = context;
    sb_barrier_wait(&team->barrier);
    double began = seconds_now(team->threads), sum = team->loop.run(team->count, one, one);
    sb_barrier_wait(&team->barrier);
    if (me == 0) team->seconds = seconds_now(team->threads) - began;
    if (sum == (double)(team->count * CHAINS * team->loop.lanes)) return SB_OK;
    return sb_fail(SB_ERR_NUMERIC, "the FMA loop did %.0f multiply-adds and not those it was asked for", sum);
}

/* Floating-point operations per second of all threads together; one multiply-add is two. */
static inline sb_status fma_rate(size_t threads, double *rate)
{
    static size_t count = 1 << 16;
    fma_team team = {.loop = widest_fma_loop(), .threads = threads};
    do {
        team.count = count;
        sb_barrier_init(&team.barrier, threads);
        sb_status status = sb_parallel_team(threads, fma_member, &team);
        if (status != SB_OK) return status;
    } while (team.seconds < 8e-3 && (count *= 2));
    *rate = 2.0 * (double)(team.count * CHAINS * team.loop.lanes * threads) / team.seconds;
    return SB_OK;
}

#endif
