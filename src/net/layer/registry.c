/* The kinds of layers in the code of the best instruction set this machine has, for double and float. */
#include <string.h>

#include "core/by_isa.h"
#include "net/layer/layer.h"

#define LAYER(name)                                                                                                    \
    SB_DECLARE_BY_ISA(const sb_layer_kind, sb_layer_##name##_double)                                                   \
    SB_DECLARE_BY_ISA(const sb_layer_kind, sb_layer_##name##_float)
#include "net/layer/list.def"
#undef LAYER

static const sb_layer_kind *const list[][2][SB_ISAS] = {
#define LAYER(name) {{SB_EACH_ISA(sb_layer_##name##_double)}, {SB_EACH_ISA(sb_layer_##name##_float)}},
#include "net/layer/list.def"
#undef LAYER
};
enum { COUNT = sizeof list / sizeof list[0] };

const sb_layer_kind *sb_layer_find(const char *name, bool single)
{
    if (sb_activation_find(name)) name = "activation";
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(list[i][0][0]->name, name) == 0) return list[i][single][sb_isa_index()];
    return NULL;
}

const char *sb_layer_name(size_t index)
{
    return index < COUNT ? list[index][0][0]->name : NULL;
}

const char *sb_layer_title(size_t index)
{
    return list[index][0][0]->title;
}
