/* The loop in the code of the best instruction set this machine has. */
#include "core/by_isa.h"
#include "kernel/loops/strip.h"

extern sb_strip_loop sb_strip_baseline;
#ifdef SB_HAVE_X86_ISAS
extern sb_strip_loop sb_strip_avx2, sb_strip_avx512;
#endif

sb_strip_loop *sb_strip_best(void)
{
    return SB_BY_ISA(sb_strip_baseline, sb_strip_avx2, sb_strip_avx512);
}
