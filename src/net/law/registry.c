#include "core/registry.h"
#include "net/law/law.h"

static const sb_law *const list[] = {
#define LAW(name) &sb_law_##name,
#include "net/law/list.def"
#undef LAW
    NULL,
};

SB_REGISTRY(sb_law)
