#include "forecast/linearised.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "case/network.h"
#include "forecast/trained.h"

sb_status sb_linearised_check(const sb_case *cas)
{
    if (sb_loss_tangents(cas->loss) == 0) return SB_OK;
    return sb_fail(SB_ERR_UNSUPPORTED, "the loss %s takes derivatives by the inputs: no linearised network is trained",
                   cas->config->loss_kind);
}

/* Cores that the other seeds leave free. */
static size_t threads_of(const sb_config *config)
{
    size_t cores = sb_cores(), seeds = (size_t)config->seeds_count;
    if (config->train_threads > 0) return (size_t)config->train_threads;
    return cores > seeds ? cores / seeds : 1;
}

/* Training tells of itself under a name of its own, beside that of the stage it is part of. */
static bool tell(void *context, const char *stage, double done, double total)
{
    (void)stage;
    return sb_monitor_progress(context, "linearised", done, total) == SB_OK;
}

sb_status sb_linearised_train(const sb_case *cas, const sb_watch *watch, uint64_t seed, const double *at,
                              const sb_monitor *monitor, sb_decay *decay)
{
    sb_status status = SB_OK;
    sb_network network = {0};
    sb_fit_result result;
    double *start = NULL;
    sb_fit_spec spec = decay->form == SB_FORM_FLOW ? sb_trained_flow(cas) : sb_case_fit_spec(cas);
    SB_TRY(sb_network_start(cas, 1, seed, SB_STREAM_TRAIN, &network));
    size_t bytes = sb_network_parameters(&network) * sizeof *start;
    start = malloc(bytes);
    if (!start) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the linearised network"));
    memcpy(start, network.theta, bytes);
    spec.tangent_at = at ? at : start;
    spec.tolerance = fmin(spec.tolerance, 1e-4); /* of a flow: more costs little without kinks */
    spec.seed = seed;
    spec.stop = 0;
    spec.threads = threads_of(cas->config);
    spec.nt = decay->nt;
    spec.record_step = decay->step;
    if (spec.record_time) spec.record_time = decay->t;
    sb_monitor mine = {.progress = tell, .context = (void *)(uintptr_t)monitor}; /* only read */
    status = sb_trained_watch(cas, watch, spec, &mine, network.theta, decay, &result);
    if (status == SB_ERR_INTERRUPTED) status = sb_fail(status, "stopped during forecast");
    if (status == SB_ERR_NUMERIC) status = sb_fail(status, "the linearised network: %s", sb_error_text());
done:
    sb_network_clear(&network);
    free(start);
    return status;
}
