#include <string.h>

#include "kernel/infinite/infinite.h"

static const sb_kernel *const list[] = {
#define KERNEL(name) &sb_kernel_##name,
#include "kernel/infinite/list.def"
#undef KERNEL
    NULL,
};

const sb_kernel *sb_kernel_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const sb_kernel *sb_kernel_find(const char *name)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}

const sb_kernel *sb_kernel_for(const sb_two_layer_law *law)
{
    for (size_t i = 0; list[i]; i++)
        if (list[i]->covers(law)) return list[i];
    return NULL;
}
