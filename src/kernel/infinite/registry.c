#include "core/registry.h"
#include "kernel/infinite/infinite.h"

static const sb_kernel *const list[] = {
#define KERNEL(name) &sb_kernel_##name,
#include "kernel/infinite/list.def"
#undef KERNEL
    NULL,
};

SB_REGISTRY(sb_kernel)

const sb_kernel *sb_kernel_for(const sb_net_law *law)
{
    for (size_t i = 0; list[i]; i++)
        if (law->net && strcmp(list[i]->net, law->net) == 0 && list[i]->covers(law)) return list[i];
    return NULL;
}
