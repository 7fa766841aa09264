#include <specbias/net.h>

#include "net/loops/fourier.h"

#define SB_METHOD sb_activation
#define SB_LIST "net/activation/list.def"
#define ACTIVATION SB_LINE
#define SB_LIST_BY_ISA
#include "core/registry.inc"

#define SB_METHOD sb_law
#define SB_LIST "net/law/list.def"
#define LAW SB_LINE
#include "core/registry.inc"

SB_BEST_BY_ISA(const sb_fourier_loops, sb_fourier_loops)

void sb_activation_value(const sb_activation *activation, double z, double *s, double *ds)
{
    activation->evaluate(1, &z, s, ds);
}
