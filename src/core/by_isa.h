/* The choice among code that was compiled once per instruction set: NAME_baseline, NAME_avx2, NAME_avx512, where there
 * is only the baseline that alone. */
#ifndef SPECBIAS_CORE_BY_ISA_H
#define SPECBIAS_CORE_BY_ISA_H

#include <stddef.h>
#include <string.h>

#include <specbias/isa.h>

/* SB_DECLARE_BY_ISA(type, name) declares them, {SB_EACH_ISA(name)} has their addresses, in the order of sb_isa_index().
 */
#ifdef SB_HAVE_X86_ISAS
#define SB_ISAS 3
#define SB_DECLARE_BY_ISA(type, name) extern type name##_baseline, name##_avx2, name##_avx512;
#define SB_EACH_ISA(name) &name##_baseline, &name##_avx2, &name##_avx512
#else
#define SB_ISAS 1
#define SB_DECLARE_BY_ISA(type, name) extern type name##_baseline;
#define SB_EACH_ISA(name) &name##_baseline
#endif

/* Of sb_isa_name(). */
static inline size_t sb_isa_index(void)
{
    const char *name = sb_isa_name();
    return strcmp(name, "avx512") == 0 ? 2 : strcmp(name, "avx2") == 0 ? 1 : 0;
}

/* Defines NAME_best(): the one in the code of sb_isa_name(). */
#define SB_BEST_BY_ISA(type, name)                                                                                     \
    SB_DECLARE_BY_ISA(type, name)                                                                                      \
    type *name##_best(void)                                                                                            \
    {                                                                                                                  \
        static type *const list[] = {SB_EACH_ISA(name)};                                                               \
        return list[sb_isa_index()];                                                                                   \
    }

#endif
