#include "net/kind/kind.h"
#include "net/loops/fourier.h"

#define SB_METHOD sb_activation
#define SB_LIST "net/activation/list.def"
#define ACTIVATION SB_LINE
#define SB_LIST_BY_ISA
#include "core/registry.inc"

#define SB_METHOD sb_law
#define SB_LIST "net/law/list.def"
#define LAW SB_LINE
#include "core/registry.inc"

#define SB_METHOD sb_net_kind
#define SB_LIST "net/kind/list.def"
#define NET SB_LINE
#include "core/registry.inc"

SB_BEST_BY_ISA(const sb_fourier_loops, sb_fourier_loops)

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

void sb_activation_value(const sb_activation *activation, double z, double *s, double *ds)
{
    activation->evaluate(1, &z, s, ds);
}
