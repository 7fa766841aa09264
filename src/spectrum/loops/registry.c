/* The loop in the code of the best instruction set this machine has. */
#include <string.h>

#include <specbias/isa.h>

#include "spectrum/loops/gaussian.h"

extern sb_gaussian_loop sb_gaussian_baseline;
#ifdef SB_HAVE_X86_ISAS
extern sb_gaussian_loop sb_gaussian_avx2, sb_gaussian_avx512;
#endif

sb_gaussian_loop *sb_gaussian_best(void)
{
#ifdef SB_HAVE_X86_ISAS
    const char *isa = sb_isa_name();
    if (strcmp(isa, "avx512") == 0) return sb_gaussian_avx512;
    if (strcmp(isa, "avx2") == 0) return sb_gaussian_avx2;
#endif
    return sb_gaussian_baseline;
}
