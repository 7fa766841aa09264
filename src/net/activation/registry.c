/* The list of activations, in the code of the best instruction set this machine has. */
#include <specbias/net.h>

#include "core/by_isa.h"

#define ACTIVATION(name) extern const sb_activation sb_activation_##name##_baseline;
#include "net/activation/list.def"
#undef ACTIVATION

static const sb_activation *const baseline[] = {
#define ACTIVATION(name) &sb_activation_##name##_baseline,
#include "net/activation/list.def"
#undef ACTIVATION
    NULL,
};

#ifdef SB_HAVE_X86_ISAS
#define ACTIVATION(name) extern const sb_activation sb_activation_##name##_avx2, sb_activation_##name##_avx512;
#include "net/activation/list.def"
#undef ACTIVATION

static const sb_activation *const avx2[] = {
#define ACTIVATION(name) &sb_activation_##name##_avx2,
#include "net/activation/list.def"
#undef ACTIVATION
    NULL,
};

static const sb_activation *const avx512[] = {
#define ACTIVATION(name) &sb_activation_##name##_avx512,
#include "net/activation/list.def"
#undef ACTIVATION
    NULL,
};
#endif

static const sb_activation *const *list(void)
{
    return SB_BY_ISA(baseline, avx2, avx512);
}

const sb_activation *sb_activation_at(size_t index)
{
    return index < sizeof baseline / sizeof baseline[0] ? list()[index] : NULL;
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
