#include <specbias/kernel.h>

#define SB_METHOD sb_kernel
#define SB_LIST "kernel/infinite/list.def"
#define KERNEL SB_LINE
#include "core/registry.inc"

const sb_kernel *sb_kernel_for(const sb_wide_layer *shifted)
{
    const sb_kernel *kernel;
    for (size_t i = 0; (kernel = sb_kernel_at(i)); i++)
        if (kernel->covers(shifted)) return kernel;
    return NULL;
}
