#include <math.h>
#include <stdlib.h>

#include "forecast/coupling.h"
#include "forecast/linearised.h"
#include "case/network.h"

static sb_status check(const sb_case *cas)
{
    size_t examples;
    double coupling;
    sb_status status = sb_kernel_fits(cas, cas->n * cas->per_row);
    if (status != SB_OK) return status;
    status = sb_case_coupling(cas, (uint64_t)cas->config->seeds_first, &examples, &coupling);
    if (status == SB_OK && coupling > SB_COUPLED)
        status = sb_fail(SB_ERR_UNSUPPORTED,
                         "the outputs couple (|K - mean x 1| / |K| = %.2g): kernel.outputs = \"full\"", coupling);
    return status;
}

static sb_status gram(const sb_case *cas, uint64_t seed, double *matrix)
{
    sb_network network = {0};
    sb_status status = sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network);
    if (status == SB_OK) status = sb_network_gram(&network, cas->n, cas->per_row, 1, NULL, matrix);
    sb_network_clear(&network);
    return status;
}

static sb_status train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const sb_monitor *monitor,
                       sb_decay *decay)
{
    return sb_linearised_train(cas, watch, seed, NULL, monitor, decay);
}

const sb_source sb_source_ntk_empirical = {
    .name = "ntk.empirical",
    .title = "neural tangent kernel of each network at its initial weights",
    .citation = "Jacot, Gabriel, Hongler (2018); Lee et al. (2019)",
    .per_seed = true,
    .rung = 20,
    .check = check,
    .gram = gram,
    .check_training = sb_linearised_check,
    .train = train,
};
