/* The kinds of layers in the code of the best instruction set this machine has, for double and float. */
#include <string.h>

#include "core/by_isa.h"
#include "net/layer/layer.h"

#define LAYER_OF(name, isa)                                                                                            \
    extern const sb_layer_kind sb_layer_##name##_##isa##_double, sb_layer_##name##_##isa##_float;
#define LAYER(name) LAYER_OF(name, baseline)
#include "net/layer/list.def"
#undef LAYER

enum { DOUBLE, SINGLE };
typedef const sb_layer_kind *const kinds[2];

static kinds baseline[] = {
#define LAYER(name) {&sb_layer_##name##_baseline_double, &sb_layer_##name##_baseline_float},
#include "net/layer/list.def"
#undef LAYER
};
enum { COUNT = sizeof baseline / sizeof baseline[0] };

#ifdef SB_HAVE_X86_ISAS
#define LAYER(name) LAYER_OF(name, avx2) LAYER_OF(name, avx512)
#include "net/layer/list.def"
#undef LAYER

static kinds avx2[] = {
#define LAYER(name) {&sb_layer_##name##_avx2_double, &sb_layer_##name##_avx2_float},
#include "net/layer/list.def"
#undef LAYER
};

static kinds avx512[] = {
#define LAYER(name) {&sb_layer_##name##_avx512_double, &sb_layer_##name##_avx512_float},
#include "net/layer/list.def"
#undef LAYER
};
#endif

static kinds *list(void)
{
    return SB_BY_ISA(baseline, avx2, avx512);
}

const sb_layer_kind *sb_layer_find(const char *name, bool single)
{
    if (sb_activation_find(name)) name = "activation";
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(baseline[i][0]->name, name) == 0) return list()[i][single ? SINGLE : DOUBLE];
    return NULL;
}

const char *sb_layer_name(size_t index)
{
    return index < COUNT ? baseline[index][0]->name : NULL;
}

const char *sb_layer_title(size_t index)
{
    return baseline[index][0]->title;
}
