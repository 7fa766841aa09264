#include "core/by_isa.h"
#include "kernel/loops/strip.h"

SB_BEST_BY_ISA(sb_strip_loop, sb_strip)
