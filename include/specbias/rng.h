/* Counter-based random numbers (Philox4x64-10 of Random123; Salmon et al., SC 2011).
 *
 * A stream is named by (seed, stream, index), so what neuron `index` of layer `stream` gets depends on nothing else:
 * not on the number of threads, and the first 512 neurons of a network of width 1024 are those of width 512. */
#ifndef SPECBIAS_RNG_H
#define SPECBIAS_RNG_H

#include <stdint.h>

typedef struct sb_rng {
    uint64_t key[2];
    uint64_t index;
    uint64_t block; /* next block of four words */
    uint64_t word[4];
    unsigned left; /* words of the block not yet used */
} sb_rng;

/* What the numbers are for; streams of different purpose never overlap, whatever the seeds. */
typedef enum sb_stream {
    SB_STREAM_TRAIN = 0,        /* the initial weights of trained networks */
    SB_STREAM_DRAW = 256,       /* the initial weights of the networks behind a forecast's band */
    SB_STREAM_DATA = 512,       /* random data points */
    SB_STREAM_PERMUTE = 768,    /* the permuted spectrum of the power test */
    SB_STREAM_BATCH = 1024,     /* the order of mini-batches */
    SB_STREAM_FLOW = 1280,      /* the start of the power method */
    SB_STREAM_DOMINANCE = 1536, /* the weights drawn for the dominance of low frequencies */
    SB_STREAM_NOISE = 1792,     /* the order of mini-batches behind a forecast's band */
    SB_STREAM_REHEARSE = 2048,  /* the initial weights of rehearsals */
    SB_STREAM_COPY = 2304,      /* the initial weights of wide copies, by which a law moves */
    SB_STREAM_PROBE = 2560,     /* vectors by which eigenpairs are measured */
    SB_STREAM_BOOTSTRAP = 2816  /* the seeds that a bootstrap draws */
} sb_stream;

sb_rng sb_rng_at(uint64_t seed, uint64_t stream, uint64_t index);
double sb_rng_uniform(sb_rng *rng); /* in (0, 1), 52 bits */
double sb_rng_normal(sb_rng *rng);  /* mean 0, variance 1 */
double sb_rng_sign(sb_rng *rng);    /* +1 or -1 */

#endif
