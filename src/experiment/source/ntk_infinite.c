#include "experiment/source/source.h"

static sb_status check(const sb_setup *setup)
{
    if (sb_kernel_for(&setup->law)) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "no infinite-width kernel is one of net '%s'", setup->law.net);
}

static sb_status gram(const sb_setup *setup, uint64_t seed, double *matrix)
{
    (void)seed;
    return sb_gram_infinite(sb_kernel_for(&setup->law), &setup->law, setup->problem.n, setup->problem.x, 0, NULL,
                            (size_t)setup->config->train_threads, matrix);
}

const sb_source sb_source_ntk_infinite = {
    .name = "ntk.infinite",
    .title = "infinite-width neural tangent kernel on the data",
    .citation = "Jacot, Gabriel, Hongler (2018)",
    .check = check,
    .gram = gram,
};
