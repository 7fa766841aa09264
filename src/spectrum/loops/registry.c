#include "core/by_isa.h"
#include "spectrum/loops/gaussian.h"

SB_BEST_BY_ISA(sb_gaussian_loop, sb_gaussian)
