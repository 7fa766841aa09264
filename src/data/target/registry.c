#include "core/registry.h"
#include "data/target/target.h"

static const sb_target *const list[] = {
#define TARGET(name) &sb_target_##name,
#include "data/target/list.def"
#undef TARGET
    NULL,
};

SB_REGISTRY(sb_target)
