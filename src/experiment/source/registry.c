#include <string.h>

#include "experiment/source/source.h"

static const sb_source *const list[] = {
#define SOURCE(name) &sb_source_##name,
#include "experiment/source/list.def"
#undef SOURCE
    NULL,
};

const sb_source *sb_source_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const sb_source *sb_source_find(const char *name)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}
