#include "experiment/source/source.h"
#include "experiment/stage.h"

static sb_status check(const sb_setup *setup)
{
    return sb_net_check(&setup->net);
}

sb_status sb_net_gram(const sb_setup *setup, const sb_net *net, size_t first, size_t count, double *gram)
{
    size_t n = setup->problem.n;
    sb_jacobian jacobian = {.dim = net->spec.dim,
                            .first = first,
                            .units = count,
                            .per_unit = net->trained,
                            .columns = sb_net_columns,
                            .context = net};
    sb_status status = sb_gram_empirical(&jacobian, n, setup->problem.x, 1, gram);
    /* without the factor width^-1/2 a kernel grows with the width: give it that of the trained network */
    if (status == SB_OK && net->spec.standard && net->width != setup->net.width)
        for (size_t i = 0; i < n * n; i++) gram[i] *= (double)setup->net.width / (double)net->width;
    return status;
}

static sb_status gram(const sb_setup *setup, uint64_t seed, double *matrix)
{
    sb_net net = {0};
    sb_status status = sb_net_init(&setup->net, seed, SB_STREAM_TRAIN, &net);
    if (status == SB_OK) status = sb_net_gram(setup, &net, 0, net.width, matrix);
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
