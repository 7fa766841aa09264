#include "core/registry.h"
#include "experiment/source/source.h"

static const sb_source *const list[] = {
#define SOURCE(name) &sb_source_##name,
#include "experiment/source/list.def"
#undef SOURCE
    NULL,
};

SB_REGISTRY(sb_source)
