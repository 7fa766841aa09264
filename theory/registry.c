#include "core/registry.h"
#include "theory/theories.h"

static const sb_theory *const list[] = {
#define THEORY(name) &sb_theory_##name,
#include "theory/list.def"
#undef THEORY
    NULL,
};

SB_REGISTRY(sb_theory)
