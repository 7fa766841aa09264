/* The optimisers in the code of the best instruction set this machine has. */
#include <math.h>
#include <string.h>

#include <specbias/optimizer.h>

#include "core/by_isa.h"

#define OPTIMIZER(name) extern const sb_optimizer sb_optimizer_##name##_baseline;
#include "train/optimizer/list.def"
#undef OPTIMIZER

static const sb_optimizer *const baseline[] = {
#define OPTIMIZER(name) &sb_optimizer_##name##_baseline,
#include "train/optimizer/list.def"
#undef OPTIMIZER
    NULL,
};

#ifdef SB_HAVE_X86_ISAS
#define OPTIMIZER(name) extern const sb_optimizer sb_optimizer_##name##_avx2, sb_optimizer_##name##_avx512;
#include "train/optimizer/list.def"
#undef OPTIMIZER

static const sb_optimizer *const avx2[] = {
#define OPTIMIZER(name) &sb_optimizer_##name##_avx2,
#include "train/optimizer/list.def"
#undef OPTIMIZER
    NULL,
};

static const sb_optimizer *const avx512[] = {
#define OPTIMIZER(name) &sb_optimizer_##name##_avx512,
#include "train/optimizer/list.def"
#undef OPTIMIZER
    NULL,
};
#endif

static const sb_optimizer *const *list(void)
{
    return SB_BY_ISA(baseline, avx2, avx512);
}

const sb_optimizer *sb_optimizer_at(size_t index)
{
    return index < sizeof baseline / sizeof baseline[0] ? list()[index] : NULL;
}

const sb_optimizer *sb_optimizer_find(const char *name)
{
    for (size_t i = 0; sb_optimizer_at(i); i++)
        if (strcmp(sb_optimizer_at(i)->name, name) == 0) return sb_optimizer_at(i);
    return NULL;
}

sb_update sb_optimizer_step(double rate, double beta1, double beta2, double epsilon, size_t step)
{
    return (sb_update){.rate = rate,
                       .beta1 = beta1,
                       .beta2 = beta2,
                       .epsilon = epsilon,
                       .correction1 = 1 - pow(beta1, (double)step),
                       .correction2 = 1 - pow(beta2, (double)step)};
}
