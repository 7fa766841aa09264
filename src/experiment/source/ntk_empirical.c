#include "experiment/source/source.h"

static sb_status check(const sb_setup *setup)
{
    return sb_net_check(&setup->net);
}

static sb_status gram(const sb_setup *setup, uint64_t seed, sb_stream stream, size_t width, double *matrix)
{
    sb_net net = {0};
    sb_net_spec spec = setup->net;
    if (width) spec.width = width;
    sb_status status = sb_net_init(&spec, seed, stream, &net);
    if (status != SB_OK) return status;
    sb_jacobian jacobian = {.units = net.width, .per_unit = 3, .columns = sb_net_columns, .context = &net};
    status = sb_gram_empirical(&jacobian, setup->problem.n, setup->problem.x, 1, matrix);
    /* without the factor width^-1/2 a kernel grows with the width: give it that of the trained network */
    if (status == SB_OK && spec.standard && spec.width != setup->net.width)
        for (size_t i = 0; i < setup->problem.n * setup->problem.n; i++)
            matrix[i] *= (double)setup->net.width / (double)spec.width;
    sb_net_clear(&net);
    return status;
}

const sb_source sb_source_ntk_empirical = {
    .name = "ntk.empirical",
    .title = "neural tangent kernel of each network at its initial weights",
    .citation = "Jacot, Gabriel, Hongler (2018); Lee et al. (2019)",
    .per_seed = true,
    .check = check,
    .gram = gram,
};
