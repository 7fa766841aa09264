/* Hot loops are compiled once per instruction set; one is chosen at run time. */
#ifndef SPECBIAS_ISA_H
#define SPECBIAS_ISA_H

/* The instruction set in use: "avx512", "avx2" or "baseline" (SPECBIAS_ISA in the environment lowers it). */
const char *sb_isa_name(void);

#endif
