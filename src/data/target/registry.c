#include <string.h>

#include "data/target/target.h"

static const sb_target *const list[] = {
#define TARGET(name) &sb_target_##name,
#include "data/target/list.def"
#undef TARGET
    NULL,
};

const sb_target *sb_target_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const sb_target *sb_target_find(const char *name)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}
