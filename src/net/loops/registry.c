/* The loops in the code of the best instruction set this machine has. */
#include "core/by_isa.h"
#include "net/loops/fourier.h"

extern const sb_fourier_loops sb_fourier_loops_baseline;
#ifdef SB_HAVE_X86_ISAS
extern const sb_fourier_loops sb_fourier_loops_avx2, sb_fourier_loops_avx512;
#endif

const sb_fourier_loops *sb_fourier_loops_best(void)
{
    return SB_BY_ISA(&sb_fourier_loops_baseline, &sb_fourier_loops_avx2, &sb_fourier_loops_avx512);
}
