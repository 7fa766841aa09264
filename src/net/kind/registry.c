#include "core/registry.h"
#include "net/kind/kind.h"

static const sb_net_kind *const list[] = {
#define NET(name) &sb_net_kind_##name,
#include "net/kind/list.def"
#undef NET
    NULL,
};

SB_REGISTRY(sb_net_kind)

const char *sb_net_kind_name(const sb_net_kind *kind)
{
    return kind->name;
}

bool sb_net_kind_features(const sb_net_kind *kind)
{
    return kind->features;
}

const char *sb_net_kind_title(const sb_net_kind *kind)
{
    return kind->title;
}
