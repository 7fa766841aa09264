#include <stdlib.h>

#include "forecast/coupling.h"
#include "forecast/law/law.h"
#include "case/network.h"

static sb_status check(const sb_case *cas)
{
    if (!cas->infinite) return sb_fail(SB_ERR_UNSUPPORTED, "no infinite-width kernel: %s", cas->unlike);
    return sb_kernel_fits(cas, cas->n);
}

static sb_status gram(const sb_case *cas, uint64_t seed, double *matrix)
{
    (void)seed;
    return sb_case_wide_gram(cas, 1, 1, 0, NULL, matrix);
}

/* Where the steps have no modes: the linearised units at nodes of their law, trained by the run's own rule. */
static sb_status train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const sb_monitor *monitor,
                       sb_decay *decay)
{
    sb_mean_field_report report;
    (void)seed;
    return sb_mean_field_forecast(cas, watch, true, monitor, decay, NULL, &report);
}

const sb_source sb_source_ntk_infinite = {
    .name = "ntk.infinite",
    .title = "infinite-width neural tangent kernel on the data",
    .citation = "Jacot, Gabriel, Hongler (2018)",
    .rung = 30,
    .check = check,
    .gram = gram,
    .check_training = sb_mean_field_check,
    .train = train,
    .steps_alone = true,
};
