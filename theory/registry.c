#include <string.h>

#include "theory/theories.h"

static const sb_theory *const list[] = {
#define THEORY(name) &sb_theory_##name,
#include "theory/list.def"
#undef THEORY
    NULL,
};

const sb_theory *sb_theory_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index] : NULL;
}

const sb_theory *sb_theory_find(const char *name)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(list[i]->name, name) == 0) return list[i];
    return NULL;
}
