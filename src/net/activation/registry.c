/* The list of activations, in the code of the best instruction set this machine has. */
#include <specbias/net.h>

#include "core/by_isa.h"

#define ACTIVATION(name) SB_DECLARE_BY_ISA(const sb_activation, sb_activation_##name)
#include "net/activation/list.def"
#undef ACTIVATION

static const sb_activation *const list[][SB_ISAS] = {
#define ACTIVATION(name) {SB_EACH_ISA(sb_activation_##name)},
#include "net/activation/list.def"
#undef ACTIVATION
};

const sb_activation *sb_activation_at(size_t index)
{
    return index < sizeof list / sizeof list[0] ? list[index][sb_isa_index()] : NULL;
}

const sb_activation *sb_activation_find(const char *name)
{
    for (size_t i = 0; sb_activation_at(i); i++)
        if (strcmp(sb_activation_at(i)->name, name) == 0) return sb_activation_at(i);
    return NULL;
}

void sb_activation_value(const sb_activation *activation, double z, double *s, double *ds)
{
    activation->evaluate(1, &z, s, ds);
}
