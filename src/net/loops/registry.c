#include "core/by_isa.h"
#include "net/loops/fourier.h"

SB_BEST_BY_ISA(const sb_fourier_loops, sb_fourier_loops)
