/* The loops in the code of the best instruction set this machine has. */
#include <string.h>

#include <specbias/net.h>

#include "net/loops/fourier.h"

extern const sb_fourier_loops sb_fourier_loops_baseline;
#ifdef SB_HAVE_X86_ISAS
extern const sb_fourier_loops sb_fourier_loops_avx2, sb_fourier_loops_avx512;
#endif

const sb_fourier_loops *sb_fourier_loops_best(void)
{
#ifdef SB_HAVE_X86_ISAS
    const char *isa = sb_isa_name();
    if (strcmp(isa, "avx512") == 0) return &sb_fourier_loops_avx512;
    if (strcmp(isa, "avx2") == 0) return &sb_fourier_loops_avx2;
#endif
    return &sb_fourier_loops_baseline;
}
