#include "net/loops/fourier.h"

#include <string.h>

#include "net/activation/vec.h"

static __attribute__((noinline)) void evaluate_pairs(size_t n, const double *z, double *c, double *s)
{
    vec sine, cosine;
    for (size_t i = 0; i < n; i += SB_LANES) {
        vec_sincos(vec_load(z + i), &sine, &cosine);
        vec_store(c + i, cosine);
        vec_store(s + i, sine);
    }
}

static void evaluate(size_t n, const double *z, double *c, double *s)
{
    padded last;
    size_t rest = pad(n, z, &last), whole = n - rest;
    evaluate_pairs(whole, z, c, s);
    if (rest == 0) return;
    evaluate_pairs(2 * SB_LANES, last.z, last.ds, last.s);
    memcpy(c + whole, last.ds, rest * sizeof *c);
    memcpy(s + whole, last.s, rest * sizeof *s);
}

#define SB_JOIN_(isa) sb_fourier_loops_##isa
#define SB_JOIN(isa) SB_JOIN_(isa)
extern const sb_fourier_loops SB_JOIN(SB_ISA);
const sb_fourier_loops SB_JOIN(SB_ISA) = {evaluate};
