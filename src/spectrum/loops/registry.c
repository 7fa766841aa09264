/* The loop in the code of the best instruction set this machine has. */
#include "core/by_isa.h"
#include "spectrum/loops/gaussian.h"

extern sb_gaussian_loop sb_gaussian_baseline;
#ifdef SB_HAVE_X86_ISAS
extern sb_gaussian_loop sb_gaussian_avx2, sb_gaussian_avx512;
#endif

sb_gaussian_loop *sb_gaussian_best(void)
{
    return SB_BY_ISA(sb_gaussian_baseline, sb_gaussian_avx2, sb_gaussian_avx512);
}
