#include "core/registry.h"
#include "data/set/set.h"

static const sb_dataset_kind *const list[] = {
#define SET(name) &sb_dataset_##name,
#include "data/set/list.def"
#undef SET
    NULL,
};

SB_REGISTRY(sb_dataset_kind)
