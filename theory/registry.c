#include <specbias/theory.h>

#define SB_METHOD sb_theory
#define SB_LIST "theory/list.def"
#define THEORY SB_LINE
#include "core/registry.inc"
