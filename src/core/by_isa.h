/* The choice among code that was compiled once per instruction set. */
#ifndef SPECBIAS_CORE_BY_ISA_H
#define SPECBIAS_CORE_BY_ISA_H

#include <string.h>

#include <specbias/isa.h>

/* That of sb_isa_name(). Where there is only the baseline, the others need not be declared. */
#ifdef SB_HAVE_X86_ISAS
#define SB_BY_ISA(baseline, avx2, avx512)                                                                              \
    (strcmp(sb_isa_name(), "avx512") == 0 ? (avx512) : strcmp(sb_isa_name(), "avx2") == 0 ? (avx2) : (baseline))
#else
#define SB_BY_ISA(baseline, avx2, avx512) (baseline)
#endif

#endif
